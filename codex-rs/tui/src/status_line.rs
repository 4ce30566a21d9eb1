//! The last line: who pays, then model, folder and context. What does not fit is left out from the right.

use codex_app_server_protocol::{Account as SignedInAs, PayerName};
use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use crate::facts::Facts;
use crate::limits;
use crate::payer;
use crate::picture::Scene;

const BETWEEN: &str = " · ";

/// The line.
pub(crate) fn view(scene: &Scene, facts: Facts<'_>) -> Line<'static> {
    let mut segments: Vec<Span<'static>> = payer_segments(scene, facts);
    let session = facts.session;
    if !session.model.is_empty() {
        let effort = session.effort.as_deref().map(|effort| format!(" {effort}")).unwrap_or_default();
        segments.push(scene.span(Tone::Faint, format!("{}{effort}", session.model)));
    }
    segments.push(scene.span(Tone::Faint, facts.setup.shown_folder(&session.folder)));
    if let Some(left) = context_left(facts) {
        segments.push(scene.span(Tone::Faint, format!("{left}% context left")));
    }
    let mut line = Line::default();
    let mut used = 0;
    for (place, segment) in segments.into_iter().enumerate() {
        let between = if place == 0 { 0 } else { wrap::width(BETWEEN) };
        let width = wrap::width(&segment.content);
        if used + between + width > usize::from(scene.width) && place > 0 {
            break;
        }
        if place > 0 {
            line.push_span(scene.span(Tone::Faint, BETWEEN));
        }
        used += between + width;
        line.push_span(segment);
    }
    wrap::truncate(&line, scene.width)
}

fn payer_segments(scene: &Scene, facts: Facts<'_>) -> Vec<Span<'static>> {
    let account = facts.account;
    if account.is_checking() {
        return vec![scene.span(Tone::Accent, "checking the key…")];
    }
    let Some(read) = &account.signed_in else { return Vec::new() };
    let plan = match &read.account {
        None => return vec![scene.span(Tone::Warning, "not signed in")],
        Some(SignedInAs::ApiKey {}) => return vec![scene.span(Tone::Key, "API key pays")],
        Some(SignedInAs::Chatgpt { plan_type, .. }) => plan_type.as_str().to_owned(),
    };
    let sign = |drawn: &'static str| if scene.look.form == Form::Drawn { drawn } else { "" };
    match account.fallback.as_ref() {
        Some(status) if status.payer == PayerName::Key => {
            let last4 = status.key_last4.as_deref().unwrap_or_default();
            vec![
                scene.span(Tone::Key, format!("{}key …{last4} pays", sign("⇄ "))),
                scene.span(Tone::Key, format!("{} since the switch", payer::spent(status))),
            ]
        }
        status => {
            let mut words = format!("{}plan {plan} pays", sign("● "));
            if let Some(window) = limits::windows(&account.limits).max_by_key(|window| window.used_percent) {
                words.push_str(&format!(", {} {}%", limits::name(window), window.used_percent));
            }
            let mut segments = vec![scene.span(Tone::Plan, words)];
            if let Some(last4) = status.and_then(|status| status.key_last4.as_deref()) {
                segments.push(scene.span(Tone::Faint, format!("key …{last4} stands by")));
            }
            segments
        }
    }
}

/// Percent of the context window that the last request left free.
fn context_left(facts: Facts<'_>) -> Option<u64> {
    let usage = facts.session.usage.as_ref()?;
    let window = usage.model_context_window.filter(|window| *window > 0)?;
    Some(100_u64.saturating_sub(usage.last.total_tokens.saturating_mul(100) / window))
}
