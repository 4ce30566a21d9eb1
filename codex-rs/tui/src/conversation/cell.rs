//! The kinds of cells, and how each is laid out for a width.

mod agent;
mod changes;
mod command;
mod plan;
mod tool;

use codex_app_server_protocol::{PayerName, TurnPlanUpdated, UserInput, WebSearchAction};
use codex_render::wrap::{self, Indent};
use codex_render::{Form, Look, Tone};
use ratatui_core::text::{Line, Span};

use crate::app_event::{Notice, NoticeKind};
use crate::clean::clean;
use crate::picture::Scene;
use crate::status_card::StatusCard;

pub(crate) use agent::{Agent, Drawn, End};
pub(crate) use changes::Changes;
pub(crate) use command::{Command, Outcome};
pub(crate) use tool::McpCall;

/// Lines of a thought that are shown.
const THOUGHT_LINES: usize = 3;
/// Rows of the person's own message that are shown; of a longer one, such as a large paste, its beginning and its end.
const MESSAGE_ROWS: usize = 20;
const MESSAGE_HEAD: usize = 10;
const MESSAGE_TAIL: usize = 4;

/// One cell.
#[derive(Debug)]
pub(crate) enum Cell {
    /// The beginning of a thread.
    Head(Head),
    /// What the person said.
    User(User),
    /// What the agent said.
    Agent(Box<Agent>),
    /// What the agent thought.
    Reasoning(Reasoning),
    /// What the agent ran.
    Command(Command),
    /// Files that it changes, or that `/diff` tells of.
    Changes(Changes),
    /// Its plan.
    Plan(TurnPlanUpdated),
    /// A tool of an MCP server that it called.
    McpCall(Box<McpCall>),
    /// A search of the web.
    Search { query: String, action: Option<WebSearchAction> },
    /// An image that it looked at; the path as it is drawn.
    Image(String),
    /// The answer to `/mcp`: a title, and a row for each thing.
    List(String, Vec<String>, Rows),
    /// A sentence of the program's own.
    Notice(Notice),
    /// Who pays from now on.
    Payer(PayerName, String),
    /// The answer to `/status`.
    Status(Box<StatusCard>),
}

/// What stands at the beginning of a thread.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// This program's version.
    pub(crate) version: String,
    /// Model slug.
    pub(crate) model: String,
    /// Reasoning effort; none is the model's own.
    pub(crate) effort: Option<String>,
    /// Working folder, as it is shown.
    pub(crate) folder: String,
    /// Said below.
    pub(crate) hints: Vec<String>,
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
pub(crate) struct Reasoning {
    parts: Vec<String>,
}

impl Cell {
    /// Brings the cell's lines up to date. One blank line sets them apart from what stands before.
    pub(crate) fn lay_out(&mut self, scene: &Scene, layout: &mut Layout) {
        let (lines, stable) = match self {
            Cell::Agent(agent) => return agent.lay_out(scene, layout),
            Cell::Command(command) => command.folded(scene),
            Cell::Reasoning(reasoning) => (reasoning.lines(scene, Detail::Folded), 0),
            Cell::Changes(changes) => (changes.folded(scene), 0),
            Cell::McpCall(call) => (call.lines(scene, Detail::Folded), 0),
            Cell::Search { .. } | Cell::List(_, _, Rows::Change) => {
                (self.short_lines(scene, Detail::Folded), 0)
            }
            Cell::Head(_)
            | Cell::User(_)
            | Cell::Notice(_)
            | Cell::Payer(..)
            | Cell::Plan(_)
            | Cell::Image(_)
            | Cell::List(_, _, Rows::Hold)
            | Cell::Status(_) => {
                let lines = self.short_lines(scene, Detail::Folded);
                let stable = lines.len();
                (lines, stable)
            }
        };
        let apart = usize::from(!lines.is_empty());
        layout.stable = if stable > 0 { stable + apart } else { 0 };
        layout.lines = after_blank(lines);
    }

    /// Takes in what came since it was last drawn; whoever lays it out in blocks says so first.
    pub(crate) fn read(&mut self, look: Look) {
        if let Cell::Agent(agent) = self {
            agent.read(look);
        }
    }

    /// It is in the scrollback: what was kept to lay it out again goes.
    pub(crate) fn forget_lines(&mut self) {
        if let Cell::Agent(agent) = self {
            agent.forget_lines();
        }
    }

    /// Where the blocks of the whole cell begin, in its own measure; there is at least one.
    pub(crate) fn blocks(&self) -> Vec<usize> {
        match self {
            Cell::Agent(agent) => agent.blocks(),
            Cell::Command(command) => command.blocks(),
            Cell::Changes(changes) => changes.blocks(),
            Cell::Head(_)
            | Cell::User(_)
            | Cell::Reasoning(_)
            | Cell::Notice(_)
            | Cell::Payer(..)
            | Cell::Plan(_)
            | Cell::McpCall(_)
            | Cell::Search { .. }
            | Cell::Image(_)
            | Cell::List(..)
            | Cell::Status(_) => vec![0],
        }
    }

    /// The lines of one of them.
    pub(crate) fn block(&self, scene: &Scene, begins: &[usize], block: usize) -> Vec<Line<'static>> {
        let Some(begin) = begins.get(block).copied() else { return Vec::new() };
        let end = begins.get(block + 1).copied();
        let place = Place { is_first: block == 0, is_last: end.is_none() };
        let lines = match self {
            Cell::Agent(agent) => agent.block(scene, begin, end, place),
            Cell::Command(command) => command.block(scene, begin, end, place),
            Cell::Changes(changes) => changes.block(scene, begin, place.is_last),
            Cell::McpCall(call) => call.lines(scene, Detail::Whole),
            Cell::Reasoning(reasoning) => reasoning.lines(scene, Detail::Whole),
            Cell::Head(_)
            | Cell::User(_)
            | Cell::Notice(_)
            | Cell::Payer(..)
            | Cell::Plan(_)
            | Cell::Search { .. }
            | Cell::Image(_)
            | Cell::List(..)
            | Cell::Status(_) => self.short_lines(scene, Detail::Whole),
        };
        if place.is_first { after_blank(lines) } else { lines }
    }

    /// Whether it looks different a second later.
    pub(crate) fn shows_time(&self) -> bool {
        matches!(self, Cell::Command(command) if command.is_running())
    }

    fn short_lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        match self {
            Cell::Head(head) => head.lines(scene),
            Cell::User(user) => user.lines(scene, detail),
            Cell::Notice(notice) => notice_lines(scene, notice),
            Cell::Payer(payer, text) => payer_lines(scene, *payer, text),
            Cell::Status(card) => card.lines(scene),
            Cell::Plan(plan) => plan::lines(scene, plan),
            Cell::Search { query, action } => tool::search_lines(scene, query, action.as_ref()),
            Cell::Image(path) => tool::image_lines(scene, path),
            Cell::List(title, rows, _) => list_lines(scene, title, rows),
            Cell::Agent(_) | Cell::Reasoning(_) | Cell::Command(_) | Cell::Changes(_) | Cell::McpCall(_) => {
                Vec::new()
            }
        }
    }
}

/// Whether the rows of a list are the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// They are.
    Hold,
    /// Others will take their place.
    Change,
}

/// Which block of a cell it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Head {
    fn lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let Head { version, model, effort, folder, hints } = self;
        let effort = effort.as_ref().map_or_else(String::new, |effort| format!(" {effort}"));
        let joint = scene.joint();
        let name = Line::from(vec![
            scene.span(Tone::Strong, format!("codex {version}")),
            scene.span(Tone::Faint, clean(&format!("{joint}{model}{effort}{joint}{folder}"))),
        ]);
        let mut lines = wrap::wrap(&name, scene.width, &Indent::default());
        for hint in hints {
            let hint = Line::from(scene.span(Tone::Accent, clean(hint)));
            lines.extend(wrap::wrap(&hint, scene.width, &Indent::default()));
        }
        lines
    }
}

impl User {
    pub(crate) fn of(content: &[UserInput]) -> Self {
        let mut user = User::default();
        for part in content {
            match part {
                UserInput::Text { text, .. } => user.text.push_str(text),
                // An image by URL may be the whole image; its data is nothing to read.
                UserInput::Image { url } if url.starts_with("data:") => user.images.push("pasted".to_owned()),
                UserInput::Image { url } => user.images.push(url.clone()),
                UserInput::LocalImage { path } => user.images.push(file_name(path).to_owned()),
            }
        }
        user
    }

    fn lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        let indent = marked(scene, Tone::Accent, "› ", "You: ");
        let mut text = clean(self.text.trim_end()).into_owned();
        for image in &self.images {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("[image: {}]", clean(image)));
        }
        let mut lines = lines_of(&text, scene, Tone::Strong, &indent);
        if detail == Detail::Folded && lines.len() > MESSAGE_ROWS {
            let end = lines.len() - MESSAGE_TAIL;
            let more = command::more_lines(scene, end - MESSAGE_HEAD);
            lines.splice(MESSAGE_HEAD..end, [more]);
        }
        lines
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

    pub(crate) fn complete(&mut self, parts: &[String]) {
        self.parts = parts.to_vec();
    }

    fn lines(&self, scene: &Scene, detail: Detail) -> Vec<Line<'static>> {
        let whole = self.parts.join("\n\n");
        let text = match detail {
            Detail::Whole => clean(whole.trim()).into_owned(),
            Detail::Folded => clean(&without_gaps(&whole)).into_owned(),
        };
        if text.is_empty() {
            return Vec::new();
        }
        let indent = marked(scene, Tone::Faint, "∴ ", "Thought: ");
        let mut lines = lines_of(&text, scene, Tone::Faint, &indent);
        if detail == Detail::Folded && lines.len() > THOUGHT_LINES + 1 {
            let more = lines.len() - THOUGHT_LINES;
            lines.truncate(THOUGHT_LINES);
            lines.push(command::more_lines(scene, more));
        }
        lines
    }
}

/// The lines that say something, headlines without the signs that make them bold.
fn without_gaps(text: &str) -> String {
    let plain =
        |line: &str| line.strip_prefix("**").and_then(|line| line.strip_suffix("**")).map(str::to_owned);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.map(|line| plain(line).unwrap_or_else(|| line.to_owned())).collect::<Vec<_>>().join("\n")
}

fn notice_lines(scene: &Scene, notice: &Notice) -> Vec<Line<'static>> {
    let (tone, sign, word) = match notice.kind {
        NoticeKind::Info => (Tone::Faint, "· ", "Note: "),
        NoticeKind::Done => (Tone::Good, "✓ ", "Done: "),
        NoticeKind::Warning => (Tone::Warning, "! ", "Warning: "),
        NoticeKind::Error => (Tone::Bad, "✗ ", "Error: "),
    };
    lines_of(&clean(&notice.text), scene, tone, &marked(scene, tone, sign, word))
}

fn payer_lines(scene: &Scene, payer: PayerName, text: &str) -> Vec<Line<'static>> {
    let tone = match payer {
        PayerName::Plan => Tone::Plan,
        PayerName::Key => Tone::Key,
    };
    lines_of(&clean(text), scene, tone, &marked(scene, tone, "⇄ ", "Who pays: "))
}

fn list_lines(scene: &Scene, title: &str, rows: &[String]) -> Vec<Line<'static>> {
    let mut lines = lines_of(&clean(title), scene, Tone::Strong, &Indent::none());
    let first = if scene.look.form == Form::Drawn { "  " } else { "" };
    let indent = Indent { first: vec![Span::raw(first)], rest: vec![Span::raw("    ")] };
    lines.extend(rows.iter().flat_map(|row| lines_of(&clean(row), scene, Tone::Normal, &indent)));
    lines
}

/// The mark before a cell: a sign, or a word where signs do not serve.
fn marked(scene: &Scene, tone: Tone, sign: &str, word: &str) -> Indent {
    match scene.look.form {
        Form::Drawn => Indent {
            first: vec![scene.span(tone, sign)],
            rest: vec![Span::raw(" ".repeat(wrap::width(sign)))],
        },
        Form::Words => Indent { first: vec![Span::raw(word.to_owned())], rest: Vec::new() },
    }
}

/// A text of one tone, without the blank lines around it. Its own indent at line starts is kept.
fn lines_of(text: &str, scene: &Scene, tone: Tone, indent: &Indent) -> Vec<Line<'static>> {
    let blank = text.len() - text.trim_start().len();
    let begin = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    let text = text[begin..].trim_end();
    if text.is_empty() {
        return Vec::new();
    }
    wrap::text(text, scene.look.style(tone), scene.width, indent)
}

fn after_blank(mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    if !lines.is_empty() {
        lines.insert(0, Line::default());
    }
    lines
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
