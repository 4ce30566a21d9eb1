//! The words of an anchor: what they mean, what is said of others, and that no text is too strange.
//!
//! `cargo xtask fuzz anchors` runs the random part for as long as it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_patchset::Patch;
use codex_patchset::anchor::{Anchor, Condition, FunctionName, Place};
use proptest::prelude::*;

fn cases() -> ProptestConfig {
    let cases = std::env::var("ANCHOR_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

const ANCHORS: &[&str] = &[
    "login: after field AuthDotJson.openai_api_key",
    "*: in every literal of AuthDotJson",
    "login: in the literal of AuthDotJson in fn persist_tokens_async",
    "tui: after variant SlashCommand::Logout",
    "tui: before arm SlashCommand::Logout in fn ChatWidget::dispatch_command",
    "core: before the last statement of arm UsageLimitReached in fn run_sampling_request",
    "core: at the start of arm Ok(ResponseEvent::OutputItemDone) in fn map_response_events",
    "core|message-history: at the start of fn append_entry",
    "core: before the tail of fn ModelClient::build_responses_request",
    "login: before fn AuthManager::logout",
    "app-server-protocol: after struct LogoutAccountResponse",
    "memories/write: after mod phase1",
    "app-server-protocol: beside entry LogoutAccount in macro client_request_definitions",
    "tui: in the matches of fn SlashCommand::supports_inline_args after SlashCommand::Rename",
];

const CONDITIONS: &[&str] = &[
    "app-server: struct AccountRequestProcessor",
    "core: field CurrentClientSetup.agent_identity_telemetry",
    "core|login: fn ModelClient::build_responses_request",
    "*: enum AppEvent",
    "tui: variant AppEvent::Logout",
];

#[test]
fn each_kind_is_spelt_as_it_is_read() {
    for text in ANCHORS {
        assert_eq!(Anchor::parse(text).unwrap().to_string(), *text);
        let spaced = text.replace(": ", "  :   ").replace("::", " :: ").replace('|', " | ");
        assert_eq!(Anchor::parse(&spaced).unwrap().to_string(), *text, "{spaced}");
    }
    for text in CONDITIONS {
        assert_eq!(Condition::parse(text).unwrap().to_string(), *text);
    }
    let anchor = Anchor::parse("a|b/c: at the start of fn T::m").unwrap();
    assert_eq!(anchor.scope.folders(), ["a", "b/c"]);
    let function = FunctionName { owner: Some("T".to_owned()), name: "m".to_owned() };
    assert_eq!(anchor.place, Place::StartOfFunction(function));
    for (path, inside) in [("a/src/x.rs", true), ("b/c/x.rs", true), ("b/d/x.rs", false), ("ab/x.rs", false)]
    {
        assert_eq!(anchor.scope.holds(path), inside, "{path}");
    }
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    for (text, problem) in [
        ("", "it ends where the folder of a crate is expected"),
        ("login", "`:` is expected after the folders of the crates"),
        ("login after field A.b", "`:` is expected after the folders of the crates, not `after`"),
        ("login:", "it ends where a place is expected"),
        ("login|: after mod m", "`:` is no folder below codex-rs"),
        ("/etc: after mod m", "`/etc` is no folder below codex-rs"),
        ("../x: after mod m", "`.` is no folder below codex-rs"),
        ("login: above mod m", "a place starts with after, in, before, at or beside, not with `above`"),
        ("login: after fn f", "`after` goes on with `field`, `variant`, `struct` or `mod`, not with `fn`"),
        ("login: after field A::b", "`.` is expected after the type, not `::`"),
        ("login: after field A.b c", "nothing is expected after the place, and there is `c`"),
        ("tui: before arm A::B in F", "`fn` is expected here, not `F`"),
        ("tui: before arm A(B in fn f", "`)` is expected after the pattern inside, not `in`"),
        ("tui: before fn a-b", "the name of the function is expected where `a-b` stands"),
        ("tui: before fn 9", "the name of the function is expected where `9` stands"),
        ("tui: before fn \u{fc}", "it has the sign '\u{fc}', which no name has"),
    ] {
        let error = Anchor::parse(text).unwrap_err().to_string();
        assert!(error.ends_with(problem), "{text}: {error}");
    }
    let error = Condition::parse("tui: mod m").unwrap_err().to_string();
    assert_eq!(
        error,
        "`tui: mod m` is no condition: an item is a struct, enum, fn, field or variant, not `mod`"
    );
}

#[test]
fn patches_with_errors_are_refused() {
    let patch = |rest: &str| Patch::parse("core/1", &format!("title = \"t\"\nreason = \"r\"\n{rest}"));
    let edit =
        |insert: &str| patch(&format!("[[edit]]\nat = \"login: after mod m\"\ninsert = '''\n{insert}'''\n"));
    assert!(edit("mod a;\n").is_ok());
    assert!(edit("fn f() { let _ = \"a \\\n  b\"; }\n").is_ok());
    for (outcome, problem) in [
        (patch("extra = 1"), "unknown field `extra`"),
        (patch("[[edit]]\nat = \"nowhere\"\ninsert = 'x'"), "`nowhere` is no anchor"),
        (patch("[[edit]]\nat = \"login: after mod m\"\ninsert = 'x'\nif = 'y'"), "unknown field `if`"),
        (edit("fn f() {\n"), "the text for `login: after mod m` is no Rust"),
        (edit(" \n"), "is empty"),
        (edit("const A: &str = \"a\n b\";\n"), "has a literal over several lines"),
        (edit("const A: &str = r\"a\\\n b\";\n"), "has a literal over several lines"),
        (
            patch("[[file]]\ncrate = 'login'\npath = '../x'\nfrom = 'x'"),
            "`../x` is no path inside of a folder",
        ),
        (Patch::parse("other/1", ""), "it is neither in core nor in full"),
    ] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

/// Texts that are nearly anchors: words of the grammar in any order, and some signs.
fn nearly() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "login",
        "*",
        "|",
        ":",
        "::",
        ".",
        "(",
        ")",
        "after",
        "before",
        "in",
        "at",
        "the",
        "start",
        "of",
        "fn",
        "arm",
        "field",
        "variant",
        "struct",
        "mod",
        "every",
        "literal",
        "tail",
        "last",
        "statement",
        "matches",
        "beside",
        "entry",
        "macro",
        "A",
        "b_c",
        "a-b",
        "a/b",
        "",
        " ",
        "\u{fc}",
        "\n",
        "9",
        "`",
        "((((((((((((",
    ]);
    prop::collection::vec((words, prop::sample::select(vec![" ", "", "  "])), 0..16)
        .prop_map(|words| words.into_iter().map(|(word, space)| format!("{word}{space}")).collect())
}

/// Anchors with other names and folders, and then with something taken out or put in.
fn changed() -> impl Strategy<Value = String> {
    let at = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), ".{0,3}");
    (prop::sample::select(ANCHORS), at).prop_map(|(text, (from, to, new))| {
        let (from, to) = (from.index(text.len()), to.index(text.len()));
        format!("{}{new}{}", &text[..from.min(to)], &text[from.max(to)..])
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_is_an_anchor_or_has_a_reason(text in prop_oneof![nearly(), changed(), ".{0,40}"]) {
        for outcome in [
            Anchor::parse(&text).map(|anchor| anchor.to_string()),
            Condition::parse(&text).map(|condition| condition.to_string()),
        ] {
            match outcome {
                // What is understood has one spelling, and that means the same.
                Ok(spelt) => {
                    let again = Anchor::parse(&spelt).map(|anchor| anchor.to_string());
                    let condition = Condition::parse(&spelt).map(|condition| condition.to_string());
                    prop_assert!(again == Ok(spelt.clone()) || condition == Ok(spelt.clone()), "{text:?}: {spelt}");
                }
                Err(error) => {
                    let error = error.to_string();
                    prop_assert!(error.starts_with('`') && !error.ends_with(": "), "{text:?}: {error}");
                }
            }
        }
    }
}
