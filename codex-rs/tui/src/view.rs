//! The screen as a function of the state.

use std::time::Duration;

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::Line;

use crate::app::{App, Help};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::session::Stopping;
use crate::{help, status_line};

/// Waiting messages that are listed; more are counted.
const MOST_LISTED: usize = 3;
/// Rows that the conversation keeps at the least, where the screen has them.
const LEAST_CONVERSATION: usize = 3;

/// The whole screen while the transcript is open.
pub(crate) fn screen(app: &App, scene: &Scene) -> Picture {
    match &app.pager {
        Some(pager) => pager.view(&app.conversation, scene),
        None => Picture::default(),
    }
}

/// The live area: the conversation's growing part above what `below` drew.
pub(crate) fn live(app: &App, scene: &Scene, below: Picture) -> Picture {
    let room = room(scene, &below);
    app.conversation.view(scene, room).above(below).fitted(most_rows(scene))
}

/// Rows for the growing part of the conversation.
pub(crate) fn room(scene: &Scene, below: &Picture) -> usize {
    most_rows(scene).saturating_sub(below.rows())
}

/// Everything below the conversation.
pub(crate) fn below(app: &App, scene: &Scene) -> Picture {
    let facts = Facts { account: &app.account, session: &app.session, setup: &app.setup };
    let mut above = Picture::of(working(app, scene));
    above.lines.extend(waiting(app, scene));
    above.lines.push(Line::default());
    let status = Picture::of(vec![status_line::view(scene, facts)]);
    let room = most_rows(scene).saturating_sub(above.rows() + status.rows() + LEAST_CONVERSATION).max(1);
    let input = match app.dialogs.top() {
        Some(dialog) => dialog.view(scene, facts, room),
        None if app.help == Help::Shown => {
            let composer = app.composer.view(scene, facts, room);
            let help = help::view(scene, room.saturating_sub(composer.rows()));
            let cursor = composer.cursor;
            Picture { cursor, ..composer.above(help) }
        }
        None => app.composer.view(scene, facts, room),
    };
    above.above(input).above(status)
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

/// That a turn runs, and how to stop it.
fn working(app: &App, scene: &Scene) -> Vec<Line<'static>> {
    let Some(turn) = &app.session.turn else { return Vec::new() };
    let text = match turn.stopping {
        Stopping::Asked | Stopping::WhenKnown => "Stopping…".to_owned(),
        Stopping::NotAsked => match scene.look.form {
            Form::Words => "Working. Esc interrupts.".to_owned(),
            Form::Drawn => {
                let seconds = scene.now.since_start.saturating_sub(turn.since).as_secs();
                format!("Working {} · Esc interrupts", clock(seconds))
            }
        },
    };
    let line = Line::from(vec![scene.span(Tone::Accent, "• "), scene.span(Tone::Faint, text)]);
    vec![Line::default(), wrap::truncate(&line, scene.width)]
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
    let mut lines: Vec<Line<'static>> = all
        .iter()
        .take(MOST_LISTED)
        .map(|(how, message)| {
            let first = message.text.lines().next().unwrap_or_default();
            let text = codex_redact::redact(first).into_owned();
            let line = Line::from(vec![
                scene.span(Tone::Faint, format!("  {how}")),
                scene.span(Tone::Faint, codex_render::words::printable(&text).as_ref()),
            ]);
            wrap::truncate(&line, scene.width)
        })
        .collect();
    if all.len() > MOST_LISTED {
        let more = format!("  and {} more", all.len() - MOST_LISTED);
        lines.push(wrap::truncate(&Line::from(scene.span(Tone::Faint, more)), scene.width));
    }
    lines
}
