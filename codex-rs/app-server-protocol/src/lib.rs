//! The app-server protocol, v2: the one vocabulary that front ends and engine share (wire-facts §5).
//!
//! [`ClientRequest`], [`ServerNotification`] and [`ServerRequest`] are closed enums with one line per method in
//! [`methods`]; adding a method is adding its line and its types in `protocol/v2/<resource>.rs`. In one process
//! they travel as values; [`envelope`] is their JSON-RPC form.

pub mod envelope;
pub mod methods;
pub mod protocol;

pub use codex_protocol::{
    Clock, CodexErrorInfo, CreditsSnapshot, PlanType, RateLimitSnapshot, RateLimitWindow, ThreadId,
    TokenUsage, TurnId, error::reset_words,
};
pub use envelope::{ClientMessage, RequestId, RpcError, ServerMessage};
pub use methods::{Ask, Call, ClientRequest, ClientResponse, ServerNotification, ServerRequest};
pub use protocol::v2::*;
