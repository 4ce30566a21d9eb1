//! Lines made to fit: broken between words, cut at columns, shortened. Widths are columns of a terminal; nothing is ever
//! broken inside a grapheme cluster.

use ratatui_core::style::Style;
use ratatui_core::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What begins the lines that one line is broken into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Indent {
    /// Before the first line.
    pub first: Vec<Span<'static>>,
    /// Before the others.
    pub rest: Vec<Span<'static>>,
}

/// A grapheme cluster and how it looks.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    style: Style,
    width: usize,
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

    fn spans(&self, place: usize) -> &[Span<'static>] {
        if place == 0 { &self.first } else { &self.rest }
    }

    /// As wide as the wider of the two, so that all lines have the same room.
    fn width(&self) -> usize {
        let of = |spans: &[Span<'_>]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
        of(&self.first).max(of(&self.rest))
    }
}

/// The columns that a terminal gives to `text`.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(grapheme_width).sum() }
}

/// The columns of a line.
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// Breaks a line between words for `width` columns; a word longer than a line is broken inside. Blanks at a break go;
/// nothing else does. An indent that leaves no room is left out.
pub fn wrap(line: &Line<'_>, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    let (indent, room) = fitting(indent, width);
    let pieces = pieces(line);
    let mut lines = Lines::new(indent, room, line.style);
    let mut at = 0;
    while at < pieces.len() {
        let end = at + pieces[at..].iter().position(|piece| piece.text == " ").unwrap_or(pieces.len() - at);
        let word = &pieces[at..end];
        lines.word(word);
        let blanks = pieces[end..].iter().take_while(|piece| piece.text == " ").count();
        lines.blanks(&pieces[end..end + blanks]);
        at = end + blanks;
    }
    lines.finish()
}

/// Breaks a line at columns, blanks included: for code and command output.
pub fn hard(line: &Line<'_>, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    let (indent, room) = fitting(indent, width);
    let mut lines = Lines::new(indent, room, line.style);
    for piece in pieces(line) {
        lines.inside(piece);
    }
    lines.finish()
}

/// Text in one style, line by line, broken between words.
pub fn text(text: &str, style: Style, width: u16, indent: &Indent) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    for source in text.split('\n') {
        let indent = match lines.is_empty() {
            true => indent.clone(),
            false => Indent { first: indent.rest.clone(), rest: indent.rest.clone() },
        };
        lines.extend(wrap(&Line::from(Span::styled(source, style)), width, &indent));
    }
    lines
}

/// The beginning of a line, ended by `…` where it does not fit.
pub fn truncate(line: &Line<'_>, width: u16) -> Line<'static> {
    let most = usize::from(width);
    let all = pieces(line);
    if all.iter().map(|piece| piece.width).sum::<usize>() <= most {
        return owned(&all, line.style);
    }
    let mut used = 0;
    let mut kept: Vec<Piece<'_>> = Vec::new();
    for piece in all {
        if used + piece.width + 1 > most {
            break;
        }
        used += piece.width;
        kept.push(piece);
    }
    if most > 0 {
        let style = kept.last().map_or(line.style, |piece| piece.style);
        kept.push(Piece { text: "…", style, width: 1 });
    }
    owned(&kept, line.style)
}

/// The lines that come into being.
struct Lines {
    indent: Indent,
    room: usize,
    style: Style,
    done: Vec<Line<'static>>,
    current: Line<'static>,
    used: usize,
    /// Blanks that are kept only if a word follows on the same line.
    pending: Vec<(String, Style)>,
}

impl Lines {
    fn new(indent: Indent, room: usize, style: Style) -> Self {
        let mut lines = Lines {
            indent,
            room,
            style,
            done: Vec::new(),
            current: Line::default(),
            used: 0,
            pending: Vec::new(),
        };
        lines.begin();
        lines
    }

    fn begin(&mut self) {
        self.current = Line::from(self.indent.spans(self.done.len()).to_vec()).style(self.style);
        self.used = 0;
    }

    fn next(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.pending.clear();
        self.begin();
    }

    fn word(&mut self, word: &[Piece<'_>]) {
        let length: usize = word.iter().map(|piece| piece.width).sum();
        if self.used > 0 && self.used + self.pending.len() + length > self.room {
            self.next();
        }
        let pending = std::mem::take(&mut self.pending);
        for (text, style) in &pending {
            self.inside(Piece { text, style: *style, width: 1 });
        }
        for piece in word {
            self.inside(*piece);
        }
    }

    fn blanks(&mut self, blanks: &[Piece<'_>]) {
        self.pending.extend(blanks.iter().map(|piece| (piece.text.to_owned(), piece.style)));
    }

    fn inside(&mut self, piece: Piece<'_>) {
        // What is wider than the whole line cannot be shown: one sign stands for it.
        let piece = if piece.width > self.room { Piece { text: "?", width: 1, ..piece } } else { piece };
        if self.used + piece.width > self.room {
            self.next();
        }
        self.used += piece.width;
        push(&mut self.current, piece);
    }

    fn finish(mut self) -> Vec<Line<'static>> {
        self.done.push(self.current);
        self.done
    }
}

fn fitting(indent: &Indent, width: u16) -> (Indent, usize) {
    let (most, indented) = (usize::from(width.max(1)), indent.width());
    // Two columns are the least in which any character can stand.
    if indented + 2 <= most { (indent.clone(), most - indented) } else { (Indent::none(), most) }
}

fn pieces<'a>(line: &'a Line<'_>) -> Vec<Piece<'a>> {
    line.spans
        .iter()
        .flat_map(|span| {
            span.content.graphemes(true).map(|text| Piece {
                text,
                style: span.style,
                width: grapheme_width(text),
            })
        })
        .collect()
}

fn owned(pieces: &[Piece<'_>], style: Style) -> Line<'static> {
    let mut line = Line::default().style(style);
    for piece in pieces {
        push(&mut line, *piece);
    }
    line
}

fn push(line: &mut Line<'static>, piece: Piece<'_>) {
    match line.spans.last_mut() {
        Some(last) if last.style == piece.style => last.content.to_mut().push_str(piece.text),
        _ => line.spans.push(Span::styled(piece.text.to_owned(), piece.style)),
    }
}

/// As a terminal draws it: a cluster takes the columns of its widest reading, at most two.
fn grapheme_width(grapheme: &str) -> usize {
    UnicodeWidthStr::width(grapheme).min(2)
}
