//! What destroys, escalates, publishes or never ends: asked about everywhere, or never run.

use crate::rough::{base_name, commands, commands_of};

/// Why a command is not like others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Danger {
    /// To be asked about.
    Ask(String),
    /// Never to be run.
    Never(String),
}

/// The worst there is in a script.
pub(crate) fn in_script(script: &str) -> Option<Danger> {
    let dense: String = script.chars().filter(|next| !next.is_whitespace()).collect();
    if is_fork_bomb(&dense) {
        return Some(Danger::Never("It starts itself again and again until the machine stops.".to_owned()));
    }
    if writes_to_disk_device(&dense) {
        return Some(Danger::Never("It writes over a whole disk.".to_owned()));
    }
    worst(&commands(script))
}

/// The worst there is in one argument list.
pub(crate) fn in_command(argv: &[String]) -> Option<Danger> {
    worst(&commands_of(argv))
}

fn worst(commands: &[Vec<String>]) -> Option<Danger> {
    let dangers = || commands.iter().filter_map(|words| of_one(words));
    dangers().find(|danger| matches!(danger, Danger::Never(_))).or_else(|| dangers().next()).or_else(|| {
        let any = |names: &[&str]| {
            commands.iter().any(|words| words.first().is_some_and(|name| names.contains(&base_name(name))))
        };
        let downloads = any(&["curl", "wget", "fetch"]);
        let runs = any(&[
            "bash", "dash", "eval", "fish", "ksh", "node", "perl", "python", "python3", "ruby", "sh",
            "source", "zsh", ".",
        ]);
        (downloads && runs).then(|| Danger::Ask("It may run what it downloads.".to_owned()))
    })
}

fn of_one(words: &[String]) -> Option<Danger> {
    let (program, arguments) = words.split_first()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let name = base_name(program);
    let ask = |why: &str| Some(Danger::Ask(format!("`{name}` {why}")));
    match name {
        "sudo" | "doas" | "su" | "pkexec" | "run0" => ask("runs a command with other rights."),
        "rm" => removal(&arguments),
        "chmod" | "chown" | "chgrp" if has(&arguments, 'R', "recursive") => {
            if arguments.iter().any(|target| is_everything(target)) {
                Some(Danger::Never(format!(
                    "`{name}` would change every file of the machine or of the person."
                )))
            } else {
                ask("changes who may use a whole folder.")
            }
        }
        "dd" => match arguments.iter().find_map(|argument| argument.strip_prefix("of=")) {
            Some(target) if is_disk(target) => {
                Some(Danger::Never("`dd` would write over a whole disk.".to_owned()))
            }
            Some(target) if target != "/dev/null" => ask("writes over its target without asking."),
            Some(_) | None => None,
        },
        "mkswap" | "wipefs" | "blkdiscard" | "fdisk" | "sfdisk" | "parted" => ask("changes disks."),
        _ if name == "mkfs" || name.starts_with("mkfs.") => {
            if arguments.iter().any(|target| is_disk(target)) {
                Some(Danger::Never(format!("`{name}` would erase a disk.")))
            } else {
                ask("erases what is on a disk.")
            }
        }
        "shred" => ask("destroys files for good."),
        "shutdown" | "reboot" | "halt" | "poweroff" => ask("stops the machine."),
        "init" | "telinit" if matches!(arguments.as_slice(), ["0" | "6"]) => ask("stops the machine."),
        "systemctl"
            if arguments.iter().any(|word| {
                matches!(*word, "poweroff" | "reboot" | "halt" | "stop" | "disable" | "mask")
            }) =>
        {
            ask("stops services or the machine.")
        }
        "kill" if arguments.contains(&"-1") => ask("ends every process of the person."),
        "killall" | "pkill" => ask("ends processes by name."),
        "crontab" if arguments.contains(&"-r") => ask("deletes all planned tasks."),
        "userdel" | "passwd" | "visudo" | "iptables" | "mount" | "umount" => {
            ask("changes the machine for everybody.")
        }
        "find" | "fd" if arguments.contains(&"-delete") => ask("deletes what it finds."),
        "git" => git(&arguments).and_then(ask),
        "npm" | "pnpm" | "yarn" | "cargo" | "twine" | "gem" | "poetry" | "uv"
            if matches!(arguments.first(), Some(&("publish" | "upload" | "push" | "yank" | "unpublish"))) =>
        {
            ask("publishes a package.")
        }
        "docker" | "podman"
            if arguments.contains(&"prune") || matches!(arguments.as_slice(), ["volume", "rm", ..]) =>
        {
            ask("deletes containers, images or volumes.")
        }
        "kubectl" if arguments.contains(&"delete") => ask("deletes resources of a cluster."),
        "terraform" | "tofu" if arguments.contains(&"destroy") => ask("destroys what was set up."),
        "gh" if matches!(arguments.as_slice(), ["repo" | "release" | "secret", "delete", ..]) => {
            ask("deletes on GitHub.")
        }
        "dropdb" => ask("deletes a database."),
        _ => None,
    }
}

fn removal(arguments: &[&str]) -> Option<Danger> {
    let recursive = has(arguments, 'r', "recursive") || has(arguments, 'R', "recursive");
    let everything = arguments.iter().any(|target| is_everything(target));
    if recursive && everything || arguments.contains(&"--no-preserve-root") {
        return Some(Danger::Never(
            "`rm` would delete the whole machine or everything of the person.".to_owned(),
        ));
    }
    (recursive || has(arguments, 'f', "force"))
        .then(|| Danger::Ask("`rm` deletes for good, without asking.".to_owned()))
}

/// What git would lose or force upon others.
fn git(arguments: &[&str]) -> Option<&'static str> {
    // Options of git itself, two of which have a value, stand before the subcommand.
    let mut rest = arguments;
    let (subcommand, rest) = loop {
        match rest {
            ["-C" | "-c" | "--git-dir" | "--work-tree", _, others @ ..] => rest = others,
            [option, others @ ..] if option.starts_with('-') => rest = others,
            [subcommand, others @ ..] => break (*subcommand, others),
            [] => return None,
        }
    };
    let any = |names: &[&str]| rest.iter().any(|word| names.contains(word));
    match subcommand {
        "push"
            if has(rest, 'f', "force")
                || has(rest, 'd', "delete")
                || rest
                    .iter()
                    .any(|word| word.starts_with("--force-with-lease") || word.starts_with(['+', ':']))
                || any(&["--mirror", "--prune"]) =>
        {
            Some("overwrites or deletes what others have.")
        }
        "reset" if any(&["--hard", "--merge", "--keep"]) => Some("throws away changes."),
        "clean" if has(rest, 'f', "force") => Some("deletes files that git does not know."),
        "checkout" | "switch" if has(rest, 'f', "force") || any(&["--", ".", "--discard-changes"]) => {
            Some("throws away changes.")
        }
        "restore" if !any(&["--staged", "-S"]) || any(&["--worktree", "-W"]) => Some("throws away changes."),
        "branch" if has(rest, 'D', "delete") || has(rest, 'd', "delete") => Some("deletes branches."),
        "stash" if any(&["drop", "clear"]) => Some("deletes stashed changes."),
        "reflog" if any(&["expire", "delete"]) => Some("deletes git's memory of commits."),
        "filter-branch" | "filter-repo" | "update-ref" => Some("rewrites history."),
        _ => None,
    }
}

/// Whether an option is there, as a letter of a cluster or by its long name, which may be shortened.
fn has(arguments: &[&str], letter: char, long: &str) -> bool {
    arguments.iter().take_while(|argument| **argument != "--").any(|argument| {
        match argument.strip_prefix("--") {
            Some(name) => name.len() >= 3 && long.starts_with(name),
            None => argument.strip_prefix('-').is_some_and(|cluster| cluster.contains(letter)),
        }
    })
}

/// The root, the home folder, or one of the folders the system is made of, also as all that is in them.
fn is_everything(target: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    // `/usr/*`, `/.*` and the like are all that is in the folder.
    if parts.last().is_some_and(|part| part.trim_matches(['*', '.']).is_empty()) {
        parts.pop();
    }
    let root = if target.starts_with('/') { "/" } else { "" };
    let folder = format!("{root}{}", parts.join("/"));
    let folder = folder.trim_end_matches('/');
    let home = matches!(folder, "~" | "$HOME" | "${HOME}");
    let system = matches!(
        folder,
        "/bin"
            | "/boot"
            | "/dev"
            | "/etc"
            | "/home"
            | "/lib"
            | "/lib64"
            | "/opt"
            | "/proc"
            | "/root"
            | "/sbin"
            | "/sys"
            | "/usr"
            | "/var"
            | "/Users"
            | "/System"
            | "/Library"
            | "/Applications"
    );
    home || system || folder.is_empty() && target.starts_with('/')
}

fn is_disk(target: &str) -> bool {
    const DISKS: &[&str] =
        &["sd", "hd", "vd", "xvd", "nvme", "mmcblk", "disk", "rdisk", "mapper/", "loop", "md"];
    target.strip_prefix("/dev/").is_some_and(|device| DISKS.iter().any(|disk| device.starts_with(disk)))
}

fn writes_to_disk_device(dense: &str) -> bool {
    dense.match_indices('>').any(|(at, _)| is_disk(dense[at..].trim_start_matches(['>', '|', '&'])))
}

/// `:(){ :|:& };:`, with any name.
fn is_fork_bomb(dense: &str) -> bool {
    dense.match_indices("(){").any(|(at, _)| {
        let name = dense[..at].rsplit([';', '&', '|', '\n']).next().unwrap_or_default();
        let name = name.strip_prefix("function").unwrap_or(name);
        !name.is_empty() && dense[at..].starts_with(&format!("(){{{name}|{name}"))
    })
}
