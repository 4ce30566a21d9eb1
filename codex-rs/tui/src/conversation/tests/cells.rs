//! Each cell as it is drawn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::json;

use super::{Film, after, agent, command, in_words, reasoning, scene, user};
use crate::app_event::{Notice, NoticeKind};
use crate::conversation::{Cell, Conversation, Head};
use crate::setup::Thoughts;

const ANSWER: &str =
    "The test fails because the clock is read twice.\n\nI would read it once, at the start of the turn.";

fn story() -> Film {
    let mut film = Film::default();
    film.conversation.show(Cell::Head(Head {
        version: "1.0".to_owned(),
        model: "gpt-5".to_owned(),
        effort: Some("high".to_owned()),
        folder: "~/work".to_owned(),
        hints: vec!["Type /fallback to see who pays.".to_owned()],
    }));
    film.item("started", user("Why does the test fail?"));
    film.item("completed", user("Why does the test fail?"));
    film.item("started", reasoning("r", &[]));
    film.item("completed", reasoning("r", &["**Looking**", "one\ntwo\nthree\nfour\nfive"]));
    let output: String = (1..=16).map(|line| format!("\u{1b}[32mline\u{1b}[0m {line}\tend\n")).collect();
    film.item("started", command("c", "cargo test", None, None));
    film.item("completed", command("c", "cargo test", Some(&output), Some(101)));
    film.item("started", agent("a", ""));
    film.item("completed", agent("a", ANSWER));
    for (kind, text) in [
        (NoticeKind::Info, "A note."),
        (NoticeKind::Done, "It is stored."),
        (NoticeKind::Warning, "Take care."),
        (NoticeKind::Error, "It failed. Try again later."),
    ] {
        film.conversation.say(Notice { kind, text: text.to_owned() });
    }
    film
}

#[test]
fn the_cells_at_80() {
    assert_snapshot!(story().picture(&scene(80, 24)), @"

    codex 1.0 · gpt-5 high · ~/work
    Type /fallback to see who pays.

    › Why does the test fail?
      [image: plan.png]

    ∴ Looking
      one
      two
      … 3 lines (Ctrl+T shows all)

    $ cargo test
      line 1    end
      line 2    end
      … 12 lines (Ctrl+T shows all)
      line 15    end
      line 16    end
      exit 101 · 2.1 s

    • The test fails because the clock is read twice.

      I would read it once, at the start of the turn.

    · A note.

    ✓ It is stored.

    ! Take care.

    ✗ It failed. Try again later.
    ");
}

#[test]
fn the_cells_at_40() {
    assert_snapshot!(story().picture(&scene(40, 12)), @"

    codex 1.0 · gpt-5 high · ~/work
    Type /fallback to see who pays.

    › Why does the test fail?
      [image: plan.png]

    ∴ Looking
      one
      two
      … 3 lines (Ctrl+T shows all)

    $ cargo test
      line 1    end
      line 2    end
      … 12 lines (Ctrl+T shows all)
      line 15    end
      line 16    end
      exit 101 · 2.1 s

    • The test fails because the clock is
      read twice.

      I would read it once, at the start of
      the turn.

    · A note.

    ✓ It is stored.

    ! Take care.

    ✗ It failed. Try again later.
    ");
}

#[test]
fn the_cells_in_words() {
    assert_snapshot!(story().picture(&in_words(60)), @"
    codex 1.0, gpt-5 high, ~/work
    Type /fallback to see who pays.

    You: Why does the test fail?
    [image: plan.png]

    Thought: Looking
    one
    two
    3 lines not shown; Ctrl+T shows all.

    Command: cargo test
      line 1    end
      line 2    end
    12 lines not shown; Ctrl+T shows all.
      line 15    end
      line 16    end
    Result: exit 101, 2.1 s

    Codex:
    The test fails because the clock is read twice.

    I would read it once, at the start of the turn.

    Note: A note.

    Done: It is stored.

    Warning: Take care.

    Error: It failed. Try again later.
    ");
}

#[test]
fn the_cells_fit_anywhere() {
    for width in 1..=30 {
        story().picture(&scene(width, 5));
        story().picture(&in_words(width));
    }
}

#[test]
fn a_command_on_its_way() {
    let mut film = Film::default();
    film.item("started", command("c", "sleep 9; echo done", None, None));
    film.prints("c", "half a li");
    assert_snapshot!(film.picture(&after(&scene(40, 12), 7)), @"

    $ sleep 9; echo done
      half a li
      running · 7 s
    ");
    film.prints("c", "ne\nnext");
    assert_snapshot!(film.picture(&after(&scene(40, 12), 8)), @"

    $ sleep 9; echo done
      half a line
      next
      running · 8 s
    ");
    // In words only nothing is drawn twice: the command stands, its outcome comes when it is known.
    assert_snapshot!(film.picture(&after(&in_words(40), 8)), @"

    Command: sleep 9; echo done
    ");
}

#[test]
fn a_command_that_was_declined() {
    let mut film = Film::default();
    let mut item = command("c", "rm -rf /", None, None);
    film.item("started", item.clone());
    item["status"] = json!("declined");
    film.item("completed", item);
    assert_snapshot!(film.picture(&scene(40, 12)), @"

    $ rm -rf /
      declined; it did not run
    ");
}

#[test]
fn thoughts_can_be_hidden() {
    let mut film = Film { conversation: Conversation::new(Thoughts::Hidden), ..Film::default() };
    film.item("started", reasoning("r", &[]));
    film.item("completed", reasoning("r", &["secret thoughts"]));
    assert_eq!(film.picture(&scene(40, 12)), "");
}

#[test]
fn no_key_is_drawn() {
    let key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
    let mut film = Film::default();
    film.item("started", user(key));
    film.item("completed", user(key));
    film.item("started", command("c", &format!("curl -H {key}"), None, None));
    film.item("completed", command("c", "curl", Some(&format!("\u{1b}[1m{key}\n")), Some(0)));
    film.item("started", agent("a", ""));
    for end in 1..=key.len() {
        film.says("a", &key[end - 1..end]);
        let picture = film.picture(&scene(40, 12));
        assert!(!picture.contains("sk-p"), "{picture}");
    }
    film.item("completed", agent("a", key));
    film.conversation.say(Notice { kind: NoticeKind::Error, text: key.to_owned() });
    assert!(!film.picture(&scene(40, 12)).contains("sk-p"));
}

/// A large paste does not fill the scrollback; the transcript has all of it.
#[test]
fn a_long_message_is_folded() {
    let scene = scene(30, 12);
    let text: Vec<String> = (1..=60).map(|row| format!("row {row}")).collect();
    let mut film = Film::default();
    film.item("started", user(&text.join("\n")));
    assert_snapshot!(film.picture(&scene), @"

    › row 1
      row 2
      row 3
      row 4
      row 5
      row 6
      row 7
      row 8
      row 9
      row 10
      … 47 lines (Ctrl+T shows al…
      row 58
      row 59
      row 60
      [image: plan.png]
    ");
    let mut film = Film::default();
    film.item("started", user(&text[..19].join("\n")));
    assert!(film.picture(&scene).contains("row 11"), "twenty rows are shown as they are");
}
