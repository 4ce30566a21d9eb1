//! Arguments, as tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

fn read(arguments: &str) -> Result<Typing, BadCall> {
    Typing::read(arguments, "call_1", Some(500))
}

#[test]
fn bad_arguments_are_told_to_the_model() {
    for (arguments, part) in [
        ("{}", "missing field `session_id`"),
        (r#"{"session_id":"7"}"#, "invalid type: string"),
        (r#"{"session_id":7.5}"#, "`session_id` is not a whole number"),
        (r#"{"session_id":0}"#, "`session_id` is not a whole number"),
        (r#"{"session_id":-7}"#, "`session_id` is not a whole number"),
        (r#"{"session_id":1e10}"#, "`session_id` is not a whole number"),
        (r#"{"session_id":7,"chars":7}"#, "invalid type: integer"),
    ] {
        let text = read(arguments).unwrap_err().to_string();
        assert!(text.starts_with("write_stdin was not done: ") && text.contains(part), "{arguments}: {text}");
    }
}

#[test]
fn waiting_is_longer_than_typing() {
    for (rest, time) in [
        ("", SHORTEST_POLL),
        (r#","chars":"","yield_time_ms":100"#, SHORTEST_POLL),
        (r#","yield_time_ms":60000"#, Duration::from_secs(60)),
        (r#","yield_time_ms":1e9"#, LONGEST_POLL),
        (r#","chars":"y\n""#, DEFAULT_YIELD),
        (r#","chars":"y\n","yield_time_ms":1"#, SHORTEST_YIELD),
        (r#","chars":"y\n","yield_time_ms":1e9"#, LONGEST_YIELD),
    ] {
        let typing = read(&format!(r#"{{"session_id":7{rest}}}"#)).unwrap();
        assert_eq!(typing.wait.time, time, "{rest}");
        assert_eq!((typing.session.to_string(), typing.wait.output_tokens), ("7".to_owned(), 500));
    }
    assert_eq!(read(r#"{"session_id":7,"max_output_tokens":20}"#).unwrap().wait.output_tokens, 20);
}
