//! What happens while the world changes: credentials renewed, roots swapped, sandboxes side by side.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use codex_sandbox::{Access, Event, Network, Policy, Root, RootKind};

use crate::cases::Mode;
use crate::stage::{CANARY, Stage};
use crate::suite::{Attacker, Table, text};

/// How often a race is run.
const ROUNDS: usize = 40;
/// How often at least the world changes in one; on a busy machine that takes longer.
const CHANGES: usize = 50;

pub(crate) async fn all(attacker: &Attacker, table: &mut Table) {
    for (name, escaped) in [
        ("race: credentials renewed while they are read", renewed(attacker).await),
        ("race: credentials that come while a command runs", come(attacker).await),
        ("race: a root swapped for a link while commands start", swapped(attacker).await),
        ("race: a protected folder let go beside another sandbox", beside(attacker).await),
        ("race: a hidden folder renamed from one command to the next", renamed(attacker).await),
        ("race: a credential file that is linked elsewhere meanwhile", linked(attacker).await),
    ] {
        table.row(name, attacker.mechanism, if escaped.is_none() { "stopped" } else { "ESCAPED" });
        table.failed.extend(escaped.map(|what| format!("{name} ({:?}): {what}", attacker.mechanism)));
    }
}

/// A thread that goes on until it is told to end.
struct Meanwhile {
    stop: Arc<AtomicBool>,
    rounds: Arc<AtomicUsize>,
    thread: std::thread::JoinHandle<()>,
}

impl Meanwhile {
    /// `work` is told which round it is.
    fn new(mut work: impl FnMut(usize) + Send + 'static) -> Self {
        let (stop, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stopped, counted) = (stop.clone(), rounds.clone());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                work(counted.load(Ordering::Relaxed));
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Meanwhile { stop, rounds, thread }
    }

    fn rounds(&self) -> usize {
        self.rounds.load(Ordering::Relaxed)
    }

    fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.rounds.load(Ordering::Relaxed)
    }
}

/// Every refresh of a token writes a new file and renames it over the old one: what was hidden by a mount over the file
/// would show then.
async fn renewed(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let (folder, enough) = (stage.path("home/.codex"), stage.path("ws/src/enough"));
    let refresh = Meanwhile::new(move |round| {
        fs::write(folder.join("auth.json.new"), CANARY).unwrap();
        fs::rename(folder.join("auth.json.new"), folder.join("auth.json")).unwrap();
        if round == CHANGES {
            fs::write(&enough, "").unwrap();
        }
    });
    let script = "i=0; while [ $i -lt 2000 ] || [ ! -e src/enough ]; do { read -r line < $HIDDEN/auth.json; } 2>/dev/null && echo \"$line\"; \
                  i=$((i+1)); done; cat $HIDDEN/auth.json; echo DONE";
    let output = attacker.run(&stage, stage.policy(Mode::Workspace), script).await;
    let rounds = refresh.end();
    if output.contains(CANARY) {
        Some(format!("read after {rounds} renewals"))
    } else if !output.contains("DONE") {
        Some(format!("the race was not run: {rounds} renewals, {output}"))
    } else {
        None
    }
}

/// The first sign-in may come while a command already runs.
async fn come(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let hidden = ["late", "later/deep", "ws/src/inside", "scratch/sub/inside", "dangling"];
    symlink(stage.path("elsewhere"), stage.path("dangling")).unwrap();
    let mut policy = stage.policy(Mode::Workspace);
    policy.hidden.extend(hidden.map(|name| stage.path(name)));
    let script = "mkdir -p src/inside $SCRATCH/sub/inside; echo READY; while [ ! -e src/go ]; do :; done; \
                  for f in late later/deep ws/src/inside scratch/sub/inside dangling elsewhere; do \
                  cat $BASE/$f/auth.json; done; echo DONE";
    let mut output = String::new();
    let mut long = match attacker.sandbox.spawn(&attacker.spec(&stage, policy, script)) {
        Ok(running) => running,
        Err(error) => return Some(error.to_string()),
    };
    let mut signed_in = false;
    while let Ok(Event::Output(piece)) = long.next().await {
        output.push_str(&String::from_utf8_lossy(&piece));
        if output.contains("READY") && !signed_in {
            signed_in = true;
            for name in hidden.iter().filter(|name| **name != "dangling").chain(&["elsewhere"]) {
                fs::create_dir_all(stage.path(name)).unwrap();
                fs::write(stage.path(name).join("auth.json"), CANARY).unwrap();
            }
            fs::write(stage.path("ws/src/go"), "").unwrap();
        }
    }
    let kept = hidden.iter().all(|name| text(&stage.path(name).join("auth.json")) == CANARY);
    if output.contains(CANARY) {
        return Some(output);
    }
    (!kept || !output.contains("DONE")).then(|| format!("the race was not run, or lost files: {output}"))
}

/// A root below a folder that another sandbox may write can be put in the place of another at any moment.
async fn swapped(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let root = stage.path("scratch/sub/root");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("file"), "before").unwrap();
    let (real, link, at) = (stage.path("scratch/sub/real"), stage.path("scratch/sub/link"), root.clone());
    symlink(stage.path("outside"), &link).unwrap();
    let roots = vec![Root { path: root.clone(), kind: RootKind::Scratch }];
    let policy =
        Policy { access: Access::WorkspaceWrite { roots }, network: Network::Closed, hidden: Vec::new() };
    let swap = Meanwhile::new(move |_| {
        let _ = fs::rename(&at, &real);
        let _ = fs::rename(&link, &at);
        let _ = fs::rename(&at, &link);
        let _ = fs::rename(&real, &at);
    });
    let (mut tried, mut started) = (0, 0);
    while tried < ROUNDS || (swap.rounds() < CHANGES && tried < 10 * ROUNDS) {
        tried += 1;
        let script = format!("echo wrong > {0}/file; echo wrong > $OUT/file; echo DONE", root.display());
        let output = attacker.run(&stage, policy.clone(), &script).await;
        started += usize::from(output.contains("DONE"));
    }
    let rounds = swap.end();
    if text(&stage.path("outside/file")) != "before" {
        Some(format!("written outside, after {rounds} swaps"))
    } else {
        // How many start depends on luck: a root that is not where it was is refused.
        (rounds < CHANGES).then(|| format!("the race was not run: {rounds} swaps, {started} commands"))
    }
}

/// The mount point that one command needed is not taken away under another that still runs.
async fn beside(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let script = "echo READY; while [ ! -e src/go ]; do :; done; mkdir .codex; echo wrong > .codex/config.toml; echo DONE";
    let spec = attacker.spec(&stage, stage.policy(Mode::Workspace), script);
    let mut long = match attacker.sandbox.spawn(&spec) {
        Ok(running) => running,
        Err(error) => return Some(error.to_string()),
    };
    let mut output = String::new();
    while !output.contains("READY") {
        match long.next().await {
            Ok(Event::Output(piece)) => output.push_str(&String::from_utf8_lossy(&piece)),
            Ok(Event::Ended(_)) | Err(_) => return Some(format!("the first command ended: {output}")),
        }
    }
    for _ in 0..3 {
        attacker.run(&stage, stage.policy(Mode::Workspace), "true").await;
    }
    fs::write(stage.path("ws/src/go"), "").unwrap();
    while let Ok(Event::Output(piece)) = long.next().await {
        output.push_str(&String::from_utf8_lossy(&piece));
    }
    drop(long);
    // Another command starts, and what killed ones left goes with it.
    attacker.run(&stage, stage.policy(Mode::Workspace), "true").await;
    if stage.path("ws/.codex").exists() {
        Some(format!("settings were made, or a mount point stayed: {output}"))
    } else {
        (!output.contains("DONE")).then(|| format!("the first command did not come to its end: {output}"))
    }
}

/// What one command moves, the next one must not find open.
async fn renamed(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let policy = || stage.policy(Mode::Workspace);
    let scripts = [
        "mv inner other; mv inner src/other; mv $SCRATCH/deep $SCRATCH/sub/deep",
        "cat other/creds/auth.json src/other/creds/auth.json; echo wrong > $SCRATCH/sub/deep/nest/ws2/.git/config",
    ];
    for script in scripts {
        let output = attacker.run(&stage, policy(), script).await;
        if output.contains(CANARY) {
            return Some(output);
        }
    }
    (!stage.path("ws/inner/creds").exists()
        || text(&stage.path("scratch/deep/nest/ws2/.git/config")) != "before")
        .then(|| "folders were renamed".to_owned())
}

/// A person who moves their credentials elsewhere, and links to them, while a thread is open.
async fn linked(attacker: &Attacker) -> Option<String> {
    let stage = Stage::new();
    let policy = stage.policy(Mode::Workspace);
    let script = "cat $OUT/keys/* $SCRATCH/sub/keys/*; echo DONE";
    for (name, folder) in [("auth.json", "outside/keys"), ("fallback-keys.json", "scratch/sub/keys")] {
        attacker.run(&stage, policy.clone(), "true").await;
        let (link, kept) = (stage.path("home/.codex").join(name), stage.path(folder).join(name));
        fs::create_dir(stage.path(folder)).unwrap();
        fs::write(&kept, CANARY).unwrap();
        let _ = fs::remove_file(&link);
        symlink(&kept, &link).unwrap();
        let output = attacker.run(&stage, policy.clone(), script).await;
        if output.contains(CANARY) || !output.contains("DONE") {
            return Some(format!("{name}: {output}"));
        }
    }
    None
}
