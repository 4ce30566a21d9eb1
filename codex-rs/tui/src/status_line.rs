//! The last line of the screen: who pays, first and always; then model, what runs in the background, folder, what is
//! left of the context, the key.

use codex_app_server_protocol::{Account as SignedInAs, FallbackKeyState, FallbackStatus, PayerName};
use codex_render::{Tone, words, wrap};
use ratatui_core::style::Modifier;
use ratatui_core::text::{Line, Span};

use crate::facts::Facts;
use crate::picture::Scene;
use crate::plan_limits;

/// The line. Where columns are short, words about the payer go before whole segments, and segments from the right; who
/// pays goes last.
pub(crate) fn view(scene: &Scene, facts: Facts<'_>) -> Line<'static> {
    let payer = payer(scene, facts);
    let others = others(scene, facts);
    let room = usize::from(scene.width);
    let fits = |line: &Line<'_>| wrap::line_width(line) <= room;
    // The longest words about the payer that leave room for the model, else the longest that fit at all. What the key
    // has used is worth more than the model.
    let with_model = match facts.account.key_pays() {
        true => payer.len().saturating_sub(1),
        false => payer.len(),
    };
    for (least, forms) in [(1, with_model), (0, payer.len())] {
        for spans in &payer[..forms] {
            let mut lines = (least..=others.len()).rev().map(|kept| joined(scene, spans, &others[..kept]));
            if let Some(line) = lines.find(fits) {
                return line;
            }
        }
        if others.is_empty() {
            break;
        }
    }
    payer.last().map_or_else(Line::default, |spans| wrap::truncate(&Line::from(spans.clone()), scene.width))
}

fn joined(scene: &Scene, payer: &[Span<'static>], others: &[Span<'static>]) -> Line<'static> {
    let mut spans = payer.to_vec();
    for other in others {
        if !spans.is_empty() {
            spans.push(scene.span(Tone::Faint, scene.joint()));
        }
        spans.push(other.clone());
    }
    Line::from(spans)
}

/// Who pays, from the fullest to the shortest words.
fn payer(scene: &Scene, facts: Facts<'_>) -> Vec<Vec<Span<'static>>> {
    let signed_in = facts.account.signed_in.as_ref();
    let account = signed_in.and_then(|read| read.account.as_ref());
    match (account, facts.account.fallback.as_ref()) {
        (_, Some(status)) if status.payer == PayerName::Key => key_pays(scene, status),
        (_, Some(status)) if facts.account.key_pays_for_the_turn() => key_pays_for_the_turn(scene, status),
        (Some(SignedInAs::Chatgpt { plan_type, .. }), _) => plan_pays(scene, facts, plan_type.as_str()),
        (Some(SignedInAs::ApiKey {}), _) => vec![vec![scene.span(Tone::Key, "API key pays")]],
        (None, _) if signed_in.is_some() => vec![vec![scene.span(Tone::Warning, "not signed in")]],
        (None, _) => vec![Vec::new()],
    }
}

fn key_pays_for_the_turn(scene: &Scene, status: &FallbackStatus) -> Vec<Vec<Span<'static>>> {
    let who = the_key(scene, status);
    let only = scene.span(Tone::Key, " for this turn");
    vec![vec![who.clone(), only], vec![who]]
}

/// Reversed, so that it stands out without colours too.
fn the_key(scene: &Scene, status: &FallbackStatus) -> Span<'static> {
    let last4 = status.key_last4.as_deref().unwrap_or_default();
    let mut who = scene.span(Tone::Key, format!("key …{last4} pays"));
    who.style = who.style.add_modifier(Modifier::REVERSED);
    who
}

fn key_pays(scene: &Scene, status: &FallbackStatus) -> Vec<Vec<Span<'static>>> {
    let who = the_key(scene, status);
    let (joint, tokens) = (scene.joint(), words::plural(status.tokens_since_switch, "token", "tokens"));
    let with = |text: String| vec![who.clone(), scene.span(Tone::Key, text)];
    let mut forms = Vec::new();
    if let Some(usd) = status.usd_since_switch {
        forms.push(with(format!("{joint}{tokens} since the switch{joint}${usd:.2}")));
        forms.push(with(format!("{joint}{tokens}{joint}${usd:.2}")));
    } else {
        forms.push(with(format!("{joint}{tokens} since the switch")));
    }
    forms.push(with(format!("{joint}{tokens}")));
    forms.push(vec![who.clone()]);
    forms
}

fn plan_pays(scene: &Scene, facts: Facts<'_>, plan: &str) -> Vec<Vec<Span<'static>>> {
    let (joint, plan) = (scene.joint(), capitalised(plan));
    let windows: Vec<String> = plan_limits::windows(&facts.account.limits)
        .map(|window| format!("{} {}%", plan_limits::name(window), plan_limits::left(window)))
        .collect();
    let say = |text: String| vec![scene.span(Tone::Plan, text)];
    let mut forms = Vec::new();
    if !windows.is_empty() {
        forms.push(say(format!("plan {plan}{joint}{} left", windows.join(joint))));
    }
    if let Some(short) = windows.first() {
        forms.push(say(format!("plan {plan}{joint}{short} left")));
    }
    forms.push(say(format!("plan {plan} pays")));
    forms.push(say("plan pays".to_owned()));
    forms
}

/// The other segments, from the last to go to the first to go.
fn others(scene: &Scene, facts: Facts<'_>) -> Vec<Span<'static>> {
    let session = facts.session;
    let mut segments = Vec::new();
    if !session.model.is_empty() {
        let effort = session.effort.as_ref().map_or_else(String::new, |effort| format!(" {effort}"));
        segments.push(scene.span(Tone::Normal, words::printable(&format!("{}{effort}", session.model))));
    }
    if !session.background.is_empty() {
        let count = u64::try_from(session.background.len()).unwrap_or(u64::MAX);
        let text = format!("{} in the background", words::plural(count, "command", "commands"));
        segments.push(scene.span(Tone::Accent, text));
    }
    if !session.folder.is_empty() {
        let folder = facts.setup.shown_folder(&session.folder);
        segments.push(scene.span(Tone::Faint, words::printable(&folder)));
    }
    if let Some(left) = context_left(facts) {
        segments.push(scene.span(Tone::Faint, format!("{left}% context left")));
    }
    let key = facts.account.fallback.as_ref().filter(|_| !facts.account.key_pays());
    if let Some(FallbackStatus { key_last4: Some(last4), key_state, .. }) = key {
        let tone = match key_state {
            FallbackKeyState::Ready | FallbackKeyState::None => Tone::Faint,
            FallbackKeyState::Unchecked | FallbackKeyState::Refused | FallbackKeyState::OutOfCredit => {
                Tone::Warning
            }
        };
        segments.push(scene.span(tone, format!("key …{last4} {}", plan_limits::key_state(*key_state))));
    }
    segments
}

/// Percent of the model's context that are free, where both are known.
pub(crate) fn context_left(facts: Facts<'_>) -> Option<u64> {
    let usage = facts.session.usage.as_ref()?;
    let window = usage.model_context_window.filter(|window| *window > 0)?;
    Some(100 - (usage.last.total_tokens.saturating_mul(100) / window).min(100))
}

/// A plan's name as people write it.
pub(crate) fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests;
