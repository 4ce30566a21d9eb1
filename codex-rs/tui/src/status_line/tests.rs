//! The status line at every width.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_app_server_protocol::{ThreadTokenUsage, TokenUsage};
use ratatui_core::style::Modifier;

use super::view;
use crate::picture::Picture;
use crate::test_facts::{World, drawn, in_words, scene};

fn line(world: &World, width: u16) -> String {
    let scene = scene(width, 24);
    drawn(&Picture::of(vec![view(&scene, world.facts())]), &scene)
}

fn used(mut world: World) -> World {
    let last = TokenUsage { total_tokens: 28_000, ..TokenUsage::default() };
    world.session.usage = Some(ThreadTokenUsage { total: last, last, model_context_window: Some(100_000) });
    world
}

#[test]
fn who_pays_is_said_at_every_width() {
    let (plan, key) = (used(World::with_key()), used(World::switched()));
    let widths = [140, 100, 80, 60, 40, 30, 20, 14];
    let lines = |world: &World| widths.map(|width| line(world, width)).join("\n");
    insta::assert_snapshot!(lines(&plan), @"
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine · 72% context left · key …d3m0 ready
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine · 72% context left
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high
    plan Plus · 5h 94% left · gpt-5.5 high
    plan Plus pays · gpt-5.5 high
    plan Plus pays
    plan Plus pays
    ");
    insta::assert_snapshot!(lines(&key), @"
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high · ~/work/engine · 72% context left
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high · ~/work/engine
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high
    key …d3m0 pays · 11,174 tokens · $0.12 · gpt-5.5 high
    key …d3m0 pays · 11,174 tokens · $0.12
    key …d3m0 pays · 11,174 tokens
    key …d3m0 pays
    key …d3m0 pays
    ");
    for width in 14..200 {
        assert!(line(&key, width).starts_with("key …d3m0 pays"), "{width}");
        assert!(line(&plan, width).starts_with("plan "), "{width}");
    }
    (1..14).for_each(|width| drop(line(&key, width)));
}

#[test]
fn what_runs_in_the_background_is_told_before_the_folder() {
    let mut world = used(World::with_key());
    world.session.background.push("server".to_owned());
    let widths = [100, 80].map(|width| line(&world, width)).join("\n");
    insta::assert_snapshot!(widths, @"
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · 1 command in the background · ~/work/engine
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · 1 command in the background
    ");
}

#[test]
fn the_key_stands_out_without_colours_too() {
    let is_reversed = |world: &World, place: usize| {
        let line = view(&scene(80, 24), world.facts());
        line.spans[place].style.add_modifier.contains(Modifier::REVERSED)
    };
    assert!(is_reversed(&World::switched(), 0));
    assert!(!is_reversed(&World::plus(), 0));
}

#[test]
fn in_words_no_sign_parts_the_words() {
    let scene = in_words(scene(100, 24));
    let words = drawn(&Picture::of(vec![view(&scene, World::switched().facts())]), &scene);
    assert_eq!(words, "key …d3m0 pays, 11,174 tokens since the switch, $0.12, gpt-5.5 high, ~/work/engine");
}

#[test]
fn who_is_not_signed_in_is_told_so() {
    let mut world = World::plus();
    world.account.fallback = None;
    world.account.signed_in.as_mut().unwrap().account = None;
    assert!(line(&world, 80).starts_with("not signed in"));
    world.account.signed_in = None;
    assert!(line(&world, 80).starts_with("gpt-5.5 high"));
}
