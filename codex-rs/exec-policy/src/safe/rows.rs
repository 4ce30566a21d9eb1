//! The table of programs that only read: one row each, and why where it is not plain.

use super::options::{Operands, Options};
use super::special;
use super::{Row, Rule};

const fn any(name: &'static str) -> Row {
    Row { name, rule: Rule::Any }
}

const fn bare(name: &'static str) -> Row {
    Row { name, rule: Rule::Bare }
}

const fn version(name: &'static str) -> Row {
    Row { name, rule: Rule::Version }
}

const fn special(name: &'static str, allows: fn(&[&str]) -> bool) -> Row {
    Row { name, rule: Rule::Special(allows) }
}

const fn only(name: &'static str, options: Options) -> Row {
    Row { name, rule: Rule::Only(options) }
}

/// The programs, by what they are for.
pub(super) const ROWS: &[Row] = &[
    // The contents of files.
    any("cat"),
    any("head"),
    any("tail"),
    any("tac"),
    any("nl"),
    any("wc"),
    any("cut"),
    any("tr"),
    any("rev"),
    any("fold"),
    any("expand"),
    any("unexpand"),
    any("paste"),
    any("comm"),
    any("cmp"),
    any("join"),
    any("od"),
    special("jq", special::jq),
    any("md5sum"),
    any("sha1sum"),
    any("sha256sum"),
    any("sha512sum"),
    any("b2sum"),
    any("cksum"),
    // GNU's and BSD's greps neither run nor write anything.
    special("grep", special::grep),
    special("egrep", special::grep),
    special("fgrep", special::grep),
    special("sed", special::sed),
    // `-o` writes, `-T` names a folder to write to, `--compress-program` runs.
    only(
        "sort",
        Options {
            short: "bcCdfghiMmnRrsuVz",
            short_value: "ktS",
            long: &[
                "numeric-sort",
                "reverse",
                "unique",
                "ignore-case",
                "human-numeric-sort",
                "version-sort",
                "stable",
            ],
            long_value: &["key", "field-separator"],
            operands: Operands::Any,
        },
    ),
    // The second operand is written to.
    only(
        "uniq",
        Options {
            short: "cdDiuz",
            short_value: "fsw",
            long: &["count", "repeated", "unique", "ignore-case"],
            long_value: &["skip-fields", "skip-chars", "check-chars"],
            operands: Operands::LastOne,
        },
    ),
    special("xxd", special::xxd),
    // macOS has `-o` for a file to write.
    only(
        "base64",
        Options {
            short: "dDi",
            short_value: "w",
            long: &["decode", "ignore-garbage"],
            long_value: &["wrap"],
            operands: Operands::LastOne,
        },
    ),
    // `-l` runs pr, `--output` is BSD's.
    only(
        "diff",
        Options {
            short: "abBcdeEHinNpqrstTuwyZ",
            short_value: "UCWxI",
            long: &[
                "brief",
                "recursive",
                "unified",
                "ignore-all-space",
                "ignore-blank-lines",
                "side-by-side",
                "color",
                "stat",
            ],
            long_value: &["exclude", "width"],
            operands: Operands::Any,
        },
    ),
    // `-C` writes, `-z` runs decompressors, `-m` loads rules.
    only(
        "file",
        Options {
            short: "bhikLNnrs0",
            short_value: "F",
            long: &["brief", "mime", "mime-type", "mime-encoding", "dereference", "no-dereference"],
            long_value: &[],
            operands: Operands::Any,
        },
    ),
    // Where files are.
    any("ls"),
    any("stat"),
    any("du"),
    any("df"),
    any("basename"),
    any("dirname"),
    any("realpath"),
    any("readlink"),
    special("find", special::find),
    only("rg", RIPGREP),
    only("fd", FD),
    only("fdfind", FD),
    special("tree", special::tree),
    Row { name: "git", rule: Rule::Git },
    // The machine and the session.
    any("id"),
    any("whoami"),
    any("groups"),
    any("uname"),
    // On macOS it runs what it is given.
    bare("arch"),
    any("nproc"),
    any("uptime"),
    any("which"),
    special("date", special::date),
    // With an operand it sets the name.
    bare("hostname"),
    bare("tty"),
    bare("free"),
    bare("lscpu"),
    // Words and numbers.
    any(":"),
    any("true"),
    any("false"),
    any("echo"),
    any("pwd"),
    any("seq"),
    any("expr"),
    any("sleep"),
    any("type"),
    special("printf", special::printf),
    special("test", special::test),
    special("[", special::bracket),
    special("cd", special::cd),
    special("command", special::command),
    // Programs that run what they are told to, asked for their version. Not cargo, rustc and go: what lies behind these names
    // may be a switch that runs the toolchain which a file of the repository names.
    version("clang"),
    version("cmake"),
    version("gcc"),
    version("java"),
    version("make"),
    version("node"),
    version("npm"),
    version("perl"),
    version("pip"),
    version("pip3"),
    version("python"),
    version("python3"),
    version("ruby"),
];

/// Not `--pre`, `--hostname-bin` and `-z`, which run programs, nor `-L`, which reads wherever a link leads.
const RIPGREP: Options = Options {
    short: "acFHhIilNnoPpqSsUuVvwx0.",
    short_value: "ABCEefgjMmrTtd",
    long: &[
        "binary",
        "byte-offset",
        "case-sensitive",
        "column",
        "count",
        "count-matches",
        "crlf",
        "debug",
        "files",
        "files-with-matches",
        "files-without-match",
        "fixed-strings",
        "heading",
        "help",
        "hidden",
        "ignore-case",
        "invert-match",
        "json",
        "line-number",
        "line-regexp",
        "multiline",
        "multiline-dotall",
        "no-config",
        "no-filename",
        "no-heading",
        "no-ignore",
        "no-ignore-parent",
        "no-ignore-vcs",
        "no-line-number",
        "no-messages",
        "null",
        "null-data",
        "one-file-system",
        "only-matching",
        "passthru",
        "pcre2",
        "pretty",
        "quiet",
        "smart-case",
        "stats",
        "text",
        "trim",
        "type-list",
        "unrestricted",
        "version",
        "vimgrep",
        "with-filename",
        "word-regexp",
    ],
    long_value: &[
        "after-context",
        "before-context",
        "color",
        "colors",
        "context",
        "context-separator",
        "encoding",
        "engine",
        "file",
        "glob",
        "iglob",
        "ignore-file",
        "max-columns",
        "max-count",
        "max-depth",
        "max-filesize",
        "path-separator",
        "regexp",
        "replace",
        "sort",
        "sortr",
        "threads",
        "type",
        "type-add",
        "type-not",
    ],
    operands: Operands::Any,
};

/// Not `-x` and `-X`, which run programs, nor `-l`, which runs ls.
const FD: Options = Options {
    short: "01FHIaghiLpqsuV",
    short_value: "EScdejt",
    long: &[
        "absolute-path",
        "case-sensitive",
        "fixed-strings",
        "follow",
        "full-path",
        "glob",
        "hidden",
        "ignore-case",
        "no-ignore",
        "no-ignore-vcs",
        "version",
    ],
    long_value: &[
        "changed-before",
        "changed-within",
        "color",
        "exclude",
        "extension",
        "max-depth",
        "max-results",
        "min-depth",
        "size",
        "type",
    ],
    operands: Operands::Any,
};
