//! The screen as a function of the state.

use std::time::Duration;

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::Line;

use crate::app::{App, Help};
use crate::dialogs::key_box;
use crate::facts::Facts;
use crate::now::Now;
use crate::pager::Pager;
use crate::picture::{Picture, Scene};
use crate::session::{RunningTurn, Stopping};
use crate::{help, status_line};

/// Waiting messages that are listed; more are counted.
const MOST_LISTED: usize = 3;
/// The same on a screen of few rows.
const MOST_LISTED_ON_FEW_ROWS: usize = 1;
/// Letters of each that are looked at.
const MOST_LETTERS: usize = 1_000;
/// What few rows are.
const FEW_ROWS: u16 = 16;
/// Rows that a draft gets before messages that wait, where it needs them.
const LEAST_DRAFT: usize = 3;
/// Rows that the conversation keeps at the least, where the screen has them.
const LEAST_CONVERSATION: usize = 3;

/// The whole screen while the transcript is open.
pub(crate) fn screen(app: &App) -> Picture {
    app.pager.as_ref().map(Pager::view).unwrap_or_default()
}

/// The live area: the conversation's growing part above what `below` drew.
pub(crate) fn live(app: &App, scene: &Scene, below: Picture) -> Picture {
    let room = room(scene, &below);
    let mut conversation = app.conversation.view(scene, room);
    // One blank line follows anyhow.
    while conversation.lines.last().is_some_and(|line| wrap::line_width(line) == 0) {
        conversation.lines.pop();
    }
    conversation.above(below).fitted(most_rows(scene))
}

/// Rows for the growing part of the conversation.
pub(crate) fn room(scene: &Scene, below: &Picture) -> usize {
    most_rows(scene).saturating_sub(below.rows())
}

/// Everything below the conversation. Where rows are short, what a dialog says goes before what happens above it, and a
/// draft before messages that wait.
pub(crate) fn below(app: &App, scene: &Scene) -> Picture {
    let facts = Facts { account: &app.account, session: &app.session, setup: &app.setup };
    let status = Picture::of(vec![status_line::view(scene, facts)]);
    let free = most_rows(scene).saturating_sub(status.rows()).max(1);
    let (above, input) = match app.dialogs.top() {
        Some(dialog) => {
            let dialog = dialog.view(scene, facts, free);
            (activity(app, scene, free - dialog.rows()), dialog)
        }
        None => {
            let above = activity(app, scene, free.saturating_sub(least_draft(app, scene, facts)));
            let left = free.saturating_sub(above.rows()).max(1);
            (above, composer(app, scene, facts, left))
        }
    };
    above.above(input).above(status)
}

/// Rows that the draft and what is open below it need at the least.
fn least_draft(app: &App, scene: &Scene, facts: Facts<'_>) -> usize {
    if scene.rows < FEW_ROWS { app.composer.view(scene, facts, LEAST_DRAFT).rows() } else { LEAST_DRAFT }
}

/// The composer and what is open below it, in at most `left` rows.
fn composer(app: &App, scene: &Scene, facts: Facts<'_>, left: usize) -> Picture {
    let room = left.saturating_sub(LEAST_CONVERSATION).max(LEAST_DRAFT.min(left));
    let composer = app.composer.view(scene, facts, room);
    match app.help {
        Help::Hidden => composer,
        Help::Shown => {
            let help = help::view(scene, left.saturating_sub(composer.rows()));
            let cursor = composer.cursor;
            Picture { cursor, ..composer.above(help) }
        }
    }
}

/// What goes on, what waits, and a blank line: as much of it as fits into `room` rows.
fn activity(app: &App, scene: &Scene, room: usize) -> Picture {
    let blank = || vec![Line::default()];
    let working = working(app, scene);
    let candidates =
        [[working.clone(), waiting(app, scene), blank()].concat(), [working, blank()].concat(), blank()];
    Picture::of(candidates.into_iter().find(|lines| lines.len() <= room).unwrap_or_default())
}

/// When the picture next changes by itself: a turn's seconds, a check's sign.
pub(crate) fn next_change(app: &App, now: Now, scene: &Scene) -> Option<Duration> {
    if scene.look.form == Form::Words {
        return None;
    }
    let running = app.session.turn.as_ref().map(|turn| to_next_second(now.since_start, turn.since));
    let checking = app.account.is_checking().then_some(Duration::from_millis(500));
    [running, checking].into_iter().flatten().min()
}

fn to_next_second(now: Duration, since: Duration) -> Duration {
    let within = now.saturating_sub(since).subsec_nanos();
    Duration::from_nanos(u64::from(1_000_000_000 - within))
}

/// The live area must leave one row, or a terminal would scroll it away.
fn most_rows(scene: &Scene) -> usize {
    usize::from(scene.rows).saturating_sub(1).max(1)
}

/// What goes on: that a turn runs, and how to stop it; that a request is tried again; that a key is being checked, unless its box says so.
fn working(app: &App, scene: &Scene) -> Vec<Line<'static>> {
    let turn = app.session.turn.as_ref().map(|turn| {
        let mark = match scene.look.form {
            Form::Drawn => "• ",
            Form::Words => "",
        };
        let words = scene.span(Tone::Faint, turn_words(app, turn, scene));
        Line::from(vec![scene.span(Tone::Accent, mark), words])
    });
    let check = app.account.is_checking() && app.dialogs.is_empty();
    let check = check.then(|| Line::from(scene.span(Tone::Accent, key_box::checking(scene))));
    let waiting = app.dialogs.waiting();
    let questions =
        (waiting > 0).then(|| {
            let count = u64::try_from(waiting).unwrap_or(u64::MAX);
            let text = codex_render::words::plural(count, "more question waits", "more questions wait");
            Line::from(scene.span(
                Tone::Accent,
                format!("{}{text}", if scene.look.form == Form::Drawn { "  " } else { "" }),
            ))
        });
    let retry = app.session.turn.as_ref().and_then(|turn| turn.retry.as_deref()).map(|words| {
        let indent = if scene.look.form == Form::Drawn { "  " } else { "" };
        let words = codex_redact::redact(words);
        Line::from(scene.span(Tone::Warning, format!("{indent}{}", codex_render::words::printable(&words))))
    });
    let lines: Vec<_> = turn
        .into_iter()
        .chain(questions)
        .chain(retry)
        .chain(check)
        .map(|line| wrap::truncate(&line, scene.width))
        .collect();
    if lines.is_empty() { lines } else { [vec![Line::default()], lines].concat() }
}

fn turn_words(app: &App, turn: &RunningTurn, scene: &Scene) -> String {
    let seconds = scene.now.since_start.saturating_sub(turn.since).as_secs();
    // In a dialog Esc means something else.
    match (turn.stopping, scene.look.form, app.dialogs.is_empty()) {
        (Stopping::Asked | Stopping::WhenKnown, _, _) => "Stopping…".to_owned(),
        (Stopping::NotAsked, Form::Words, true) => "Working. Esc interrupts.".to_owned(),
        (Stopping::NotAsked, Form::Words, false) => "Working.".to_owned(),
        (Stopping::NotAsked, Form::Drawn, true) => format!("Working {} · Esc interrupts", clock(seconds)),
        (Stopping::NotAsked, Form::Drawn, false) => format!("Working {}", clock(seconds)),
    }
}

/// `7 s`, `2 min 05 s`.
fn clock(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Messages that the agent has not read yet.
fn waiting(app: &App, scene: &Scene) -> Vec<Line<'static>> {
    let sent = app.session.sent.iter().map(|sent| ("joins the turn: ", &sent.message));
    let queued = app.session.queue.iter().map(|message| ("waits: ", message));
    let all: Vec<_> = sent.chain(queued).collect();
    let most = if scene.rows < FEW_ROWS { MOST_LISTED_ON_FEW_ROWS } else { MOST_LISTED };
    let mut lines: Vec<Line<'static>> = all
        .iter()
        .take(most)
        .map(|(how, message)| {
            let first = message.text.lines().next().unwrap_or_default();
            // No more than any screen shows: it may be a whole paste, and this is drawn at every key.
            let beginning: String = first.chars().take(MOST_LETTERS).collect();
            let text = codex_redact::redact(&beginning);
            let line = Line::from(vec![
                scene.span(Tone::Faint, format!("  {how}")),
                scene.span(Tone::Faint, codex_render::words::printable(&text).as_ref()),
            ]);
            wrap::truncate(&line, scene.width)
        })
        .collect();
    if all.len() > most {
        let more = format!("  and {} more", all.len() - most);
        lines.push(wrap::truncate(&Line::from(scene.span(Tone::Faint, more)), scene.width));
    }
    lines
}
