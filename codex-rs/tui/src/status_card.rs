//! `/status`: the state of session, account, limits and payer at one moment, laid out for any width.

use codex_app_server_protocol::{
    Account as SignedInAs, AccountReadResponse, FallbackStatus, PayerName, RateLimitSnapshot,
    ThreadTokenUsage,
};
use codex_render::{Form, Tone, words, wrap};
use ratatui_core::text::{Line, Span};

use crate::facts::Facts;
use crate::picture::Scene;
use crate::{plan_limits, status_line};

/// Columns for what a row is about.
const LABEL: usize = 10;
/// From this width on the labels are a column.
const NARROW: u16 = 32;

/// What was known when it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StatusCard {
    version: String,
    model: String,
    effort: Option<String>,
    folder: String,
    thread: Option<String>,
    usage: Option<ThreadTokenUsage>,
    context_left: Option<u64>,
    signed_in: Option<AccountReadResponse>,
    limits: RateLimitSnapshot,
    fallback: Option<FallbackStatus>,
    key_pays_for_the_turn: bool,
}

impl StatusCard {
    /// The state as it is now.
    pub(crate) fn of(facts: Facts<'_>) -> Self {
        let (session, account) = (facts.session, facts.account);
        StatusCard {
            version: facts.setup.version.clone(),
            model: session.model.clone(),
            effort: session.effort.clone(),
            folder: facts.setup.shown_folder(&session.folder),
            thread: session.thread.as_ref().map(ToString::to_string),
            usage: session.usage.clone(),
            context_left: status_line::context_left(facts),
            signed_in: account.signed_in.clone(),
            limits: account.limits.clone(),
            fallback: account.fallback.clone(),
            key_pays_for_the_turn: account.key_pays_for_the_turn(),
        }
    }

    /// Its lines.
    pub(crate) fn lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let mut card = Card { scene, lines: Vec::new() };
        let title = scene.span(Tone::Strong, format!("codex {}", words::printable(&self.version)));
        card.lines.push(wrap::truncate(&Line::from(title), scene.width));
        let effort = self.effort.as_ref().map_or_else(String::new, |effort| format!(", effort {effort}"));
        card.say("Model", Tone::Normal, &format!("{}{effort}", self.model));
        card.say("Folder", Tone::Normal, &self.folder);
        card.say("Account", Tone::Normal, &self.account());
        if let Some(thread) = &self.thread {
            card.say("Thread", Tone::Normal, thread);
        }
        self.tokens(&mut card);
        for row in plan_limits::rows(scene, &self.limits) {
            card.row("Limit", row);
        }
        let account = self.signed_in.as_ref().and_then(|read| read.account.as_ref());
        match (account, &self.fallback) {
            (Some(SignedInAs::ApiKey {}), _) => card.say("Payer", Tone::Key, "the API key, for everything"),
            (_, Some(status)) => self.payer(&mut card, status),
            (_, None) => {}
        }
        card.lines
    }

    fn account(&self) -> String {
        match &self.signed_in {
            None => "not known yet".to_owned(),
            Some(read) => match &read.account {
                None => "nobody is signed in".to_owned(),
                Some(SignedInAs::ApiKey {}) => "API key".to_owned(),
                Some(SignedInAs::Chatgpt { email, plan_type, .. }) => {
                    let plan = status_line::capitalised(plan_type.as_str());
                    let email = email.as_ref().map_or_else(String::new, |email| format!("{email}, "));
                    format!("{email}plan {plan}")
                }
            },
        }
    }

    fn tokens(&self, card: &mut Card<'_>) {
        if let Some(usage) = &self.usage {
            let total = &usage.total;
            let text = format!(
                "{} ({} in, {} of them cached; {} out)",
                words::count(total.total_tokens),
                words::count(total.input_tokens),
                words::count(total.cached_input_tokens),
                words::count(total.output_tokens),
            );
            card.say("Tokens", Tone::Normal, &text);
        }
        let window = self.usage.as_ref().and_then(|usage| usage.model_context_window);
        if let (Some(left), Some(window)) = (self.context_left, window) {
            card.say("Context", Tone::Normal, &format!("{left}% of {} tokens left", words::count(window)));
        }
    }

    fn payer(&self, card: &mut Card<'_>, status: &FallbackStatus) {
        let scene = card.scene;
        let last4 = status.key_last4.as_deref();
        let since = plan_limits::moment(scene, status.payer_since);
        match status.payer {
            PayerName::Plan => {
                if self.key_pays_for_the_turn {
                    card.say("Payer", Tone::Key, "the key, for this turn only");
                } else {
                    card.say("Payer", Tone::Plan, &format!("the plan, since {since}"));
                }
                if let Some(paid) = plan_limits::paid(scene, status) {
                    card.say("Paid", Tone::Key, &paid);
                }
            }
            PayerName::Key => {
                let key = last4.unwrap_or_default();
                card.say("Payer", Tone::Key, &format!("the key …{key}, since {since}"));
                let cost = plan_limits::cost(scene, status);
                card.say("Paid", Tone::Key, &format!("{cost} since the switch"));
            }
        }
        let state = plan_limits::key_state(status.key_state);
        let key = last4.map_or_else(|| state.to_owned(), |last4| format!("…{last4}, {state}"));
        card.say("Key", Tone::Normal, &key);
        let at_limit = match last4 {
            Some(_) => plan_limits::mode(status.mode),
            None => "work stops; /add-api-key stores a key that takes over",
        };
        card.say("At limit", Tone::Normal, at_limit);
    }
}

/// The card while its rows are put together.
struct Card<'a> {
    scene: &'a Scene,
    lines: Vec<Line<'static>>,
}

impl Card<'_> {
    fn say(&mut self, label: &str, tone: Tone, text: &str) {
        let text = words::printable(text);
        self.row(label, vec![self.scene.span(tone, text)]);
    }

    fn row(&mut self, label: &str, spans: Vec<Span<'static>>) {
        let faint = |label: String| vec![self.scene.span(Tone::Faint, label)];
        let indent = match self.scene.look.form {
            Form::Drawn if self.scene.width >= NARROW => {
                wrap::Indent::hanging(faint(format!("  {label:<LABEL$}")))
            }
            // A column of its own would leave no room for what it is about.
            Form::Drawn => wrap::Indent { first: faint(format!("{label}: ")), rest: vec![Span::raw("  ")] },
            Form::Words => wrap::Indent::hanging(faint(format!("{label}: "))),
        };
        self.lines.extend(wrap::wrap(&Line::from(spans), self.scene.width, &indent));
    }
}
