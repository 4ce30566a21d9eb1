//! Which first words may be allowed once and for all.

use crate::allowances::BadPrefix;
use crate::dangerous;

/// Programs that run what they are told to, or whose harm lies in their operands: no first word says enough.
const TOO_WIDE: &[&str] = &[
    ".",
    ":",
    "R",
    "Rscript",
    "alias",
    "ash",
    "at",
    "awk",
    "bash",
    "batch",
    "bg",
    "builtin",
    "bun",
    "bunx",
    "busybox",
    "chgrp",
    "chmod",
    "chown",
    "chroot",
    "chrt",
    "cmd",
    "command",
    "coproc",
    "cp",
    "crontab",
    "csh",
    "curl",
    "dash",
    "dd",
    "deno",
    "doas",
    "docker",
    "ed",
    "elixir",
    "emacs",
    "enable",
    "env",
    "erl",
    "eval",
    "ex",
    "exec",
    "expect",
    "export",
    "fd",
    "fdfind",
    "fetch",
    "find",
    "firejail",
    "fish",
    "flock",
    "gawk",
    "gdb",
    "ghci",
    "git",
    "iex",
    "install",
    "ionice",
    "irb",
    "java",
    "julia",
    "kill",
    "killall",
    "ksh",
    "kubectl",
    "less",
    "link",
    "ln",
    "lua",
    "luajit",
    "mawk",
    "mksh",
    "more",
    "mount",
    "mv",
    "nawk",
    "nc",
    "ncat",
    "nice",
    "node",
    "nodejs",
    "nohup",
    "npx",
    "nsenter",
    "ocaml",
    "osascript",
    "parallel",
    "perl",
    "php",
    "pkexec",
    "pkill",
    "podman",
    "powershell",
    "pwsh",
    "pypy",
    "pypy3",
    "python",
    "python2",
    "python3",
    "rm",
    "rmdir",
    "rsync",
    "rtk",
    "ruby",
    "run0",
    "runuser",
    "scp",
    "screen",
    "script",
    "sed",
    "set",
    "setarch",
    "setpriv",
    "setsid",
    "sftp",
    "sh",
    "shred",
    "socat",
    "source",
    "ssh",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "systemctl",
    "systemd-run",
    "tar",
    "taskset",
    "tclsh",
    "tcsh",
    "tee",
    "telnet",
    "time",
    "timeout",
    "tmux",
    "toybox",
    "trap",
    "tsx",
    "ts-node",
    "unshare",
    "unbuffer",
    "uvx",
    "vi",
    "view",
    "vim",
    "nvim",
    "watch",
    "wget",
    "xargs",
    "xonsh",
    "[",
    "autoload",
    "bind",
    "cd",
    "compgen",
    "complete",
    "declare",
    "fc",
    "hash",
    "history",
    "let",
    "local",
    "mapfile",
    "printf",
    "read",
    "readarray",
    "readonly",
    "shopt",
    "test",
    "typeset",
    "ulimit",
    "umask",
    "unset",
    "wait",
    "zmodload",
    "zip",
    "zsh",
];
/// Programs whose second word says what they do, and the second words that may be allowed.
const SUBCOMMANDS: &[(&str, &[&str])] = &[
    (
        "cargo",
        &[
            "add", "bench", "build", "check", "clippy", "doc", "fetch", "fmt", "metadata", "nextest", "test",
            "tree", "update",
        ],
    ),
    (
        "git",
        &["add", "commit", "fetch", "pull", "status", "log", "diff", "show", "blame", "tag", "merge", "push"],
    ),
    ("go", &["build", "fmt", "get", "list", "mod", "test", "vet"]),
    ("npm", &["ci", "install", "test", "ls", "outdated", "audit"]),
    ("pnpm", &["install", "test", "build", "lint", "ls"]),
    ("yarn", &["install", "test", "build", "lint"]),
    ("pip", &["install", "list", "show", "freeze"]),
    ("pip3", &["install", "list", "show", "freeze"]),
    ("uv", &["sync", "lock", "pip"]),
    ("poetry", &["install", "lock", "show"]),
    ("bundle", &["install", "check"]),
    ("dotnet", &["build", "test", "restore"]),
    ("swift", &["build", "test"]),
    ("gradle", &["build", "test", "check"]),
    ("mvn", &["compile", "test", "package"]),
    ("mix", &["test", "compile", "format", "deps.get"]),
    ("gh", &["issue", "pr", "repo", "run", "release", "workflow"]),
    ("brew", &["install", "info", "list"]),
    ("rustup", &["show", "component", "target", "update"]),
];
/// Programs with scripts of the project as third word: `npm run build`.
const RUNNERS: &[&str] = &["npm", "pnpm", "yarn"];

/// Whether every command that begins with these words may be allowed.
pub(crate) fn check(words: &[String]) -> Result<(), BadPrefix> {
    let Some((program, rest)) = words.split_first() else { return Err(BadPrefix::Empty) };
    let too_wide = || Err(BadPrefix::TooWide(words.join(" ")));
    if program.is_empty()
        || program.contains('/')
        || program.contains(char::is_whitespace)
        || program.contains('=')
    {
        return too_wide();
    }
    if dangerous::in_command(words).is_some() {
        return too_wide();
    }
    let first = rest.first().map(String::as_str);
    if RUNNERS.contains(&program.as_str()) && matches!(first, Some("run" | "run-script")) {
        let names_script = rest.get(1).is_some_and(|script| !script.is_empty() && !script.starts_with('-'));
        return if names_script { Ok(()) } else { too_wide() };
    }
    if let Some((_, subcommands)) = SUBCOMMANDS.iter().find(|(name, _)| name == program) {
        return if first.is_some_and(|word| subcommands.contains(&word)) { Ok(()) } else { too_wide() };
    }
    // python3.12, lua5.4 and the like.
    let unversioned =
        program.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.' || last == '-');
    if TOO_WIDE.contains(&program.as_str()) || TOO_WIDE.contains(&unversioned) { too_wide() } else { Ok(()) }
}

/// Whether an option makes the command something else than its first words say: one of git's that names a program to run or
/// a file to write. git takes shortened names, too.
pub(crate) fn reaches_further(argv: &[String]) -> bool {
    const FURTHER: &[&str] = &["exec", "output", "receive-pack", "upload-pack"];
    let Some((program, arguments)) = argv.split_first() else { return false };
    program == "git"
        && arguments.iter().filter_map(|argument| argument.strip_prefix("--")).any(|named| {
            let name = named.split_once('=').map_or(named, |(name, _)| name);
            !name.is_empty() && FURTHER.iter().any(|long| long.starts_with(name))
        })
}

/// The first words to propose for one command.
pub(crate) fn proposed(argv: &[String]) -> Option<Vec<String>> {
    let program = argv.first()?;
    let runs_script =
        RUNNERS.contains(&program.as_str()) && argv.get(1).is_some_and(|word| word.starts_with("run"));
    let has_subcommands = SUBCOMMANDS.iter().any(|(name, _)| name == program);
    let length = if runs_script {
        3
    } else if has_subcommands {
        2
    } else {
        1
    };
    let words = argv.get(..length).filter(|_| !reaches_further(argv))?.to_vec();
    check(&words).is_ok().then_some(words)
}
