//! Programs whose arguments want more than a list of options.

/// `sed -n` that prints lines by number; all else of sed can write files or, in GNU's, run commands.
pub(super) fn sed(arguments: &[&str]) -> bool {
    let Some((script, files)) = (match arguments {
        ["-n" | "--quiet" | "--silent", "-e", script, files @ ..] => Some((script, files)),
        ["-n" | "--quiet" | "--silent", script, files @ ..] => Some((script, files)),
        _ => None,
    }) else {
        return false;
    };
    script.split(';').all(prints_lines) && files.iter().all(|file| !file.starts_with('-') || *file == "-")
}

/// `12p`, `1,20p`, `5,$p`.
fn prints_lines(command: &str) -> bool {
    let Some(addresses) = command.trim().strip_suffix('p') else { return false };
    let is_line = |address: &str| {
        address == "$" || !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_digit())
    };
    match addresses.split_once(',') {
        Some((first, last)) => is_line(first) && is_line(last),
        None => is_line(addresses),
    }
}

/// Asked for the version. `-v` is the loud mode of some, in which they run what their standard input holds.
pub(super) fn version(name: &str, arguments: &[&str]) -> bool {
    match arguments {
        ["--version"] => true,
        ["-v"] => matches!(name, "node" | "npm" | "perl" | "ruby" | "gcc" | "clang" | "make"),
        ["-V"] => matches!(name, "python" | "python3" | "pip" | "pip3"),
        _ => false,
    }
}

/// `jq` without modules, which a program or a file with one can read from wherever it says.
pub(super) fn jq(arguments: &[&str]) -> bool {
    arguments.iter().all(|argument| {
        let option = match argument.strip_prefix("--") {
            Some(long) => matches!(long, "from-file" | "library-path") || long.contains('='),
            None => argument.starts_with('-') && argument.contains(['f', 'L']),
        };
        !option && !argument.contains("import") && !argument.contains("include")
    })
}

/// `xxd` with options that stand alone: it looks at no more than their first letters, so that `-ac in out` has two files, the
/// second of which it writes. So does `-r`.
pub(super) fn xxd(arguments: &[&str]) -> bool {
    let mut rest = arguments;
    loop {
        rest = match rest {
            ["-a" | "-b" | "-e" | "-E" | "-i" | "-p" | "-u", rest @ ..] => rest,
            ["-c" | "-g" | "-l" | "-o" | "-s", _, rest @ ..] => rest,
            [] => return true,
            [file] => return !file.starts_with('-'),
            _ => return false,
        };
    }
}

/// `tree` without `-o` and `-R`, which write. It takes a letter's value from the next argument also where letters follow:
/// `-Po x y` writes `y`.
pub(super) fn tree(arguments: &[&str]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let known = match *argument {
            "-L" | "-P" | "-I" | "--filelimit" => rest.next().is_some(),
            "--dirsfirst" | "--noreport" | "--gitignore" | "--prune" => true,
            other => match other.strip_prefix('-') {
                Some(letters) => {
                    !letters.is_empty() && letters.chars().all(|letter| "adfilsxCDFhupgrtvn".contains(letter))
                }
                None => true,
            },
        };
        if !known {
            return false;
        }
    }
    true
}

/// `grep` that does not read wherever a link below a folder leads: no `-R` (BSD's `-S`) among the letters, no
/// `--dereference-recursive` or what it may be cut to.
pub(super) fn grep(arguments: &[&str]) -> bool {
    arguments.iter().take_while(|argument| **argument != "--").all(|argument| {
        match argument.strip_prefix("--") {
            Some(long) => long.is_empty() || !"dereference-recursive".starts_with(long),
            None => !argument.starts_with('-') || !argument.contains(['R', 'S']),
        }
    })
}

/// `find` with tests and prints only: no `-exec`, `-ok`, `-delete`, `-fprint`, `-fls`.
pub(super) fn find(arguments: &[&str]) -> bool {
    const ALONE: &[&str] = &[
        "!",
        "(",
        ")",
        ",",
        "-H",
        "-L",
        "-P",
        "-a",
        "-and",
        "-daystart",
        "-depth",
        "-empty",
        "-executable",
        "-false",
        "-follow",
        "-ls",
        "-mount",
        "-nogroup",
        "-not",
        "-nouser",
        "-o",
        "-or",
        "-print",
        "-print0",
        "-prune",
        "-quit",
        "-readable",
        "-true",
        "-writable",
        "-xdev",
    ];
    const WITH_VALUE: &[&str] = &[
        "-amin",
        "-anewer",
        "-atime",
        "-cmin",
        "-cnewer",
        "-ctime",
        "-gid",
        "-group",
        "-ilname",
        "-iname",
        "-inum",
        "-ipath",
        "-iregex",
        "-iwholename",
        "-links",
        "-lname",
        "-maxdepth",
        "-mindepth",
        "-mmin",
        "-mtime",
        "-name",
        "-newer",
        "-path",
        "-perm",
        "-printf",
        "-regex",
        "-regextype",
        "-samefile",
        "-size",
        "-type",
        "-uid",
        "-user",
        "-wholename",
    ];
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let known = if WITH_VALUE.contains(argument) {
            rest.next().is_some()
        } else {
            ALONE.contains(argument) || !argument.starts_with('-')
        };
        if !known {
            return false;
        }
    }
    true
}

/// `date` that tells: an operand that is no format sets the clock, and so does `-s`.
pub(super) fn date(arguments: &[&str]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let known = match *argument {
            "-d" | "-r" | "--date" | "--reference" => rest.next().is_some(),
            "-u" | "-R" | "-I" | "-Idate" | "-Iseconds" | "-Iminutes" | "-Ihours" | "-Ins" | "--utc"
            | "--iso-8601" => true,
            other => {
                other.starts_with('+') || other.starts_with("--date=") || other.starts_with("--iso-8601=")
            }
        };
        if !known {
            return false;
        }
    }
    true
}

/// `printf` without `-v` and `%n`, with which bash evaluates a subscript, and so runs what is in it.
pub(super) fn printf(arguments: &[&str]) -> bool {
    let Some((format, operands)) = arguments.split_first() else { return false };
    // zsh computes operands of numbers, and would expand what is in them.
    if format.starts_with('-') || operands.iter().any(|operand| operand.contains(['$', '`', '['])) {
        return false;
    }
    let mut rest = format.chars();
    while let Some(next) = rest.next() {
        if next != '%' {
            continue;
        }
        let conversion =
            rest.find(|letter| !matches!(letter, '-' | '+' | ' ' | '#' | '0'..='9' | '.' | '*' | '\''));
        if !conversion.is_none_or(|letter| "%diouxXeEfFgGcsbq".contains(letter)) {
            return false;
        }
    }
    true
}

/// `test` with plain questions. `-v` evaluates a subscript, and so runs what is in it.
pub(super) fn test(arguments: &[&str]) -> bool {
    const OPERATORS: &[&str] = &[
        "!", "-a", "-b", "-c", "-d", "-e", "-ef", "-eq", "-f", "-ge", "-gt", "-h", "-L", "-le", "-lt", "-n",
        "-ne", "-nt", "-o", "-ot", "-p", "-r", "-s", "-t", "-w", "-x", "-z", "=", "==", "!=",
    ];
    // An operand with a bracket could be a subscript for some shell's arithmetic.
    arguments.iter().all(|argument| {
        OPERATORS.contains(argument) || !argument.starts_with('-') && !argument.contains(['[', '$', '`', '('])
    })
}

/// `[ … ]`.
pub(super) fn bracket(arguments: &[&str]) -> bool {
    matches!(arguments, [question @ .., "]"] if test(question))
}

/// `cd FOLDER`.
pub(super) fn cd(arguments: &[&str]) -> bool {
    matches!(arguments, [folder] | ["--", folder] if !folder.starts_with('-'))
}

/// `command -v NAME`, which tells where a program is.
pub(super) fn command(arguments: &[&str]) -> bool {
    matches!(arguments, ["-v" | "-V", names @ ..] if names.iter().all(|name| !name.starts_with('-')))
}
