//! The slash commands: each one item with its name, description, availability, arguments and action.

use codex_redact::Secret;

use crate::app_event::AppEvent;

/// A command typed after `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlashCommand {
    /// Choose the model.
    Model,
    /// Store a fallback key.
    AddApiKey,
    /// Delete it.
    RemoveApiKey,
    /// See and choose who pays.
    Fallback,
    /// State of session and account.
    Status,
    /// New conversation.
    New,
    /// Write AGENTS.md.
    Init,
    /// Mention a file.
    Mention,
    /// Copy the last answer.
    Copy,
    /// Clear the screen and begin anew.
    Clear,
    /// Sign out.
    Logout,
    /// End the program.
    Quit,
}

/// What follows a command on its line. A secret, as it may hold one.
pub(crate) type Argument = Option<Secret>;

/// Everything about one command.
struct Item {
    command: SlashCommand,
    name: &'static str,
    /// Other names that are understood and not listed.
    aliases: &'static [&'static str],
    description: &'static str,
    during_task: DuringTask,
    arguments: InlineArguments,
    action: fn(Argument) -> AppEvent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DuringTask {
    Available,
    NotAvailable,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InlineArguments {
    Taken,
    None,
}

const fn item(
    command: SlashCommand,
    name: &'static str,
    description: &'static str,
    during_task: DuringTask,
    action: fn(Argument) -> AppEvent,
) -> Item {
    Item { command, name, aliases: &[], description, during_task, arguments: InlineArguments::None, action }
}

/// In the order of the popup.
const ITEMS: &[Item] = &[
    item(
        SlashCommand::Model,
        "model",
        "choose the model and how long it thinks",
        DuringTask::Available,
        |_| AppEvent::OpenModelPicker,
    ),
    Item {
        arguments: InlineArguments::Taken,
        ..item(
            SlashCommand::AddApiKey,
            "add-api-key",
            "store a fallback API key for when the plan runs out",
            DuringTask::Available,
            |key| key.map_or(AppEvent::OpenKeyBox, |key| AppEvent::AddFallbackApiKey { key }),
        )
    },
    item(
        SlashCommand::RemoveApiKey,
        "remove-api-key",
        "delete the fallback API key",
        DuringTask::Available,
        |_| AppEvent::RemoveFallbackApiKey,
    ),
    item(
        SlashCommand::Fallback,
        "fallback",
        "who pays, and what is left of the plan",
        DuringTask::Available,
        |_| AppEvent::OpenFallbackPanel,
    ),
    item(SlashCommand::New, "new", "begin a new conversation", DuringTask::NotAvailable, |_| {
        AppEvent::NewThread
    }),
    item(
        SlashCommand::Init,
        "init",
        "have the agent write an AGENTS.md for this project",
        DuringTask::NotAvailable,
        |_| AppEvent::Init,
    ),
    item(SlashCommand::Copy, "copy", "copy the last answer to the clipboard", DuringTask::Available, |_| {
        AppEvent::CopyAnswer
    }),
    item(SlashCommand::Mention, "mention", "mention a file, as @ does", DuringTask::Available, |_| {
        AppEvent::Mention
    }),
    item(
        SlashCommand::Status,
        "status",
        "session, account, limits and who pays",
        DuringTask::Available,
        |_| AppEvent::ShowStatus,
    ),
    item(
        SlashCommand::Logout,
        "logout",
        "sign out; deletes the session and its fallback key",
        DuringTask::NotAvailable,
        |_| AppEvent::OpenLogout,
    ),
    Item {
        aliases: &["exit"],
        ..item(SlashCommand::Quit, "quit", "end codex", DuringTask::Available, |_| AppEvent::Quit)
    },
    item(
        SlashCommand::Clear,
        "clear",
        "clear the screen and begin a new conversation",
        DuringTask::NotAvailable,
        |_| AppEvent::ClearAndBegin,
    ),
];

impl SlashCommand {
    /// All of them, in the order of the popup.
    pub fn all() -> impl Iterator<Item = SlashCommand> {
        ITEMS.iter().map(|item| item.command)
    }

    /// The command of this name, without the `/`.
    pub fn named(name: &str) -> Option<SlashCommand> {
        let fits = |item: &&Item| item.name == name || item.aliases.contains(&name);
        ITEMS.iter().find(fits).map(|item| item.command)
    }

    /// Its name, without the `/`.
    pub fn name(self) -> &'static str {
        self.item().map_or("", |item| item.name)
    }

    /// What it does, in a few words.
    pub fn description(self) -> &'static str {
        self.item().map_or("", |item| item.description)
    }

    /// Whether text may follow it on its line.
    pub fn supports_inline_args(self) -> bool {
        self.item().is_some_and(|item| item.arguments == InlineArguments::Taken)
    }

    /// Whether it can be used while a turn runs.
    pub fn available_during_task(self) -> bool {
        self.item().is_some_and(|item| item.during_task == DuringTask::Available)
    }

    /// What it does.
    pub(crate) fn action(self, argument: Argument) -> AppEvent {
        self.item().map_or(AppEvent::ToggleHelp, |item| (item.action)(argument))
    }

    fn item(self) -> Option<&'static Item> {
        ITEMS.iter().find(|item| item.command == self)
    }
}

#[cfg(test)]
mod tests {
    use codex_redact::Secret;

    use super::{ITEMS, SlashCommand};
    use crate::app_event::AppEvent;

    /// Issue 3: each command with its action, its availability during a task, and whether it takes arguments.
    #[test]
    fn every_command_does_what_it_says() {
        let table: &[(&str, &str, bool, bool)] = &[
            ("model", "OpenModelPicker", true, false),
            ("add-api-key", "OpenKeyBox", true, true),
            ("remove-api-key", "RemoveFallbackApiKey", true, false),
            ("fallback", "OpenFallbackPanel", true, false),
            ("new", "NewThread", false, false),
            ("init", "Init", false, false),
            ("copy", "CopyAnswer", true, false),
            ("mention", "Mention", true, false),
            ("status", "ShowStatus", true, false),
            ("logout", "OpenLogout", false, false),
            ("quit", "Quit", true, false),
            ("clear", "ClearAndBegin", false, false),
        ];
        assert_eq!(table.len(), SlashCommand::all().count());
        for (name, event, during_task, arguments) in table {
            let command = SlashCommand::named(name).unwrap();
            assert_eq!(command.name(), *name);
            assert_eq!(format!("{:?}", command.action(None)), *event);
            assert_eq!(command.available_during_task(), *during_task, "{name}");
            assert_eq!(command.supports_inline_args(), *arguments, "{name}");
            assert!(command.description().len() < 60, "{name}");
        }
        assert_eq!(SlashCommand::named("exit"), Some(SlashCommand::Quit));
        assert_eq!(SlashCommand::named("frobnicate"), None);
    }

    #[test]
    fn a_key_behind_the_command_is_a_secret() {
        let event = SlashCommand::AddApiKey.action(Some(Secret::new("sk-test")));
        assert!(matches!(&event, AppEvent::AddFallbackApiKey { key } if *key == Secret::new("sk-test")));
        assert!(!format!("{event:?}").contains("sk-test"));
    }

    #[test]
    fn no_command_stands_twice() {
        for (place, item) in ITEMS.iter().enumerate() {
            assert!(
                ITEMS[place + 1..]
                    .iter()
                    .all(|other| other.command != item.command && other.name != item.name)
            );
        }
    }
}
