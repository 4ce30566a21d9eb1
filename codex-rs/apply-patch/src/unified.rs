//! An edited file as a unified diff, from what its lines remember: no comparison, so its cost is that of what changed.

use std::fmt::Write as _;
use std::ops::Range;

use crate::text::{Ending, Line, Source, Text};

/// Unchanged lines shown around a change.
const AROUND: usize = 3;

/// A stretch of the source and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Swap {
    old: Range<usize>,
    new: Range<usize>,
}

/// The hunks of a unified diff, without file headers; empty where nothing differs.
pub(crate) fn diff(text: &Text) -> String {
    let swaps = swaps(text);
    let mut out = String::new();
    let mut rest = &swaps[..];
    while !rest.is_empty() {
        let near =
            rest.windows(2).take_while(|pair| pair[1].old.start - pair[0].old.end <= 2 * AROUND).count();
        let (group, later) = rest.split_at(near + 1);
        write_group(&mut out, text, group);
        rest = later;
    }
    out
}

/// The diff of a file whose whole text was replaced.
pub(crate) fn diff_of(before: &str, after: &str) -> String {
    let old = Source::with_mark(before.to_owned());
    let new = Source::with_mark(after.to_owned());
    let lines = (0..new.lines())
        .map(|index| {
            let (text, ending) = new.line(index);
            Line::new(text, ending)
        })
        .collect();
    diff(&Text { source: old, lines })
}

/// Where the lines differ from the source, smallest stretches first to last.
fn swaps(text: &Text) -> Vec<Swap> {
    let mut swaps = Vec::new();
    let (mut old, mut new) = (0, 0);
    let ends = [(text.source.lines(), text.lines.len())];
    // A first line with a byte order mark is another line anywhere else.
    let moved = |index: usize, position: usize| {
        !text.source.mark().is_empty() && index != position && (index == 0 || position == 0)
    };
    let kept = text.lines.iter().enumerate().filter_map(|(position, line)| match line {
        Line::Kept(index) => (!moved(*index, position)).then_some((*index, position)),
        Line::New(_) => None,
    });
    for (index, position) in kept.chain(ends) {
        if index > old || position > new {
            swaps.extend(smallest(text, Swap { old: old..index, new: new..position }));
        }
        (old, new) = (index + 1, position + 1);
    }
    swaps
}

/// A swap without the lines at its ends that a patch takes away and puts back.
fn smallest(text: &Text, swap: Swap) -> Option<Swap> {
    let Swap { mut old, mut new } = swap;
    let same = |index: usize, position: usize| old_line(text, index) == new_line(text, position);
    while !old.is_empty() && !new.is_empty() && same(old.start, new.start) {
        old.start += 1;
        new.start += 1;
    }
    while !old.is_empty() && !new.is_empty() && same(old.end - 1, new.end - 1) {
        old.end -= 1;
        new.end -= 1;
    }
    (!old.is_empty() || !new.is_empty()).then_some(Swap { old, new })
}

fn write_group(out: &mut String, text: &Text, group: &[Swap]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let before = first.old.start.min(AROUND);
    let after = (text.source.lines() - last.old.end).min(AROUND);
    let old = first.old.start - before..last.old.end + after;
    let new = first.new.start - before..last.new.end + after;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", range(&old), range(&new));
    let mut at = old.start;
    for swap in group {
        (at..swap.old.start).for_each(|index| write_line(out, ' ', old_line(text, index)));
        swap.old.clone().for_each(|index| write_line(out, '-', old_line(text, index)));
        swap.new.clone().for_each(|position| write_line(out, '+', new_line(text, position)));
        at = swap.old.end;
    }
    (at..old.end).for_each(|index| write_line(out, ' ', old_line(text, index)));
}

/// A line of the file as a diff knows it: with the byte order mark, if it is the first.
type Shown<'a> = (&'a str, &'a str, Ending);

fn old_line(text: &Text, index: usize) -> Shown<'_> {
    let (line, ending) = text.source.line(index);
    (if index == 0 { text.source.mark() } else { "" }, line, ending)
}

fn new_line(text: &Text, position: usize) -> Shown<'_> {
    let (line, ending) = text.line(&text.lines[position]);
    (if position == 0 { text.source.mark() } else { "" }, line, ending)
}

fn write_line(out: &mut String, sign: char, (mark, text, ending): Shown<'_>) {
    out.push(sign);
    out.push_str(mark);
    out.push_str(text);
    out.push_str(match ending {
        Ending::Lf => "\n",
        Ending::CrLf => "\r\n",
        Ending::Nothing => "\n\\ No newline at end of file\n",
    });
}

/// `12,3`, as unified diffs count: from 1, from the line before where there is none, and no count of one.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}
