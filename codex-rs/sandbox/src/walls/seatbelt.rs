//! Walls by macOS's `sandbox-exec`, with a profile of our own. Not verified on a Mac yet; the self-test refuses it there if
//! it does not hold.
//!
//! Everything is denied that the profile does not name; of rules that match, the last one counts. Paths are parameters, so
//! nothing in them is read as a rule.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::cover::Cover;
use super::{Kept, Launch, Leader};
use crate::{CommandSpec, Network, PROTECTED_NAMES, RootKind, SandboxError};

/// Where macOS has it; never looked for elsewhere.
pub(crate) const PROGRAM: &str = "/usr/bin/sandbox-exec";

const BASE: &str = r#"(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow pseudo-tty)
(allow ipc-posix-sem)
(allow mach-lookup
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.system.logger"))
(allow file-read*)
(allow file-write-data file-ioctl
  (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))
"#;

const OPEN_NETWORK: &str = r#"(allow system-socket (require-any (socket-domain AF_INET) (socket-domain AF_INET6)))
(allow network-outbound (remote ip))
(allow network-inbound (local ip))
(allow network-bind (local ip))
(allow mach-lookup
  (global-name "com.apple.dnssd.service")
  (global-name "com.apple.trustd")
  (global-name "com.apple.SystemConfiguration.configd"))
(allow network-outbound (literal "/private/var/run/mDNSResponder"))
"#;

/// The command as `sandbox-exec`'s.
pub(crate) fn launch(spec: &CommandSpec) -> Result<Launch, SandboxError> {
    let cover = Cover::of(&spec.policy)?;
    if !cover.shows(&super::real(&spec.cwd)) {
        return Err(SandboxError::HiddenFolder(spec.cwd.clone()));
    }
    let Profile { text, parameters } = profile(&cover, spec.policy.network);
    let mut arguments: Vec<OsString> = vec!["-p".into(), text.into()];
    for (name, path) in parameters {
        let mut parameter = OsString::from(format!("-D{name}="));
        parameter.push(path);
        arguments.push(parameter);
    }
    arguments.push("--".into());
    arguments.extend(spec.argv.iter().map(OsString::from));
    Ok(Launch {
        program: PROGRAM.into(),
        arguments,
        cwd: spec.cwd.clone(),
        environment: spec.environment.clone(),
        in_child: None,
        // It becomes the command by exec.
        leader: Leader::Command,
        kept: Kept::default(),
    })
}

struct Profile {
    text: String,
    parameters: Vec<(String, PathBuf)>,
}

impl Profile {
    fn rule(&mut self, action: &str, operations: &str, filter: &str, path: &Path) {
        let name = format!("PATH_{}", self.parameters.len());
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "({action} {operations} ({filter} (param \"{name}\")))");
        self.parameters.push((name, path.to_path_buf()));
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    Hidden,
    Root,
    Protected,
}

fn profile(cover: &Cover, network: Network) -> Profile {
    let mut profile = Profile { text: BASE.to_owned(), parameters: Vec::new() };
    match network {
        Network::Closed => {}
        Network::Open => profile.text.push_str(OPEN_NETWORK),
    }
    let hidden = cover.hidden.iter().map(|path| (path.clone(), Rule::Hidden));
    let roots = cover.roots.iter().map(|root| (root.path.clone(), Rule::Root));
    let protected = cover.protected.iter().map(|protected| (protected.path.clone(), Rule::Protected));
    // The names themselves as well, also where they are links.
    let workspaces = cover.roots.iter().filter(|root| root.kind == RootKind::Workspace);
    let names =
        workspaces.flat_map(|root| PROTECTED_NAMES.map(|name| (root.path.join(name), Rule::Protected)));
    let links = cover.links.iter().map(|link| (link.clone(), Rule::Protected));
    let mut rules: Vec<(PathBuf, Rule)> =
        hidden.chain(roots).chain(protected).chain(names).chain(links).collect();
    rules.sort();
    rules.dedup();
    for (path, rule) in &rules {
        match rule {
            Rule::Hidden => profile.rule("deny", "file-read* file-write*", "subpath", path),
            Rule::Root => {
                profile.rule("allow", "file-read*", "subpath", path);
                profile.rule("allow", "file-write*", "subpath", path);
            }
            Rule::Protected => profile.rule("deny", "file-write*", "subpath", path),
        }
    }
    // Last: a folder on the way to one of these must stay where it is.
    let in_roots = rules
        .iter()
        .flat_map(|(path, _)| path.ancestors().skip(1))
        .filter(|ancestor| cover.roots.iter().any(|root| ancestor.starts_with(&root.path)));
    let mut pins: Vec<&Path> = in_roots.collect();
    pins.sort_unstable();
    pins.dedup();
    for pin in pins {
        profile.rule("deny", "file-write-unlink", "literal", pin);
    }
    profile
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

    use super::*;
    use crate::Root;
    use crate::walls::cover::Protected;

    #[test]
    fn the_profile_denies_what_the_policy_denies() {
        let cover = Cover {
            roots: vec![Root { path: "/w/a".into(), kind: RootKind::Workspace }],
            protected: vec![Protected { path: "/w/a/b/real.git".into(), exists: true }],
            frozen: vec!["/w/a/l".into()],
            links: vec!["/w/a/l/codex".into()],
            hidden: vec!["/home/me/.codex".into()],
        };
        let Profile { text, parameters } = profile(&cover, Network::Closed);
        let rules = text.strip_prefix(BASE).unwrap();
        let named = parameters.iter().fold(rules.to_owned(), |text, (name, path)| {
            text.replace(&format!("(param \"{name}\")"), &path.display().to_string())
        });
        insta::assert_snapshot!(named, @r"
        (deny file-read* file-write* (subpath /home/me/.codex))
        (allow file-read* (subpath /w/a))
        (allow file-write* (subpath /w/a))
        (deny file-write* (subpath /w/a/.agents))
        (deny file-write* (subpath /w/a/.codex))
        (deny file-write* (subpath /w/a/.git))
        (deny file-write* (subpath /w/a/b/real.git))
        (deny file-write* (subpath /w/a/l/codex))
        (deny file-write-unlink (literal /w/a))
        (deny file-write-unlink (literal /w/a/b))
        (deny file-write-unlink (literal /w/a/l))
        ");
    }
}
