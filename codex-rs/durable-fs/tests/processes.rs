//! What other processes see: writers killed at any moment, locks held elsewhere and left by the dead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use codex_durable_fs::*;

const LONG: Duration = Duration::from_secs(60);

fn spawn(test: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("CHILD_PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// None when somebody runs the ignored tests by themselves.
fn child_path() -> Option<PathBuf> {
    std::env::var_os("CHILD_PATH").map(PathBuf::from)
}

/// A document that shows by itself whether it is whole: the length, then as many letters.
fn document(number: usize) -> String {
    let length = number * 7919 % 20_000;
    format!("{length} {}", "x".repeat(length))
}

fn check_whole(text: &str) {
    let (length, rest) = text.split_once(' ').unwrap_or_else(|| panic!("torn: {} bytes", text.len()));
    assert_eq!(length.parse(), Ok(rest.len()), "torn");
}

#[test]
fn killed_writers_never_tear_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write_private(&path, document(1).as_bytes()).unwrap();
    let mut changes = 0;
    for round in 0..50 {
        let mut writers = [spawn("child_writer", &path), spawn("child_writer", &path)];
        let mut last = Vec::new();
        // Kill after the file was seen to change a few times, so at another step in every round.
        let mut seen = 0;
        while seen < 1 + round % 5 {
            let file = read_private(&path, 1 << 20).unwrap().expect("the file is always there");
            check_whole(std::str::from_utf8(&file.bytes).unwrap());
            assert_eq!(file.exposure, Exposure::Private);
            seen += usize::from(file.bytes != last);
            last = file.bytes;
        }
        changes += seen;
        for writer in &mut writers {
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
        let file = read_private(&path, 1 << 20).unwrap().expect("the file is always there");
        check_whole(std::str::from_utf8(&file.bytes).unwrap());
    }
    assert!(changes >= 150);
    sweep_stale(folder.path(), &temporary_prefix(&path), Duration::ZERO, i64::MAX).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
#[ignore = "run by killed_writers_never_tear_the_file"]
fn child_writer() {
    let Some(path) = child_path() else { return };
    for number in std::process::id() as usize.. {
        write_private(&path, document(number).as_bytes()).unwrap();
    }
}

#[test]
fn a_held_lock_names_its_holder_and_a_killed_holder_frees_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/lock");
    let mut holder = spawn("child_holder", &path);
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("held")));

    let error = Lock::acquire(&path, Duration::ZERO).map(|_| ()).unwrap_err();
    assert!(matches!(&error, FsError::Locked { holder: Some(pid), .. } if *pid == holder.id()), "{error}");
    assert!(error.to_string().contains(&format!("by process {}", holder.id())), "{error}");

    holder.kill().unwrap();
    holder.wait().unwrap();
    drop(Lock::acquire(&path, LONG).unwrap());
    assert_eq!(std::fs::read(&path).unwrap(), b"");
}

#[test]
#[ignore = "run by a_held_lock_names_its_holder_and_a_killed_holder_frees_it"]
fn child_holder() {
    let Some(path) = child_path() else { return };
    let _lock = Lock::acquire(&path, LONG).unwrap();
    println!("held");
    // Waits for the parent, which kills it.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn the_lock_excludes_threads_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    let counter = folder.path().join("counter");
    write_private(&counter, b"0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let _lock = Lock::acquire(&lock, LONG).unwrap();
                    let bytes = read_private(&counter, 100).unwrap().unwrap().bytes;
                    let number: u32 = String::from_utf8(bytes).unwrap().parse().unwrap();
                    write_private(&counter, (number + 1).to_string().as_bytes()).unwrap();
                }
            });
        }
    });
    assert_eq!(std::fs::read_to_string(&counter).unwrap(), "100");
}
