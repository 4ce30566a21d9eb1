//! Answers and notifications in the orders in which they can come.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::path::PathBuf;

use codex_app_server_protocol::{RpcError, ServerNotification, ThreadId, TurnStartResponse};
use crossterm::event::{KeyCode, KeyEvent};
use serde_json::{Value, json};

use super::super::App;
use crate::app_event::{AppEvent, Message};
use crate::effect::Effect;
use crate::now::Now;
use crate::setup::Setup;

const THREAD: &str = "thread";

/// A thread to talk to.
fn app() -> App {
    let mut app = App::new(Setup::default());
    app.session.thread = Some(ThreadId::from(THREAD));
    app
}

/// What the update asks the engine to start: the words.
fn update(app: &mut App, event: AppEvent) -> Vec<String> {
    let effects = app.update(event, Now::default());
    let said = |effect: &Effect| match effect {
        Effect::Send { params, .. } => Some(serde_json::to_value(&params.input).unwrap()),
        _ => None,
    };
    let text = |input: Value| input[0]["text"].as_str().unwrap().to_owned();
    effects.iter().filter_map(said).map(text).collect()
}

fn say(text: &str) -> AppEvent {
    AppEvent::Submit(Message::text(text))
}

fn turn(id: &str, status: &str) -> Value {
    json!({ "id": id, "items": [], "itemsView": "notLoaded", "status": status, "error": null })
}

fn hear(app: &mut App, method: &str, id: &str, status: &str) -> Vec<String> {
    let told = json!({ "method": method, "params": { "threadId": THREAD, "turn": turn(id, status) } });
    let notification: ServerNotification = serde_json::from_value(told).unwrap();
    update(app, AppEvent::Notification(notification))
}

fn answered(message: &str, id: &str) -> AppEvent {
    let response: TurnStartResponse =
        serde_json::from_value(json!({ "turn": turn(id, "inProgress") })).unwrap();
    AppEvent::MessageAnswered { id: message.to_owned(), answer: Ok(response) }
}

fn refused(message: &str) -> AppEvent {
    let error = RpcError { code: -32600, message: "no".to_owned(), data: None };
    AppEvent::MessageAnswered { id: message.to_owned(), answer: Err(error) }
}

/// Found by hand: answers and notifications come by different ways, and the clock went on for ever.
#[test]
fn a_turn_that_ended_before_its_answer_was_read_does_not_run() {
    let mut app = app();
    assert_eq!(update(&mut app, say("first")), ["first"]);
    hear(&mut app, "turn/started", "a", "inProgress");
    hear(&mut app, "turn/completed", "a", "completed");
    update(&mut app, answered("message-0", "a"));
    assert!(!app.session.is_busy());
    update(&mut app, say("second"));
    update(&mut app, answered("message-1", "b"));
    assert!(app.session.is_busy());
    hear(&mut app, "turn/completed", "b", "completed");
    assert!(!app.session.is_busy());
}

#[test]
fn who_interrupts_gets_the_waiting_messages_back() {
    let mut app = app();
    update(&mut app, say("first"));
    hear(&mut app, "turn/started", "a", "inProgress");
    for text in ["second", "third"] {
        update(&mut app, AppEvent::Queue(Message::text(text)));
    }
    app.composer.set_draft("draft".to_owned());
    assert!(hear(&mut app, "turn/completed", "a", "interrupted").is_empty());
    assert!(app.session.queue.is_empty());
    assert_eq!(app.composer.draft().unwrap(), "second\n\nthird\n\ndraft");
}

#[test]
fn a_waiting_message_is_sent_when_the_turn_ends_by_itself() {
    let mut app = app();
    update(&mut app, say("first"));
    hear(&mut app, "turn/started", "a", "inProgress");
    update(&mut app, AppEvent::Queue(Message::text("second")));
    assert_eq!(hear(&mut app, "turn/completed", "a", "completed"), ["second"]);
}

#[test]
fn a_refused_message_comes_back_with_its_images() {
    let mut app = app();
    let image = PathBuf::from("/work/plan.png");
    let message = Message { text: "[image: plan.png] what is this?".to_owned(), images: vec![image.clone()] };
    update(&mut app, AppEvent::Submit(message.clone()));
    app.composer.set_draft("next".to_owned());
    update(&mut app, refused("message-0"));
    assert!(!app.session.is_busy());
    assert_eq!(app.composer.draft().unwrap(), "[image: plan.png] what is this?\n\nnext");
    assert_eq!(app.composer.images(), [image]);
}

/// A message that was taken and not drawn yet must not be offered again: it would be paid for twice.
#[test]
fn only_the_refused_message_comes_back() {
    let mut app = app();
    update(&mut app, say("taken"));
    hear(&mut app, "turn/started", "a", "inProgress");
    update(&mut app, say("refused"));
    update(&mut app, refused("message-1"));
    assert_eq!(app.composer.draft().unwrap(), "refused");
    assert!(app.session.is_busy());
    update(&mut app, answered("message-0", "a"));
    assert_eq!(app.session.sent.len(), 1);
}

#[test]
fn a_message_that_is_not_sent_for_the_key_in_it_keeps_its_images() {
    let image = PathBuf::from("/work/plan.png");
    let key = "sk-proj-abcdefghij0123456789abcd";
    let (edit, store) = (&[KeyCode::Enter][..], &[KeyCode::Down, KeyCode::Enter][..]);
    for (keys, expect) in [(edit, None), (store, Some("[image: plan.png]"))] {
        let mut app = app();
        let message = Message { text: format!("[image: plan.png] {key}"), images: vec![image.clone()] };
        update(&mut app, AppEvent::Submit(message));
        for key in keys {
            update(&mut app, AppEvent::Key(KeyEvent::from(*key)));
        }
        // With the key in it, no editor gets it.
        assert_eq!(app.composer.draft().as_deref().map(str::trim), expect);
        assert_eq!(app.composer.images(), std::slice::from_ref(&image), "{keys:?}");
    }
}
