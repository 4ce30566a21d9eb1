//! The tools a model can call, one file each, and what their commands may inherit.
//!
//! Nothing here talks to the model or decides approvals: a tool reads its arguments, does its work, and words the
//! result for the model. Processes are started and files touched through `codex_sandbox` only.

pub mod apply_patch;
mod arguments;
pub mod environment;
pub mod exec_command;
pub mod image;
mod output;
mod report;
pub mod request_permissions;
pub mod sessions;
pub mod update_plan;
pub mod view_image;
pub mod web_search;
pub mod write_stdin;

use serde_json::Value;

pub use arguments::BadCall;

/// What is offered beside the tools that always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// `update_plan`.
    pub update_plan: Offered,
    /// `request_permissions`.
    pub request_permissions: Offered,
    /// `web_search`, and how far it reaches; `None` leaves it out.
    pub web_search: Option<web_search::Reach>,
}

/// Whether a tool is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// The tools as they are offered to the model, in a fixed order: a change would cost the prompt cache.
pub fn offered(offer: &Offer) -> Vec<Value> {
    let mut specs = vec![exec_command::spec(), write_stdin::spec(), apply_patch::spec(), view_image::spec()];
    match offer.update_plan {
        Offered::Yes => specs.push(update_plan::spec()),
        Offered::No => {}
    }
    match offer.request_permissions {
        Offered::Yes => specs.push(request_permissions::spec()),
        Offered::No => {}
    }
    specs.extend(offer.web_search.map(web_search::spec));
    specs
}

/// What the model is told when it calls a tool that was not offered (wire-facts §10.1).
pub fn unsupported_call(name: &str) -> String {
    format!("unsupported call: {name}")
}

/// At most about `tokens` tokens of `text`: its beginning and its end, and a line between that says what is missing.
pub fn shortened(text: &str, tokens: usize) -> String {
    let mut kept = output::KeptOutput::default();
    kept.push(text.as_bytes());
    kept.excerpt(0, tokens)
}
