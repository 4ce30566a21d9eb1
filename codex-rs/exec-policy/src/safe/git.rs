//! The subcommands of git that only read. They also run what the repository's configuration names (a file system
//! monitor, a text converter, an external diff), so they are safe only where the person trusts the folder.

use super::options::{Operands, Options};
use crate::judge::Repository;

/// Options of what shows commits and differences; not `--output`, `--ext-diff`, `--textconv`, `-O`.
const SHOW: Options = Options {
    short: "0123456789bgipqrstuwzR",
    short_value: "nUSGL",
    long: &[
        "abbrev",
        "abbrev-commit",
        "all",
        "author-date-order",
        "branches",
        "cached",
        "cc",
        "check",
        "color",
        "compact-summary",
        "cumulative",
        "date-order",
        "decorate",
        "diff-algorithm",
        "dirstat",
        "exit-code",
        "find-renames",
        "first-parent",
        "follow",
        "format",
        "full-index",
        "function-context",
        "graph",
        "histogram",
        "ignore-all-space",
        "ignore-blank-lines",
        "ignore-space-change",
        "merge-base",
        "merges",
        "minimal",
        "name-only",
        "name-status",
        "no-abbrev",
        "no-color",
        "no-decorate",
        "no-ext-diff",
        "no-merges",
        "no-patch",
        "no-renames",
        "no-textconv",
        "numstat",
        "oneline",
        "patch",
        "patch-with-stat",
        "patience",
        "pretty",
        "quiet",
        "raw",
        "relative",
        "reverse",
        "shortstat",
        "staged",
        "stat",
        "summary",
        "tags",
        "topo-order",
        "unified",
        "word-diff",
        "remotes",
    ],
    long_value: &[
        "after",
        "author",
        "before",
        "committer",
        "date",
        "diff-filter",
        "grep",
        "max-count",
        "since",
        "skip",
        "until",
    ],
    operands: Operands::Any,
};
const STATUS: Options = Options {
    short: "bsuvz",
    short_value: "",
    long: &[
        "ahead-behind",
        "branch",
        "ignored",
        "long",
        "no-renames",
        "porcelain",
        "short",
        "show-stash",
        "untracked-files",
    ],
    long_value: &[],
    operands: Operands::Any,
};
const LS_FILES: Options = Options {
    short: "cdikmostuvz",
    short_value: "x",
    long: &[
        "cached",
        "deleted",
        "error-unmatch",
        "exclude-standard",
        "full-name",
        "ignored",
        "modified",
        "others",
        "stage",
    ],
    long_value: &["exclude"],
    operands: Operands::Any,
};
const LS_TREE: Options = Options {
    short: "dlrtz",
    short_value: "",
    long: &["full-name", "full-tree", "long", "name-only"],
    long_value: &[],
    operands: Operands::Any,
};
const BLAME: Options = Options {
    short: "belnpstwfc",
    short_value: "L",
    long: &["date", "line-porcelain", "porcelain", "root", "show-email", "show-name", "show-number"],
    long_value: &[],
    operands: Operands::Any,
};
/// Without operands: with one it makes a branch.
const BRANCH: Options = Options {
    short: "arv",
    short_value: "",
    long: &["all", "color", "list", "no-color", "remotes", "show-current", "verbose", "sort", "format"],
    long_value: &[],
    operands: Operands::None,
};
/// Not `-O`, which opens a program.
const GREP: Options = Options {
    short: "EFGHILPchilnopqvwWr",
    short_value: "ABCef",
    long: &[
        "cached",
        "color",
        "column",
        "count",
        "files-with-matches",
        "fixed-strings",
        "ignore-case",
        "line-number",
        "name-only",
        "no-color",
        "no-index",
        "untracked",
        "word-regexp",
        "and",
        "or",
        "not",
    ],
    long_value: &["after-context", "before-context", "context", "max-depth", "threads"],
    operands: Operands::Any,
};
const REV_PARSE: Options = Options {
    short: "q",
    short_value: "",
    long: &[
        "abbrev-ref",
        "absolute-git-dir",
        "git-common-dir",
        "git-dir",
        "is-bare-repository",
        "is-inside-git-dir",
        "is-inside-work-tree",
        "quiet",
        "short",
        "show-cdup",
        "show-prefix",
        "show-toplevel",
        "symbolic-full-name",
        "verify",
    ],
    long_value: &[],
    operands: Operands::Any,
};
const REV_LIST: Options = Options {
    short: "0123456789",
    short_value: "n",
    long: &[
        "all",
        "branches",
        "count",
        "first-parent",
        "left-right",
        "merges",
        "no-merges",
        "objects",
        "oneline",
        "reverse",
        "tags",
        "topo-order",
    ],
    long_value: &["after", "author", "before", "max-count", "since", "skip", "until"],
    operands: Operands::Any,
};
/// Not `--textconv` and `--filters`.
const CAT_FILE: Options =
    Options { short: "epst", short_value: "", long: &[], long_value: &[], operands: Operands::Any };
const DESCRIBE: Options = Options {
    short: "",
    short_value: "",
    long: &["abbrev", "all", "always", "contains", "dirty", "exact-match", "long", "tags"],
    long_value: &["match"],
    operands: Operands::Any,
};
const SHORTLOG: Options = Options {
    short: "ens",
    short_value: "",
    long: &["all", "email", "no-merges", "numbered", "summary"],
    long_value: &["since", "until"],
    operands: Operands::Any,
};
const REFERENCES: Options = Options {
    short: "d",
    short_value: "",
    long: &["all", "count", "format", "heads", "head", "sort", "tags", "merged", "no-merged", "contains"],
    long_value: &[],
    operands: Operands::Any,
};
const PLAIN: Options =
    Options { short: "", short_value: "", long: &[], long_value: &[], operands: Operands::Any };

/// Whether `git` with these arguments only reads the repository.
pub(super) fn only_reads(arguments: &[&str], repository: Repository) -> bool {
    let arguments = match arguments {
        ["--version" | "version"] => return true,
        ["--no-pager" | "-P" | "--no-optional-locks", rest @ ..] => rest,
        _ => arguments,
    };
    let Some((subcommand, rest)) = arguments.split_first() else { return false };
    repository == Repository::Trusted && subcommand_only_reads(subcommand, rest)
}

fn subcommand_only_reads(subcommand: &str, rest: &[&str]) -> bool {
    match subcommand {
        "diff" | "log" | "show" | "diff-tree" | "whatchanged" => SHOW.allow(rest),
        "status" => STATUS.allow(rest),
        "ls-files" => LS_FILES.allow(rest),
        "ls-tree" => LS_TREE.allow(rest),
        "blame" => BLAME.allow(rest),
        "branch" => BRANCH.allow(rest),
        "grep" => GREP.allow(rest),
        "rev-parse" => REV_PARSE.allow(rest),
        "rev-list" => REV_LIST.allow(rest),
        "cat-file" => CAT_FILE.allow(rest),
        "describe" => DESCRIBE.allow(rest),
        "shortlog" => SHORTLOG.allow(rest),
        "for-each-ref" | "show-ref" => REFERENCES.allow(rest),
        "merge-base" | "name-rev" => PLAIN.allow(rest),
        "tag" => matches!(rest, [] | ["-l" | "--list"]),
        "remote" => matches!(rest, [] | ["-v" | "--verbose"]),
        "stash" => matches!(rest, ["list"]),
        "worktree" => matches!(rest, ["list"]),
        "reflog" => matches!(rest, []) || matches!(rest, ["show", shown @ ..] if SHOW.allow(shown)),
        "config" => matches!(rest, ["--get", name] if !name.starts_with('-')),
        _ => false,
    }
}
