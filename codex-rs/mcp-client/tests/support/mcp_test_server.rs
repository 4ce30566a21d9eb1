//! An MCP server over stdio for tests, which does what its arguments and its tools are told, also wrong things.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::zombie_processes,
    reason = "test code"
)]

use std::collections::VecDeque;
use std::io::{BufRead, StdinLock, Write};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut server = Server {
        input: std::io::stdin().lock(),
        waiting: VecDeque::new(),
        has_second_tool: false,
        endless_pages: arguments.iter().any(|argument| argument == "--endless-pages"),
    };
    for argument in &arguments {
        at_start(argument, &mut server);
    }
    while let Some(message) = server.next() {
        server.answer(&message);
    }
    if arguments.iter().any(|argument| argument == "--stubborn") {
        park();
    }
}

/// What is done before the first message is read.
fn at_start(argument: &str, server: &mut Server) {
    let (option, value) = argument.split_once('=').unwrap_or((argument, ""));
    match option {
        "--silent" => park(),
        "--exit" => {
            eprintln!("cannot go on:\n  no such database");
            std::process::exit(value.parse().unwrap());
        }
        "--banner" => println!("Welcome to the test server\n"),
        "--garbage" => say_garbage(),
        // Says that it is there, and waits for another one: `FOLDER:ME:OTHER`.
        "--meet" => {
            let mut parts = value.split(':');
            let (folder, me, other) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            std::fs::write(Path::new(folder).join(me), "").unwrap();
            wait_for(&Path::new(folder).join(other));
        }
        // Greets with an error.
        "--refuse" => {
            let hello = server.next().unwrap();
            say(
                &json!({"jsonrpc": "2.0", "id": hello["id"], "error": {"code": -32000, "message": "closed today"}}),
            );
        }
        // Leaves a process behind that does not hear that its input ends, and writes down its id.
        "--child" => {
            let child = Command::new("sleep").arg("1000").spawn().unwrap();
            std::fs::write(value, format!("{} {}", std::process::id(), child.id())).unwrap();
        }
        "--stubborn" => ignore_sigterm(),
        "--endless-pages" => {}
        _ => panic!("unknown argument {argument}"),
    }
}

struct Server {
    input: StdinLock<'static>,
    /// Messages that came while an answer was awaited.
    waiting: VecDeque<Value>,
    has_second_tool: bool,
    endless_pages: bool,
}

impl Server {
    fn next(&mut self) -> Option<Value> {
        if let Some(message) = self.waiting.pop_front() {
            return Some(message);
        }
        self.read()
    }

    fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = self.input.read_line(&mut line).unwrap();
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    fn answer(&mut self, message: &Value) {
        let id = &message["id"];
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => json!({
                "protocolVersion": message["params"]["protocolVersion"],
                "capabilities": {"tools": {"listChanged": true}},
                "serverInfo": {"name": "test-server", "version": "1"},
            }),
            "tools/list" => self.tools(),
            "tools/call" => {
                let tool = message["params"]["name"].as_str().unwrap().to_owned();
                match self.call(&tool, id, &message["params"]["arguments"]) {
                    Some(result) => result,
                    None => return,
                }
            }
            _ => return,
        };
        say(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
    }

    fn tools(&self) -> Value {
        if self.endless_pages {
            return json!({"tools": [tool("again", "", json!({}))], "nextCursor": "more"});
        }
        let mut tools = vec![
            tool("echo", "Gives back what it gets.", json!({"readOnlyHint": true})),
            tool("env", "Lists its environment.", json!({"readOnlyHint": true, "destructiveHint": true})),
            tool("where", "Says where it runs.", Value::Null),
        ];
        let more = [
            "slow", "crash", "garbage", "huge", "grow", "ask", "fail", "refuse", "nonsense", "picture",
            "nothing",
        ];
        tools.extend(more.iter().map(|name| tool(name, "", Value::Null)));
        if self.has_second_tool {
            tools.push(tool("grown", "It was not there before.", Value::Null));
        }
        json!({"tools": tools})
    }

    fn call(&mut self, tool: &str, id: &Value, arguments: &Value) -> Option<Value> {
        let text = |text: String| Some(json!({"content": [{"type": "text", "text": text}]}));
        match tool {
            "echo" => Some(json!({
                "content": [{"type": "text", "text": arguments["text"]}],
                "structuredContent": arguments,
                "_meta": {"from": "echo"},
            })),
            "env" => {
                let lines: Vec<String> =
                    std::env::vars().map(|(name, value)| format!("{name}={value}")).collect();
                text(lines.join("\n"))
            }
            "where" => text(std::env::current_dir().unwrap().display().to_string()),
            // Answers when it is told to stop, and writes down that it was: `marker`.
            "slow" => {
                std::fs::write(arguments["started"].as_str()?, "").unwrap();
                let cancelled = self.wait_for("notifications/cancelled");
                assert_eq!(&cancelled["params"]["requestId"], id);
                std::fs::write(arguments["marker"].as_str()?, "").unwrap();
                None
            }
            "crash" => {
                eprintln!("thread panicked: key sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd");
                std::process::exit(7);
            }
            "garbage" => {
                say_garbage();
                None
            }
            "huge" => text("x".repeat(usize::try_from(arguments["bytes"].as_u64()?).unwrap())),
            "grow" => {
                self.has_second_tool = true;
                for _ in 0..100 {
                    say(&json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}));
                }
                text("grown".to_owned())
            }
            "ask" => {
                say(&json!({"jsonrpc": "2.0", "id": "q1", "method": "elicitation/create", "params": {
                    "message": "Which colour?",
                    "requestedSchema": {"type": "object", "properties": {"colour": {"type": "string"}}},
                }}));
                let answer = self.wait_for("");
                text(answer["result"].to_string())
            }
            "fail" => Some(json!({"content": [{"type": "text", "text": "no luck"}], "isError": true})),
            "refuse" => {
                say(
                    &json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": "wrong colour"}}),
                );
                None
            }
            "nonsense" => Some(json!({"colour": "blue"})),
            "picture" => Some(json!({"content": [
                {"type": "text", "text": "a dot"},
                {"type": "image", "mimeType": "image/png", "data": "iVBORw0KGgo="},
                {"type": "audio", "mimeType": "audio/wav", "data": "UklGRg=="},
            ]})),
            "nothing" => Some(json!({"content": []})),
            _ => panic!("unknown tool {tool}"),
        }
    }

    /// The next message with this method; without one, the next answer.
    fn wait_for(&mut self, method: &str) -> Value {
        loop {
            let message = self.read().unwrap_or_else(|| std::process::exit(0));
            if message["method"].as_str().unwrap_or_default() == method {
                return message;
            }
            self.waiting.push_back(message);
        }
    }
}

fn tool(name: &str, description: &str, annotations: Value) -> Value {
    let mut tool = json!({"name": name, "description": description, "inputSchema": {"type": "object"}});
    if !annotations.is_null() {
        tool["annotations"] = annotations;
    }
    tool
}

fn say(message: &Value) {
    let mut output = std::io::stdout().lock();
    // Nobody may be left to read it.
    if writeln!(output, "{message}").and_then(|()| output.flush()).is_err() {
        std::process::exit(0);
    }
}

fn say_garbage() {
    let mut output = std::io::stdout().lock();
    while writeln!(output, "this is no JSON").is_ok() {}
    std::process::exit(0);
}

fn wait_for(path: &Path) {
    while !path.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn park() {
    loop {
        std::thread::park();
    }
}

fn ignore_sigterm() {
    // A shell can, without code that the workspace forbids: it starts this program again with the signal ignored.
    if std::env::var_os("MCP_TEST_IGNORES").is_none() {
        use std::os::unix::process::CommandExt;
        let arguments: Vec<String> = std::env::args().collect();
        let error = Command::new("/bin/sh")
            .args(["-c", "trap '' TERM; exec \"$@\"", "sh"])
            .args(arguments)
            .env("MCP_TEST_IGNORES", "1")
            .exec();
        panic!("{error}");
    }
}
