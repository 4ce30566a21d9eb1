//! Markdown that grows while it is drawn.

use ratatui_core::text::Line;

use crate::wrap::{self, Indent};
use crate::{Look, Tone};

/// A whole text, in lines of at most `width` columns.
pub fn render(source: &str, width: u16, look: Look) -> Vec<Line<'static>> {
    let mut document = Markdown::new(look);
    document.push(source);
    document.finish();
    document.lines(width).stable.to_vec()
}

/// A growing document.
#[derive(Debug)]
pub struct Markdown {
    look: Look,
    open: String,
    stable: Vec<Line<'static>>,
    tail: Vec<Line<'static>>,
    finished: Finished,
}

#[derive(Debug, Clone, Copy)]
enum Finished {
    No,
    Yes,
}

/// What a document looks like now: `stable` followed by `tail`.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// Never changes at this width, whatever is pushed: it only grows.
    pub stable: &'a [Line<'static>],
    /// The rest, which may look different after the next push.
    pub tail: &'a [Line<'static>],
}

impl Markdown {
    /// An empty document.
    pub fn new(look: Look) -> Self {
        Markdown { look, open: String::new(), stable: Vec::new(), tail: Vec::new(), finished: Finished::No }
    }

    /// Takes in more text. A document that was finished takes no more.
    pub fn push(&mut self, delta: &str) {
        match self.finished {
            Finished::No => self.open.push_str(delta),
            Finished::Yes => {}
        }
    }

    /// Nothing follows: all is stable.
    pub fn finish(&mut self) {
        self.finished = Finished::Yes;
    }

    /// The lines at `width`. Both parts are kept until the document or the width changes.
    pub fn lines(&mut self, width: u16) -> Lines<'_> {
        let lines = wrap::text(&self.open, self.look.style(Tone::Normal), width, &Indent::none());
        match self.finished {
            Finished::Yes => (self.stable, self.tail) = (lines, Vec::new()),
            Finished::No => self.tail = lines,
        }
        Lines { stable: &self.stable, tail: &self.tail }
    }

    /// A language in which code stands in this document and that is not loaded yet: give it to
    /// [`crate::highlight::warm`] on a helper thread.
    pub fn wanted_language(&self) -> Option<&str> {
        None
    }
}
