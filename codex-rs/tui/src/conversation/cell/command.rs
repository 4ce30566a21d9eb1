//! A command: what was run, what it said, how it ended.

use std::time::Duration;

use codex_app_server_protocol::{CommandAction, CommandStatus};
use codex_render::words::{duration, plural};
use codex_render::wrap::{self, Indent};
use codex_render::{Form, Tone};
use ratatui_core::text::{Line, Span};

use super::{Place, lines_of, marked};
use crate::clean::output_line;
use crate::now::Now;
use crate::picture::Scene;

/// Lines of output that are shown at its beginning, and at its end.
const HEAD: usize = 2;
const TAIL: usize = 2;
/// Rows of the command itself that are shown.
const COMMAND_ROWS: usize = 4;
/// Lines of output that the transcript lays out together.
const BLOCK_LINES: usize = 64;
/// Bytes of one line that are looked at where it is cut to one row.
const LONGEST_LINE: usize = 4096;

#[derive(Debug)]
pub(crate) struct Command {
    command: String,
    output: String,
    /// Line ends in `output`.
    line_ends: usize,
    began: Duration,
    outcome: Outcome,
}

/// How a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Running,
    /// The person is asked whether it may run.
    Asked,
    Ended {
        exit_code: Option<i32>,
        duration_ms: Option<i64>,
    },
    Declined,
    /// It outlives its turn.
    Background,
    /// The turn was stopped before it ended.
    Unknown,
}

impl Outcome {
    /// As the engine tells it of an item that is completed.
    pub(crate) fn of(status: CommandStatus, exit_code: Option<i32>, duration_ms: Option<i64>) -> Self {
        match status {
            CommandStatus::Declined => Outcome::Declined,
            CommandStatus::InProgress | CommandStatus::Completed | CommandStatus::Failed => {
                Outcome::Ended { exit_code, duration_ms }
            }
        }
    }
}

impl Command {
    /// What was asked for reads better than the shell line that carries it.
    pub(crate) fn running(line: &str, actions: &[CommandAction], now: Now) -> Self {
        let command = match actions {
            [only] => only.command(),
            _ => line,
        };
        Command {
            command: command.to_owned(),
            output: String::new(),
            line_ends: 0,
            began: now.since_start,
            outcome: Outcome::Running,
        }
    }

    pub(crate) fn push(&mut self, delta: &str) {
        self.line_ends += delta.matches('\n').count();
        self.output.push_str(delta);
    }

    pub(crate) fn complete(&mut self, output: Option<&str>, outcome: Outcome) {
        if let Some(output) = output {
            output.clone_into(&mut self.output);
            self.line_ends = output.matches('\n').count();
        }
        self.outcome = outcome;
    }

    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// The person is asked about it.
    pub(crate) fn asked(&mut self) {
        self.outcome = Outcome::Asked;
    }

    /// The question has its answer, from here or from elsewhere.
    pub(crate) fn settled(&mut self, now: Now) {
        if self.outcome == Outcome::Asked {
            self.outcome = Outcome::Running;
            self.began = now.since_start;
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.outcome, Outcome::Running | Outcome::Asked)
    }

    fn output(&self) -> &str {
        self.output.trim_end()
    }

    /// A few of its lines, and how many of them cannot change any more. The cost does not grow with the output.
    pub(super) fn folded(&self, scene: &Scene) -> (Vec<Line<'static>>, usize) {
        let mut lines = self.command_lines(scene);
        if lines.len() > COMMAND_ROWS {
            let more = lines.len() - COMMAND_ROWS + 1;
            lines.truncate(COMMAND_ROWS - 1);
            lines.push(more_lines(scene, more));
        }
        let stable = lines.len();
        let output = self.output();
        let cut_ends = self.output[output.len()..].matches('\n').count();
        let count = if output.is_empty() { 0 } else { self.line_ends - cut_ends + 1 };
        if count <= HEAD + TAIL + 1 {
            lines.extend(output.lines().map(|line| output_row(scene, line)));
        } else {
            lines.extend(output.lines().take(HEAD).map(|line| output_row(scene, line)));
            lines.push(more_lines(scene, count - HEAD - TAIL));
            let mut last: Vec<_> =
                output.rsplit('\n').take(TAIL).map(|line| output_row(scene, line)).collect();
            last.reverse();
            lines.extend(last);
        }
        lines.push(self.outcome_row(scene));
        (lines, stable)
    }

    /// Where the blocks of the output begin.
    pub(super) fn blocks(&self) -> Vec<usize> {
        let ends = self.output().match_indices('\n');
        let begins = ends.map(|(at, _)| at + 1).skip(BLOCK_LINES - 1).step_by(BLOCK_LINES);
        std::iter::once(0).chain(begins).collect()
    }

    /// A block of it as the transcript shows it: nothing is left out.
    pub(super) fn block(
        &self,
        scene: &Scene,
        begin: usize,
        end: Option<usize>,
        place: Place,
    ) -> Vec<Line<'static>> {
        let output = self.output();
        // The line end before the next block is not a line of its own.
        let part = output.get(begin..end.map_or(output.len(), |end| end - 1)).unwrap_or_default();
        let mut lines = if place.is_first { self.command_lines(scene) } else { Vec::new() };
        if !(part.is_empty() && place.is_first && place.is_last) {
            lines.extend(part.split('\n').flat_map(|line| {
                let line = Line::from(scene.span(Tone::Faint, output_line(line)));
                wrap::hard(&line, scene.width, &below())
            }));
        }
        if place.is_last {
            lines.push(self.outcome_row(scene));
        }
        lines
    }

    fn command_lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let indent = marked(scene, Tone::Accent, "$ ", "Command: ");
        lines_of(
            &self.command.split('\n').map(output_line).collect::<Vec<_>>().join("\n"),
            scene,
            Tone::Normal,
            &indent,
        )
    }

    fn outcome_row(&self, scene: &Scene) -> Line<'static> {
        let mark = match scene.look.form {
            Form::Drawn => "  ",
            Form::Words => "Result: ",
        };
        wrap::truncate(&Line::from(vec![Span::raw(mark), self.outcome_words(scene)]), scene.width)
    }

    fn outcome_words(&self, scene: &Scene) -> Span<'static> {
        match self.outcome {
            Outcome::Running => {
                let seconds = scene.now.since_start.saturating_sub(self.began).as_secs();
                match (scene.look.form, seconds) {
                    (Form::Words, _) | (Form::Drawn, 0) => scene.span(Tone::Faint, "running"),
                    (Form::Drawn, seconds) => scene.span(Tone::Faint, format!("running · {seconds} s")),
                }
            }
            Outcome::Asked => scene.span(Tone::Faint, "waits for your answer"),
            Outcome::Ended { exit_code, duration_ms } => {
                let joint = scene.joint();
                let time = duration_ms.map_or_else(String::new, |time| format!("{joint}{}", duration(time)));
                match exit_code {
                    Some(0) => scene.span(Tone::Good, format!("ok{time}")),
                    Some(code) => scene.span(Tone::Bad, format!("exit {code}{time}")),
                    None => scene.span(Tone::Bad, format!("did not run{time}")),
                }
            }
            Outcome::Declined => scene.span(Tone::Warning, "declined; it did not run"),
            Outcome::Background => scene.span(Tone::Accent, "runs on in the background; /ps lists it"),
            Outcome::Unknown => scene.span(Tone::Warning, "the turn ended before it did"),
        }
    }
}

/// Says how much is folded away.
pub(super) fn more_lines(scene: &Scene, more: usize) -> Line<'static> {
    let count = plural(u64::try_from(more).unwrap_or(u64::MAX), "line", "lines");
    let text = match scene.look.form {
        Form::Drawn => format!("  … {count} (Ctrl+T shows all)"),
        Form::Words => format!("{count} not shown; Ctrl+T shows all."),
    };
    wrap::truncate(&Line::from(scene.span(Tone::Faint, text)), scene.width)
}

/// One row of output, cut where the row ends.
fn output_row(scene: &Scene, line: &str) -> Line<'static> {
    let line = output_line(&line[..floor(line, LONGEST_LINE)]);
    wrap::truncate(&Line::from(vec![Span::raw("  "), scene.span(Tone::Faint, line)]), scene.width)
}

/// `at`, or the last boundary of a character before it.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn below() -> Indent {
    Indent { first: vec![Span::raw("  ")], rest: vec![Span::raw("  ")] }
}
