//! The environment of a server: what every program needs, what the settings add, and nothing of ours.

use std::collections::BTreeMap;

use codex_redact::{Secret, key_shape};

use crate::Launcher;

/// Variables that hold credentials of ours whatever their value looks like (wire-facts §1.5).
pub(crate) const OUR_SECRETS: [&str; 3] = ["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"];

/// What a program needs to find its files and speak the person's language.
const CORE: [&str; 13] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
    "__CF_USER_TEXT_ENCODING",
];

/// The whole environment of a server, and a sentence for each variable that was asked for and is not in it.
pub(crate) fn for_server(
    launcher: &Launcher,
    set: &BTreeMap<String, Secret>,
    inherited: &[String],
) -> (Vec<(String, String)>, Vec<String>) {
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    let mut notes = Vec::new();
    for name in CORE {
        if let Some(value) = variable(launcher, name).filter(|value| !holds_ours(launcher, name, value)) {
            environment.insert(name.to_owned(), value.to_owned());
        }
    }
    for name in inherited {
        match variable(launcher, name) {
            None => notes.push(format!("the variable {name} is not set, so the server does not get it")),
            Some(value) if holds_ours(launcher, name, value) || key_shape::contains_key_shape(value) => {
                notes.push(not_handed_over(name));
            }
            Some(value) => {
                environment.insert(name.clone(), value.to_owned());
            }
        }
    }
    for (name, secret) in set {
        let value = secret.expose();
        // A key that the person wrote down for this very server is theirs to give, if it is none of those we pay with.
        if is_ours(launcher, value) {
            notes.push(not_handed_over(name));
        } else {
            environment.insert(name.clone(), value.to_owned());
        }
    }
    (environment.into_iter().collect(), notes)
}

/// The person's variable of this name.
pub(crate) fn variable<'a>(launcher: &'a Launcher, name: &str) -> Option<&'a str> {
    launcher.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Whether a text holds a credential we have: stored, or handed to us in the environment.
pub(crate) fn is_ours(launcher: &Launcher, text: &str) -> bool {
    let given = OUR_SECRETS.iter().filter_map(|name| variable(launcher, name));
    launcher.stored.any_is_in(text)
        || given.filter(|value| !value.is_empty()).any(|value| text.contains(value))
}

fn holds_ours(launcher: &Launcher, name: &str, value: &str) -> bool {
    OUR_SECRETS.contains(&name) || is_ours(launcher, value)
}

fn not_handed_over(name: &str) -> String {
    format!(
        "the variable {name} holds a credential that Codex pays or signs in with, so the server does not get it"
    )
}
