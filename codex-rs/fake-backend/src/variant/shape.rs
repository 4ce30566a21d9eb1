//! Owns the bytes of each variant: status, headers and body as they were seen in the wild.

use serde_json::{Value, json};

use super::{LimitVariant, Transport};

/// What a variant puts on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How it travels.
    pub transport: Transport,
    /// Headers of the HTTP answer (of the 200 for failures inside a stream).
    pub headers: Vec<(String, String)>,
    /// HTTP body, or the data of the event.
    pub body: String,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Reset {
    Free,
    Plus,
    Short,
    None,
}

const LIMIT_SENTENCE: &str = "The usage limit has been reached";
const QUOTA_SENTENCE: &str = "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.";

impl LimitVariant {
    /// The wire form for a limit that first struck at `struck_at`, seen at `now` (unix seconds), for this model.
    pub fn shape(self, now: i64, struck_at: i64, model: &str) -> Shape {
        let resets_at = struck_at + self.resets_in().unwrap_or(0);
        let clock = Clock { resets_at, resets_in: (resets_at - now).max(0) };
        Shape {
            transport: self.transport(),
            headers: self.headers(clock, model),
            body: match self.transport() {
                Transport::Http(_) => self.http_body(clock, model),
                Transport::StreamFailed => {
                    json!({"type": "response.failed", "response": {
                        "id": "resp_failed", "object": "response", "status": "failed", "error": self.error(clock, model),
                    }})
                    .to_string()
                }
                Transport::StreamError => self.error_event(clock, model).to_string(),
            },
        }
    }

    /// The `error` object alone, for putting any variant into a stream.
    pub(crate) fn error_object(self, now: i64, struck_at: i64, model: &str) -> Value {
        let resets_at = struck_at + self.resets_in().unwrap_or(0);
        self.error(Clock { resets_at, resets_in: (resets_at - now).max(0) }, model)
    }

    pub(super) fn reset(self) -> Reset {
        match self {
            Self::UsageLimitReached => Reset::Free,
            Self::UsageLimitPremium
            | Self::UsageLimitResetsIn
            | Self::UsageLimitHeaderReset
            | Self::UsageLimitByCode
            | Self::UsageLimit402
            | Self::UsageLimitBesideOtherFamily
            | Self::UsageLimitPromo
            | Self::UsageLimitExceeded
            | Self::ReachedRateLimit
            | Self::StreamFailedByCode
            | Self::StreamFailedByType
            | Self::StreamErrorByCode
            | Self::StreamErrorByType
            | Self::StreamErrorStatus
            | Self::StreamErrorFrame
            | Self::StreamErrorNested
            | Self::StreamErrorFlat
            | Self::QuotaBody500 => Reset::Plus,
            Self::ScopedSpark | Self::ScopedImageGen | Self::ScopedModelCap | Self::StreamErrorScoped => {
                Reset::Short
            }
            _ => Reset::None,
        }
    }

    fn headers(self, clock: Clock, model: &str) -> Vec<(String, String)> {
        let mut headers = match self {
            Self::UsageLimitReached => free_headers(clock),
            Self::UsageLimitPremium => owned(&premium_headers(clock)),
            Self::UsageLimitHeaderReset => plan_headers("plus", 100.0, 61.0, clock.resets_at),
            Self::UsageLimitBesideOtherFamily => {
                let mut headers = plan_headers("plus", 100.0, 61.0, clock.resets_at);
                headers.extend(family("codex-bengalfox", "GPT-5.3-Codex-Spark", clock));
                headers
            }
            Self::UsageLimitPromo => {
                let mut headers = plan_headers("plus", 100.0, 61.0, clock.resets_at);
                headers.push(("x-codex-promo-campaign-id".to_owned(), "spring".to_owned()));
                headers.push((
                    "x-codex-promo-message".to_owned(),
                    "Invite a friend for another week.".to_owned(),
                ));
                headers
            }
            Self::ScopedSpark => {
                let mut headers = owned(&[("x-codex-active-limit", "codex_bengalfox".to_owned())]);
                headers.extend(family("codex-bengalfox", "GPT-5.3-Codex-Spark", clock));
                headers
            }
            Self::ScopedImageGen => {
                let mut headers = owned(&[("x-codex-active-limit", "image_gen".to_owned())]);
                headers.extend(family("image-gen", "Image generation", clock));
                headers
            }
            Self::ScopedModelCap => owned(&[
                ("x-codex-active-limit", "codex".to_owned()),
                ("x-codex-model-cap-model", model.to_owned()),
                ("x-codex-model-cap-reset-after-seconds", clock.resets_in.to_string()),
            ]),
            Self::ReachedRateLimit => reached("rate_limit_reached"),
            Self::ReachedOwnerCredits => reached("workspace_owner_credits_depleted"),
            Self::ReachedMemberCredits => reached("workspace_member_credits_depleted"),
            Self::ReachedOwnerCap => reached("workspace_owner_usage_limit_reached"),
            Self::ReachedMemberCap => reached("workspace_member_usage_limit_reached"),
            Self::ShortThrottleRetryAfter | Self::KeyThrottleRetryAfter => {
                owned(&[("retry-after", "1".to_owned())])
            }
            _ => Vec::new(),
        };
        if let Transport::Http(_) = self.transport() {
            let kind = match self {
                Self::QuotaText502 | Self::PlainThrottle | Self::KeyThrottlePlain => {
                    "text/plain; charset=utf-8"
                }
                _ => "application/json",
            };
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        headers
    }

    fn http_body(self, clock: Clock, model: &str) -> String {
        match self {
            Self::PlainThrottle | Self::KeyThrottlePlain => String::new(),
            Self::QuotaText502 => LIMIT_SENTENCE.to_owned(),
            Self::PaymentRequired | Self::KeyPaymentRequired => {
                json!({"detail": "Payment required"}).to_string()
            }
            Self::Forbidden => json!({"detail": "Forbidden"}).to_string(),
            _ => json!({"error": self.error(clock, model)}).to_string(),
        }
    }

    fn error_event(self, clock: Clock, model: &str) -> Value {
        let error = self.error(clock, model);
        match self {
            Self::StreamErrorStatus => json!({"type": "error", "status": 429, "error": error}),
            Self::StreamErrorFrame => {
                let headers: serde_json::Map<String, Value> = premium_headers(clock)
                    .into_iter()
                    .map(|(name, value)| (title_case(name), Value::String(value)))
                    .collect();
                json!({"type": "error", "error": error, "status_code": 429, "headers": headers})
            }
            Self::StreamErrorNested => json!({"type": "error", "status": 429, "body": {"error": error}}),
            Self::StreamErrorFlat => json!({
                "type": "error", "code": "usage_limit_reached", "message": LIMIT_SENTENCE, "param": null,
                "resets_at": clock.resets_at,
            }),
            Self::StreamErrorScoped => {
                let mut headers = owned(&[("x-codex-active-limit", "codex_bengalfox".to_owned())]);
                headers.extend(family("codex-bengalfox", "GPT-5.3-Codex-Spark", clock));
                let headers: serde_json::Map<String, Value> =
                    headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
                json!({"type": "error", "status": 429, "error": error, "headers": headers})
            }
            _ => json!({"type": "error", "error": error}),
        }
    }

    fn error(self, clock: Clock, model: &str) -> Value {
        match self {
            Self::UsageLimitReached => plan_limit("free", clock),
            Self::UsageLimitPremium | Self::StreamErrorFrame => json!({
                "type": "usage_limit_reached", "message": LIMIT_SENTENCE, "plan_type": "plus",
                "resets_at": clock.resets_at, "eligible_promo": null, "resets_in_seconds": clock.resets_in,
            }),
            Self::UsageLimit402
            | Self::UsageLimitBesideOtherFamily
            | Self::UsageLimitPromo
            | Self::StreamFailedByType
            | Self::StreamErrorByType
            | Self::StreamErrorStatus
            | Self::StreamErrorNested
            | Self::StreamErrorFlat
            | Self::ScopedSpark
            | Self::ScopedImageGen
            | Self::ScopedModelCap
            | Self::StreamErrorScoped
            | Self::QuotaBody500 => plan_limit("plus", clock),
            Self::UsageLimitResetsIn => json!({
                "type": "usage_limit_reached", "message": LIMIT_SENTENCE, "plan_type": "plus",
                "resets_in_seconds": clock.resets_in,
            }),
            Self::UsageLimitHeaderReset | Self::UsageLimitNoReset => {
                json!({"type": "usage_limit_reached", "message": LIMIT_SENTENCE, "plan_type": "plus"})
            }
            Self::ReachedOwnerCap | Self::ReachedMemberCap => {
                json!({"type": "usage_limit_reached", "message": LIMIT_SENTENCE, "plan_type": "business"})
            }
            Self::UsageLimitByCode | Self::StreamFailedByCode | Self::StreamErrorByCode => json!({
                "type": "invalid_request_error", "code": "usage_limit_reached", "message": LIMIT_SENTENCE,
                "plan_type": "plus", "resets_at": clock.resets_at, "resets_in_seconds": clock.resets_in,
            }),
            Self::UsageLimitExceeded => json!({
                "type": "usage_limit_exceeded", "code": "usage_limit_exceeded", "message": LIMIT_SENTENCE,
                "resets_at": clock.resets_at,
            }),
            Self::ReachedRateLimit => json!({
                "type": "quota_rejection", "message": "No usage is left.", "resets_at": clock.resets_at,
            }),
            Self::ReachedOwnerCredits | Self::ReachedMemberCredits => {
                json!({"type": "quota_rejection", "message": "The workspace is out of credits."})
            }
            Self::UsageNotIncluded => {
                json!({"type": "usage_not_included", "message": "Your plan does not include this.", "plan_type": "free"})
            }
            Self::StreamFailedNotIncluded => coded("usage_not_included", "Your plan does not include this."),
            Self::CreditBalanceExhausted | Self::CreditBalanceExhausted402 | Self::StreamFailedCredit => {
                typed("credit_balance_exhausted", "The credit balance is used up.")
            }
            Self::OrganizationSpendLimit | Self::OrganizationSpendLimit402 | Self::StreamFailedCap => {
                typed("organization_spend_limit_exceeded", "The organization reached its spend limit.")
            }
            Self::ProjectSpendLimit => {
                typed("project_spend_limit_exceeded", "The project reached its spend limit.")
            }
            Self::OrganizationUsageLimit => {
                typed("organization_usage_limit_exceeded", "The organization reached its usage limit.")
            }
            Self::WorkspaceAccessDenied => {
                typed("codex_workspace_access_denied", "Codex is not enabled for you in this workspace.")
            }
            Self::EntitlementMissing => typed("codex_entitlement_missing", "This account may not use Codex."),
            Self::ShortThrottle | Self::ShortThrottleRetryAfter => {
                typed("rate_limit_exceeded", "Too many requests, slow down for a moment.")
            }
            Self::StreamFailedThrottle => {
                coded("rate_limit_exceeded", "Rate limit reached. Please try again in 0.2s.")
            }
            Self::SlowDown | Self::SlowDown503 | Self::StreamFailedSlowDown => {
                coded("slow_down", "Please slow down.")
            }
            Self::Overloaded | Self::StreamFailedOverloaded | Self::KeyOverloaded => json!({
                "type": "service_unavailable_error", "code": "server_is_overloaded",
                "message": "Our servers are currently overloaded. Please try again later.", "param": null,
            }),
            Self::ServerError | Self::KeyServerError => json!({
                "type": "server_error", "code": null, "param": null,
                "message": "The server had an error while processing your request. Sorry about that!",
            }),
            Self::InsufficientQuota
            | Self::StreamFailedQuota
            | Self::KeyInsufficientQuota
            | Self::KeyStreamQuota => typed("insufficient_quota", QUOTA_SENTENCE),
            Self::QuotaText502
            | Self::PlainThrottle
            | Self::KeyThrottlePlain
            | Self::PaymentRequired
            | Self::KeyPaymentRequired
            | Self::Forbidden => json!({"type": "server_error", "message": LIMIT_SENTENCE}),
            _ => self.key_error(clock, model),
        }
    }

    fn key_error(self, clock: Clock, model: &str) -> Value {
        match self {
            Self::KeyBillingHardLimit => json!({
                "message": "Billing hard limit has been reached.", "type": "invalid_request_error",
                "param": null, "code": "billing_hard_limit_reached",
            }),
            Self::KeyInvalid => json!({
                "message": "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
                "type": "invalid_request_error", "param": null, "code": "invalid_api_key",
            }),
            Self::KeyForbidden => json!({
                "message": "You have insufficient permissions for this operation. Missing scopes: api.responses.write. Check that you have the correct role in your organization and project, and if you're using a restricted API key, that it has the necessary scopes.",
                "type": "invalid_request_error", "param": null, "code": null,
            }),
            Self::KeyModelNotFound => json!({
                "message": format!("The model `{model}` does not exist or you do not have access to it."),
                "type": "invalid_request_error", "param": "model", "code": "model_not_found",
            }),
            Self::KeyModelForbidden => json!({
                "message": format!("Project `proj_1` does not have access to model `{model}`"),
                "type": "invalid_request_error", "param": null, "code": "model_not_found",
            }),
            Self::KeyModelUnverified => json!({
                "message": verify_model(model), "type": "invalid_request_error", "param": "model",
                "code": "unsupported_value",
            }),
            Self::KeyModelUnverified404 => json!({
                "message": verify_model(model), "type": "invalid_request_error", "param": null,
                "code": "model_not_found",
            }),
            Self::KeySummaries | Self::KeySummaries403 => summaries_unverified(),
            Self::KeyThrottle | Self::KeyThrottleRetryAfter | Self::KeyStreamThrottle => json!({
                "message": format!("Rate limit reached for {model} in organization org-key on tokens per min (TPM): Limit 30000, Used 29000, Requested 1100. Please try again in 0.2s. Visit https://platform.openai.com/account/rate-limits to learn more."),
                "type": "tokens", "param": null, "code": "rate_limit_exceeded",
            }),
            Self::KeyTooLarge | Self::KeyStreamTooLarge => json!({
                "message": format!("Request too large for {model} in organization org-key on tokens per min (TPM): Limit 10000, Requested 11875. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more."),
                "type": "tokens", "param": null, "code": "rate_limit_exceeded",
            }),
            Self::KeyForeignCiphertext => json!({
                "message": "The encrypted content gAAA...0A== could not be verified. Reason: Encrypted content organization_id did not match the target organization.",
                "type": "invalid_request_error", "param": null, "code": "invalid_encrypted_content",
            }),
            _ => plan_limit("free", clock),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Clock {
    resets_at: i64,
    resets_in: i64,
}

/// The real sentence for organisations that may not have reasoning summaries (continue#9964).
pub(crate) fn summaries_unverified() -> Value {
    json!({
        "message": "Your organization must be verified to generate reasoning summaries. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can take up to 15 minutes for access to propagate.",
        "type": "invalid_request_error", "param": "reasoning.summary", "code": "unsupported_value",
    })
}

/// The rate-limit headers of the plan's own family with these percentages; the shorter window resets at `resets_at`.
pub fn plan_headers(plan: &str, primary: f64, secondary: f64, resets_at: i64) -> Vec<(String, String)> {
    owned(&[
        ("x-codex-active-limit", "codex".to_owned()),
        ("x-codex-plan-type", plan.to_owned()),
        ("x-codex-primary-used-percent", primary.to_string()),
        ("x-codex-primary-window-minutes", "300".to_owned()),
        ("x-codex-primary-reset-at", resets_at.to_string()),
        ("x-codex-secondary-used-percent", secondary.to_string()),
        ("x-codex-secondary-window-minutes", "10080".to_owned()),
        ("x-codex-secondary-reset-at", (resets_at + 400_000).to_string()),
        ("x-codex-primary-over-secondary-limit-percent", "0".to_owned()),
        ("x-codex-credits-has-credits", "False".to_owned()),
        ("x-codex-credits-balance", String::new()),
        ("x-codex-credits-unlimited", "False".to_owned()),
    ])
}

/// The set of icebear0828/codex-proxy#65: an empty secondary reset, a capital `False`, an empty balance.
fn free_headers(clock: Clock) -> Vec<(String, String)> {
    owned(&[
        ("x-codex-active-limit", "codex".to_owned()),
        ("x-codex-plan-type", "free".to_owned()),
        ("x-codex-primary-used-percent", "100".to_owned()),
        ("x-codex-primary-window-minutes", "10080".to_owned()),
        ("x-codex-primary-reset-after-seconds", clock.resets_in.to_string()),
        ("x-codex-primary-reset-at", clock.resets_at.to_string()),
        ("x-codex-secondary-used-percent", "0".to_owned()),
        ("x-codex-secondary-window-minutes", "0".to_owned()),
        ("x-codex-secondary-reset-after-seconds", "0".to_owned()),
        ("x-codex-secondary-reset-at", String::new()),
        ("x-codex-primary-over-secondary-limit-percent", "0".to_owned()),
        ("x-codex-credits-has-credits", "False".to_owned()),
        ("x-codex-credits-balance", String::new()),
        ("x-codex-credits-unlimited", "False".to_owned()),
        ("x-codex-promo-campaign-id", String::new()),
        ("x-codex-promo-message", String::new()),
        ("x-models-etag", "W/\"fake-models-1\"".to_owned()),
        ("x-oai-request-id", "00000000-0000-4000-8000-000000000001".to_owned()),
    ])
}

/// The headers of the frame in pi#4172.
fn premium_headers(clock: Clock) -> Vec<(&'static str, String)> {
    vec![
        ("x-codex-active-limit", "premium".to_owned()),
        ("x-codex-plan-type", "plus".to_owned()),
        ("x-codex-primary-used-percent", "100".to_owned()),
        ("x-codex-primary-window-minutes", "300".to_owned()),
        ("x-codex-primary-reset-after-seconds", clock.resets_in.to_string()),
        ("x-codex-primary-reset-at", clock.resets_at.to_string()),
        ("x-codex-secondary-used-percent", "61".to_owned()),
        ("x-codex-secondary-window-minutes", "10080".to_owned()),
        ("x-codex-secondary-reset-after-seconds", (clock.resets_in + 400_000).to_string()),
        ("x-codex-secondary-reset-at", (clock.resets_at + 400_000).to_string()),
        ("x-codex-credits-has-credits", "False".to_owned()),
        ("x-codex-credits-balance", String::new()),
        ("x-codex-credits-unlimited", "False".to_owned()),
    ]
}

fn family(prefix: &str, name: &str, clock: Clock) -> Vec<(String, String)> {
    vec![
        (format!("x-{prefix}-limit-name"), name.to_owned()),
        (format!("x-{prefix}-primary-used-percent"), "100".to_owned()),
        (format!("x-{prefix}-primary-window-minutes"), "300".to_owned()),
        (format!("x-{prefix}-primary-reset-at"), clock.resets_at.to_string()),
    ]
}

fn reached(kind: &str) -> Vec<(String, String)> {
    owned(&[
        ("x-codex-active-limit", "codex".to_owned()),
        ("x-codex-rate-limit-reached-type", kind.to_owned()),
    ])
}

fn plan_limit(plan: &str, clock: Clock) -> Value {
    json!({
        "type": "usage_limit_reached", "message": LIMIT_SENTENCE, "plan_type": plan,
        "resets_at": clock.resets_at, "resets_in_seconds": clock.resets_in,
    })
}

/// Newer backend errors say the same word twice.
fn typed(code: &str, message: &str) -> Value {
    json!({"type": code, "code": code, "message": message, "param": null})
}

fn coded(code: &str, message: &str) -> Value {
    json!({"type": "invalid_request_error", "code": code, "message": message, "param": null})
}

fn verify_model(model: &str) -> String {
    format!(
        "Your organization must be verified to use the model `{model}`. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization."
    )
}

fn owned(pairs: &[(&str, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join("-")
}
