//! Finds lines in a file: exactly as described, else with growing indulgence about what a model gets wrong when it
//! copies (spaces at the end, spaces at the start, typographic punctuation). A looser reading only counts where no
//! stricter one finds anything.

use std::borrow::Cow;
use std::cell::OnceCell;

/// What is overlooked when two lines are compared; later ones overlook more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Exact,
    SpaceBehind,
    SpaceAround,
    Punctuation,
}

const READINGS: [Reading; 4] =
    [Reading::Exact, Reading::SpaceBehind, Reading::SpaceAround, Reading::Punctuation];

/// Where lines may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// From this line on.
    From(usize),
    /// From this line on, and ending with the file.
    AtEnd(usize),
}

/// A file's lines, ready to be searched many times.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    lines: Vec<&'a str>,
    keys: [OnceCell<Keys>; READINGS.len()],
}

/// The lines as one reading sees them, as keys: they differ where lines differ, nearly always, and are quick to compare.
type Keys = Vec<u64>;

impl<'a> Search<'a> {
    pub(crate) fn new(lines: Vec<&'a str>) -> Self {
        Self { lines, keys: Default::default() }
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The first place of these lines, by the strictest reading that finds any.
    pub(crate) fn find(&self, wanted: &[&str], place: Where) -> Option<usize> {
        let last = self.lines.len().checked_sub(wanted.len())?;
        let (first, last) = match place {
            Where::From(from) => (from, last),
            Where::AtEnd(from) => (from.max(last), last),
        };
        if first > last {
            return None;
        }
        READINGS.into_iter().find_map(|reading| self.position(wanted, reading, first, last))
    }

    /// The first place from `first` to `last` where the wanted lines stand.
    fn position(&self, wanted: &[&str], reading: Reading, first: usize, last: usize) -> Option<usize> {
        let of = |lines: &[&str]| lines.iter().map(|line| key(&read(line, reading))).collect();
        let keys = self.keys[reading as usize].get_or_init(|| of(&self.lines));
        let wanted_keys: Keys = of(wanted);
        let Some(start) = wanted_keys.first() else { return Some(first) };
        let is_same = |(line, wanted): (&&str, &&str)| read(line, reading) == read(wanted, reading);
        let mut from = first;
        while let Some(hop) = keys[from..=last].iter().position(|key| key == start) {
            let at = from + hop;
            let end = at + wanted.len();
            if keys[at..end] == wanted_keys[..] && self.lines[at..end].iter().zip(wanted).all(is_same) {
                return Some(at);
            }
            from = at + 1;
            if from > last {
                break;
            }
        }
        None
    }
}

fn read(line: &str, reading: Reading) -> Cow<'_, str> {
    match reading {
        Reading::Exact => Cow::Borrowed(line),
        Reading::SpaceBehind => Cow::Borrowed(line.trim_end()),
        Reading::SpaceAround => Cow::Borrowed(line.trim()),
        Reading::Punctuation if line.is_ascii() => Cow::Borrowed(line.trim()),
        Reading::Punctuation => Cow::Owned(line.trim().chars().map(plain).collect()),
    }
}

/// What one types on a keyboard in place of a typographic sign.
fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        other => other,
    }
}

/// A number made of a line's length and of eight bytes each of its start, middle and end.
fn key(line: &str) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = line.as_bytes();
    let word = |start: usize| {
        let mut word = [0; 8];
        let part = &bytes[start..bytes.len().min(start + 8)];
        word[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(word)
    };
    let mix = |sum: u64, word: u64| (sum.rotate_left(23) ^ word).wrapping_mul(ODD);
    let sum = mix(bytes.len() as u64, word(0));
    if bytes.len() <= 8 {
        return sum;
    }
    mix(mix(sum, word(bytes.len() / 2 - 4)), word(bytes.len() - 8))
}
