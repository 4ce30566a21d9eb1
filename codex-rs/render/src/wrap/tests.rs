//! Widths and breaks, by table and by property.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use ratatui_core::style::{Modifier, Style};
use ratatui_core::text::{Line, Span};

use super::{Indent, hard, line_width, text, truncate, width, wrap};

fn texts(lines: &[Line<'_>]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

fn check(text: &str, columns: u16, expect: &[&str]) {
    assert_eq!(texts(&wrap(&Line::from(text), columns, &Indent::default())), expect, "{text:?} at {columns}");
}

#[test]
fn columns_are_counted_as_terminals_do() {
    for (text, columns) in [
        ("", 0),
        ("plain", 5),
        ("日本", 4),
        ("e\u{301}", 1),
        ("👩‍👩‍👧‍👦", 2),
        ("🇩🇪", 2),
        ("👍🏽", 2),
        ("한국", 4),
        ("a…b", 3),
    ] {
        assert_eq!(width(text), columns, "{text:?}");
    }
}

#[test]
fn lines_break_between_words() {
    check("", 10, &[""]);
    check("fits here", 9, &["fits here"]);
    check("one two three", 8, &["one two", "three"]);
    check("one  two", 4, &["one", "two"]);
    check("one two   ", 7, &["one two"]);
    check("  kept in front", 8, &["  kept", "in front"]);
    check("   longer", 7, &["longer"]);
    check("a\tb", 9, &["a   b"]);
    check("stay\u{a0}together now", 14, &["stay\u{a0}together", "now"]);
}

#[test]
fn words_break_only_when_longer_than_a_line() {
    check("see https://a.io/b/c?d=e there", 16, &["see", "https://a.io/b/c", "?d=e there"]);
    check("see https://a.io there", 12, &["see", "https://a.io", "there"]);
    check("abcdefgh", 3, &["abc", "def", "gh"]);
    check("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, &["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
    check("日", 1, &["?"]);
}

#[test]
fn ideographs_break_anywhere_but_at_punctuation() {
    check("日本語です。", 6, &["日本語", "です。"]);
    check("日本語。です", 6, &["日本", "語。で", "す"]);
    check("ab「日本」", 5, &["ab", "「日", "本」"]);
}

#[test]
fn control_characters_do_not_pass() {
    check("a\x1b[2J\u{9b}b\x07\rc\u{202e}d", 20, &["a[2Jbcd"]);
    assert_eq!(truncate(&Line::from("a\x1b]0;x\x07"), 20).to_string(), "a]0;x");
}

#[test]
fn styles_and_indents_stay() {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let line = Line::from(vec![Span::raw("plain "), Span::styled("bold words", bold)]);
    let lines = wrap(&line, 12, &Indent::hanging(vec![Span::raw("- ")]));
    assert_eq!(texts(&lines), ["- plain bold", "  words"]);
    assert_eq!(lines[0].spans[2], Span::styled("bold", bold));
    assert_eq!(lines[1].spans[1], Span::styled("words", bold));
    assert_eq!(texts(&wrap(&Line::default(), 12, &Indent::every(vec![Span::raw("│ ")]))), ["│"]);
    // Never more than half of the line.
    assert_eq!(
        texts(&wrap(&Line::from("abcd"), 4, &Indent::every(vec![Span::raw("123456")]))),
        ["12ab", "12cd"]
    );
}

#[test]
fn code_is_cut_at_columns() {
    assert_eq!(texts(&hard(&Line::from("  let a = b;"), 6, &Indent::none())), ["  let ", "a = b;"]);
    assert_eq!(texts(&hard(&Line::from("ab日本"), 3, &Indent::none())), ["ab", "日", "本"]);
}

#[test]
fn what_is_cut_off_is_marked() {
    for (text, columns, expect) in
        [("short", 5, "short"), ("longer", 5, "long…"), ("日本語", 4, "日…"), ("ab", 1, "…"), ("ab", 0, "")]
    {
        assert_eq!(truncate(&Line::from(text), columns).to_string(), expect);
    }
}

#[test]
fn line_ends_begin_new_lines() {
    assert_eq!(texts(&text("a b\n\nc", Style::new(), 2, &Indent::none())), ["a", "b", "", "c"]);
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

proptest! {
    #[test]
    fn wrapping_loses_nothing_and_fits(
        parts in prop::collection::vec("[a-z 日本。e\u{301}👍\u{200d}\t-]{0,30}", 1..4),
        columns in 2u16..40,
    ) {
        let line = Line::from(parts.iter().map(|part| Span::raw(part.clone())).collect::<Vec<_>>());
        let all = without_blanks(&parts.concat());
        for lines in [wrap(&line, columns, &Indent::default()), hard(&line, columns, &Indent::none())] {
            prop_assert!(lines.iter().all(|line| line_width(line) <= usize::from(columns)));
            prop_assert_eq!(without_blanks(&texts(&lines).concat()), all.clone());
        }
        prop_assert!(line_width(&truncate(&line, columns)) <= usize::from(columns));
    }

    #[test]
    fn any_text_at_any_width(source in any::<String>(), columns in 0u16..8, first in "[ -~日]{0,9}") {
        let indent = Indent::hanging(vec![Span::raw(first)]);
        let fits = |line: &Line<'_>| line_width(line) <= usize::from(columns.max(1));
        prop_assert!(wrap(&Line::from(Span::raw(&*source)), columns, &indent).iter().all(fits));
        prop_assert!(hard(&Line::from(Span::raw(&*source)), columns, &indent).iter().all(fits));
    }
}
