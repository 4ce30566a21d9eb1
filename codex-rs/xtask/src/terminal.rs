//! A program in a terminal that nobody sees: every byte it writes with the moment it came, and the screen they make.

use std::error::Error;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The end of a synchronized update: the terminal UI writes it at the end of each frame.
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";
/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is run, and where.
#[derive(Debug, Clone)]
pub struct Play {
    command: CommandBuilder,
    columns: NonZeroU16,
    rows: NonZeroU16,
}

/// The program while it runs. Dropping this ends it.
pub struct Terminal {
    /// Just before the program was started.
    pub started: Instant,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    tape: Arc<Tape>,
    screen: vt100::Parser,
    /// Bytes of the tape that the screen has taken in.
    shown: usize,
    /// Kept open: the program would be hung up on.
    _master: Box<dyn MasterPty + Send>,
}

/// One frame of the terminal UI.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// When its last byte came.
    pub at: Instant,
    /// Its bytes, and those before it that belong to no frame.
    pub bytes: usize,
    /// Where it ends on the tape.
    pub end: usize,
}

/// All that was written.
#[derive(Default)]
struct Tape {
    written: Mutex<Written>,
    more: Condvar,
}

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// Up to which byte was written when.
    moments: Vec<(usize, Instant)>,
    has_ended: bool,
}

impl Play {
    /// `binary` with nothing in its environment but what it needs.
    pub fn new(binary: &Path, home: &Path, folder: &Path) -> Self {
        let mut command = CommandBuilder::new(binary);
        command.env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("HOME", home);
        command.env("SHELL", "/bin/sh");
        command.env("TERM", "xterm-256color");
        command.cwd(folder);
        Play { command, columns: cells(80), rows: cells(24) }
    }

    /// Adds a variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets the size; 80 × 24 without it.
    #[must_use]
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (cells(columns), cells(rows));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When there is no pty or no such program.
    pub fn start(self) -> Result<Terminal, Box<dyn Error>> {
        let Play { command, columns, rows } = self;
        let size = PtySize { rows: rows.get(), cols: columns.get(), pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let tape = Arc::new(Tape::default());
        let reader = pair.master.try_clone_reader()?;
        let recorder = tape.clone();
        thread::spawn(move || recorder.record(reader));
        let keys = pair.master.take_writer()?;
        let started = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        Ok(Terminal {
            started,
            child,
            keys,
            tape,
            screen: vt100::Parser::new(rows, columns, 0),
            shown: 0,
            _master: pair.master,
        })
    }
}

impl Terminal {
    /// Presses keys, all at once. Gives the moment before.
    ///
    /// # Errors
    /// When the program is gone.
    pub fn press(&mut self, keys: &str) -> Result<Instant, Box<dyn Error>> {
        let pressed = Instant::now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        Ok(pressed)
    }

    /// Where the tape ends now.
    pub fn mark(&self) -> usize {
        self.tape.written().bytes.len()
    }

    /// The first frame that ends behind `mark`.
    ///
    /// # Errors
    /// When none comes.
    pub fn frame_after(&self, mark: usize) -> Result<Frame, Box<dyn Error>> {
        self.tape.wait(|written| written.frames(mark).next()).ok_or_else(|| "no frame came".into())
    }

    /// The frames that end between two marks.
    pub fn frames(&self, from: usize, to: usize) -> Vec<Frame> {
        self.tape.written().frames(from).take_while(|frame| frame.end <= to).collect()
    }

    /// Waits until these bytes have come behind `mark`; gives where they end and when they came. For words that are
    /// written in one go; what stands on the screen is seen by [`Terminal::wait_for`].
    ///
    /// # Errors
    /// When they do not come.
    pub fn bytes_after(&self, mark: usize, bytes: &str) -> Result<(usize, Instant), Box<dyn Error>> {
        let mut searched = mark;
        let found = self.tape.wait(|written| {
            let end = find(&written.bytes, bytes.as_bytes(), searched)? + bytes.len();
            searched = written.bytes.len().saturating_sub(bytes.len()).max(mark);
            Some((end, written.moment(end)?))
        });
        found.ok_or_else(|| format!("{bytes:?} was not written").into())
    }

    /// Waits until the screen shows these words; gives the moment when the bytes came that made it so.
    ///
    /// # Errors
    /// When they do not appear; the error holds the screen.
    pub fn wait_for(&mut self, words: &str) -> Result<Instant, Box<dyn Error>> {
        self.wait_until(words, |screen| screen.contents().contains(words))
    }

    /// Waits until the screen is as wanted; gives the moment when the bytes came that made it so.
    ///
    /// # Errors
    /// When it never is; the error says `what` was waited for and holds the screen.
    pub fn wait_until(
        &mut self,
        what: &str,
        is_so: impl Fn(&vt100::Screen) -> bool,
    ) -> Result<Instant, Box<dyn Error>> {
        if is_so(self.screen.screen()) {
            return Ok(Instant::now());
        }
        loop {
            let shown = self.shown;
            let next = self.tape.wait(|written| {
                let (end, moment) = *written.moments.iter().find(|(end, _)| *end > shown)?;
                Some((written.bytes[shown..end].to_vec(), moment))
            });
            let Some((bytes, moment)) = next else {
                let screen = self.screen.screen().contents();
                return Err(format!("waited for {what:?}; the screen is\n{screen}").into());
            };
            self.screen.process(&bytes);
            self.shown += bytes.len();
            if is_so(self.screen.screen()) {
                return Ok(moment);
            }
        }
    }

    /// The screen as it is now.
    pub fn screen(&mut self) -> &vt100::Screen {
        let written = self.tape.written();
        self.screen.process(&written.bytes[self.shown..]);
        self.shown = written.bytes.len();
        drop(written);
        self.screen.screen()
    }

    /// Whether these bytes were written behind `mark`.
    pub fn wrote_since(&self, mark: usize, bytes: &str) -> bool {
        find(&self.tape.written().bytes, bytes.as_bytes(), mark).is_some()
    }

    /// A file of the program's in `/proc`.
    ///
    /// # Errors
    /// Where there is no `/proc`, or the program is gone.
    pub fn process_folder(&self) -> Result<PathBuf, Box<dyn Error>> {
        let process = self.child.process_id().ok_or("the program is gone")?;
        Ok(Path::new("/proc").join(process.to_string()))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tape {
    fn record(&self, mut reader: impl Read) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = reader.read(&mut buffer);
            let now = Instant::now();
            let mut written = self.written();
            match read {
                Ok(length) if length > 0 => {
                    written.bytes.extend_from_slice(&buffer[..length]);
                    let end = written.bytes.len();
                    written.moments.push((end, now));
                }
                Ok(_) | Err(_) => written.has_ended = true,
            }
            self.more.notify_all();
            if written.has_ended {
                return;
            }
        }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `look` finds, at once or when more is written. `None` when nothing more comes.
    fn wait<T>(&self, mut look: impl FnMut(&Written) -> Option<T>) -> Option<T> {
        let until = Instant::now() + PATIENCE;
        let mut written = self.written();
        loop {
            if let Some(found) = look(&written) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            if written.has_ended {
                return None;
            }
            written = self.more.wait_timeout(written, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Written {
    fn frames(&self, from: usize) -> impl Iterator<Item = Frame> {
        let mut begin = from;
        std::iter::from_fn(move || {
            let end = find(&self.bytes, END_OF_FRAME, begin)? + END_OF_FRAME.len();
            let frame = Frame { at: self.moment(end)?, bytes: end - begin, end };
            begin = end;
            Some(frame)
        })
    }

    /// When the byte before `end` came.
    fn moment(&self, end: usize) -> Option<Instant> {
        let place = self.moments.partition_point(|(upto, _)| *upto < end);
        self.moments.get(place).map(|(_, moment)| *moment)
    }
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let found = bytes.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
    Some(from + found)
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}
