//! What `update` wants done outside: calls of the engine, files, the terminal. Data, so that tests can read it.

use codex_app_server_client::Requests;
use codex_app_server_protocol::{
    AccountRateLimitsReadParams, AccountRateLimitsReadResponse, AccountReadParams, AccountReadResponse,
    AddFallbackApiKeyParams, AddFallbackApiKeyResponse, BackgroundTerminalsCleanParams,
    BackgroundTerminalsCleanResponse, BackgroundTerminalsListParams, BackgroundTerminalsListResponse,
    BackgroundTerminalsTerminateParams, BackgroundTerminalsTerminateResponse, ConfigBatchWriteParams,
    ConfigReadParams, ConfigReadResponse, ConfigWriteResponse, FallbackApproval, FallbackReadParams,
    FallbackResponse, FallbackSetModeParams, FallbackSetPayerParams, FuzzyFileSearchParams,
    FuzzyFileSearchResponse, GitDiffParams, GitDiffResponse, LoginAccountParams, LoginAccountResponse,
    LogoutAccountParams, LogoutAccountResponse, McpServerStatusListParams, McpServerStatusListResponse,
    ModelListParams, ModelListResponse, RemoveFallbackApiKeyParams, RequestId, RpcError, ThreadStartParams,
    ThreadStartResponse, TurnInterruptParams, TurnInterruptResponse, TurnStartParams,
};
use futures_util::future::BoxFuture;

use crate::app_event::Reply;

/// One thing to do outside.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Ask the engine; the answer comes back as `AppEvent::Answered`.
    Call(Call),
    /// Send a message; the answer comes back as `AppEvent::MessageAnswered` and says which it was.
    Send {
        /// `clientUserMessageId`.
        id: String,
        /// Starts a turn or joins the running one.
        params: TurnStartParams,
    },
    /// Answer the engine's question about the key.
    AnswerFallback(RequestId, FallbackApproval),
    /// Answer the engine's question about what the agent may do.
    Reply(RequestId, Reply),
    /// Append to `history.jsonl`. Never holds a key shape.
    Remember(String),
    /// Read `history.jsonl`.
    LoadHistory,
    /// Put this into the clipboard of the person's terminal.
    Copy(String),
    /// Call the person, who may be elsewhere, with this line. Never holds a key.
    CallPerson(String),
    /// Edit this in the external editor.
    OpenEditor(String),
    /// Clear the visible screen.
    ClearScreen,
    /// Hand the terminal back to the shell until it continues us.
    Suspend,
    /// End the program.
    Quit,
}

/// Makes [`Call`], [`Answer`] and the way from one to the other out of one line per call.
macro_rules! calls {
    ($($variant:ident($params:ty) -> $response:ty;)*) => {
        /// A call of the engine.
        #[derive(Debug)]
        pub(crate) enum Call {
            $($variant($params),)*
        }

        /// The answer to a call.
        #[derive(Debug)]
        #[expect(clippy::large_enum_variant, reason = "answers are moved a few times and never kept")]
        pub(crate) enum Answer {
            $($variant(Result<$response, RpcError>),)*
        }

        impl Call {
            /// Queues the call at once; the future waits for its answer.
            pub(crate) fn send(self, requests: &Requests) -> BoxFuture<'static, Answer> {
                match self {
                    $(Call::$variant(params) => {
                        let answer = requests.call(params);
                        Box::pin(async move { Answer::$variant(answer.await) })
                    })*
                }
            }
        }

        #[cfg(test)]
        impl Call {
            /// The method's name.
            pub(crate) fn method(&self) -> &'static str {
                match self {
                    $(Call::$variant(_) => <$params as codex_app_server_protocol::Call>::METHOD,)*
                }
            }
        }

        #[cfg(test)]
        impl Answer {
            /// The answer to a call of this method, as an engine gives it in JSON.
            pub(crate) fn of(method: &str, result: Result<serde_json::Value, RpcError>) -> Option<Answer> {
                match method {
                    $(<$params as codex_app_server_protocol::Call>::METHOD => {
                        let read = |value| serde_json::from_value(value).map_err(|error| {
                            RpcError::internal(format!("the test's answer to {method}: {error}"))
                        });
                        Some(Answer::$variant(result.and_then(read)))
                    })*
                    _ => None,
                }
            }
        }
    };
}

calls! {
    ReadAccount(AccountReadParams) -> AccountReadResponse;
    StartThread(ThreadStartParams) -> ThreadStartResponse;
    Interrupt(TurnInterruptParams) -> TurnInterruptResponse;
    AddKey(AddFallbackApiKeyParams) -> AddFallbackApiKeyResponse;
    RemoveKey(RemoveFallbackApiKeyParams) -> FallbackResponse;
    ReadFallback(FallbackReadParams) -> FallbackResponse;
    SetMode(FallbackSetModeParams) -> FallbackResponse;
    SetPayer(FallbackSetPayerParams) -> FallbackResponse;
    ReadRateLimits(AccountRateLimitsReadParams) -> AccountRateLimitsReadResponse;
    ListModels(ModelListParams) -> ModelListResponse;
    ReadConfig(ConfigReadParams) -> ConfigReadResponse;
    WriteConfig(ConfigBatchWriteParams) -> ConfigWriteResponse;
    SignIn(LoginAccountParams) -> LoginAccountResponse;
    Logout(LogoutAccountParams) -> LogoutAccountResponse;
    SearchFiles(FuzzyFileSearchParams) -> FuzzyFileSearchResponse;
    ListBackground(BackgroundTerminalsListParams) -> BackgroundTerminalsListResponse;
    StopCommand(BackgroundTerminalsTerminateParams) -> BackgroundTerminalsTerminateResponse;
    StopBackground(BackgroundTerminalsCleanParams) -> BackgroundTerminalsCleanResponse;
    GitDiff(GitDiffParams) -> GitDiffResponse;
    ListMcpServers(McpServerStatusListParams) -> McpServerStatusListResponse;
}
