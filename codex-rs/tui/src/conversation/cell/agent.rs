//! What the agent says: markdown that is drawn while it grows.

use codex_render::markdown::Markdown;
use codex_render::wrap::{self, Indent};
use codex_render::{Form, Look, Tone};
use ratatui_core::text::{Line, Span};

use super::{Layout, Place};
use crate::clean::{clean, clean_growing};
use crate::picture::Scene;

/// The mark before an answer, and as many blanks before its other lines.
const MARK: &str = "• ";
/// Narrower than this there is no room for the mark.
const NARROWEST_MARKED: u16 = 4;
/// A paragraph of more bytes is ended with a blank line: drawing must not cost more the longer it gets.
const LONGEST_PARAGRAPH: usize = 8 * 1024;
/// Places between words that are tried to end it at.
const MOST_TRIES: usize = 8;
/// Parts of the document that the transcript lays out together.
const BLOCK_PARTS: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Agent {
    /// What came, until all of it is in the document.
    text: String,
    /// Bytes of it that are in the document for good: whole lines.
    read: usize,
    document: Option<Markdown>,
    end: End,
}

/// Whether an answer came to its end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    #[default]
    Open,
    Whole,
    /// The request is sent again, and its answer begins anew.
    GoesOnBelow,
    /// The turn ended.
    CutOff,
}

/// Whether lines that are laid out still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    Holds,
    Anew,
}

impl Agent {
    pub(crate) fn push(&mut self, delta: &str) {
        self.text.push_str(delta);
    }

    /// Takes the whole text. Says whether what was drawn of it still holds.
    pub(crate) fn complete(&mut self, text: &str) -> Drawn {
        let drawn = if text.starts_with(self.text.as_str()) { Drawn::Holds } else { Drawn::Anew };
        if drawn == Drawn::Anew {
            self.read = 0;
            self.document = None;
        }
        text.clone_into(&mut self.text);
        self.end = End::Whole;
        drawn
    }

    /// No more of it will come.
    pub(crate) fn cut_off(&mut self, end: End) {
        self.end = end;
    }

    /// Brings the document up to date. Nothing is drawn before it is cleaned, a line at a time: what holds a secret is
    /// known when the line has ended.
    pub(super) fn read(&mut self, look: Look) {
        let document = self.document.get_or_insert_with(|| Markdown::new(look));
        let open = self.text.get(self.read..).unwrap_or_default();
        let whole = open.rfind('\n').map_or(0, |at| at + 1);
        let mut lines = open[..whole].split_inclusive('\n').peekable();
        while lines.peek().is_some() {
            // Each push reads what is open again, so a flood of lines is pushed in few parts.
            let mut part = String::new();
            while part.len() <= LONGEST_PARAGRAPH
                && let Some(line) = lines.next()
            {
                part.push_str(&clean(line));
            }
            document.push(&part);
            if document.is_in_long_paragraph(LONGEST_PARAGRAPH) {
                document.push("\n");
            }
        }
        match self.end {
            End::Open => {
                let rest = &open[whole..];
                self.read += whole;
                document.preview(&clean_growing(rest));
                if document.is_in_long_paragraph(LONGEST_PARAGRAPH) {
                    let words = whole_words(rest);
                    document.push(&format!("{}\n\n", clean(words).trim_end()));
                    document.preview(&clean_growing(&rest[words.len()..]));
                    self.read += words.len();
                }
            }
            End::Whole | End::GoesOnBelow | End::CutOff => {
                document.push(&clean(&open[whole..]));
                document.finish();
                self.text = String::new();
                self.read = 0;
            }
        }
    }

    /// It has left for the scrollback.
    pub(super) fn forget_lines(&mut self) {
        if let Some(document) = &mut self.document {
            document.forget_lines();
        }
    }

    pub(super) fn lay_out(&mut self, scene: &Scene, layout: &mut Layout) {
        self.read(scene.look);
        let end = self.end;
        layout.lines.truncate(layout.stable);
        let Some(document) = &mut self.document else { return };
        let width = inner_width(scene);
        let mut place = layout.lines.len();
        if place == 0 {
            document.forget_lines();
        }
        let stable = document.take_stable(width);
        let tail = document.lines(width).tail;
        if place == 0 && !(stable.is_empty() && tail.is_empty()) {
            layout.lines = head(scene);
        }
        let mut said = |line| {
            let line = said(scene, end, place, line);
            place += 1;
            line
        };
        let is_grown = !stable.is_empty();
        layout.lines.extend(stable.into_iter().map(&mut said));
        if is_grown {
            layout.stable = layout.lines.len();
        }
        layout.lines.extend(tail.iter().cloned().map(said));
        if end != End::Open && !layout.lines.is_empty() {
            layout.lines.extend(closing(scene, end));
            layout.stable = layout.lines.len();
        }
    }

    /// Where the blocks begin, as parts of the document.
    pub(super) fn blocks(&self) -> Vec<usize> {
        let parts = self.document.as_ref().map_or(0, Markdown::stable_parts);
        let mut begins: Vec<usize> = (0..parts).step_by(BLOCK_PARTS).collect();
        if begins.is_empty() || self.end == End::Open {
            begins.push(parts);
        }
        begins
    }

    pub(super) fn block(
        &self,
        scene: &Scene,
        begin: usize,
        end: Option<usize>,
        place: Place,
    ) -> Vec<Line<'static>> {
        let Some(document) = &self.document else { return Vec::new() };
        let width = inner_width(scene);
        let mut lines = document.lines_of_parts(begin..end.unwrap_or(usize::MAX), width);
        if place.is_last {
            lines.extend(document.tail_lines(width));
        }
        let from = usize::from(!place.is_first);
        let mut lines: Vec<_> = lines
            .into_iter()
            .enumerate()
            .map(|(place, line)| said(scene, self.end, from + place, line))
            .collect();
        if place.is_first && !lines.is_empty() {
            lines.splice(0..0, head(scene).into_iter().skip(1));
        }
        if place.is_last && !lines.is_empty() {
            lines.extend(closing(scene, self.end));
        }
        lines
    }
}

/// As much of a line as is drawn the same without what follows: up to a word, and not through the middle of a secret.
fn whole_words(line: &str) -> &str {
    let whole = clean(line);
    let begins_word = |at: &usize| line[at + 1..].starts_with(char::is_alphabetic);
    let ends = line.rmatch_indices(' ').map(|(at, _)| at).filter(begins_word).take(MOST_TRIES);
    let is_the_same = |at: &usize| {
        let (left, right) = line.split_at(at + 1);
        whole.strip_prefix(&*clean(left)) == Some(&*clean(right))
    };
    ends.map(|at| at + 1).find(|end| is_the_same(&(end - 1))).map_or("", |end| &line[..end])
}

/// What stands before the first line: a blank one and, in words, who speaks.
fn head(scene: &Scene) -> Vec<Line<'static>> {
    match scene.look.form {
        Form::Drawn => vec![Line::default()],
        Form::Words => vec![Line::default(), wrap::truncate(&Line::from("Codex:"), scene.width)],
    }
}

fn is_marked(scene: &Scene) -> bool {
    scene.look.form == Form::Drawn && scene.width >= NARROWEST_MARKED
}

fn inner_width(scene: &Scene) -> u16 {
    if is_marked(scene) { scene.width - 2 } else { scene.width }
}

/// A line of the document as it stands on the screen.
fn said(scene: &Scene, end: End, place: usize, mut line: Line<'static>) -> Line<'static> {
    match end {
        End::Open | End::Whole => {}
        End::GoesOnBelow | End::CutOff => {
            let faint = scene.look.style(Tone::Faint);
            line.spans.iter_mut().for_each(|span| span.style = span.style.patch(faint));
        }
    }
    if is_marked(scene) && (place == 0 || !line.spans.is_empty()) {
        let mark = if place == 0 { scene.span(Tone::Faint, MARK) } else { Span::raw("  ") };
        line.spans.insert(0, mark);
    }
    if scene.width < NARROWEST_MARKED { wrap::truncate(&line, scene.width) } else { line }
}

/// The mark that nothing follows which ought to (fallback-spec §3.3).
fn closing(scene: &Scene, end: End) -> Vec<Line<'static>> {
    let words = match end {
        End::Open | End::Whole => return Vec::new(),
        End::GoesOnBelow => "cut off here; the answer begins again below",
        End::CutOff => "cut off here",
    };
    let blank = || vec![Span::raw("  ")];
    let (text, indent) = match scene.look.form {
        Form::Drawn => (format!("— {words} —"), Indent { first: blank(), rest: blank() }),
        Form::Words => (words.to_owned(), Indent::default()),
    };
    wrap::wrap(&Line::from(scene.span(Tone::Warning, text)), scene.width, &indent)
}
