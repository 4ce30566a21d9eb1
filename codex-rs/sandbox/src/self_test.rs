//! The proof that walls hold, made once per process and mechanism before the first command goes behind them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio as ChildStdio};
use std::sync::Arc;

use crate::walls::{Launch, Mechanism};
use crate::{Access, CommandSpec, Network, Policy, Root, RootKind, SandboxError, Stdin, Stdio};

/// Builtins of the shell only, so that nothing but the shell has to be there. Prints a line for each thing that went wrong.
const SCRIPT: &str = r#"
if { read -r line < "$HIDDEN/canary"; } 2>/dev/null; then echo 'a hidden file could be read'; fi
if { echo wrong > "$HIDDEN/canary"; } 2>/dev/null; then echo 'a hidden file could be written'; fi
if { echo wrong > "$OUTSIDE/file"; } 2>/dev/null; then echo 'a file outside could be written'; fi
if { echo wrong > "$ROOT/.git/file"; } 2>/dev/null; then echo 'a protected file could be written'; fi
if { echo right > "$ROOT/file"; } 2>/dev/null; then :; else echo 'a file in the workspace could not be written'; fi
"#;

/// On Linux the kernel says itself whether the filter, which refuses sockets, is in force. Its settings are only opened.
const FILTER: &str = r#"
while read -r name value; do
    case "$name" in
        Seccomp:) seccomp=$value ;;
        NoNewPrivs:) privileges=$value ;;
    esac
done < /proc/self/status
if { printf '' >> /proc/sys/kernel/core_pattern; } 2>/dev/null; then echo 'settings of the kernel could be changed'; fi
[ "$seccomp" = 2 ] || echo 'the system call filter is not in force'
[ "$privileges" = 1 ] || echo 'programs could gain privileges'
"#;

/// What the shell prints when it came to the end.
const FINISHED: &str = "finished";

/// Tries what must be refused, and what must not. The text is why the mechanism cannot be used.
pub(crate) fn run(
    mechanism: Mechanism,
    temporary: &Path,
    launch: impl Fn(&CommandSpec) -> Result<Launch, SandboxError>,
) -> Result<(), String> {
    let folder = tempfile::Builder::new().prefix("codex-walls-").tempdir_in(temporary);
    let folder = folder.map_err(|error| format!("{} cannot be written: {error}", temporary.display()))?;
    let place =
        Place::make(folder.path()).map_err(|error| format!("its self-test cannot be prepared: {error}"))?;
    let script = match mechanism {
        Mechanism::Bubblewrap | Mechanism::Landlock => format!("{SCRIPT}{FILTER}echo {FINISHED}\n"),
        Mechanism::Seatbelt => format!("{SCRIPT}echo {FINISHED}\n"),
    };
    let launch = launch(&place.spec(script)).map_err(|error| error.to_string())?;
    let output = output(launch).map_err(|error| format!("it cannot be started: {error}"))?;
    let found = place.look();
    let complaints: Vec<&str> = output.lines().filter(|line| *line != FINISHED).collect();
    match (complaints.as_slice(), found) {
        ([], None) if output.lines().any(|line| line == FINISHED) => Ok(()),
        ([], Some(found)) => Err(found.to_owned()),
        ([], None) => Err("its self-test did not come to its end".to_owned()),
        (complaints, _) => Err(complaints.join("; ")),
    }
}

struct Place {
    root: std::path::PathBuf,
    hidden: std::path::PathBuf,
    outside: std::path::PathBuf,
}

impl Place {
    #[allow(
        clippy::disallowed_methods,
        reason = "files that are made to be attacked, in a folder that goes at once"
    )]
    fn make(folder: &Path) -> std::io::Result<Self> {
        let folder = folder.canonicalize()?;
        let place = Place {
            root: folder.join("root"),
            hidden: folder.join("hidden"),
            outside: folder.join("outside"),
        };
        for made in [&place.root, &place.hidden, &place.outside, &place.root.join(".git")] {
            fs::create_dir(made)?;
        }
        fs::write(place.root.join("file"), "before\n")?;
        fs::write(place.hidden.join("canary"), "before\n")?;
        fs::write(place.outside.join("file"), "before\n")?;
        Ok(place)
    }

    fn spec(&self, script: String) -> CommandSpec {
        let named = [("ROOT", &self.root), ("HIDDEN", &self.hidden), ("OUTSIDE", &self.outside)];
        let roots = vec![Root { path: self.root.clone(), kind: RootKind::Workspace }];
        CommandSpec {
            argv: vec!["/bin/sh".into(), "-c".into(), script],
            cwd: self.root.clone(),
            environment: named.map(|(name, path)| (name.to_owned(), path.display().to_string())).into(),
            policy: Arc::new(Policy {
                access: Access::WorkspaceWrite { roots },
                network: Network::Closed,
                hidden: vec![self.hidden.clone()],
            }),
            stdio: Stdio::Pipe(Stdin::Empty),
        }
    }

    /// What really happened, whatever the command says.
    fn look(&self) -> Option<&'static str> {
        let holds =
            |path: std::path::PathBuf, text: &str| fs::read_to_string(path).is_ok_and(|found| found == text);
        if !holds(self.root.join("file"), "right\n") {
            Some("what was written in the workspace did not arrive")
        } else if !holds(self.hidden.join("canary"), "before\n") {
            Some("a hidden file was written")
        } else if !holds(self.outside.join("file"), "before\n") || self.root.join(".git/file").exists() {
            Some("a file was written that must not be")
        } else {
            None
        }
    }
}

fn output(launch: Launch) -> std::io::Result<String> {
    let Launch { program, arguments, cwd, environment, in_child, leader: _, kept } = launch;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(cwd).env_clear().envs(environment).stdin(ChildStdio::null());
    crate::walls::confine(&mut command, in_child);
    let output = command.output()?;
    drop(kept);
    let text = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&text).into_owned())
}
