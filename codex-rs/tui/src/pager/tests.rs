//! The transcript: where keys lead, and what opening a long one costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;

use super::Pager;
use crate::conversation::tests::{Film, agent, command, drawn, scene};
use crate::picture::Scene;

fn screen(pager: &mut Pager, film: &mut Film, scene: &Scene) -> String {
    pager.settle(&mut film.conversation, scene);
    let lines = drawn(&pager.view().lines, scene.width);
    assert_eq!(lines.len(), usize::from(scene.rows));
    lines.join("\n")
}

fn press(pager: &mut Pager, keys: &[KeyCode]) {
    for key in keys {
        assert!(pager.key(KeyEvent::from(*key)).is_empty());
    }
}

/// An answer, a command of many lines, an answer.
fn film(lines: usize) -> Film {
    let mut film = Film::default();
    film.item("completed", agent("a", "I look."));
    let output: String = (1..=lines).map(|line| format!("line {line}\n")).collect();
    film.item("completed", command("c", "seq", Some(&output), Some(0)));
    film.item("completed", agent("b", "Done."));
    film
}

#[test]
fn keys_lead_where_they_say() {
    let (mut pager, mut film, scene) = (Pager::default(), film(300), scene(60, 8));
    assert_snapshot!(screen(&mut pager, &mut film, &scene), @"
      line 297
      line 298
      line 299
      line 300
      ok · 2.1 s

    • Done.
    Transcript · the end · q closes · ↑ ↓ PgUp PgDn Home End · …
    ");
    press(&mut pager, &[KeyCode::Up, KeyCode::Char('k')]);
    assert_snapshot!(screen(&mut pager, &mut film, &scene), @"
      line 295
      line 296
      line 297
      line 298
      line 299
      line 300
      ok · 2.1 s
    Transcript · 60 % · q closes · ↑ ↓ PgUp PgDn Home End · 3 e…
    ");
    press(&mut pager, &[KeyCode::Home]);
    assert_snapshot!(screen(&mut pager, &mut film, &scene), @"
    • I look.

    $ seq
      line 1
      line 2
      line 3
    Transcript · 0 % · q closes · ↑ ↓ PgUp PgDn Home End · 3 en…
    ");
    press(&mut pager, &[KeyCode::PageDown]);
    assert_snapshot!(screen(&mut pager, &mut film, &scene), @"
      line 3
      line 4
      line 5
      line 6
      line 7
      line 8
      line 9
    Transcript · 33 % · q closes · ↑ ↓ PgUp PgDn Home End · 3 e…
    ");
    press(&mut pager, &[KeyCode::Char('j'), KeyCode::Char('b')]);
    assert_snapshot!(screen(&mut pager, &mut film, &scene), @"
    • I look.

    $ seq
      line 1
      line 2
      line 3
      line 4
    Transcript · 0 % · q closes · ↑ ↓ PgUp PgDn Home End · 3 en…
    ");
}

#[test]
fn there_and_back_again() {
    let (mut pager, mut film, scene) = (Pager::default(), film(500), scene(40, 10));
    press(&mut pager, &[KeyCode::Char('g')]);
    let mut down = vec![screen(&mut pager, &mut film, &scene)];
    while !down.last().is_some_and(|screen| screen.contains("the end")) {
        press(&mut pager, &[KeyCode::Down]);
        down.push(screen(&mut pager, &mut film, &scene));
        assert!(down.len() < 1_000);
    }
    // Blank, answer, blank, command, 500 lines, outcome, blank, answer: 507 rows, nine of them on a screen.
    assert_eq!(down.len(), 507 - 9 + 1);
    for before in down.iter().rev().skip(1) {
        press(&mut pager, &[KeyCode::Up]);
        assert_eq!(screen(&mut pager, &mut film, &scene), *before);
    }
}

#[test]
fn the_end_is_followed_and_any_size_fits() {
    let (mut pager, mut film) = (Pager::default(), film(10));
    screen(&mut pager, &mut film, &scene(40, 6));
    film.item("completed", agent("c", "More."));
    assert!(screen(&mut pager, &mut film, &scene(40, 6)).contains("More."));
    press(&mut pager, &[KeyCode::PageUp]);
    film.item("completed", agent("d", "Even more."));
    assert!(!screen(&mut pager, &mut film, &scene(40, 6)).contains("Even more."));
    for (width, rows) in [(1, 1), (2, 3), (20, 2), (200, 60)] {
        screen(&mut pager, &mut film, &scene(width, rows));
    }
}

#[test]
fn it_closes() {
    for key in [KeyCode::Esc, KeyCode::Char('q')] {
        assert_eq!(Pager::default().key(KeyEvent::from(key)).len(), 1);
    }
}

/// Figures of a release build: `cargo test --release -p codex-tui -- --ignored opens_at_once --nocapture`.
#[test]
#[ignore = "measures time; run it in a release build"]
fn a_long_transcript_opens_at_once() {
    let scene = scene(100, 40);
    let mut many = Film::default();
    for cell in 0..5_000 {
        many.item("completed", agent(&cell.to_string(), &"a line of some words\n".repeat(10)));
    }
    for (name, mut film) in [("one cell of 50,000 lines", film(50_000)), ("5,000 cells of ten lines", many)] {
        let mut pager = Pager::default();
        for key in
            [None, Some(KeyCode::PageUp), Some(KeyCode::Home), Some(KeyCode::PageDown), Some(KeyCode::End)]
        {
            press(&mut pager, key.as_slice());
            let step = Instant::now();
            screen(&mut pager, &mut film, &scene);
            eprintln!("{name}, {key:?}: {:?}", step.elapsed());
            assert!(step.elapsed() < Duration::from_millis(16), "{name}, {key:?}");
        }
    }
}
