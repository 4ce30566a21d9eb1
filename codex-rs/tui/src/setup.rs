//! What the program is started with. All of it comes from `cli`, which alone reads the environment.

use codex_app_server_protocol::SandboxMode;

use crate::attention::Attention;

/// What the program is started with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// This program's version.
    pub version: String,
    /// The working folder, absolute.
    pub folder: String,
    /// `CODEX_HOME`, absolute; said where something is stored.
    pub codex_home: String,
    /// The home folder, drawn as `~`.
    pub home: Option<String>,
    /// `--model`.
    pub model: Option<String>,
    /// `--sandbox`.
    pub sandbox: Option<SandboxMode>,
    /// `--dangerously-bypass-approvals-and-sandbox`.
    pub approvals: Approvals,
    /// The prompt on the command line.
    pub prompt: Option<String>,
    /// Whether the folder is asked about.
    pub trust: Trusted,
    /// Whether the agent's thoughts are shown.
    pub thoughts: Thoughts,
    /// When and how somebody who is elsewhere is called.
    pub attention: Attention,
    /// Said below the header, such as what to type in the demo.
    pub hints: Vec<String>,
}

/// Whether the person is asked before commands run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approvals {
    /// As the settings say.
    #[default]
    AsSet,
    /// Never.
    Never,
}

/// Whether the person is asked about a folder that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trusted {
    /// If the settings say nothing of it.
    #[default]
    Ask,
    /// There is nothing to ask: they have said, of it or of the project around it, or the folder is our own.
    Already,
}

/// Whether the agent's thoughts are shown (`hide_agent_reasoning`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thoughts {
    /// A few lines of each.
    #[default]
    Shown,
    /// None.
    Hidden,
}

impl Setup {
    /// A folder as it is drawn: the home folder is `~`.
    pub(crate) fn shown_folder(&self, folder: &str) -> String {
        let inside = self.home.as_deref().and_then(|home| folder.strip_prefix(home.trim_end_matches('/')));
        match inside {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
            Some(_) | None => folder.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Setup;

    #[test]
    fn the_home_folder_is_drawn_as_a_tilde() {
        let setup = Setup { home: Some("/home/ada".to_owned()), ..Setup::default() };
        for (folder, expect) in
            [("/home/ada", "~"), ("/home/ada/work", "~/work"), ("/home/adam", "/home/adam"), ("/srv", "/srv")]
        {
            assert_eq!(setup.shown_folder(folder), expect);
        }
        assert_eq!(Setup::default().shown_folder("/srv"), "/srv");
    }
}
