//! What changes in files, read from unified diffs and drawn with line numbers, signs and tones: never by colour alone,
//! and in words where signs do not serve.

use ratatui_core::text::{Line, Span};

use crate::words::{plural, printable};
use crate::wrap::{self, Indent};
use crate::{Form, Look, Tone};

/// Unchanged lines in a row that are all shown; of longer stretches only the ends are.
const LONGEST_KEPT: usize = 8;
/// Unchanged lines shown at each end of such a stretch.
const KEPT_AT_ENDS: usize = 3;
/// Columns that a tab takes.
const TAB: &str = "    ";

/// What changes in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    path: String,
    change: Change,
    rows: Vec<Row>,
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It goes.
    Deleted,
    /// Its text changes.
    Edited,
    /// It gets another place, and maybe another text.
    Moved {
        /// The new place, as it is shown.
        to: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    Kept {
        number: usize,
        text: String,
    },
    Added {
        number: usize,
        text: String,
    },
    Removed {
        number: usize,
        text: String,
    },
    /// Lines that are not shown; `None` where it is not known how many.
    Gap(Option<usize>),
    /// What a diff says beside lines.
    Note(String),
}

/// Lines, and how many rows of the diff are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// None wider than asked.
    pub lines: Vec<Line<'static>>,
    /// Rows of the diff that found no room.
    pub left_out: usize,
}

impl FileDiff {
    /// A file that comes or goes with its whole text, or that changes by the hunks of a unified diff. Paths and text are
    /// drawn as they are given: whatever must not be shown is already gone.
    pub fn new(path: &str, change: Change, text: &str) -> Self {
        let whole = |row: fn(usize, String) -> Row| {
            text.lines().enumerate().map(|(index, line)| row(index + 1, shown(line))).collect()
        };
        let rows = match change {
            Change::Added => whole(|number, text| Row::Added { number, text }),
            Change::Deleted => whole(|number, text| Row::Removed { number, text }),
            Change::Edited | Change::Moved { .. } => rows_of(text.lines()),
        };
        FileDiff { path: shown(path), change, rows: elided(rows) }
    }

    /// The files of what `git diff` prints.
    pub fn of_git(text: &str) -> Vec<Self> {
        let mut files: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        let mut is_in_hunks = false;
        for line in text.lines() {
            if line.starts_with("diff --git ") || files.is_empty() {
                files.push((Vec::new(), Vec::new()));
                is_in_hunks = false;
            }
            is_in_hunks |= line.starts_with("@@ ") || line.starts_with("Binary files ");
            if let Some((head, hunks)) = files.last_mut() {
                if is_in_hunks { hunks.push(line) } else { head.push(line) }
            }
        }
        files.into_iter().map(|(head, hunks)| git_file(&head, &hunks)).collect()
    }

    /// Lines that come and lines that go.
    pub fn counts(&self) -> (usize, usize) {
        let count = |is: fn(&Row) -> bool| self.rows.iter().filter(|row| is(row)).count();
        (count(|row| matches!(row, Row::Added { .. })), count(|row| matches!(row, Row::Removed { .. })))
    }

    /// What happens to which file, and how many lines change; one line for the caller to wrap.
    pub fn header(&self, look: Look) -> Line<'static> {
        let verb = match self.change {
            Change::Added => "Added ",
            Change::Deleted => "Deleted ",
            Change::Edited => "Edited ",
            Change::Moved { .. } => "Moved ",
        };
        let span = |tone: Tone, text: String| Span::styled(text, look.style(tone));
        let mut spans = vec![span(Tone::Normal, verb.to_owned()), span(Tone::Strong, self.path.clone())];
        if let Change::Moved { to } = &self.change {
            spans.push(span(Tone::Normal, " to ".to_owned()));
            spans.push(span(Tone::Strong, shown(to)));
        }
        let (added, removed) = self.counts();
        match look.form {
            Form::Drawn => {
                spans.push(span(Tone::Faint, " (".to_owned()));
                spans.push(span(Tone::Good, format!("+{added}")));
                spans.push(span(Tone::Bad, format!(" −{removed}")));
                spans.push(span(Tone::Faint, ")".to_owned()));
            }
            Form::Words => {
                let count =
                    |number: usize| plural(u64::try_from(number).unwrap_or(u64::MAX), "line", "lines");
                let text = format!(": {} added, {} removed.", count(added), count(removed));
                spans.push(span(Tone::Normal, text));
            }
        }
        Line::from(spans)
    }

    /// Its first rows, in at most `most` lines of at most `width` columns.
    pub fn body(&self, look: Look, width: u16, most: usize) -> Body {
        let digits = self.rows.iter().filter_map(Row::number).max().unwrap_or_default().to_string().len();
        let mut body = Body::default();
        for (place, row) in self.rows.iter().enumerate() {
            let lines = row.lines(look, width, digits);
            if body.lines.len() + lines.len() > most {
                body.left_out = self.rows.len() - place;
                break;
            }
            body.lines.extend(lines);
        }
        body
    }
}

impl Row {
    fn number(&self) -> Option<usize> {
        match self {
            Row::Kept { number, .. } | Row::Added { number, .. } | Row::Removed { number, .. } => {
                Some(*number)
            }
            Row::Gap(_) | Row::Note(_) => None,
        }
    }

    fn lines(&self, look: Look, width: u16, digits: usize) -> Vec<Line<'static>> {
        let (number, sign, word, tone, text) = match self {
            Row::Kept { number, text } => (*number, ' ', "", Tone::Normal, text),
            Row::Added { number, text } => (*number, '+', " added", Tone::Good, text),
            Row::Removed { number, text } => (*number, '-', " removed", Tone::Bad, text),
            Row::Gap(count) => return vec![gap(look, width, digits, *count)],
            Row::Note(text) => {
                let note = Line::from(Span::styled(text.clone(), look.style(Tone::Faint)));
                return wrap::wrap(&note, width, &Indent::every(vec![Span::raw("  ")]));
            }
        };
        let before = match look.form {
            Form::Drawn => vec![
                Span::styled(format!("  {number:>digits$} "), look.style(Tone::Faint)),
                Span::styled(format!("{sign} "), look.style(tone)),
            ],
            Form::Words => vec![Span::raw(format!("Line {number}{word}: "))],
        };
        let indent = match look.form {
            Form::Drawn => Indent::hanging(before),
            Form::Words => Indent { first: before, rest: Vec::new() },
        };
        wrap::hard(&Line::from(Span::styled(text.clone(), look.style(tone))), width, &indent)
    }
}

fn gap(look: Look, width: u16, digits: usize, count: Option<usize>) -> Line<'static> {
    let many =
        |count: usize| plural(u64::try_from(count).unwrap_or(u64::MAX), "unchanged line", "unchanged lines");
    let text = match (look.form, count) {
        (Form::Drawn, None) => format!("  {:>digits$}", "⋮"),
        (Form::Drawn, Some(count)) => format!("  {:>digits$} {}", "⋮", many(count)),
        (Form::Words, None) => "Unchanged lines are left out.".to_owned(),
        (Form::Words, Some(count)) => format!("{} left out.", many(count)),
    };
    wrap::truncate(&Line::from(Span::styled(text, look.style(Tone::Faint))), width)
}

/// The hunks of a unified diff.
fn rows_of<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut old, mut new) = (1, 1);
    for line in lines {
        let text = || shown(line.get(1..).unwrap_or_default());
        match line.as_bytes().first() {
            Some(b'@') => {
                if let Some(starts) = starts(line) {
                    // A first hunk that begins at the first line leaves nothing out.
                    if !rows.is_empty() || starts.1 > 1 {
                        rows.push(Row::Gap(None));
                    }
                    (old, new) = starts;
                }
            }
            Some(b'+') => {
                rows.push(Row::Added { number: new, text: text() });
                new += 1;
            }
            Some(b'-') => {
                rows.push(Row::Removed { number: old, text: text() });
                old += 1;
            }
            Some(b' ') | None => {
                rows.push(Row::Kept { number: new, text: text() });
                old += 1;
                new += 1;
            }
            Some(b'\\') => rows.push(Row::Note("(no newline at the end)".to_owned())),
            Some(_) => rows.push(Row::Note(shown(line))),
        }
    }
    rows
}

/// The first lines of `@@ -12,3 +14,4 @@`.
fn starts(header: &str) -> Option<(usize, usize)> {
    let mut words = header.split(' ').skip(1);
    let mut start = |sign: char| {
        let range = words.next()?.strip_prefix(sign)?;
        let (start, count) = range.split_once(',').unwrap_or((range, "1"));
        // Where there is no line, the one before is named.
        let offset = usize::from(count == "0");
        Some(start.parse::<usize>().ok()?.saturating_add(offset))
    };
    Some((start('-')?, start('+')?))
}

fn git_file(head: &[&str], hunks: &[&str]) -> FileDiff {
    let told = |prefix: &str| head.iter().find_map(|line| line.strip_prefix(prefix));
    let plain = |path: &str, side: &str| {
        let path = path.trim_end_matches('\t');
        path.strip_prefix(side).unwrap_or(path).to_owned()
    };
    let named = || {
        let both = told("diff --git ").unwrap_or_default();
        both.split_once(" b/").map_or_else(|| both.to_owned(), |(_, path)| path.to_owned())
    };
    let old = told("--- ").filter(|path| *path != "/dev/null").map(|path| plain(path, "a/"));
    let new = told("+++ ").filter(|path| *path != "/dev/null").map(|path| plain(path, "b/"));
    let (path, change) = match (told("rename from "), told("rename to ")) {
        (Some(from), Some(to)) => (from.to_owned(), Change::Moved { to: shown(to) }),
        _ if told("new file mode").is_some() => (new.unwrap_or_else(named), Change::Added),
        _ if told("deleted file mode").is_some() => (old.unwrap_or_else(named), Change::Deleted),
        _ => (new.or(old).unwrap_or_else(named), Change::Edited),
    };
    let mut rows = elided(rows_of(hunks.iter().copied()));
    if rows.is_empty() {
        let told = head.iter().filter(|line| line.starts_with("old mode") || line.starts_with("new mode"));
        rows.extend(told.map(|line| Row::Note(shown(line))));
    }
    FileDiff { path: shown(&path), change, rows }
}

/// The rows without the middle of long unchanged stretches.
fn elided(rows: Vec<Row>) -> Vec<Row> {
    let mut short = Vec::with_capacity(rows.len());
    let mut stretch: Vec<Row> = Vec::new();
    let close = |stretch: &mut Vec<Row>, short: &mut Vec<Row>| {
        if stretch.len() > LONGEST_KEPT {
            let end = stretch.len() - KEPT_AT_ENDS;
            let gap = Row::Gap(Some(end - KEPT_AT_ENDS));
            stretch.splice(KEPT_AT_ENDS..end, [gap]);
        }
        short.append(stretch);
    };
    for row in rows {
        match row {
            Row::Kept { .. } => stretch.push(row),
            Row::Added { .. } | Row::Removed { .. } | Row::Gap(_) | Row::Note(_) => {
                close(&mut stretch, &mut short);
                short.push(row);
            }
        }
    }
    close(&mut stretch, &mut short);
    short
}

/// A line as it may be drawn.
fn shown(line: &str) -> String {
    printable(line.trim_end_matches('\r')).replace('\t', TAB).replace('\n', " ")
}

#[cfg(test)]
mod tests;
