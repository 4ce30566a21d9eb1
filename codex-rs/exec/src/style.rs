//! Words with a little colour, or without: where nobody reads a terminal, under `NO_COLOR`, on `TERM=dumb`.

use std::borrow::Cow;

/// Whether colour may be used on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// A terminal that takes it.
    Ansi,
    /// Plain text.
    Plain,
}

/// How words stand out. Only the sixteen basic colours, and none that vanishes on a light or a dark ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// What one looks for.
    Strong,
    /// What one may skip.
    Faint,
    /// Who pays, and that it changed.
    Payer,
    /// The key paid.
    Key,
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

impl Colour {
    /// `text` in this style.
    pub fn paint(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Strong => "1",
            Style::Faint => "2",
            Style::Payer => "1;35",
            Style::Key => "35",
            Style::Good => "32",
            Style::Bad => "31",
        };
        match self {
            Colour::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
            Colour::Plain => text.to_owned(),
        }
    }
}

/// Columns of the terminal that our own sentences are broken for.
const COLUMNS: usize = 80;

/// Our own sentences, broken between words where a terminal would break inside them; further lines begin with
/// `indent`. Outside a terminal each stays one line, which programs can search.
pub fn wrapped<'a>(text: &'a str, indent: &str, colour: Colour) -> Cow<'a, str> {
    match colour {
        Colour::Plain => Cow::Borrowed(text),
        Colour::Ansi => {
            Cow::Owned(text.lines().map(|line| wrapped_line(line, indent)).collect::<Vec<_>>().join("\n"))
        }
    }
}

fn wrapped_line(line: &str, indent: &str) -> String {
    let (mut out, mut column) = (String::with_capacity(line.len() + 16), 0);
    for (place, word) in line.split(' ').enumerate() {
        let length = word.chars().count();
        if place > 0 && column + 1 + length > COLUMNS {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else if place > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Colour, Style, wrapped};

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(Colour::Plain.paint(Style::Payer, "x"), "x");
        assert_eq!(Colour::Ansi.paint(Style::Faint, "x"), "\x1b[2mx\x1b[0m");
    }

    #[test]
    fn sentences_are_broken_between_words_on_a_terminal_only() {
        let long = format!("{} {}", "a".repeat(78), "b c d");
        let broken = format!("{} b\n  c d", "a".repeat(78));
        assert_eq!(wrapped(&long, "  ", Colour::Ansi), broken);
        assert_eq!(wrapped(&long, "  ", Colour::Plain), long);
        let word = "x".repeat(100);
        for same in ["", "  short", "one\ntwo", word.as_str()] {
            assert_eq!(wrapped(same, "  ", Colour::Ansi), same);
        }
    }
}
