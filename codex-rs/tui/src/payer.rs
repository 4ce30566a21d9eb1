//! Who pays, and the key's state, in words.

use codex_app_server_protocol::{FallbackKeyState, FallbackMode, FallbackStatus, PayerName};
use codex_render::words::count;

use crate::picture::Scene;
use crate::reset;

/// `The plan pays.` or `The key …d3m0 pays since 4:49 AM: 11,174 tokens.`
pub(crate) fn sentence(scene: &Scene, status: &FallbackStatus) -> String {
    match status.payer {
        PayerName::Plan => "The plan pays.".to_owned(),
        PayerName::Key => {
            let last4 = status.key_last4.as_deref().unwrap_or_default();
            let since = reset::words(status.payer_since, scene);
            format!("The key …{last4} pays per token, since the switch {since}: {}.", spent(status))
        }
    }
}

/// What the key has paid for since the switch.
pub(crate) fn spent(status: &FallbackStatus) -> String {
    let tokens = format!("{} tokens", count(status.tokens_since_switch));
    match status.usd_since_switch {
        Some(usd) => format!("{tokens}, ${usd:.2}"),
        None => tokens,
    }
}

/// What is known about the key.
pub(crate) fn key(status: &FallbackStatus) -> String {
    let last4 = status.key_last4.as_deref().unwrap_or_default();
    match status.key_state {
        FallbackKeyState::None => "none stored; /add-api-key stores one".to_owned(),
        FallbackKeyState::Ready => format!("…{last4}, ready"),
        FallbackKeyState::Unchecked => format!("…{last4}, not checked yet"),
        FallbackKeyState::Refused => format!("…{last4}, refused by the API; store another one"),
        FallbackKeyState::OutOfCredit => format!("…{last4}, out of credit"),
    }
}

/// What happens at the limit.
pub(crate) fn mode(status: &FallbackStatus) -> &'static str {
    match status.mode {
        FallbackMode::Auto => "auto: the key takes over",
        FallbackMode::Ask => "ask: you are asked",
        FallbackMode::Off => "off: work stops",
    }
}
