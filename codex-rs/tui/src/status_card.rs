//! The answer to `/status`: what was known when it was asked.

use codex_app_server_protocol::{Account as SignedInAs, FallbackStatus, RateLimitSnapshot};
use codex_render::Tone;
use codex_render::words::count;
use codex_render::wrap::{self, Indent};
use ratatui_core::text::{Line, Span};

use crate::facts::Facts;
use crate::picture::Scene;
use crate::{limits, payer};

/// What is shown.
#[derive(Debug)]
pub(crate) struct StatusCard {
    rows: Vec<(&'static str, String)>,
    limits: RateLimitSnapshot,
    fallback: Option<FallbackStatus>,
}

impl StatusCard {
    /// The state as it is now.
    pub(crate) fn of(facts: Facts<'_>) -> Self {
        let Facts { account, session, setup } = facts;
        let who = match account.signed_in.as_ref().and_then(|read| read.account.as_ref()) {
            None => "nobody is signed in".to_owned(),
            Some(SignedInAs::ApiKey {}) => "API key (pays for everything)".to_owned(),
            Some(SignedInAs::Chatgpt { email, plan_type, .. }) => {
                let email = email.as_deref().map_or_else(String::new, |email| format!("{email}, "));
                format!("{email}ChatGPT {}", plan_type.as_str())
            }
        };
        let effort = session.effort.as_deref().unwrap_or("the model's own effort");
        let mut rows = vec![
            ("Version", setup.version.clone()),
            ("Model", format!("{} ({effort})", session.model)),
            ("Folder", setup.shown_folder(&session.folder)),
            ("Account", who),
        ];
        if let Some(thread) = &session.thread {
            rows.push(("Thread", thread.to_string()));
        }
        if let Some(usage) = &session.usage {
            let total = &usage.total;
            rows.push((
                "Tokens",
                format!(
                    "{} in ({} cached), {} out",
                    count(total.input_tokens),
                    count(total.cached_input_tokens),
                    count(total.output_tokens)
                ),
            ));
        }
        StatusCard { rows, limits: account.limits.clone(), fallback: account.fallback.clone() }
    }

    /// Its lines.
    pub(crate) fn lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let mut lines: Vec<Line<'static>> =
            self.rows.iter().flat_map(|(name, value)| row(scene, name, value)).collect();
        if let Some(status) = &self.fallback {
            lines.extend(row(scene, "Payer", &payer::sentence(scene, status)));
            lines.extend(row(scene, "Key", &payer::key(status)));
            lines.extend(row(scene, "At limit", payer::mode(status)));
        }
        let windows = limits::lines(scene, &self.limits);
        if !windows.is_empty() {
            lines.extend(row(scene, "Plan", ""));
            lines.extend(windows);
        }
        lines
    }
}

/// A name and what it stands for.
pub(crate) fn row(scene: &Scene, name: &str, value: &str) -> Vec<Line<'static>> {
    let indent = Indent::hanging(vec![scene.span(Tone::Faint, format!("{name:<10}"))]);
    wrap::wrap(
        &Line::from(Span::raw(codex_render::words::printable(value).into_owned())),
        scene.width,
        &indent,
    )
}
