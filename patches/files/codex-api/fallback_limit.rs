//! The plan's other ways to say that it has run out, told as the usage limit that they are.

use serde_json::Value;

use crate::TransportError;
use crate::error::ApiError;

const LIMIT: &str = "usage_limit_reached";
const LIMITS: [&str; 4] = [
    LIMIT,
    "usage_limit_exceeded",
    "usage_not_included",
    "credit_balance_exhausted",
];

/// The same error; if its code, or its type, is a limit's by another name or with status 402, by the usual one.
pub(crate) fn named(error: ApiError) -> ApiError {
    let ApiError::Transport(TransportError::Http {
        status,
        url,
        headers,
        body: Some(body),
    }) = error
    else {
        return error;
    };
    let limit = matches!(status.as_u16(), 402 | 429)
        .then(|| usual(&body))
        .flatten();
    let (status, body) = match limit {
        Some(usual) => (http::StatusCode::TOO_MANY_REQUESTS, usual),
        None => (status, body),
    };
    ApiError::Transport(TransportError::Http {
        status,
        url,
        headers,
        body: Some(body),
    })
}

/// The same for a stream that failed: the error, if what ended it is a limit.
pub(crate) fn in_stream(response: &Value) -> Option<ApiError> {
    let body = serde_json::json!({ "error": response.get("error")? });
    Some(ApiError::Transport(TransportError::Http {
        status: http::StatusCode::TOO_MANY_REQUESTS,
        url: None,
        headers: None,
        body: Some(usual(&body.to_string())?),
    }))
}

fn usual(body: &str) -> Option<String> {
    let mut body: Value = serde_json::from_str(body).ok()?;
    let error = body.get_mut("error")?.as_object_mut()?;
    let is_limit = ["type", "code"]
        .into_iter()
        .filter_map(|name| error.get(name)?.as_str())
        .any(|name| LIMITS.contains(&name));
    if !is_limit {
        return None;
    }
    error.insert("type".to_owned(), Value::from(LIMIT));
    Some(body.to_string())
}
