//! What the agent may do, in the real terminal with the real walls: questions and what their answers do, and the commands
//! that show what was allowed, what runs and which servers there are.

use std::path::PathBuf;

use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};

use crate::support::{World, says};
use crate::terminal::Terminal;
use crate::{GATE, ends_well, open, open_gate};

/// Walls, and questions where they do not suffice.
pub(crate) const ASKED: [&str; 4] = ["-s", "workspace-write", "-a", "on-request"];

/// A call that wants out of the walls.
pub(crate) fn escalated(command: &str) -> Reply {
    Reply::answer().call(
        "exec_command",
        &json!({
            "cmd": command, "login": false, "sandbox_permissions": "require_escalated",
            "justification": "The note belongs beside the project.",
        }),
    )
}

/// A folder that no walls let commands write in: beside the home of codex, so not a temporary one.
pub(crate) struct Outside(tempfile::TempDir);

impl Outside {
    pub(crate) fn new() -> Self {
        Outside(tempfile::Builder::new().prefix("codex-approvals-").tempdir_in("/var/tmp").unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a line into one of its files.
    pub(crate) fn note(&self, name: &str) -> String {
        format!("echo noted >> {}", self.file(name).display())
    }
}

/// What the model was told of its calls, in order.
pub(crate) fn told(world: &World) -> Vec<String> {
    let requests = world.backend.model_requests();
    let input = requests.last().unwrap().body["input"].as_array().unwrap().clone();
    let is_output = |item: &&Value| item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"));
    let outputs = input.iter().filter(is_output);
    outputs.map(|item| item["output"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Answers the question that is open, after it has begun to listen.
fn answer(terminal: &mut Terminal, key: &str) {
    terminal.wait_for("May this command run?");
    terminal.pause();
    terminal.keys(key);
}

pub(crate) fn rest(terminal: &Terminal) {
    terminal.wait_gone("Working");
}

pub(crate) fn quit(terminal: &mut Terminal) {
    terminal.say("/quit");
    ends_well(terminal);
}

#[test]
fn each_answer_does_what_it_says() {
    struct Case {
        key: &'static str,
        /// Whether the command ran.
        ran: bool,
        /// What the model was told, or what the person sees where the model is told nothing more.
        words: &'static str,
    }
    let cases = [
        Case { key: "y", ran: true, words: "exited with code 0" },
        Case { key: "1", ran: true, words: "exited with code 0" },
        Case { key: "n", ran: false, words: "the person declined" },
        Case { key: "d", ran: false, words: "the person declined" },
        Case { key: "\x1b", ran: false, words: "the person declined" },
        // A Ctrl+C leaves what is open; a second one then stops the turn.
        Case { key: "\x03", ran: false, words: "the person declined" },
    ];
    let outside = Outside::new();
    for (place, case) in cases.iter().enumerate() {
        let name = format!("note-{place}");
        let world = World::new(Script::conversation([escalated(&outside.note(&name)), says("So be it.")]));
        let mut terminal = open(&world, &ASKED);
        terminal.say("note it");
        terminal.wait_for("May this command run?");
        let question = terminal.screen();
        for words in ["Outside of the sandbox.", "The agent says: The note belongs", "echo noted >> /var/tmp"]
        {
            assert!(question.contains(words), "no {words:?} in {question}");
        }
        assert!(!outside.file(&name).exists(), "not before the answer");
        answer(&mut terminal, case.key);
        terminal.wait_for("So be it.");
        rest(&terminal);
        assert_eq!(outside.file(&name).exists(), case.ran, "{:?}: {terminal:?}", case.key);
        assert!(told(&world)[0].contains(case.words), "{:?}: {:?}", case.key, told(&world));
        quit(&mut terminal);
    }
}

#[test]
fn enter_alone_is_no_answer_and_the_arrows_are() {
    let outside = Outside::new();
    let world = World::new(Script::conversation([escalated(&outside.note("a")), says("So be it.")]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("note it");
    answer(&mut terminal, "\r");
    terminal.wait_for("Choose an answer first");
    assert!(!outside.file("a").exists());
    terminal.keys("\x1b[B");
    terminal.wait_for("› y");
    terminal.keys("\r");
    terminal.wait_for("So be it.");
    assert!(outside.file("a").exists());
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn the_same_command_is_not_asked_about_again_and_another_is() {
    let outside = Outside::new();
    let world = World::new(Script::conversation([
        escalated(&outside.note("same")),
        escalated(&outside.note("same")),
        escalated(&outside.note("other")),
        says("So be it."),
    ]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("note it twice, and another");
    answer(&mut terminal, "a");
    terminal.wait_for(&outside.note("other"));
    let noted = std::fs::read_to_string(outside.file("same")).unwrap();
    assert_eq!(noted, "noted\nnoted\n", "the second one ran unasked");
    answer(&mut terminal, "n");
    terminal.wait_for("So be it.");
    assert!(!outside.file("other").exists());
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn commands_that_begin_alike_are_allowed_by_their_first_words() {
    let outside = Outside::new();
    let touch = |name: &str| format!("touch {}", outside.file(name).display());
    let world = World::new(Script::conversation([
        escalated(&touch("a")),
        escalated(&touch("b")),
        escalated(&outside.note("c")),
        says("So be it."),
    ]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("make them");
    terminal.wait_for("commands that start with `touch");
    answer(&mut terminal, "p");
    terminal.wait_for("echo noted >>");
    assert!(outside.file("a").exists());
    answer(&mut terminal, "n");
    terminal.wait_for("So be it.");
    assert!(outside.file("b").exists() && !outside.file("c").exists());
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn no_and_stop_ends_the_turn_and_the_next_one_goes_on() {
    let outside = Outside::new();
    let world = World::new(Script::conversation([
        escalated(&outside.note("a")).call("exec_command", &json!({"cmd": "echo never > never"})),
        says("Back again."),
    ]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("note it");
    answer(&mut terminal, "c");
    rest(&terminal);
    terminal.wait_gone("May this command run?");
    assert!(!outside.file("a").exists() && !world.work().join("never").exists());
    assert_eq!(world.backend.model_requests().len(), 1, "the turn is over: {terminal:?}");
    terminal.say("and now?");
    terminal.wait_for("Back again.");
    let told = told(&world);
    assert!(told[0].contains("ended the turn") && told[1].contains("aborted"), "{told:?}");
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn on_a_small_screen_all_answers_are_in_sight() {
    let outside = Outside::new();
    let world = World::new(Script::conversation([escalated(&outside.note("a")), says("So be it.")]));
    crate::trusting(&world, "");
    let mut terminal = Terminal::sized(&crate::command(&world, &ASKED), &[], (40, 12));
    terminal.wait_for("pays");
    terminal.say("note it");
    terminal.wait_for("May this command run?");
    let screen = terminal.screen();
    for words in ["Outside of the sandbox.", "echo noted", "y  Yes", "n  No", "c  No, and stop the turn"] {
        assert!(screen.contains(words), "no {words:?} in\n{screen}");
    }
    answer(&mut terminal, "n");
    terminal.wait_for("So be it.");
    rest(&terminal);
    quit(&mut terminal);
}

#[test]
fn permissions_are_changed_for_now_or_for_good() {
    let outside = Outside::new();
    let run = |name: &str| says("Trying.").exec_command(&outside.note(name));
    let world = World::new(Script::conversation([run("walled"), says("One."), run("free"), says("Two.")]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("try");
    terminal.wait_for("One.");
    rest(&terminal);
    assert!(!outside.file("walled").exists());
    terminal.say("/permissions");
    terminal.wait_for("Full access");
    terminal.keys("3");
    terminal.pause();
    terminal.keys("1");
    terminal.wait_for("Permissions from the next turn on: Full access");
    terminal.say("again");
    terminal.wait_for("Two.");
    rest(&terminal);
    assert!(outside.file("free").exists(), "{terminal:?}");
    quit(&mut terminal);
}

#[test]
fn commands_in_the_background_are_listed_and_stopped() {
    let long = |name: &str| {
        Reply::answer().call(
            "exec_command",
            &json!({"cmd": format!("echo {name} && sleep 600"), "login": false, "yield_time_ms": 250}),
        )
    };
    let world = World::new(Script::conversation([long("alpha"), long("beta"), says("They run.")]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("/ps");
    terminal.wait_for("None runs.");
    terminal.keys("\x1b");
    terminal.wait_gone("None runs.");
    terminal.say("start them");
    terminal.wait_for("They run.");
    rest(&terminal);
    terminal.say("/ps");
    // As the model gave them, without the shell around them.
    terminal.wait_for("  echo alpha && sleep 600 (in ~/work");
    terminal.wait_for("  echo beta && sleep 600 (in ~/work");
    assert!(!terminal.screen().contains("/bin/sh"), "{terminal:?}");
    terminal.pause();
    terminal.keys("1");
    // One is left.
    terminal.wait("the other", |screen| {
        let shown = screen.contents();
        shown.contains("exit 143") && shown.matches("(in ~/work").count() == 1
    });
    terminal.pause();
    terminal.keys("\x1b");
    terminal.wait_gone("(in ~/work");
    terminal.pause();
    terminal.say("/stop");
    terminal.wait_for("No command runs in the background any more.");
    terminal.pause();
    terminal.say("/ps");
    terminal.wait_for("None runs.");
    terminal.keys("\x1b");
    terminal.wait_gone("None runs.");
    quit(&mut terminal);
}

/// A server of MCP in the shell: two tools, of which one says that it only reads.
const SERVER: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"notes","version":"1"}}}\n' "$id" ;;
    *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"look","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},{"name":"add","description":"Adds a note.","inputSchema":{"type":"object"}}]}}\n' "$id" ;;
    *'"tools/call"'*) echo "$line" >> "$CALLS"; printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"noted by the server"}]}}\n' "$id" ;;
  esac
done
"#;

#[test]
fn a_server_is_listed_and_its_tools_are_asked_about_unless_they_only_read() {
    let call =
        |tool: &str| Reply::answer().call(&format!("mcp__notes__{tool}"), &json!({"text": "buy beans"}));
    let world = World::new(Script::conversation([call("look"), call("add"), call("add"), says("So be it.")]));
    let (server, calls) = (world.root.path().join("server.sh"), world.root.path().join("calls"));
    std::fs::write(&server, SERVER).unwrap();
    let settings = format!(
        "[mcp_servers.notes]\ncommand = \"/bin/sh\"\nargs = [\"{}\"]\nenv = {{ CALLS = \"{}\" }}\n",
        server.display(),
        calls.display()
    );
    let mut terminal = crate::open_in(&world, &settings, &ASKED, &[]);
    terminal.wait_for("pays");
    // After the thread's head; what is listed follows the server's start.
    terminal.wait_for(concat!("codex ", env!("CARGO_PKG_VERSION")));
    terminal.say("/mcp");
    terminal.wait_for("notes, connected: add, look");
    terminal.say("note it");
    terminal.wait_for("buy beans");
    terminal.wait_for("y  Yes");
    assert_eq!(made(&calls), ["look"], "{terminal:?}");
    terminal.pause();
    terminal.keys("n");
    terminal.wait_gone("y  Yes");
    terminal.wait_for("y  Yes");
    terminal.pause();
    terminal.keys("y");
    terminal.wait_for("So be it.");
    rest(&terminal);
    assert_eq!(made(&calls), ["look", "add"], "{terminal:?}");
    quit(&mut terminal);
}

/// The tools that a server was called for.
fn made(calls: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(calls).unwrap_or_default();
    let name = |line: &str| {
        let call: Value = serde_json::from_str(line).unwrap();
        call["params"]["name"].as_str().unwrap().to_owned()
    };
    text.lines().map(name).collect()
}

#[test]
fn a_draft_under_way_is_no_answer_and_stays() {
    let outside = Outside::new();
    let world = World::new(Script::conversation([
        says("First.").exec_command(GATE),
        escalated(&outside.note("a")),
        says("So be it."),
    ]));
    let mut terminal = open(&world, &ASKED);
    terminal.say("note it");
    terminal.wait_for("First.");
    // A draft under way when the question comes takes none of its keys away, nor gives it any.
    terminal.keys("yyyy");
    terminal.wait_for("› yyyy");
    open_gate(&world);
    answer(&mut terminal, "n");
    terminal.wait_for("So be it.");
    terminal.wait_for("› yyyy");
    assert!(!outside.file("a").exists());
    rest(&terminal);
    terminal.keys("\x03");
    terminal.wait_gone("› yyyy");
    quit(&mut terminal);
}
