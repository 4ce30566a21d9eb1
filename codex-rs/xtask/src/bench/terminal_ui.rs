//! The terminal UI in a pty, seen from the terminal's side: what a person waits for, and what it costs.

use std::error::Error;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use codex_fake_backend::{Reply, Script};
use codex_xtask::terminal::{Frame, Play, Terminal};

use super::{Figure, Home, mebibytes, median, millis};

/// The empty composer.
const COMPOSER: &str = "Say what is to be done";
const MODEL: &str = "gpt-5.5";
const DELTAS: usize = 20_000;
const LINES: usize = 50_000;
const PART_LINES: usize = 12;
const LAST_WORDS: &str = "Finished.";
/// Words that are added to the answer of 40 lines.
const WORDS: usize = 60;
const OPEN: &str = "\x14";
const PAGE_UP: &str = "\x1b[5~";
const PAGE_DOWN: &str = "\x1b[6~";
const UP: &str = "\x1b[A";
const TO_START: &str = "\x1b[H";
const TO_END: &str = "\x1b[F";
/// So that a frame has ended before the next key, and the keys fall anywhere into the frames of an answer.
const BETWEEN_KEYS: Duration = Duration::from_millis(9);
const IDLE: Duration = Duration::from_secs(30);
/// The slices in which a long answer comes, and the pause between them: some 3 s for all of it.
const SLICE: (usize, Duration) = (8 * 1024, Duration::from_millis(8));

pub(super) fn figures(binary: &Path, runs: usize) -> Result<Vec<Figure>, Box<dyn Error>> {
    let mut figures = Vec::new();
    figures.extend(start(binary, runs)?);
    figures.push(key(binary, runs)?);
    figures.extend(idle(binary)?);
    figures.extend(flood(binary)?);
    figures.extend(transcript(binary)?);
    figures.push(word(binary)?);
    Ok(figures)
}

fn start(binary: &Path, runs: usize) -> Result<[Figure; 2], Box<dyn Error>> {
    let home = home(Script::new())?;
    let (mut composers, mut models) = (Vec::new(), Vec::new());
    for _ in 0..=runs {
        let mut terminal = play(binary, &home).start()?;
        composers.push(terminal.wait_for(COMPOSER)? - terminal.started);
        models.push(terminal.wait_for(MODEL)? - terminal.started);
    }
    Ok([
        Figure { what: "terminal UI: spawn → usable composer", seen: half(&mut composers), bar: "15 ms" },
        Figure { what: "terminal UI: spawn → model's name", seen: half(&mut models), bar: "40 ms" },
    ])
}

fn key(binary: &Path, runs: usize) -> Result<Figure, Box<dyn Error>> {
    let home = home(Script::new())?;
    let mut terminal = ready(play(binary, &home))?;
    let mut times = Vec::new();
    for _ in 0..runs {
        times.extend(there_and_back(&mut terminal)?);
    }
    Ok(Figure { what: "terminal UI: key press → painted", seen: half(&mut times), bar: "2 ms" })
}

/// After one turn.
fn idle(binary: &Path) -> Result<[Figure; 2], Box<dyn Error>> {
    let home = home(Script::new().otherwise(Reply::text(LAST_WORDS)))?;
    let mut terminal = ready(play(binary, &home))?;
    terminal.press("say it\r")?;
    terminal.wait_for(LAST_WORDS)?;
    sleep(Duration::from_secs(2));
    let before = processor_time(&terminal)?;
    sleep(IDLE);
    let used = processor_time(&terminal)?.saturating_sub(before);
    Ok([
        Figure { what: "terminal UI: idle for 30 s, CPU", seen: millis(used), bar: "10 ms" },
        Figure {
            what: "terminal UI: idle, resident memory",
            seen: mebibytes(resident(&terminal)?),
            bar: "25 MiB",
        },
    ])
}

/// 20,000 deltas as fast as they come, then over some seconds while somebody types.
fn flood(binary: &Path) -> Result<[Figure; 3], Box<dyn Error>> {
    let answer = Reply::answer().bulk(DELTAS, "word ").message(&[LAST_WORDS]);
    let flood = home(Script::new().otherwise(answer.clone()))?;
    let mut terminal = ready(play(binary, &flood))?;
    let mark = terminal.mark();
    let asked = terminal.press("go\r")?;
    let (end, ended) = terminal.bytes_after(mark, LAST_WORDS)?;
    let gap = longest_gap(&terminal.frames(mark, end));
    let slow = home(Script::new().otherwise(answer.drip(SLICE.0, SLICE.1)))?;
    let mut typed = type_during(ready(play(binary, &slow))?)?.1;
    Ok([
        Figure {
            what: "terminal UI: 20,000 deltas at once, Enter → last word",
            seen: millis(ended - asked),
            bar: "–",
        },
        Figure { what: "… longest time from one frame to the next", seen: millis(gap), bar: "24 ms" },
        Figure {
            what: "… over 3 s while somebody types: key press → painted, median / 99 % / worst",
            seen: spread(&mut typed),
            bar: "2 / – / 16 ms",
        },
    ])
}

/// An answer of 50,000 lines: while it comes, and in the transcript.
fn transcript(binary: &Path) -> Result<[Figure; 3], Box<dyn Error>> {
    let parts: Vec<String> = (1..=LINES / PART_LINES).map(part).collect();
    let mut deltas: Vec<&str> = parts.iter().map(String::as_str).collect();
    deltas.push(LAST_WORDS);
    let answer = Reply::answer().message(&deltas).delay(Duration::from_millis(1));
    let home = home(Script::new().otherwise(answer))?;
    let (mut terminal, mut typed) = type_during(ready(play(binary, &home))?)?;
    sleep(Duration::from_millis(200));
    let mut after = Vec::new();
    let mut paged = Vec::new();
    for _ in 0..30 {
        after.extend(there_and_back(&mut terminal)?);
    }
    for _ in 0..5 {
        for keys in [OPEN, PAGE_UP, UP, TO_START, PAGE_DOWN, PAGE_DOWN, TO_END, PAGE_UP, PAGE_UP] {
            paged.push(frame_of(&mut terminal, keys)?);
            sleep(Duration::from_millis(20));
        }
        terminal.press("q")?;
        sleep(Duration::from_millis(50));
    }
    Ok([
        Figure {
            what: "terminal UI: 50,000 lines come: key press → painted, median / 99 % / worst",
            seen: spread(&mut typed),
            bar: "2 / – / 16 ms",
        },
        Figure { what: "… when they are there", seen: spread(&mut after), bar: "2 / – / 16 ms" },
        Figure { what: "… paging in the transcript", seen: spread(&mut paged), bar: "– / – / 16 ms" },
    ])
}

/// Of [`PART_LINES`] lines.
fn part(number: usize) -> String {
    format!(
        "## Part {number}\n\nA line of the answer, with *one* more word in it: `{number}`.\nAnd another line of the same \
         paragraph.\n\n- one thing\n- another thing\n\n```rust\nlet part = {number};\n```\n\n"
    )
}

/// One word added to an answer of 40 lines, all of it in sight.
fn word(binary: &Path) -> Result<Figure, Box<dyn Error>> {
    let lines: String = (1..=40).map(|line| format!("Line {line} of the answer.\n")).collect();
    let mut deltas = vec![lines.as_str()];
    deltas.extend(["word "; WORDS]);
    let answer = Reply::answer().message(&deltas).delay(Duration::from_millis(40));
    let home = home(Script::new().otherwise(answer))?;
    let mut terminal = ready(play(binary, &home).size(80, 60))?;
    terminal.press("go\r")?;
    terminal.wait_for("Line 40")?;
    let mark = terminal.frame_after(terminal.mark())?.end;
    sleep(Duration::from_millis(40 * (WORDS as u64 - 10)));
    let mut bytes: Vec<usize> =
        terminal.frames(mark, terminal.mark()).iter().map(|frame| frame.bytes).collect();
    bytes.sort_unstable();
    let most = bytes.last().copied().unwrap_or_default();
    let seen = format!("{} / {most} bytes", bytes.get(bytes.len() / 2).copied().unwrap_or_default());
    Ok(Figure {
        what: "terminal UI: a word more in an answer of 40 lines, median / most",
        seen,
        bar: "400 bytes",
    })
}

/// Asks, and types until the answer has ended. Gives the times from each key to the screen that shows it.
fn type_during(mut terminal: Terminal) -> Result<(Terminal, Vec<Duration>), Box<dyn Error>> {
    let mark = terminal.mark();
    terminal.press("go\r")?;
    terminal.bytes_after(mark, "word")?;
    let mut times = Vec::new();
    while !terminal.wrote_since(mark, LAST_WORDS) {
        times.extend(there_and_back(&mut terminal)?);
    }
    Ok((terminal, times))
}

/// A letter and its erasure, each with the time until the screen shows it.
fn there_and_back(terminal: &mut Terminal) -> Result<[Duration; 2], Box<dyn Error>> {
    let mut times = [Duration::ZERO; 2];
    for (time, (key, shown)) in times.iter_mut().zip([("x", "› x"), ("\x7f", COMPOSER)]) {
        let pressed = terminal.press(key)?;
        *time = terminal.wait_for(shown)? - pressed;
        sleep(BETWEEN_KEYS);
    }
    Ok(times)
}

/// A key, and the time to the end of the next frame.
fn frame_of(terminal: &mut Terminal, keys: &str) -> Result<Duration, Box<dyn Error>> {
    let mark = terminal.mark();
    let pressed = terminal.press(keys)?;
    match terminal.frame_after(mark) {
        Ok(frame) => Ok(frame.at - pressed),
        Err(error) => Err(format!("{error} after {keys:?} on\n{}", terminal.screen().contents()).into()),
    }
}

fn play(binary: &Path, home: &Home) -> Play {
    Play::new(binary, home.path(), home.path()).variable("CODEX_HOME", home.path())
}

/// Started, and nothing more is to come.
fn ready(play: Play) -> Result<Terminal, Box<dyn Error>> {
    let mut terminal = play.start()?;
    terminal.wait_for(MODEL)?;
    sleep(Duration::from_millis(200));
    Ok(terminal)
}

/// Signed in, in a folder that is trusted.
fn home(script: Script) -> Result<Home, Box<dyn Error>> {
    let home = Home::new(script, None)?;
    let file = home.path().join("config.toml");
    let folder = home.path().canonicalize()?;
    let trust = format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", folder.display());
    std::fs::write(&file, std::fs::read_to_string(&file)? + &trust)?;
    Ok(home)
}

fn longest_gap(frames: &[Frame]) -> Duration {
    frames.windows(2).map(|pair| pair[1].at - pair[0].at).max().unwrap_or_default()
}

/// What all its threads have used.
fn processor_time(terminal: &Terminal) -> Result<Duration, Box<dyn Error>> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(terminal.process_folder()?.join("task"))? {
        let told = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += told.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// In KiB.
fn resident(terminal: &Terminal) -> Result<u64, Box<dyn Error>> {
    let told = std::fs::read_to_string(terminal.process_folder()?.join("status"))?;
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn half(times: &mut [Duration]) -> String {
    millis(median(times))
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let of =
        |percent: usize| times.get(times.len() * percent / 100).or(times.last()).copied().unwrap_or_default();
    let number = |time: Duration| time.as_secs_f64() * 1e3;
    format!("{:.2} / {:.2} / {} ({} keys)", number(of(50)), number(of(99)), millis(of(100)), times.len())
}
