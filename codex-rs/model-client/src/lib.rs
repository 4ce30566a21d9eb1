//! Responses requests for both payers: built, sent, their answers read, classified, reported and obeyed.
//!
//! Every model request of the program passes one function: `send` in `send.rs`. Nothing here knows threads; the caller
//! brings a [`Prompt`] and a [`TurnContext`] and pulls [`SampleEvent`]s. No task is spawned: dropping a
//! [`Sampling`] cancels it.

mod answer;
mod client;
mod consent;
mod events;
mod exchange;
mod filter;
mod prompt;
mod rate_limits;
mod request;
mod retry;
mod routing;
mod sampling;
mod send;
mod settings;
mod sse;
mod turn;

pub use client::ModelClient;
pub use consent::{ConsentPrompt, Question};
pub use prompt::Prompt;
pub use sampling::{PaidBy, SampleEvent, Sampling};
pub use settings::{ClientSettings, Pause, RetrySettings};
pub use turn::{ThreadContext, ThreadIdentity, TurnContext};
