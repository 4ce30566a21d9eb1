//! What a flood of a command's output costs the program itself: its own CPU time and memory, without the command's.

use std::error::Error;
use std::path::Path;

use codex_fake_backend::{Reply, Script};
use serde_json::json;

use super::app_server::Session;
use super::{Figure, Home, mebibytes};

/// Bytes of output of one command.
const FLOOD: usize = 10_000_000;
/// What a tick of `/proc/…/stat` is on every Linux.
const TICK_MILLIS: f64 = 10.0;

pub(super) fn figures(binary: &Path, runs: usize) -> Result<[Figure; 2], Box<dyn Error>> {
    let flood = format!("head -c {FLOOD} /dev/zero | tr '\\0' x");
    let turn = |command: &str| {
        let call = Reply::text("Go.").call("exec_command", &json!({"cmd": command, "login": false}));
        [call, Reply::text("Done.")]
    };
    // The first turn pays for what every first turn needs.
    let turns = std::iter::once("true").chain(std::iter::repeat_n(flood.as_str(), runs + 1));
    let home = Home::new(Script::conversation(turns.flat_map(turn)), None)?;
    let params = json!({"cwd": home.path(), "sandbox": "danger-full-access", "approvalPolicy": "never"});
    let (mut session, _) = Session::open(binary, home.path(), &params)?;
    let process = session.process();
    session.turn(None)?;
    let idle = memory(process, "VmRSS:")?;
    session.turn(None)?;
    let peak = memory(process, "VmHWM:")?;
    let before = ticks(process)?;
    for _ in 0..runs {
        session.turn(None)?;
    }
    let spent = (ticks(process)? - before) as f64 * TICK_MILLIS / runs as f64;
    session.close()?;
    Ok([
        Figure {
            what: "10 MB of a command's output: CPU time of the program, mean",
            seen: format!("{spent:.1} ms"),
            bar: "50 ms",
        },
        Figure {
            what: "10 MB of a command's output: peak memory over idle",
            seen: mebibytes(peak.saturating_sub(idle)),
            bar: "4 MiB",
        },
    ])
}

/// A line of `/proc/…/status`, in KiB.
fn memory(process: u32, name: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in /proc/…/status")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

/// CPU time of the process, its threads included, its children not.
fn ticks(process: u32) -> Result<u64, Box<dyn Error>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("/proc/…/stat has no name")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let field = |at: usize| fields.get(at).ok_or("/proc/…/stat is too short");
    Ok(field(11)?.parse::<u64>()? + field(12)?.parse::<u64>()?)
}
