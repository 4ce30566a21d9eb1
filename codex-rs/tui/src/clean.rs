//! Text of models, commands and people made fit to be drawn: no colour codes, nothing that commands the terminal, no
//! tabs, no secret.

use std::borrow::Cow;

use codex_redact::redact;
use codex_render::words::printable;

const ESCAPE: char = '\u{1b}';
const TAB: &str = "    ";

/// `text` as it may be drawn. Colour codes go first, so that none can hide a key from the redactor.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let text = chain(without_escapes(text), printable);
    let text = chain(text, redact);
    if text.contains('\t') { Cow::Owned(text.replace('\t', TAB)) } else { text }
}

/// The same for text whose last word still grows: a key that has only begun to come is not drawn either.
pub(crate) fn clean_growing(text: &str) -> Cow<'_, str> {
    let text = clean(text);
    match begun_key(&text) {
        Some(at) => Cow::Owned(format!("{}…", &text[..at])),
        None => text,
    }
}

/// A line of output: what a terminal would still show of it after its carriage returns.
pub(crate) fn output_line(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches('\r');
    clean(line.rsplit('\r').next().unwrap_or(line))
}

fn chain<'a>(text: Cow<'a, str>, change: impl Fn(&str) -> Cow<'_, str>) -> Cow<'a, str> {
    match change(&text) {
        Cow::Owned(changed) => Cow::Owned(changed),
        Cow::Borrowed(_) => text,
    }
}

/// Where a last word that may become a key begins.
fn begun_key(text: &str) -> Option<usize> {
    let is_of_key = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let begin = text
        .rfind(|character| !is_of_key(character))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    text[begin..].starts_with("sk-").then_some(begin)
}

/// `text` without the sequences that begin with the escape character (ECMA-48).
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains([ESCAPE, '\u{9b}']) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ESCAPE => match characters.next() {
                Some('[') => skip_control(&mut characters),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_string(&mut characters),
                Some(between) if (' '..='/').contains(&between) => {
                    characters.next();
                }
                Some(_) | None => {}
            },
            '\u{9b}' => skip_control(&mut characters),
            _ => kept.push(character),
        }
    }
    Cow::Owned(kept)
}

/// A control sequence ends with its first letter. One that a line end breaks off is over, too.
fn skip_control(characters: &mut std::str::Chars<'_>) {
    while let Some(character) = characters.clone().next() {
        if character == '\n' {
            return;
        }
        characters.next();
        if ('@'..='~').contains(&character) {
            return;
        }
    }
}

/// A string such as a title ends with a bell, with `ESC \`, or with the line.
fn skip_string(characters: &mut std::str::Chars<'_>) {
    while let Some(character) = characters.clone().next() {
        match character {
            '\n' => return,
            '\u{7}' => {
                characters.next();
                return;
            }
            ESCAPE => {
                characters.next();
                characters.next();
                return;
            }
            _ => {
                characters.next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_growing, output_line};

    #[test]
    fn what_commands_a_terminal_goes() {
        let table = [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jcleared", "cleared"),
            ("broken \u{1b}[31\nnext", "broken \nnext"),
            ("a\tb\u{8}", "a    b"),
            ("\u{1b}(Bok", "ok"),
            ("ends with \u{1b}", "ends with "),
        ];
        for (text, expected) in table {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_key_comes_through() {
        let body = "abcdefghij0123456789ABCD";
        for text in [format!("sk-{body}"), format!("sk-\u{1b}[1m{body}"), format!("sk-\u{7}{body}")] {
            assert_eq!(clean(&text), "[redacted]");
        }
        assert_eq!(clean_growing("the key sk-abc"), "the key …");
        assert_eq!(clean_growing("the task-abc"), "the task-abc");
        assert_eq!(clean_growing("sk-abc is short"), "sk-abc is short");
    }

    #[test]
    fn a_carriage_return_paints_over() {
        assert_eq!(output_line("10%\r20%\r100%\r"), "100%");
    }
}
