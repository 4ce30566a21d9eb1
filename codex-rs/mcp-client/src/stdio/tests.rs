//! Lines as programs write them: whole, in pieces, too long, and none at all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// In place of the real one, which takes seconds to reach.
const LIMIT: usize = 2 * 1024 * 1024;
const PONG: &str = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;

#[test]
fn what_matters_comes_through_and_the_rest_does_not() {
    let input = [
        "hello, I am starting",
        "",
        r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/made_up"}"#,
        PONG,
        r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":2,"error":"not an object"}"#,
        "[1]",
        "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\r",
        r#"{"jsonrpc":"2.0","id":4,"result":{}} the end without a line feed"#,
    ]
    .join("\n");
    let (messages, end) = all(input.as_bytes());
    assert_eq!(end, Ok(()));
    let told: Vec<_> = messages
        .iter()
        .map(|message| format!("{} {} {}", message["id"], message["method"], message["error"]["message"]))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 null null
    null "notifications/tools/list_changed" null
    "a" "ping" null
    2 null "its answer is no MCP message"
    3 null null
    "#);
}

#[test]
fn floods_have_an_end() {
    let garbage = format!("{PONG}\n{}", "so much \u{1b}[31mto say\n".repeat(100_000));
    let (messages, end) = all(garbage.as_bytes());
    assert_eq!(messages.len(), 1);
    insta::assert_snapshot!(end.unwrap_err(), @"it writes to its standard output what is no MCP message, such as `so much [31mto say`");

    let endless = vec![b'x'; LIMIT + 2 * PIECE];
    assert_eq!(all(&endless).1, Err("it wrote a message longer than 2 MiB".to_owned()));

    let log =
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#;
    let logs = format!("{log}\n").repeat(LIMIT / log.len() + 2);
    assert_eq!(all(logs.as_bytes()).1, Err("it floods its standard output with notifications".to_owned()));
}

#[test]
fn a_little_garbage_between_messages_is_forgiven_for_ever() {
    let input = format!("{}\n{PONG}\n", "x".repeat(500_000)).repeat(5);
    let (messages, end) = all(input.as_bytes());
    assert_eq!((messages.len(), end), (5, Ok(())));
}

#[test]
fn complaints_are_short_and_hold_no_key() {
    let complaints = Complaints::default();
    complaints
        .0
        .lock()
        .unwrap()
        .extend_from_slice(b"\nno such file\n  key sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd \n");
    insta::assert_snapshot!(complaints.words(), @"no such file | key [redacted]");
}

proptest! {
    #[test]
    fn no_bytes_break_it(input in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'{'), Just(b'"')], 0..2000)) {
        let _ = all(&input);
    }

    #[test]
    fn it_does_not_matter_how_it_is_cut(sizes in prop::collection::vec(1_usize..40, 1..20)) {
        let input = format!("garbage\n{PONG}\n\n{PONG}\n{PONG}\n");
        let (messages, end) = in_pieces(input.as_bytes(), &sizes);
        prop_assert_eq!((messages.len(), end), (3, Ok(())));
    }
}

fn all(input: &[u8]) -> (Vec<Value>, Result<(), String>) {
    in_pieces(input, &[1 << 20])
}

/// Reads everything from a pipe that is fed with pieces of these sizes, in turn.
fn in_pieces(input: &[u8], sizes: &[usize]) -> (Vec<Value>, Result<(), String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut writer, reader) = tokio::io::duplex(1 << 20);
        let feed = async move {
            let mut rest = input;
            for size in sizes.iter().cycle() {
                let (piece, after) = rest.split_at((*size).min(rest.len()));
                // The reader may have had enough.
                if piece.is_empty() || writer.write_all(piece).await.is_err() {
                    break;
                }
                rest = after;
                tokio::task::yield_now().await;
            }
        };
        let take = async move {
            let mut lines = Lines::new(reader, LIMIT);
            let mut messages = Vec::new();
            loop {
                match lines.message().await {
                    Ok(Some(message)) => messages.push(serde_json::to_value(message).unwrap()),
                    Ok(None) => return (messages, Ok(())),
                    Err(why) => return (messages, Err(why)),
                }
            }
        };
        tokio::join!(feed, take).1
    })
}
