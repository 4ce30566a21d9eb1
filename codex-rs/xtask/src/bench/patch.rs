//! What `apply_patch` costs on a long file, seen from the backend: from the request that is answered with the patch to the
//! next one, which carries its outcome.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use codex_fake_backend::{Recorded, Reply, Script};

use super::process::{Run, measure};
use super::{Figure, Home, median, millis};

const LINES: usize = 50_000;

pub(super) fn figure(binary: &Path, runs: usize) -> Result<Figure, Box<dyn Error>> {
    let work = tempfile::tempdir()?;
    let text: String =
        (0..LINES).map(|line| format!("line {line} of a long file, as long as usual\n")).collect();
    std::fs::write(work.path().join("long.txt"), &text)?;
    // The middle line stays, so that the same patch fits in each run; the file grows by a line.
    let middle = format!("line {} of a long file, as long as usual", LINES / 2);
    let patch = format!(
        "*** Begin Patch\n*** Update File: long.txt\n@@\n {middle}\n+and one line more\n*** End Patch\n"
    );
    let answer = move |request: &Recorded| match is_outcome(request) {
        true => Reply::text("Done."),
        false => Reply::answer().custom_call("apply_patch", &patch),
    };
    let home = Home::new(Script::new().respond(answer), None)?;
    let folder = work.path().to_str().ok_or("a temporary folder has a plain name")?;
    let run = Run::new(binary, home.path()).args([
        "exec",
        "--skip-git-repo-check",
        "-C",
        folder,
        "-s",
        "workspace-write",
        "add a line",
    ]);
    measure(&run, runs)?;
    let requests = home.backend.model_requests();
    let mut times: Vec<Duration> = requests
        .windows(2)
        .filter(|pair| !is_outcome(&pair[0]) && is_outcome(&pair[1]))
        .map(|pair| pair[1].at.duration_since(pair[0].at))
        .collect();
    let grown = std::fs::read_to_string(work.path().join("long.txt"))?.lines().count();
    if times.len() < runs || grown != LINES + times.len() {
        return Err(format!("{} patches of {runs} were done, {grown} lines", times.len()).into());
    }
    let seen = millis(median(&mut times));
    Ok(Figure {
        what: "`apply_patch` on 50,000 lines, request → request with its outcome",
        seen,
        bar: "10 ms",
    })
}

/// Whether the last thing that a request says is what came of a patch.
fn is_outcome(request: &Recorded) -> bool {
    request.input().last().is_some_and(|item| item["type"] == "custom_tool_call_output")
}
