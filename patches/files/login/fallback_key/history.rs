//! Whose ciphertext a thread's history holds, and what of it the payer of a request can read.

use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use codex_fallback::Payer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Carrier;

/// Which credential minted a ciphertext, by the ciphertext's hash.
#[derive(Default)]
pub(super) struct Minted {
    pub(super) by: HashMap<u64, Payer>,
    /// Summaries of compacted histories that went to the plan; whoever minted them, the key did not.
    sent_to_plan: HashSet<u64>,
    /// The epoch in which the server refused a ciphertext of unknown origin.
    pub(super) distrust_in: Option<u64>,
}

impl Minted {
    pub(super) fn filter<T: Serialize + DeserializeOwned>(
        &mut self,
        carrier: Carrier,
        items: &mut Vec<T>,
    ) -> Result<(), String> {
        let distrust = self.distrust_in == Some(carrier.epoch);
        let mut something_left_out = false;
        let mut kept = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            let value = serde_json::to_value(&item).unwrap_or_default();
            match self.readable(&value, carrier.payer(), distrust) {
                Readable::Yes => kept.push((item, value)),
                Readable::LeaveOut => something_left_out = true,
                Readable::Needed => {
                    return Err(
                        "This thread was compacted while another account paid, and whoever pays now cannot read \
                         that summary. Start a new thread, or wait until the limit resets."
                            .to_owned(),
                    );
                }
            }
        }
        // An item that stood beside a reasoning item may not name it by its own id any more.
        items.extend(kept.into_iter().map(|(item, value)| {
            if something_left_out {
                without_id(item, value)
            } else {
                item
            }
        }));
        Ok(())
    }

    fn readable(&mut self, item: &Value, payer: Payer, distrust: bool) -> Readable {
        let kind = item["type"].as_str().unwrap_or_default();
        let compaction = kind.contains("compaction");
        if kind != "reasoning" && kind != "agent_message" && !compaction {
            return Readable::Yes;
        }
        // A key that may be the wrong one to read it gets only what it minted. A summary of a compacted history is
        // the history: it is tried, unless the plan had it before.
        let mut foreign = kind == "reasoning" && payer == Payer::Key;
        for hash in ciphertexts(item).into_iter().map(hash) {
            foreign = match (self.by.get(&hash), payer) {
                (Some(minted_by), payer) => *minted_by != payer,
                (None, _) if distrust => true,
                (None, Payer::Key) => !compaction || self.sent_to_plan.contains(&hash),
                (None, Payer::Plan) => false,
            };
            if foreign {
                break;
            }
            if compaction && payer == Payer::Plan {
                self.sent_to_plan.insert(hash);
            }
        }
        match (foreign, compaction) {
            (false, _) => Readable::Yes,
            (true, false) => Readable::LeaveOut,
            (true, true) => Readable::Needed,
        }
    }
}

enum Readable {
    Yes,
    LeaveOut,
    /// It holds the history itself: without it the model would know nothing of the thread.
    Needed,
}

/// The same item without its id; an item that needs one stays as it is.
fn without_id<T: DeserializeOwned>(item: T, mut value: Value) -> T {
    let had_id = value
        .as_object_mut()
        .is_some_and(|fields| fields.remove("id").is_some());
    match (had_id, value["type"].as_str()) {
        (true, Some("message" | "function_call" | "custom_tool_call")) => {
            serde_json::from_value(value).unwrap_or(item)
        }
        _ => item,
    }
}

/// Every `encrypted_content` in an item, at any depth.
pub(super) fn ciphertexts(item: &Value) -> Vec<&str> {
    match item {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if name == "encrypted_content" => vec![text.as_str()],
                value => ciphertexts(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(ciphertexts).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn hash(ciphertext: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    ciphertext.hash(&mut hasher);
    hasher.finish()
}
