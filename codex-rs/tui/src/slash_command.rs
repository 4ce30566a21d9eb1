//! The slash commands: each one item with its name, description, availability and arguments.

/// A command typed after `/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlashCommand {
    /// Store a fallback key.
    AddApiKey,
    /// Delete it.
    RemoveApiKey,
    /// See and choose who pays.
    Fallback,
    /// Choose the model.
    Model,
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
