//! Compares what is read of generated scripts with what real shells run. `JUDGE_SCRIPTS` says how many scripts,
//! `JUDGE_MINUTES` how long (`cargo xtask judge`); the seed is printed where something differs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use super::super::*;
use crate::{Allowances, Command, Context, Repository, actions, judge};

/// Scripts in the suite; a part of them goes to dash, too.
const SCRIPTS: u64 = 20_000;
const THREADS: u64 = 2;
/// Of this many scripts one also goes to dash, which is slower to trace.
const DASH_EACH: u64 = 20;
/// Names the traced programs of dash have; for bash any name is traced.
const NAMES: &[&str] = &["ls", "cat", "git", "rg", "prog", "x1"];
/// Every builtin of bash, so that none of them is run, but for `builtin`, which the tracer needs.
const BUILTINS: &str = ". : [ alias bg bind break caller cd command compgen complete compopt continue declare dirs disown echo enable eval \
    exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly \
    return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait";

#[test]
fn what_is_read_is_what_bash_runs() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let until = number("JUDGE_MINUTES").map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let scripts = number("JUDGE_SCRIPTS").unwrap_or(SCRIPTS);
    let first_seed =
        number("JUDGE_SEED").unwrap_or(if until.is_some() { u64::from(std::process::id()) << 32 } else { 1 });
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    let shells = Shells::new();
                    let mut tally = Tally::default();
                    let mut seed = first_seed + thread;
                    while until.map_or(seed < first_seed + scripts, |until| Instant::now() < until) {
                        shells.compare(seed, &mut tally);
                        seed += THREADS;
                    }
                    tally
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a thread that compares")).collect()
    });
    let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let (seen, read, run, dash, strict) =
        (sum(|t| t.seen), sum(|t| t.read), sum(|t| t.run), sum(|t| t.run_by_dash), sum(|t| t.read_by_one));
    eprintln!(
        "{seen} scripts: {read} read, {run} run by bash, {dash} by dash; {strict} refused by the second reader only"
    );
    assert!(read * 3 > seen, "too few of the scripts are read for the comparison to mean much");
    assert!(run * 20 > read * 19, "too few of the scripts that were read could be run");
    let differences: Vec<&String> = tallies.iter().flat_map(|tally| &tally.differences).collect();
    let first: Vec<&str> = differences.iter().take(10).map(|difference| difference.as_str()).collect();
    assert!(differences.is_empty(), "{} differences, such as:\n{}", differences.len(), first.join("\n"));
}

#[derive(Default)]
struct Tally {
    seen: u64,
    read: u64,
    read_by_one: u64,
    run: u64,
    run_by_dash: u64,
    differences: Vec<String>,
}

/// A folder to run in, with what makes bash and dash tell their argument lists instead of running anything.
struct Shells {
    folder: tempfile::TempDir,
    bash: PathBuf,
    dash: PathBuf,
}

impl Shells {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // bash writes line by line, and the parts of a pipeline at once: a list must be one line.
        let mut prelude = r#"
            exec 200>>"$TRACE"
            command_not_found_handle() {
                builtin printf '%s\0' "$#" "${@//$'\n'/$'\1'}" >&200
                builtin return $STATUS
            }
            "#
        .to_owned();
        for name in BUILTINS.split_whitespace() {
            writeln!(prelude, "function {name} {{ command_not_found_handle {name} \"$@\"; }}").unwrap();
        }
        std::fs::write(folder.path().join("prelude"), prelude).unwrap();
        let programs = folder.path().join("programs");
        std::fs::create_dir(&programs).unwrap();
        for name in NAMES {
            let text = format!(
                "#!/bin/dash\nn=$(($# + 1))\nprintf '%s\\0' $n {name} \"$@\" >>\"$TRACE\"\nexit $STATUS\n"
            );
            std::fs::write(programs.join(name), text).unwrap();
            std::fs::set_permissions(programs.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder, bash: shell("bash"), dash: shell("dash") }
    }

    fn compare(&self, seed: u64, tally: &mut Tally) {
        let mut dice = Dice::new(seed);
        let text = generated(&mut dice);
        let status = dice.below(2);
        tally.seen += 1;
        judge_without_panic(&text);
        // Also what only the strict reader passes, so that the second one hides no fault of it.
        if let Ok(steps) = read_strictly(&text, Dialect::Bash) {
            tally.read += 1;
            tally.read_by_one += u64::from(read(&text, Dialect::Bash).is_err());
            if self.can_run(&steps, |_| true) {
                tally.run += 1;
                let locale = if dice.below(4) == 0 { "C" } else { "C.UTF-8" };
                let mut bash = Process::new(&self.bash);
                bash.args(["--noprofile", "--norc", "-c", &text])
                    .env("LC_ALL", locale)
                    .env("PATH", "/nonexistent");
                bash.env("BASH_ENV", self.folder.path().join("prelude"));
                self.check(&mut bash, &text, &steps, status, seed, tally);
            }
        }
        if !seed.is_multiple_of(DASH_EACH) {
            return;
        }
        if let Ok(steps) = read_strictly(&text, Dialect::Posix)
            && self.can_run(&steps, |name| NAMES.contains(&name))
        {
            tally.run_by_dash += 1;
            let mut dash = Process::new(&self.dash);
            dash.args(["-c", &text]).env("PATH", self.folder.path().join("programs"));
            self.check(&mut dash, &text, &steps, status, seed, tally);
        }
    }

    /// Whether the tracer sees every step, and every file it reads can be there.
    fn can_run(&self, steps: &[Step], is_traced: impl Fn(&str) -> bool) -> bool {
        let plain = |name: &String| !name.contains('/') && name.len() < 200 && name != "." && name != "..";
        let traced = |name: &String| !name.contains('/') && name != "builtin" && is_traced(name);
        let runs = steps.iter().all(|step| {
            traced(&step.argv[0]) && step.inputs.iter().all(|file| plain(file) || file == "/dev/null")
        });
        for file in steps.iter().flat_map(|step| &step.inputs).filter(|file| runs && plain(file)) {
            std::fs::write(self.folder.path().join("work").join(file), "").unwrap();
        }
        runs
    }

    fn check(
        &self,
        shell: &mut Process,
        text: &str,
        steps: &[Step],
        status: u64,
        seed: u64,
        tally: &mut Tally,
    ) {
        let trace = self.folder.path().join("trace");
        std::fs::write(&trace, "").unwrap();
        let environment =
            [("TRACE", trace.as_os_str()), ("STATUS", if status == 0 { "0" } else { "1" }.as_ref())];
        let program = shell.get_program().to_owned();
        let ended = shell
            .envs(environment)
            .env_remove("ENV")
            .current_dir(self.folder.path().join("work"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let mut ran = traced(&trace);
        let mut expected = would_run(steps, status);
        if steps.iter().any(|step| step.after == Join::Pipe) {
            // The parts of a pipeline begin in any order.
            ran.sort();
            expected.sort();
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        if ran != expected || !said.is_empty() || !ended.stdout.is_empty() {
            let difference = format!(
                "seed {seed}, {program:?} {text:?}\n  read: {expected:?}\n  ran:  {ran:?}\n  said: {said}"
            );
            tally.differences.push(difference);
        }
    }
}

/// A shell that this test cannot do without.
fn shell(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} must be installed for this test"))
}

/// What is run of the steps when each of them ends with `status`.
fn would_run(steps: &[Step], status: u64) -> Vec<Vec<String>> {
    let mut ran = Vec::new();
    let mut runs = true;
    for step in steps {
        runs = match step.after {
            Join::Always => true,
            Join::Pipe => runs,
            // What is left out leaves the status as it was, which is `status`, as something was run before it.
            Join::And => status == 0,
            Join::Or => status != 0,
        };
        if runs {
            ran.push(step.argv.clone());
        }
    }
    ran
}

fn traced(trace: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(trace).unwrap();
    let mut words =
        bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).replace('\u{1}', "\n"));
    let mut lists = Vec::new();
    while let Some(count) = words.next().filter(|count| !count.is_empty()) {
        lists.push(words.by_ref().take(count.parse().unwrap()).collect());
    }
    lists
}

fn judge_without_panic(text: &str) {
    let argv = ["bash", "-lc", text].map(str::to_owned);
    let command = Command { argv: &argv, cwd: Path::new("/w") };
    let allowances = Allowances::default();
    let find = |name: &str| Some(Path::new("/usr/bin").join(name));
    let context = Context {
        find_program: &find,
        look_up: &|_| None,
        writable: &[],
        hidden: &[],
        repository: Repository::Trusted,
        allowances: &allowances,
    };
    let _ = judge(&command, &context);
    assert!(!actions(&command).is_empty());
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let _ = judge(&Command { argv: &words, cwd: Path::new("/w") }, &context);
}

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..4 {
            dice.next();
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// A script: most are tame, some wild, some are then broken at random places.
fn generated(dice: &mut Dice) -> String {
    let wild = [0, 0, 1, 6, 30][usize::try_from(dice.below(5)).unwrap()];
    let mut text = String::new();
    if dice.below(12) == 0 {
        text.push_str(dice.one_of(&["\n", " ", "# note\n", "\t", "\n\n"]));
    }
    for position in 0..=dice.below(4) {
        if position > 0 {
            text.push_str(join(dice, wild));
        }
        step(dice, wild, &mut text);
    }
    if dice.below(8) == 0 {
        text.push_str(dice.one_of(&[";", "\n", " ", " # end", ";\n# x", "&", "|", " &&", "#", ";;"]));
    }
    if dice.below(5) == 0 {
        for _ in 0..=dice.below(3) {
            damage(dice, &mut text);
        }
    }
    text
}

fn join(dice: &mut Dice, wild: u64) -> &'static str {
    if dice.below(100) < wild {
        return dice.one_of(&[
            " & ", " |& ", ";;", "|||", " ; ; ", "&&&", "\\\n", "\r\n", " ! ", ") ", " (", " { ", "; }",
        ]);
    }
    dice.one_of(&[
        " && ", " || ", " | ", "; ", "\n", "&&", "||", "|", ";", " &&\n", " |\n  ", "||\n\n", " ;\n",
        "# x\n", " # y\n", "&& # z\n",
    ])
}

fn step(dice: &mut Dice, wild: u64, text: &mut String) {
    if dice.below(100) < wild {
        text.push_str(dice.one_of(&[
            "A=1 ", "! ", "time ", "if ", "( ", "{ ", "< in ", "2>&1 ", "A+=b ", "exec ", "x() ", "[[ ",
        ]));
    }
    match dice.below(10) {
        0 => word(dice, wild, text),
        1 => text.push_str(dice.one_of(&[
            "echo", "test", "cd", "[", "true", "printf", ":", "'if'", "\\for", "command", "d\"o\"",
        ])),
        _ => text.push_str(dice.one_of(NAMES)),
    }
    for _ in 0..dice.below(5) {
        text.push_str(dice.one_of(&[" ", " ", " ", "  ", "\t"]));
        match dice.below(9) {
            0 => redirection(dice, wild, text),
            1 if dice.below(6) == 0 => text.push(']'),
            _ => word(dice, wild, text),
        }
    }
}

fn redirection(dice: &mut Dice, wild: u64, text: &mut String) {
    if dice.below(100) < wild {
        text.push_str(dice.one_of(&[
            ">out",
            "<<E",
            "<<<x",
            "<(ls)",
            ">&3",
            "&>out",
            "<>x",
            ">|x",
            "12>/dev/null",
            "<&0",
            ">/dev/null/x",
            "{a}>&1",
        ]));
        return;
    }
    match dice.below(3) {
        0 => {
            text.push_str(dice.one_of(&["<", "< ", "0<"]));
            word(dice, wild, text);
        }
        _ => text.push_str(dice.one_of(&[
            "2>&1",
            ">/dev/null",
            "2>/dev/null",
            "> /dev/null",
            ">&2",
            "1>&2",
            "&>/dev/null",
            ">>/dev/null",
            "3>/dev/null",
            "</dev/null",
            "2>'/dev/null'",
            "&>>/dev/null",
        ])),
    }
}

fn word(dice: &mut Dice, wild: u64, text: &mut String) {
    for _ in 0..=dice.below(3) {
        if dice.below(100) < wild {
            text.push_str(dice.one_of(&[
                "$x", "${x}", "$(ls)", "`ls`", "$'\\x41'", "$\"a\"", "*", "?", "[ab]", "{a,b}", "{1..3}",
                "~", "~root", "$((1+1))", "!", "!!", "^", "é", "\u{a0}", "\u{3000}", "\u{7}", "\r", "\u{0b}",
                "\\\n", "\\é", "@(a)", "+(b)", "a=~", "a:~", "x[1]=", "$", "\"$\"", "(", ")", "#", "\u{7f}",
                "\u{1}", "\u{85}", "%1", "<(", "&", "]", "[", "{", "}", "=",
            ]));
            continue;
        }
        match dice.below(14) {
            0 => quoted(dice, text, '\''),
            1 => quoted(dice, text, '"'),
            2 => {
                text.push('\\');
                text.push(ascii(dice));
            }
            3 => text.push_str(dice.one_of(&[
                "''", "\"\"", "-", "--", "a=b", "HEAD~1", "HEAD^", "a#b", "x:y", "@", "%", "+1", "1", "22",
                ".", "..", "/",
            ])),
            _ => text.push_str(dice.one_of(&[
                "a",
                "b1",
                "-n",
                "--long",
                "--key=value",
                "src/lib.rs",
                "x.y",
                "_",
                "if",
                "do",
                "12",
                "-5",
                "a,b",
                "foo",
                "in",
                "A",
                "name",
            ])),
        }
    }
}

fn quoted(dice: &mut Dice, text: &mut String, quote: char) {
    text.push(quote);
    for _ in 0..dice.below(6) {
        match dice.below(12) {
            0 => text.push_str(dice.one_of(&["é", "日本", "\u{a0}", "\n", "\t", "€"])),
            1 | 2 if quote == '"' => {
                text.push('\\');
                text.push_str(dice.one_of(&["\\", "\"", "$", "`", "a", "n", "!", "'", "*", " ", "é"]));
            }
            3 => text.push_str(dice.one_of(&[
                "(x|y)", "*", "&& ls", "; ls", "#", "> x", "!x", "~", "{a,b}", "[a-z]", "<", "!", "'\\''",
            ])),
            _ => match ascii(dice) {
                inside if inside == quote || quote == '"' && matches!(inside, '$' | '`' | '\\') => {
                    text.push('x')
                }
                inside => text.push(inside),
            },
        }
    }
    text.push(quote);
}

/// A character that can be seen, or a blank.
fn ascii(dice: &mut Dice) -> char {
    char::from(u8::try_from(dice.below(95) + 32).unwrap())
}

/// One character more, less, or another one.
fn damage(dice: &mut Dice, text: &mut String) {
    let characters: Vec<char> = text.chars().collect();
    let at = usize::try_from(dice.below(characters.len() as u64 + 1)).unwrap();
    let odd = [
        '\n', '\t', '\r', '\u{0b}', '\\', '\'', '"', '$', '`', '#', '&', '|', ';', '<', '>', '(', ')', '{',
        '}', '~', '*', '=', 'é', '\u{a0}',
    ];
    let inserted = if dice.below(2) == 0 {
        ascii(dice)
    } else {
        odd[usize::try_from(dice.below(odd.len() as u64)).unwrap()]
    };
    let (before, after) = characters.split_at(at);
    let after = if dice.below(2) == 0 { after } else { after.get(1..).unwrap_or_default() };
    let middle: &[char] = if dice.below(3) == 0 { &[] } else { &[inserted] };
    *text = [before, middle, after].concat().into_iter().collect();
}
