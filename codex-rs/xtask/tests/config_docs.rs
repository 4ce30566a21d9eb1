//! `docs/config.md` says what the settings table says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::path::Path;

use codex_xtask::config_docs;

#[test]
fn the_settings_of_the_docs_are_those_that_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == config_docs::page(), "docs/config.md is out of date; run `cargo xtask config-docs`");
}

#[test]
fn every_key_is_on_the_page() {
    let page = config_docs::page();
    for setting in codex_config::settings::all() {
        assert!(page.contains(&format!("| `{}` |", setting.key)), "{}", setting.key);
    }
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let columns = line.replace("\\|", "").matches('|').count();
        assert!(columns == 6 || columns == 3, "{line}");
    }
}
