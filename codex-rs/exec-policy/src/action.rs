//! What a command seems to do, in words for a screen. Best effort: nothing is decided by it.

use std::path::PathBuf;

use crate::judge::{Command, Repository, shell_script};
use crate::place::{Place, resolve};
use crate::rough::base_name;
use crate::safe::only_reads;
use crate::script::{self, Join, Step};

/// One step of a command, as `CommandAction` of the protocol tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads one file.
    Read {
        /// The step's own words.
        command: String,
        /// The file's name.
        name: String,
        /// The file, absolute where the working directory is.
        path: PathBuf,
    },
    /// Lists files.
    ListFiles {
        /// The step's own words.
        command: String,
        /// The folder, as it was written.
        path: Option<String>,
    },
    /// Searches for something.
    Search {
        /// The step's own words.
        command: String,
        /// What is searched for.
        query: Option<String>,
        /// Where, as it was written.
        path: Option<String>,
    },
    /// Anything else.
    Unknown {
        /// The step's own words.
        command: String,
    },
}

/// What the command does, step by step; never empty. One step that is not known makes the whole unknown, for what
/// is shown must not hide it.
pub fn actions(command: &Command<'_>) -> Vec<Action> {
    let (whole, steps) = match shell_script(command.argv) {
        Some((dialect, text)) => (text.to_owned(), script::read(text, dialect).ok()),
        None => (in_one_line(command.argv), None),
    };
    let steps = steps
        .map(|steps| steps.into_iter().map(|step| (whole[step.span.clone()].to_owned(), step)).collect());
    let steps: Vec<(String, Step)> = match (steps, shell_script(command.argv)) {
        (Some(steps), _) => steps,
        (None, Some(_)) => return vec![Action::Unknown { command: whole }],
        (None, None) => {
            let step =
                Step { argv: command.argv.to_vec(), inputs: Vec::new(), after: Join::Always, span: 0..0 };
            vec![(whole.clone(), step)]
        }
    };
    let mut place = Place::new(command.cwd);
    let mut known = Vec::new();
    for (text, step) in &steps {
        if step.argv.first().is_some_and(|program| program == "cd") {
            place.follow(&step.argv);
        } else if !(step.after == Join::Pipe && only_shapes(step)) {
            let Some(mut seen) = seen_in(text, step, &place) else {
                return vec![Action::Unknown { command: whole }];
            };
            known.append(&mut seen);
        }
    }
    if known.is_empty() { vec![Action::Unknown { command: whole }] } else { known }
}

/// Whether the step only shortens or orders what comes out of the one before it.
fn only_shapes(step: &Step) -> bool {
    let Some((program, arguments)) = step.argv.split_first() else { return false };
    let files = operands(arguments, values_of(program)).len();
    match base_name(program) {
        "head" | "tail" | "wc" | "sort" | "uniq" | "nl" | "cat" => files == 0,
        "cut" | "tr" => true,
        "sed" => sed_files(arguments).is_some_and(|files| files.is_empty()),
        _ => false,
    }
}

fn seen_in(text: &str, step: &Step, place: &Place) -> Option<Vec<Action>> {
    let (program, arguments) = step.argv.split_first()?;
    let program = base_name(program);
    let command = || text.to_owned();
    let operands = operands(arguments, values_of(program));
    let first = operands.first().map(|word| (*word).clone());
    let second = operands.get(1).map(|word| (*word).clone());
    let list = |path: Option<String>| Some(vec![Action::ListFiles { command: command(), path }]);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if matches!(program, "find" | "fd" | "fdfind" | "rg")
        && !only_reads(program, &words, Repository::Untrusted)
    {
        return None;
    }
    let search = |query: Option<String>, path: Option<String>| {
        Some(vec![Action::Search { command: command(), query, path }])
    };
    match program {
        "cat" | "head" | "tail" | "nl" | "bat" | "less" | "more" => {
            reads(text, &operands, &step.inputs, place)
        }
        "sed" => reads(text, &sed_files(arguments)?, &step.inputs, place),
        "ls" | "tree" | "du" | "eza" => list(first),
        "rg" if arguments.iter().any(|word| word == "--files") => list(first),
        "fd" | "fdfind" if operands.is_empty() => list(None),
        "fd" | "fdfind" => search(first, second),
        "rg" | "grep" | "egrep" | "fgrep" | "ag" | "ack" => match pattern_option(arguments) {
            Some(query) => search(Some(query), first),
            None if first.is_some() => search(first, second),
            None => None,
        },
        "find" => match arguments
            .iter()
            .position(|word| matches!(word.as_str(), "-name" | "-iname" | "-path" | "-regex"))
        {
            Some(at) => {
                search(arguments.get(at + 1).cloned(), first.filter(|_| !arguments[0].starts_with('-')))
            }
            None => list(first.filter(|_| !arguments[0].starts_with('-'))),
        },
        "git" => match first.as_deref() {
            Some("grep") => search(second, operands.get(2).map(|word| (*word).clone())),
            Some("ls-files") => list(second),
            _ => None,
        },
        _ => None,
    }
}

fn reads(text: &str, files: &[&String], inputs: &[String], place: &Place) -> Option<Vec<Action>> {
    let read = |file: &String| {
        let path = resolve(place.likely(), file);
        let name = path.file_name().map_or_else(|| file.clone(), |name| name.to_string_lossy().into_owned());
        Action::Read { command: text.to_owned(), name, path }
    };
    let seen: Vec<Action> = files.iter().copied().chain(inputs).map(read).collect();
    (!seen.is_empty()).then_some(seen)
}

/// The files of `sed -n SCRIPT FILE…`; nothing where sed does more than print.
fn sed_files(arguments: &[String]) -> Option<Vec<&String>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if !only_reads("sed", &words, Repository::Untrusted) {
        return None;
    }
    Some(arguments.iter().filter(|word| !word.starts_with('-')).skip(1).collect())
}

/// Letters of options that want a value.
fn values_of(program: &str) -> &'static str {
    match base_name(program) {
        "head" | "tail" => "nc",
        "rg" | "grep" | "egrep" | "fgrep" | "git" => "ABCefgmMtTjrd",
        "tree" => "LPI",
        "sort" => "ktS",
        "fd" | "fdfind" => "eEtdc",
        "du" => "d",
        _ => "",
    }
}

/// The pattern of `-e PATTERN`.
fn pattern_option(arguments: &[String]) -> Option<String> {
    let at = arguments.iter().position(|word| word == "-e" || word == "--regexp")?;
    arguments.get(at + 1).cloned()
}

fn operands<'a>(arguments: &'a [String], with_value: &str) -> Vec<&'a String> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.strip_prefix('-') {
            Some("-") => {
                found.extend(rest);
                break;
            }
            Some(letters) if !letters.is_empty() => {
                let takes_next =
                    !letters.starts_with('-') && letters.ends_with(|last| with_value.contains(last));
                if takes_next {
                    rest.next();
                }
            }
            Some(_) | None => found.push(word),
        }
    }
    found
}

/// An argument list as it would be typed.
fn in_one_line(argv: &[String]) -> String {
    let quoted = argv.iter().map(|word| {
        let plain = !word.is_empty()
            && word.chars().all(|next| next.is_alphanumeric() || "_-./:,+@%=".contains(next));
        if plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    });
    quoted.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

    use std::path::Path;

    use super::*;

    fn told(argv: &[&str]) -> String {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let lines =
            actions(&Command { argv: &argv, cwd: Path::new("/w") }).into_iter().map(|action| match action {
                Action::Read { command, name, path } => format!("read {name} {} ({command})", path.display()),
                Action::ListFiles { command, path } => {
                    format!("list {} ({command})", path.unwrap_or_default())
                }
                Action::Search { command, query, path } => {
                    format!(
                        "search {} in {} ({command})",
                        query.unwrap_or_default(),
                        path.unwrap_or_default()
                    )
                }
                Action::Unknown { command } => format!("unknown ({command})"),
            });
        lines.collect::<Vec<String>>().join("; ")
    }

    #[test]
    fn steps_are_told() {
        let table = [
            ("cat src/lib.rs", "read lib.rs /w/src/lib.rs (cat src/lib.rs)"),
            ("cd src && cat lib.rs | head -5", "read lib.rs /w/src/lib.rs (cat lib.rs)"),
            ("sed -n '1,20p' a.rs", "read a.rs /w/a.rs (sed -n '1,20p' a.rs)"),
            ("head -n 5 a b", "read a /w/a (head -n 5 a b); read b /w/b (head -n 5 a b)"),
            ("ls -la src", "list src (ls -la src)"),
            ("rg --files | sort", "list  (rg --files)"),
            ("rg -n 'fn main' src", "search fn main in src (rg -n 'fn main' src)"),
            ("rg -e a b", "search a in b (rg -e a b)"),
            ("find . -name '*.rs'", "search *.rs in . (find . -name '*.rs')"),
            ("git grep x", "search x in  (git grep x)"),
            ("ls && cat a", "list  (ls); read a /w/a (cat a)"),
            ("ls; make", "unknown (ls; make)"),
            ("cat $X", "unknown (cat $X)"),
            ("sed -i s/a/b/ x", "unknown (sed -i s/a/b/ x)"),
            ("cd x", "unknown (cd x)"),
            ("find . -name x -exec rm {} +", "unknown (find . -name x -exec rm {} +)"),
            ("find . -name x -delete", "unknown (find . -name x -delete)"),
        ];
        for (script, expect) in table {
            assert_eq!(told(&["/bin/bash", "-lc", script]), expect);
        }
        assert_eq!(told(&["cat", "/etc/a b"]), "read a b /etc/a b (cat '/etc/a b')");
        assert_eq!(told(&["make", "it's"]), "unknown (make 'it'\\''s')");
        assert_eq!(told(&[]), "unknown ()");
    }
}
