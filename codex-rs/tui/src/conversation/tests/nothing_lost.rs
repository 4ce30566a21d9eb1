//! What leaves for the scrollback and what stays below it are the whole, at any rhythm, in any room, at any width; and
//! growing costs no more the longer a text is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Film, agent, command, drawn, in_words, scene};

/// Words, paragraphs, markdown and wide characters.
fn text() -> impl Strategy<Value = Vec<String>> {
    let piece = prop_oneof![
        6 => "[a-z,.—]{1,12}",
        4 => Just(" ".to_owned()),
        2 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        1 => Just("  indented".to_owned()),
        1 => Just("日本語の文".to_owned()),
        1 => Just("👩‍👩‍👧 e\u{301}".to_owned()),
        1 => "[a-z]{60,90}",
        2 => prop::sample::select(vec!["\n- ", "\n1. ", "\n```rs\n", "\n```\n", "**", "`", "\n# ", "\n> ", "\n\n---\n\n", "[a](http://b.c)"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..80)
}

fn without_blanks(text: &str) -> String {
    // Rules and the bars of quotes come as often as there are columns and rows.
    let is_frame = |character| matches!(character, '│' | '─');
    text.chars().filter(|character| !character.is_whitespace() && !is_frame(*character)).collect()
}

/// Grows an answer piece by piece; gives what is in the scrollback at the end.
fn grown(pieces: &[String], widths: &[u16], rooms: &[usize]) -> Vec<String> {
    let mut film = Film::default();
    film.item("started", agent("a", ""));
    for (step, piece) in pieces.iter().enumerate() {
        film.says("a", piece);
        film.frame(&scene(widths[step % widths.len()], 24), rooms[step % rooms.len()]);
    }
    film.item("completed", agent("a", &pieces.concat()));
    film.frame(&scene(widths[0], 24), 3);
    film.scrollback
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn at_one_width_the_parts_are_the_whole(
        pieces in text(), width in 4_u16..60, rooms in prop::collection::vec(0_usize..8, 1..6),
    ) {
        let whole = {
            let mut film = Film::default();
            film.item("completed", agent("a", &pieces.concat()));
            film.frame(&scene(width, 24), 3);
            film.scrollback
        };
        prop_assert_eq!(grown(&pieces, &[width], &rooms), whole);
    }

    #[test]
    fn at_changing_widths_no_text_is_lost(
        pieces in text(), widths in prop::collection::vec(6_u16..60, 1..6), rooms in prop::collection::vec(0_usize..8, 1..6),
    ) {
        let expected = without_blanks(&grown(&pieces, &[40], &[3]).concat());
        prop_assert_eq!(without_blanks(&grown(&pieces, &widths, &rooms).concat()), expected);
    }

    /// In words only nothing that has been shown changes: each frame begins with the one before.
    #[test]
    fn in_words_nothing_is_repainted(pieces in text(), width in 20_u16..60, room in 3_usize..30) {
        let mut film = Film::default();
        let scene = in_words(width);
        film.item("started", agent("a", ""));
        let mut before = String::new();
        for piece in &pieces {
            film.says("a", piece);
            film.frame(&scene, room);
            let live = film.conversation.view(&scene, room);
            let all = [film.scrollback.clone(), drawn(&live.lines, width)].concat().join("\n");
            prop_assert!(all.starts_with(&before), "{before:?} then {all:?}");
            before = all;
        }
    }
}

/// A text that never ends its paragraph is drawn in parts; none of it is lost, no key in it is drawn.
#[test]
fn an_endless_paragraph_leaves_in_parts() {
    let key = format!("sk-{}", "abcdefghij0123456789ABCD");
    for (separator, words_in_a_frame) in [(" ", 50), (" \n", 50), (" \n", 3_000)] {
        let mut film = Film::default();
        film.item("started", agent("a", ""));
        for word in 0..6_000 {
            let said = if word % 100 == 0 { key.clone() } else { format!("word{word}") };
            film.says("a", &format!("{said}{separator}"));
            if word % words_in_a_frame == 0 {
                film.frame(&scene(80, 24), 20);
            }
        }
        assert!(film.scrollback.len() > 300, "{} rows have left while it grows", film.scrollback.len());
        film.turn_ends("completed", None);
        film.frame(&scene(80, 24), 20);
        let all = film.scrollback.join(" ");
        assert!(!all.contains("sk-"));
        assert_eq!(all.matches("[redacted]").count(), 60);
        let words = all.split_whitespace().filter(|word| word.starts_with("word")).count();
        assert_eq!(words, 6_000 - 60);
    }
}

/// Figures of a release build: `cargo test --release -p codex-tui -- --ignored no_step_is_slow --nocapture`.
#[test]
#[ignore = "measures time; run it in a release build"]
fn no_step_is_slow() {
    let scene = scene(100, 40);
    for separator in [" ", " \n", "\n\n"] {
        let mut film = Film::default();
        film.item("started", agent("a", ""));
        let (mut slowest, began) = (Duration::ZERO, Instant::now());
        for word in 0..20_000 {
            film.says("a", &format!("word{word}{separator}"));
            let step = Instant::now();
            film.conversation.settle(&scene, 30);
            film.conversation.view(&scene, 30);
            slowest = slowest.max(step.elapsed());
        }
        eprintln!("20,000 deltas, {separator:?}: {:?} in all, slowest step {slowest:?}", began.elapsed());
        assert!(slowest < Duration::from_millis(4), "{slowest:?}");
    }
    let mut film = Film::default();
    film.item("started", agent("a", ""));
    let (mut slowest, mut text) = (Duration::ZERO, String::new());
    for line in 0..50_000 {
        let said =
            format!("{line}. some *words* of a long answer, and `code`\n{}", ["", "\n"][line % 10 / 9]);
        text.push_str(&said);
        film.says("a", &said);
        let step = Instant::now();
        film.conversation.settle(&scene, 30);
        film.conversation.view(&scene, 30);
        slowest = slowest.max(step.elapsed());
    }
    let item = agent("a", &text);
    let step = Instant::now();
    film.item("completed", item);
    film.turn_ends("completed", None);
    film.conversation.settle(&scene, 30);
    film.conversation.view(&scene, 30);
    eprintln!("50,000 lines of an answer: slowest step {slowest:?}, its end {:?}", step.elapsed());
    assert!(step.elapsed() < Duration::from_millis(8), "{:?}", step.elapsed());
    let mut film = Film::default();
    film.item("started", command("c", "yes", None, None));
    let (mut slowest, began) = (Duration::ZERO, Instant::now());
    for line in 0..50_000 {
        film.prints("c", &format!("line {line} of a long output\n"));
        let step = Instant::now();
        film.conversation.settle(&scene, 30);
        film.conversation.view(&scene, 30);
        slowest = slowest.max(step.elapsed());
    }
    eprintln!("50,000 lines of output: {:?} in all, slowest step {slowest:?}", began.elapsed());
    assert!(slowest < Duration::from_millis(4), "{slowest:?}");
}
