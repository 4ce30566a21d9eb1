//! Who pays in the miniature workspace.
use codex_redact::Secret;

/// The plan, or a key.
#[derive(Debug, Default)]
pub enum Payer {
    /// The plan.
    #[default]
    Plan,
    /// The key.
    Key(Secret),
}

impl Payer {
    /// Whether it is the key.
    pub fn is_key(&self) -> bool {
        matches!(self, Payer::Key(key) if !key.is_empty())
    }
}

/// The crate that decides is here, whole.
pub use codex_fallback::Payer as Decided;
