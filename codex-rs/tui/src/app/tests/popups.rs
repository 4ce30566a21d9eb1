//! Below the draft: the lists of commands and files, the search, the keys, hints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::json;

use super::stage::{KEY, Stage, at_both_sizes, in_words, typed};

#[test]
fn the_commands() {
    assert_snapshot!(at_both_sizes(typed("/")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › /▏
    › /model           choose the model and how long it thinks
      /add-api-key     store an API key that pays when the plan runs out
      /remove-api-key  delete the fallback API key
      /fallback        who pays, and what is left of the plan
      /permissions     what the agent may do, and when it asks
      /new             begin a new conversation
      /init            have an AGENTS.md written for this folder
    ↓ /copy            copy the last answer to the clipboard
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › /▏
    › /model           choose the model and…
      /add-api-key     store an API key tha…
      /remove-api-key  delete the fallback …
      /fallback        who pays, and what i…
    ↓ /permissions     what the agent may d…
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(typed("/mo")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › /mo▏
    › /model           choose the model and how long it thinks
      /remove-api-key  delete the fallback API key
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › /mo▏
    › /model           choose the model and…
      /remove-api-key  delete the fallback …
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(typed("/a")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › /a▏
    › /add-api-key     store an API key that pays when the plan runs out
      /remove-api-key  delete the fallback API key
      /fallback        who pays, and what is left of the plan
      /status          session, account, limits and who pays
      /clear           clear the screen and begin a new conversation
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › /a▏
    › /add-api-key     store an API key tha…
      /remove-api-key  delete the fallback …
      /fallback        who pays, and what i…
      /status          session, account, li…
      /clear           clear the screen and…
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(typed("/xyz")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › /xyz▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › /xyz▏
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(typed("/")), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    > /▏
    chosen: /model           choose the model and how long it thinks
      /add-api-key     store an API key that pays when the plan runs out
      /remove-api-key  delete the fallback API key
      /fallback        who pays, and what is left of the plan
      /permissions     what the agent may do, and when it asks
      /new             begin a new conversation
      /init            have an AGENTS.md written for this folder
      /copy            copy the last answer to the clipboard
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn the_commands_while_a_turn_runs() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        stage.keys("/");
        stage.press("up up up");
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts

    › /▏
    ↑ /copy            copy the last answer to the clipboard
      /diff            what has changed in this folder, by git
      /mention         name a file in the message
      /status          session, account, limits and who pays
      /mcp             the MCP servers and their tools
      /logout          (after this turn) sign out
      /quit            end codex
    › /ps              the commands that run in the background
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts

    › /▏
    ↑ /logout          (after this turn) si…
      /quit            end codex
    › /ps              the commands that ru…
    plan Plus pays · gpt-5.5 high
    ");
    let refused = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        stage.keys("/new");
        stage.press("enter");
        assert!(!stage.calls().contains(&"thread/start"));
    };
    assert_snapshot!(at_both_sizes(refused), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    ! /new can be used when the turn has ended; Esc interrupts it.

    • Working 0 s · Esc interrupts

    › /new▏
    › /new  (after this turn) begin a new conversation
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    › Run the tests.

    ! /new can be used when the turn has
      ended; Esc interrupts it.

    • Working 0 s · Esc interrupts

    › /new▏
    › /new  (after this turn) begin a new c…
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn an_unknown_command_stays() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.keys("/modle gpt-5.5");
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    · There is no command /modle; type / to see those there are.

    › /modle gpt-5.5▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    · There is no command /modle; type / to
      see those there are.

    › /modle gpt-5.5▏
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn the_files() {
    let file = |path: &str, indices: &[u32]| {
        let name = path.rsplit('/').next();
        json!({
            "root": "/home/ada/work/engine", "path": path, "match_type": "file", "file_name": name, "score": 10,
            "indices": indices,
        })
    };
    let found = json!({ "files": [
        file("src/clock.rs", &[4, 5, 6]),
        file("tests/clock in the turn.rs", &[6, 7, 8]),
        file("crates/engine/src/scheduler/a_rather_long_name/of_a_folder/clock.rs", &[0, 60, 61]),
    ] });
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.keys("look at @clo");
        stage.answers("fuzzyFileSearch", found.clone());
        stage.press("down");
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › look at @clo▏
      src/clock.rs
    › tests/clock in the turn.rs
      crates/engine/src/scheduler/a_rather_long_name/of_a_folder/clock.rs
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › look at @clo▏
      src/clock.rs
    › tests/clock in the turn.rs
      crates/engine/src/scheduler/a_rather_…
    plan Plus pays · gpt-5.5 high
    ");
    let taken = |stage: &mut Stage| {
        story(stage);
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(taken), @r#"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › look at "tests/clock in the turn.rs" ▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › look at "tests/clock in the turn.rs" ▏
    plan Plus pays · gpt-5.5 high
    "#);
    let nothing = |stage: &mut Stage| {
        stage.opened();
        stage.keys("look at @clo");
        // One for each letter.
        for _ in 0..3 {
            stage.answers("fuzzyFileSearch", json!({ "files": [] }));
        }
    };
    assert_snapshot!(at_both_sizes(nothing), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › look at @clo▏
      No file is named like that.
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › look at @clo▏
      No file is named like that.
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn the_search() {
    let found = |stage: &mut Stage| {
        stage.opened();
        stage.press("ctrl+r");
        stage.remembers(&["Why does the test fail?", "Run the tests.", "Write a changelog\nand a poem."]);
        stage.keys("test");
    };
    assert_snapshot!(at_both_sizes(|stage| { stage.opened(); stage.press("ctrl+r"); }), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏
    earlier messages:   Enter takes, Esc leaves, Ctrl+R older
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏
    earlier messages:
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(found), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.▏
    earlier messages: test  Enter takes, Esc leaves, Ctrl+R older
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.▏
    earlier messages: test
    plan Plus pays · gpt-5.5 high
    ");
    let nothing = |stage: &mut Stage| {
        found(stage);
        stage.keys("xyz");
    };
    assert_snapshot!(at_both_sizes(nothing), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.▏
    earlier messages: testxyz  nothing found  Enter takes, Esc leaves, Ctrl+R older
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.▏
    earlier messages: testxyz  nothing found
    plan Plus pays · gpt-5.5 high
    ");
    let key = |stage: &mut Stage| {
        found(stage);
        stage.keys(&format!(" {KEY}"));
    };
    assert_snapshot!(at_both_sizes(key), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?▏
    search: test ••••••••••••••••••••••••••••••••••••••••••••  nothing found
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Why does the test fail?▏
    search: test ••••••••••••••••••••••••••…
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn the_keys() {
    assert_snapshot!(at_both_sizes(typed("?")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
      Enter        send, or join the turn      Ctrl+R       search earlier messages
      Tab          send after this turn        Ctrl+G       edit in $EDITOR
      Shift+Enter  new line; also Ctrl+J       Ctrl+O       copy the last answer
      Esc          interrupt the turn          Ctrl+T       the whole transcript
      Ctrl+C       clear, interrupt, quit      Ctrl+L       clear the screen
      Ctrl+D       quit when empty             Ctrl+_       undo
      /            commands                    Ctrl+K U W   cut to end, start, word
      @            find a file                 Ctrl+Y       put back what was cut
      Up, Down     earlier messages            Ctrl+Z       suspend; fg comes back
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
      Enter        send, or join the turn
      Tab          send after this turn
      Shift+Enter  new line; also Ctrl+J
      Esc          interrupt the turn
      Ctrl+C       clear, interrupt, quit
      Ctrl+D       quit when empty
      /            commands
      … a larger window shows more
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(typed("?")), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    Enter: send, or join the turn
    Tab: send after this turn
    Shift+Enter: new line; also Ctrl+J
    Esc: interrupt the turn
    Ctrl+C: clear, interrupt, quit
    Ctrl+D: quit when empty
    /: commands
    @: find a file
    Up, Down: earlier messages
    Ctrl+R: search earlier messages
    Ctrl+G: edit in $EDITOR
    Ctrl+O: copy the last answer
    Ctrl+T: the whole transcript
    Ctrl+L: clear the screen
    Ctrl+_: undo
    Ctrl+K U W: cut to end, start, word
    Ctrl+Y: put back what was cut
    Ctrl+Z: suspend; fg comes back
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let closed = |stage: &mut Stage| {
        typed("?")(stage);
        stage.keys("x");
    };
    assert_snapshot!(at_both_sizes(closed), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › x▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    › x▏
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn hints_below_the_draft() {
    let quit = |stage: &mut Stage| {
        stage.opened();
        stage.press("ctrl+c");
    };
    assert_snapshot!(at_both_sizes(quit), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
    Press Ctrl+C again to quit
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
    Press Ctrl+C again to quit
    plan Plus pays · gpt-5.5 high
    ");
    let large = |stage: &mut Stage| {
        stage.opened();
        stage.keys("Look at this: ");
        stage.paste(&"a line of a log\n".repeat(200));
    };
    assert_snapshot!(at_both_sizes(large), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Look at this: [Pasted 3,200 characters #1]▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Look at this:
      [Pasted 3,200 characters #1]▏
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn a_file_before_its_name() {
    let mut stage = Stage::new(40, 12, Form::Drawn);
    stage.opened();
    stage.keys("see @");
    assert!(stage.screen().contains("Type a part of a file's name."), "{}", stage.screen());
    stage.keys("x");
    assert!(!stage.screen().contains("Type a part"), "{}", stage.screen());
}
