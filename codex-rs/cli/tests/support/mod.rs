//! The binary in a world of its own: a fake backend, a home, a repository to work in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codex_fake_backend::{Account, FakeBackend, Limit, LimitVariant, PlatformKey, Reply, Script};
use serde_json::Value;
use tempfile::TempDir;

/// The account that signs in.
pub(crate) const ACCOUNT: &str = "acct-cli-0001";
/// The key of the platform.
pub(crate) const KEY: &str = "sk-proj-cliTestKey0123456789abcdefghijWXYZ";
/// Its last four characters.
pub(crate) const LAST4: &str = "WXYZ";

/// One world.
pub(crate) struct World {
    /// The services.
    pub(crate) backend: FakeBackend,
    /// Holds everything below.
    pub(crate) root: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl World {
    /// Signed in on a plan that answers with this script.
    pub(crate) fn new(script: Script) -> Self {
        Self::with(script, None)
    }

    /// The same; the plan's limit strikes after so many requests.
    pub(crate) fn limited(script: Script, after: u64, variant: LimitVariant) -> Self {
        Self::with(script, Some(Limit::after_requests(after, variant)))
    }

    fn with(script: Script, limit: Option<Limit>) -> Self {
        let mut builder = FakeBackend::builder()
            .account(Account::new(ACCOUNT))
            .key(PlatformKey::new(KEY))
            .now(now())
            .script(script);
        if let Some(limit) = limit {
            builder = builder.limit(limit);
        }
        let world = World { backend: builder.start().unwrap(), root: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(world.codex_home()).unwrap();
        std::fs::create_dir_all(world.work().join(".git")).unwrap();
        world.write_config("");
        world.sign_in();
        world
    }

    /// `CODEX_HOME`.
    pub(crate) fn codex_home(&self) -> PathBuf {
        self.root.path().join("codex-home")
    }

    /// A repository.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// A file of `CODEX_HOME`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.codex_home().join(name)
    }

    /// `auth.json`, as it stands.
    pub(crate) fn auth(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file("auth.json")).unwrap()).unwrap()
    }

    /// Writes the official form of a ChatGPT sign-in.
    pub(crate) fn sign_in(&self) {
        self.write_auth(&self.backend.auth_json(ACCOUNT).unwrap());
    }

    /// Signs in, and puts the key beside the tokens.
    pub(crate) fn store_key(&self) {
        let mut auth = self.backend.auth_json(ACCOUNT).unwrap();
        auth["fallback_openai_api_key"] = KEY.into();
        self.write_auth(&auth);
    }

    fn write_auth(&self, auth: &Value) {
        // Private, or every run would start with a warning about it.
        codex_durable_fs::write_private(&self.file("auth.json"), format!("{auth:#}").as_bytes()).unwrap();
    }

    /// The settings that lead to this world, and these.
    pub(crate) fn write_config(&self, more: &str) {
        let text = format!(
            "chatgpt_base_url = \"{}\"\nmodel = \"gpt-5.5\"\nstream_max_retries = 0\n{more}\n[fallback]\nbase_url = \"{}\"\n",
            self.backend.chatgpt_base_url(),
            self.backend.platform_base_url(),
        );
        std::fs::write(self.file("config.toml"), text).unwrap();
    }

    /// The binary, its environment and nothing else.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.root.path())
            .env("CODEX_HOME", self.codex_home())
            .env("CODEX_REFRESH_TOKEN_URL_OVERRIDE", self.backend.token_url())
            .env("SHELL", "/bin/sh")
            .env("TZ", "UTC")
            .current_dir(self.work())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it with nothing on standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    /// Runs it with this on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Outcome {
        finish(self.command(arguments), stdin.as_ref())
    }
}

/// Feeds a command and waits for its end.
pub(crate) fn finish(mut command: Command, stdin: &[u8]) -> Outcome {
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A program that ends before it has read everything closes its end.
    let _ = input.write_all(stdin);
    drop(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Outcome {
    /// It ended well.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// It ended with this code, and standard error says why in one `error:` line that contains these words.
    #[track_caller]
    pub(crate) fn failure(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let errors: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "one sentence: {self:#?}");
        assert!(errors[0].contains(words), "no {words:?} in {self:#?}");
        for ugly in ["panicked", "Some(", "Err(", "Os {", "{ kind"] {
            assert!(!self.stderr.contains(ugly), "{ugly} in {self:#?}");
        }
        self
    }

    /// The lines of standard output as JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The types of events, items with theirs.
pub(crate) fn types(events: &[Value]) -> Vec<String> {
    let name = |event: &Value| {
        let kind = event["type"].as_str().unwrap();
        match event["item"]["type"].as_str() {
            Some(item) => format!("{kind} {item}"),
            None => kind.to_owned(),
        }
    };
    events.iter().map(name).collect()
}

/// A reply with some of everything.
pub(crate) fn says(text: &str) -> Reply {
    Reply::text(text)
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() && !path.is_symlink() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

/// Unix seconds.
pub(crate) fn now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_secs()).unwrap()
}
