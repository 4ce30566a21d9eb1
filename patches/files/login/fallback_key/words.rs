//! What people are told: a change of payer, and why the key does not pay.

use codex_fallback::Change;
use codex_fallback::Payer;
use codex_fallback::Reason;
use codex_fallback::ReturnPolicy;
use codex_fallback::WhyNot;

use super::Held;
use super::last4_of;

impl Held {
    pub(super) fn key_name(&self) -> String {
        format!("The fallback API key (…{})", last4_of(&self.stored))
    }

    pub(super) fn sentence(&self, change: Change, returns: ReturnPolicy) -> String {
        let key = self.key_name();
        let until = change
            .resets_at
            .and_then(|at| chrono::DateTime::from_timestamp(at, 0))
            .map(|at| {
                format!(
                    " until {}",
                    at.with_timezone(&chrono::Local).format("%-d %b %H:%M")
                )
            })
            .unwrap_or_default();
        match (change.payer, change.reason) {
            (Payer::Key, _) => {
                let back = match returns {
                    ReturnPolicy::Reset => "The plan pays again when the limit resets.",
                    ReturnPolicy::Session => {
                        "The plan pays again in the next session; `mode = \"off\"` under [fallback] in \
                         config.toml keeps the key from paying."
                    }
                };
                format!(
                    "The usage limit of your ChatGPT plan is reached{until}. {key} now pays per token. {back}"
                )
            }
            (Payer::Plan, Reason::Reset) => {
                "The limit of your ChatGPT plan has reset; the plan pays again.".to_owned()
            }
            (Payer::Plan, Reason::KeyRefused) => format!(
                "The usage limit of your ChatGPT plan is reached{until}, and {} was refused by the API. The \
                 plan pays again; add a working key with /add-api-key.",
                key.replacen('T', "t", 1)
            ),
            (Payer::Plan, Reason::KeyOutOfCredit) => format!(
                "The usage limit of your ChatGPT plan is reached{until}, and {} is out of credit. The plan \
                 pays again; add credit at platform.openai.com, then the key again with /add-api-key.",
                key.replacen('T', "t", 1)
            ),
            (Payer::Plan, Reason::KeyChanged) => {
                "The stored fallback key or the signed-in account changed; your ChatGPT plan pays again."
                    .to_owned()
            }
            (Payer::Plan, _) => {
                "A setting keeps the fallback key from paying; your ChatGPT plan pays again.".to_owned()
            }
        }
    }
}

/// Why the key does not pay, naming only ways that this program has.
pub(super) fn words(why: WhyNot) -> String {
    match why {
        WhyNot::NoKey => "To go on past a limit, store a fallback API key with /add-api-key.".to_owned(),
        WhyNot::ModeOff => {
            "A fallback API key is stored but switched off; `mode = \"auto\"` under [fallback] in config.toml \
             lets it take over."
                .to_owned()
        }
        WhyNot::CannotAsk => {
            "A fallback API key is stored, but this version cannot ask; `mode = \"auto\"` under [fallback] in \
             config.toml lets it take over."
                .to_owned()
        }
        WhyNot::KeyRefused => {
            "The stored fallback API key was refused by the API; add a working one with /add-api-key.".to_owned()
        }
        WhyNot::KeyOutOfCredit => {
            "The fallback API key is out of credit; add credit at platform.openai.com, then the key again with \
             /add-api-key."
                .to_owned()
        }
        why => why.to_string(),
    }
}
