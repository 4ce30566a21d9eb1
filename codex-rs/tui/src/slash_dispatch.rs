//! What a draft means when Enter is pressed: a command, a message, or a mistake that must not be sent.

use codex_redact::{Secret, key_shape};

use crate::app_event::{AppEvent, Notice, NoticeKind};
use crate::slash_command::SlashCommand;

/// Said where a key was typed in a way that is no command.
const RIGHT_FORM: &str = "That looks like an API key, so it was not sent, stored or remembered. To store it as the fallback \
                          key, type /add-api-key and the key after it on one line, or /add-api-key alone for a masked box.";

/// What a draft means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Words for the agent.
    Message,
    /// A command and what follows it.
    Command(SlashCommand, Option<Secret>),
    /// A command that does not exist.
    Unknown(String),
    /// Something that holds a key and looks as if it was meant for `/add-api-key`.
    NearMiss,
}

/// Reads a draft (wire-facts §9.3): the first word names a command if it begins with `/` and holds no other one.
pub(crate) fn read(draft: &str) -> Read {
    let holds_key = key_shape::contains_key_shape(draft);
    let Some(line) = draft.strip_prefix('/') else {
        return if holds_key && resembles_the_command(draft) { Read::NearMiss } else { Read::Message };
    };
    let (line, further) = line.split_once('\n').unwrap_or((line, ""));
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if name.contains('/') || name.is_empty() {
        return if holds_key { Read::NearMiss } else { Read::Message };
    }
    let argument = rest.trim();
    match SlashCommand::named(name) {
        Some(command) if command.supports_inline_args() => {
            let words = argument.split_whitespace().count() + further.split_whitespace().count();
            match words {
                0 => Read::Command(command, None),
                1 if further.trim().is_empty() => Read::Command(command, Some(Secret::new(argument))),
                _ => Read::NearMiss,
            }
        }
        Some(_) | None if holds_key => Read::NearMiss,
        Some(command) => Read::Command(command, None),
        None => Read::Unknown(name.to_owned()),
    }
}

/// What to do about it. `busy`: a turn runs.
pub(crate) fn dispatch(command: SlashCommand, argument: Option<Secret>, busy: Busy) -> AppEvent {
    match busy {
        Busy::Running if !command.available_during_task() => AppEvent::Say(Notice {
            kind: NoticeKind::Warning,
            text: format!("/{} can be used when the turn has ended; Esc interrupts it.", command.name()),
        }),
        Busy::Running | Busy::Idle => command.action(argument),
    }
}

/// Whether a turn runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Busy {
    Running,
    Idle,
}

/// What is said instead of sending a near miss.
pub(crate) fn near_miss() -> AppEvent {
    AppEvent::Say(Notice { kind: NoticeKind::Warning, text: RIGHT_FORM.to_owned() })
}

/// What is said of a command that does not exist.
pub(crate) fn unknown(name: &str) -> AppEvent {
    let text = format!("There is no command /{name}; type / to see all of them.");
    AppEvent::Say(Notice { kind: NoticeKind::Info, text })
}

/// Where the argument of `/add-api-key` begins in a draft that is, or tries to be, this command: from there on it is
/// masked as it is typed.
pub(crate) fn argument_start(draft: &str) -> Option<usize> {
    let trimmed = draft.trim_start();
    let before = draft.len() - trimmed.len();
    let end = trimmed.find(char::is_whitespace)?;
    resembles_name(&trimmed[..end]).then_some(before + end)
}

/// A draft that is nothing but a key, or that begins like the command.
fn resembles_the_command(draft: &str) -> bool {
    let mut words = draft.split_whitespace();
    let first = words.next().unwrap_or_default();
    let alone = words.next().is_none();
    resembles_name(first) || alone && key_shape::contains_key_shape(first) || first.starts_with('/')
}

/// `/add-api-key` in the spellings that hands produce: without `/`, without `-`, letters swapped or missing.
fn resembles_name(word: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (word, name) = (plain(word), plain(SlashCommand::AddApiKey.name()));
    word.len() >= 5 && distance(&word, &name) <= 3
}

/// Letters to add, drop or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 0..other.len() {
            let replaced = diagonal + usize::from(letter != other[column]);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use codex_redact::Secret;

    use super::{Busy, Read, argument_start, dispatch, read};
    use crate::app_event::AppEvent;
    use crate::slash_command::SlashCommand;

    const KEY: &str = "sk-proj-testkey-0123456789abcdefghijkl";

    #[test]
    fn commands_messages_and_near_misses() {
        let key = |text: &str| text.replace("KEY", KEY);
        let add = |argument: Option<&str>| Read::Command(SlashCommand::AddApiKey, argument.map(Secret::new));
        let table = [
            ("hello", Read::Message),
            ("/status", Read::Command(SlashCommand::Status, None)),
            ("/status now", Read::Command(SlashCommand::Status, None)),
            ("/usr/bin/env is a path", Read::Message),
            (" /status", Read::Message),
            ("/", Read::Message),
            ("/foo bar", Read::Unknown("foo".to_owned())),
            ("/add-api-key", add(None)),
            ("/add-api-key ", add(None)),
            ("/add-api-key KEY", add(Some(KEY))),
            ("/add-api-key   KEY  ", add(Some(KEY))),
            ("/add-api-key other-form", add(Some("other-form"))),
            ("/add-api-key KEY please", Read::NearMiss),
            ("/add-api-key\nKEY", Read::NearMiss),
            (" /add-api-key KEY", Read::NearMiss),
            ("/addapikey KEY", Read::NearMiss),
            ("/add-api-kye KEY", Read::NearMiss),
            ("add-api-key KEY", Read::NearMiss),
            ("/foo KEY", Read::NearMiss),
            ("/model KEY", Read::NearMiss),
            ("/path/KEY KEY", Read::NearMiss),
            ("KEY", Read::NearMiss),
            ("  KEY\n", Read::NearMiss),
            // The person is asked before this one is sent.
            ("what is KEY in this log?", Read::Message),
        ];
        for (draft, expect) in table {
            assert_eq!(read(&key(draft)), expect, "{draft}");
        }
    }

    #[test]
    fn the_argument_of_the_command_and_its_near_misses_is_known() {
        for (draft, expect) in [
            ("/add-api-key sk-a", Some(12)),
            ("  /add-api-key x", Some(14)),
            ("/add-api-kye x", Some(12)),
            ("addapikey x", Some(9)),
            ("/add-api-key", None),
            ("/model x", None),
            ("add a key to the map", None),
        ] {
            assert_eq!(argument_start(draft), expect, "{draft}");
        }
    }

    #[test]
    fn commands_wait_for_the_turn_where_they_must() {
        assert!(matches!(dispatch(SlashCommand::New, None, Busy::Running), AppEvent::Say(_)));
        assert!(matches!(dispatch(SlashCommand::New, None, Busy::Idle), AppEvent::NewThread));
        let key = Some(Secret::new(KEY));
        assert!(matches!(
            dispatch(SlashCommand::AddApiKey, key, Busy::Running),
            AppEvent::AddFallbackApiKey { .. }
        ));
    }
}
