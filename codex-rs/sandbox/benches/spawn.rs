//! What walls cost: `true` started behind each mechanism of this machine and without walls, by turns; medians and the fastest.
//! `cargo xtask bench` prints it; the first argument that is a number says how many samples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_sandbox::{
    Choice, CommandSpec, Event, Mechanism, Network, Policy, Sandbox, SandboxOptions, Stdin, Stdio, Workspace,
};

const RUNS: usize = 100;

fn main() {
    let runs = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for made in ["work/.git", "home/.codex"] {
        std::fs::create_dir_all(folder.path().join(made)).unwrap();
    }
    let workspace = Workspace { writable_roots: Vec::new(), scratch: vec!["/tmp".into()] };
    let hidden = [folder.path().join("home/.codex")];
    let work = folder.path().join("work");
    let walled = Policy::workspace_write(&work, &workspace, Network::Closed, &hidden);
    for mechanism in [Mechanism::Bubblewrap, Mechanism::Landlock, Mechanism::Seatbelt] {
        let sandbox = Sandbox::new(SandboxOptions {
            search_path: ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).into(),
            temporary: std::env::temp_dir(),
            mechanism: Choice::Only(mechanism),
        });
        if sandbox.mechanism().is_err() {
            println!("{mechanism}\tnot here");
            continue;
        }
        let (mut plain, mut behind) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            plain.push(runtime.block_on(time(&sandbox, &work, Policy::full())));
            behind.push(runtime.block_on(time(&sandbox, &work, walled.clone())));
        }
        plain.sort_unstable();
        behind.sort_unstable();
        let millis = |times: &[Duration], index: usize| times[index].as_secs_f64() * 1e3;
        let told = |times: &[Duration]| (millis(times, times.len() / 2), millis(times, 0));
        let ((plain, fastest), (behind, fastest_behind)) = (told(&plain), told(&behind));
        println!("{mechanism}\t{plain:.2}\t{behind:.2}\t{fastest:.2}\t{fastest_behind:.2}");
    }
}

async fn time(sandbox: &Sandbox, folder: &Path, policy: Policy) -> Duration {
    let spec = CommandSpec {
        argv: vec!["/bin/true".into()],
        cwd: folder.to_path_buf(),
        environment: Vec::new(),
        policy: Arc::new(policy),
        stdio: Stdio::Pipe(Stdin::Empty),
    };
    let begun = Instant::now();
    let mut running = sandbox.spawn(&spec).unwrap();
    loop {
        match running.next().await.unwrap() {
            Event::Output(_) => {}
            Event::Ended(_) => return begun.elapsed(),
        }
    }
}
