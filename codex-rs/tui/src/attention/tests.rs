//! What a call says, when there is one, and by which bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_config::{NotificationCondition, NotificationMethod, Notifications};

use super::{Attention, Focus, Person, Way, brief};
use crate::effect::Effect;
use crate::terminal::clipboard::Route;

#[test]
fn the_way_suits_the_terminal_unless_it_was_set() {
    use NotificationMethod::{Auto, Bell, Osc9, Osc777};
    let table = [
        (Auto, Some("iTerm.app"), "xterm-256color", Route::Direct, Way::Osc9),
        (Auto, Some("ghostty"), "xterm-ghostty", Route::Direct, Way::Osc9),
        (Auto, None, "xterm-kitty", Route::Direct, Way::Osc9),
        (Auto, None, "foot", Route::Direct, Way::Osc777),
        (Auto, None, "rxvt-unicode-256color", Route::Direct, Way::Osc777),
        (Auto, Some("Apple_Terminal"), "xterm-256color", Route::Direct, Way::Bell),
        (Auto, None, "xterm-256color", Route::Direct, Way::Bell),
        // The outer terminal's name is inherited.
        (Auto, Some("WezTerm"), "screen-256color", Route::Direct, Way::Bell),
        (Auto, Some("WezTerm"), "tmux-256color", Route::Tmux, Way::Bell),
        (Osc9, None, "xterm", Route::Tmux, Way::Osc9),
        (Osc777, Some("WezTerm"), "xterm", Route::Direct, Way::Osc777),
        (Bell, Some("WezTerm"), "xterm", Route::Direct, Way::Bell),
    ];
    for (method, program, term, route, expect) in table {
        assert_eq!(Way::of(method, program, Some(term), route), expect, "{method:?} {program:?} {term}");
    }
}

#[test]
fn the_bytes_of_a_call() {
    let table = [
        (Way::Osc9, Route::Direct, "\x1b]9;codex: 4;1;50\x07"),
        (Way::Osc9, Route::Tmux, "\x1bPtmux;\x1b\x1b]9;codex: 4;1;50\x07\x1b\\"),
        (Way::Osc777, Route::Direct, "\x1b]777;notify;codex;4,1,50\x07"),
        (Way::Bell, Route::Direct, "\x07"),
        (Way::Bell, Route::Tmux, "\x07"),
    ];
    for (way, route, expect) in table {
        assert_eq!(way.command("4;1;50", route), expect);
    }
}

#[test]
fn a_call_is_one_short_line_that_commands_nothing_and_holds_no_key() {
    let body = "abcdefghij0123456789ABCD";
    let table = [
        ("  Done.\n\nAll of\tit.  ".to_owned(), "Done. All of it."),
        ("a\x07b\x1b]0;title\x07c\x1b[31md\u{9b}2Je\x1b\\f".to_owned(), "abcdef"),
        (format!("the key sk-{body} works"), "the key [redacted] works"),
        (format!("sk-\x1b[1m{body}"), "[redacted]"),
    ];
    for (text, expect) in table {
        assert_eq!(brief(&text), expect);
    }
    let long = brief(&"wörd ".repeat(100));
    assert!(long.ends_with('…') && long.chars().count() <= 120, "{long}");
}

#[test]
fn who_is_elsewhere_is_called_and_who_is_here_only_if_they_want_it() {
    use NotificationCondition::{Always, Unfocused};
    for (focus, when, to, is_called) in [
        (Focus::Elsewhere, Unfocused, Notifications::ALL, true),
        (Focus::Here, Unfocused, Notifications::ALL, false),
        (Focus::Here, Always, Notifications::ALL, true),
        (Focus::Elsewhere, Always, Notifications::ALL, true),
        (Focus::Elsewhere, Always, Notifications::NONE, false),
    ] {
        let person = Person { focus, ..Person::default() };
        let effect = person.asked("May it?", Attention { to, when, way: Way::Bell });
        match effect {
            Some(Effect::CallPerson(text)) if is_called => assert_eq!(text, "May it?"),
            None if !is_called => {}
            other => panic!("{focus:?} {when:?}: {other:?}"),
        }
    }
}
