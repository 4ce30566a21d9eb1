//! Lines that fit: how many columns a text takes, and where it breaks.
//!
//! What comes out holds no control character and no tab, whatever went in.

use std::borrow::Cow;

use ratatui_core::style::Style;
use ratatui_core::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::words::is_command;

/// A tab reaches to the next multiple of this column.
const TAB: usize = 4;

/// Stands for what was cut off by [`truncate`].
const ELLIPSIS: &str = "…";

/// Stands for a character that is wider than the whole line.
const TOO_WIDE: &str = "?";

/// What stands before the text of each line. At most half of a line is given to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Indent {
    /// Before the first line.
    pub first: Vec<Span<'static>>,
    /// Before the others.
    pub rest: Vec<Span<'static>>,
}

impl Indent {
    /// Nothing before any line.
    pub fn none() -> Self {
        Indent::default()
    }

    /// Spans before the first line and as many blanks before the others.
    pub fn hanging(first: Vec<Span<'static>>) -> Self {
        let blanks = " ".repeat(first.iter().map(|span| width(&span.content)).sum());
        Indent { first, rest: vec![Span::raw(blanks)] }
    }

    /// The same spans before all lines.
    pub fn every(spans: Vec<Span<'static>>) -> Self {
        Indent { first: spans.clone(), rest: spans }
    }
}

/// How many columns a terminal gives to `text`: two for wide characters and emoji, none for combining marks.
pub fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

/// How many columns a line takes.
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// `line` in lines of at most `width` columns. It breaks between words, and inside of one only where it is longer than
/// a line (an address too); blanks at a break are dropped. Always at least one line.
pub fn wrap(line: &Line<'_>, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    flow(line, width, indent, Breaks::BetweenWords)
}

/// `text`, which may have line ends, in one style; only its very first line begins with `indent.first`.
pub fn text(text: &str, style: Style, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (place, source) in text.split('\n').enumerate() {
        let line = Line::from(Span::styled(source, style));
        match place {
            0 => lines.extend(wrap(&line, width, indent)),
            _ => lines.extend(wrap(&line, width, &Indent::every(indent.rest.clone()))),
        }
    }
    lines
}

/// `line` cut at the last column, as code and output are: every blank stays.
pub fn hard(line: &Line<'_>, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    flow(line, width, indent, Breaks::Anywhere)
}

/// The beginning of `line` that fits, closed by `…` where something is missing.
pub fn truncate(line: &Line<'_>, width: u16) -> Line<'static> {
    let line = clean(line);
    let room = usize::from(width);
    if line_width(&line) <= room {
        return owned(&line);
    }
    let cells = cells(&line);
    let end = fitting(&cells, 0, room.saturating_sub(1));
    let mut short = piece(&line, &cells[..end]);
    if room > 0 {
        let style = short.spans.last().or(line.spans.first()).map_or_else(Style::default, |span| span.style);
        short.spans.push(Span::styled(ELLIPSIS, style));
    }
    short
}

/// How many columns are left for text beside `indent`.
pub(crate) fn room(width: u16, indent: &Indent) -> u16 {
    let columns = |spans: &[Span<'_>]| spans.iter().map(|span| self::width(&span.content)).sum::<usize>();
    let beside = columns(&indent.first).max(columns(&indent.rest)).min(usize::from(width / 2));
    width.saturating_sub(u16::try_from(beside).unwrap_or(u16::MAX)).max(1)
}

/// Where a line may break.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    BetweenWords,
    Anywhere,
}

/// One grapheme.
#[derive(Clone, Copy)]
struct Cell {
    span: usize,
    start: usize,
    end: usize,
    width: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    /// Part of a word.
    Letter,
    /// A word of its own: Chinese, Japanese.
    Ideograph,
    /// Never begins a line (`。`), although it is wide.
    Closing,
    /// Never ends a line (`「`), although it is wide.
    Opening,
}

fn flow(line: &Line<'_>, width: u16, indent: &Indent, breaks: Breaks) -> Vec<Line<'static>> {
    let width = usize::from(width.max(1));
    let line = clean(line);
    let (first, rest) = (capped(&indent.first, width), capped(&indent.rest, width));
    let room_beside =
        |indent: &[Span<'_>]| width - indent.iter().map(|span| self::width(&span.content)).sum::<usize>();
    let (first_room, rest_room) = (room_beside(&first), room_beside(&rest));
    if line_width(&line) <= first_room {
        return vec![joined(&first, owned(&line))];
    }
    let cells = cells(&line);
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut start = 0;
    while start < cells.len() {
        let (prefix, room) = if lines.is_empty() { (&first, first_room) } else { (&rest, rest_room) };
        let fit = fitting(&cells, start, room);
        let (end, next) = match breaks {
            _ if fit == cells.len() => (fit, fit),
            Breaks::BetweenWords => between_words(&cells, start, fit),
            Breaks::Anywhere => (fit, fit),
        };
        if end == start && next > start {
            // Blanks before a word that does not fit beside them.
            start = next;
            continue;
        }
        if end == start {
            let style = line.spans[cells[start].span].style;
            let substitute = Line { spans: vec![Span::styled(TOO_WIDE, style)], ..like(&line) };
            lines.push(joined(prefix, substitute));
            start += 1;
            continue;
        }
        lines.push(joined(prefix, piece(&line, &cells[start..end])));
        start = next;
    }
    if lines.is_empty() {
        lines.push(joined(&first, like(&line)));
    }
    lines
}

/// The end of the longest run from `start` that takes at most `room` columns.
fn fitting(cells: &[Cell], start: usize, room: usize) -> usize {
    let mut used = 0;
    for (place, cell) in cells.iter().enumerate().skip(start) {
        used += cell.width;
        if used > room {
            return place;
        }
    }
    cells.len()
}

/// Where a line that begins at `start` and could hold the cells before `fit` ends, and where the next begins.
fn between_words(cells: &[Cell], start: usize, fit: usize) -> (usize, usize) {
    let mut at = fit;
    while at > start && !may_break(cells, at) {
        at -= 1;
    }
    let text_end = |end: usize| {
        let text = cells[start..end].iter().rposition(|cell| cell.kind != Kind::Blank);
        text.map_or(start, |last| start + last + 1)
    };
    let after_blanks = |from: usize| {
        let skipped = cells[from..].iter().take_while(|cell| cell.kind == Kind::Blank).count();
        from + skipped
    };
    if at > start {
        return (text_end(at), after_blanks(at));
    }
    (fit, fit)
}

fn may_break(cells: &[Cell], at: usize) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).and_then(|at| cells.get(at)), cells.get(at)) else {
        return false;
    };
    match (before.kind, after.kind) {
        (_, Kind::Blank) | (Kind::Blank, _) => true,
        (Kind::Opening, _) | (_, Kind::Closing) => false,
        (Kind::Letter, Kind::Letter) => false,
        (Kind::Closing | Kind::Ideograph | Kind::Letter, Kind::Opening | Kind::Ideograph | Kind::Letter) => {
            true
        }
    }
}

fn cells(line: &Line<'_>) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(line.spans.iter().map(|span| span.content.len()).sum());
    for (span, content) in line.spans.iter().map(|span| &*span.content).enumerate() {
        if content.is_ascii() {
            cells.extend(content.bytes().enumerate().map(|(start, byte)| {
                let kind = if byte == b' ' { Kind::Blank } else { Kind::Letter };
                Cell { span, start, end: start + 1, width: 1, kind }
            }));
            continue;
        }
        cells.extend(content.grapheme_indices(true).map(|(start, grapheme)| {
            let (end, width) = (start + grapheme.len(), grapheme_width(grapheme));
            Cell { span, start, end, width, kind: kind_of(grapheme) }
        }));
    }
    cells
}

/// As a terminal draws it: a cluster takes the columns of its widest reading, at most two.
fn grapheme_width(grapheme: &str) -> usize {
    UnicodeWidthStr::width(grapheme).min(2)
}

fn kind_of(grapheme: &str) -> Kind {
    let character = grapheme.chars().next().unwrap_or(' ');
    match character {
        // Made to hold words together.
        '\u{a0}' | '\u{2007}' | '\u{202f}' => Kind::Letter,
        _ if grapheme.chars().all(char::is_whitespace) => Kind::Blank,
        '、' | '。' | '，' | '．' | '！' | '？' | '：' | '；' | '」' | '』' | '）' | '】' | '》' | '〉'
        | 'ー' | '々' => Kind::Closing,
        '「' | '『' | '（' | '【' | '《' | '〈' => Kind::Opening,
        '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' => Kind::Ideograph,
        '\u{20000}'..='\u{3ffff}' => Kind::Ideograph,
        _ => Kind::Letter,
    }
}

/// The spans of some cells that follow each other.
fn piece(line: &Line<'_>, cells: &[Cell]) -> Line<'static> {
    let mut out = like(line);
    for run in cells.chunk_by(|one, next| one.span == next.span) {
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let span = &line.spans[first.span];
            out.spans.push(Span::styled(span.content[first.start..last.end].to_owned(), span.style));
        }
    }
    out
}

fn like(line: &Line<'_>) -> Line<'static> {
    Line { style: line.style, alignment: line.alignment, spans: Vec::new() }
}

fn joined(prefix: &[Span<'static>], mut line: Line<'static>) -> Line<'static> {
    if prefix.is_empty() {
        return line;
    }
    let mut spans = prefix.to_vec();
    if line.spans.iter().all(|span| span.content.is_empty())
        && let Some(last) = spans.last_mut()
    {
        last.content = last.content.trim_end().to_owned().into();
    }
    spans.append(&mut line.spans);
    line.spans = spans;
    line
}

fn capped(indent: &[Span<'static>], width: usize) -> Vec<Span<'static>> {
    let indent = Line::from(indent.to_vec());
    let indent = clean(&indent);
    let cells = cells(&indent);
    piece(&indent, &cells[..fitting(&cells, 0, width / 2)]).spans
}

fn owned(line: &Line<'_>) -> Line<'static> {
    let spans = line.spans.iter().map(|span| Span::styled(span.content.clone().into_owned(), span.style));
    Line { spans: spans.collect(), ..like(line) }
}

/// The line without control characters; tabs and line ends become blanks.
fn clean<'a>(line: &'a Line<'_>) -> Cow<'a, Line<'a>> {
    let is_dirty = |span: &Span<'_>| !is_plain(&span.content) && span.content.chars().any(is_dirty_character);
    if !line.spans.iter().any(is_dirty) {
        return Cow::Borrowed(line);
    }
    let mut column = 0;
    let mut spans = Vec::with_capacity(line.spans.len());
    for span in &line.spans {
        let mut text = String::with_capacity(span.content.len() + TAB);
        for grapheme in span.content.split_inclusive(is_dirty_character) {
            let kept = grapheme.trim_end_matches(is_dirty_character);
            text.push_str(kept);
            column += width(kept);
            match grapheme[kept.len()..].chars().next() {
                Some('\t') => {
                    let blanks = TAB - column % TAB;
                    text.extend(std::iter::repeat_n(' ', blanks));
                    column += blanks;
                }
                Some('\n') => {
                    text.push(' ');
                    column += 1;
                }
                Some(_) | None => {}
            }
        }
        spans.push(Span::styled(text, span.style));
    }
    Cow::Owned(Line { spans, style: line.style, alignment: line.alignment })
}

fn is_dirty_character(character: char) -> bool {
    matches!(character, '\t' | '\n') || is_command(character)
}

/// Whether each byte is one column.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests;
