//! Elements as snapshots, growth as properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use ratatui_core::text::Line;

use super::{Markdown, render};
use crate::wrap::line_width;
use crate::{Colour, Form, Look};

const PLAIN: Look = Look { colour: Colour::None, form: Form::Words };

fn shown(lines: &[Line<'_>]) -> String {
    lines.iter().map(|line| format!("{}\n", line)).collect()
}

/// What `source` looks like when it comes in these pieces.
fn grown(parts: &[&str], width: u16, look: Look) -> Vec<Line<'static>> {
    let mut document = Markdown::new(look);
    let mut stable: Vec<Line<'static>> = Vec::new();
    for part in parts {
        document.push(part);
        let lines = document.lines(width);
        assert_eq!(&lines.stable[..stable.len()], stable, "stable lines changed");
        stable = lines.stable.to_vec();
    }
    document.finish();
    let lines = document.lines(width);
    assert_eq!(&lines.stable[..stable.len()], stable, "stable lines changed at the end");
    assert!(lines.tail.is_empty());
    lines.stable.to_vec()
}

const EVERYTHING: &str = "# Title\n\nSome *text* with `code`, a [link](https://a.io/x) and\nanother line.\n\
    - one\n- two\n  more\n\n  ```rs\n  let a = 1;\n\n  let b;\n  ```\n- three\n\n7. seven\n8. eight\n   - in\n\n\
    > quote\n> - item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n\n  y\n```\n---\n[ref] and [^1]\n\n\
    [ref]: http://r.io\n[^1]: note\n\n<b>html</b>\nafter\n\nSetext\n===\n\n    indented\n\n    code\n\n[ref]\n";

#[test]
fn any_cut_gives_the_same_lines() {
    for look in [Look::FULL, PLAIN] {
        let whole = render(EVERYTHING, 40, look);
        let places: Vec<usize> = EVERYTHING.char_indices().map(|(at, _)| at).collect();
        for at in &places {
            let (one, other) = EVERYTHING.split_at(*at);
            assert_eq!(shown(&grown(&[one, other], 40, look)), shown(&whole), "cut at {one:?}");
        }
        let each: Vec<&str> = EVERYTHING.split_inclusive(|_: char| true).collect();
        assert_eq!(shown(&grown(&each, 40, look)), shown(&whole));
    }
}

fn markdown_like() -> impl Strategy<Value = Vec<String>> {
    let part = prop_oneof![
        4 => "[a-c ]{1,8}",
        2 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        4 => prop::sample::select(vec![
            "# ", "## ", "- ", "* ", "1. ", "2) ", "10. ", "> ", "```", "~~~", "````", "```rs\n", "    ", "  ", "\t", "|", "|---|---|\n",
            "| a | b |\n", "---", "===", "***", "**", "*", "_", "~~", "`", "[a]", "[a]: b", "[b](c)", "![i](j)", "[^1]", "[^1]: ",
            "<b>", "<!--", "-->", "<pre>", "</pre>", "&amp;", "&#27;", "\\", "\r\n", "\x1b[1m", "日本", "👍", "[x] ", "[ ] ", "   ", "\"t\"",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn growth_changes_nothing(parts in markdown_like(), width in 2u16..60) {
        let whole = render(&parts.concat(), width, Look::FULL);
        prop_assert!(whole.iter().all(|line| line_width(line) <= usize::from(width)));
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        prop_assert_eq!(shown(&grown(&parts, width, Look::FULL)), shown(&whole));
        prop_assert_eq!(grown(&parts, width, PLAIN), render(&parts.concat(), width, PLAIN));
    }

    #[test]
    fn anything_at_any_width(text in any::<String>(), width in 0u16..200) {
        for look in [Look::FULL, PLAIN] {
            let lines = render(&text, width, look);
            prop_assert!(lines.iter().all(|line| line_width(line) <= usize::from(width.max(1))));
            let passes = |line: &Line<'_>| !line.to_string().contains(char::is_control);
            prop_assert!(lines.iter().all(passes));
        }
    }
}

#[test]
fn a_preview_is_drawn_and_leaves_no_trace() {
    let mut document = Markdown::new(PLAIN);
    document.push("a *wo");
    document.preview("rd*\n\n- it");
    let lines = document.lines(40);
    assert_eq!((shown(lines.stable), shown(lines.tail)), (String::new(), "a word\n\n- it\n".to_owned()));
    assert_eq!(shown(&document.tail_lines(40)), "a word\n\n- it\n");
    document.push("men*");
    assert_eq!(shown(document.lines(40).tail), "a women\n");
    document.preview(" gone");
    document.finish();
    assert_eq!(shown(document.lines(40).stable), "a women\n");
    assert!(document.tail_lines(40).is_empty());
}

#[test]
fn parts_are_the_whole() {
    let mut document = Markdown::new(Look::FULL);
    document.push(EVERYTHING);
    document.finish();
    let mut lines = Vec::new();
    for part in 0..document.stable_parts() {
        lines.extend(document.lines_of_parts(part..part + 1, 30));
    }
    assert_eq!(lines, render(EVERYTHING, 30, Look::FULL));
    assert!(document.lines_of_parts(lines.len()..lines.len() + 9, 30).is_empty());
}
