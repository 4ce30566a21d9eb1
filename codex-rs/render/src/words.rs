//! Counts and times as people say them, and text that cannot command a terminal.

use std::borrow::Cow;

/// `text` without the characters that command a terminal; line ends and tabs stay. What a model or a command says
/// must not move the cursor, change the title or paint over what stands there.
pub fn printable(text: &str) -> Cow<'_, str> {
    let commands = |character: char| is_command(character) && !matches!(character, '\n' | '\t');
    if !text.contains(commands) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace(commands, ""))
}

/// Whether a character commands a terminal in place of being seen. Those that make text run backwards count: with
/// them a command can look like another one.
pub(crate) fn is_command(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A count with separators: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 line`, `2 lines`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Milliseconds as people say them.
pub fn duration(milliseconds: i64) -> String {
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, duration, plural, printable};

    #[test]
    fn numbers_and_times_read_well() {
        for (number, words) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), words);
        }
        for (number, words) in [(0, "0 lines"), (1, "1 line"), (1_200, "1,200 lines")] {
            assert_eq!(plural(number, "line", "lines"), words);
        }
        for (milliseconds, words) in [(7, "7 ms"), (1_250, "1.2 s"), (61_000, "1 min 1 s")] {
            assert_eq!(duration(milliseconds), words);
        }
    }

    #[test]
    fn terminal_commands_are_taken_out() {
        assert_eq!(printable("a\tb\nc"), "a\tb\nc");
        assert_eq!(printable("\x1b[2Jboo\r\n\x07\u{9b}1m"), "[2Jboo\n1m");
        assert_eq!(printable("rm \u{202e}cba\u{202c}"), "rm cba");
    }
}
