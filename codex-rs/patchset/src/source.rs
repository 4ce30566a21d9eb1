//! One text of a tree: how its lines end, how far they are indented, what is comment, and where its tokens are.

use proc_macro2::{TokenStream, TokenTree};

/// Where the Rust text of a file begins: behind the byte order mark and the line for the shell.
///
/// The offsets of spans count from there, because the lexer takes neither.
pub(crate) fn rust_starts_at(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let behind = &text[mark..];
    let is_shebang = behind.starts_with("#!")
        && !pieces(&behind[2..], 0, behind.len() - 2)
            .code
            .is_some_and(|at| behind[2 + at..].starts_with('['));
    match is_shebang {
        true => mark + behind.find('\n').unwrap_or(behind.len()),
        false => mark,
    }
}

/// The line ending of a file: that of its first line.
pub(crate) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        Some(_) | None => "\n",
    }
}

/// White space at the start of the line that holds `offset`.
pub(crate) fn indentation(text: &str, offset: usize) -> &str {
    let line = &text[line_start(text, offset)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether nothing but white space precedes `offset` on its line.
pub(crate) fn is_first_on_line(text: &str, offset: usize) -> bool {
    text[line_start(text, offset)..offset].chars().all(|sign| matches!(sign, ' ' | '\t' | '\u{feff}'))
}

/// The number of the line that holds `offset`, from 1.
pub(crate) fn line_number(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |end| end + 1)
}

/// What lies between two tokens.
pub(crate) struct Pieces {
    /// Comments, in order, with where they end; a line's comment ends before the line's end.
    pub(crate) comments: Vec<(usize, usize)>,
    /// The first sign that is neither white space nor comment.
    pub(crate) code: Option<usize>,
    /// Where each line ends that ends outside of a comment.
    pub(crate) line_ends: Vec<usize>,
}

/// Reads comments and white space from `from`, which is outside of a comment, to the first code or to `to`.
pub(crate) fn pieces(text: &str, from: usize, to: usize) -> Pieces {
    let mut found = Pieces { comments: Vec::new(), code: None, line_ends: Vec::new() };
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        if is_documentation(rest) {
            found.code = Some(at);
            break;
        }
        if rest.starts_with("//") {
            let length = rest.find('\n').map_or(rest.len(), |end| rest[..end].trim_end_matches('\r').len());
            found.comments.push((at, at + length));
            at += length;
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            found.comments.push((at, at + length));
            at += length;
        } else if rest.starts_with("\r\n") {
            found.line_ends.push(at);
            at += 2;
        } else if rest.starts_with('\n') {
            found.line_ends.push(at);
            at += 1;
        } else {
            match rest.chars().next() {
                Some(space) if space.is_whitespace() => at += space.len_utf8(),
                Some(_) | None => {
                    found.code = Some(at);
                    break;
                }
            }
        }
    }
    found
}

/// Comments that are attributes of what follows them, or of what holds them.
fn is_documentation(text: &str) -> bool {
    let is =
        |start: &str, but: &[&str]| text.starts_with(start) && !but.iter().any(|but| text.starts_with(but));
    is("///", &["////"]) || is("/**", &["/***", "/**/"]) || is("//!", &[]) || is("/*!", &[])
}

/// The length of the comment, with those inside of it, that `text` starts with.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The end of the line of `offset` if there is only white space and comments up to it, and these end on the line.
pub(crate) fn blank_to_line_end(text: &str, offset: usize) -> Option<usize> {
    let behind = pieces(text, offset, text.len());
    let end = behind.line_ends.first().copied().unwrap_or(text.len());
    let code_follows = behind.code.is_some_and(|code| code < end);
    let is_cut = |(start, close): &(usize, usize)| *start < end && text[*start..*close].contains('\n');
    (!code_follows && !behind.comments.iter().any(is_cut)).then_some(end)
}

/// The ends of all tokens, in order; `starts_at` is where the Rust text begins.
pub(crate) fn token_ends(tokens: TokenStream, starts_at: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut waiting = vec![tokens.into_iter()];
    while let Some(iterator) = waiting.last_mut() {
        match iterator.next() {
            Some(TokenTree::Group(group)) => {
                ends.push(group.span_open().byte_range().end + starts_at);
                ends.push(group.span_close().byte_range().end + starts_at);
                waiting.push(group.stream().into_iter());
            }
            Some(token) => ends.push(token.span().byte_range().end + starts_at),
            None => drop(waiting.pop()),
        }
    }
    ends.sort_unstable();
    ends
}

/// Whether a text can be inserted with other indentation: its tokens are whole, and none but a comment spans lines.
pub(crate) fn check_insertion(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    let tokens: TokenStream = text.parse().map_err(|error| format!("is no Rust: {error}"))?;
    let spans_lines = spans_lines(tokens, text);
    proc_macro2::extra::invalidate_current_thread_spans();
    match spans_lines {
        true => Err("has a literal over several lines, which indentation would change".to_owned()),
        false => Ok(()),
    }
}

fn spans_lines(tokens: TokenStream, text: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => spans_lines(group.stream(), text),
        TokenTree::Literal(literal) => {
            // Behind a backslash, the lexer drops the line's end and the next line's indentation.
            let written = text.get(literal.span().byte_range()).unwrap_or_default();
            let is_raw = written.starts_with(['r', 'b', 'c'])
                && written.trim_start_matches(['b', 'c']).starts_with('r');
            let joined = |line: &str| line.ends_with('\\') && !is_raw;
            !written.starts_with('/') && written.lines().rev().skip(1).any(|line| !joined(line))
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}
