//! Earlier messages: Up and Down through them, Ctrl+R to search them. None holds a key shape.

use super::history_file::may_be_kept;

/// What was sent before, and where in it one is.
#[derive(Debug, Default)]
pub(super) struct Recall {
    /// Of `history.jsonl`, oldest first.
    earlier: Vec<String>,
    /// Of this session, oldest first.
    session: Vec<String>,
    file: FileState,
    /// The entry that is shown.
    shown: Option<usize>,
}

/// Whether `history.jsonl` was read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum FileState {
    #[default]
    Unasked,
    Asked,
    Read,
}

/// Whether something has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Load,
    Nothing,
}

/// Which way one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Older,
    Newer,
}

impl Recall {
    /// Says once that the file is wanted.
    pub(super) fn need(&mut self) -> Need {
        if self.file != FileState::Unasked {
            return Need::Nothing;
        }
        self.file = FileState::Asked;
        Need::Load
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.file == FileState::Asked
    }

    /// Takes in the file. What this session has sent is in it as well, and is not listed twice.
    pub(super) fn loaded(&mut self, mut messages: Vec<String>) {
        messages.retain(|text| may_be_kept(text));
        for own in self.session.iter().rev() {
            if messages.last() == Some(own) {
                messages.pop();
            }
        }
        let more = messages.len();
        self.shown = self.shown.map(|place| place + more - self.earlier.len());
        self.earlier = messages;
        self.file = FileState::Read;
    }

    /// Remembers what was sent or cleared.
    pub(super) fn add(&mut self, text: &str) {
        self.shown = None;
        if may_be_kept(text) && self.session.last().is_none_or(|last| last != text) {
            self.session.push(text.to_owned());
        }
    }

    /// The earlier message that is shown.
    pub(super) fn shown(&self) -> Option<&str> {
        self.at(self.shown?)
    }

    /// Back to the draft.
    pub(super) fn leave(&mut self) {
        self.shown = None;
    }

    /// The next one, and it is shown from now on; none at the end.
    pub(super) fn step(&mut self, way: Way) -> Option<&str> {
        let count = self.count();
        let start = self.shown.unwrap_or(count);
        let current = self.shown.and_then(|place| self.at(place));
        let place = match way {
            // The same text twice in a row is one.
            Way::Older => (0..start).rev().find(|place| self.at(*place) != current),
            Way::Newer => (start + 1..count).find(|place| self.at(*place) != current),
        }?;
        self.shown = Some(place);
        self.at(place)
    }

    /// The next entry that holds `query` (letter case does not count), from `start` on; without a start from the newest.
    pub(super) fn find(&self, query: &str, start: Option<usize>, way: Way) -> Option<(usize, &str)> {
        let query = query.to_lowercase();
        let current = start.and_then(|place| self.at(place));
        let fits = |place: &usize| {
            let text = self.at(*place);
            text != current && text.is_some_and(|text| text.to_lowercase().contains(&query))
        };
        let start = start.unwrap_or(self.count());
        let place = match way {
            Way::Older => (0..start).rev().find(fits),
            Way::Newer => (start + 1..self.count()).find(fits),
        }?;
        Some((place, self.at(place)?))
    }

    fn count(&self) -> usize {
        self.earlier.len() + self.session.len()
    }

    fn at(&self, place: usize) -> Option<&str> {
        match place.checked_sub(self.earlier.len()) {
            None => self.earlier.get(place),
            Some(place) => self.session.get(place),
        }
        .map(String::as_str)
    }
}
