//! Markdown that grows while it is drawn.
//!
//! What has been read is cut into units: top-level blocks, the items of a top-level list, the lines of a top-level code
//! block. A unit that nothing can change any more becomes logical lines ([`Piece`]), its source is forgotten, and its
//! lines are *stable*. Only the unit that is still open is read again. Each unit is read by itself, so that the same
//! text gives the same lines however it was cut into deltas.
//! The price is small: a link whose address stands elsewhere (`[text][label]`) is drawn as it is written, and so is the
//! address.

mod code;
mod compose;
mod inline;
mod piece;
mod rows;
mod table;
mod units;

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};
use ratatui_core::text::Line;

use self::code::{Fence, FenceLine};
use self::compose::{Numbering, Unit};
use self::piece::Piece;
use self::rows::OpenTable;
use self::units::{Closed, Outline, UnitKind};
use crate::Look;
use crate::words::is_command;

/// A whole text, in lines of at most `width` columns.
pub fn render(source: &str, width: u16, look: Look) -> Vec<Line<'static>> {
    let mut document = Markdown::new(look);
    document.push(source);
    document.finish();
    document.lines(width);
    document.stable.lines
}

/// A growing document.
#[derive(Debug)]
pub struct Markdown {
    look: Look,
    /// What is not stable yet; begins at the beginning of a line.
    open: String,
    /// Drawn behind `open`, but not read for good.
    preview: String,
    state: State,
    stable: Laid,
    tail: Laid,
    tail_is: Freshness,
    width: u16,
}

/// What a document looks like now: `stable` followed by `tail`.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Never changes at this width, whatever is pushed: it only grows.
    pub stable: &'a [Line<'static>],
    /// The rest, which may look different after the next push.
    pub tail: &'a [Line<'static>],
}

/// What reading goes on from.
#[derive(Debug, Clone, Default)]
struct State {
    before: Before,
    /// The top-level code block in which `open` begins.
    fence: Option<Fence>,
    /// The long table in which `open` begins.
    table: Option<OpenTable>,
    progress: Progress,
}

/// What stands before `open`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    #[default]
    Nothing,
    Block,
    /// An item of the list in which `open` goes on.
    Item {
        next: Numbering,
        gap: Gap,
    },
}

/// Whether a blank line stands between two items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Line,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    Growing,
    Finished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freshness {
    Fresh,
    Stale,
}

/// How far to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What nothing can change any more.
    Settled,
    /// All of it.
    All,
}

/// Logical lines and what they look like at one width.
#[derive(Debug, Default)]
struct Laid {
    pieces: Vec<Piece>,
    /// How many of the pieces are in `lines`.
    done: usize,
    lines: Vec<Line<'static>>,
}

impl Markdown {
    /// An empty document.
    pub fn new(look: Look) -> Self {
        Markdown {
            look,
            open: String::new(),
            preview: String::new(),
            state: State::default(),
            stable: Laid::default(),
            tail: Laid::default(),
            tail_is: Freshness::Fresh,
            width: 0,
        }
    }

    /// Takes in more text, in place of a preview. A document that was finished takes no more.
    pub fn push(&mut self, delta: &str) {
        if self.state.progress == Progress::Finished || delta.is_empty() {
            return;
        }
        self.preview.clear();
        let passes = |character: &char| !is_command(*character) || matches!(character, '\n' | '\t');
        self.open.extend(delta.chars().filter(passes));
        self.tail_is = Freshness::Stale;
        if delta.contains('\n') {
            self.settle(Extent::Settled);
        }
    }

    /// The stable lines at `width` that were not taken before, for whoever keeps them. At another width, and after
    /// [`Markdown::forget_lines`], all of them.
    pub fn take_stable(&mut self, width: u16) -> Vec<Line<'static>> {
        self.lines(width);
        mem::take(&mut self.stable.lines)
    }

    /// Draws `text` behind what was pushed, until something else is pushed or previewed: for whoever cannot say yet what
    /// it will be in the end.
    pub fn preview(&mut self, text: &str) {
        if self.state.progress == Progress::Growing && self.preview != text {
            text.clone_into(&mut self.preview);
            self.tail_is = Freshness::Stale;
        }
    }

    /// Nothing follows: all is stable.
    pub fn finish(&mut self) {
        self.preview.clear();
        if self.state.progress == Progress::Growing {
            self.state.progress = Progress::Finished;
            self.settle(Extent::All);
            self.tail_is = Freshness::Stale;
        }
    }

    /// The lines at `width`. They are kept until the document or the width changes.
    pub fn lines(&mut self, width: u16) -> Lines<'_> {
        if self.width != width {
            self.width = width;
            self.stable.forget_lines();
            self.tail.forget_lines();
        }
        if self.tail_is == Freshness::Stale {
            self.tail = Laid::default();
            let text = self.unsettled().into_owned();
            // What the tail leaves behind must not count.
            self.state.clone().read(&text, Extent::All, self.look, &mut self.tail.pieces);
            self.tail_is = Freshness::Fresh;
        }
        self.stable.lay_out(width, self.look);
        self.tail.lay_out(width, self.look);
        Lines { stable: &self.stable.lines, tail: &self.tail.lines }
    }

    /// Whether what is not stable is a paragraph of more than `longest` bytes. Nothing of it becomes stable before it ends,
    /// and it is read again each time: whoever cannot wait ends it with a blank line.
    pub fn is_in_long_paragraph(&self, longest: usize) -> bool {
        let text = self.unsettled();
        text.len() > longest
            && self.state.fence.is_none()
            && matches!(self.state.before, Before::Nothing | Before::Block)
            && matches!(Parser::new_ext(&text, units::OPTIONS).next(), Some(Event::Start(Tag::Paragraph)))
    }

    /// How many logical lines are stable. Each is a paragraph, a table, a line of code.
    pub fn stable_parts(&self) -> usize {
        self.stable.pieces.len()
    }

    /// The lines of some of the stable parts at `width`, for whoever looks at a part of a long document.
    pub fn lines_of_parts(&self, parts: Range<usize>, width: u16) -> Vec<Line<'static>> {
        let end = parts.end.min(self.stable.pieces.len());
        let mut lines = Vec::new();
        for piece in &self.stable.pieces[parts.start.min(end)..end] {
            piece.lay_out(width, self.look, &mut lines);
        }
        lines
    }

    /// The lines of what is not stable.
    pub fn tail_lines(&self, width: u16) -> Vec<Line<'static>> {
        let mut pieces = Vec::new();
        self.state.clone().read(&self.unsettled(), Extent::All, self.look, &mut pieces);
        let mut lines = Vec::new();
        for piece in &pieces {
            piece.lay_out(width, self.look, &mut lines);
        }
        lines
    }

    /// Gives back the memory of the lines that [`Markdown::lines`] keeps; they are made anew when they are wanted.
    pub fn forget_lines(&mut self) {
        self.stable.forget_lines();
        self.tail.forget_lines();
    }

    fn unsettled(&self) -> Cow<'_, str> {
        match self.preview.is_empty() {
            true => Cow::Borrowed(&self.open),
            false => Cow::Owned(format!("{}{}", self.open, self.preview)),
        }
    }

    fn settle(&mut self, extent: Extent) {
        let used = self.state.read(&self.open, extent, self.look, &mut self.stable.pieces);
        self.open.drain(..used);
    }
}

impl State {
    /// Makes pieces of `text` and says how much of it is done.
    fn read(&mut self, text: &str, extent: Extent, look: Look, pieces: &mut Vec<Piece>) -> usize {
        let complete = match extent {
            Extent::Settled => text.rfind('\n').map_or(0, |at| at + 1),
            Extent::All => text.len(),
        };
        let text = &text[..complete];
        let mut used = 0;
        while used < text.len() {
            let rest = &text[used..];
            if let Some(fence) = self.fence.take() {
                used += self.read_code(fence, rest, extent, look, pieces);
                continue;
            }
            if let Some(table) = self.table.take() {
                used += self.read_rows(table, rest, look, pieces);
                continue;
            }
            used += self.read_blocks(rest, extent, look, pieces);
            if self.fence.is_none() && self.table.is_none() {
                break;
            }
        }
        if extent == Extent::All
            && let Some(fence) = self.fence.take()
        {
            pieces.extend(fence.close(look));
        }
        used
    }

    fn read_code(
        &mut self,
        mut fence: Fence,
        text: &str,
        extent: Extent,
        look: Look,
        pieces: &mut Vec<Piece>,
    ) -> usize {
        let mut used = 0;
        for line in text.split_inclusive('\n') {
            used += line.len();
            let is_partial = extent == Extent::All && !line.ends_with('\n');
            match fence.line(line.trim_end_matches('\n'), look) {
                FenceLine::Code(line) => pieces.push(line),
                FenceLine::Closing => {
                    pieces.extend(fence.close(look));
                    return used;
                }
                // Perhaps the closing fence is being written: at least it is not code yet.
                FenceLine::Beginning(_) if is_partial && self.progress == Progress::Growing => {}
                FenceLine::Beginning(line) => pieces.push(line),
            }
        }
        self.fence = Some(fence);
        used
    }

    fn read_rows(&mut self, table: OpenTable, text: &str, look: Look, pieces: &mut Vec<Piece>) -> usize {
        let mut used = 0;
        for line in text.split_inclusive('\n') {
            let Some(row) = table.row(line, look) else {
                return used;
            };
            pieces.push(row);
            used += line.len();
        }
        self.table = Some(table);
        used
    }

    fn read_blocks(&mut self, text: &str, extent: Extent, look: Look, pieces: &mut Vec<Piece>) -> usize {
        let outline = Outline::of(text);
        for (place, unit) in outline.units.iter().enumerate() {
            let next = outline.units.get(place + 1);
            let is_last = next.is_none();
            let kind = match (unit.kind, self.before) {
                // The first item of what is left of a list.
                (UnitKind::FirstItem, Before::Item { .. }) if place == 0 => UnitKind::LaterItem,
                (kind, _) => kind,
            };
            if kind == UnitKind::Fence {
                self.gap(kind, pieces);
                self.before = Before::Block;
                let line = text[unit.start..].split_inclusive('\n').next().unwrap_or_default();
                let fence = Fence::open(line, look);
                pieces.extend(fence.opening(look));
                let code = unit.start + line.len();
                let Some(next) = next else {
                    self.fence = Some(fence);
                    return code;
                };
                self.read_code(fence, &text[code..next.start], Extent::Settled, look, pieces);
                self.fence = None;
                continue;
            }
            if kind == UnitKind::Table
                && let Some(beginning) = rows::begin(&text[unit.start..], unit.end - unit.start, look)
            {
                self.gap(kind, pieces);
                self.before = Before::Block;
                pieces.push(beginning.piece);
                self.table = Some(beginning.table);
                return unit.start + beginning.length;
            }
            if is_last && extent == Extent::Settled && unit.closed == Closed::No {
                return unit.start;
            }
            self.gap(kind, pieces);
            let source = &text[unit.start..unit.end];
            if kind == UnitKind::Definitions {
                pieces.extend(source.trim_end().lines().map(|line| Piece::faint(line, look)));
                self.before = Before::Block;
                continue;
            }
            let numbering = match (kind, self.before) {
                (UnitKind::LaterItem, Before::Item { next, .. }) => next,
                _ => Numbering::AsWritten,
            };
            let alone = Unit { source, numbering, look };
            let composed = alone.compose();
            pieces.extend(composed.pieces);
            self.before = match next {
                Some(next) if next.kind == UnitKind::LaterItem => {
                    Before::Item { next: composed.next, gap: gap_after(&text[unit.start..next.start]) }
                }
                Some(_) | None => Before::Block,
            };
        }
        text.len()
    }

    fn gap(&self, kind: UnitKind, pieces: &mut Vec<Piece>) {
        match (self.before, kind) {
            (Before::Nothing, _) => {}
            (Before::Item { gap: Gap::None, .. }, UnitKind::LaterItem) => {}
            (Before::Item { .. } | Before::Block, _) => pieces.push(Piece::blank()),
        }
    }
}

impl Laid {
    fn forget_lines(&mut self) {
        self.done = 0;
        self.lines = Vec::new();
    }

    fn lay_out(&mut self, width: u16, look: Look) {
        for piece in &self.pieces[self.done..] {
            piece.lay_out(width, look, &mut self.lines);
        }
        self.done = self.pieces.len();
    }
}

fn gap_after(item: &str) -> Gap {
    let content = item.trim_end_matches([' ', '\t', '\n']);
    match item[content.len()..].matches('\n').count() {
        0 | 1 => Gap::None,
        _ => Gap::Line,
    }
}

#[cfg(test)]
mod tests;
