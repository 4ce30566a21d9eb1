//! What may happen in a generated history: one number is one action, and zero is the plainest of them.

use codex_fallback::{Block, Consent, Force, Host, KeyState, Mode, ReturnPolicy, Signal, Substitute, Tried};

/// One thing that happens. Indexes count into what the history has made so far and wrap around.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// The settings a history starts under.
    Start {
        mode: Mode,
        return_policy: ReturnPolicy,
        host: Host,
    },
    Send {
        turn: usize,
    },
    /// Answers an open request, however old.
    Answer {
        open: usize,
        answer: Answer,
        tried: Tried,
    },
    TurnStarts,
    TurnEnds {
        turn: usize,
    },
    /// Answers a question, perhaps again, perhaps late.
    Consent {
        question: usize,
        consent: Consent,
    },
    /// Answers a question that nobody asked about this open request.
    ConsentUnasked {
        open: usize,
        consent: Consent,
    },
    Force(Force),
    /// The person sets the mode.
    SetMode(Mode),
    /// The settings changed on disk; nobody reports it.
    ReloadMode(Mode),
    Block(Option<Block>),
    Return(ReturnPolicy),
    Host(Host),
    Substitute(Substitute),
    KeyChanges(KeyState),
    Clock {
        seconds: i64,
    },
}

/// An answer whose reset is told relative to the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// The plan's limit; a key has none, but may be out of credit.
    Limit {
        resets_in: Option<i64>,
    },
    Is(Signal),
}

/// The names of the turns of a history.
pub(crate) const TURNS: [&str; 4] = ["a", "b", "c", "d"];

/// Reads a number as an action; the low byte chooses the kind, so that small numbers are plain actions.
pub(crate) fn decode(word: u32) -> Action {
    let [kind, index, detail, more] = word.to_le_bytes();
    let index = usize::from(index);
    match kind % 64 {
        0..15 => Action::Send { turn: index % TURNS.len() },
        15..34 => Action::Answer { open: index, answer: answer(detail), tried: tried(more) },
        34..40 => Action::TurnStarts,
        40 => Action::TurnEnds { turn: index % TURNS.len() },
        41..46 => Action::Consent { question: index, consent: consent(detail) },
        46 => Action::ConsentUnasked { open: index, consent: consent(detail) },
        47..49 => Action::Force([Force::Auto, Force::Plan, Force::Key][usize::from(detail % 3)]),
        49 => Action::SetMode(mode(detail)),
        50 => Action::ReloadMode(mode(detail)),
        51..53 => Action::Block(block(detail)),
        53 => Action::Return([ReturnPolicy::Session, ReturnPolicy::Reset][usize::from(detail % 2)]),
        54 => Action::Host([Host::Session, Host::Server][usize::from(detail % 2)]),
        55 => Action::Substitute([Substitute::None, Substitute::Named][usize::from(detail % 2)]),
        56 => Action::KeyChanges(key(detail)),
        _ => Action::Clock { seconds: seconds(detail, more) },
    }
}

/// The settings that a history with this first number starts under.
pub(crate) fn start(word: u32) -> Action {
    let [.., detail, bits] = word.to_le_bytes();
    Action::Start {
        mode: mode(detail),
        return_policy: [ReturnPolicy::Session, ReturnPolicy::Reset][usize::from(bits % 2)],
        host: [Host::Session, Host::Server][usize::from(bits / 2 % 2)],
    }
}

fn answer(detail: u8) -> Answer {
    const QUARTER: i64 = 900;
    match detail % 24 {
        0..6 => Answer::Limit { resets_in: Some(QUARTER * i64::from(detail / 24 + 1)) },
        6..8 => Answer::Limit { resets_in: None },
        8..12 => Answer::Is(Signal::Success),
        12 => Answer::Is(Signal::ScopedLimit),
        13 => Answer::Is(Signal::AdministratorCap),
        14 => Answer::Is(Signal::Throttle),
        15 => Answer::Is(Signal::ServerTrouble),
        16 => Answer::Is(Signal::Unauthorized),
        17 => Answer::Is(Signal::ModelUnavailable),
        18 => Answer::Is(Signal::SummariesUnavailable),
        19 => Answer::Is(Signal::KeyRefused),
        20 => Answer::Is(Signal::KeyOutOfCredit),
        21 => Answer::Is(Signal::TooLarge),
        22 => Answer::Is(Signal::ForeignCiphertext),
        _ => Answer::Is(if detail < 128 { Signal::HandshakeThrottled } else { Signal::Other }),
    }
}

fn tried(bits: u8) -> Tried {
    Tried {
        substitute: bits & 1 != 0,
        without_summaries: bits & 2 != 0,
        without_foreign: bits & 4 != 0,
        refreshed_sign_in: bits & 8 != 0,
        compacted: bits & 16 != 0,
    }
}

fn consent(detail: u8) -> Consent {
    [Consent::Turn, Consent::UntilReset, Consent::Process, Consent::No][usize::from(detail % 4)]
}

fn mode(detail: u8) -> Mode {
    [Mode::Auto, Mode::Ask, Mode::Ask, Mode::Off][usize::from(detail % 4)]
}

fn block(detail: u8) -> Option<Block> {
    match detail % 8 {
        0 => Some(Block::CapReached("max_usd_per_day")),
        1 => Some(Block::CustomBaseUrl),
        2 => Some(Block::ForcedLogin),
        _ => None,
    }
}

fn key(detail: u8) -> KeyState {
    match detail % 8 {
        0 => KeyState::None,
        1 => KeyState::Unchecked,
        2 => KeyState::OutOfCredit,
        _ => KeyState::Ready,
    }
}

/// Mostly minutes and hours ahead, sometimes a jump of up to a day either way.
fn seconds(detail: u8, more: u8) -> i64 {
    let hours = i64::from(more % 25);
    match detail % 8 {
        0..3 => 60 * i64::from(more),
        3..6 => 3600 * (hours % 7),
        6 => 3600 * hours,
        _ => -3600 * hours,
    }
}
