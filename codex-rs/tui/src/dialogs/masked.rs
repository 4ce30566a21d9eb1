//! A field for a key: what is typed or pasted is never drawn, printed or copied, only counted.

use std::fmt;

use codex_redact::Secret;
use codex_render::{Form, Tone};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Span;

use crate::picture::Scene;

/// Bullets drawn at the most: the length of a key is nobody's business.
const MOST_BULLETS: usize = 24;
/// Bytes taken in at the most. The room is there from the start, so that growing leaves no copies in memory.
const MOST_BYTES: usize = 4096;

/// The field.
pub(crate) struct Masked {
    text: String,
}

impl Masked {
    /// Edits. Whether the key meant something here.
    pub(crate) fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u' | 'w' | 'k') if control => self.wipe(),
            KeyCode::Char('h') if control => drop(self.text.pop()),
            KeyCode::Char(character) if super::list::plain(key) => self.push(character),
            KeyCode::Backspace => drop(self.text.pop()),
            _ => return false,
        }
        true
    }

    /// Takes in what is pasted, without blanks and line ends around it.
    pub(crate) fn paste(&mut self, text: String) {
        text.trim().chars().for_each(|character| self.push(character));
        drop(Secret::new(text));
    }

    /// Whether something is typed that does not begin as OpenAI's keys do.
    pub(crate) fn is_strange(&self) -> bool {
        let text = self.text.trim();
        !text.is_empty() && !text.starts_with("sk-")
    }

    /// Takes the key out; the field is empty afterwards. None where nothing was typed.
    pub(crate) fn take(&mut self) -> Option<Secret> {
        let key = Some(self.text.trim()).filter(|text| !text.is_empty()).map(Secret::new);
        self.wipe();
        key
    }

    /// What is drawn of it.
    pub(crate) fn spans(&self, scene: &Scene) -> Vec<Span<'static>> {
        let length = self.text.chars().count();
        if length == 0 {
            return Vec::new();
        }
        match scene.look.form {
            Form::Drawn => {
                let room = usize::from(scene.width).saturating_sub(4).clamp(1, MOST_BULLETS);
                vec![scene.span(Tone::Strong, "•".repeat(length.min(room)))]
            }
            Form::Words => vec![scene.span(Tone::Strong, "Key typed, not shown.")],
        }
    }

    fn push(&mut self, character: char) {
        if self.text.len() + character.len_utf8() <= MOST_BYTES {
            self.text.push(character);
        }
    }

    /// The secret type wipes the memory.
    fn wipe(&mut self) {
        let text = std::mem::replace(&mut self.text, String::with_capacity(MOST_BYTES));
        drop(Secret::new(text));
    }
}

impl Default for Masked {
    fn default() -> Self {
        Masked { text: String::with_capacity(MOST_BYTES) }
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        drop(Secret::new(std::mem::take(&mut self.text)));
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Masked(****)")
    }
}
