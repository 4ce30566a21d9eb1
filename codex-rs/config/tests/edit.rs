//! Lossless edits of `config.toml`.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fs;
use std::os::unix::fs::symlink;

use codex_config::PersistedValue::{Absent, Number, Text, Texts, Truth, WholeNumber};
use codex_config::*;

fn text(text: &str) -> PersistedValue {
    Text(text.to_owned())
}

fn edit(old: &str, changes: &[(&str, PersistedValue)]) -> String {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), old).unwrap();
    set_persistent(home.path(), changes).unwrap();
    fs::read_to_string(home.path().join("config.toml")).unwrap()
}

#[test]
fn only_what_was_asked_for_changes() {
    for (old, changes, new) in [
        ("", vec![("fallback.mode", text("ask"))], "[fallback]\nmode = \"ask\"\n"),
        ("model = 'x' # why\n", vec![("model", text("y"))], "model = \"y\" # why\n"),
        (
            "# head\n[fallback]   # table\n  mode = 'off'  # note\nunknown=1\n\n[tui]\na = [ 1,2 ]\n",
            vec![("fallback.mode", text("auto")), ("fallback.max_tokens_per_day", WholeNumber(5))],
            "# head\n[fallback]   # table\n  mode = \"auto\"  # note\nunknown=1\nmax_tokens_per_day = 5\n\n[tui]\na = [ 1,2 ]\n",
        ),
        (
            "fallback = { mode = 'off' }\n",
            vec![("fallback.mode", text("ask"))],
            "fallback = { mode = \"ask\" }\n",
        ),
        ("fallback.mode = 'off'\n", vec![("fallback.mode", text("ask"))], "fallback.mode = \"ask\"\n"),
        ("a = 1\r\n# c\r\nmodel = 'x'\r\n", vec![("model", text("y"))], "a = 1\r\n# c\r\nmodel = \"y\"\r\n"),
        (
            "",
            vec![("fallback.prices.\"gpt-5.5\".input", Number(1.5))],
            "[fallback.prices.\"gpt-5.5\"]\ninput = 1.5\n",
        ),
        (
            "[fallback]\nmode = 'off'\nmodel = 'x'\n",
            vec![("fallback.mode", Absent)],
            "[fallback]\nmodel = 'x'\n",
        ),
        ("model = 'x'\n", vec![("fallback.prices.x.input", Absent)], "model = 'x'\n"),
        (
            "",
            vec![
                ("tui.plain", Truth(true)),
                ("project_root_markers", Texts(vec![".git".to_owned(), ".hg".to_owned()])),
            ],
            "project_root_markers = [\".git\", \".hg\"]\n\n[tui]\nplain = true\n",
        ),
        (
            "model = 'x'\n",
            vec![("projects.\"/home/me/a project\".trust_level", text("trusted"))],
            "model = 'x'\n\n[projects.\"/home/me/a project\"]\ntrust_level = \"trusted\"\n",
        ),
    ] {
        assert_eq!(edit(old, &changes), new);
    }
}

#[test]
fn a_file_that_is_wrong_or_would_become_so_is_left_alone() {
    for (old, changes, expected) in [
        ("a = = 1", vec![("model", text("y"))], "line 1, column 5: this is not valid TOML"),
        ("model = 'x'", vec![("fallback.mode", text("loud"))], "`fallback.mode` must be one of"),
        (
            "model = 'x'",
            vec![("model", text("y")), ("no_setting", text("y"))],
            "`no_setting` cannot be written",
        ),
        ("fallback = 1", vec![("fallback.mode", text("off"))], "`fallback` must be a table"),
        (
            "model = 'x'",
            vec![("fallback.base_url", text("http://canary"))],
            "`fallback.base_url` must be an https",
        ),
        (
            "model = 'x'",
            vec![("developer_instructions", text("use sk-canary0123456789abcdefghij"))],
            "looks like an API key",
        ),
        ("model = 'x'", vec![("model_provider", text("mine"))], "custom providers are not built"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, old).unwrap();
        let error = set_persistent(home.path(), &changes).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("canary"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), old);
    }
}

#[test]
fn a_link_stays_and_a_missing_home_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    set_persistent(&home, &[("model", text("x"))]).unwrap();
    let path = home.join("config.toml");
    fs::rename(&path, folder.path().join("dotfile")).unwrap();
    symlink("../dotfile", &path).unwrap();
    set_persistent(&home, &[("model", text("y"))]).unwrap();
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(folder.path().join("dotfile")).unwrap(), "model = \"y\"\n");
}

#[test]
fn writers_in_parallel_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let home = home.path();
            scope.spawn(move || {
                let key = format!("fallback.prices.m{writer}.input");
                set_persistent(home, &[(key.as_str(), Number(f64::from(writer)))]).unwrap();
            });
        }
    });
    let sources = Sources { codex_home: home.path().to_path_buf(), ..Sources::default() };
    assert_eq!(load(&sources).unwrap().0.fallback.prices.len(), 8);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    let change = [("model", text("y"))];
    let empty = version_of("");
    let first = write(home.path(), &change, Expected::Version(&empty)).unwrap();
    assert_eq!(first, version_of(&fs::read_to_string(&path).unwrap()));
    let error = write(home.path(), &[("model", text("z"))], Expected::Version(&empty)).unwrap_err();
    assert!(error.to_string().ends_with("was changed meanwhile; read it again, then try again"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "model = \"y\"\n");
    write(home.path(), &[("model", text("z"))], Expected::Version(&first)).unwrap();
}
