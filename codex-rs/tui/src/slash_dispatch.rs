//! What a draft means when Enter is pressed: a message, a command, or a mistake that holds a key and goes nowhere.

use codex_redact::{Secret, key_shape};

use crate::app_event::{AppEvent, Notice, NoticeKind};
use crate::facts::Facts;
use crate::slash_command::SlashCommand;

/// Characters of an unknown name that are repeated.
const LONGEST_NAME: usize = 24;

/// What a draft means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Words for the agent. They may still hold a key shape: then `App` asks before it sends them.
    Message,
    /// A command and what follows it.
    Command {
        /// Which.
        command: SlashCommand,
        /// What follows it on its line.
        argument: Option<Secret>,
    },
    /// No command has this name.
    Unknown {
        /// As typed, cut and without secrets.
        name: String,
    },
    /// It holds a key, or was meant for `/add-api-key`, and is written wrongly: it is neither sent, nor stored, nor
    /// remembered.
    NearMiss,
}

/// Reads a draft (wire-facts §9.3): the first word names a command if it begins with `/` and holds no other `/`; what
/// begins with a blank is a message.
pub(crate) fn read(draft: &str) -> Read {
    if let Some((command, rest)) = command_of(draft) {
        return of_command(command, rest);
    }
    if is_near_miss(draft) {
        return Read::NearMiss;
    }
    let first = draft.split_whitespace().next().unwrap_or_default();
    match draft.strip_prefix('/') {
        Some(_) if first.len() > 1 && !first[1..].contains('/') && draft.starts_with(first) => {
            Read::Unknown { name: shown_name(&first[1..]) }
        }
        Some(_) | None => Read::Message,
    }
}

/// What a command leads to.
pub(crate) fn dispatch(command: SlashCommand, argument: Option<Secret>, facts: Facts<'_>) -> Vec<AppEvent> {
    let name = command.name();
    if facts.session.is_busy() && !command.available_during_task() {
        let text = format!("/{name} can be used when the turn has ended; Esc interrupts it.");
        return vec![say(NoticeKind::Warning, text)];
    }
    if argument.is_some() && !command.supports_inline_args() {
        let mut events = command.action(None);
        events.push(say(NoticeKind::Info, format!("/{name} takes nothing after it; the rest was left out.")));
        return events;
    }
    command.action(argument)
}

/// Said in place of sending a near miss. It repeats nothing of what was typed.
pub(crate) fn near_miss() -> AppEvent {
    let text = "That looks like an API key, or an attempt to add one, and was not sent, stored or remembered. The \
                right form is /add-api-key and the key on the same line, with nothing after it; /add-api-key alone \
                opens a masked box.";
    say(NoticeKind::Warning, text.to_owned())
}

/// Said of a command that does not exist.
pub(crate) fn unknown(name: &str) -> AppEvent {
    say(NoticeKind::Info, format!("There is no command /{name}; type / to see those there are."))
}

/// Where the argument of `/add-api-key` begins in a draft that is this command, or resembles it: from there on the
/// draft is masked while it is typed.
pub(crate) fn argument_start(draft: &str) -> Option<usize> {
    let trimmed = draft.trim_start();
    let end = trimmed.find(char::is_whitespace)?;
    let first = &trimmed[..end];
    // Without the `/` it may be prose, which is not to be masked on a mere resemblance.
    let most_wrong = if first.starts_with('/') { 3 } else { 1 };
    is_about_adding(first, most_wrong).then_some(draft.len() - trimmed.len() + end)
}

/// A known command at the very beginning, and everything behind it.
fn command_of(draft: &str) -> Option<(SlashCommand, &str)> {
    let line = draft.strip_prefix('/')?;
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    SlashCommand::named(&line[..end]).map(|command| (command, &line[end..]))
}

fn of_command(command: SlashCommand, rest: &str) -> Read {
    let (line, further) = rest.split_once('\n').unwrap_or((rest, ""));
    let argument = line.trim();
    if command.supports_inline_args() {
        let is_one_word = !argument.contains(char::is_whitespace) && further.trim().is_empty();
        if !is_one_word {
            return Read::NearMiss;
        }
    } else if key_shape::contains_key_shape(rest) {
        return Read::NearMiss;
    }
    let is_empty = argument.is_empty() && further.trim().is_empty();
    Read::Command { command, argument: (!is_empty).then(|| Secret::new(argument)) }
}

/// Whether a draft that is no known command holds a key and cannot be an ordinary message about one.
fn is_near_miss(draft: &str) -> bool {
    let first = draft.split_whitespace().next().unwrap_or_default();
    // A name that is no command and resembles it, with something behind it: that is masked, and most likely a key.
    let is_meant =
        first.starts_with('/') && is_about_adding(first, 3) && draft.split_whitespace().nth(1).is_some();
    if is_meant || is_glued(first) {
        return true;
    }
    let Some(key) = key_shape::find(draft).into_iter().next() else { return false };
    let before: Vec<&str> = draft[..key.start].split_whitespace().collect();
    // A key and nothing before it but quotes or a name such as `OPENAI_API_KEY=`: nobody says that to an agent.
    let is_wordless = |text: &str| !text.contains(char::is_alphanumeric);
    let is_bare = before.len() <= 1 && is_wordless(&draft[key.end..]) && !is_prose(&before);
    let is_command = first.starts_with('/') && !first[1..].contains('/');
    let names_it = draft.split_whitespace().any(|word| word.starts_with('/') && is_about_adding(word, 3));
    let says_it = (1..=3).contains(&before.len()) && is_about_adding(&before.concat(), 3);
    is_bare || is_command || names_it || says_it
}

/// One word before a key that is made of letters only belongs to a sentence, however short.
fn is_prose(before: &[&str]) -> bool {
    before.iter().any(|word| word.chars().all(char::is_alphabetic))
}

/// `/add-api-keysk-…`: the blank was forgotten, so that the key begins no word and has no key's shape. A command that
/// does not exist may hold one anywhere, as its name is repeated.
fn is_glued(word: &str) -> bool {
    word.match_indices("sk-").any(|(at, _)| {
        let (name, key) = word.split_at(at);
        let is_unknown = name.starts_with('/') && !name[1..].contains('/');
        (is_unknown || is_about_adding(name, 3)) && key_shape::contains_key_shape(key)
    })
}

/// `/add-api-key` as hands type it: without `/`, without `-`, letters swapped or missing.
fn is_about_adding(word: &str, most_wrong: usize) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (word, name) = (plain(word), plain(SlashCommand::AddApiKey.name()));
    // Long words resemble nothing; measuring them would cost time at every key.
    (5..20).contains(&word.len()) && strsim::levenshtein(&word, &name) <= most_wrong
}

fn shown_name(name: &str) -> String {
    let name = codex_redact::redact(name);
    let mut shown: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

fn say(kind: NoticeKind, text: String) -> AppEvent {
    AppEvent::Say(Notice { kind, text })
}

#[cfg(test)]
mod tests;
