//! Reads a shell script: gives the argument lists a shell would run, or doubts.
//!
//! Only a small part of the language is read: words, quotes, lists, pipelines, comments and harmless redirections.
//! Whatever could make the shell run something else than what is written (expansions, globs, assignments, blocks)
//! is a doubt. Two readers that have nothing in common must agree: the one in this file, which is strict, and the
//! grammar of tree-sitter (`tree.rs`), which sees only what this one has passed.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use crate::tree;

/// Longer scripts are not read.
const LONGEST: usize = 64 * 1024;
/// First words that are the shell's own grammar, in any of the shells.
const RESERVED: &[&str] = &[
    "!",
    "[[",
    "]]",
    "{",
    "}",
    "case",
    "coproc",
    "do",
    "done",
    "elif",
    "else",
    "end",
    "esac",
    "fi",
    "for",
    "foreach",
    "function",
    "if",
    "in",
    "nocorrect",
    "repeat",
    "select",
    "then",
    "time",
    "until",
    "while",
];
/// Characters that stand for themselves outside of quotes, wherever they are in a word.
const PLAIN: &str = "_-./:,+@%";

/// The shells whose scripts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// bash.
    Bash,
    /// zsh, which gives more characters a meaning.
    Zsh,
    /// sh and dash, where `&>` is something else.
    Posix,
}

/// One command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What the shell runs, word for word.
    pub(crate) argv: Vec<String>,
    /// Files its input is taken from.
    pub(crate) inputs: Vec<String>,
    /// How it follows the step before it.
    pub(crate) after: Join,
    /// Where it is in the script.
    pub(crate) span: Range<usize>,
}

/// What stands before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Join {
    /// The script begins with it, or `;` or a new line.
    Always,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
}

/// The script says more than what is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doubt;

/// The commands of a script, at least one, in the order they are written.
pub(crate) fn read(script: &str, dialect: Dialect) -> Result<Vec<Step>, Doubt> {
    let steps = read_strictly(script, dialect)?;
    let seen = tree::argument_lists(script).ok_or(Doubt)?;
    if seen.len() == steps.len() && seen.iter().zip(&steps).all(|(argv, step)| *argv == step.argv) {
        Ok(steps)
    } else {
        Err(Doubt)
    }
}

/// This file's own reading, before the second reader is asked.
pub(crate) fn read_strictly(script: &str, dialect: Dialect) -> Result<Vec<Step>, Doubt> {
    // A shell takes a script that begins like an option for one.
    if script.len() > LONGEST || script.starts_with(['-', '+']) {
        return Err(Doubt);
    }
    let mut reader = Reader { script, rest: script.char_indices().peekable(), dialect };
    reader.script()
}

struct Reader<'a> {
    script: &'a str,
    rest: Peekable<CharIndices<'a>>,
    dialect: Dialect,
}

/// A word, and whether any of it was quoted.
struct Word {
    text: String,
    quoted: bool,
}

impl Reader<'_> {
    fn script(&mut self) -> Result<Vec<Step>, Doubt> {
        let mut steps = Vec::new();
        let mut after = Join::Always;
        loop {
            self.skip_lines()?;
            if self.rest.peek().is_none() {
                // An operator that wants a command after it has none.
                return if after == Join::Always && !steps.is_empty() { Ok(steps) } else { Err(Doubt) };
            }
            steps.push(self.step(after)?);
            after = self.join()?;
        }
    }

    /// One simple command, up to what ends it.
    fn step(&mut self, after: Join) -> Result<Step, Doubt> {
        let start = self.position();
        let mut end = start;
        let mut argv: Vec<String> = Vec::new();
        let mut inputs = Vec::new();
        loop {
            self.skip_blanks();
            if self.at_end_of_step() {
                break;
            }
            if let Some(redirection) = self.redirection()? {
                // Before the program's name it is legal, but nobody writes it so.
                if argv.is_empty() {
                    return Err(Doubt);
                }
                if let Redirection::From(file) = redirection {
                    inputs.push(file);
                }
            } else {
                let word = self.word()?;
                let grammar = !word.quoted && RESERVED.contains(&word.text.as_str());
                // A first word may also be an assignment or the name of a job.
                if argv.is_empty() && (grammar || word.text.contains('=') || word.text.starts_with('%')) {
                    return Err(Doubt);
                }
                argv.push(word.text);
            }
            end = self.position();
        }
        if argv.is_empty() {
            return Err(Doubt);
        }
        Ok(Step { argv, inputs, after, span: start..end })
    }

    /// The operator after a step. The end of the script counts as a `;`.
    fn join(&mut self) -> Result<Join, Doubt> {
        match self.next() {
            None | Some('\n') => Ok(Join::Always),
            Some(';') if self.peek() != Some(';') && self.peek() != Some('&') => Ok(Join::Always),
            Some('#') => {
                self.skip_comment()?;
                Ok(Join::Always)
            }
            Some('&') if self.peek() == Some('&') => {
                self.next();
                Ok(Join::And)
            }
            Some('|') if self.peek() == Some('|') => {
                self.next();
                Ok(Join::Or)
            }
            Some('|') if self.peek() != Some('&') => Ok(Join::Pipe),
            Some(_) => Err(Doubt),
        }
    }

    /// `&` begins a redirection only as `&>`.
    fn at_end_of_step(&self) -> bool {
        match self.peek() {
            None | Some('\n' | ';' | '|' | '#') => true,
            Some('&') => !self.ahead().starts_with("&>"),
            Some(_) => false,
        }
    }

    /// A redirection, if one is next.
    fn redirection(&mut self) -> Result<Option<Redirection>, Doubt> {
        let ahead = self.ahead();
        let descriptor = usize::from(ahead.starts_with(|first: char| first.is_ascii_digit()));
        let both = usize::from(ahead.starts_with('&'));
        let Some(operator @ ('<' | '>')) = ahead[descriptor + both..].chars().next() else { return Ok(None) };
        if both == 1 && (self.dialect == Dialect::Posix || operator == '<') {
            return Err(Doubt);
        }
        self.skip(descriptor + both + 1);
        match (operator, self.peek()) {
            ('<', Some('<' | '&' | '>' | '(')) | ('>', Some('(' | '|')) => return Err(Doubt),
            ('>', Some('&')) if both == 0 => {
                self.next();
                return match (self.next(), self.at_end_of_word()) {
                    (Some('1' | '2'), true) => Ok(Some(Redirection::Harmless)),
                    (_, _) => Err(Doubt),
                };
            }
            ('>', Some('&')) => return Err(Doubt),
            ('>', Some('>')) => {
                self.next();
            }
            (_, _) => {}
        }
        self.skip_blanks();
        if self.at_end_of_word() {
            return Err(Doubt);
        }
        let target = self.word()?.text;
        match operator {
            '>' if target == "/dev/null" => Ok(Some(Redirection::Harmless)),
            // bash makes network connections of some names below /dev.
            '<' if target == "/dev/null" || !(target.is_empty() || target.starts_with("/dev/")) => {
                Ok(Some(Redirection::From(target)))
            }
            _ => Err(Doubt),
        }
    }

    fn word(&mut self) -> Result<Word, Doubt> {
        let mut word = Word { text: String::new(), quoted: false };
        while let Some(next) = self.peek() {
            match next {
                _ if self.at_end_of_word() => break,
                '\'' => self.single_quoted(&mut word)?,
                '"' => self.double_quoted(&mut word)?,
                '\\' => {
                    self.next();
                    word.quoted = true;
                    word.text.push(self.next().filter(|escaped| matches!(escaped, ' '..='~')).ok_or(Doubt)?);
                }
                '[' | ']' if word.text.is_empty() && !word.quoted => {
                    // `[` and its `]`, each a word of its own; anything longer may be a pattern.
                    self.next();
                    word.text.push(next);
                    return if self.at_end_of_word() { Ok(word) } else { Err(Doubt) };
                }
                _ if self.stands_for_itself(next, &word) => {
                    self.next();
                    word.text.push(next);
                }
                _ => return Err(Doubt),
            }
        }
        // A number before `<` or `>` is a descriptor; one of several digits is not worth reading.
        let number = !word.quoted && word.text.bytes().all(|byte| byte.is_ascii_digit());
        if number && (word.text.is_empty() || matches!(self.peek(), Some('<' | '>'))) {
            Err(Doubt)
        } else {
            Ok(word)
        }
    }

    fn stands_for_itself(&self, next: char, word: &Word) -> bool {
        let zsh = self.dialect == Dialect::Zsh;
        let begun = word.quoted || !word.text.is_empty();
        match next {
            // zsh has `=program`; an assignment is seen by who asks for the word.
            '=' => begun,
            // Patterns in zsh.
            '^' => !zsh,
            '#' => begun && !zsh,
            // A home folder at the word's beginning, and after `=` or `:`.
            '~' => !zsh && !word.quoted && begun && !word.text.contains(['=', ':']),
            _ => next.is_ascii_alphanumeric() || PLAIN.contains(next),
        }
    }

    fn single_quoted(&mut self, word: &mut Word) -> Result<(), Doubt> {
        self.next();
        word.quoted = true;
        loop {
            match self.next() {
                // With an option of zsh, '' inside of quotes is a quote.
                Some('\'') if self.dialect == Dialect::Zsh && self.peek() == Some('\'') => return Err(Doubt),
                Some('\'') => return Ok(()),
                Some(inside) => word.text.push(quotable(inside)?),
                None => return Err(Doubt),
            }
        }
    }

    fn double_quoted(&mut self, word: &mut Word) -> Result<(), Doubt> {
        self.next();
        word.quoted = true;
        loop {
            match self.next() {
                Some('"') => return Ok(()),
                Some('$' | '`') | None => return Err(Doubt),
                Some('\\') => match self.next() {
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => word.text.push(escaped),
                    Some('\n') | None => return Err(Doubt),
                    Some(other) => {
                        word.text.push('\\');
                        word.text.push(quotable(other)?);
                    }
                },
                Some(inside) => word.text.push(quotable(inside)?),
            }
        }
    }

    fn at_end_of_word(&self) -> bool {
        matches!(self.peek(), None | Some(' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')'))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
    }

    /// Blanks, empty lines and comments before a step.
    fn skip_lines(&mut self) -> Result<(), Doubt> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\n') => {
                    self.next();
                }
                Some('#') => self.skip_comment()?,
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), Doubt> {
        // Whether zsh takes it for a comment depends on an option.
        if self.dialect == Dialect::Zsh {
            return Err(Doubt);
        }
        while let Some(inside) = self.peek().filter(|inside| *inside != '\n') {
            quotable(inside)?;
            self.next();
        }
        Ok(())
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    fn next(&mut self) -> Option<char> {
        self.rest.next().map(|(_, next)| next)
    }

    fn peek(&self) -> Option<char> {
        self.ahead().chars().next()
    }

    fn ahead(&self) -> &str {
        self.script.get(self.position()..).unwrap_or_default()
    }

    fn position(&self) -> usize {
        self.rest.clone().peek().map_or(self.script.len(), |(position, _)| *position)
    }
}

enum Redirection {
    /// Input from a file.
    From(String),
    /// Output to nowhere, or to where other output goes.
    Harmless,
}

/// A character inside of quotes or a comment. Control characters are left to the person: terminals and shells differ.
fn quotable(inside: char) -> Result<char, Doubt> {
    if inside.is_control() && !matches!(inside, '\n' | '\t') { Err(Doubt) } else { Ok(inside) }
}

#[cfg(test)]
mod tests;
