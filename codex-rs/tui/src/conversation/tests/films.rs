//! Turns as films: what stands in the scrollback (above `~~~`) and in the live area after each step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::json;

use super::{Film, agent, command, scene};
use crate::app_event::{Notice, NoticeKind};

const NOTICE: &str =
    "The plan's limit is reached until 14:00; the key …d3m0 pays per token now. /fallback goes back.";

impl Film {
    fn key_takes_over(&mut self) {
        let fallback = json!({
            "mode": "auto", "payer": "key", "payerSince": 0, "keyLast4": "d3m0", "keyState": "ready", "resetsAt": null,
            "tokens": 0, "usd": null, "tokensSinceSwitch": 0, "usdSinceSwitch": null,
        });
        self.hear("account/fallback/updated", json!({ "fallback": fallback, "message": NOTICE }));
    }
}

#[test]
fn the_switch_before_output() {
    let scene = scene(60, 12);
    let mut film = Film::default();
    film.key_takes_over();
    assert_snapshot!(film.frame(&scene, 8), @"

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.
    ~~~
    ");
    film.item("started", agent("a", ""));
    film.says("a", "Here is");
    assert_snapshot!(film.frame(&scene, 8), @"

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.
    ~~~

    • Here is
    ");
    film.says("a", " the answer.");
    film.item("completed", agent("a", "Here is the answer."));
    film.turn_ends("completed", None);
    assert_snapshot!(film.frame(&scene, 8), @"

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.

    • Here is the answer.
    ~~~
    ");
}

#[test]
fn the_switch_inside_a_stream() {
    let scene = scene(60, 12);
    let mut film = Film::default();
    film.item("started", command("c", "cargo build", None, None));
    film.item("started", agent("a", ""));
    film.says("a", "First paragraph.\n\nThe second one breaks off in the mid");
    film.frame(&scene, 4);
    film.limit_strikes();
    film.key_takes_over();
    assert_snapshot!(film.frame(&scene, 12), @"
    $ cargo build
    ~~~
      running

    • First paragraph.

      The second one breaks off in the mid
      — cut off here; the answer begins again below —

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.
    ");
    film.item("started", agent("b", ""));
    film.says("b", "First paragraph, again.");
    film.item("completed", command("c", "cargo build", Some("built\n"), Some(0)));
    assert_snapshot!(film.frame(&scene, 12), @"

    $ cargo build
      built
      ok · 2.1 s

    • First paragraph.

      The second one breaks off in the mid
      — cut off here; the answer begins again below —

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.
    ~~~

    • First paragraph, again.
    ");
    film.item("completed", agent("b", "First paragraph, again."));
    film.turn_ends("completed", None);
    assert_snapshot!(film.frame(&scene, 12), @"

    $ cargo build
      built
      ok · 2.1 s

    • First paragraph.

      The second one breaks off in the mid
      — cut off here; the answer begins again below —

    ⇄ The plan's limit is reached until 14:00; the key …d3m0
      pays per token now. /fallback goes back.

    • First paragraph, again.
    ~~~
    ");
}

#[test]
fn an_interrupted_turn() {
    let scene = scene(60, 12);
    let mut film = Film::default();
    film.item("started", command("c", "sleep 100", None, None));
    film.item("started", agent("a", ""));
    film.says("a", "I am about to");
    film.turn_ends("interrupted", None);
    assert_snapshot!(film.frame(&scene, 12), @"

    $ sleep 100
      the turn ended before it did

    • I am about to
      — cut off here —

    · You interrupted the turn.
    ~~~
    ");
}

#[test]
fn an_error_is_told_once() {
    let scene = scene(60, 12);
    for tell_before in [true, false] {
        let mut film = Film::default();
        if tell_before {
            film.error("No connection; check the network.", false);
        }
        film.turn_ends("failed", Some("No connection; check the network."));
        let frame = film.frame(&scene, 12);
        assert_eq!(frame.matches("No connection").count(), 1, "{frame}");
    }
}

#[test]
fn an_item_that_never_began_is_drawn_whole() {
    let mut film = Film::default();
    film.item("completed", agent("a", "All at once."));
    assert_snapshot!(film.frame(&scene(60, 12), 12), @"

    • All at once.
    ~~~
    ");
}

#[test]
fn what_is_finished_waits_for_what_began_before_it() {
    let scene = scene(60, 12);
    let mut film = Film::default();
    film.item("started", command("c", "make", None, None));
    film.conversation.say(Notice { kind: NoticeKind::Info, text: "Meanwhile.".to_owned() });
    assert_snapshot!(film.frame(&scene, 12), @"

    ~~~

    $ make
      running

    · Meanwhile.
    ");
    film.item("completed", command("c", "make", Some(""), Some(0)));
    assert_snapshot!(film.frame(&scene, 12), @"

    $ make
      ok · 2.1 s

    · Meanwhile.
    ~~~
    ");
}
