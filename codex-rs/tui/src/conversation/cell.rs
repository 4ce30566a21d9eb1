//! The kinds of cells, and how each is laid out for a width.

use std::time::Duration;

use codex_app_server_protocol::UserInput;
use codex_redact::redact;
use codex_render::words::{duration, plural, printable};
use codex_render::wrap::{self, Indent};
use codex_render::{Form, Tone};
use ratatui_core::text::{Line, Span};

use crate::app_event::{Notice, NoticeKind};
use crate::now::Now;
use crate::picture::Scene;
use crate::status_card::StatusCard;

/// Lines of a command's output that are shown at its beginning, and at its end.
const OUTPUT_HEAD: usize = 2;
const OUTPUT_TAIL: usize = 3;
/// Lines of a thought that are shown.
const THOUGHT_LINES: usize = 3;

/// One cell.
#[derive(Debug)]
pub(crate) enum Cell {
    /// The beginning of a thread.
    Head { version: String, model: String, effort: Option<String>, folder: String, hints: Vec<String> },
    /// What the person said.
    User(User),
    /// What the agent said.
    Agent(Agent),
    /// What the agent thought.
    Reasoning(Reasoning),
    /// What the agent ran.
    Command(Command),
    /// A sentence of the program's own.
    Notice(Notice),
    /// The answer to `/status`.
    Status(Box<StatusCard>),
}

/// How much of a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// A few lines of what is long.
    Folded,
    /// All.
    Whole,
}

/// Lines, and how many of them cannot change any more.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) lines: Vec<Line<'static>>,
    pub(crate) stable: usize,
}

#[derive(Debug, Default)]
pub(crate) struct User {
    text: String,
    images: Vec<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Agent {
    text: String,
    end: End,
}

#[derive(Debug, Default)]
pub(crate) struct Reasoning {
    parts: Vec<String>,
    end: End,
}

/// Whether an answer came to its end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Whole,
    CutOff,
}

#[derive(Debug)]
pub(crate) struct Command {
    command: String,
    output: String,
    began: Duration,
    outcome: Outcome,
}

/// How a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Running,
    Ended {
        exit_code: Option<i32>,
        duration_ms: Option<i64>,
    },
    Declined,
    /// The turn ended before it did.
    Unknown,
}

impl Cell {
    /// The cell's lines, after one blank line that sets it apart.
    pub(crate) fn lay_out(&self, scene: &Scene, detail: Detail) -> Layout {
        let mut layout = match self {
            Cell::Head { version, model, effort, folder, hints } => {
                Layout::whole(head(scene, version, model, effort.as_deref(), folder, hints))
            }
            Cell::User(user) => Layout::whole(user.lines(scene)),
            Cell::Agent(agent) => agent.lay_out(scene),
            Cell::Reasoning(reasoning) => Layout::open(reasoning.lines(scene, detail)),
            Cell::Command(command) => Layout::open(command.lines(scene, detail)),
            Cell::Notice(notice) => Layout::whole(notice_lines(scene, notice)),
            Cell::Status(card) => Layout::whole(card.lines(scene)),
        };
        if !layout.lines.is_empty() {
            layout.lines.insert(0, Line::default());
            layout.stable += 1;
        }
        layout
    }

    /// Whether it looks different a second later.
    pub(crate) fn shows_time(&self) -> bool {
        matches!(self, Cell::Command(command) if command.outcome == Outcome::Running)
    }

    /// No more of it will come.
    pub(crate) fn cut_off(&mut self) {
        match self {
            Cell::Agent(agent) => agent.end = End::CutOff,
            Cell::Reasoning(reasoning) => reasoning.end = End::CutOff,
            Cell::Command(command) => command.outcome = Outcome::Unknown,
            Cell::Head { .. } | Cell::User(_) | Cell::Notice(_) | Cell::Status(_) => {}
        }
    }
}

impl Layout {
    fn whole(lines: Vec<Line<'static>>) -> Self {
        Layout { stable: lines.len(), lines }
    }

    fn open(lines: Vec<Line<'static>>) -> Self {
        Layout { stable: 0, lines }
    }
}

impl User {
    pub(crate) fn of(content: &[UserInput]) -> Self {
        let mut user = User::default();
        for part in content {
            match part {
                UserInput::Text { text, .. } => user.text.push_str(text),
                UserInput::Image { url } => user.images.push(url.clone()),
                UserInput::LocalImage { path } => user.images.push(path.clone()),
            }
        }
        user
    }

    fn lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let mark = match scene.look.form {
            Form::Drawn => "› ",
            Form::Words => "You: ",
        };
        let style = scene.look.style(Tone::Strong);
        let mut text = clean(&self.text);
        for image in &self.images {
            text.push_str(&format!("\n[image: {}]", clean(image)));
        }
        wrap::text(&text, style, scene.width, &Indent::hanging(vec![scene.span(Tone::Accent, mark)]))
    }
}

impl Agent {
    pub(crate) fn push(&mut self, delta: &str) {
        self.text.push_str(delta);
    }

    pub(crate) fn complete(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.end = End::Whole;
    }

    fn lay_out(&self, scene: &Scene) -> Layout {
        let tone = if self.end == End::CutOff { Tone::Faint } else { Tone::Normal };
        let style = scene.look.style(tone);
        let indent = Indent::hanging(vec![match scene.look.form {
            Form::Drawn => scene.span(Tone::Faint, "• "),
            Form::Words => Span::raw("Codex: "),
        }]);
        let text = clean(&self.text);
        let mut lines = wrap::text(&text, style, scene.width, &indent);
        // The last line still grows; so may the word that it ends with be moved to it.
        let open =
            text.rsplit('\n').next().map_or(0, |last| wrap::text(last, style, scene.width, &indent).len());
        let mut stable = lines.len().saturating_sub(open);
        match self.end {
            End::Open => {}
            End::Whole => stable = lines.len(),
            End::CutOff => {
                let mark = "— cut off here; what follows begins anew —";
                lines.extend(wrap::wrap(
                    &Line::from(scene.span(Tone::Faint, mark)),
                    scene.width,
                    &Indent::none(),
                ));
                stable = lines.len();
            }
        }
        Layout { lines, stable }
    }
}

impl Reasoning {
    pub(crate) fn begin_part(&mut self) {
        self.parts.push(String::new());
    }

    pub(crate) fn push(&mut self, delta: &str) {
        match self.parts.last_mut() {
            Some(part) => part.push_str(delta),
            None => self.parts.push(delta.to_owned()),
        }
    }

    pub(crate) fn complete(&mut self, summary: &[String]) {
        self.parts = summary.to_vec();
        self.end = End::Whole;
    }

    fn lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        let text = clean(self.parts.join("\n").trim());
        if text.is_empty() {
            return Vec::new();
        }
        let indent = Indent::hanging(vec![match scene.look.form {
            Form::Drawn => scene.span(Tone::Faint, "∴ "),
            Form::Words => Span::raw("Thought: "),
        }]);
        let mut lines = wrap::text(&text, scene.look.style(Tone::Faint), scene.width, &indent);
        if detail == Detail::Folded && lines.len() > THOUGHT_LINES {
            let more = lines.len() - THOUGHT_LINES;
            lines.truncate(THOUGHT_LINES);
            lines.push(more_lines(scene, more));
        }
        lines
    }
}

impl Command {
    pub(crate) fn running(command: &str, now: Now) -> Self {
        Command {
            command: command.to_owned(),
            output: String::new(),
            began: now.since_start,
            outcome: Outcome::Running,
        }
    }

    pub(crate) fn push(&mut self, delta: &str) {
        self.output.push_str(delta);
    }

    pub(crate) fn complete(&mut self, output: Option<&str>, outcome: Outcome) {
        if let Some(output) = output {
            output.clone_into(&mut self.output);
        }
        self.outcome = outcome;
    }

    fn lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        let mark = match scene.look.form {
            Form::Drawn => "$ ",
            Form::Words => "Command: ",
        };
        let indent = Indent::hanging(vec![scene.span(Tone::Accent, mark)]);
        let mut lines =
            wrap::text(&clean(&self.command), scene.look.style(Tone::Normal), scene.width, &indent);
        fold(scene, detail, &mut lines);
        let mut output = self.output_lines(scene);
        fold(scene, detail, &mut output);
        lines.extend(output);
        let line = Line::from(vec![Span::raw("  "), self.outcome_words(scene)]);
        lines.push(wrap::truncate(&line, scene.width));
        lines
    }

    fn output_lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let text = clean(self.output.trim_end());
        if text.is_empty() {
            return Vec::new();
        }
        let indent = Indent { first: vec![Span::raw("  ")], rest: vec![Span::raw("  ")] };
        text.lines()
            .flat_map(|line| wrap::hard(&Line::from(scene.span(Tone::Faint, line)), scene.width, &indent))
            .collect()
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
            Outcome::Ended { exit_code, duration_ms } => {
                let time = duration_ms.map_or_else(String::new, |time| format!(" · {}", duration(time)));
                match exit_code {
                    Some(0) => scene.span(Tone::Good, format!("ok{time}")),
                    Some(code) => scene.span(Tone::Bad, format!("exit {code}{time}")),
                    None => scene.span(Tone::Bad, format!("did not run{time}")),
                }
            }
            Outcome::Declined => scene.span(Tone::Warning, "declined: it did not run"),
            Outcome::Unknown => scene.span(Tone::Warning, "ended with the turn"),
        }
    }
}

/// The first and last lines of what is long.
fn fold(scene: &Scene, detail: Detail, lines: &mut Vec<Line<'static>>) {
    if detail == Detail::Folded && lines.len() > OUTPUT_HEAD + OUTPUT_TAIL + 1 {
        let more = lines.len() - OUTPUT_HEAD - OUTPUT_TAIL;
        lines.splice(OUTPUT_HEAD..OUTPUT_HEAD + more, [more_lines(scene, more)]);
    }
}

fn more_lines(scene: &Scene, more: usize) -> Line<'static> {
    let count = plural(u64::try_from(more).unwrap_or(u64::MAX), "more line", "more lines");
    wrap::truncate(
        &Line::from(scene.span(Tone::Faint, format!("  … {count} (Ctrl+T shows all)"))),
        scene.width,
    )
}

fn head(
    scene: &Scene,
    version: &str,
    model: &str,
    effort: Option<&str>,
    folder: &str,
    hints: &[String],
) -> Vec<Line<'static>> {
    let effort = effort.map_or_else(String::new, |effort| format!(" {effort}"));
    let name = Line::from(vec![
        scene.span(Tone::Strong, format!("codex {version}")),
        scene.span(Tone::Faint, format!(" · {model}{effort} · {folder}")),
    ]);
    let mut lines = wrap::wrap(&name, scene.width, &Indent::none());
    for hint in hints {
        lines.extend(wrap::wrap(
            &Line::from(scene.span(Tone::Accent, hint.as_str())),
            scene.width,
            &Indent::none(),
        ));
    }
    lines
}

fn notice_lines(scene: &Scene, notice: &Notice) -> Vec<Line<'static>> {
    let (tone, sign, word) = match notice.kind {
        NoticeKind::Info => (Tone::Faint, "· ", "Note: "),
        NoticeKind::Done => (Tone::Good, "✓ ", "Done: "),
        NoticeKind::Warning => (Tone::Warning, "! ", "Warning: "),
        NoticeKind::Error => (Tone::Bad, "■ ", "Error: "),
        NoticeKind::Payer => (Tone::Key, "⇄ ", "Payer: "),
    };
    let mark = match scene.look.form {
        Form::Drawn => sign,
        Form::Words => word,
    };
    let indent = Indent::hanging(vec![scene.span(tone, mark)]);
    wrap::text(&clean(&notice.text), scene.look.style(tone), scene.width, &indent)
}

/// Text that cannot command the terminal, with its keys covered and its tabs as blanks.
fn clean(text: &str) -> String {
    printable(&redact(text)).replace('\t', "    ")
}
