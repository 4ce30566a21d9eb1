//! Everything that can happen: in the terminal, in the engine, and what the person wants of both.

use std::path::PathBuf;

use codex_app_server_protocol::{
    CommandApprovalDecision, FallbackApproval, FallbackMode, FileChangeApprovalDecision, ForcedPayer,
    McpServerElicitationRequestResponse, PermissionsRequestApprovalResponse, RequestId, RpcError,
    ServerNotification, ServerRequest, TurnId, TurnStartResponse,
};
use codex_redact::Secret;
use crossterm::event::KeyEvent;

use crate::attention::Focus;
use crate::effect::Answer;
use crate::permissions::Preset;

/// One thing that happened. `App::update` is the only reader.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "events are moved a few times and never kept in bulk")]
pub(crate) enum AppEvent {
    // --- the terminal
    /// A key was pressed or repeats.
    Key(KeyEvent),
    /// Text was pasted.
    Pasted(String),
    /// The person came to this window, or left it.
    Focus(Focus),
    /// Time passed: something on the screen shows it.
    Tick,
    /// The external editor has ended; `Err` is a sentence for people.
    Edited(Result<String, String>),
    /// Earlier messages of `history.jsonl`, oldest first.
    HistoryLoaded(Vec<String>),

    // --- the engine
    /// Something happened in the engine.
    Notification(ServerNotification),
    /// The engine asks.
    Asked {
        /// Goes back with the answer.
        id: RequestId,
        /// What it asks.
        request: ServerRequest,
    },
    /// The answer to a call of ours.
    Answered(Answer),
    /// The answer to a message that was sent.
    MessageAnswered {
        /// Its `clientUserMessageId`.
        id: String,
        /// The turn it is part of, or why it was refused.
        answer: Result<TurnStartResponse, RpcError>,
    },
    /// The connection to the engine has ended.
    EngineGone,

    // --- what the person wants: raised by keys, commands and dialogs
    /// Say this to the agent; while a turn runs it steers the turn.
    Submit(Message),
    /// Say this when the running turn has ended.
    Queue(Message),
    /// Send it although it holds a key shape: the person was asked.
    SubmitAnyway(Message),
    /// Put this back into the composer: it is not sent after all.
    Draft(Message),
    /// Stop the running turn.
    Interrupt,
    /// Store this key as the fallback key.
    AddFallbackApiKey {
        /// The key as it was typed, trimmed.
        key: Secret,
    },
    /// Open the masked box for a fallback key.
    OpenKeyBox,
    /// Delete the stored fallback key.
    RemoveFallbackApiKey,
    /// Open the `/fallback` panel.
    OpenFallbackPanel,
    /// What happens at the limit, from now on.
    SetFallbackMode {
        /// The new mode.
        mode: FallbackMode,
        /// Also write it to `config.toml`.
        keep: Keep,
    },
    /// Force who pays, or let signals decide again.
    SetPayer(ForcedPayer),
    /// The answer to the open question about the key.
    AnswerFallback {
        /// The engine's request.
        id: RequestId,
        /// The turn that waits for it.
        turn: TurnId,
        /// What the person chose.
        answer: FallbackApproval,
    },
    /// The answer to an open question about what the agent may do.
    Reply {
        /// The engine's request.
        id: RequestId,
        /// What the person chose.
        reply: Reply,
    },
    /// Open the list of models.
    OpenModelPicker,
    /// Use this model from the next turn on, and remember it.
    SetModel {
        /// Model slug.
        model: String,
        /// Reasoning effort; none is the model's own.
        effort: Option<String>,
    },
    /// Open the list of permissions.
    OpenPermissions,
    /// What commands may touch and when the person is asked, from the next turn on.
    SetPermissions {
        /// The choice.
        preset: Preset,
        /// Also write it to `config.toml`.
        keep: Keep,
    },
    /// Show what has changed in the working folder.
    ShowDiff,
    /// Open the list of commands in the background.
    OpenBackground,
    /// Stop this command in the background.
    StopCommand {
        /// The command's session.
        process: String,
    },
    /// Stop all commands in the background.
    StopBackground,
    /// Show the MCP servers and their tools.
    ShowMcp,
    /// Show the state of session, account and payer.
    ShowStatus,
    /// Begin a new conversation.
    NewThread,
    /// Ask the agent to write an AGENTS.md.
    Init,
    /// Begin a file search in the composer.
    Mention,
    /// Copy the agent's last answer.
    CopyAnswer,
    /// Clear the screen; the conversation goes on.
    ClearScreen,
    /// Ask what signing out is to delete.
    OpenLogout,
    /// Sign out.
    Logout(KeyOnLogout),
    /// Sign in with this API key (not the fallback key).
    SignIn {
        /// The key as it was typed, trimmed.
        key: Secret,
    },
    /// Whether this folder's own settings may count.
    Trust(Trust),
    /// Look for files whose path resembles this.
    SearchFiles(String),
    /// Open or close the full-screen transcript.
    ToggleTranscript,
    /// Show or hide the keys.
    ToggleHelp,
    /// Edit the draft in the external editor.
    OpenEditor,
    /// Read `history.jsonl`.
    LoadHistory,
    /// Append to `history.jsonl`. Never a text with a key shape.
    Remember(String),
    /// Show this sentence in the transcript; it is not sent.
    Say(Notice),
    /// Close the uppermost dialog.
    CloseDialog,
    /// Hand the terminal back to the shell for a while (Ctrl+Z).
    Suspend,
    /// End the program.
    Quit,
}

/// A sentence of the program's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// How it is meant.
    pub(crate) kind: NoticeKind,
    /// For people.
    pub(crate) text: String,
}

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// It is good to know.
    Info,
    /// It worked.
    Done,
    /// It needs a look.
    Warning,
    /// It failed.
    Error,
}

/// What the person says to the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Placeholders are already replaced by what was pasted.
    pub(crate) text: String,
    /// Image files, absolute.
    pub(crate) images: Vec<PathBuf>,
}

/// The answer to a question of the engine's about what the agent may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// To run a command.
    Command(CommandApprovalDecision),
    /// To change files.
    Change(FileChangeApprovalDecision),
    /// To go beyond the walls for a while.
    Permissions(PermissionsRequestApprovalResponse),
    /// Of an MCP server, or to call one of its tools.
    Mcp(McpServerElicitationRequestResponse),
}

/// Whether a choice is written to `config.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Only this process.
    Process,
    /// Also later ones.
    Written,
}

/// Whether a folder's own settings may count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// They may.
    Trusted,
    /// They may not.
    Untrusted,
}

/// What happens to the fallback key at sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyOnLogout {
    /// It is deleted with the session.
    Deleted,
    /// It is kept for this account's next sign-in.
    Kept,
}
