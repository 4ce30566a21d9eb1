//! The slash commands: each one item with its name, description, availability, arguments and action.

use codex_redact::Secret;

use crate::app_event::AppEvent;

/// A command typed after `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlashCommand {
    /// Choose the model.
    Model,
    /// Store a fallback key.
    AddApiKey,
    /// Delete it.
    RemoveApiKey,
    /// See and choose who pays.
    Fallback,
    /// What the agent may do.
    Permissions,
    /// New conversation.
    New,
    /// Write AGENTS.md.
    Init,
    /// Copy the last answer.
    Copy,
    /// What has changed in the folder.
    Diff,
    /// Mention a file.
    Mention,
    /// State of session and account.
    Status,
    /// MCP servers and their tools.
    Mcp,
    /// Sign out.
    Logout,
    /// End the program.
    Quit,
    /// Commands in the background.
    Ps,
    /// Stop them.
    Stop,
    /// Clear the screen and begin anew.
    Clear,
}

/// Everything about one command.
struct Item {
    name: &'static str,
    /// Other names that are understood and not listed.
    aliases: &'static [&'static str],
    /// For people, in a few words.
    description: &'static str,
    during_task: DuringTask,
    arguments: InlineArguments,
    /// What it does; a secret, as what follows a command may be a key.
    action: fn(Option<Secret>) -> Vec<AppEvent>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DuringTask {
    Available,
    NotAvailable,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InlineArguments {
    Taken,
    NotTaken,
}

impl SlashCommand {
    /// All of them, in the order of the popup: the official one, with those about the key behind `/model`.
    pub(crate) const ALL: &'static [SlashCommand] = &[
        SlashCommand::Model,
        SlashCommand::AddApiKey,
        SlashCommand::RemoveApiKey,
        SlashCommand::Fallback,
        SlashCommand::Permissions,
        SlashCommand::New,
        SlashCommand::Init,
        SlashCommand::Copy,
        SlashCommand::Diff,
        SlashCommand::Mention,
        SlashCommand::Status,
        SlashCommand::Mcp,
        SlashCommand::Logout,
        SlashCommand::Quit,
        SlashCommand::Ps,
        SlashCommand::Stop,
        SlashCommand::Clear,
    ];

    /// The command of this name, without the `/`.
    pub(crate) fn named(name: &str) -> Option<SlashCommand> {
        let is_it = |command: &SlashCommand| {
            let item = command.item();
            item.name == name || item.aliases.contains(&name)
        };
        SlashCommand::ALL.iter().copied().find(is_it)
    }

    /// Its name, without the `/`.
    pub(crate) fn name(self) -> &'static str {
        self.item().name
    }

    /// What it does, in a few words.
    pub(crate) fn description(self) -> &'static str {
        self.item().description
    }

    /// Whether text may follow it on its line.
    pub(crate) fn supports_inline_args(self) -> bool {
        self.item().arguments == InlineArguments::Taken
    }

    /// Whether it can be used while a turn runs.
    pub(crate) fn available_during_task(self) -> bool {
        self.item().during_task == DuringTask::Available
    }

    /// What it does, as events.
    pub(crate) fn action(self, argument: Option<Secret>) -> Vec<AppEvent> {
        (self.item().action)(argument)
    }

    fn item(self) -> Item {
        match self {
            SlashCommand::Model => Item::new("model", "choose the model and how long it thinks", |_| {
                vec![AppEvent::OpenModelPicker]
            }),
            SlashCommand::AddApiKey => Item {
                arguments: InlineArguments::Taken,
                ..Item::new("add-api-key", "store an API key that pays when the plan runs out", |key| {
                    vec![key.map_or(AppEvent::OpenKeyBox, |key| AppEvent::AddFallbackApiKey { key })]
                })
            },
            SlashCommand::RemoveApiKey => Item::new("remove-api-key", "delete the fallback API key", |_| {
                vec![AppEvent::RemoveFallbackApiKey]
            }),
            SlashCommand::Fallback => Item::new("fallback", "who pays, and what is left of the plan", |_| {
                vec![AppEvent::OpenFallbackPanel]
            }),
            SlashCommand::Permissions => Item {
                aliases: &["approvals"],
                ..Item::new("permissions", "what the agent may do, and when it asks", |_| {
                    vec![AppEvent::OpenPermissions]
                })
            },
            SlashCommand::Diff => {
                Item::new("diff", "what has changed in this folder, by git", |_| vec![AppEvent::ShowDiff])
            }
            SlashCommand::Mcp => {
                Item::new("mcp", "the MCP servers and their tools", |_| vec![AppEvent::ShowMcp])
            }
            SlashCommand::Ps => {
                Item::new("ps", "the commands that run in the background", |_| vec![AppEvent::OpenBackground])
            }
            SlashCommand::Stop => {
                Item::new("stop", "stop all commands in the background", |_| vec![AppEvent::StopBackground])
            }
            SlashCommand::New => {
                Item::new("new", "begin a new conversation", |_| vec![AppEvent::NewThread]).between_turns()
            }
            SlashCommand::Init => {
                Item::new("init", "have an AGENTS.md written for this folder", |_| vec![AppEvent::Init])
                    .between_turns()
            }
            SlashCommand::Copy => {
                Item::new("copy", "copy the last answer to the clipboard", |_| vec![AppEvent::CopyAnswer])
            }
            SlashCommand::Mention => {
                Item::new("mention", "name a file in the message", |_| vec![AppEvent::Mention])
            }
            SlashCommand::Status => {
                Item::new("status", "session, account, limits and who pays", |_| vec![AppEvent::ShowStatus])
            }
            SlashCommand::Logout => {
                Item::new("logout", "sign out", |_| vec![AppEvent::OpenLogout]).between_turns()
            }
            SlashCommand::Quit => {
                Item { aliases: &["exit"], ..Item::new("quit", "end codex", |_| vec![AppEvent::Quit]) }
            }
            SlashCommand::Clear => {
                Item::new("clear", "clear the screen and begin a new conversation", |_| {
                    vec![AppEvent::ClearScreen, AppEvent::NewThread]
                })
                .between_turns()
            }
        }
    }
}

impl Item {
    /// A command that can always be used and takes nothing behind it.
    fn new(
        name: &'static str,
        description: &'static str,
        action: fn(Option<Secret>) -> Vec<AppEvent>,
    ) -> Item {
        Item {
            name,
            aliases: &[],
            description,
            during_task: DuringTask::Available,
            arguments: InlineArguments::NotTaken,
            action,
        }
    }

    fn between_turns(self) -> Item {
        Item { during_task: DuringTask::NotAvailable, ..self }
    }
}

#[cfg(test)]
mod tests {
    use codex_redact::Secret;

    use super::SlashCommand;

    #[test]
    fn the_user_guide_has_a_row_for_each() {
        let guide = include_str!("../../../docs/user-guide.md");
        let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `/")).collect();
        for command in SlashCommand::ALL {
            let during = if command.available_during_task() { "| yes |" } else { "| no |" };
            let named = [format!("`/{}`", command.name()), format!("`/{} ", command.name())];
            let row = rows.iter().find(|row| named.iter().any(|name| row.contains(name.as_str())));
            assert!(row.is_some_and(|row| row.ends_with(during)), "/{}: {row:?}", command.name());
        }
    }

    /// Issue 3: name, event, whether it can be used during a task, whether it takes arguments; in popup order.
    #[test]
    fn every_command_does_what_it_says() {
        let table = [
            ("model", "[OpenModelPicker]", true, false),
            ("add-api-key", "[OpenKeyBox]", true, true),
            ("remove-api-key", "[RemoveFallbackApiKey]", true, false),
            ("fallback", "[OpenFallbackPanel]", true, false),
            ("permissions", "[OpenPermissions]", true, false),
            ("new", "[NewThread]", false, false),
            ("init", "[Init]", false, false),
            ("copy", "[CopyAnswer]", true, false),
            ("diff", "[ShowDiff]", true, false),
            ("mention", "[Mention]", true, false),
            ("status", "[ShowStatus]", true, false),
            ("mcp", "[ShowMcp]", true, false),
            ("logout", "[OpenLogout]", false, false),
            ("quit", "[Quit]", true, false),
            ("ps", "[OpenBackground]", true, false),
            ("stop", "[StopBackground]", true, false),
            ("clear", "[ClearScreen, NewThread]", false, false),
        ];
        assert_eq!(SlashCommand::ALL.len(), table.len());
        for (command, (name, events, during_task, arguments)) in SlashCommand::ALL.iter().zip(table) {
            assert_eq!(command.name(), name);
            assert_eq!(format!("{:?}", command.action(None)), events, "{name}");
            assert_eq!(command.available_during_task(), during_task, "{name}");
            assert_eq!(command.supports_inline_args(), arguments, "{name}");
            assert_eq!(SlashCommand::named(name), Some(*command));
            assert!((1..60).contains(&command.description().len()), "{name}");
        }
        assert_eq!(SlashCommand::named("exit"), Some(SlashCommand::Quit));
        assert_eq!(SlashCommand::named("Model"), None);
        assert_eq!(SlashCommand::named(""), None);
    }

    #[test]
    fn a_key_behind_the_command_stays_a_secret() {
        let events = SlashCommand::AddApiKey.action(Some(Secret::new("sk-behind")));
        assert_eq!(format!("{events:?}"), "[AddFallbackApiKey { key: Secret(****) }]");
    }
}
