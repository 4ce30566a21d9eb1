//! Which parts of a draft are drawn as bullets: whatever is, or is about to be, an API key.

use std::ops::Range;

use codex_redact::key_shape;

use crate::slash_command::SlashCommand;
use crate::slash_dispatch;

/// What stands on the screen for each hidden character.
pub(super) const BULLET: &str = "•";

/// How every OpenAI key begins.
const PREFIX: &[u8] = b"sk-";

/// What stays hidden even when an edit takes its shape away: whole key shapes, and the argument of the command for keys.
/// Sorted, none overlaps another.
pub(super) fn lasting(text: &str) -> Vec<Range<usize>> {
    let mut ranges = key_shape::find(text);
    ranges.extend(argument(text).map(|start| start..text.len()));
    merged(ranges)
}

/// The word at the cursor while it looks like the beginning of a key.
pub(super) fn being_typed(text: &str, cursor: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let word = bytes[..cursor].iter().rposition(|byte| !in_key(*byte)).map_or(0, |at| at + 1);
    let end = bytes[cursor..].iter().position(|byte| !in_key(*byte)).map_or(bytes.len(), |at| cursor + at);
    let starts = |at: &usize| {
        bytes[*at..end].starts_with(PREFIX) && (*at == word || !bytes[*at - 1].is_ascii_alphanumeric())
    };
    (word..end).find(starts).map(|start| start..end)
}

/// Whether it was meant as the command for keys, with something behind it.
pub(super) fn is_for_a_key(text: &str) -> bool {
    text.trim_start().starts_with('/') && argument(text).is_some()
}

/// Sorts, and joins what overlaps or touches.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Where the argument of the command for keys, or of what was meant as that, begins; also where the space between the two
/// is missing.
fn argument(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    let word = text[start..].split_whitespace().next()?;
    if let Some(length) = command_and_more(word).filter(|_| word.starts_with('/')) {
        return Some(start + length);
    }
    let argument = slash_dispatch::argument_start(text)?;
    Some(text.len() - text[argument..].trim_start().len()).filter(|start| *start < text.len())
}

/// The length of the command in a word that goes on after it, as in `/add-api-keyabc`.
fn command_and_more(word: &str) -> Option<usize> {
    let is_sign = |character: &char| matches!(character, '/' | '-' | '_');
    let mut expected = SlashCommand::AddApiKey.name().chars().filter(|character| !is_sign(character));
    for (at, character) in word.char_indices() {
        if is_sign(&character) {
            continue;
        }
        match expected.next() {
            Some(wanted) if character.eq_ignore_ascii_case(&wanted) => {}
            Some(_) => return None,
            None => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    //! Which parts are hidden.
    use super::*;

    /// The draft as it is drawn with the cursor at its end.
    fn check(text: &str, expect: &str) {
        let mut ranges = lasting(text);
        ranges.extend(being_typed(text, text.len()));
        let ranges = merged(ranges);
        let hidden = |at: usize| ranges.iter().any(|range| range.contains(&at));
        let drawn: String =
            text.char_indices().map(|(at, letter)| if hidden(at) { '•' } else { letter }).collect();
        assert_eq!(drawn, expect, "{text}");
    }

    #[test]
    fn keys_and_their_beginnings_are_hidden() {
        check("use sk-proj-abcdefghij0123456789 now", "use •••••••••••••••••••••••••••• now");
        check("my key: sk-a", "my key: ••••");
        check("sk-a is a thing", "sk-a is a thing");
        check("task-a", "task-a");
        check("x_sk-a", "x_••••");
        check("sk", "sk");
        check("sk-", "•••");
    }

    #[test]
    fn the_argument_of_the_command_is_hidden_whatever_it_is() {
        check("/add-api-key", "/add-api-key");
        check("/add-api-key ", "/add-api-key ");
        check("/add-api-key s", "/add-api-key •");
        check("  /ADD-API-KEY abc d", "  /ADD-API-KEY •••••");
        check("/addapikey abc", "/addapikey •••");
        check("/add-api-kye abc", "/add-api-kye •••");
        check("add_api_key abc", "add_api_key •••");
        check("/add-api-keyabc", "/add-api-key•••");
        check("/model abc", "/model abc");
        check("add a key to the map", "add a key to the map");
    }
}
