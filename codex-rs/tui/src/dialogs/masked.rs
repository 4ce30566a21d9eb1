//! A line to type a key into: nothing of it is ever drawn.

use codex_redact::Secret;
use codex_render::Tone;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Line;

use crate::picture::{Picture, Scene, Spot};

/// Bullets that are drawn; how many characters there are in truth is nobody's business.
const MOST_BULLETS: usize = 24;
/// Characters that a key can have.
const LONGEST: usize = 4096;

/// What was typed.
#[derive(Default)]
pub(crate) struct Masked {
    text: Vec<char>,
}

/// What a key did.
#[derive(Debug)]
pub(crate) enum Entry {
    /// Enter, with what was typed, trimmed; the line is empty now.
    Done(Secret),
    /// Esc.
    Left,
    /// It is still open.
    Open,
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masked")
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Masked {
    /// Takes a key press.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Entry {
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Enter => return Entry::Done(self.take()),
            KeyCode::Esc => {
                self.wipe();
                return Entry::Left;
            }
            KeyCode::Backspace => {
                self.text.pop();
            }
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => self.wipe(),
            KeyCode::Char(character) if plain => self.push(character),
            _ => {}
        }
        Entry::Open
    }

    /// Takes pasted text; line breaks around it do not count.
    pub(crate) fn paste(&mut self, text: &str) {
        text.trim().chars().for_each(|character| self.push(character));
    }

    /// The line, with the cursor behind its bullets.
    pub(crate) fn view(&self, scene: &Scene) -> Picture {
        let room = usize::from(scene.width).saturating_sub(3).min(MOST_BULLETS);
        let bullets = self.text.len().min(room);
        let line =
            Line::from(vec![scene.span(Tone::Accent, "› "), scene.span(Tone::Normal, "•".repeat(bullets))]);
        let column = u16::try_from(bullets + 2).unwrap_or(u16::MAX).min(scene.width.saturating_sub(1));
        Picture { lines: vec![line], cursor: Some(Spot { column, row: 0 }) }
    }

    fn push(&mut self, character: char) {
        if self.text.len() < LONGEST {
            // A vector that grows would leave the old copy in memory.
            if self.text.capacity() == 0 {
                self.text.reserve_exact(LONGEST);
            }
            self.text.push(character);
        }
    }

    fn take(&mut self) -> Secret {
        let mut text = String::with_capacity(self.text.len() * 4);
        text.extend(self.text.iter());
        self.wipe();
        let trimmed = Secret::new(text.trim());
        // The untrimmed copy is wiped as well.
        drop(Secret::new(text));
        trimmed
    }

    fn wipe(&mut self) {
        self.text.fill('\0');
        self.text.clear();
    }
}
