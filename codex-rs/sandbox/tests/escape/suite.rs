//! Who runs the suite, how one attempt is made, and the table.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use codex_sandbox::{Choice, CommandSpec, Event, Mechanism, Policy, Sandbox, SandboxOptions, Stdin, Stdio};
use tokio::time::timeout;

use crate::cases::{ALLOWED, CASES, Case, Control, Mode};
use crate::stage::{CANARY, Stage};
use crate::{helper, races};

/// Nobody in particular.
const OTHER_USER: u32 = 65534;
/// The longest that an attempt may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);
const MECHANISMS: [Mechanism; 2] = [Mechanism::Bubblewrap, Mechanism::Landlock];

pub(crate) fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("helper") => {
            helper::run(arguments.collect());
            return ExitCode::SUCCESS;
        }
        Some("--list") => {
            println!("escapes: test");
            return ExitCode::SUCCESS;
        }
        // Somebody looks for another test.
        Some(filter) if !filter.starts_with('-') && !"escapes".contains(filter) => return ExitCode::SUCCESS,
        Some(_) | None => {}
    }
    if rustix::process::geteuid().is_root() && std::env::var_os("ESCAPE_AS_ROOT").is_none() {
        return as_other_user();
    }
    run()
}

/// The suite again, from a place and as a user that have nothing to do with root.
fn as_other_user() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("escape");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let status = Command::new(program)
        .args(std::env::args().skip(1))
        .env("TMPDIR", "/tmp")
        .current_dir("/")
        .uid(OTHER_USER)
        .gid(OTHER_USER)
        .status()
        .unwrap();
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!("escapes, as user {}", rustix::process::geteuid().as_raw());
        let mut table = Table::default();
        let working: Vec<Attacker> = MECHANISMS.into_iter().filter_map(|one| table.attacker(one)).collect();
        if working.is_empty() {
            table.failed.push("no mechanism works here, so nothing was tried".to_owned());
        }
        let plain = Attacker::new(Choice::Automatic);
        for case in CASES {
            table.controlled(case, &plain).await;
            for attacker in &working {
                table.attempted(case, attacker).await;
            }
        }
        for attacker in &working {
            for (name, mode, script) in ALLOWED {
                let told = attacker.attempt(Some(*mode), script).await;
                let works = told.output.contains("WORKS");
                table.row(name, attacker.mechanism, if works { "works" } else { "DOES NOT WORK" });
                if !works {
                    table.failed.push(format!("{name}: {told:?}"));
                }
            }
            races::all(attacker, &mut table).await;
        }
        table.end()
    })
}

/// One mechanism, and what it is tried with.
pub(crate) struct Attacker {
    pub(crate) sandbox: Sandbox,
    pub(crate) mechanism: Option<Mechanism>,
    helper: PathBuf,
}

/// What came of one attempt.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) output: String,
    damage: Option<String>,
}

impl Told {
    fn escaped(&self) -> bool {
        self.output.contains("ESCAPED") || self.output.contains(CANARY) || self.damage.is_some()
    }
}

impl Attacker {
    fn new(choice: Choice) -> Self {
        let sandbox = Sandbox::new(SandboxOptions {
            search_path: ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).into(),
            temporary: std::env::temp_dir(),
            mechanism: choice,
        });
        Attacker { sandbox, mechanism: None, helper: std::env::current_exe().unwrap() }
    }

    /// One attempt on a stage of its own; without walls where there is no mode.
    async fn attempt(&self, mode: Option<Mode>, script: &str) -> Told {
        let mut stage = Stage::new();
        let policy = mode.map_or_else(Policy::full, |mode| stage.policy(mode));
        let output = self.run(&stage, policy, script).await;
        Told { output, damage: stage.damage() }
    }

    /// Runs a script on the stage, and gives what it printed.
    pub(crate) async fn run(&self, stage: &Stage, policy: Policy, script: &str) -> String {
        let spec = self.spec(stage, policy, script);
        let mut running = match self.sandbox.spawn(&spec) {
            Ok(running) => running,
            Err(error) => return format!("not started: {error}"),
        };
        let mut output = Vec::new();
        loop {
            match timeout(PATIENCE, running.next()).await {
                Ok(Ok(Event::Output(piece))) => output.extend(piece),
                Ok(Ok(Event::Ended(_))) => return String::from_utf8_lossy(&output).into_owned(),
                Ok(Err(error)) => return format!("ESCAPED or broken: {error}"),
                Err(_) => return format!("hung after {}", String::from_utf8_lossy(&output)),
            }
        }
    }

    pub(crate) fn spec(&self, stage: &Stage, policy: Policy, script: &str) -> CommandSpec {
        CommandSpec {
            argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
            cwd: stage.path("ws"),
            environment: stage.environment(&self.helper),
            policy: Arc::new(policy),
            stdio: Stdio::Pipe(Stdin::Empty),
        }
    }
}

/// The table: case, mechanism, outcome.
#[derive(Default)]
pub(crate) struct Table {
    rows: usize,
    pub(crate) failed: Vec<String>,
}

impl Table {
    /// `None` where the mechanism does not work; the table says why.
    fn attacker(&mut self, mechanism: Mechanism) -> Option<Attacker> {
        let attacker = Attacker { mechanism: Some(mechanism), ..Attacker::new(Choice::Only(mechanism)) };
        match attacker.sandbox.mechanism() {
            Ok(_) => Some(attacker),
            Err(error) => {
                self.row("all", Some(mechanism), &format!("not run: {error}"));
                None
            }
        }
    }

    async fn controlled(&mut self, case: &Case, plain: &Attacker) {
        match case.control {
            Control::NotTried => {}
            Control::GetsThrough => {
                let told = plain.attempt(None, case.script).await;
                if !told.escaped() {
                    self.row(case.name, None, "DOES NOT GET THROUGH WITHOUT WALLS EITHER");
                    self.failed.push(format!("{} proves nothing: {told:?}", case.name));
                }
            }
        }
    }

    async fn attempted(&mut self, case: &Case, attacker: &Attacker) {
        let told = attacker.attempt(Some(case.mode), case.script).await;
        let known = attacker.mechanism.is_some_and(|mechanism| case.open_under.contains(&mechanism));
        let ran = !told.output.starts_with("not started") && !told.output.starts_with("hung");
        let outcome = match (ran, told.escaped(), known) {
            (true, false, false) => "stopped",
            (true, false, true) => "STOPPED, but docs/security.md says that it is open",
            (true, true, true) => "open, as docs/security.md says",
            (true, true, false) => "ESCAPED",
            (false, _, _) => "NOT RUN",
        };
        self.row(case.name, attacker.mechanism, outcome);
        if !ran || told.escaped() != known {
            self.failed.push(format!("{} ({:?}): {told:?}", case.name, attacker.mechanism));
        }
    }

    pub(crate) fn row(&mut self, name: &str, mechanism: Option<Mechanism>, outcome: &str) {
        self.rows += 1;
        let mechanism = mechanism.map_or("no walls".to_owned(), |mechanism| mechanism.to_string());
        println!("{name:<64} {mechanism:<12} {outcome}");
    }

    fn end(self) -> ExitCode {
        println!("{} attacks, {} rows, {} failures", CASES.len(), self.rows, self.failed.len());
        for failure in &self.failed {
            println!("FAILED: {failure}");
        }
        if self.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Whether this is a path of the stage; for the races.
pub(crate) fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
