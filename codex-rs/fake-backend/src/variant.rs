//! Owns the zoo of refusals (fallback-facts §3.5): one table of every documented failure, plan and key.

mod shape;

pub use shape::{Shape, plan_headers};

/// Whose credential a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The ChatGPT plan.
    Plan,
    /// The platform key.
    Key,
}

/// How a failure travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// As an HTTP answer with this status.
    Http(u16),
    /// Inside a stream that began with 200: event `response.failed`.
    StreamFailed,
    /// Inside a stream that began with 200: event `error`.
    StreamError,
}

/// Which row of the table in fallback-spec §2 a failure belongs to: the answer key for tests of classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The plan is used up: switch.
    Limit,
    /// One model or feature of the plan is used up: no switch.
    Scoped,
    /// Somebody decided so: no switch.
    AdministratorCap,
    /// Waiting heals it.
    Throttle,
    /// The server has a problem.
    Server,
    /// No quota at all in the account's own words; never a switch, the ordinary error.
    Ordinary,
    /// Key: the model is not for this key.
    KeyModel,
    /// Key: the organisation may not have reasoning summaries.
    KeySummaries,
    /// Key: refused.
    KeyRefused,
    /// Key: no money.
    KeyOutOfCredit,
    /// Key: the request can never fit into the tokens per minute.
    KeyTooLarge,
    /// Ciphertext of another organisation.
    ForeignCiphertext,
}

macro_rules! variants {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $side:ident, $transport:expr, $meaning:ident;)+) => {
        /// Every documented failure of a model request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum LimitVariant {
            $($(#[$doc])* $variant,)+
        }

        impl LimitVariant {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// A stable name in kebab case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Whose credential it is about.
            pub fn side(self) -> Side {
                match self { $(Self::$variant => Side::$side,)+ }
            }

            /// How it travels.
            pub fn transport(self) -> Transport {
                match self { $(Self::$variant => $transport,)+ }
            }

            /// What a client should take it for.
            pub fn meaning(self) -> Meaning {
                match self { $(Self::$variant => Meaning::$meaning,)+ }
            }
        }
    };
}

use Transport::{Http, StreamError, StreamFailed};

variants! {
    /// The real HTTP 429 of codex2api#9 with the real headers of icebear0828/codex-proxy#65.
    UsageLimitReached = "usage-limit-reached", Plan, Http(429), Limit;
    /// The error object and headers of the frame in pi#4172 as HTTP 429: active limit `premium`, family `x-codex-*`.
    UsageLimitPremium = "usage-limit-premium", Plan, Http(429), Limit;
    /// No `resets_at`, only `resets_in_seconds`, no headers.
    UsageLimitResetsIn = "usage-limit-resets-in-only", Plan, Http(429), Limit;
    /// No reset in the body; the windows' headers tell it.
    UsageLimitHeaderReset = "usage-limit-header-reset-only", Plan, Http(429), Limit;
    /// No reset anywhere.
    UsageLimitNoReset = "usage-limit-no-reset", Plan, Http(429), Limit;
    /// The code in `error.code`, `error.type` something general.
    UsageLimitByCode = "usage-limit-by-code", Plan, Http(429), Limit;
    /// With status 402.
    UsageLimit402 = "usage-limit-402", Plan, Http(402), Limit;
    /// Active limit `codex`, while the family of another model is at 100 % as well.
    UsageLimitBesideOtherFamily = "usage-limit-beside-other-family", Plan, Http(429), Limit;
    /// A promo header beside it.
    UsageLimitPromo = "usage-limit-promo", Plan, Http(429), Limit;
    /// `usage_not_included`.
    UsageNotIncluded = "usage-not-included", Plan, Http(429), Limit;
    /// `usage_limit_exceeded` (opencodex#4764).
    UsageLimitExceeded = "usage-limit-exceeded", Plan, Http(429), Limit;
    /// `credit_balance_exhausted` with 429.
    CreditBalanceExhausted = "credit-balance-exhausted", Plan, Http(429), Limit;
    /// `credit_balance_exhausted` with 402.
    CreditBalanceExhausted402 = "credit-balance-exhausted-402", Plan, Http(402), Limit;
    /// Unknown code, reached type `rate_limit_reached`.
    ReachedRateLimit = "reached-rate-limit", Plan, Http(429), Limit;
    /// Unknown code, reached type `workspace_owner_credits_depleted`.
    ReachedOwnerCredits = "reached-owner-credits", Plan, Http(429), Limit;
    /// Unknown code, reached type `workspace_member_credits_depleted`.
    ReachedMemberCredits = "reached-member-credits", Plan, Http(429), Limit;
    /// `usage_limit_reached`, but reached type `workspace_owner_usage_limit_reached`: a spend cap.
    ReachedOwnerCap = "reached-owner-cap", Plan, Http(429), AdministratorCap;
    /// `usage_limit_reached`, but reached type `workspace_member_usage_limit_reached`: a spend cap.
    ReachedMemberCap = "reached-member-cap", Plan, Http(429), AdministratorCap;
    /// `organization_spend_limit_exceeded`.
    OrganizationSpendLimit = "organization-spend-limit", Plan, Http(429), AdministratorCap;
    /// `organization_spend_limit_exceeded` with 402.
    OrganizationSpendLimit402 = "organization-spend-limit-402", Plan, Http(402), AdministratorCap;
    /// `project_spend_limit_exceeded`.
    ProjectSpendLimit = "project-spend-limit", Plan, Http(429), AdministratorCap;
    /// `organization_usage_limit_exceeded`.
    OrganizationUsageLimit = "organization-usage-limit", Plan, Http(429), AdministratorCap;
    /// 403 `codex_workspace_access_denied`.
    WorkspaceAccessDenied = "workspace-access-denied", Plan, Http(403), AdministratorCap;
    /// 403 `codex_entitlement_missing`.
    EntitlementMissing = "entitlement-missing", Plan, Http(403), AdministratorCap;
    /// 402 without any code.
    PaymentRequired = "payment-required", Plan, Http(402), Ordinary;
    /// Active limit `codex_bengalfox` with its own family of headers.
    ScopedSpark = "scoped-spark", Plan, Http(429), Scoped;
    /// Active limit `image_gen` with its own family of headers.
    ScopedImageGen = "scoped-image-gen", Plan, Http(429), Scoped;
    /// `x-codex-model-cap-model`.
    ScopedModelCap = "scoped-model-cap", Plan, Http(429), Scoped;
    /// `rate_limit_exceeded`, no `Retry-After`.
    ShortThrottle = "short-throttle", Plan, Http(429), Throttle;
    /// `rate_limit_exceeded` with `Retry-After: 1`.
    ShortThrottleRetryAfter = "short-throttle-retry-after", Plan, Http(429), Throttle;
    /// 429 `slow_down`.
    SlowDown = "slow-down", Plan, Http(429), Throttle;
    /// 503 `slow_down`.
    SlowDown503 = "slow-down-503", Plan, Http(503), Server;
    /// 429 without a body.
    PlainThrottle = "plain-throttle", Plan, Http(429), Throttle;
    /// Plain 500.
    ServerError = "server-error", Plan, Http(500), Server;
    /// 502 whose text is the quota sentence (opencodex#3176).
    QuotaText502 = "quota-text-502", Plan, Http(502), Server;
    /// 500 whose body is the whole usage limit object.
    QuotaBody500 = "quota-body-500", Plan, Http(500), Server;
    /// 503 `server_is_overloaded`.
    Overloaded = "overloaded", Plan, Http(503), Server;
    /// `insufficient_quota` from the plan.
    InsufficientQuota = "insufficient-quota", Plan, Http(429), Ordinary;
    /// 403 that says nothing.
    Forbidden = "forbidden", Plan, Http(403), Ordinary;
    /// `response.failed`, code in `error.code`.
    StreamFailedByCode = "stream-failed-by-code", Plan, StreamFailed, Limit;
    /// `response.failed`, code in `error.type`.
    StreamFailedByType = "stream-failed-by-type", Plan, StreamFailed, Limit;
    /// `response.failed` `usage_not_included`.
    StreamFailedNotIncluded = "stream-failed-not-included", Plan, StreamFailed, Limit;
    /// `response.failed` `credit_balance_exhausted`.
    StreamFailedCredit = "stream-failed-credit", Plan, StreamFailed, Limit;
    /// Event `error`, code in `error.code`, no status.
    StreamErrorByCode = "stream-error-by-code", Plan, StreamError, Limit;
    /// Event `error`, code in `error.type`, no status.
    StreamErrorByType = "stream-error-by-type", Plan, StreamError, Limit;
    /// Event `error` with `status`.
    StreamErrorStatus = "stream-error-status", Plan, StreamError, Limit;
    /// The real frame of pi#4172: `status_code` and `headers` inside.
    StreamErrorFrame = "stream-error-frame", Plan, StreamError, Limit;
    /// Nested: `{"type":"error","status":429,"body":{"error":{…}}}`.
    StreamErrorNested = "stream-error-nested", Plan, StreamError, Limit;
    /// Flat: code and message at the top of the event.
    StreamErrorFlat = "stream-error-flat", Plan, StreamError, Limit;
    /// Event `error` with the headers of a scoped limit inside.
    StreamErrorScoped = "stream-error-scoped", Plan, StreamError, Scoped;
    /// `response.failed` `organization_spend_limit_exceeded`.
    StreamFailedCap = "stream-failed-cap", Plan, StreamFailed, AdministratorCap;
    /// `response.failed` `insufficient_quota`.
    StreamFailedQuota = "stream-failed-quota", Plan, StreamFailed, Ordinary;
    /// `response.failed` `rate_limit_exceeded` with "try again in".
    StreamFailedThrottle = "stream-failed-throttle", Plan, StreamFailed, Throttle;
    /// `response.failed` `slow_down`.
    StreamFailedSlowDown = "stream-failed-slow-down", Plan, StreamFailed, Throttle;
    /// `response.failed` `server_is_overloaded`.
    StreamFailedOverloaded = "stream-failed-overloaded", Plan, StreamFailed, Server;

    /// 429 `insufficient_quota`.
    KeyInsufficientQuota = "key-insufficient-quota", Key, Http(429), KeyOutOfCredit;
    /// 402 without a code.
    KeyPaymentRequired = "key-payment-required", Key, Http(402), KeyOutOfCredit;
    /// 429 `billing_hard_limit_reached`.
    KeyBillingHardLimit = "key-billing-hard-limit", Key, Http(429), KeyOutOfCredit;
    /// `response.failed` `insufficient_quota`.
    KeyStreamQuota = "key-stream-quota", Key, StreamFailed, KeyOutOfCredit;
    /// 401 `invalid_api_key`.
    KeyInvalid = "key-invalid", Key, Http(401), KeyRefused;
    /// 403 about missing scopes.
    KeyForbidden = "key-forbidden", Key, Http(403), KeyRefused;
    /// 404 `model_not_found`.
    KeyModelNotFound = "key-model-not-found", Key, Http(404), KeyModel;
    /// 403 `model_not_found`.
    KeyModelForbidden = "key-model-forbidden", Key, Http(403), KeyModel;
    /// 400 `unsupported_value`, param `model`, "must be verified to use the model".
    KeyModelUnverified = "key-model-unverified", Key, Http(400), KeyModel;
    /// 404 with that sentence and code `model_not_found`.
    KeyModelUnverified404 = "key-model-unverified-404", Key, Http(404), KeyModel;
    /// 400 about unverified summaries (continue#9964).
    KeySummaries = "key-summaries", Key, Http(400), KeySummaries;
    /// 403 about unverified summaries.
    KeySummaries403 = "key-summaries-403", Key, Http(403), KeySummaries;
    /// "Please try again in 0.2s".
    KeyThrottle = "key-throttle", Key, Http(429), Throttle;
    /// The same with `Retry-After: 1`.
    KeyThrottleRetryAfter = "key-throttle-retry-after", Key, Http(429), Throttle;
    /// 429 without a body.
    KeyThrottlePlain = "key-throttle-plain", Key, Http(429), Throttle;
    /// `response.failed` `rate_limit_exceeded` "Please try again in 0.2s".
    KeyStreamThrottle = "key-stream-throttle", Key, StreamFailed, Throttle;
    /// "Request too large … TPM: Limit 10000, Requested 11875".
    KeyTooLarge = "key-too-large", Key, Http(429), KeyTooLarge;
    /// The same inside a stream.
    KeyStreamTooLarge = "key-stream-too-large", Key, StreamFailed, KeyTooLarge;
    /// Plain 500.
    KeyServerError = "key-server-error", Key, Http(500), Server;
    /// 503 `server_is_overloaded`.
    KeyOverloaded = "key-overloaded", Key, Http(503), Server;
    /// 400 `invalid_encrypted_content`.
    KeyForeignCiphertext = "key-foreign-ciphertext", Key, Http(400), ForeignCiphertext;
    /// A usage limit reached code from the platform makes no sense; it is an ordinary 429.
    KeyUsageLimit = "key-usage-limit", Key, Http(429), Throttle;
}

impl LimitVariant {
    /// Seconds from the first strike to the reset, where the answer tells a reset.
    pub fn resets_in(self) -> Option<i64> {
        match self.reset() {
            shape::Reset::Free => Some(602_705),
            shape::Reset::Plus => Some(13_872),
            shape::Reset::Short => Some(1_800),
            shape::Reset::None => None,
        }
    }
}

#[cfg(test)]
mod tests;
