//! `history.jsonl`: form, mode, trimming, what never gets in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::os::unix::fs::PermissionsExt;

use super::*;

const KEY: &str = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";

fn file(folder: &tempfile::TempDir) -> HistoryFile {
    HistoryFile { path: folder.path().join("history.jsonl"), keeping: Keeping::All, max_bytes: None }
}

#[test]
fn a_message_is_one_line_in_the_official_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    append(&file, "s1", 7, "one\n\"two\"").unwrap();
    let text = std::fs::read_to_string(&file.path).unwrap();
    insta::assert_snapshot!(text.trim_end(), @r#"{"session_id":"s1","ts":7,"text":"one\n\"two\""}"#);
    assert_eq!(std::fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read(&file).unwrap(), ["one\n\"two\""]);
}

#[test]
fn no_file_and_broken_lines_are_no_errors() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(&folder);
    assert_eq!(read(&file).unwrap(), Vec::<String>::new());
    let good = r#"{"session_id":"s","ts":1,"text":"good","later":true}"#;
    let keyed = format!(r#"{{"session_id":"s","ts":1,"text":"mine is {KEY}"}}"#);
    std::fs::write(&file.path, format!("{{\n{good}\n\n[]\n{keyed}\n{good}\n{{\"session_id\":\"torn"))
        .unwrap();
    assert_eq!(read(&file).unwrap(), ["good", "good"]);
}

#[test]
fn a_key_and_nothing_are_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = file(&folder);
    append(&file, "s", 1, &format!("use {KEY} please")).unwrap();
    append(&file, "s", 1, "  ").unwrap();
    file.keeping = Keeping::Nothing;
    append(&file, "s", 1, "hello").unwrap();
    assert!(!file.path.exists());
}

#[test]
fn the_oldest_go_when_it_is_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = file(&folder);
    file.max_bytes = Some(500);
    for number in 0..40 {
        append(&file, "s", 1, &format!("message {number}")).unwrap();
        assert!(std::fs::metadata(&file.path).unwrap().len() <= 500);
    }
    let kept = read(&file).unwrap();
    assert_eq!(kept.last().unwrap(), "message 39");
    assert!(kept.len() >= 8, "{kept:?}");
    file.max_bytes = Some(10);
    append(&file, "s", 1, "longer than all that may be kept").unwrap();
    assert_eq!(read(&file).unwrap(), ["longer than all that may be kept"]);
}

#[test]
fn only_the_newest_part_of_a_large_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines");
    std::fs::write(&path, "first\nsecond\nthird\n").unwrap();
    assert_eq!(tail(&path, 9).unwrap(), b"third\n");
    assert_eq!(tail(&path, 100).unwrap(), b"first\nsecond\nthird\n");
}
