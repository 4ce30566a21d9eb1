//! A terminal with the binary in it: a pty, a shell that started it, an emulator that shows it, and a record of every byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(dead_code, reason = "each test uses its part")]

use std::fmt::{Debug, Write as _};
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::fragments::Fragments;

/// How long anything is waited for before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than the program waits by itself before it takes keys for an answer, or an escape for a key.
const QUIET: Duration = Duration::from_millis(350);
/// What a shell does around the program: it gives it a job of its own, says how it ended or that it was stopped, and
/// obeys what is typed then. It is the leader of the session: were that the program, its end would put the terminal right.
const STAGE: &str = r#"set -m
saved=$(stty -g)
modes() { stty "$saved"; }
"$@"
while printf '[stage %s]' "$?"; read -r order; do eval "$order"; done"#;

/// The terminal.
pub(crate) struct Terminal {
    shared: Arc<Shared>,
    /// None when the terminal is gone.
    line: Option<Line>,
    shell: Box<dyn Child + Send + Sync>,
    /// The program's process group.
    program: Option<Pid>,
    modes: String,
    /// What the shell has said so far that was asked for.
    stages: usize,
}

struct Line {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    /// Holds the terminal too.
    reading: JoinHandle<()>,
}

struct Shared {
    seen: Mutex<Seen>,
    news: Condvar,
}

/// What the terminal was told so far.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    secrets: Fragments,
    /// Pieces of secrets that stood on the screen at any time.
    leaks: Vec<String>,
    /// Whether the window is to be closed after the next thing that is read.
    closes: bool,
}

impl Terminal {
    /// Runs a command in a terminal of 80 columns and 24 rows. No piece of these secrets may ever be seen on it.
    pub(crate) fn open(command: &Command, secrets: &[&str]) -> Self {
        Self::sized(command, secrets, (80, 24))
    }

    /// The same, with so many columns and rows.
    pub(crate) fn sized(command: &Command, secrets: &[&str], size: (u16, u16)) -> Self {
        let mut terminal = Self::start(command, secrets, size);
        terminal.wait("the first frame", |screen| screen.bracketed_paste());
        terminal.program = terminal.line().master.process_group_leader().and_then(Pid::from_raw);
        terminal
    }

    /// Runs a command that need not draw anything.
    pub(crate) fn start(command: &Command, secrets: &[&str], (columns, rows): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let modes = modes(pair.master.as_ref());
        let shell = pair.slave.spawn_command(on_stage(command)).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let seen = Seen {
            parser: emulator(columns, rows),
            bytes: Vec::new(),
            secrets: Fragments::of(secrets),
            leaks: Vec::new(),
            closes: false,
        };
        let shared = Arc::new(Shared { seen: Mutex::new(seen), news: Condvar::new() });
        let told = Arc::clone(&shared);
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            // A closed terminal is an error on Linux and an end elsewhere.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let mut seen = told.seen.lock().unwrap();
                seen.take_in(&buffer[..count]);
                told.news.notify_all();
                if seen.closes {
                    return;
                }
            }
        });
        let line = Line { writer: pair.master.take_writer().unwrap(), master: pair.master, reading };
        Terminal { shared, line: Some(line), shell, program: None, modes, stages: 0 }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        let writer = &mut self.line_mut().writer;
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Types one key after the other, each when the one before was drawn.
    pub(crate) fn keys_one_by_one(&mut self, keys: &str) {
        for key in keys.chars() {
            let before = self.written();
            self.keys(&key.to_string());
            self.wait_for_more_than(before);
        }
    }

    /// Types, then Enter when all of it was taken in: an Enter amid keys is a line of a paste.
    pub(crate) fn say(&mut self, keys: &str) {
        let before = self.written();
        self.keys(keys);
        self.wait_for_more_than(before);
        self.keys("\r");
    }

    /// Pastes, as terminals with bracketed paste do.
    pub(crate) fn paste(&mut self, text: &str) {
        self.keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Waits until nothing was written for a while: for what shows itself by nothing.
    pub(crate) fn pause(&self) {
        let mut seen = self.seen();
        loop {
            let before = seen.bytes.len();
            seen = self.shared.news.wait_timeout(seen, QUIET).unwrap().0;
            if seen.bytes.len() == before {
                return;
            }
        }
    }

    /// Makes the terminal another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let mut seen = self.shared.seen.lock().unwrap();
        let below = (seen.parser.screen().cursor_position().0 + 1).saturating_sub(rows);
        if below > 0 {
            // Terminals keep the cursor's row in sight; the emulator would cut it off.
            seen.parser.process(format!("\x1b[{below}S\x1b[{below}A").as_bytes());
        }
        seen.parser.screen_mut().set_size(nonzero(rows), nonzero(columns));
        drop(seen);
        self.line().master.resize(pty_size(columns, rows)).unwrap();
    }

    /// Waits until these words stand on the screen, wherever its rows break them.
    pub(crate) fn wait_for(&self, words: &str) {
        self.wait(words, |screen| shows(screen, words));
    }

    /// Waits until these words stand on the screen no more.
    pub(crate) fn wait_gone(&self, words: &str) {
        self.wait(&format!("no {words}"), |screen| !shows(screen, words));
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        self.wait_until(what, |seen| is(seen.parser.screen()));
    }

    /// Something about the screen.
    pub(crate) fn look<T>(&self, at: impl Fn(&vt100::Screen) -> T) -> T {
        at(self.seen().parser.screen())
    }

    /// The screen's rows.
    pub(crate) fn screen(&self) -> String {
        self.seen().parser.screen().contents()
    }

    /// Scrollback and screen, from the first row on.
    pub(crate) fn everything(&self) -> String {
        let mut seen = self.seen();
        let screen = seen.parser.screen_mut();
        let columns = screen.size().1.get();
        let mut all = String::new();
        screen.set_scrollback(usize::MAX);
        while screen.scrollback() > 0 {
            let row = screen.rows(0, columns).next().unwrap_or_default();
            let _ = writeln!(all, "{}", row.trim_end());
            screen.set_scrollback(screen.scrollback() - 1);
        }
        all + &screen.contents()
    }

    /// Every byte so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen().bytes.clone()
    }

    /// How often these bytes were written so far.
    pub(crate) fn count(&self, sequence: &str) -> usize {
        count(&self.seen().bytes, sequence)
    }

    /// Waits until these bytes were written more often than that.
    #[track_caller]
    pub(crate) fn wait_for_one_more(&self, sequence: &str, before: usize) {
        self.wait_until("the bytes", |seen| count(&seen.bytes, sequence) > before);
    }

    /// Pieces of the secrets that stood on the screen at any time, or stand among the bytes.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let seen = self.seen();
        let mut leaks = seen.leaks.clone();
        leaks.extend(seen.secrets.in_bytes(&seen.bytes));
        leaks.extend(seen.secrets.in_bytes(&visible(&seen.bytes)));
        leaks
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(self.program(), signal).unwrap();
    }

    /// Waits until the shell has the terminal again, and says why: an exit code, or 128 and a signal's number.
    #[track_caller]
    pub(crate) fn wait_for_shell(&mut self) -> i32 {
        let place = self.stages;
        self.stages += 1;
        self.wait_until("the shell", |seen| stage(&seen.bytes, place).is_some());
        let status = stage(&self.bytes(), place).unwrap();
        if ![Signal::STOP, Signal::TSTP, Signal::TTIN].iter().any(|signal| status == 128 + signal.as_raw()) {
            // It has ended, and its number may soon be somebody else's.
            self.program = None;
        }
        status
    }

    /// Types an order for the shell; `fg` continues the program, `modes` puts the terminal's modes right.
    pub(crate) fn order(&mut self, order: &str) {
        self.keys(&format!("{order}\n"));
    }

    /// Whether the terminal is as the program found it. What is not, in words.
    pub(crate) fn strange(&self) -> Vec<String> {
        let now = modes(self.line().master.as_ref());
        let seen = self.seen();
        let screen = seen.parser.screen();
        let mut strange = Vec::new();
        let mut check = |is_strange: bool, what: &str| {
            if is_strange {
                strange.push(what.to_owned());
            }
        };
        check(now != self.modes, "the modes are others");
        check(screen.hide_cursor(), "the cursor is hidden");
        check(screen.bracketed_paste(), "bracketed paste is on");
        check(screen.alternate_screen(), "the alternate screen is shown");
        check(screen.application_cursor() || screen.application_keypad(), "keys are others");
        check(screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None, "the mouse is taken");
        check(screen.fgcolor() != vt100::Color::Default || screen.inverse(), "the pen is coloured");
        drop(seen);
        for (taken, given) in
            [("\x1b[>1u", "\x1b[<1u"), ("\x1b[22;0t", "\x1b[23;0t"), ("\x1b[?2026h", "\x1b[?2026l")]
        {
            // More given than taken is harmless: an empty pile stays empty.
            check(self.count(taken) > self.count(given), &format!("{} is not undone", taken.escape_debug()));
        }
        let bytes = self.bytes();
        let last = |sequence: &str| bytes.windows(sequence.len()).rposition(|at| at == sequence.as_bytes());
        check(last("\x1b[?1004h") > last("\x1b[?1004l"), "the terminal still tells of its focus");
        strange
    }

    /// Whether the terminal is raw.
    pub(crate) fn is_raw(&self) -> bool {
        modes(self.line().master.as_ref()) != self.modes
    }

    /// Closes the terminal's window: whoever is in it is hung up.
    pub(crate) fn close_window(&mut self) {
        self.seen().closes = true;
        // Something to read, so that the reader lets go.
        self.keys("x");
        let line = self.line.take().unwrap();
        line.reading.join().unwrap();
    }

    /// The program's process.
    pub(crate) fn program(&self) -> Pid {
        self.program.unwrap()
    }

    /// Waits until this process has ended.
    pub(crate) fn wait_until_ended(&mut self, process: Pid) {
        self.until(&format!("the end of {process:?}, the program being {:?}", self.program), || {
            let is_left = rustix::process::test_kill_process(process).is_ok() && !is_dead(process);
            (!is_left).then_some(())
        });
        // Whatever has its number later is nobody's business here.
        if self.program == Some(process) {
            self.program = None;
        }
    }

    /// Waits for something that happens outside of the terminal.
    pub(crate) fn until<T>(&self, what: &str, happens: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(happened) = happens() {
                return happened;
            }
            assert!(Instant::now() < end, "waited for {what}; the screen:\n{self:?}\n---");
            std::thread::yield_now();
        }
    }

    fn written(&self) -> usize {
        self.seen().bytes.len()
    }

    #[track_caller]
    fn wait_for_more_than(&self, bytes: usize) {
        self.wait_until("an answer to the key", |seen| seen.bytes.len() > bytes);
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is: impl Fn(&Seen) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.seen();
        while !is(&seen) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let screen = seen.parser.screen().contents();
                drop(seen);
                panic!("waited for {what:?}; the screen:\n{screen}\n---");
            }
            seen = self.shared.news.wait_timeout(seen, left).unwrap().0;
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.shared.seen.lock().unwrap()
    }

    fn line(&self) -> &Line {
        self.line.as_ref().unwrap()
    }

    fn line_mut(&mut self) -> &mut Line {
        self.line.as_mut().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(group) = self.program {
            let _ = kill_process_group(group, Signal::KILL);
        }
        if let Some(shell) = self.shell.process_id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
            && self.shell.try_wait().is_ok_and(|ended| ended.is_none())
        {
            let _ = rustix::process::kill_process(shell, Signal::KILL);
            let _ = self.shell.wait();
        }
    }
}

impl Seen {
    fn take_in(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.parser.process(bytes);
        self.leaks.extend(self.secrets.in_text(&self.parser.screen().contents()));
    }
}

impl Debug for Terminal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.screen())
    }
}

fn on_stage(command: &Command) -> CommandBuilder {
    let mut stage = CommandBuilder::new("/bin/sh");
    stage.args(["-c", STAGE, "stage"]);
    stage.arg(command.get_program());
    stage.args(command.get_args());
    stage.env_clear();
    for (name, value) in command.get_envs() {
        stage.env(name, value.unwrap_or_default());
    }
    stage.cwd(command.get_current_dir().unwrap());
    stage
}

/// One that does not tell its size has the usual one.
fn emulator(columns: u16, rows: u16) -> vt100::Parser {
    let (columns, rows) = if columns == 0 { (80, 24) } else { (columns, rows) };
    vt100::Parser::new(nonzero(rows), nonzero(columns), 10_000)
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

/// The terminal's modes, all of them.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn count(bytes: &[u8], sequence: &str) -> usize {
    bytes.windows(sequence.len()).filter(|window| *window == sequence.as_bytes()).count()
}

/// Whether a process has ended, also where nobody has asked how. Linux only; elsewhere such processes are not left.
fn is_dead(process: Pid) -> bool {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let state = std::fs::read_to_string(path);
    state.is_ok_and(|line| line.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X'])))
}

/// What the shell has said at this place of its reports.
fn stage(bytes: &[u8], place: usize) -> Option<i32> {
    let text = String::from_utf8_lossy(bytes);
    let report = text.split("[stage ").nth(place + 1)?;
    report.split_once(']')?.0.parse().ok()
}

/// Words may be broken at any blank by a row's end.
fn shows(screen: &vt100::Screen, words: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain(&screen.contents()).contains(&plain(words))
}

/// What a screen would show of the bytes, run together: without escape sequences, control characters and blanks.
fn visible(bytes: &[u8]) -> Vec<u8> {
    let mut visible = Vec::new();
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            0x1b => match rest.next() {
                Some(b'[') => drop(rest.by_ref().find(|byte| (0x40..=0x7e).contains(byte))),
                Some(b']' | b'P') => drop(rest.by_ref().find(|byte| matches!(byte, 0x07 | b'\\'))),
                _ => {}
            },
            0..=b' ' => {}
            _ => visible.push(byte),
        }
    }
    visible
}
