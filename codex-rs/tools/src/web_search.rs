//! `web_search`: a tool that the service itself runs (wire-facts §10.1); here is only its offer.

use serde_json::{Value, json};

/// The tool's name.
pub const NAME: &str = "web_search";

/// How far a search may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only what the service has stored.
    Stored,
    /// The live web.
    Live,
}

/// The tool as it is offered to the model.
pub fn spec(reach: Reach) -> Value {
    let live = match reach {
        Reach::Stored => false,
        Reach::Live => true,
    };
    json!({"type": NAME, "external_web_access": live})
}
