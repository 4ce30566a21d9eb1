//! Owns what a failed answer says: its facts, the signal they are, and the error they become (wire-facts §4,
//! fallback-facts §3.5).

#[cfg(test)]
mod tests;

use codex_fallback::{Answer, Signal, classify};
use codex_protocol::{CodexErr, Payer, PlanType, TokenUsage, UsageLimitReachedError};
use codex_redact::{Secret, redact};
use serde_json::Value;

use crate::rate_limits::{self, Headers};

/// The longest text of a service that is shown, in characters.
const LONGEST_SHOWN: usize = 2000;

/// How one request failed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// Whether the answer had begun: then a key may have been billed for it.
    pub(crate) began: bool,
    /// Tokens that the service counted all the same.
    pub(crate) usage: Option<TokenUsage>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FailureKind {
    /// The service said no, with a status or inside a stream.
    Refused(Box<Refusal>),
    /// Nobody answered at this address.
    Unreachable { host: String, cause: String },
    /// The answer broke off, fell silent or is no answer at all.
    Broken { cause: String },
    /// The service stopped the answer short.
    Incomplete { reason: String },
}

/// A refusal in the service's words.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Refusal {
    pub(crate) status: Option<u16>,
    pub(crate) error_type: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) plan_type: Option<String>,
    pub(crate) resets_at: Option<i64>,
    pub(crate) resets_in_seconds: Option<i64>,
    /// Of this answer or frame; empty for a failure inside a stream, whose headers are no signal.
    pub(crate) headers: Headers,
    /// The whole body, for answers without a message.
    pub(crate) body: String,
}

impl Failure {
    /// Before any answer.
    pub(crate) fn at_once(kind: FailureKind) -> Self {
        Failure { kind, began: false, usage: None }
    }

    /// After the head of a successful answer.
    pub(crate) fn inside(kind: FailureKind) -> Self {
        Failure { kind, began: true, usage: None }
    }

    /// What it says about the credential that carried the request. `now`: unix seconds.
    pub(crate) fn signal(&self, carried_by: Payer, now: i64) -> Signal {
        match &self.kind {
            FailureKind::Refused(refusal) => refusal.signal(carried_by, now),
            FailureKind::Unreachable { .. } | FailureKind::Broken { .. } => Signal::ServerTrouble,
            FailureKind::Incomplete { reason } if reason == "content_filter" => Signal::ServerTrouble,
            FailureKind::Incomplete { .. } => Signal::Other,
        }
    }

    /// The error it is for people, once nothing more is tried. `attempts`: requests sent for this answer.
    pub(crate) fn error(&self, signal: Signal, carried_by: Payer, attempts: u32, now: i64) -> CodexErr {
        match &self.kind {
            FailureKind::Refused(refusal) => refusal.error(signal, carried_by, attempts, now),
            FailureKind::Unreachable { host, cause } => {
                CodexErr::ConnectionFailed { host: host.clone(), cause: cause.clone() }
            }
            FailureKind::Broken { cause } => CodexErr::StreamDisconnected { cause: cause.clone() },
            FailureKind::Incomplete { reason } => CodexErr::Incomplete { reason: shown(reason) },
        }
    }

    /// The same without the credential that was sent: a gateway may echo a key whose shape no redactor knows.
    pub(crate) fn without(mut self, credential: &Secret) -> Self {
        let cut = |text: &mut String| *text = credential.cut_from(std::mem::take(text));
        match &mut self.kind {
            FailureKind::Refused(refusal) => {
                cut(&mut refusal.body);
                refusal.message.iter_mut().chain(&mut refusal.param).for_each(cut);
            }
            FailureKind::Unreachable { cause, .. } | FailureKind::Broken { cause } => cut(cause),
            FailureKind::Incomplete { reason } => cut(reason),
        }
        self
    }

    /// What the service says, for a sentence of ours around it.
    pub(crate) fn message(&self) -> String {
        match &self.kind {
            FailureKind::Refused(refusal) => refusal.shown_message(),
            FailureKind::Unreachable { cause, .. } | FailureKind::Broken { cause } => cause.clone(),
            FailureKind::Incomplete { reason } => shown(reason),
        }
    }
}

impl Refusal {
    /// An HTTP answer other than 200.
    pub(crate) fn of_answer(status: u16, headers: Headers, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body).trim().to_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Refusal { status: Some(status), headers, body: text, ..Refusal::of_json(&json) }
    }

    /// An `error` or `response.failed` event, or a WebSocket error frame, in any of the forms seen.
    pub(crate) fn of_frame(frame: &Value) -> Self {
        let status =
            frame.get("status").and_then(Value::as_u64).or_else(|| frame.get("status_code")?.as_u64());
        Refusal {
            status: status.and_then(|status| u16::try_from(status).ok()).filter(|status| *status >= 300),
            headers: frame.get("headers").map(Headers::of_frame).unwrap_or_default(),
            ..Refusal::of_json(frame)
        }
    }

    fn of_json(json: &Value) -> Self {
        let Some(error) = error_object(json) else {
            let message =
                [&json["error"], &json["detail"], &json["message"]].into_iter().find_map(Value::as_str);
            return Refusal { message: message.map(str::to_owned), ..Refusal::default() };
        };
        let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let number =
            |name: &str| error[name].as_i64().or_else(|| error[name].as_f64().map(|number| number as i64));
        Refusal {
            // In the flat form the frame's own `type` stands where the error's would.
            error_type: text("type").filter(|kind| kind != "error" && kind != "response.failed"),
            error_code: text("code"),
            param: text("param"),
            message: text("message"),
            plan_type: text("plan_type"),
            resets_at: number("resets_at"),
            resets_in_seconds: number("resets_in_seconds"),
            ..Refusal::default()
        }
    }

    fn signal(&self, carried_by: Payer, now: i64) -> Signal {
        let answer = Answer {
            status: self.status,
            error_type: self.error_type.as_deref(),
            error_code: self.error_code.as_deref(),
            param: self.param.as_deref(),
            message: self.message.as_deref(),
            resets_at: self.resets_at,
            resets_in_seconds: self.resets_in_seconds,
            headers: &self.headers.pairs(),
        };
        classify(carried_by, &answer, now)
    }

    fn error(&self, signal: Signal, carried_by: Payer, attempts: u32, now: i64) -> CodexErr {
        let message = self.shown_message();
        match signal {
            Signal::Limit { .. } if self.says("usage_not_included") => return CodexErr::UsageNotIncluded,
            Signal::Limit { resets_at } => return self.usage_limit(resets_at, now),
            Signal::ScopedLimit => return self.usage_limit(self.resets_at, now),
            Signal::AdministratorCap if self.status != Some(403) => {
                return self.usage_limit(self.resets_at, now);
            }
            Signal::KeyOutOfCredit => return CodexErr::QuotaExceeded,
            Signal::Unauthorized | Signal::KeyRefused => return self.unauthorized(carried_by),
            Signal::TooLarge => return CodexErr::TooLargeForKey { message },
            Signal::Success
            | Signal::AdministratorCap
            | Signal::Throttle
            | Signal::ServerTrouble
            | Signal::ModelUnavailable
            | Signal::SummariesUnavailable
            | Signal::ForeignCiphertext
            | Signal::HandshakeThrottled
            | Signal::Other => {}
        }
        match self.error_code.as_deref().or(self.error_type.as_deref()).unwrap_or_default() {
            "insufficient_quota" if self.status.is_none_or(|status| status < 500) => {
                return CodexErr::QuotaExceeded;
            }
            "context_length_exceeded" => return CodexErr::ContextWindowExceeded,
            "model_not_found" => return CodexErr::ModelNotFound { message },
            "cyber_policy" => return CodexErr::CyberPolicy { message },
            "server_is_overloaded" => return CodexErr::ServerOverloaded,
            "slow_down" | "rate_limit_exceeded" => return CodexErr::RateLimited { message },
            _ => {}
        }
        match self.status {
            None if signal == Signal::Other => CodexErr::BadRequest { message },
            None => CodexErr::StreamDisconnected { cause: message },
            Some(400) => CodexErr::BadRequest { message },
            Some(429) => CodexErr::RetryLimit { attempts, status: 429, message },
            Some(status @ (500 | 503)) => CodexErr::InternalServerError { status, message },
            Some(status) => {
                let request_id = self.headers.text("x-request-id").or(self.headers.text("x-oai-request-id"));
                CodexErr::UnexpectedStatus { status, message, request_id: request_id.map(shown) }
            }
        }
    }

    fn usage_limit(&self, resets_at: Option<i64>, now: i64) -> CodexErr {
        let plan_type = self.plan_type.as_deref().or(self.headers.text("x-codex-plan-type"));
        let reached_type = self.headers.text("x-codex-rate-limit-reached-type");
        let mut limits = rate_limits::active(&self.headers);
        if let Some(model) = self.headers.text("x-codex-model-cap-model") {
            limits.limit_name = Some(shown(model));
        }
        CodexErr::UsageLimitReached(Box::new(UsageLimitReachedError {
            plan_type: plan_type.map(PlanType::from),
            resets_at,
            rate_limits: Some(Box::new(limits)),
            reached_type: reached_type.map(str::to_owned),
            promo_message: self.headers.text("x-codex-promo-message").map(shown),
            received_at: now,
        }))
    }

    fn unauthorized(&self, carried_by: Payer) -> CodexErr {
        let message = match carried_by {
            Payer::Plan => {
                "The ChatGPT session is no longer accepted; sign in again with the official `codex login`."
                    .to_owned()
            }
            Payer::Key => format!(
                "The API key was refused ({}); sign in with a working one: `codex login --with-api-key`, or /logout in the \
                 terminal UI.",
                self.shown_message()
            ),
        };
        CodexErr::Unauthorized { message }
    }

    fn says(&self, code: &str) -> bool {
        [&self.error_code, &self.error_type].into_iter().any(|said| said.as_deref() == Some(code))
    }

    fn shown_message(&self) -> String {
        let looks_like_a_page = self.body.starts_with('<');
        match &self.message {
            Some(message) => shown(message),
            None if looks_like_a_page => "a web page in place of an answer".to_owned(),
            None if !self.body.is_empty() => shown(&self.body),
            None => "no reason given".to_owned(),
        }
    }
}

/// The error object, wherever this form keeps it.
fn error_object(json: &Value) -> Option<&Value> {
    let places = [&json["error"], &json["body"]["error"], &json["response"]["error"], &json["detail"]];
    let nested = places.into_iter().find(|place| place.is_object());
    nested.or_else(|| Some(json).filter(|json| json["code"].is_string()))
}

/// Text of a service as it may be shown: no secrets, and not a whole page of it.
fn shown(text: &str) -> String {
    let text = redact(text);
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
