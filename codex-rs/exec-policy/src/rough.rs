//! A rough reading of any script, to find what is dangerous in one that cannot be read exactly. It never makes a
//! command safe, so it may see commands that are none.

/// How deep scripts inside of scripts are followed.
const DEEPEST: usize = 4;
/// Words before a command that only say when or whether it is run.
const LEADING: &[&str] = &["!", "do", "elif", "else", "if", "then", "time", "until", "while", "{"];
/// Programs that run the command that follows their own options.
const WRAPPERS: &[&str] = &[
    "builtin", "chronic", "command", "doas", "env", "exec", "ionice", "nice", "nohup", "pkexec", "setsid",
    "stdbuf", "sudo", "timeout", "unbuffer", "watch", "xargs",
];
/// Programs whose argument is a script.
const SHELLS: &[&str] = &["bash", "dash", "eval", "fish", "ksh", "sh", "zsh"];

/// What may be commands in a script, with their wrappers taken off, and also those in scripts they carry.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for words in split(script) {
        unwrap(words, 0, &mut found);
    }
    found
}

/// The same for one argument list.
pub(crate) fn commands_of(argv: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    unwrap(argv.to_vec(), 0, &mut found);
    found
}

/// The last part of a program's path.
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

fn unwrap(words: Vec<String>, depth: usize, found: &mut Vec<Vec<String>>) {
    let mut rest = words.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let name = base_name(first);
        let assigns = first.contains('=') && !first.starts_with('-');
        if LEADING.contains(&name) || assigns {
            rest = others;
        } else if WRAPPERS.contains(&name) {
            found.push(rest.to_vec());
            // Their options and the values of these: durations and numbers.
            let options = others.iter().take_while(|word| {
                word.starts_with('-')
                    || word.contains('=')
                    || word.starts_with(|first: char| first.is_ascii_digit())
            });
            let options = options.count();
            rest = &others[options..];
            // The last option may have a value that is a word: `env -u NAME rm`, `timeout -s KILL 5 rm`.
            if options > 0 {
                found.extend((1..=2).filter_map(|skipped| rest.get(skipped..)).map(<[String]>::to_vec));
            }
        } else {
            break;
        }
    }
    let Some((first, others)) = rest.split_first() else { return };
    found.push(rest.to_vec());
    if depth == DEEPEST {
        return;
    }
    let name = base_name(first);
    if SHELLS.contains(&name) {
        for script in others.iter().filter(|word| !word.starts_with('-')) {
            for words in split(script) {
                unwrap(words, depth + 1, found);
            }
        }
    }
    if matches!(name, "find" | "fd" | "fdfind") {
        let runs = |word: &String| {
            matches!(word.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec")
        };
        if let Some(at) = others.iter().position(runs) {
            unwrap(others[at + 1..].to_vec(), depth + 1, found);
        }
    }
}

/// Words between everything that could end a command, also inside of double quotes where a substitution begins.
fn split(script: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = script.chars().peekable();
    while let Some(next) = rest.next() {
        let substitution = next == '`' || next == '$' && rest.peek() == Some(&'(');
        match quote {
            Some('\'') if next != '\'' => word.get_or_insert_default().push(next),
            Some(open) if next == open => quote = None,
            _ if substitution => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
                quote = None;
            }
            Some(_) => word.get_or_insert_default().push(next),
            None => match next {
                '\'' | '"' => {
                    quote = Some(next);
                    word.get_or_insert_default();
                }
                '\\' => match rest.next() {
                    Some('\n') | None => {}
                    Some(escaped) => word.get_or_insert_default().push(escaped),
                },
                ' ' | '\t' => words.extend(word.take()),
                ';' | '&' | '|' | '(' | ')' | '\n' | '\r' => {
                    words.extend(word.take());
                    commands.push(std::mem::take(&mut words));
                }
                other => word.get_or_insert_default().push(other),
            },
        }
    }
    words.extend(word);
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}
