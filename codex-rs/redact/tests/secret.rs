//! The secret type through its public door: what it shows, what it hides, how it is stored.

use codex_redact::Secret;
use codex_redact::stored;
use serde::Deserialize;
use serde::Serialize;

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(serialize_with = "stored::serialize")]
    key: Secret,
    #[serde(default, serialize_with = "stored::serialize_option")]
    spare: Option<Secret>,
}

#[test]
fn shows_at_most_four_characters_and_a_quarter() {
    for (secret, shown) in [
        ("sk-proj-abcdefghijklmnop", "mnop"),
        ("0123456789abcdef", "cdef"),
        ("0123456789ab", "9ab"),
        ("01234567", "67"),
        ("abc", ""),
        ("", ""),
        ("ααααββββγγγγδδδδ", "δδδδ"),
    ] {
        assert_eq!(Secret::new(secret).last4(), shown, "{secret}");
    }
}

#[test]
fn finds_itself_in_text_whatever_its_shape() {
    for (secret, text, left) in [
        ("gateway-token", "no gateway-token, gateway-token!", "no [redacted], [redacted]!"),
        ("gateway-token", "no gateway token", "no gateway token"),
        ("", "nothing", "nothing"),
    ] {
        let secret = Secret::new(secret);
        assert_eq!(secret.is_in(text), text != left, "{text}");
        assert_eq!(secret.cut_from(text.to_owned()), left);
    }
}

#[test]
fn debug_shows_nothing() {
    let record = Record { key: Secret::new("sk-canary"), spare: Some(Secret::new("canary")) };
    assert_eq!(format!("{record:?}"), "Record { key: Secret(****), spare: Some(Secret(****)) }");
    assert!(!format!("{record:#?}").contains("canary"));
}

#[test]
fn stored_fields_round_trip() {
    let text = r#"{"key":"sk-1","spare":null}"#;
    let record: Record = serde_json::from_str(text).unwrap();
    assert_eq!(record.key.expose(), "sk-1");
    assert_eq!(serde_json::to_string(&record).unwrap(), text);
    let with_spare: Record = serde_json::from_str(r#"{"key":"a","spare":"b\n"}"#).unwrap();
    assert_eq!(with_spare.spare, Some(Secret::new("b\n")));
    assert_eq!(serde_json::to_string(&with_spare).unwrap(), r#"{"key":"a","spare":"b\n"}"#);
}

#[test]
fn refusal_does_not_repeat_the_value() {
    for text in [r#"{"key":424242}"#, r#"{"key":-424242}"#, r#"{"key":4242.42}"#, r#"{"key":true}"#] {
        let error = serde_json::from_str::<Record>(text).unwrap_err().to_string();
        assert!(error.contains("expected a string"), "{error}");
        assert!(!error.contains("4242") && !error.contains("true"), "{error}");
    }
}

#[test]
fn is_wiped_on_drop() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<Secret>();
}
