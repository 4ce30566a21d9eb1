//! One line of code → runs of one class, and the state in which the next line begins. Linear in the length of the line.

use std::mem;

use super::Class;
use super::grammars::{Escape, Extent, Extra, Grammar, Kind, Nesting, Quotes};

/// What a line leaves open for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    inside: Inside,
    place: Place,
    command: Command,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Code,
    /// In so many block comments.
    Comment(usize),
    /// In a string of this kind, by its place in the grammar.
    Quoted(usize),
    /// In a string that ends with `"` and so many `#`.
    Raw(usize),
    /// In a text that ends with this line.
    Heredoc(String),
}

/// Where in markup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    Tag,
}

/// Where in a command of a shell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Command {
    #[default]
    Expected,
    /// `NAME=` was read; a command may follow.
    Value,
    Past,
}

/// From the end of the run before to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) end: usize,
    pub(super) class: Class,
}

/// The runs of one line; the last ends where the line does.
pub(super) fn line(text: &str, grammar: &Grammar, state: &mut State) -> Vec<Run> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        grammar,
        state,
        at: 0,
        runs: Vec::new(),
        before: None,
        heredoc: None,
        patterns: Patterns::Possible,
    };
    match grammar.kind {
        Kind::Diff => scanner.push(text.len(), diff_class(text)),
        Kind::Code | Kind::Shell | Kind::Session | Kind::Markup => scanner.read(),
    }
    scanner.runs
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    grammar: &'a Grammar,
    state: &'a mut State,
    at: usize,
    runs: Vec<Run>,
    /// The token before, blanks apart.
    before: Option<Token>,
    /// What ends the text that begins behind this line.
    heredoc: Option<String>,
    patterns: Patterns,
}

#[derive(Clone, Copy)]
struct Token {
    last: u8,
    class: Class,
}

/// Whether a `/` may still begin a pattern on this line: where one does not end, none does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patterns {
    Possible,
    Over,
}

impl Scanner<'_> {
    fn read(&mut self) {
        if self.grammar.kind == Kind::Session && self.state.inside == Inside::Code {
            self.prompt();
        }
        while self.at < self.bytes.len() {
            match mem::take(&mut self.state.inside) {
                Inside::Code if self.grammar.kind == Kind::Markup => self.markup(),
                Inside::Code => self.code(),
                Inside::Comment(depth) => self.comment(depth),
                Inside::Quoted(kind) => self.quoted(kind),
                Inside::Raw(hashes) => self.raw(hashes),
                Inside::Heredoc(end) => self.heredoc(end),
            }
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        if let Inside::Quoted(kind) = self.state.inside
            && self.grammar.strings[kind].extent == Extent::OneLine
        {
            self.state.inside = Inside::Code;
        }
        if let (Inside::Code, Some(end)) = (&self.state.inside, self.heredoc.take()) {
            self.state.inside = Inside::Heredoc(end);
        }
        let goes_on = self.state.inside != Inside::Code || self.text.ends_with('\\');
        self.state.command = if goes_on { Command::Past } else { Command::Expected };
    }

    /// In the record of a session, what stands behind a prompt is a command, the rest is output.
    fn prompt(&mut self) {
        let goes_on = self.state.command == Command::Past;
        let prompt = ["$ ", "# ", "% ", "> "].into_iter().find(|prompt| self.text.starts_with(prompt));
        match prompt {
            Some(prompt) => self.push(prompt.len(), Class::Comment),
            None if goes_on => {}
            None => self.push(self.bytes.len(), Class::Plain),
        }
    }

    fn code(&mut self) {
        let is_read = self.blanks()
            || self.marked()
            || self.string()
            || self.pattern()
            || self.number()
            || self.sigil()
            || self.word();
        if !is_read {
            self.punctuation();
        }
    }

    fn blanks(&mut self) -> bool {
        let end = self.end_of(self.at, |byte| byte.is_ascii_whitespace());
        if end == self.at {
            return false;
        }
        if self.state.command == Command::Value {
            self.state.command = Command::Expected;
        }
        self.push(end, Class::Plain);
        true
    }

    /// Comments, and what else begins with a mark of its own.
    fn marked(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let is_first = self.before.is_none();
        if let Some(comment) = &self.grammar.block_comment
            && rest.starts_with(comment.open)
        {
            self.push(self.at + comment.open.len(), Class::Comment);
            self.state.inside = Inside::Comment(1);
            return true;
        }
        if self.has(Extra::Attributes) && (rest.starts_with("#[") || rest.starts_with("#![")) {
            self.push(self.at + attribute_end(rest), Class::Name);
            return true;
        }
        if self.has(Extra::Directives) && is_first && rest.starts_with('#') {
            let name = self.end_of(self.at + 1, |byte| byte == b' ');
            self.push(self.end_of(name, is_word), Class::Fixed);
            return true;
        }
        let is_parted = !self.has(Extra::BareText) || !self.follows(|byte| !byte.is_ascii_whitespace());
        if is_parted && self.grammar.line_comments.iter().any(|mark| rest.starts_with(mark)) {
            self.push(self.bytes.len(), Class::Comment);
            return true;
        }
        if self.has(Extra::Sections) && is_first && rest.starts_with('[') {
            self.push(self.at + rest.rfind(']').map_or(rest.len(), |at| at + 1), Class::Fixed);
            return true;
        }
        false
    }

    fn string(&mut self) -> bool {
        let rest = &self.text[self.at..];
        if self.has(Extra::RawStrings)
            && !self.follows(is_word)
            && let Some((length, hashes)) = raw_opening(rest)
        {
            self.push(self.at + length, Class::Text);
            self.state.inside = Inside::Raw(hashes);
            return true;
        }
        if self.has(Extra::Lifetimes) && rest.starts_with('\'') {
            let (length, class) = character_or_lifetime(rest);
            self.push(self.at + length, class);
            return true;
        }
        if self.has(Extra::BareText) && self.grammar.kind == Kind::Code && self.follows(is_word) {
            return false;
        }
        let quotes = self.grammar.strings.iter().position(|quotes| rest.starts_with(quotes.open));
        let Some(kind) = quotes else {
            return false;
        };
        let quotes = &self.grammar.strings[kind];
        let content = self.at + quotes.open.len();
        match self.string_end(content, quotes) {
            Some(end) if self.has(Extra::Colons) && follows_blanks(&self.text[end..], ":") => {
                self.push(end, Class::Name);
            }
            Some(_) | None => {
                self.push(content, Class::Text);
                self.state.inside = Inside::Quoted(kind);
            }
        }
        true
    }

    /// `/…/`, where a division cannot be.
    fn pattern(&mut self) -> bool {
        if self.bytes[self.at] != b'/' || !self.has(Extra::Patterns) || self.patterns == Patterns::Over {
            return false;
        }
        let is_expected = self.before.is_none_or(|token| match token.class {
            Class::Fixed => !token.last.is_ascii_digit(),
            Class::Plain => b"(,=:[!&|?{};+-*%<>~^".contains(&token.last),
            Class::Comment | Class::Text | Class::Name | Class::Added | Class::Removed => false,
        });
        if !is_expected {
            return false;
        }
        match pattern_end(&self.bytes[self.at..]) {
            Some(length) => {
                self.push(self.end_of(self.at + length, is_word), Class::Text);
                true
            }
            None => {
                self.patterns = Patterns::Over;
                false
            }
        }
    }

    fn number(&mut self) -> bool {
        if !self.bytes[self.at].is_ascii_digit() || self.is_shell() {
            return false;
        }
        let mut end = self.at;
        while let Some(byte) = self.bytes.get(end) {
            let is_before_digit = self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            let is_exponent = end > self.at && matches!(self.bytes[end - 1], b'e' | b'E');
            match byte {
                byte if is_word(*byte) => {}
                b'.' | b'\'' if is_before_digit => {}
                b'+' | b'-' if is_before_digit && is_exponent => {}
                _ => break,
            }
            end += 1;
        }
        // Without quotes, a date or a version is text.
        let end =
            if self.has(Extra::BareText) { self.end_of(end, |byte| self.is_in_word(byte)) } else { end };
        let is_number = self.bytes[self.at..end].iter().all(|byte| is_word(*byte) || b".'+-%".contains(byte));
        self.push(end, if is_number { Class::Fixed } else { Class::Plain });
        true
    }

    /// `$name`, `${name}`, `@name`.
    fn sigil(&mut self) -> bool {
        let byte = self.bytes[self.at];
        if !self.grammar.sigils.contains(&byte) || self.follows(is_word) {
            return false;
        }
        let start = self.at + 1;
        let end = match self.bytes.get(start) {
            Some(b'{') => self.text[start..].find('}').map_or(self.bytes.len(), |at| start + at + 1),
            Some(b'?' | b'#' | b'@' | b'*' | b'!' | b'$') if byte == b'$' => start + 1,
            Some(next) if is_word(*next) => self.end_of(start, is_word),
            Some(_) | None => return false,
        };
        self.push(end, Class::Name);
        if self.state.command == Command::Expected {
            self.state.command = Command::Past;
        }
        true
    }

    fn word(&mut self) -> bool {
        let end = self.end_of(self.at, |byte| self.is_in_word(byte));
        if end == self.at {
            return false;
        }
        let word = &self.text[self.at..end];
        if self.is_shell() {
            self.shell_word(word, end);
            return true;
        }
        let rest = &self.text[end..];
        if self.is_key(rest) {
            self.push(end, Class::Name);
        } else if !self.follows(|byte| byte == b'.') && self.grammar.words.contains(word) {
            self.push(end, Class::Fixed);
        } else if self.has(Extra::Macros) && rest.starts_with('!') && !rest.starts_with("!=") {
            self.push(end + 1, Class::Name);
        } else if rest.starts_with('(') {
            self.push(end, Class::Name);
        } else {
            self.push(end, Class::Plain);
        }
        true
    }

    fn is_key(&self, rest: &str) -> bool {
        let is_before = |marks: &[&str]| marks.iter().any(|mark| follows_blanks(rest, mark));
        let is_before_colon = || rest == ":" || is_before(&[": "]);
        let is_before_equals = || is_before(&["=", ":=", "?=", "+="]) && !is_before(&["==", "=>", "=~"]);
        (self.has(Extra::Colons) && is_before_colon()) || (self.has(Extra::Equals) && is_before_equals())
    }

    fn shell_word(&mut self, word: &str, end: usize) {
        let is_fixed = self.grammar.words.contains(word);
        let is_variable = self.bytes.get(end) == Some(&b'=') && word.bytes().all(is_word);
        let (class, command) = match self.state.command {
            Command::Expected if is_fixed => match word {
                "then" | "do" | "else" | "elif" | "if" | "while" | "until" => {
                    (Class::Fixed, Command::Expected)
                }
                _ => (Class::Fixed, Command::Past),
            },
            Command::Expected if is_variable => (Class::Name, Command::Value),
            Command::Expected => (Class::Name, Command::Past),
            Command::Value => (Class::Plain, Command::Value),
            Command::Past if word == "in" => (Class::Fixed, Command::Past),
            Command::Past => (Class::Plain, Command::Past),
        };
        self.push(end, class);
        self.state.command = command;
    }

    fn punctuation(&mut self) {
        let byte = self.bytes[self.at];
        let next = self.bytes.get(self.at + 1).copied();
        // A quote behind a backslash opens nothing.
        if byte == b'\\' && matches!(next, Some(b'"' | b'\'' | b'`' | b'\\' | b'#' | b'$')) {
            self.push(self.at + 2, Class::Plain);
            return;
        }
        if self.is_shell() {
            let is_redirection = next == Some(b'>') || self.follows(|byte| byte == b'>');
            match byte {
                b'&' if is_redirection => {}
                b'|' | b';' | b'&' | b'(' | b'{' | b'!' | b'`' => self.state.command = Command::Expected,
                b')' | b'}' => self.state.command = Command::Past,
                _ => {}
            }
        }
        if byte == b'<' && self.has(Extra::Heredocs) {
            // In `((` it shifts bits.
            if self.heredoc.is_none() && !self.text.contains("((") {
                self.heredoc = heredoc_end(&self.text[self.at..]);
            }
            self.push(self.end_of(self.at, |byte| byte == b'<'), Class::Plain);
            return;
        }
        let length = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
        self.push(self.at + length, Class::Plain);
    }

    fn markup(&mut self) {
        let rest = &self.text[self.at..];
        match self.state.place {
            Place::Text if rest.starts_with("<!--") => {
                self.push(self.at + 4, Class::Comment);
                self.state.inside = Inside::Comment(1);
            }
            Place::Text if rest.starts_with('<') => {
                let name = self.end_of(self.at + 1, |byte| matches!(byte, b'/' | b'?' | b'!'));
                let end = self.end_of(name, |byte| self.is_in_word(byte));
                self.push(name, Class::Plain);
                if end > name {
                    self.push(end, Class::Name);
                    self.state.place = Place::Tag;
                }
            }
            Place::Text => {
                let end = rest.find('<').map_or(self.bytes.len(), |length| self.at + length);
                self.push(end, Class::Plain);
            }
            Place::Tag if rest.starts_with('>') => {
                self.push(self.at + 1, Class::Plain);
                self.state.place = Place::Text;
            }
            Place::Tag => {
                if !self.string() {
                    let end = self.end_of(self.at + 1, |byte| !matches!(byte, b'>' | b'"' | b'\''));
                    self.push(end, Class::Plain);
                }
            }
        }
    }

    fn comment(&mut self, mut depth: usize) {
        let Some(comment) = &self.grammar.block_comment else {
            return;
        };
        let mut end = self.at;
        while depth > 0 && end < self.bytes.len() {
            let rest = &self.bytes[end..];
            if rest.starts_with(comment.close.as_bytes()) {
                depth -= 1;
                end += comment.close.len();
            } else if comment.nesting == Nesting::Nested && rest.starts_with(comment.open.as_bytes()) {
                depth += 1;
                end += comment.open.len();
            } else {
                end += 1;
            }
        }
        self.push(end, Class::Comment);
        if depth > 0 {
            self.state.inside = Inside::Comment(depth);
        }
    }

    fn quoted(&mut self, kind: usize) {
        let end = self.string_end(self.at, &self.grammar.strings[kind]);
        self.push(end.unwrap_or(self.bytes.len()), Class::Text);
        if end.is_none() {
            self.state.inside = Inside::Quoted(kind);
        } else if self.state.command == Command::Expected {
            self.state.command = Command::Past;
        }
    }

    fn raw(&mut self, hashes: usize) {
        let close = format!("\"{}", "#".repeat(hashes));
        match self.text[self.at..].find(&close) {
            Some(length) => self.push(self.at + length + close.len(), Class::Text),
            None => {
                self.push(self.bytes.len(), Class::Text);
                self.state.inside = Inside::Raw(hashes);
            }
        }
    }

    fn heredoc(&mut self, end: String) {
        self.push(self.bytes.len(), Class::Text);
        if self.text.trim() != end {
            self.state.inside = Inside::Heredoc(end);
        }
    }

    // --- what the steps are made of

    fn push(&mut self, end: usize, class: Class) {
        let end = end.min(self.bytes.len());
        if end <= self.at {
            return;
        }
        let last = self.bytes[end - 1];
        if !last.is_ascii_whitespace() {
            self.before = Some(Token { last, class });
        }
        self.at = end;
        match self.runs.last_mut() {
            Some(run) if run.class == class => run.end = end,
            _ => self.runs.push(Run { end, class }),
        }
    }

    fn has(&self, extra: Extra) -> bool {
        self.grammar.has(extra)
    }

    fn is_shell(&self) -> bool {
        matches!(self.grammar.kind, Kind::Shell | Kind::Session)
    }

    fn is_in_word(&self, byte: u8) -> bool {
        is_word(byte) || self.grammar.word_marks.contains(&byte)
    }

    /// Where the run of such bytes that begins at `start` ends.
    fn end_of(&self, start: usize, belongs: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| belongs(**byte)).count()
    }

    /// Whether such a byte stands right before this place.
    fn follows(&self, is_such: impl Fn(u8) -> bool) -> bool {
        self.at.checked_sub(1).is_some_and(|before| is_such(self.bytes[before]))
    }

    /// Where the string ends whose content goes on at `start`.
    fn string_end(&self, start: usize, quotes: &Quotes) -> Option<usize> {
        let mut at = start;
        while at < self.bytes.len() {
            if self.bytes[at..].starts_with(quotes.close.as_bytes()) {
                return Some(at + quotes.close.len());
            }
            let is_escape = quotes.escape == Escape::Backslash && self.bytes[at] == b'\\';
            at += if is_escape { 2 } else { 1 };
        }
        None
    }
}

/// Letters and digits of every script.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn follows_blanks(rest: &str, mark: &str) -> bool {
    rest.trim_start_matches([' ', '\t']).starts_with(mark)
}

/// `r"`, `r##"`, with `b` before it or not: its length and how many `#` it has.
fn raw_opening(rest: &str) -> Option<(usize, usize)> {
    let marks = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
    let behind = marks.trim_start_matches('#');
    let length = rest.len() - behind.len() + 1;
    behind.starts_with('"').then_some((length, marks.len() - behind.len()))
}

/// Rust's `'a'` or `'a`.
fn character_or_lifetime(rest: &str) -> (usize, Class) {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escaped, character))) => {
            let behind = escaped + character.len_utf8();
            let close = rest[behind..].find('\'').map_or(rest.len(), |at| behind + at + 1);
            (close, Class::Text)
        }
        (Some(_), Some((close, '\''))) => (close + 1, Class::Text),
        _ => (1 + rest[1..].bytes().take_while(|byte| is_word(*byte)).count(), Class::Name),
    }
}

/// The length of `#[…]`.
fn attribute_end(rest: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return at + 1,
            b']' => depth -= 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `/…/`, if it ends on this line.
fn pattern_end(rest: &[u8]) -> Option<usize> {
    let (mut at, mut is_in_set) = (1, false);
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => is_in_set = true,
            b']' => is_in_set = false,
            // `//` is a comment.
            b'/' if !is_in_set => return (at > 1).then_some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The word of `<<WORD`, `<<-WORD`, `<<'WORD'`.
fn heredoc_end(rest: &str) -> Option<String> {
    let word = rest.strip_prefix("<<")?;
    let word = word.trim_start_matches(['-', '~', '\'', '"', '\\']);
    let length = word.bytes().take_while(|byte| is_word(*byte)).count();
    // As everybody writes it: numbers are shifted, and what is in small letters is put out.
    let is_end = word.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
    is_end.then(|| word[..length].to_owned())
}

fn diff_class(text: &str) -> Class {
    match text.as_bytes().first() {
        _ if ["+++ ", "--- ", "@@", "diff "].iter().any(|mark| text.starts_with(mark)) => Class::Name,
        Some(b'+') => Class::Added,
        Some(b'-') => Class::Removed,
        _ if ["index ", "new file", "deleted file", "similarity ", "rename ", "\\ "]
            .iter()
            .any(|mark| text.starts_with(mark)) =>
        {
            Class::Comment
        }
        Some(_) | None => Class::Plain,
    }
}
