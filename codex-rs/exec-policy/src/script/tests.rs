//! What is read of a script, and what is doubted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod against_bash;

use super::*;

fn check(script: &str, expect: &[&[&str]]) {
    let steps = read(script, Dialect::Bash).unwrap_or_else(|Doubt| panic!("doubted: {script}"));
    let argvs: Vec<Vec<&str>> =
        steps.iter().map(|step| step.argv.iter().map(String::as_str).collect()).collect();
    assert_eq!(argvs, expect, "{script}");
}

#[test]
fn what_is_plain_is_read() {
    check("ls", &[&["ls"]]);
    check("git status && rg \"foo bar\" -n", &[&["git", "status"], &["rg", "foo bar", "-n"]]);
    check("a'b c'd\\ e \"x\\\"y\\q\"", &[&["ab cd e", "x\"y\\q"]]);
    check("cat < in | head -5 2>&1 >/dev/null # the end\nwc", &[&["cat"], &["head", "-5"], &["wc"]]);
    check("test -f x || [ -f y ] ; echo", &[&["test", "-f", "x"], &["[", "-f", "y", "]"], &["echo"]]);
    check("git show HEAD~1^ ''", &[&["git", "show", "HEAD~1^", ""]]);
    check("cd sub &&\n\n  cargo test\n", &[&["cd", "sub"], &["cargo", "test"]]);
    check("rg 'fn (x|y)\\s*\\{$' src &>/dev/null", &[&["rg", "fn (x|y)\\s*\\{$", "src"]]);
    check("sed -n '1,20p' README.md;", &[&["sed", "-n", "1,20p", "README.md"]]);
    check("echo 'für' 2>/dev/null", &[&["echo", "für"]]);
    check(
        "find . -name '*.rs' -not -path './target/*'",
        &[&["find", ".", "-name", "*.rs", "-not", "-path", "./target/*"]],
    );
    check("rg --glob='!x' a=b", &[&["rg", "--glob=!x", "a=b"]]);
}

#[test]
fn what_could_be_something_else_is_doubted() {
    let doubts = [
        "",
        " ",
        "#",
        ";",
        "ls &&",
        "ls |",
        "&& ls",
        "ls ;; ls",
        "ls & ls",
        "ls |& cat",
        "ls &",
        "echo $HOME",
        "echo \"$HOME\"",
        "echo `id`",
        "echo $(id)",
        "echo \"`id`\"",
        "echo $'\\x41'",
        "echo $\"a\"",
        "echo *",
        "ls a?b",
        "ls [ab]",
        "echo {a,b}",
        "echo ~",
        "echo ~root",
        "echo a=~",
        "echo a:~",
        "PAGER=evil git log",
        "A=\"x\" git log",
        "a+=1",
        "a[1]=2",
        "env=1",
        "(ls)",
        "{ ls; }",
        "! ls",
        "if true; then ls; fi",
        "for x in a; do ls; done",
        "while ls; do ls; done",
        "f() { ls; }",
        "function f { ls; }",
        "time ls",
        "[[ a ]]",
        "case a in a) ls;; esac",
        "coproc ls",
        "select a in b; do ls; done",
        "ls > out",
        "ls >> out",
        "ls 2> err",
        "ls >| out",
        "ls <> both",
        "cat <<EOF\nx\nEOF",
        "cat <<< x",
        "cat <(ls)",
        "ls >(cat)",
        "ls >&3",
        "ls >&-",
        "ls 3<&0",
        "ls &> out",
        "echo 22>/dev/null",
        "cat < /dev/tcp/h/80",
        "cat < /dev/udp/h/80",
        "ls \\\n -l",
        "echo \"a\\\nb\"",
        "echo 'a",
        "echo \"a",
        "echo \\",
        "ls\r",
        "ls\u{a0}-l",
        "é",
        "echo a\u{7}",
        "echo '\u{1b}[0m'",
        "export A=1",
        "declare x",
        "unset x",
        "echo a ]b",
        "[a]",
        "echo =ls",
        "echo a!b",
        "-l",
        "-x ls",
        "%1",
        "'%'1",
        "+x",
        "< in cat",
        "ls ()",
        "a (b)",
    ];
    for script in doubts {
        assert_eq!(read(script, Dialect::Bash), Err(Doubt), "{script:?}");
    }
    for script in ["echo a^b", "echo a # b", "echo a#b", "echo a~b", "echo 'a''b'", "repeat 3 ls"] {
        assert_eq!(read(script, Dialect::Zsh), Err(Doubt), "{script:?}");
    }
    assert_eq!(read("ls &>/dev/null", Dialect::Posix), Err(Doubt));
    assert_eq!(read(&"a ".repeat(LONGEST), Dialect::Bash), Err(Doubt));
}

#[test]
fn a_step_knows_its_place_and_its_input() {
    let script = "cat  <in|wc -l || true";
    let steps = read(script, Dialect::Bash).unwrap();
    let places: Vec<(&str, Join)> =
        steps.iter().map(|step| (&script[step.span.clone()], step.after)).collect();
    assert_eq!(places, [("cat  <in", Join::Always), ("wc -l", Join::Pipe), ("true", Join::Or)]);
    assert_eq!(steps[0].inputs, ["in"]);
}
