//! Changes of files in the real terminal with the real door: the question about what lies outside of the walls, `/diff`, and
//! what the command line and the answer about trust allow.

use std::path::Path;
use std::process::Command;

use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};

use crate::approvals::{ASKED, Outside, quit, rest, told};
use crate::support::{World, says};
use crate::terminal::Terminal;
use crate::{command, open};

const BEFORE: &str = "one\ntwo\nthree\n";
const AFTER: &str = "one\nzwei\nthree\n";

/// A call that changes the second line of a file.
fn edits(file: &Path) -> Reply {
    let file = file.display();
    let patch =
        format!("*** Begin Patch\n*** Update File: {file}\n@@\n one\n-two\n+zwei\n three\n*** End Patch\n");
    Reply::answer().custom_call("apply_patch", &patch)
}

/// Answers the question that is open, after it has begun to listen.
fn answer(terminal: &mut Terminal, key: &str) {
    terminal.wait_for("May this file be changed?");
    terminal.pause();
    terminal.keys(key);
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_change_outside_is_shown_as_a_diff_and_made_only_after_a_yes() {
    for (key, changed, words) in [
        ("y", true, "Success"),
        ("n", false, "the person declined"),
        ("d", false, "the person declined"),
        ("\x1b", false, "the person declined"),
    ] {
        let outside = Outside::new();
        let file = outside.file("notes.txt");
        std::fs::write(&file, BEFORE).unwrap();
        let world = World::new(Script::conversation([edits(&file), says("So be it.")]));
        let mut terminal = open(&world, &ASKED);
        terminal.say("edit it");
        terminal.wait_for("May this file be changed?");
        let question = terminal.screen();
        for words in ["notes.txt", "two", "zwei", "three", "y  Yes", "n  No", "c  No, and stop the turn"] {
            assert!(question.contains(words), "no {words:?} in {question}");
        }
        assert_eq!(read(&file), BEFORE, "not before the answer");
        answer(&mut terminal, key);
        terminal.wait_for("So be it.");
        rest(&terminal);
        assert_eq!(read(&file), if changed { AFTER } else { BEFORE }, "{key:?}: {terminal:?}");
        assert!(told(&world)[0].contains(words), "{key:?}: {:?}", told(&world));
        quit(&mut terminal);
    }
}

#[test]
fn no_and_stop_ends_the_turn_of_a_change() {
    let outside = Outside::new();
    let file = outside.file("notes.txt");
    std::fs::write(&file, BEFORE).unwrap();
    let world = World::new(Script::conversation([edits(&file), says("Back again.")]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("edit it");
    answer(&mut terminal, "c");
    rest(&terminal);
    terminal.wait_gone("May this file be changed?");
    assert_eq!(read(&file), BEFORE);
    assert_eq!(world.backend.model_requests().len(), 1, "the turn is over: {terminal:?}");
    terminal.say("and now?");
    terminal.wait_for("Back again.");
    assert!(told(&world)[0].contains("the person ended the turn"), "{:?}", told(&world));
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn the_same_file_is_not_asked_about_again_and_another_is() {
    let outside = Outside::new();
    let (same, other) = (outside.file("same.txt"), outside.file("other.txt"));
    std::fs::write(&same, BEFORE).unwrap();
    std::fs::write(&other, BEFORE).unwrap();
    let back = format!(
        "*** Begin Patch\n*** Update File: {}\n@@\n one\n-zwei\n+dos\n three\n*** End Patch\n",
        same.display()
    );
    let world = World::new(Script::conversation([
        edits(&same),
        Reply::answer().custom_call("apply_patch", &back),
        edits(&other),
        says("So be it."),
    ]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("edit them");
    answer(&mut terminal, "a");
    terminal.wait_for("other.txt");
    assert_eq!(read(&same), "one\ndos\nthree\n", "the second one was made unasked");
    answer(&mut terminal, "n");
    terminal.wait_for("So be it.");
    assert_eq!(read(&other), BEFORE);
    rest(&terminal);
    quit(&mut terminal);
}

/// Git's, in the working folder, without anybody's settings.
fn git(world: &World, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
    command.current_dir(world.work()).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    let output = command.env("HOME", world.root.path()).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_diff_of_a_repository_shows_what_the_agent_and_others_have_changed() {
    let world = World::new(Script::conversation([edits(Path::new("notes.txt")), says("Edited.")]));
    std::fs::remove_dir_all(world.work().join(".git")).unwrap();
    git(&world, &["init", "-q"]);
    let mut terminal = open(&world, &ASKED);
    terminal.say("/diff");
    terminal.wait_for("Nothing has changed in this folder.");
    std::fs::write(world.work().join("notes.txt"), BEFORE).unwrap();
    git(&world, &["add", "."]);
    git(&world, &["commit", "-q", "-m", "begin"]);
    terminal.say("edit it");
    terminal.wait_for("Edited.");
    rest(&terminal);
    std::fs::write(world.work().join("new.txt"), "nobody added me\n").unwrap();
    let before = terminal.everything().matches("zwei").count();
    terminal.say("/diff");
    terminal.wait_for("nobody added me");
    let everything = terminal.everything();
    assert_eq!(everything.matches("zwei").count(), before + 1, "{everything}");
    for words in ["notes.txt", "new.txt"] {
        assert!(everything.contains(words), "{everything}");
    }
    quit(&mut terminal);
}

#[test]
fn who_is_never_to_be_asked_is_not() {
    let outside = Outside::new();
    let file = outside.file("notes.txt");
    std::fs::write(&file, BEFORE).unwrap();
    let escalated = json!({
        "cmd": outside.note("made"), "login": false, "sandbox_permissions": "require_escalated",
        "justification": "The note belongs beside the project.",
    });
    let world = World::new(Script::conversation([
        edits(&file),
        Reply::answer().call("exec_command", &escalated),
        says("Not allowed, then."),
    ]));
    let mut terminal = open(&world, &["-s", "workspace-write", "-a", "never"]);
    terminal.say("edit it");
    terminal.wait_for("Not allowed, then.");
    rest(&terminal);
    assert!(read(&file) == BEFORE && !outside.file("made").exists(), "{terminal:?}");
    let told = told(&world);
    assert!(told[0].contains("patch rejected") && told[1].contains("not run"), "{told:?}");
    quit(&mut terminal);
}

#[test]
fn the_web_is_searched_live_only_on_the_persons_word() {
    for (arguments, live) in [(&[][..], false), (&["--search"][..], true)] {
        let world = World::new(Script::conversation([says("Searched.")]));
        let mut terminal = open(&world, arguments);
        terminal.say("search");
        terminal.wait_for("Searched.");
        rest(&terminal);
        let request = &world.backend.model_requests()[0].body;
        let tools = request["tools"].as_array().unwrap();
        let search = tools.iter().find(|tool| tool["type"] == "web_search");
        assert_eq!(search.map(|tool| &tool["external_web_access"]), Some(&Value::Bool(live)), "{search:?}");
        quit(&mut terminal);
    }
}

#[test]
fn a_folder_that_is_trusted_is_written_in_and_another_only_read() {
    for (key, writes) in [("1", true), ("2", false)] {
        let writing = json!({ "cmd": "echo made > made", "login": false });
        let made = Reply::answer().call("exec_command", &writing);
        let world = World::new(Script::conversation([made, says("Tried.")]));
        // Where no new file may be made in the folder itself, an old one can still be written.
        std::fs::write(world.work().join("made"), "").unwrap();
        let mut terminal = Terminal::open(&command(&world, &[]), &[]);
        terminal.wait_for("Do you trust this folder?");
        terminal.pause();
        terminal.keys(key);
        terminal.wait_for("pays");
        terminal.say("make it");
        terminal.wait_for("Tried.");
        rest(&terminal);
        let text = read(&world.work().join("made"));
        assert_eq!(text, if writes { "made\n" } else { "" }, "{key}: {terminal:?} {:?}", told(&world));
        quit(&mut terminal);
    }
}
