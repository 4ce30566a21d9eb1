//! What was said and done, as cells: those that grow are drawn in the live area, finished ones leave for the
//! terminal's scrollback.

use codex_app_server_protocol::ServerNotification;
use ratatui_core::text::Line;

use crate::app_event::Notice;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The cells of the thread that is shown.
#[derive(Debug, Default)]
pub(crate) struct Conversation {}

impl Conversation {
    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, _notification: &ServerNotification, _now: Now) {}

    /// Adds a sentence of the program's own.
    pub(crate) fn say(&mut self, _notice: Notice) {}

    /// Adds finished lines of the program's own, such as the answer to `/status`; they are laid out once.
    pub(crate) fn show(&mut self, _lines: Vec<Line<'static>>) {}

    /// Begins anew: `/new` and `/clear`. What is in the scrollback stays there.
    pub(crate) fn begin(&mut self) {}

    /// The agent's last whole answer, for `/copy`.
    pub(crate) fn last_answer(&self) -> Option<&str> {
        None
    }

    /// Lays out what changed, and gives what belongs to the scrollback now: finished cells, and what no longer
    /// fits into `room` rows of the cell that grows (only lines that cannot change any more).
    pub(crate) fn settle(&mut self, _scene: &Scene, _room: usize) -> Vec<Line<'static>> {
        Vec::new()
    }

    /// The cells that grow: their last `room` rows.
    pub(crate) fn view(&self, _scene: &Scene, _room: usize) -> Picture {
        Picture::default()
    }
}
