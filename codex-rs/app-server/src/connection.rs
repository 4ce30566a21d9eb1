//! One connection: the task that answers its requests in order, runs its slow ones beside, and ends what it started.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use codex_app_server_protocol::{
    AccountRateLimitsReadParams, AccountReadParams, ClientMessage, ClientRequest, ClientResponse,
    FallbackReadParams, LoginAccountParams, LoginCompleted, McpServerReloadParams, ModelListResponse,
    RemoveFallbackApiKeyParams, RequestId, RpcError, ServerMessage, ServerNotification, ThreadId,
};
use codex_core::ThreadHandle;
use codex_login::AuthManager;
use futures_util::future::join_all;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::server::{AppServer, ServerOptions};
use crate::subscriber::Subscriber;
use crate::{account, config, fallback, git, refusal};

/// Slow requests of one connection that run at once; more are refused as overload.
const MOST_SLOW_REQUESTS: usize = 32;
/// How long slow requests that were under way may still take when their client has left. A key is asked about
/// for at most 5 s (fallback-spec §1.6).
const SLOW_REQUESTS_LIMIT: Duration = Duration::from_secs(6);

/// The state of one connection. Only its own task touches it.
pub(crate) struct ConnectionTask {
    pub(crate) server: Arc<AppServer>,
    pub(crate) subscriber: Arc<Subscriber>,
    /// The threads that this connection started. Requests for a thread pass through here one after the other.
    pub(crate) threads: HashMap<ThreadId, ThreadHandle>,
    slow: JoinSet<()>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Refused,
}

impl ConnectionTask {
    pub(crate) fn new(server: Arc<AppServer>, subscriber: Arc<Subscriber>) -> Self {
        ConnectionTask { server, subscriber, threads: HashMap::new(), slow: JoinSet::new() }
    }

    /// Serves until the client leaves or the server closes.
    pub(crate) async fn run(
        mut self,
        mut requests: mpsc::Receiver<ClientMessage>,
        mut closing: watch::Receiver<bool>,
    ) {
        let outbox = self.subscriber.outbox.clone();
        tokio::select! {
            () = self.serve(&mut requests) => {}
            // An error means that the server itself is gone.
            _ = closing.wait_for(|closing| *closing) => {}
            () = outbox.closed() => {}
        }
        drop(requests);
        self.leave().await;
    }

    /// Queues the answer to a request.
    pub(crate) async fn answer(&self, id: RequestId, result: Result<ClientResponse, RpcError>) {
        self.subscriber.outbox.send(ServerMessage::Answer { id, result }).await;
    }

    async fn serve(&mut self, requests: &mut mpsc::Receiver<ClientMessage>) {
        loop {
            tokio::select! {
                message = requests.recv() => match message {
                    Some(message) => self.receive(message).await,
                    None => return,
                },
                Some(_) = self.slow.join_next() => {}
            }
        }
    }

    async fn receive(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Request { id, request } => self.dispatch(id, request).await,
            ClientMessage::Initialized => self.greet().await,
            ClientMessage::Answer { id, result } => {
                if let Err(result) = self.subscriber.questions.answered(&id, result) {
                    self.server.consent().answered(&self.subscriber, id, result).await;
                }
            }
        }
    }

    async fn dispatch(&mut self, id: RequestId, request: ClientRequest) {
        let request = match request {
            ClientRequest::Initialize(params) => {
                let response = self.initialize(params).map(ClientResponse::Initialize);
                return self.answer(id, response).await;
            }
            request => request,
        };
        if let Err(refusal) = self.subscriber.handshake() {
            return self.answer(id, Err(refusal)).await;
        }
        match request {
            ClientRequest::Initialize(_) => {}
            ClientRequest::ThreadStart(params) => self.thread_start(id, params).await,
            ClientRequest::TurnStart(params) => self.turn_start(id, params).await,
            ClientRequest::TurnInterrupt(params) => self.turn_interrupt(id, params).await,
            ClientRequest::TurnSteer(params) => self.turn_steer(id, params).await,
            ClientRequest::AccountRead(params) => self.account_read(id, params).await,
            ClientRequest::FallbackRead(FallbackReadParams {}) => {
                self.answer(id, Ok(fallback::read(&self.server.options.auth))).await;
            }
            ClientRequest::AddFallbackApiKey(params) => {
                let auth = self.server.options.auth.clone();
                self.change_fallback(id, fallback::add(auth, params)).await;
            }
            ClientRequest::RemoveFallbackApiKey(RemoveFallbackApiKeyParams {}) => {
                let auth = self.server.options.auth.clone();
                self.change_fallback(id, fallback::remove(auth)).await;
            }
            ClientRequest::LoginAccount(params) => self.login(id, params).await,
            ClientRequest::LogoutAccount(params) => {
                let work = account::logout(self.server.options.auth.clone(), params);
                self.change_account(id, work, || {}).await;
            }
            ClientRequest::AccountRateLimitsRead(AccountRateLimitsReadParams {}) => {
                self.beside(id, account::rate_limits(self.server.options.auth.clone())).await;
            }
            ClientRequest::BackgroundTerminalsList(params) => {
                self.background_terminals(id, &params.thread_id).await;
            }
            ClientRequest::BackgroundTerminalsTerminate(params) => {
                self.end_background_terminal(id, &params.thread_id, &params.process_id).await;
            }
            ClientRequest::BackgroundTerminalsClean(params) => {
                self.end_background_terminals(id, &params.thread_id).await;
            }
            ClientRequest::McpServerStatusList(params) => self.mcp_servers(id, params).await,
            ClientRequest::McpServerReload(McpServerReloadParams {}) => self.reload_mcp_servers(id).await,
            ClientRequest::GitDiff(params) => {
                let ServerOptions { engine, settings, .. } = &self.server.options;
                self.beside(id, git::diff(engine.clone(), settings.clone(), params)).await;
            }
            ClientRequest::ModelList(_) => {
                let list = ModelListResponse { data: codex_core::models(), next_cursor: None };
                self.answer(id, Ok(ClientResponse::ModelList(list))).await;
            }
            ClientRequest::ConfigRead(params) => {
                self.beside(id, config::read(self.server.options.settings.clone(), params)).await;
            }
            // Not beside: a thread that starts next must see it.
            ClientRequest::ConfigValueWrite(params) => {
                let written = config::write(self.server.options.settings.clone(), params.into()).await;
                self.answer(id, written.map(ClientResponse::ConfigValueWrite)).await;
            }
            ClientRequest::ConfigBatchWrite(params) => {
                let written = config::write(self.server.options.settings.clone(), params).await;
                self.answer(id, written.map(ClientResponse::ConfigBatchWrite)).await;
            }
            ClientRequest::FuzzyFileSearch(params) => {
                let search = self.server.file_search.clone();
                self.beside(id, search.answer(params)).await;
            }
            ClientRequest::FallbackSetMode(params) => {
                let ServerOptions { auth, codex_home, .. } = &self.server.options;
                let work = fallback::set_mode(auth.clone(), codex_home.clone(), params);
                self.change_fallback(id, work).await;
            }
            ClientRequest::FallbackSetPayer(params) => {
                let auth = self.server.options.auth.clone();
                self.change_fallback(id, async move { fallback::set_payer(&auth, params.payer) }).await;
            }
        }
    }

    async fn account_read(&mut self, id: RequestId, params: AccountReadParams) {
        let (auth, subscriber) = (self.server.options.auth.clone(), self.subscriber.clone());
        let answer =
            move |auth: &AuthManager| Ok(ClientResponse::AccountRead(account::read(auth, &subscriber)));
        if !params.refresh_token {
            return self.answer(id, answer(&auth)).await;
        }
        self.beside(id, async move {
            // A failure is told by the first model request that it matters to; the account is known without.
            let _ = auth.refresh_if_due().await;
            answer(&auth)
        })
        .await;
    }

    /// The order is response, `account/login/completed`, `account/updated` (wire-facts §5.4).
    async fn login(&mut self, id: RequestId, params: LoginAccountParams) {
        let work = account::login(self.server.options.auth.clone(), params);
        let subscriber = self.subscriber.clone();
        let completed =
            LoginCompleted { login_id: None, success: true, error: None, onboarding_entrypoint: None };
        self.change_account(id, work, move || {
            subscriber.notify_now(ServerNotification::LoginCompleted(completed));
        })
        .await;
    }

    /// Runs a request that changes who is signed in; if it did, tells this client `first`, then everybody.
    async fn change_account(
        &mut self,
        id: RequestId,
        work: impl Future<Output = Result<ClientResponse, RpcError>> + Send + 'static,
        first: impl FnOnce() + Send + 'static,
    ) {
        let audience = self.server.audience.clone();
        self.change(id, work, move |outcome| match outcome {
            Outcome::Done => {
                first();
                audience.tell_account();
                audience.tell_changes();
            }
            Outcome::Refused => audience.tell_changes(),
        })
        .await;
    }

    /// Runs a request that changes key, mode or payer, and tells everybody.
    async fn change_fallback(
        &mut self,
        id: RequestId,
        work: impl Future<Output = Result<ClientResponse, RpcError>> + Send + 'static,
    ) {
        let audience = self.server.audience.clone();
        self.change(id, work, move |_| audience.tell_changes()).await;
    }

    /// Runs a request that changes the sign-in, or who pays: beside the others, after the earlier ones of its kind of
    /// all connections. What it tells comes after its answer.
    async fn change(
        &mut self,
        id: RequestId,
        work: impl Future<Output = Result<ClientResponse, RpcError>> + Send + 'static,
        tell: impl FnOnce(Outcome) + Send + 'static,
    ) {
        let mut place_in_line = Box::pin(self.server.fallback_changes.clone().lock_owned());
        // The first poll takes the place, so that requests keep the order in which they came.
        let mut held = poll_fn(|context| Poll::Ready(place_in_line.as_mut().poll(context))).await;
        let work = async move {
            let _line = match std::mem::replace(&mut held, Poll::Pending) {
                Poll::Ready(line) => line,
                Poll::Pending => place_in_line.await,
            };
            work.await
        };
        self.beside_then(id, work, tell).await;
    }

    /// After the handshake: what is odd about the settings.
    async fn greet(&self) {
        if self.subscriber.handshake().is_ok() {
            for warning in &self.server.options.config_warnings {
                self.subscriber.notify(ServerNotification::ConfigWarning(warning.clone())).await;
            }
        }
    }

    /// Ends everything this connection started. Its last notifications still go out if somebody reads them.
    async fn leave(mut self) {
        self.server.audience.leave(self.subscriber.id);
        self.subscriber.questions.left();
        self.server.consent().left(self.subscriber.id);
        join_all(self.threads.values().map(ThreadHandle::shutdown)).await;
        let finished = async { while self.slow.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(SLOW_REQUESTS_LIMIT, finished).await;
        self.slow.shutdown().await;
    }

    /// Runs a slow request beside the others; it answers when it is done.
    pub(crate) async fn beside(
        &mut self,
        id: RequestId,
        work: impl Future<Output = Result<ClientResponse, RpcError>> + Send + 'static,
    ) {
        self.beside_then(id, work, |_| {}).await;
    }

    async fn beside_then(
        &mut self,
        id: RequestId,
        work: impl Future<Output = Result<ClientResponse, RpcError>> + Send + 'static,
        after_answer: impl FnOnce(Outcome) + Send + 'static,
    ) {
        if self.slow.len() >= MOST_SLOW_REQUESTS {
            return self.answer(id, Err(refusal::overloaded())).await;
        }
        let outbox = self.subscriber.outbox.clone();
        self.slow.spawn(async move {
            let result = work.await;
            let outcome = if result.is_ok() { Outcome::Done } else { Outcome::Refused };
            outbox.send(ServerMessage::Answer { id, result }).await;
            after_answer(outcome);
        });
    }
}
