//! Owns the question of `mode = "ask"`: may the key pay?

use codex_fallback::Consent;
use codex_protocol::{ThreadId, TurnId};
use futures_util::future::BoxFuture;

/// Somebody who can ask the person.
pub trait ConsentPrompt: Send + Sync {
    /// Asks and waits for the answer. `None`: nobody can be asked here. The future may be dropped at any time.
    fn ask(&self, question: Question) -> BoxFuture<'_, Option<Consent>>;
}

/// What the person has to know to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The thread that waits.
    pub thread_id: ThreadId,
    /// The turn that waits.
    pub turn_id: TurnId,
    /// What ran out, as a sentence.
    pub reason: String,
    /// When the plan is free again, unix seconds, where known.
    pub resets_at: Option<i64>,
    /// The model that would be paid for.
    pub model: String,
    /// The key's last four characters.
    pub key_last4: String,
    /// About how many tokens the context holds, where known.
    pub context_tokens: Option<u64>,
}
