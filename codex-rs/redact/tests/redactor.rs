//! The redactor: no miss over generated secrets in generated surroundings, few false hits on real sources.

use std::borrow::Cow;
use std::path::Path;

use codex_redact::key_shape;
use codex_redact::redact;
use proptest::prelude::*;

#[test]
fn takes_secrets_out() {
    for (text, clean) in [
        ("sk-abcdefghij0123456789", "[redacted]"),
        ("key=sk-proj-abc_DEF-ghi0123456789, next", "key=[redacted], next"),
        (r#"{"k":"sk-svcacct-abcdefghij0123456789"}"#, r#"{"k":"[redacted]"}"#),
        (r"line\nsk-abcdefghij0123456789\n", r"line\n[redacted]\n"),
        (r"\u0022sk-abcdefghij0123456789", r"\u0022[redacted]"),
        ("q%3Dsk-abcdefghij0123456789", "q%3D[redacted]"),
        ("\x1b[1;31msk-abcdefghij0123456789\x1b[0m", "\x1b[1;31m[redacted]\x1b[0m"),
        ("KEY_sk-abcdefghij0123456789", "KEY_[redacted]"),
        ("żsk-abcdefghij0123456789ż", "ż[redacted]ż"),
        ("Authorization: Bearer abcDEF123.~+/=", "Authorization: Bearer [redacted]"),
        ("authorization: bearer \t at-0123456789", "authorization: bearer \t [redacted]"),
        ("Bearer aaaaaaaaaaaaaaaaaaaaaaaa", "Bearer [redacted]"),
        ("t=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln end", "t=[redacted] end"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "[redacted]"),
        ("eyJhbGciOiJub25lIn0.aaaa.bbbb.cccc.dddd.", "[redacted]."),
    ] {
        assert_eq!(redact(text), clean);
        assert!(matches!(redact(clean), Cow::Borrowed(_)), "not idempotent: {clean}");
    }
}

#[test]
fn leaves_everything_else() {
    for text in [
        "",
        "task-abcdefghij0123456789",
        "disk-abcdefghij0123456789",
        "sk-too-short",
        "the sk- prefix of a key",
        "a bearer token, or bearer authentication",
        "Bearer",
        "keyJson.value.to_string",
        "eyJ.eyJ.eyJ",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0",
        "ünïcödé",
    ] {
        assert!(matches!(redact(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn finds_key_ranges() {
    let text = "a sk-abcdefghij0123456789 b sk-short c sk-proj-abcdefghij0123456789";
    let found: Vec<&str> = key_shape::find(text).into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, ["sk-abcdefghij0123456789", "sk-proj-abcdefghij0123456789"]);
    assert!(key_shape::contains_key_shape(text));
    assert!(!key_shape::contains_key_shape("task-abcdefghij0123456789"));
    assert!(key_shape::find("sk-").is_empty());
}

/// Counts work, not time: a quadratic scan would need days for these.
#[test]
fn long_hostile_text_is_linear() {
    for pattern in
        ["eyJ_", "eyJaaaaaaaa.", "eyJaaaaaaaa.a.", "sk-", "sk-a ", "bearer ", "bearer\n\n", "\\u0022"]
    {
        let text = pattern.repeat(4_000_000 / pattern.len());
        let clean = redact(&text);
        assert!(clean.len() <= text.len() + 16);
    }
}

#[test]
fn false_hits_on_this_repository_are_rare() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut lines, mut hits) = (0_usize, 0_usize);
    let mut folders = vec![root.join("codex-rs"), root.join("docs")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(file!().rsplit('/').next().unwrap()) {
                continue; // its hits are no accidents
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                lines += text.lines().count();
                hits += text.lines().filter(|line| redact(line) != *line).count();
            }
        }
    }
    assert!(lines > 500, "only {lines} lines found");
    assert!(hits * 100 < lines, "{hits} of {lines} lines");
}

/// `PROPTEST_CASES=100000` runs the whole bar.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(5_000), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_key_is_missed(
        prefix in "(.*[^a-zA-Z0-9]|\\\\[nrt]|%20|)",
        kind in "sk-(proj-|svcacct-|admin-|)",
        body in "[A-Za-z0-9_-]{20,164}",
        suffix in "([^A-Za-z0-9_-].*|)",
    ) {
        let clean = redact(&format!("{prefix}{kind}{body}{suffix}")).into_owned();
        prop_assert!(!clean.contains(&body), "{}", clean);
        prop_assert!(clean.contains("[redacted]"));
    }

    #[test]
    fn no_bearer_token_is_missed(
        prefix in ".*",
        word in "[Bb]earer[ \t]{1,3}",
        body in "[A-Za-z0-9._~+/-]{24,80}",
        suffix in "([ \"'\\n,;].*|)",
    ) {
        let clean = redact(&format!("{prefix} {word}{body}{suffix}")).into_owned();
        prop_assert!(!clean.contains(&body), "{}", clean);
    }

    #[test]
    fn no_jwt_is_missed(
        prefix in "(.*[^a-zA-Z0-9]|)",
        token in "eyJ[A-Za-z0-9_-]{8,60}\\.[A-Za-z0-9_-]{8,200}\\.[A-Za-z0-9_-]{0,90}",
        suffix in "([^A-Za-z0-9_.-].*|)",
    ) {
        let clean = redact(&format!("{prefix}{token}{suffix}")).into_owned();
        prop_assert!(!clean.contains(&token), "{}", clean);
    }

    #[test]
    fn any_text_is_survived_and_settled_at_once(text in any::<String>()) {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once).into_owned(), once.clone());
    }
}
