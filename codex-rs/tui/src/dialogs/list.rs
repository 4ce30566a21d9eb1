//! The row under the cursor of a list, and how keys move it.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Whoever types a draft when a question opens goes on for about this long from one key to the next.
pub(crate) const TYPING: Duration = Duration::from_millis(300);

/// What a key means to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// The cursor moved, or the key means nothing here.
    Nothing,
    /// This row is chosen.
    Row(usize),
    /// The list is left.
    Leave,
}

/// Moves `selected` among `rows` rows. Enter chooses, Esc leaves, 1 to 9 choose at once.
pub(crate) fn key(key: KeyEvent, selected: &mut usize, rows: usize) -> Pick {
    match key.code {
        KeyCode::Esc => return Pick::Leave,
        KeyCode::Enter if *selected < rows => return Pick::Row(*selected),
        KeyCode::Char(digit) if plain(key) => {
            let place = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or_default();
            if (1..=rows).contains(&place) {
                *selected = place - 1;
                return Pick::Row(place - 1);
            }
        }
        _ => step(key, selected, rows),
    }
    Pick::Nothing
}

/// Moves `selected` by the arrow keys.
pub(crate) fn step(key: KeyEvent, selected: &mut usize, rows: usize) {
    let last = rows.saturating_sub(1);
    *selected = match key.code {
        KeyCode::Up if *selected == 0 => last,
        KeyCode::Up => *selected - 1,
        KeyCode::Down | KeyCode::Tab if *selected >= last => 0,
        KeyCode::Down | KeyCode::Tab => *selected + 1,
        KeyCode::Home => 0,
        KeyCode::End => last,
        _ => *selected,
    };
}

/// Whether a character is typed as it is.
pub(crate) fn plain(key: KeyEvent) -> bool {
    key.modifiers.difference(KeyModifiers::SHIFT).is_empty()
}
