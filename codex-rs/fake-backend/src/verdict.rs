//! Owns the judgement over a whole record: was anything lost, repeated or leaked, and who paid for what.

use std::collections::BTreeMap;
use std::fmt;

use crate::record::{Finding, Payer, Recorded, is_call_output, message_texts};

/// One model request and who paid for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidRequest {
    /// Its number in the record.
    pub number: usize,
    /// Whose credential it carried.
    pub payer: Payer,
    /// The status it was answered with.
    pub status: u16,
    /// Whether it was answered as a model request should be, at least in part.
    pub served: bool,
    /// Billed input tokens.
    pub input_tokens: u64,
    /// Billed output tokens.
    pub output_tokens: u64,
}

/// What the record shows. Empty lists are good news.
///
/// It expects histories that only grow: after a compaction, or after a broken connection whose finished items a
/// client throws away, it reports losses that are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// User messages, finished answers, calls or outputs that later requests lack.
    pub lost: Vec<String>,
    /// Calls with two different outputs, or answers that stand twice in a history.
    pub repeated: Vec<String>,
    /// Secrets, ids or ciphertext of one credential in the other's requests, and misplaced connection state.
    pub leaked: Vec<String>,
    /// Model requests refused for what they contained, which the real services would refuse as well.
    pub refused: Vec<String>,
    /// Every model request in order.
    pub requests: Vec<PaidRequest>,
    /// Input and output tokens paid by the plan.
    pub plan_tokens: u64,
    /// Input and output tokens paid by the key.
    pub key_tokens: u64,
}

impl Verdict {
    /// Judges a record.
    pub(crate) fn of(record: &[Recorded]) -> Self {
        let mut verdict = Self::default();
        for request in record {
            verdict.leaked.extend(request.findings.iter().map(|finding| {
                let (Finding::Leak(text) | Finding::State(text)) = finding;
                format!("request {}: {text}", request.number)
            }));
        }
        let mut threads: BTreeMap<&str, Vec<&Recorded>> = BTreeMap::new();
        for request in record.iter().filter(|request| request.is_model_request()) {
            verdict.note(request);
            threads.entry(request.thread_id().unwrap_or_default()).or_default().push(request);
        }
        for requests in threads.values() {
            verdict.compare(requests);
        }
        verdict
    }

    /// Nothing was lost, repeated, leaked or refused.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.repeated.is_empty() && self.leaked.is_empty() && self.refused.is_empty()
    }

    fn note(&mut self, request: &Recorded) {
        let usage = request.usage.unwrap_or_default();
        match &request.payer {
            Payer::Plan(_) => self.plan_tokens += usage.total(),
            Payer::Key(_) => self.key_tokens += usage.total(),
            Payer::Nobody => {}
        }
        if let Some(reason) = &request.refusal
            && !request.scripted
        {
            self.refused.push(format!("request {}: {} {reason}", request.number, request.status));
        }
        self.requests.push(PaidRequest {
            number: request.number,
            payer: request.payer.clone(),
            status: request.status,
            served: request.was_served(),
            input_tokens: usage.input,
            output_tokens: usage.output,
        });
    }

    /// Follows one thread from request to request.
    fn compare(&mut self, requests: &[&Recorded]) {
        for (place, request) in requests.iter().enumerate() {
            let later = &requests[place + 1..];
            if let Some(next) = later.first() {
                self.compare_users(request, next);
                self.compare_texts(request, next);
            }
            for call_id in &request.calls {
                self.follow_call(call_id, request.number, later);
            }
        }
    }

    fn compare_users(&mut self, request: &Recorded, next: &Recorded) {
        let (before, after) = (counted(request.user_texts()), counted(next.user_texts()));
        for (text, times) in &before {
            if after.get(text).copied().unwrap_or_default() < *times {
                self.lost.push(format!(
                    "request {} lacks a user message of request {}: {}",
                    next.number,
                    request.number,
                    beginning(text)
                ));
            }
        }
    }

    /// The next history must hold the answers of this one as often as before, plus the one just given.
    fn compare_texts(&mut self, request: &Recorded, next: &Recorded) {
        let mut wanted = counted(message_texts(request.input(), "assistant"));
        for text in &request.texts {
            *wanted.entry(text.clone()).or_default() += 1;
        }
        let after = counted(message_texts(next.input(), "assistant"));
        for (text, times) in &wanted {
            let found = after.get(text).copied().unwrap_or_default();
            let (next, number, text) = (next.number, request.number, beginning(text));
            if found < *times {
                self.lost.push(format!("request {next} lacks an answer known to request {number}: {text}"));
            } else if found > *times {
                self.repeated.push(format!("request {next} holds an answer too often: {text}"));
            }
        }
    }

    /// Every later request must hold exactly one output of the call, and always the same.
    fn follow_call(&mut self, call_id: &str, number: usize, later: &[&Recorded]) {
        if later.is_empty() {
            self.lost.push(format!("call {call_id} of request {number} never got an output"));
        }
        let mut known: Option<String> = None;
        for request in later {
            let outputs: Vec<String> = request
                .input()
                .iter()
                .filter(|item| is_call_output(item) && item["call_id"] == call_id)
                .map(|item| item["output"].to_string())
                .collect();
            match outputs.as_slice() {
                [] => {
                    self.lost.push(format!("request {} lacks the output of call {call_id}", request.number))
                }
                [output] => match &known {
                    Some(before) if before != output => {
                        self.repeated
                            .push(format!("call {call_id} has another output in request {}", request.number));
                    }
                    Some(_) => {}
                    None => known = Some(output.clone()),
                },
                _ => self.repeated.push(format!(
                    "request {} holds {} outputs of call {call_id}",
                    request.number,
                    outputs.len()
                )),
            }
        }
    }
}

impl fmt::Display for Verdict {
    /// One line: `Nothing was lost, repeated or leaked: …` or what was.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |wanted: fn(&Payer) -> bool| {
            self.requests.iter().filter(|request| request.served && wanted(&request.payer)).count()
        };
        let plan = count(|payer| matches!(payer, Payer::Plan(_)));
        let key = count(|payer| matches!(payer, Payer::Key(_)));
        if self.is_clean() {
            write!(f, "Nothing was lost, repeated or leaked")?;
        } else {
            write!(
                f,
                "Lost: {}, repeated: {}, leaked: {}, refused: {}",
                self.lost.len(),
                self.repeated.len(),
                self.leaked.len(),
                self.refused.len()
            )?;
        }
        write!(
            f,
            ": the plan paid {plan} {} ({} tokens), the key {key} ({} tokens).",
            if plan == 1 { "request" } else { "requests" },
            self.plan_tokens,
            self.key_tokens
        )
    }
}

fn counted(texts: Vec<String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

fn beginning(text: &str) -> String {
    text.chars().take(60).collect()
}
