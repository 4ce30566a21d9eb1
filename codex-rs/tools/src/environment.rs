//! The environment of commands: the person's own, without our secrets, with what tells programs that an agent reads.

use codex_protocol::ThreadId;
use codex_redact::{Secret, key_shape};

/// Variables that hold credentials of ours whatever their value looks like (wire-facts §1.5).
const OUR_SECRETS: [&str; 3] = ["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"];

/// Set for every command (wire-facts §10.4): no colours, no pagers, one language.
const FIXED: [(&str, &str); 9] = [
    ("CODEX_CI", "1"),
    ("NO_COLOR", "1"),
    ("TERM", "dumb"),
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("GH_PAGER", "cat"),
    ("LANG", "C.UTF-8"),
    ("LC_CTYPE", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
];

/// What the environment of one command is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inherited<'a> {
    /// The person's environment.
    pub variables: &'a [(String, String)],
    /// Credentials in our stores; a variable that holds one is left out.
    pub stored: &'a [Secret],
    /// The thread the command belongs to.
    pub thread_id: &'a ThreadId,
    /// The call that started it.
    pub call_id: &'a str,
    /// This program's version.
    pub version: &'a str,
}

impl Inherited<'_> {
    /// The command's whole environment. Left out: our own credential variables, whatever holds the shape of an OpenAI
    /// key, and whatever contains a stored credential.
    pub fn for_command(&self) -> Vec<(String, String)> {
        let ours = [
            ("CODEX_THREAD_ID", self.thread_id.as_str()),
            ("CODEX_SESSION_ID", self.thread_id.as_str()),
            ("CODEX_TOOL_CALL_ID", self.call_id),
            ("CODEX_VERSION", self.version),
        ];
        let set = || FIXED.iter().chain(&ours);
        let kept = without_secrets(self.variables, self.stored);
        let kept = kept.into_iter().filter(|(name, _)| !set().any(|(ours, _)| ours == name));
        kept.chain(set().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
    }
}

/// Variables for a command that no thread runs, without what [`Inherited::for_command`] leaves out.
pub fn without_secrets(variables: &[(String, String)], stored: &[Secret]) -> Vec<(String, String)> {
    let is_secret = |name: &str, value: &str| {
        OUR_SECRETS.contains(&name)
            || key_shape::contains_key_shape(value)
            || stored.iter().any(|secret| secret.is_in(value))
    };
    variables.iter().filter(|(name, value)| !is_secret(name, value)).cloned().collect()
}
