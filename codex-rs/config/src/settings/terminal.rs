//! The settings table: the terminal, the history, notifications.

use super::{Kind, Scope, Setting, setting};
use crate::choices::{HistoryPersistence, NotificationCondition, NotificationMethod};

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "hide_agent_reasoning",
        Kind::Truth,
        "false",
        "Whether the terminal leaves out what the model tells of its thinking.",
        Scope::Anyone,
        |config, _, field| {
            config.hide_agent_reasoning = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "tui.plain",
        Kind::Truth,
        "false",
        "Whether the terminal shows words only, for screen readers: no frames, no signs, nothing that repaints.",
        Scope::Person,
        |config, _, field| {
            config.tui.plain = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "tui.notifications",
        Kind::Notifications,
        "true",
        "Whether the terminal calls you when a turn has ended and nothing follows, or you are asked; or a list of which: \"agent-turn-complete\", \"approval-requested\".",
        Scope::Person,
        |config, _, field| {
            config.tui.notifications = field.notifications()?;
            Ok(())
        },
    ),
    setting(
        "tui.notification_method",
        Kind::Word(NotificationMethod::WORDS),
        "\"auto\"",
        "How it does: by a notification of the desktop (OSC 9 or OSC 777), by the bell, or by what suits the terminal as far as it is known: the bell, where it is not.",
        Scope::Person,
        |config, _, field| {
            config.tui.notification_method =
                field.word(NotificationMethod::WORDS, NotificationMethod::parse)?;
            Ok(())
        },
    ),
    setting(
        "tui.notification_condition",
        Kind::Word(NotificationCondition::WORDS),
        "\"unfocused\"",
        "When it does: while another window has the focus, as far as the terminal tells, or always.",
        Scope::Person,
        |config, _, field| {
            config.tui.notification_condition =
                field.word(NotificationCondition::WORDS, NotificationCondition::parse)?;
            Ok(())
        },
    ),
    setting(
        "history.persistence",
        Kind::Word(HistoryPersistence::WORDS),
        "\"save-all\"",
        "Whether what you type is kept in `history.jsonl`.",
        Scope::Person,
        |config, _, field| {
            config.history.persistence = field.word(HistoryPersistence::WORDS, HistoryPersistence::parse)?;
            Ok(())
        },
    ),
    setting(
        "history.max_bytes",
        Kind::WholeNumber,
        "",
        "How large `history.jsonl` may grow before its oldest lines go; without it there is no end.",
        Scope::Person,
        |config, _, field| {
            config.history.max_bytes = Some(field.whole_number()?);
            Ok(())
        },
    ),
    setting(
        "notify",
        Kind::Texts,
        "[]",
        "Program with its arguments to run when a turn is completed; it gets one more argument, which tells of the turn in JSON. It may take 30 seconds.",
        Scope::Person,
        |config, _, field| {
            config.notify = field.texts()?;
            Ok(())
        },
    ),
];
