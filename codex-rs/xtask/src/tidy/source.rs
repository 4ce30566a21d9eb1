//! A rough reading of Rust source: enough to tell code from comments, strings and tests.

/// A file with parts blanked out by spaces; lines and columns stay where they were.
pub(super) struct Source {
    /// Without comments, the content of strings, and test-only items.
    pub(super) code: String,
    /// Without comments and test-only items; attributes name functions in strings.
    pub(super) with_strings: String,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let original: Vec<char> = text.chars().collect();
        let mut code = original.clone();
        let mut with_strings = original.clone();
        let mut at = 0;
        while at < original.len() {
            let (kind, end) = piece(&original, at);
            if kind != Piece::Code {
                blank(&mut code[at..end]);
            }
            if kind == Piece::Comment {
                blank(&mut with_strings[at..end]);
            }
            at = end;
        }
        for (start, end) in test_items(&code) {
            blank(&mut code[start..end]);
            blank(&mut with_strings[start..end]);
        }
        Self { code: code.into_iter().collect(), with_strings: with_strings.into_iter().collect() }
    }
}

/// Where `word` stands in `code` by itself: not inside a longer name. Gives line numbers from 1.
pub(super) fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let hits = code.match_indices(word).filter(|(at, _)| {
        let before = code[..*at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        let starts = !word.starts_with(is_name) || !before.is_some_and(is_name);
        let ends = !word.ends_with(is_name) || !after.is_some_and(is_name);
        starts && ends
    });
    hits.map(|(at, _)| code[..at].matches('\n').count() + 1).collect()
}

/// The functions with a body: name, first and last line.
pub(super) fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let characters: Vec<char> = code.chars().collect();
    let line_of = |at: usize| characters[..at].iter().filter(|character| **character == '\n').count() + 1;
    let mut found = Vec::new();
    for at in 0..characters.len() {
        if !word_at(&characters, at, "fn") {
            continue;
        }
        let name: String = characters[at + 2..]
            .iter()
            .skip_while(|character| character.is_whitespace())
            .take_while(|character| character.is_alphanumeric() || **character == '_')
            .collect();
        let end = item_end(&characters, at);
        if !name.is_empty() && end > at && characters[end - 1] == '}' {
            found.push((name, line_of(at), line_of(end - 1)));
        }
    }
    found
}

#[derive(PartialEq, Eq)]
enum Piece {
    Code,
    Comment,
    Text,
}

/// The kind and end of what starts at `at`.
fn piece(text: &[char], at: usize) -> (Piece, usize) {
    let next = |ahead: usize| text.get(at + ahead).copied().unwrap_or('\0');
    match text[at] {
        '/' if next(1) == '/' => (Piece::Comment, end_where(text, at, |ahead| ahead == '\n')),
        '/' if next(1) == '*' => (Piece::Comment, block_comment_end(text, at)),
        '"' => (Piece::Text, quoted_end(text, at, '"')),
        'r' if !continues_name(text, at)
            || (at > 0 && text[at - 1] == 'b' && !continues_name(text, at - 1)) =>
        {
            match raw_string_end(text, at) {
                Some(end) => (Piece::Text, end),
                None => (Piece::Code, at + 1),
            }
        }
        // A lifetime has no closing quote right behind its first character.
        '\'' if next(1) == '\\' || next(2) == '\'' => (Piece::Text, quoted_end(text, at, '\'')),
        _ => (Piece::Code, at + 1),
    }
}

fn end_where(text: &[char], at: usize, is_end: impl Fn(char) -> bool) -> usize {
    text[at..].iter().position(|character| is_end(*character)).map_or(text.len(), |length| at + length)
}

fn block_comment_end(text: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at + 1 < text.len() {
        match (text[at], text[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

fn quoted_end(text: &[char], start: usize, quote: char) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            character if character == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

fn raw_string_end(text: &[char], start: usize) -> Option<usize> {
    let hashes = text[start + 1..].iter().take_while(|character| **character == '#').count();
    if text.get(start + 1 + hashes) != Some(&'"') {
        return None;
    }
    let mut close = vec!['"'];
    close.resize(1 + hashes, '#');
    let body = start + 2 + hashes;
    let length = text[body..].windows(close.len()).position(|window| window == close);
    Some(length.map_or(text.len(), |length| body + length + close.len()))
}

fn continues_name(text: &[char], at: usize) -> bool {
    at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_')
}

/// The ranges of items behind `#[cfg(test)]`, in code without comments and strings.
fn test_items(code: &[char]) -> Vec<(usize, usize)> {
    let mark: Vec<char> = "#[cfg(test)]".chars().collect();
    let starts = (0..code.len()).filter(|at| code[*at..].starts_with(&mark));
    starts.map(|start| (start, item_end(code, start + mark.len()))).collect()
}

/// The end of the item that starts at `start`: its closing brace, or its semicolon if it has no body.
fn item_end(code: &[char], start: usize) -> usize {
    let (mut brackets, mut braces) = (0_usize, 0_usize);
    for (at, character) in code.iter().enumerate().skip(start) {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return at + 1;
                }
            }
            ';' if brackets == 0 && braces == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn word_at(code: &[char], at: usize, word: &str) -> bool {
    let length = word.chars().count();
    let ends = code.get(at + length).is_none_or(|after| !after.is_alphanumeric() && *after != '_');
    code[at..].iter().zip(word.chars()).filter(|(have, want)| **have == *want).count() == length
        && !continues_name(code, at)
        && ends
}

fn blank(characters: &mut [char]) {
    for character in characters.iter_mut().filter(|character| **character != '\n') {
        *character = ' ';
    }
}
