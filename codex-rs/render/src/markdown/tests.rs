//! Elements as snapshots, growth as properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use ratatui_core::style::Color;
use ratatui_core::text::Line;

use super::units::Outline;
use super::{Markdown, render, rows};
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

fn line_like() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        12 => "[|a-c *`]{1,12}",
        3 => prop::sample::select(vec![
            "| a | b |", "|---|---|", "", "- a", "2. a", "> q", "# h", "```", "    in", "\t|a", "---", "===", "<b>", "<!-- c", "<x/>",
            "[a]: b", "[^1]: n", "\\", "| a \\| b", "1) x", "* | a", "   | c", "日|本", "**|**",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    text.prop_map(|line| line.replace(['\n', '\r'], "") + "\n")
}

/// Many rows that are rows, so that a long table is begun, and lines that may end it.
fn table_like() -> impl Strategy<Value = Vec<String>> {
    let rows = prop::collection::vec("\\| [a-c]{1,9} \\| [a-c]{1,3} \\|\n", 44..56);
    (prop::collection::vec(line_like(), 0..3), rows, prop::collection::vec(line_like(), 0..16)).prop_map(
        |(before, rows, after)| {
            let head = ["| A | B |\n".to_owned(), "|:-|-:|\n".to_owned()];
            before.into_iter().chain(head).chain(rows).chain(after).collect()
        },
    )
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
    fn rows_one_by_one_are_those_at_once(lines in prop::collection::vec(line_like(), 0..9)) {
        const HEAD: &str = "| A | B |\n|:-|-:|\n";
        let look = Look::FULL;
        let long = format!("{HEAD}{}", "| a |\n".repeat(50));
        let table = rows::begin(&long, long.len(), look).unwrap().table;
        let one_by_one = lines.iter().take_while(|line| table.row(line, look).is_some()).count();
        let text = format!("{HEAD}{}", lines.concat());
        let at_once = text[..Outline::of(&text).units[0].end].lines().count() - 2;
        prop_assert_eq!(one_by_one, at_once);
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

proptest! {
    // Each case is long.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn long_tables_grow_as_others_do(lines in table_like(), width in 2u16..60) {
        let text = lines.concat();
        let whole = render(&text, width, Look::FULL);
        prop_assert!(whole.iter().all(|line| line_width(line) <= usize::from(width)));
        let parts: Vec<&str> = lines.iter().map(String::as_str).collect();
        prop_assert_eq!(grown(&parts, width, Look::FULL), whole);
    }
}

/// As it is drawn with colours, without, and in words.
fn in_each_look(source: &str, width: u16) -> String {
    let no_colours = Look { colour: Colour::None, ..Look::FULL };
    [Look::FULL, no_colours, PLAIN].map(|look| shown(&render(source, width, look))).join("----\n")
}

#[test]
fn links_show_text_and_address_once() {
    let check =
        |source, expect: &str| assert_eq!(shown(&render(source, 80, Look::FULL)), format!("{expect}\n"));
    check("a [page](https://a.io/x) b", "a page (https://a.io/x) b");
    check("<https://a.io/x> and <me@a.io>", "https://a.io/x and me@a.io");
    check("https://a.io/x", "https://a.io/x");
    check("[https://a.io/x](https://a.io/x)", "https://a.io/x");
    check("[a.io](https://a.io/)", "a.io");
    check("[**`run`**](src/run.rs)", "run (src/run.rs)");
    check("[](https://a.io)", "https://a.io");
    check("[x]() ![picture](p.png) ![](q.png)", "x picture q.png");
    check("[![badge](b.svg)](https://a.io)", "badge (https://a.io)");
    check(
        "[one][r] *two*\n\n[r]: http://r.io \"t\"\n[s]: x",
        "[one][r] two\n\n[r]: http://r.io \"t\"\n[s]: x",
    );
    check("[r]: a\n\n\n[r]: b\n# c ##\n", "[r]: a\n\n[r]: b\n\n# c");
}

#[test]
fn code_is_told_from_text() {
    insta::assert_snapshot!(in_each_look("Run `it`:\n\n```sh\nls -l\n```\n- then\n  ```\n  x\n  ```\n\n      far\n", 40), @r"
    Run it:

    ls -l

    • then
      x

      far
    ----
    Run `it`:

    ```sh
    ls -l
    ```

    • then
      ```
      x
      ```

      ```
      far
      ```
    ----
    Run it:

    Code (sh):
    ls -l
    End of the code.

    - then
      Code:
      x
      End of the code.

      Code:
      far
      End of the code.
    ");
}

#[test]
fn tables_shrink_and_become_lists() {
    const TABLE: &str = "| name | what it does |\n|---|--:|\n| `a` | reads a file, then *asks* |\n| b | |\n";
    let each = [40, 30, 20].map(|width| shown(&render(TABLE, width, Look::FULL)));
    insta::assert_snapshot!(each.join("----\n"), @r"
    name │            what it does
    ─────┼────────────────────────
    a    │ reads a file, then asks
    b    │
    ----
    name │            what it does
    ─────┼────────────────────────
    a    │ reads a file, then asks
    b    │
    ----
    • name: a
      what it does:
        reads a file,
        then asks
    • name: b
      what it does:
    ");
    insta::assert_snapshot!(shown(&render(TABLE, 40, PLAIN)), @r"
    - name: a
      what it does: reads a file, then asks
    - name: b
      what it does:
    ");
}

#[test]
fn the_first_rows_of_a_long_table_settle_its_columns() {
    let mut document = Markdown::new(Look::FULL);
    document.push("| n | word |\n|--:|---|\n");
    for row in 1..=60 {
        document
            .push(&format!("| {row} | {} |\n", if row == 55 { "longer than all before" } else { "short" }));
    }
    let lines = document.lines(40);
    assert_eq!(lines.tail.len(), 0);
    insta::assert_snapshot!(shown(&lines.stable[50..]), @r"
    49 │ short
    50 │ short
    51 │ short
    52 │ short
    53 │ short
    54 │ short
    55 │ longer than all before
    56 │ short
    57 │ short
    58 │ short
    59 │ short
    60 │ short
    ");
    document.push("\nBehind.");
    assert_eq!(shown(document.lines(40).tail), "\nBehind.\n");
}

#[test]
fn code_has_colours_while_it_grows() {
    let mut document = Markdown::new(Look::FULL);
    document.push("```rust\nlet x = 1;\nfn");
    let lines = document.lines(40);
    let colour = |line: &Line<'_>| line.spans[0].style.fg;
    assert_eq!(colour(&lines.stable[0]), Some(Color::Magenta));
    assert_eq!(colour(&lines.tail[0]), Some(Color::Magenta));
    assert_eq!(colour(&render("```\nlet x\n```", 40, Look::FULL)[0]), Some(Color::Cyan));
    let plain = render("```rust\nlet x\n```", 40, PLAIN);
    assert!(plain.iter().flat_map(|line| &line.spans).all(|span| span.style.fg.is_none()));
}
