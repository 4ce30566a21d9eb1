//! The MCP servers of a thread: what they tell its client, and what they ask the person.

use std::pin::Pin;
use std::sync::{Arc, Weak};

use codex_app_server_protocol::{
    ApprovalPolicy, Ask, McpElicitation, McpElicitationAction, McpServerElicitationRequestParams,
    McpServerElicitationRequestResponse, McpServerStartup, McpServerStartupUpdated, ServerNotification,
    ThreadId,
};
use codex_mcp_client::{Answer, Elicitation, Host, State};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::EventSink;
use crate::permissions::{Kind, may_ask};

/// The thread as its servers see it.
pub(crate) struct ThreadHost {
    thread_id: ThreadId,
    /// Not its own: handles of the thread, and so its servers, may outlive it, and its client waits for the sink to go.
    sink: Weak<dyn EventSink>,
    /// The thread's policy as it stands now.
    approval: watch::Receiver<ApprovalPolicy>,
    /// Unbounded, because a server changes its state a few times in its life.
    news: mpsc::UnboundedSender<McpServerStartupUpdated>,
}

/// Tells the client what becomes of the servers. Ends with the thread.
#[derive(Debug)]
pub(crate) struct News(JoinHandle<()>);

impl ThreadHost {
    /// For one thread. Nothing is told before `announced` resolves: the client has to know the thread first.
    pub(crate) fn new(
        thread_id: ThreadId,
        sink: Arc<dyn EventSink>,
        approval: watch::Receiver<ApprovalPolicy>,
        announced: oneshot::Receiver<()>,
    ) -> (Arc<Self>, News) {
        let (news, mut received) = mpsc::unbounded_channel();
        let host = ThreadHost { thread_id, sink: Arc::downgrade(&sink), approval, news };
        let task = tokio::spawn(async move {
            // Dropped is as good as sent.
            let _ = announced.await;
            while let Some(update) = received.recv().await {
                sink.emit(ServerNotification::McpServerStartupUpdated(update)).await;
            }
        });
        (Arc::new(host), News(task))
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Host for ThreadHost {
    fn state_changed(&self, server: &str, state: &State) {
        let (status, error) = match state {
            State::Disabled => return,
            State::Starting => (McpServerStartup::Starting, None),
            State::Ready(_) => (McpServerStartup::Ready, None),
            State::Failed { why } => (McpServerStartup::Failed, Some(why.clone())),
            State::Cancelled => (McpServerStartup::Cancelled, None),
        };
        let update = McpServerStartupUpdated {
            thread_id: Some(self.thread_id.clone()),
            name: server.to_owned(),
            status,
            error,
            failure_reason: None,
        };
        // An error means that the thread has ended.
        let _ = self.news.send(update);
    }

    fn ask(&self, question: Elicitation) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let allowed = may_ask(&self.approval.borrow(), Kind::Mcp);
        let (thread_id, sink) = (self.thread_id.clone(), self.sink.upgrade());
        Box::pin(async move {
            let (Ok(()), Some(sink)) = (allowed, sink) else { return Answer::Decline };
            let params = McpServerElicitationRequestParams {
                thread_id: thread_id.clone(),
                turn_id: None,
                server_name: question.server,
                request: McpElicitation::Form {
                    meta: question.meta,
                    message: question.message,
                    requested_schema: question.requested_schema,
                },
            };
            let answer = sink.ask(thread_id, params.into_request()).await;
            let answer: Option<McpServerElicitationRequestResponse> =
                answer.and_then(|answer| serde_json::from_value(answer).ok());
            match answer {
                Some(McpServerElicitationRequestResponse {
                    action: McpElicitationAction::Accept,
                    content,
                    ..
                }) => Answer::Accept { content: content.unwrap_or(Value::Null) },
                Some(McpServerElicitationRequestResponse {
                    action: McpElicitationAction::Cancel, ..
                }) => Answer::Cancel,
                // Who cannot be asked has not agreed.
                Some(_) | None => Answer::Decline,
            }
        })
    }
}
