//! The engine's vocabulary: ids, model items, usage, rate limits, plans and errors. No IO, no clock of its own.

pub mod clock;
pub mod error;
pub mod ids;
pub mod item;
pub mod plan;
pub mod rate_limits;
pub mod usage;

pub use clock::Clock;
pub use codex_fallback::{Payer, WhyNot};
pub use error::{CodexErr, CodexErrorInfo, UsageLimitReachedError};
pub use ids::{ThreadId, TurnId};
pub use item::{ContentItem, HistoryItem, Minter, ResponseItem, SummaryPart};
pub use plan::PlanType;
pub use rate_limits::{CreditsSnapshot, RateLimitSnapshot, RateLimitWindow};
pub use usage::TokenUsage;
