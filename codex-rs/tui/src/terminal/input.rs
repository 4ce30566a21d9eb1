//! Keys, pastes and new sizes of the terminal. An [`Input`] that is closed leaves the keys to another program.

use std::future::poll_fn;
use std::io;
use std::sync::Once;
use std::task::{Context, Poll};
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use tokio::sync::Notify;

/// Keys that are taken at once, at the most.
const MOST_AT_ONCE: usize = 8192;
/// How long is looked for more of them. Nothing less is no look at all (crossterm 0.29 with `use-dev-tty`; without that
/// feature it forgets what stands behind the first 1,024 bytes until another key comes).
const AT_ONCE: Duration = Duration::from_micros(100);
/// A paste without brackets comes in pieces that are less far apart than this.
const BURST_GAP: Duration = Duration::from_millis(30);

static WATCH: Once = Once::new();
/// Told when the terminal is hung up. The stream does not notice.
static HUNG_UP: Notify = Notify::const_new();

/// Reads the terminal.
#[derive(Debug)]
pub(crate) struct Input {
    stream: EventStream,
    bursts: Bursts,
}

/// Recognises pastes that come without brackets: keys, an Enter and more keys, all there at once.
#[derive(Debug, Default)]
struct Bursts {
    /// When the last piece of such a paste came.
    last: Option<Duration>,
}

impl Input {
    /// Begins to read standard input, unless it is gone.
    pub(crate) fn open() -> Option<Self> {
        // The stream would wait for ever for a lock that the thread of the last one holds.
        if is_gone() {
            return None;
        }
        watch();
        Some(Input { stream: EventStream::default(), bursts: Bursts::default() })
    }

    /// Stops reading: no key that comes after this is taken.
    pub(crate) fn close(self) {
        drop(self.stream);
        // Its thread may still be on the way out, with the next key. A new stream waits for the lock that it holds.
        if !is_gone() {
            drop(EventStream::default());
        }
    }

    /// Waits for what the terminal tells next, and takes all that is there. `now` is the time since the start. `None` when
    /// the terminal is gone.
    pub(crate) async fn next(&mut self, now: impl Fn() -> Duration) -> Option<io::Result<Vec<Event>>> {
        let mut events = Vec::new();
        let first = tokio::select! {
            biased;
            () = HUNG_UP.notified() => return None,
            first = poll_fn(|context| self.poll(context)) => first?,
        };
        match first {
            Ok(event) => events.push(event),
            Err(error) => return Some(Err(error)),
        }
        // Not by polling the stream: it would remember a waker that wakes nobody. Its thread rests now, so this reads.
        while events.len() < MOST_AT_ONCE {
            if is_gone() {
                return None;
            }
            match crossterm::event::poll(AT_ONCE) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Some(Err(error)),
            }
            match crossterm::event::read() {
                Ok(event) => events.push(event),
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(self.bursts.sift(events, now())))
    }

    /// The stream's next event. Once the terminal is gone the stream tells nothing more: its thread reads the end of it
    /// again and again (crossterm 0.29).
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Event>>> {
        if is_gone() { Poll::Ready(None) } else { self.stream.poll_next_unpin(context) }
    }
}

/// Whether the terminal on standard input is hung up: its window closed, its connection lost.
pub(super) fn is_gone() -> bool {
    seen_within(Some(&Timespec::default())) == Ok(Seen::HungUp)
}

/// Begins to watch for that, once. Where it cannot be done, the system's signal must do.
fn watch() {
    WATCH.call_once(|| {
        let _ = std::thread::Builder::new().name("hang-up".to_owned()).spawn(|| {
            loop {
                match seen_within(None) {
                    Ok(Seen::HungUp) => return HUNG_UP.notify_one(),
                    Err(Errno::INTR) => {}
                    // Not every system can watch every terminal.
                    Ok(Seen::Nothing) | Err(_) => return,
                }
            }
        });
    });
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    HungUp,
    Nothing,
}

fn seen_within(time: Option<&Timespec>) -> Result<Seen, Errno> {
    let stdin = io::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
    rustix::event::poll(&mut watched, time)?;
    let is_hung_up = watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR);
    Ok(if is_hung_up { Seen::HungUp } else { Seen::Nothing })
}

impl Bursts {
    fn sift(&mut self, events: Vec<Event>, now: Duration) -> Vec<Event> {
        let (focus, events): (Vec<Event>, Vec<Event>) =
            events.into_iter().filter(is_wanted).partition(is_focus);
        // Nor does it end a paste that goes on.
        if events.is_empty() {
            return focus;
        }
        let goes_on = self.last.is_some_and(|last| now.saturating_sub(last) < BURST_GAP);
        let typed: Option<String> = events.iter().map(typed).collect();
        if let Some(text) = typed
            && (goes_on || holds_a_line_and_more(&text))
        {
            self.last = Some(now);
            return with(focus, vec![Event::Paste(text)]);
        }
        self.last = None;
        with(focus, events)
    }
}

/// That somebody leaves before the keys that they pressed, or comes before the next ones, makes no difference.
fn with(mut focus: Vec<Event>, mut events: Vec<Event>) -> Vec<Event> {
    focus.append(&mut events);
    focus
}

fn is_focus(event: &Event) -> bool {
    matches!(event, Event::FocusGained | Event::FocusLost)
}

fn is_wanted(event: &Event) -> bool {
    match event {
        Event::Key(key) => key.kind != KeyEventKind::Release,
        Event::Paste(_) | Event::Resize(..) | Event::FocusGained | Event::FocusLost => true,
        Event::Mouse(_) => false,
    }
}

/// The character that a key writes; `None` for every other key.
fn typed(event: &Event) -> Option<char> {
    let Event::Key(KeyEvent { code, modifiers, .. }) = event else { return None };
    let plain = modifiers.difference(KeyModifiers::SHIFT).is_empty();
    match code {
        KeyCode::Char(character) if plain => Some(*character),
        KeyCode::Enter if modifiers.is_empty() => Some('\n'),
        KeyCode::Tab if modifiers.is_empty() => Some('\t'),
        _ => None,
    }
}

/// Someone who types presses Enter and looks; a paste goes on.
fn holds_a_line_and_more(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(first, rest)| !first.is_empty() && rest.chars().any(|it| it != '\n'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

    use super::{BURST_GAP, Bursts};

    /// What a keyboard sends for this text.
    fn keys(text: &str) -> Vec<Event> {
        let key = |character| match character {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            other => KeyCode::Char(other),
        };
        text.chars().map(|character| Event::Key(KeyEvent::from(key(character)))).collect()
    }

    fn pasted(events: &[Event]) -> Option<&str> {
        match events {
            [Event::Paste(text)] => Some(text),
            _ => None,
        }
    }

    #[test]
    fn a_paste_without_brackets_is_one_paste() {
        for (text, is_paste) in [
            ("a", false),
            ("typed quickly", false),
            ("sent\n", false),
            ("\n", false),
            ("sent\n\n", false),
            ("one line\nand more", true),
            ("sk-key\nsecond line\n", true),
        ] {
            let events = Bursts::default().sift(keys(text), Duration::ZERO);
            assert_eq!(pasted(&events), is_paste.then_some(text), "{text:?}");
        }
    }

    #[test]
    fn what_follows_at_once_belongs_to_it() {
        let mut bursts = Bursts::default();
        let at = Duration::from_secs(1);
        assert!(pasted(&bursts.sift(keys("one\ntwo"), at)).is_some());
        assert_eq!(
            pasted(&bursts.sift(keys("\n"), at + BURST_GAP / 2)),
            Some("\n"),
            "no message is sent by it"
        );
        assert_eq!(pasted(&bursts.sift(keys("\n"), at + BURST_GAP * 2)), None);
    }

    #[test]
    fn leaving_the_window_amid_a_paste_breaks_nothing() {
        let mut bursts = Bursts::default();
        let mut events = keys("one\n");
        events.push(Event::FocusLost);
        events.extend(keys("two"));
        let expect = [Event::FocusLost, Event::Paste("one\ntwo".to_owned())];
        assert_eq!(bursts.sift(events, Duration::ZERO), expect);
        assert_eq!(bursts.sift(vec![Event::FocusGained], BURST_GAP / 2), [Event::FocusGained]);
        assert_eq!(pasted(&bursts.sift(keys("\n"), BURST_GAP / 2)), Some("\n"), "it goes on");
    }

    #[test]
    fn other_keys_are_keys() {
        let mut events = keys("one\ntwo");
        events.push(Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
        assert_eq!(Bursts::default().sift(events.clone(), Duration::ZERO), events);
    }
}
