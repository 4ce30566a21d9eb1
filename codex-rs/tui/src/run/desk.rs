//! The terminal while it is ours, and while it is not: the shell's, an editor's.

use std::io::{self, Stdout, Write};

use crossterm::event::Event;
use tokio::time::Instant;

use super::Options;
use crate::app::App;
use crate::now::Now;
use crate::picture::Scene;
use crate::terminal::{FullScreen, Guard, Input, Screen};

/// The terminal, in whoever's hands it is.
pub(super) struct Desk<'a> {
    pub(super) options: &'a Options,
    pub(super) guard: &'a Guard,
    pub(super) screen: Screen<Stdout>,
    full: Option<FullScreen>,
    /// None while another program has the terminal.
    input: Option<Input>,
    size: (u16, u16),
    start: Instant,
}

impl<'a> Desk<'a> {
    pub(super) fn new(options: &'a Options, guard: &'a Guard) -> io::Result<Self> {
        let size = known(crossterm::terminal::size()?);
        Ok(Desk {
            options,
            guard,
            screen: Screen::new(io::stdout(), size.0, size.1, options.reflow),
            full: None,
            input: None,
            size,
            start: Instant::now(),
        })
    }

    pub(super) fn now(&self) -> Now {
        Now { since_start: self.start.elapsed(), unix: self.options.clock.unix() }
    }

    pub(super) fn scene(&self) -> Scene {
        Scene {
            width: self.size.0.max(1),
            rows: self.size.1.max(1),
            look: self.options.look,
            now: self.now(),
            zone: self.options.zone.clone(),
        }
    }

    /// What the terminal tells next. The reader starts with the first call, after the first frame.
    pub(super) async fn input(&mut self) -> Option<io::Result<Vec<Event>>> {
        if !self.is_ours() {
            return std::future::pending().await;
        }
        let start = self.start;
        if self.input.is_none() {
            self.input = Some(Input::open()?);
        }
        self.input.as_mut()?.next(|| start.elapsed()).await
    }

    pub(super) fn is_ours(&self) -> bool {
        self.guard.is_taken()
    }

    pub(super) fn paint(&mut self, app: &mut App) -> io::Result<()> {
        if !self.is_ours() {
            return Ok(());
        }
        let scene = self.scene();
        let mut out = io::stdout();
        match (app.pager.is_some(), self.full.is_some()) {
            (true, false) => self.full = Some(FullScreen::enter(&mut out, scene.width, scene.rows)?),
            (false, true) => {
                if let Some(full) = self.full.take() {
                    full.leave(&mut out)?;
                    self.screen.seen_again();
                    self.screen.resize(self.size.0, self.size.1)?;
                }
            }
            (true, true) | (false, false) => {}
        }
        let frame = app.frame(&scene);
        match &mut self.full {
            Some(full) => full.paint(&mut out, &frame.live),
            None => self.screen.paint(&frame.finished, &frame.live),
        }
    }

    pub(super) fn resize(&mut self, width: u16, rows: u16) -> io::Result<()> {
        let (width, rows) = known((width, rows));
        self.size = (width, rows);
        match &mut self.full {
            // The ordinary screen is put right when it is seen again.
            Some(full) => full.resize(&mut io::stdout(), width, rows),
            None => self.screen.resize(width, rows),
        }
    }

    pub(super) fn command(&mut self, command: &str) -> io::Result<()> {
        self.screen.out().write_all(command.as_bytes())?;
        self.screen.out().flush()
    }

    /// Gives the terminal to another program.
    pub(super) fn step_aside(&mut self) -> io::Result<()> {
        if let Some(input) = self.input.take() {
            input.close();
        }
        if let Some(full) = self.full.take() {
            full.leave(&mut io::stdout())?;
        }
        self.screen.leave()?;
        self.guard.give_back()
    }

    /// Takes it back. Where nobody had asked us for it, what we had painted is no longer to be relied on.
    pub(super) fn come_back(&mut self) -> io::Result<()> {
        self.guard.take_again()?;
        if let Some(full) = self.full.take() {
            full.leave(&mut io::stdout())?;
        }
        self.screen.leave()?;
        let size = known(crossterm::terminal::size()?);
        self.size = size;
        self.screen.resize(size.0, size.1)
    }

    /// Ctrl+Z: to the shell, until it continues us. Of the signals that stop the whole job this is one that we do not
    /// catch, and that the system passes over where no shell could ever continue us, as under `ssh -t host codex`.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        // An editor that stops the job gets the terminal again when it goes on.
        let was_ours = self.is_ours();
        if was_ours {
            self.step_aside()?;
        }
        rustix::process::kill_current_process_group(rustix::process::Signal::TTIN)?;
        if was_ours { self.come_back() } else { Ok(()) }
    }

    /// Gives it back for good. Where it is not ours, nothing is written: a panic has told its text there, or an editor
    /// has it.
    pub(super) fn leave(&mut self) -> io::Result<()> {
        if self.is_ours() { self.step_aside() } else { Ok(()) }
    }
}

/// A terminal that does not know its size, such as a serial line, says 0.
fn known((width, rows): (u16, u16)) -> (u16, u16) {
    let or = |size: u16, usual: u16| if size == 0 { usual } else { size };
    (or(width, 80), or(rows, 24))
}
