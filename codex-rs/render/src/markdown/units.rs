//! Where the units of a text begin: its top-level blocks, the items of its top-level lists.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

/// The markdown that is read: GitHub's, as models write it.
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES);

/// The units of a text, in order.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) units: Vec<UnitSpan>,
}

/// One unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnitSpan {
    /// The beginning of a line.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: UnitKind,
    pub(super) closed: Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitKind {
    Block,
    FirstItem,
    LaterItem,
    /// A code block between fences.
    Fence,
    Table,
    /// Addresses of links, which markdown itself would not draw.
    Definitions,
}

/// Whether nothing that follows can change a unit, although no other unit has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Yes,
    No,
}

impl Outline {
    pub(super) fn of(text: &str) -> Self {
        let mut units: Vec<UnitSpan> = Vec::new();
        let mut depth = 0;
        let mut items = 0;
        let blank_end = closed_by_blank(text);
        // What ends with its own line is closed unless something that is no unit has begun behind it.
        let at_end = |end: usize| if is_blank(&text[end..]) { Closed::Yes } else { Closed::No };
        let mut begin = |range: Range<usize>, kind, closed| {
            // Blocks begin behind their indent, units before it: columns must stay what they are.
            let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
            match units.last_mut() {
                // A footnote may begin behind another one on its line.
                Some(last) if !is_blank(&text[start..range.start]) => {
                    (last.end, last.closed) = (range.end, closed);
                }
                Some(_) | None => units.push(UnitSpan { start, end: range.end, kind, closed }),
            }
        };
        for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
            match event {
                Event::Start(tag) => {
                    match (depth, &tag) {
                        (0, Tag::List(_)) => items = 0,
                        (1, Tag::Item) => {
                            let kind = if items == 0 { UnitKind::FirstItem } else { UnitKind::LaterItem };
                            items += 1;
                            begin(range, kind, Closed::No);
                        }
                        (0, Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                            begin(range, UnitKind::Fence, Closed::No);
                        }
                        (0, Tag::Heading { .. }) => {
                            let closed = at_end(range.end);
                            begin(range, UnitKind::Block, closed);
                        }
                        (0, Tag::Paragraph | Tag::BlockQuote(_)) => begin(range, UnitKind::Block, blank_end),
                        (0, Tag::Table(_)) => begin(range, UnitKind::Table, blank_end),
                        (0, _) => begin(range, UnitKind::Block, Closed::No),
                        _ => {}
                    }
                    depth += 1;
                }
                Event::End(_) => depth -= 1,
                Event::Rule if depth == 0 => {
                    let closed = at_end(range.end);
                    begin(range, UnitKind::Block, closed);
                }
                _ => {}
            }
        }
        Outline { units: with_definitions(units, text, blank_end) }
    }
}

/// Definitions are what stands between the units. Blank lines part them as they part other blocks.
fn with_definitions(units: Vec<UnitSpan>, text: &str, blank_end: Closed) -> Vec<UnitSpan> {
    let mut all: Vec<UnitSpan> = Vec::with_capacity(units.len());
    let between = |range: Range<usize>, all: &mut Vec<UnitSpan>| {
        let (mut at, mut after_blank) = (range.start, true);
        for line in text[range].split_inclusive('\n') {
            let (start, end) = (at, at + line.len());
            at = end;
            match all.last_mut() {
                _ if is_blank(line) => after_blank = true,
                Some(last) if !after_blank => last.end = end,
                // What else a parser leaves over is no text.
                _ if !line.trim_start_matches(' ').starts_with('[') => {}
                Some(_) | None => {
                    after_blank = false;
                    all.push(UnitSpan { start, end, kind: UnitKind::Definitions, closed: blank_end });
                }
            }
        }
    };
    let mut end = 0;
    for unit in units {
        between(end..unit.start.max(end), &mut all);
        end = unit.end;
        all.push(unit);
    }
    between(end..text.len(), &mut all);
    all
}

/// Whether the last line of `text` is blank. It is asked of the last unit only.
fn closed_by_blank(text: &str) -> Closed {
    let last = text.strip_suffix('\n').map(|text| text.rsplit('\n').next().unwrap_or_default());
    match last {
        Some(line) if is_blank(line) => Closed::Yes,
        Some(_) | None => Closed::No,
    }
}

/// Blank as markdown means it: other white space is text.
fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\n']).is_empty()
}
