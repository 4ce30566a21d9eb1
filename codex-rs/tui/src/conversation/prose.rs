//! A text that grows, laid out as it grows: what cannot change any more is laid out once.

use codex_render::wrap::{self, Indent};
use ratatui_core::style::Style;
use ratatui_core::text::{Line, Span};

use super::cell::Layout;
use super::clean::{clean, clean_growing};

/// An unfinished paragraph of more rows than this is laid out for good in parts, so that a text without line ends costs
/// no more than one with them.
const OPEN_ROWS: usize = 6;

/// How a text is drawn.
#[derive(Debug)]
pub(super) struct Manner<'a> {
    pub(super) width: u16,
    pub(super) style: Style,
    pub(super) indent: &'a Indent,
}

/// Whether more will come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Comes,
    Ended,
}

/// Brings `layout`, made for the beginning of `text` in the same manner, up to date.
pub(super) fn grow(text: &str, more: More, manner: &Manner<'_>, layout: &mut Layout) {
    layout.lines.truncate(layout.stable);
    if layout.stable == 0 {
        // Blank lines before the first word are nobody's.
        let blank = text.len() - text.trim_start().len();
        layout.upto = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    }
    let open = text.get(layout.upto..).unwrap_or_default().trim_end();
    if open.is_empty() {
        return;
    }
    match more {
        More::Ended => keep(open, manner, layout),
        More::Comes => {
            let whole = open.rfind('\n');
            if let Some(end) = whole {
                keep(&open[..end], manner, layout);
                layout.upto += end + 1;
            }
            let rest = &open[whole.map_or(0, |end| end + 1)..];
            let rest = keep_rows(rest, manner, layout);
            let lines = rows(&clean_growing(rest), manner, layout);
            begin(&lines, layout);
            layout.lines.extend(lines);
        }
    }
}

/// Lays out `text`, a part of a longer one.
pub(super) fn part(text: &str, manner: &Manner<'_>) -> Vec<Line<'static>> {
    let mut layout = Layout { lines: vec![Line::default()], stable: 1, upto: 0 };
    keep(text, manner, &mut layout);
    layout.lines.split_off(1)
}

fn keep(text: &str, manner: &Manner<'_>, layout: &mut Layout) {
    for line in text.split('\n') {
        let lines = rows(&clean(line), manner, layout);
        begin(&lines, layout);
        layout.lines.extend(lines);
        layout.stable = layout.lines.len();
    }
}

/// Keeps all but the last row of a long paragraph, and gives what is left of it. Left as it is where its text is drawn
/// otherwise than it came: then no place in the one can be found in the other.
fn keep_rows<'a>(open: &'a str, manner: &Manner<'_>, layout: &mut Layout) -> &'a str {
    let width = usize::from(manner.width);
    if width < 4 || open.len() < OPEN_ROWS * width {
        return open;
    }
    let Some(end) = open.rfind(' ') else { return open };
    let words = &open[..end];
    if clean(words) != words {
        return open;
    }
    let mut lines = rows(words, manner, layout);
    if lines.len() < 2 {
        return open;
    }
    let last = lines.pop().unwrap_or_default();
    let letters = |text: &str| text.chars().filter(|character| *character != ' ').count();
    // The indent of a row that is not the first is blank.
    let mut left: usize = last.spans.iter().map(|span| letters(&span.content)).sum();
    let mut start = end;
    for (at, character) in words.char_indices().rev() {
        if left == 0 {
            break;
        }
        start = at;
        left -= usize::from(character != ' ');
    }
    begin(&lines, layout);
    layout.lines.extend(lines);
    layout.stable = layout.lines.len();
    layout.upto += start;
    &open[start..]
}

/// The rows of one line of source. Only the first of the whole text begins with the mark.
fn rows(line: &str, manner: &Manner<'_>, layout: &Layout) -> Vec<Line<'static>> {
    let Indent { first, rest } = manner.indent;
    let first = if layout.lines.is_empty() { first } else { rest };
    let indent = Indent { first: first.clone(), rest: rest.clone() };
    if line.trim().is_empty() {
        return vec![Line::default()];
    }
    wrap::wrap(&Line::from(Span::styled(line.to_owned(), manner.style)), manner.width, &indent)
}

/// One blank line sets the text apart from what stands before it.
fn begin(lines: &[Line<'static>], layout: &mut Layout) {
    if layout.lines.is_empty() && !lines.is_empty() {
        layout.lines.push(Line::default());
    }
}
