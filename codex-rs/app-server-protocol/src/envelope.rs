//! JSON-RPC 2.0 without the `jsonrpc` member: one object per message (wire-facts §5.1, §5.3).

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::methods::{ClientRequest, ClientResponse, ServerNotification, ServerRequest};

/// The id of a request: a number or a string.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequestId {
    /// A number.
    Number(i64),
    /// A string.
    Text(String),
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct RpcError {
    /// One of the constants of this type.
    pub code: i64,
    /// For people.
    pub message: String,
    /// For programs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<Value>,
}

/// From a client to the server, in one process.
#[derive(Debug)]
pub enum ClientMessage {
    /// A request.
    Request {
        /// Its id, unique among this client's open requests.
        id: RequestId,
        /// What it asks.
        request: ClientRequest,
    },
    /// `initialized`.
    Initialized,
    /// The answer to a request of the server's.
    Answer {
        /// The server's id.
        id: RequestId,
        /// The result, or why there is none.
        result: Result<Value, RpcError>,
    },
}

/// From the server to a client, in one process.
#[expect(clippy::large_enum_variant, reason = "messages are moved a few times and never kept in bulk")]
#[derive(Debug, Clone)]
pub enum ServerMessage {
    /// The answer to a request.
    Answer {
        /// The client's id.
        id: RequestId,
        /// The result, or why it was refused.
        result: Result<ClientResponse, RpcError>,
    },
    /// A notification.
    Notification(ServerNotification),
    /// A request of the server's.
    Request {
        /// Counts up from 0 per connection.
        id: RequestId,
        /// What it asks.
        request: ServerRequest,
    },
}

/// A message of a client as it stands on a line, not yet understood.
#[derive(Debug, Deserialize)]
pub struct RawMessage<'a> {
    /// Present in requests and answers.
    #[serde(default)]
    pub id: Option<RequestId>,
    /// Present in requests and notifications.
    #[serde(default)]
    pub method: Option<String>,
    /// Present in requests and notifications.
    #[serde(default, borrow)]
    pub params: Option<&'a RawValue>,
    /// Present in answers.
    #[serde(default)]
    pub result: Option<Value>,
    /// Present in answers.
    #[serde(default)]
    pub error: Option<RpcError>,
}

impl RpcError {
    /// Nearly everything a client did wrong.
    pub const INVALID_REQUEST: i64 = -32600;
    /// Input over a size limit, with `data.input_error_code`.
    pub const INVALID_PARAMS: i64 = -32602;
    /// Something of ours, or of a service we asked, broke.
    pub const INTERNAL: i64 = -32603;
    /// Too many requests at once; try again later.
    pub const OVERLOADED: i64 = -32001;

    /// The client did something wrong.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        RpcError { code: Self::INVALID_REQUEST, message: message.into(), data: None }
    }

    /// Something of ours broke.
    pub fn internal(message: impl Into<String>) -> Self {
        RpcError { code: Self::INTERNAL, message: message.into(), data: None }
    }
}

impl ServerMessage {
    /// The message as one JSON object, without a line end. Notifications carry `emittedAtMs`, unix milliseconds.
    pub fn to_json(&self, now_millis: i64) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Emitted { message: self, now_millis })
    }

    /// Adds the message to `lines` as one line. A message that cannot be said in JSON is left out; if it is an
    /// answer, an error takes its place, so that nobody waits for it.
    pub fn write_line(&self, now_millis: i64, lines: &mut Vec<u8>) {
        let start = lines.len();
        if serde_json::to_writer(&mut *lines, &Emitted { message: self, now_millis }).is_err() {
            lines.truncate(start);
            let ServerMessage::Answer { id, .. } = self else { return };
            let refusal = RpcError::internal("the answer cannot be said in JSON");
            let answer = ServerMessage::Answer { id: id.clone(), result: Err(refusal) };
            if serde_json::to_writer(&mut *lines, &Emitted { message: &answer, now_millis }).is_err() {
                return lines.truncate(start);
            }
        }
        lines.push(b'\n');
    }

    /// About how many bytes its texts are that may be long; what is always short counts as nothing.
    pub fn text_bytes(&self) -> usize {
        let ServerMessage::Notification(notification) = self else { return 0 };
        match notification {
            ServerNotification::AgentMessageDelta(grown) | ServerNotification::CommandOutputDelta(grown) => {
                grown.delta.len()
            }
            ServerNotification::ReasoningSummaryDelta(grown) => grown.delta.len(),
            ServerNotification::ReasoningTextDelta(grown) => grown.delta.len(),
            ServerNotification::TurnDiffUpdated(updated) => updated.diff.len(),
            ServerNotification::ItemStarted(started) => started.item.text_bytes(),
            ServerNotification::ItemCompleted(completed) => completed.item.text_bytes(),
            ServerNotification::ThreadStarted(_)
            | ServerNotification::ThreadStatusChanged(_)
            | ServerNotification::ThreadTokenUsageUpdated(_)
            | ServerNotification::TurnStarted(_)
            | ServerNotification::TurnCompleted(_)
            | ServerNotification::ReasoningSummaryPartAdded(_)
            | ServerNotification::TerminalInteraction(_)
            | ServerNotification::TurnPlanUpdated(_)
            | ServerNotification::McpServerStartupUpdated(_)
            | ServerNotification::Error(_)
            | ServerNotification::Warning(_)
            | ServerNotification::ConfigWarning(_)
            | ServerNotification::AccountRateLimitsUpdated(_)
            | ServerNotification::LoginCompleted(_)
            | ServerNotification::AccountUpdated(_)
            | ServerNotification::FallbackUpdated(_)
            | ServerNotification::ServerRequestResolved(_) => 0,
        }
    }
}

/// A message as it goes out now.
struct Emitted<'a> {
    message: &'a ServerMessage,
    now_millis: i64,
}

impl Serialize for Emitted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Answer<'a> {
            id: &'a RequestId,
            #[serde(skip_serializing_if = "Option::is_none")]
            result: Option<&'a ClientResponse>,
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<&'a RpcError>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Notification<'a> {
            #[serde(flatten)]
            notification: &'a ServerNotification,
            emitted_at_ms: i64,
        }
        #[derive(Serialize)]
        struct Request<'a> {
            id: &'a RequestId,
            #[serde(flatten)]
            request: &'a ServerRequest,
        }
        match self.message {
            ServerMessage::Answer { id, result } => {
                Answer { id, result: result.as_ref().ok(), error: result.as_ref().err() }
                    .serialize(serializer)
            }
            ServerMessage::Notification(notification) => {
                Notification { notification, emitted_at_ms: self.now_millis }.serialize(serializer)
            }
            ServerMessage::Request { id, request } => Request { id, request }.serialize(serializer),
        }
    }
}
