//! Each program of the table: arguments with which it only reads, and such with which it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

/// Reads; then commands that write, run, change or are not known. `…` takes the arguments apart at blanks.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    (
        "sed",
        &["-n 1p x", "-n 1,20p x y", "-n 5,$p x", "--quiet 1p;3p", "-n -e 2p x"],
        &[
            "1p",
            "-i 1d x",
            "-n 1w/tmp/x",
            "-n 1e",
            "-n s/a/b/e",
            "-n 1p -i x",
            "-n p -s",
            "-n -e 1p -e 1w",
            "-n -f x",
            "-n",
            "-n 1,2,3p",
            "-n /a/p",
        ],
    ),
    (
        "sort",
        &["x", "-rnk2 x", "-t , -k 1", "-u --key=2"],
        &["-o x", "-ox", "-ro x", "--output=x", "--out x", "--compress-program=x", "--comp x", "-T x", "-k"],
    ),
    (
        "grep",
        &["-rn x .", "-e x y", "--recursive x", "-- -R x", "--directories=recurse x"],
        &["-R x .", "-nR x .", "--dereference-recursive x", "--deref x", "-rS x"],
    ),
    ("egrep", &["x y"], &["-R x ."]),
    ("fgrep", &["x y"], &["-R x ."]),
    ("uniq", &["", "-c", "-c x", "-f 1 x", "--count"], &["x y", "x -c", "-c x y", "--x"]),
    ("xxd", &["x", "-l 16 x", "-a -c 8 x"], &["x y", "-r x", "x -r", "-ac x y", "-ps x y", "-l16 x"]),
    (
        "jq",
        &[".name x", "-r .a x", "-n --arg a b $a"],
        &["-f x y", "-L .. .", "-nf x", "--from-file x", "-n import_\"auth\"_as_$d;$d", "include_\"x\";."],
    ),
    ("base64", &["x", "-d x", "-w 0"], &["-o x", "x y", "-i x -o y"]),
    (
        "diff",
        &["-ru a b", "-U 3 a b", "--brief a b"],
        &["-l a b", "--paginate a b", "--output x a b", "--from-file=x a"],
    ),
    ("file", &["x", "-b x", "--mime-type x"], &["-C -m x", "-z x", "-Z x", "-m x y", "--compile"]),
    (
        "find",
        &[
            ". -name x",
            ". -type f -size +1k -print0",
            "! -name a ( -name b -o -name c )",
            ". -name -exec",
            "-L a b -maxdepth 2",
        ],
        &[
            ". -exec x ;",
            ". -execdir x ;",
            ". -ok x ;",
            ". -delete",
            ". -fprint x",
            ". -fls x",
            ". -fprintf x y",
            ". -fprint0 x",
            "-files0-from x",
            ". -name",
        ],
    ),
    (
        "rg",
        &[
            "x",
            "-n x src",
            "-uu --hidden x",
            "-A3 -B 2 x",
            "-g !a -t rust x",
            "--files",
            "-e --pre x",
            "-- --pre",
        ],
        &[
            "--pre x y",
            "--pre=x y",
            "--pre-glob=x y",
            "--hostname-bin x y",
            "-z x",
            "-nz x",
            "--search-zip x",
            "--hyperlink-format=x",
            "--generate x",
            "-e",
        ],
    ),
    (
        "fd",
        &["x", "-e rs", "-H -t f x", "--max-depth 3"],
        &["-x ls", "-X ls", "--exec ls", "-Hx ls", "--exec-batch ls", "-l", "--list-details"],
    ),
    (
        "tree",
        &["-L 2", "-a -I target x"],
        &["-o x", "-aox", "-R -L 1", "--fromfile x", "-Po x y", "-L2o x", "-L"],
    ),
    ("arch", &[""], &["x", "-arm64 x"]),
    (
        "date",
        &["", "+%F", "-u", "-d tomorrow", "-Iseconds", "--date=x"],
        &["-s x", "--set=x", "010100002026", "-us x", "-f x"],
    ),
    ("hostname", &[""], &["x", "-F x"]),
    (
        "printf",
        &["x", "%s\\n x", "%-5d%% 3", "%b x"],
        &["-v x y", "-vx y", "%n a[x]", "%(%F)T", "%-n x", "%d a[x]", "%s $x", ""],
    ),
    ("test", &["-f x", "a = b", "! -d x", "1 -lt 2"], &["-v a[0]", "-R x", "a[0] -eq 1", "-v x"]),
    ("[", &["-f x ]", "]"], &["-f x", "-v x ]"]),
    ("cd", &["x", "-- x"], &["", "-", "-P x", "x y"]),
    ("command", &["-v x", "-V x y"], &["ls", "-p ls", "", "-v -p x"]),
    ("python3", &["--version", "-V"], &["", "x", "-c x", "--version x", "-v"]),
    ("node", &["--version", "-v"], &["", "-V", "x"]),
    ("pip", &["--version", "-V"], &["-v"]),
    ("go", &[], &["version", "run"]),
    ("cargo", &[], &["--version", "-V"]),
    ("rustc", &[], &["--version"]),
    ("env", &[], &["", "ls"]),
    ("awk", &[], &["1", "--version"]),
    (
        "git",
        &[
            "status -sb",
            "diff --stat HEAD",
            "log --oneline -5 -- x",
            "show HEAD:x",
            "branch -a",
            "branch --show-current",
            "ls-files -o",
            "--no-pager log -p",
            "rev-parse HEAD",
            "rev-parse --show-toplevel",
            "blame -L 1,5 x",
            "grep -n x",
            "remote -v",
            "stash list",
            "config --get user.name",
            "cat-file -p HEAD",
            "tag",
            "worktree list",
            "reflog",
            "version",
        ],
        &[
            "",
            "-c a=b status",
            "-C x status",
            "--git-dir=x status",
            "--exec-path=x status",
            "-p log",
            "--config-env=a=b log",
            "diff --output=x",
            "diff --outp x",
            "diff -o x",
            "diff --ext-diff",
            "log --textconv",
            "show --ext",
            "branch x",
            "branch -D x",
            "branch -m x",
            "branch --list x -D",
            "grep -O x",
            "grep -Oless x",
            "grep --open-files-in-pager x",
            "cat-file --textconv x",
            "cat-file --filters x",
            "config x y",
            "config --unset x",
            "config --get -e",
            "tag x",
            "remote add x y",
            "remote show x",
            "stash",
            "stash pop",
            "worktree add x",
            "reflog expire",
            "add x",
            "fetch",
            "push",
            "archive --output=x HEAD",
            "ls-remote --upload-pack=x y",
            "bisect run x",
            "difftool",
            "submodule foreach x",
            "status --help",
            "help",
            "my-alias",
            "diff -M --output=x",
            "log --color --output=x",
        ],
    ),
];

#[test]
fn arguments_decide() {
    for (name, reads, others) in TABLE {
        for (expect, lines) in [(true, reads), (false, others)] {
            for line in *lines {
                let arguments: Vec<&str> = line.split_whitespace().collect();
                assert_eq!(only_reads(name, &arguments, Repository::Trusted), expect, "{name} {line}");
            }
        }
    }
}

#[test]
fn nothing_of_git_is_safe_in_a_folder_that_is_not_trusted() {
    let (_, reads, _) = TABLE.iter().find(|(name, _, _)| *name == "git").unwrap();
    for line in reads.iter().filter(|line| **line != "version") {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        assert!(!only_reads("git", &arguments, Repository::Untrusted), "{line}");
    }
}

#[test]
fn every_program_with_a_rule_is_in_the_table_above() {
    for row in ROWS {
        let tested = TABLE.iter().any(|(name, _, _)| name == &row.name);
        let plain = matches!(row.rule, Rule::Any | Rule::Bare | Rule::Version) || row.name == "fdfind";
        assert!(tested || plain, "{} has no test", row.name);
    }
    let mut names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a program has two rows");
}
