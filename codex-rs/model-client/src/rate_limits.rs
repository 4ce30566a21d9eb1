//! Owns rate-limit facts: headers of an answer and `codex.rate_limits` events → snapshots (wire-facts §4.4).

#[cfg(test)]
mod tests;

use codex_protocol::{CreditsSnapshot, PlanType, RateLimitSnapshot, RateLimitWindow};
use serde_json::Value;

/// The account-wide limit's id.
pub(crate) const ACCOUNT_WIDE: &str = "codex";
const FAMILY_MARK: &str = "-primary-used-percent";

/// The headers of an answer or of an error frame: names in lower case, values as text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Those of an HTTP answer; a value that is not text is left out.
    pub(crate) fn of_answer(headers: &http::HeaderMap) -> Self {
        let text = headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), std::str::from_utf8(value.as_bytes()).ok()?.to_owned()))
        });
        Headers(text.collect())
    }

    /// The `headers` object of an error frame; numbers and booleans count as their text.
    pub(crate) fn of_frame(headers: &Value) -> Self {
        let Some(members) = headers.as_object() else { return Headers::default() };
        let text = members.iter().filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((name.to_ascii_lowercase(), value))
        });
        Headers(text.collect())
    }

    /// A value, trimmed; an empty one counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(header, _)| header == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// All of them, as the classifier wants them.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    fn truth(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

/// Every limit that the headers tell of: the account-wide one first, also when it is empty, then the others.
pub(crate) fn snapshots(headers: &Headers) -> Vec<RateLimitSnapshot> {
    let others = headers.0.iter().filter_map(|(name, _)| {
        let id = name.strip_prefix("x-")?.strip_suffix(FAMILY_MARK)?;
        (id != ACCOUNT_WIDE && !id.is_empty()).then_some(id)
    });
    let mut all = vec![family(headers, ACCOUNT_WIDE)];
    all.extend(others.map(|id| family(headers, id)).filter(|limit| !limit.is_empty()));
    all
}

/// The limit that `x-codex-active-limit` names, or the account-wide one where that has no headers of its own
/// (a live `premium` came with the `x-codex-*` family only: fallback-facts §3.5).
pub(crate) fn active(headers: &Headers) -> RateLimitSnapshot {
    let named = headers.text("x-codex-active-limit").map(|id| id.to_ascii_lowercase().replace('_', "-"));
    let named =
        named.map(|id| family(headers, &id)).filter(|limit| !limit.is_empty() || limit.limit_name.is_some());
    named.unwrap_or_else(|| family(headers, ACCOUNT_WIDE))
}

fn family(headers: &Headers, id: &str) -> RateLimitSnapshot {
    let credits = headers.truth("x-codex-credits-has-credits").map(|has_credits| CreditsSnapshot {
        has_credits,
        unlimited: headers.truth("x-codex-credits-unlimited").unwrap_or_default(),
        balance: headers.text("x-codex-credits-balance").map(str::to_owned),
    });
    let account_wide = id == ACCOUNT_WIDE;
    RateLimitSnapshot {
        limit_id: Some(id.replace('-', "_")),
        limit_name: headers.text(&format!("x-{id}-limit-name")).map(str::to_owned),
        primary: window(headers, id, "primary"),
        secondary: window(headers, id, "secondary"),
        credits: credits.filter(|_| account_wide),
        plan_type: headers.text("x-codex-plan-type").map(PlanType::from),
        rate_limit_reached_type: headers.text("x-codex-rate-limit-reached-type").map(str::to_owned),
    }
}

fn window(headers: &Headers, id: &str, which: &str) -> Option<RateLimitWindow> {
    let name = |field: &str| format!("x-{id}-{which}-{field}");
    counted(
        headers.number(&name("used-percent"))?,
        headers.number(&name("window-minutes")),
        headers.number(&name("reset-at")),
    )
}

/// A window counts only if it says anything: used, a length or a reset.
fn counted(used: f64, minutes: Option<i64>, resets_at: Option<i64>) -> Option<RateLimitWindow> {
    let says_something = used != 0.0 || minutes.is_some_and(|minutes| minutes != 0) || resets_at.is_some();
    (used.is_finite() && says_something).then_some(RateLimitWindow {
        used_percent: used as i32,
        window_duration_mins: minutes,
        resets_at,
    })
}

/// A `codex.rate_limits` event.
pub(crate) fn from_event(event: &Value) -> RateLimitSnapshot {
    let limits = &event["rate_limits"];
    let window = |name: &str| {
        let window = &limits[name];
        counted(
            window["used_percent"].as_f64()?,
            window["window_minutes"].as_i64(),
            window["reset_at"].as_i64(),
        )
    };
    let text = |name: &str| event[name].as_str().map(str::to_owned);
    let credits = &event["credits"];
    RateLimitSnapshot {
        limit_id: Some(text("metered_limit_name").unwrap_or_else(|| ACCOUNT_WIDE.to_owned())),
        limit_name: text("limit_name"),
        primary: window("primary"),
        secondary: window("secondary"),
        credits: credits["has_credits"].as_bool().map(|has_credits| CreditsSnapshot {
            has_credits,
            unlimited: credits["unlimited"].as_bool().unwrap_or_default(),
            balance: credits["balance"].as_str().map(str::to_owned),
        }),
        plan_type: event["plan_type"].as_str().map(PlanType::from),
        rate_limit_reached_type: event["rate_limit_reached_type"]["type"].as_str().map(str::to_owned),
    }
}
