//! The methods: one line each. Names, parameters and answers come from here and nowhere else.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::protocol::v2::*;

/// A request's parameters know their answer: `client.call(params).await? -> P::Response`.
pub trait Call: Sized {
    /// What a success answers.
    type Response;
    /// The method's name.
    const METHOD: &'static str;
    /// As a request.
    fn into_request(self) -> ClientRequest;
    /// The answer out of the closed enum; `None` if it is another method's.
    fn response(response: ClientResponse) -> Option<Self::Response>;
}

macro_rules! client_requests {
    ($($variant:ident $method:literal ($params:ty) -> $response:ty;)*) => {
        /// A request of a client.
        #[derive(Debug, Clone)]
        pub enum ClientRequest {
            $(#[doc = concat!("`", $method, "`.")] $variant($params),)*
        }

        /// The answer to a request of a client.
        #[derive(Debug, Clone, Serialize)]
        #[expect(clippy::large_enum_variant, reason = "messages are moved a few times and never kept in bulk")]
        #[serde(untagged)]
        pub enum ClientResponse {
            $(#[doc = concat!("To `", $method, "`.")] $variant($response),)*
        }

        impl ClientRequest {
            /// Every method's name.
            pub const METHODS: &'static [&'static str] = &[$($method),*];

            /// The method's name.
            pub fn method(&self) -> &'static str {
                match self { $(ClientRequest::$variant(_) => $method,)* }
            }

            /// From a method's name and its parameters as JSON; absent parameters read as `{}`.
            pub fn parse(method: &str, params: Option<&RawValue>) -> Result<Self, ParseError> {
                let params = match params.map(RawValue::get) {
                    None | Some("null") => "{}",
                    Some(params) => params,
                };
                match method {
                    $($method => Ok(ClientRequest::$variant(serde_json::from_str(params).map_err(ParseError::params)?)),)*
                    _ => Err(ParseError::UnknownMethod(method.to_owned())),
                }
            }
        }

        $(impl Call for $params {
            type Response = $response;
            const METHOD: &'static str = $method;
            fn into_request(self) -> ClientRequest {
                ClientRequest::$variant(self)
            }
            fn response(response: ClientResponse) -> Option<Self::Response> {
                match response { ClientResponse::$variant(response) => Some(response), _ => None }
            }
        })*
    };
}

client_requests! {
    Initialize "initialize" (InitializeParams) -> InitializeResponse;
    ThreadStart "thread/start" (ThreadStartParams) -> ThreadStartResponse;
    TurnStart "turn/start" (TurnStartParams) -> TurnStartResponse;
    TurnInterrupt "turn/interrupt" (TurnInterruptParams) -> TurnInterruptResponse;
    TurnSteer "turn/steer" (TurnSteerParams) -> TurnSteerResponse;
    AccountRead "account/read" (AccountReadParams) -> AccountReadResponse;
    LoginAccount "account/login/start" (LoginAccountParams) -> LoginAccountResponse;
    LogoutAccount "account/logout" (LogoutAccountParams) -> LogoutAccountResponse;
    AccountRateLimitsRead "account/rateLimits/read" (AccountRateLimitsReadParams) -> AccountRateLimitsReadResponse;
    ModelList "model/list" (ModelListParams) -> ModelListResponse;
    ConfigRead "config/read" (ConfigReadParams) -> ConfigReadResponse;
    ConfigValueWrite "config/value/write" (ConfigValueWriteParams) -> ConfigWriteResponse;
    ConfigBatchWrite "config/batchWrite" (ConfigBatchWriteParams) -> ConfigWriteResponse;
    BackgroundTerminalsList "thread/backgroundTerminals/list" (BackgroundTerminalsListParams) -> BackgroundTerminalsListResponse;
    BackgroundTerminalsTerminate "thread/backgroundTerminals/terminate" (BackgroundTerminalsTerminateParams) -> BackgroundTerminalsTerminateResponse;
    BackgroundTerminalsClean "thread/backgroundTerminals/clean" (BackgroundTerminalsCleanParams) -> BackgroundTerminalsCleanResponse;
    GitDiff "gitDiff" (GitDiffParams) -> GitDiffResponse;
    McpServerStatusList "mcpServerStatus/list" (McpServerStatusListParams) -> McpServerStatusListResponse;
    McpServerReload "config/mcpServer/reload" (McpServerReloadParams) -> McpServerReloadResponse;
    FuzzyFileSearch "fuzzyFileSearch" (FuzzyFileSearchParams) -> FuzzyFileSearchResponse;
    AddFallbackApiKey "account/addFallbackApiKey" (AddFallbackApiKeyParams) -> AddFallbackApiKeyResponse;
    RemoveFallbackApiKey "account/removeFallbackApiKey" (RemoveFallbackApiKeyParams) -> FallbackResponse;
    FallbackRead "account/fallback/read" (FallbackReadParams) -> FallbackResponse;
    FallbackSetMode "account/fallback/setMode" (FallbackSetModeParams) -> FallbackResponse;
    FallbackSetPayer "account/fallback/setPayer" (FallbackSetPayerParams) -> FallbackResponse;
}

/// Why a request could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No such method.
    #[error("unknown method `{0}`; see docs/app-server.md for the methods of this server")]
    UnknownMethod(String),
    /// The parameters do not fit. Holds serde's text, which names members and types but quotes no string values.
    #[error("invalid params: {0}")]
    Params(String),
}

impl ParseError {
    fn params(error: serde_json::Error) -> Self {
        // serde quotes the offending value; a key typed into the wrong member must not come back in an error.
        ParseError::Params(codex_redact::redact(&error.to_string()).into_owned())
    }
}

/// A notification of the server. `method` and `params` on the wire.
#[expect(clippy::large_enum_variant, reason = "messages are moved a few times and never kept in bulk")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params")]
#[expect(missing_docs, reason = "the wire name stands above each")]
pub enum ServerNotification {
    #[serde(rename = "thread/started")]
    ThreadStarted(ThreadStarted),
    #[serde(rename = "thread/status/changed")]
    ThreadStatusChanged(ThreadStatusChanged),
    #[serde(rename = "thread/tokenUsage/updated")]
    ThreadTokenUsageUpdated(ThreadTokenUsageUpdated),
    #[serde(rename = "turn/started")]
    TurnStarted(TurnChanged),
    #[serde(rename = "turn/completed")]
    TurnCompleted(TurnChanged),
    #[serde(rename = "item/started")]
    ItemStarted(ItemStarted),
    #[serde(rename = "item/completed")]
    ItemCompleted(ItemCompleted),
    #[serde(rename = "item/agentMessage/delta")]
    AgentMessageDelta(ItemDelta),
    #[serde(rename = "item/reasoning/summaryPartAdded")]
    ReasoningSummaryPartAdded(ReasoningSummaryPartAdded),
    #[serde(rename = "item/reasoning/summaryTextDelta")]
    ReasoningSummaryDelta(ReasoningSummaryDelta),
    #[serde(rename = "item/reasoning/textDelta")]
    ReasoningTextDelta(ReasoningTextDelta),
    #[serde(rename = "item/commandExecution/outputDelta")]
    CommandOutputDelta(ItemDelta),
    #[serde(rename = "item/commandExecution/terminalInteraction")]
    TerminalInteraction(TerminalInteraction),
    #[serde(rename = "turn/plan/updated")]
    TurnPlanUpdated(TurnPlanUpdated),
    #[serde(rename = "turn/diff/updated")]
    TurnDiffUpdated(TurnDiffUpdated),
    #[serde(rename = "mcpServer/startupStatus/updated")]
    McpServerStartupUpdated(McpServerStartupUpdated),
    #[serde(rename = "error")]
    Error(ErrorNotification),
    #[serde(rename = "warning")]
    Warning(Warning),
    #[serde(rename = "configWarning")]
    ConfigWarning(ConfigWarning),
    #[serde(rename = "account/rateLimits/updated")]
    AccountRateLimitsUpdated(AccountRateLimitsUpdated),
    #[serde(rename = "account/login/completed")]
    LoginCompleted(LoginCompleted),
    #[serde(rename = "account/updated")]
    AccountUpdated(AccountUpdated),
    #[serde(rename = "account/fallback/updated")]
    FallbackUpdated(FallbackUpdated),
    #[serde(rename = "serverRequest/resolved")]
    ServerRequestResolved(ServerRequestResolved),
}

impl ServerNotification {
    /// The method's name.
    pub fn method(&self) -> &'static str {
        match self {
            ServerNotification::ThreadStarted(_) => "thread/started",
            ServerNotification::ThreadStatusChanged(_) => "thread/status/changed",
            ServerNotification::ThreadTokenUsageUpdated(_) => "thread/tokenUsage/updated",
            ServerNotification::TurnStarted(_) => "turn/started",
            ServerNotification::TurnCompleted(_) => "turn/completed",
            ServerNotification::ItemStarted(_) => "item/started",
            ServerNotification::ItemCompleted(_) => "item/completed",
            ServerNotification::AgentMessageDelta(_) => "item/agentMessage/delta",
            ServerNotification::ReasoningSummaryPartAdded(_) => "item/reasoning/summaryPartAdded",
            ServerNotification::ReasoningSummaryDelta(_) => "item/reasoning/summaryTextDelta",
            ServerNotification::ReasoningTextDelta(_) => "item/reasoning/textDelta",
            ServerNotification::CommandOutputDelta(_) => "item/commandExecution/outputDelta",
            ServerNotification::TerminalInteraction(_) => "item/commandExecution/terminalInteraction",
            ServerNotification::TurnPlanUpdated(_) => "turn/plan/updated",
            ServerNotification::TurnDiffUpdated(_) => "turn/diff/updated",
            ServerNotification::McpServerStartupUpdated(_) => "mcpServer/startupStatus/updated",
            ServerNotification::Error(_) => "error",
            ServerNotification::Warning(_) => "warning",
            ServerNotification::ConfigWarning(_) => "configWarning",
            ServerNotification::AccountRateLimitsUpdated(_) => "account/rateLimits/updated",
            ServerNotification::LoginCompleted(_) => "account/login/completed",
            ServerNotification::AccountUpdated(_) => "account/updated",
            ServerNotification::FallbackUpdated(_) => "account/fallback/updated",
            ServerNotification::ServerRequestResolved(_) => "serverRequest/resolved",
        }
    }
}

/// A question's parameters know their answer.
pub trait Ask: Sized {
    /// What a client answers.
    type Answer: DeserializeOwned;
    /// As a request of the server's.
    fn into_request(self) -> ServerRequest;
}

macro_rules! server_requests {
    ($($variant:ident $method:literal ($params:ty) -> $answer:ty;)*) => {
        /// A request of the server's to a client.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "method", content = "params")]
        pub enum ServerRequest {
            $(#[doc = concat!("`", $method, "`.")] #[serde(rename = $method)] $variant($params),)*
        }

        $(impl Ask for $params {
            type Answer = $answer;
            fn into_request(self) -> ServerRequest {
                ServerRequest::$variant(self)
            }
        })*
    };
}

server_requests! {
    CommandApproval "item/commandExecution/requestApproval" (CommandExecutionRequestApprovalParams) -> CommandExecutionRequestApprovalResponse;
    FileChangeApproval "item/fileChange/requestApproval" (FileChangeRequestApprovalParams) -> FileChangeRequestApprovalResponse;
    PermissionsApproval "item/permissions/requestApproval" (PermissionsRequestApprovalParams) -> PermissionsRequestApprovalResponse;
    McpElicitation "mcpServer/elicitation/request" (McpServerElicitationRequestParams) -> McpServerElicitationRequestResponse;
    FallbackApproval "account/fallback/requestApproval" (FallbackApprovalParams) -> FallbackApprovalResponse;
}
