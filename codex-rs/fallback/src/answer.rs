//! What one answer says about the credential that carried the request: status, codes and headers → [`Signal`].

use crate::step::Payer;

/// The facts of a failed answer. All fields are as received; header names are lower case.
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
const LIMIT_REACHED_TYPES: [&str; 3] =
    ["rate_limit_reached", "workspace_owner_credits_depleted", "workspace_member_credits_depleted"];
const ADMINISTRATOR_REACHED_TYPES: [&str; 2] =
    ["workspace_owner_usage_limit_reached", "workspace_member_usage_limit_reached"];
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
    if answer.says(&["invalid_encrypted_content"]) {
        return Signal::ForeignCiphertext;
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
        Some(429) if answer.says(&["insufficient_quota"]) => Signal::Other,
        Some(429) => Signal::Throttle,
        Some(401) => Signal::Unauthorized,
        Some(_) => Signal::Other,
        None => classify_stream_failure(answer),
    }
}

fn classify_key(answer: &Answer<'_>) -> Signal {
    let unsupported = answer.says(&["unsupported_value"]);
    if unsupported && answer.param == Some("reasoning.summary") {
        return Signal::SummariesUnavailable;
    }
    let unverified = answer.message.is_some_and(|text| text.contains("must be verified to use the model"));
    if answer.says(&["model_not_found"])
        || (unsupported && matches!(answer.param, Some("model" | "stream")))
        || unverified
    {
        return Signal::ModelUnavailable;
    }
    if answer.says(&CREDIT_CODES) || answer.status == Some(402) {
        return Signal::KeyOutOfCredit;
    }
    match answer.status {
        Some(401 | 403) => Signal::KeyRefused,
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
        let (_, value) = self.headers.iter().find(|(header, _)| *header == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    fn reached_type(&self) -> Option<&str> {
        self.header("x-codex-rate-limit-reached-type")
    }

    fn is_administrators_cap(&self) -> bool {
        self.reached_type().is_some_and(|reached| ADMINISTRATOR_REACHED_TYPES.contains(&reached))
            || self.codes().any(|code| {
                code.starts_with("organization_")
                    || code.starts_with("project_")
                    || code.starts_with("spend_control")
                    || ADMINISTRATOR_REACHED_TYPES.contains(&code)
                    || (self.status == Some(403) && code.starts_with("codex_"))
            })
    }

    fn is_limit(&self) -> bool {
        let known =
            self.says(&LIMIT_CODES) || self.says(&THROTTLE_CODES) || self.says(&["insufficient_quota"]);
        if known {
            self.says(&LIMIT_CODES)
        } else {
            self.reached_type().is_some_and(|reached| LIMIT_REACHED_TYPES.contains(&reached))
        }
    }

    /// Whether the limit is one model's or feature's own. Families of other ids count for nothing.
    fn is_scoped(&self) -> bool {
        if self.header("x-codex-model-cap-model").is_some() {
            return true;
        }
        let Some(id) = self.header("x-codex-active-limit") else { return false };
        let id = id.to_ascii_lowercase().replace('_', "-");
        !matches!(id.as_str(), "codex" | "premium")
            && ["limit-name", "primary-used-percent"]
                .iter()
                .any(|field| self.header(&format!("x-{id}-{field}")).is_some())
    }

    /// When the limit ends; `None` where nothing believable says so.
    fn reset(&self, now: i64) -> Option<i64> {
        let told =
            self.resets_at.or_else(|| self.resets_in_seconds.and_then(|seconds| now.checked_add(seconds)));
        told.or_else(|| self.latest_exhausted_window()).filter(|reset| believable(*reset, now))
    }

    /// The latest reset of a header window at 100 % or more (wire-facts §4.4).
    fn latest_exhausted_window(&self) -> Option<i64> {
        ["primary", "secondary"]
            .iter()
            .filter(|window| {
                let used = self.header(&format!("x-codex-{window}-used-percent"));
                used.and_then(|used| used.parse::<f64>().ok()).is_some_and(|used| used >= 100.0)
            })
            .filter_map(|window| self.header(&format!("x-codex-{window}-reset-at"))?.parse().ok())
            .max()
    }

    /// "Request too large … Limit N, Requested M" with M > N: the platform uses the throttle's own code for it.
    fn asks_more_than_a_minute_holds(&self) -> bool {
        let Some(text) = self.message else { return false };
        let number = |label: &str| -> Option<u64> {
            let rest = text.split(label).nth(1)?.trim_start();
            let digits: String =
                rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
            digits.parse().ok()
        };
        matches!((number("Limit "), number("Requested ")), (Some(limit), Some(requested)) if requested > limit)
    }
}

fn believable(reset: i64, now: i64) -> bool {
    reset > now && reset - now <= LONGEST_WINDOW
}
