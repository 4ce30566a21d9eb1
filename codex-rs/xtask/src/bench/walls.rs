//! What walls cost a command: measured inside one process by a bench of `codex-sandbox`, whose lines are read here.

use std::error::Error;
use std::process::Command;

use super::Figure;

pub(super) fn figures(runs: usize) -> Result<Vec<Figure>, Box<dyn Error>> {
    let measured = Command::new(env!("CARGO"))
        .args(["bench", "--quiet", "--package", "codex-sandbox", "--bench", "spawn", "--"])
        .arg(runs.to_string())
        .output()?;
    if !measured.status.success() {
        return Err(String::from_utf8_lossy(&measured.stderr).into());
    }
    let text = String::from_utf8(measured.stdout)?;
    Ok(text.lines().filter_map(figure).collect())
}

fn figure(line: &str) -> Option<Figure> {
    let mut words = line.split('\t');
    let what = match words.next()? {
        "bubblewrap" => "`true` behind bubblewrap / plain: what the walls add",
        "Landlock" => "`true` behind Landlock / plain: what the walls add",
        _ => return None,
    };
    let mut number = || words.next()?.parse::<f64>().ok();
    let seen = match (number(), number(), number(), number()) {
        (Some(plain), Some(behind), Some(fastest), Some(fastest_behind)) => {
            let (added, least) = (behind - plain, fastest_behind - fastest);
            format!("{behind:.2} / {plain:.2} ms: {added:.2} ms; the fastest: {least:.2} ms")
        }
        (_, _, _, _) => "not here".to_owned(),
    };
    Some(Figure { what, seen, bar: "8 ms" })
}
