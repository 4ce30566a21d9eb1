//! What Enter does with a draft that may be a command: the one place where the composer meets the slash commands.

use crate::app_event::AppEvent;
use crate::facts::Facts;
use crate::slash_command::SlashCommand;
use crate::slash_dispatch::{self, Read};

/// What a draft means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Words for the agent.
    Message,
    /// A command that runs now; the draft has done its work.
    Runs(Vec<AppEvent>),
    /// Nothing that can be done now: the draft stays, so that it can be mended.
    Stays(Vec<AppEvent>),
}

/// Reads a draft.
pub(super) fn meaning(draft: &str, facts: Facts<'_>) -> Meaning {
    match slash_dispatch::read(draft) {
        Read::Message => Meaning::Message,
        Read::Command { command, argument } => {
            let events = slash_dispatch::dispatch(command, argument, facts);
            if is_usable(command, facts) { Meaning::Runs(events) } else { Meaning::Stays(events) }
        }
        Read::Unknown { name } => Meaning::Stays(vec![slash_dispatch::unknown(&name)]),
        Read::NearMiss => Meaning::Stays(vec![slash_dispatch::near_miss()]),
    }
}

/// Whether a command can be used now.
pub(super) fn is_usable(command: SlashCommand, facts: Facts<'_>) -> bool {
    command.available_during_task() || !facts.session.is_busy()
}

/// Those whose name begins with `name`, then those that hold it.
pub(super) fn matching(name: &str) -> Vec<SlashCommand> {
    let name = name.to_ascii_lowercase();
    let begin = SlashCommand::ALL.iter().copied().filter(|command| command.name().starts_with(&name));
    let holds = |command: &SlashCommand| !command.name().starts_with(&name) && command.name().contains(&name);
    begin.chain(SlashCommand::ALL.iter().copied().filter(holds)).collect()
}
