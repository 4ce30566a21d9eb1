//! What one answer says about the credential that carried the request: status, codes and headers → [`Signal`].

use crate::event::Payer;

/// The facts of a failed answer. All fields are as received; header names are compared without regard to case.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer<'a> {
    /// HTTP status, or the status an error frame carried. `None`: a failure inside a stream.
    pub status: Option<u16>,
    /// `error.type`.
    pub error_type: Option<&'a str>,
    /// `error.code`.
    pub error_code: Option<&'a str>,
    /// `error.param`.
    pub param: Option<&'a str>,
    /// `error.message`. Never matched for a plan; the platform tells some classes apart only here.
    pub message: Option<&'a str>,
    /// `error.resets_at`, unix seconds.
    pub resets_at: Option<i64>,
    /// `error.resets_in_seconds`.
    pub resets_in_seconds: Option<i64>,
    /// The headers of this answer or frame. Empty for a failure inside a 2xx stream, whose headers are no signal.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What one model request told us about the credential that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It worked.
    Success,
    /// The plan's limit is reached, until `resets_at` (`None`: unknown).
    Limit {
        /// When the plan is free again, unix seconds.
        resets_at: Option<i64>,
    },
    /// The limit of one model or feature only.
    ScopedLimit,
    /// A cap set by the workspace's or organisation's administrator.
    AdministratorCap,
    /// A short throttle: waiting helps.
    Throttle,
    /// 5xx, a time-out, a disconnect, a stream that broke off.
    ServerTrouble,
    /// 401 on the plan: the session's token is not accepted.
    Unauthorized,
    /// The key's organisation does not offer this model.
    ModelUnavailable,
    /// The key's organisation may not ask for reasoning summaries.
    SummariesUnavailable,
    /// 401 or 403: the platform refuses the key.
    KeyRefused,
    /// The key has no credit.
    KeyOutOfCredit,
    /// The request is larger than the key's tokens-per-minute limit: waiting cannot help.
    TooLarge,
    /// Ciphertext in the history belongs to another organisation.
    ForeignCiphertext,
    /// A WebSocket handshake answered 429; its body cannot be relied on.
    HandshakeThrottled,
    /// Anything else: the ordinary error.
    Other,
}

const LIMIT_CODES: [&str; 4] =
    ["usage_limit_reached", "usage_not_included", "usage_limit_exceeded", "credit_balance_exhausted"];
const THROTTLE_CODES: [&str; 2] = ["rate_limit_exceeded", "slow_down"];
/// The platform's billing codes: the key cannot pay until somebody adds credit or raises a limit.
const CREDIT_CODES: [&str; 8] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit_balance_exhausted",
    "usage_limit_reached",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
];
/// Failures inside a stream that another try cannot mend (wire-facts §4.1).
const FINAL_STREAM_CODES: [&str; 6] = [
    "context_length_exceeded",
    "insufficient_quota",
    "cyber_policy",
    "bio_policy",
    "invalid_prompt",
    "invalid_request_error",
];

/// Further codes we know. Beside any known code the reached-type header only repeats the account's state.
const UNRELATED_CODES: [&str; 6] = [
    "server_is_overloaded",
    "server_error",
    "model_not_found",
    "invalid_encrypted_content",
    "previous_response_not_found",
    "websocket_connection_limit_reached",
];

/// A reset further ahead than this is not believed.
const LONGEST_WINDOW: i64 = 32 * 24 * 3600;

/// Says what a failed answer means. `now` is the time of receipt.
///
/// The order of the questions is part of the behaviour: a 5xx that wraps quota text is server trouble, and an
/// administrator's cap is never read as the plan's own limit.
pub fn classify(carried_by: Payer, answer: &Answer<'_>, now: i64) -> Signal {
    if answer.status.is_some_and(|status| status >= 500 || status == 408) {
        return Signal::ServerTrouble;
    }
    match carried_by {
        Payer::Plan => classify_plan(answer, now),
        Payer::Key => classify_key(answer),
    }
}

fn classify_plan(answer: &Answer<'_>, now: i64) -> Signal {
    if answer.is_administrators_cap() {
        return Signal::AdministratorCap;
    }
    let limit_possible = matches!(answer.status, None | Some(429 | 402));
    if limit_possible && answer.is_scoped() {
        return Signal::ScopedLimit;
    }
    if limit_possible && answer.is_limit() {
        return Signal::Limit { resets_at: answer.reset(now) };
    }
    match answer.status {
        _ if answer.is_foreign_ciphertext() => Signal::ForeignCiphertext,
        Some(429) if answer.says(&["insufficient_quota"]) => Signal::Other,
        Some(429) => Signal::Throttle,
        Some(401) => Signal::Unauthorized,
        Some(_) => Signal::Other,
        None => classify_stream_failure(answer),
    }
}

fn classify_key(answer: &Answer<'_>) -> Signal {
    if answer.is_foreign_ciphertext() {
        return Signal::ForeignCiphertext;
    }
    let unsupported = answer.says(&["unsupported_value"]);
    // An unverified organisation is refused with one code for all; `param`, else the text, tells what it may not do.
    let unverified_to = |what| answer.message.is_some_and(|text| text.contains(what));
    if (unsupported && answer.param == Some("reasoning.summary"))
        || unverified_to("must be verified to generate reasoning summaries")
    {
        return Signal::SummariesUnavailable;
    }
    if answer.says(&["model_not_found"])
        || (unsupported && matches!(answer.param, Some("model" | "stream")))
        || unverified_to("must be verified to use the model")
    {
        return Signal::ModelUnavailable;
    }
    if answer.says(&CREDIT_CODES) || answer.status == Some(402) {
        return Signal::KeyOutOfCredit;
    }
    match answer.status {
        Some(401 | 403) => Signal::KeyRefused,
        None if answer.says(&["invalid_api_key"]) => Signal::KeyRefused,
        Some(429) if answer.asks_more_than_a_minute_holds() => Signal::TooLarge,
        Some(429) => Signal::Throttle,
        Some(_) => Signal::Other,
        None if answer.asks_more_than_a_minute_holds() => Signal::TooLarge,
        None => classify_stream_failure(answer),
    }
}

/// A failure inside a stream that is about neither limit nor key.
fn classify_stream_failure(answer: &Answer<'_>) -> Signal {
    if answer.says(&THROTTLE_CODES) {
        Signal::Throttle
    } else if answer.says(&FINAL_STREAM_CODES) {
        Signal::Other
    } else {
        Signal::ServerTrouble
    }
}

impl Answer<'_> {
    /// Whether `error.type` or `error.code` is one of these.
    fn says(&self, codes: &[&str]) -> bool {
        self.codes().any(|code| codes.contains(&code))
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        self.error_code.into_iter().chain(self.error_type)
    }

    /// A header's value, trimmed; an empty one counts as absent.
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// What the header says was reached. On other statuses it is no signal, only the account's state.
    fn reached_type(&self) -> Option<&str> {
        let relevant = matches!(self.status, None | Some(429 | 402 | 403));
        self.header("x-codex-rate-limit-reached-type").filter(|_| relevant)
    }

    fn has_known_code(&self) -> bool {
        [&LIMIT_CODES[..], &THROTTLE_CODES, &FINAL_STREAM_CODES, &UNRELATED_CODES]
            .iter()
            .any(|codes| self.says(codes))
    }

    fn is_foreign_ciphertext(&self) -> bool {
        matches!(self.status, None | Some(400)) && self.says(&["invalid_encrypted_content"])
    }

    fn is_administrators_cap(&self) -> bool {
        let reached = self.reached_type();
        reached.is_some_and(is_workspace_cap)
            || (reached.is_some_and(is_set_by_administrator) && !self.has_known_code())
            || self.codes().any(is_set_by_administrator)
            || (self.status == Some(403) && self.codes().any(|code| code.starts_with("codex_")))
    }

    fn is_limit(&self) -> bool {
        let limit_reached = |reached: &str| {
            reached == "rate_limit_reached"
                || (reached.starts_with("workspace_") && reached.ends_with("_credits_depleted"))
        };
        self.says(&LIMIT_CODES) || (self.reached_type().is_some_and(limit_reached) && !self.has_known_code())
    }

    /// Whether the limit is one model's or feature's own. Families of other ids count for nothing.
    fn is_scoped(&self) -> bool {
        if self.header("x-codex-model-cap-model").is_some() {
            return true;
        }
        let Some(id) = self.header("x-codex-active-limit") else { return false };
        let id = id.to_ascii_lowercase().replace('_', "-");
        // Without a status the header alone may only repeat a state: the code must be a limit's.
        (self.status.is_some() || self.is_limit())
            && !matches!(id.as_str(), "codex" | "premium")
            && ["limit-name", "primary-used-percent"]
                .iter()
                .any(|field| self.header(&format!("x-{id}-{field}")).is_some())
    }

    /// When the limit ends; `None` where nothing believable says so.
    fn reset(&self, now: i64) -> Option<i64> {
        let told =
            self.resets_at.or_else(|| self.resets_in_seconds.and_then(|seconds| now.checked_add(seconds)));
        told.or_else(|| self.latest_exhausted_window(now)).filter(|reset| believable(*reset, now))
    }

    /// The latest reset of a header window at 100 % or more (wire-facts §4.4).
    fn latest_exhausted_window(&self, now: i64) -> Option<i64> {
        ["primary", "secondary"]
            .iter()
            .filter(|window| {
                let used = self.header(&format!("x-codex-{window}-used-percent"));
                used.and_then(|used| used.parse::<f64>().ok()).is_some_and(|used| used >= 100.0)
            })
            .filter_map(|window| {
                let number = |field: &str| -> Option<i64> {
                    self.header(&format!("x-codex-{window}-{field}"))?.parse().ok()
                };
                number("reset-at").or_else(|| now.checked_add(number("reset-after-seconds")?))
            })
            .max()
    }

    /// "Request too large … Limit N, Requested M" with M > N: the platform uses the throttle's own code for it.
    fn asks_more_than_a_minute_holds(&self) -> bool {
        let Some(text) = self.message else { return false };
        let number = |label: &str| -> Option<u64> {
            text.split(label).skip(1).find_map(|rest| {
                let rest = rest.trim_start_matches([':', ' ']);
                let digits: String = rest
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || *c == ',')
                    .filter(|c| *c != ',')
                    .collect();
                digits.parse().ok()
            })
        };
        matches!((number("Limit"), number("Requested")), (Some(limit), Some(requested)) if requested > limit)
    }
}

/// A spend cap set by the workspace's owner: wins over every code.
fn is_workspace_cap(name: &str) -> bool {
    name.starts_with("workspace_") && name.ends_with("_usage_limit_reached")
}

fn is_set_by_administrator(name: &str) -> bool {
    is_workspace_cap(name)
        || ["organization_", "project_", "spend_control"].iter().any(|start| name.starts_with(start))
}

fn believable(reset: i64, now: i64) -> bool {
    reset > now && reset - now <= LONGEST_WINDOW
}

#[cfg(test)]
mod tests;
