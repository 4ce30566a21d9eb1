//! The second reader of scripts: the grammar of tree-sitter, of which only a few kinds of nodes are accepted.

use tree_sitter::{Node, Parser};

/// The argument lists of a script, in the order they are written; `None` where it holds anything but plain commands.
pub(crate) fn argument_lists(script: &str) -> Option<Vec<Vec<String>>> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    let tree = parser.parse(script, None)?;
    if tree.root_node().has_error() {
        return None;
    }
    let mut lists = Vec::new();
    statement(tree.root_node(), script, &mut lists)?;
    Some(lists)
}

fn statement(node: Node<'_>, script: &str, lists: &mut Vec<Vec<String>>) -> Option<()> {
    match node.kind() {
        "program" | "list" | "pipeline" | "redirected_statement" => {
            for child in node.children(&mut node.walk()) {
                statement(child, script, lists)?;
            }
            Some(())
        }
        "command" => {
            let mut words = Vec::new();
            for child in node.children(&mut node.walk()) {
                words.push(word(child, script)?);
            }
            lists.push(words);
            Some(())
        }
        "test_command" => {
            let mut words = Vec::new();
            test_words(node, script, &mut words)?;
            lists.push(words);
            Some(())
        }
        "file_redirect" => redirection(node, script, lists.last_mut()?),
        "comment" | "&&" | "||" | "|" | ";" | "\n" => Some(()),
        _ => None,
    }
}

/// A redirection and its target. The grammar also takes the arguments that follow it for targets.
fn redirection(node: Node<'_>, script: &str, words: &mut Vec<String>) -> Option<()> {
    let mut has_target = false;
    for child in node.children(&mut node.walk()) {
        match child.kind() {
            "file_descriptor" | "<" | ">" | ">>" | ">&" | "&>" | "&>>" => {}
            _ if has_target => words.push(word(child, script)?),
            _ => {
                word(child, script)?;
                has_target = true;
            }
        }
    }
    has_target.then_some(())
}

/// `[ … ]`: the grammar makes an expression of it; the words are its leaves.
fn test_words(node: Node<'_>, script: &str, words: &mut Vec<String>) -> Option<()> {
    match node.kind() {
        "test_command" | "unary_expression" | "binary_expression" | "negated_command" => {
            for child in node.children(&mut node.walk()) {
                test_words(child, script, words)?;
            }
        }
        "[" | "]" | "test_operator" | "=" | "==" | "!=" | "!" | "-a" | "-o" => {
            words.push(text(node, script)?.to_owned())
        }
        _ => words.push(word(node, script)?),
    }
    Some(())
}

fn word(node: Node<'_>, script: &str) -> Option<String> {
    let written = text(node, script)?;
    match node.kind() {
        "command_name" => word(node.child(0).filter(|_| node.child_count() == 1)?, script),
        "word" | "number" => unescaped(written, |_| true),
        "raw_string" => Some(written.strip_prefix('\'')?.strip_suffix('\'')?.to_owned()),
        "string" => {
            for child in node.children(&mut node.walk()) {
                if !matches!(child.kind(), "\"" | "string_content") {
                    return None;
                }
            }
            let inside = written.strip_prefix('"')?.strip_suffix('"')?;
            unescaped(inside, |escaped| matches!(escaped, '$' | '`' | '"' | '\\'))
        }
        "concatenation" => {
            let mut whole = String::new();
            let mut end = node.start_byte();
            for child in node.children(&mut node.walk()) {
                if child.start_byte() != end {
                    return None;
                }
                whole.push_str(&word(child, script)?);
                end = child.end_byte();
            }
            (end == node.end_byte()).then_some(whole)
        }
        _ => None,
    }
}

/// Takes the backslash from before every character that wants one.
fn unescaped(written: &str, takes: impl Fn(char) -> bool) -> Option<String> {
    let mut plain = String::new();
    let mut characters = written.chars();
    while let Some(next) = characters.next() {
        if next != '\\' {
            plain.push(next);
            continue;
        }
        let escaped = characters.next()?;
        if !takes(escaped) {
            plain.push('\\');
        }
        plain.push(escaped);
    }
    Some(plain)
}

fn text<'a>(node: Node<'_>, script: &'a str) -> Option<&'a str> {
    script.get(node.byte_range())
}
