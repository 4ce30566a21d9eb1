//! What tells languages apart, as far as colours go: one entry each.

/// One language.
#[derive(Debug)]
pub(super) struct Grammar {
    /// Its names and file endings, in small letters.
    names: &'static [&'static str],
    pub(super) kind: Kind,
    /// Marks after which the rest of a line is a comment.
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comment: Option<BlockComment>,
    /// Longer marks first.
    pub(super) strings: &'static [Quotes],
    pub(super) words: Words,
    /// What belongs to a word beside letters, digits and `_`.
    pub(super) word_marks: &'static [u8],
    /// What makes a name of the word behind it: `@` of decorators, `$` of variables.
    pub(super) sigils: &'static [u8],
    pub(super) extras: &'static [Extra],
}

/// How its lines are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    /// Code in which the first word of a command stands out.
    Shell,
    /// The same behind prompts; what has none is output.
    Session,
    /// Tags and text.
    Markup,
    /// A unified diff.
    Diff,
}

#[derive(Debug)]
pub(super) struct BlockComment {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) nesting: Nesting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nesting {
    Flat,
    Nested,
}

/// One kind of strings.
#[derive(Debug)]
pub(super) struct Quotes {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) escape: Escape,
    pub(super) extent: Extent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    Backslash,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    OneLine,
    ManyLines,
}

/// The words that a language fixes.
#[derive(Debug)]
pub(super) enum Words {
    /// As they stand.
    Exact(&'static [&'static str]),
    /// In small or capital letters; listed in small ones.
    AnyCase(&'static [&'static str]),
}

/// What only some languages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// `'` begins a lifetime unless it encloses one character.
    Lifetimes,
    /// `#[…]` and `#![…]`.
    Attributes,
    /// `r"…"`, `r#"…"#`.
    RawStrings,
    /// `name!` is a call.
    Macros,
    /// `#include` and the like at the beginning of a line.
    Directives,
    /// `/…/` where a value is expected.
    Patterns,
    /// A word or string before `:` is a key.
    Colons,
    /// A word or string before `=` is a key.
    Equals,
    /// `[…]` alone on a line is a heading.
    Sections,
    /// The text behind a line with `<<END` goes on to a line `END`.
    Heredocs,
    /// Quotes and comments begin only behind a blank or a mark: text without quotes is usual.
    BareText,
}

impl Grammar {
    pub(super) fn has(&self, extra: Extra) -> bool {
        self.extras.contains(&extra)
    }
}

impl Words {
    pub(super) fn contains(&self, word: &str) -> bool {
        match self {
            Words::Exact(words) => words.contains(&word),
            Words::AnyCase(words) => words.iter().any(|known| known.eq_ignore_ascii_case(word)),
        }
    }
}

/// The grammar of a language by one of its names.
pub(super) fn find(language: &str) -> Option<&'static Grammar> {
    let known = |grammar: &&Grammar| grammar.names.iter().any(|name| name.eq_ignore_ascii_case(language));
    GRAMMARS.iter().find(known)
}

/// All names.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    GRAMMARS.iter().flat_map(|grammar| grammar.names.iter().copied()).collect()
}

const NONE: Grammar = Grammar {
    names: &[],
    kind: Kind::Code,
    line_comments: &[],
    block_comment: None,
    strings: &[],
    words: Words::Exact(&[]),
    word_marks: &[],
    sigils: &[],
    extras: &[],
};

/// Slashes for comments, quotes for strings: most languages with braces.
const BRACES: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(BlockComment { open: "/*", close: "*/", nesting: Nesting::Flat }),
    strings: &[DOUBLE, SINGLE],
    ..NONE
};

/// `#` for comments: most languages without.
const HASHES: Grammar = Grammar { line_comments: &["#"], strings: &[DOUBLE, SINGLE], ..NONE };

const SHELL: Grammar = Grammar {
    kind: Kind::Shell,
    strings: &[DOUBLE_LONG, SINGLE_RAW_LONG],
    words: Words::Exact(&[
        "case", "do", "done", "elif", "else", "end", "esac", "export", "fi", "for", "function", "if", "in",
        "local", "readonly", "return", "select", "set", "then", "unset", "until", "while",
    ]),
    word_marks: b"-./+:~@%,",
    sigils: b"$",
    extras: &[Extra::BareText, Extra::Heredocs],
    ..HASHES
};

const fn quotes(open: &'static str, escape: Escape, extent: Extent) -> Quotes {
    Quotes { open, close: open, escape, extent }
}

const DOUBLE: Quotes = quotes("\"", Escape::Backslash, Extent::OneLine);
const SINGLE: Quotes = quotes("'", Escape::Backslash, Extent::OneLine);
const DOUBLE_LONG: Quotes = quotes("\"", Escape::Backslash, Extent::ManyLines);
const SINGLE_LONG: Quotes = quotes("'", Escape::Backslash, Extent::ManyLines);
const SINGLE_RAW: Quotes = quotes("'", Escape::None, Extent::OneLine);
const SINGLE_RAW_LONG: Quotes = quotes("'", Escape::None, Extent::ManyLines);
const TRIPLE_DOUBLE: Quotes = quotes("\"\"\"", Escape::Backslash, Extent::ManyLines);
const TRIPLE_SINGLE: Quotes = quotes("'''", Escape::Backslash, Extent::ManyLines);
const TRIPLE_SINGLE_RAW: Quotes = quotes("'''", Escape::None, Extent::ManyLines);
const BACKTICK: Quotes = quotes("`", Escape::Backslash, Extent::ManyLines);
const BACKTICK_RAW: Quotes = quotes("`", Escape::None, Extent::ManyLines);
const NESTED_SLASHES: Option<BlockComment> =
    Some(BlockComment { open: "/*", close: "*/", nesting: Nesting::Nested });

#[rustfmt::skip] // words flow like text
static GRAMMARS: &[Grammar] = &[
    Grammar {
        names: &["rust", "rs"],
        block_comment: NESTED_SLASHES,
        strings: &[DOUBLE_LONG],
        words: Words::Exact(&[
            "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
            "for", "if", "impl", "in", "let", "loop", "macro_rules", "match", "mod", "move", "mut", "pub", "ref", "return",
            "self", "Self", "static", "struct", "super", "trait", "true", "type", "union", "unsafe", "use", "where",
            "while", "yield",
        ]),
        extras: &[Extra::Lifetimes, Extra::Attributes, Extra::RawStrings, Extra::Macros],
        ..BRACES
    },
    Grammar {
        names: &["python", "py", "python3", "pyi", "starlark", "bzl", "pycon"],
        strings: &[TRIPLE_DOUBLE, TRIPLE_SINGLE, DOUBLE, SINGLE],
        words: Words::Exact(&[
            "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def", "del", "elif", "else",
            "except", "False", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match", "None",
            "nonlocal", "not", "or", "pass", "raise", "return", "self", "True", "try", "while", "with", "yield",
        ]),
        sigils: b"@",
        ..HASHES
    },
    Grammar {
        names: &["javascript", "js", "jsx", "mjs", "cjs", "node", "typescript", "ts", "tsx", "mts", "cts"],
        strings: &[DOUBLE, SINGLE, BACKTICK],
        words: Words::Exact(&[
            "abstract", "as", "async", "await", "break", "case", "catch", "class", "const", "continue", "debugger",
            "declare", "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "from",
            "function", "if", "implements", "import", "in", "instanceof", "interface", "keyof", "let", "namespace", "new",
            "null", "of", "private", "protected", "public", "readonly", "return", "satisfies", "static", "super", "switch",
            "this", "throw", "true", "try", "type", "typeof", "undefined", "var", "void", "while", "with", "yield",
        ]),
        word_marks: b"$",
        sigils: b"@",
        extras: &[Extra::Patterns],
        ..BRACES
    },
    Grammar {
        names: &["json", "jsonc", "json5", "jsonl", "ndjson"],
        words: Words::Exact(&["true", "false", "null"]),
        extras: &[Extra::Colons],
        ..BRACES
    },
    Grammar {
        names: &["bash", "sh", "shell", "zsh", "ksh", "fish"],
        ..SHELL
    },
    Grammar {
        names: &["console", "shellsession", "sh-session", "terminal"],
        kind: Kind::Session,
        ..SHELL
    },
    Grammar {
        names: &["powershell", "ps1", "pwsh", "ps"],
        kind: Kind::Shell,
        block_comment: Some(BlockComment { open: "<#", close: "#>", nesting: Nesting::Flat }),
        strings: &[quotes("\"", Escape::None, Extent::OneLine), SINGLE_RAW],
        words: Words::AnyCase(&[
            "begin", "break", "catch", "class", "continue", "do", "else", "elseif", "end", "enum", "exit", "filter",
            "finally", "for", "foreach", "function", "if", "in", "param", "process", "return", "switch", "throw", "trap",
            "try", "until", "using", "while",
        ]),
        word_marks: b"-./\\:",
        sigils: b"$",
        extras: &[Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["toml"],
        strings: &[TRIPLE_DOUBLE, TRIPLE_SINGLE_RAW, DOUBLE, SINGLE_RAW],
        words: Words::Exact(&["true", "false", "inf", "nan"]),
        word_marks: b"-.",
        extras: &[Extra::Equals, Extra::Sections],
        ..HASHES
    },
    Grammar {
        names: &["yaml", "yml"],
        strings: &[DOUBLE_LONG, SINGLE_RAW_LONG],
        words: Words::Exact(&["true", "false", "null", "yes", "no", "on", "off"]),
        word_marks: b"-./",
        extras: &[Extra::Colons, Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["ini", "cfg", "conf", "properties", "env", "dotenv", "editorconfig", "gitconfig", "desktop"],
        line_comments: &["#", ";"],
        words: Words::AnyCase(&["true", "false", "yes", "no", "on", "off"]),
        word_marks: b"-.",
        extras: &[Extra::Equals, Extra::Sections, Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["c", "h", "cpp", "c++", "cc", "cxx", "hpp", "hh", "hxx", "objc", "objective-c", "m", "mm", "cuda", "cu", "arduino", "ino"],
        words: Words::Exact(&[
            "alignas", "alignof", "auto", "bool", "break", "case", "catch", "char", "class", "co_await", "co_return",
            "co_yield", "concept", "const", "const_cast", "consteval", "constexpr", "continue", "decltype", "default",
            "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "final",
            "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept",
            "NULL", "nullptr", "operator", "override", "private", "protected", "public", "register", "reinterpret_cast",
            "requires", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast",
            "struct", "switch", "template", "this", "throw", "true", "try", "typedef", "typename", "union", "unsigned",
            "using", "virtual", "void", "volatile", "while",
        ]),
        extras: &[Extra::Directives],
        ..BRACES
    },
    Grammar {
        names: &["csharp", "c#", "cs"],
        strings: &[TRIPLE_DOUBLE, DOUBLE, SINGLE],
        words: Words::Exact(&[
            "abstract", "as", "async", "await", "base", "bool", "break", "byte", "case", "catch", "char", "class", "const",
            "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "explicit", "extern",
            "false", "finally", "fixed", "float", "for", "foreach", "get", "goto", "if", "implicit", "in", "init", "int",
            "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out",
            "override", "params", "partial", "private", "protected", "public", "readonly", "record", "ref", "required",
            "return", "sealed", "set", "short", "sizeof", "static", "string", "struct", "switch", "this", "throw", "true",
            "try", "typeof", "uint", "ulong", "unsafe", "using", "var", "virtual", "void", "when", "where", "while", "yield",
        ]),
        extras: &[Extra::Directives],
        ..BRACES
    },
    Grammar {
        names: &["java", "groovy", "gradle", "kotlin", "kt", "kts", "scala", "sbt", "sc", "dart"],
        strings: &[TRIPLE_DOUBLE, DOUBLE, SINGLE],
        words: Words::Exact(&[
            "abstract", "as", "assert", "async", "await", "boolean", "break", "by", "byte", "case", "catch", "char", "class",
            "companion", "const", "continue", "data", "def", "default", "do", "double", "else", "enum", "extends", "extension",
            "false", "final", "finally", "float", "for", "fun", "given", "if", "implements", "implicit", "import", "in",
            "inner", "instanceof", "int", "interface", "internal", "is", "late", "lateinit", "lazy", "long", "match", "native",
            "new", "null", "object", "open", "override", "package", "permits", "private", "protected", "public", "record",
            "required", "return", "sealed", "short", "static", "super", "suspend", "switch", "synchronized", "then", "this",
            "throw", "throws", "trait", "transient", "true", "try", "type", "using", "val", "var", "void", "volatile", "when",
            "while", "with", "yield",
        ]),
        sigils: b"@",
        ..BRACES
    },
    Grammar {
        names: &["go", "golang"],
        strings: &[DOUBLE, SINGLE, BACKTICK_RAW],
        words: Words::Exact(&[
            "any", "bool", "break", "byte", "case", "chan", "const", "continue", "default", "defer", "else", "error",
            "fallthrough", "false", "float64", "for", "func", "go", "goto", "if", "import", "int", "int64", "interface",
            "iota", "map", "nil", "package", "range", "return", "rune", "select", "string", "struct", "switch", "true", "type",
            "uint64", "var",
        ]),
        ..BRACES
    },
    Grammar {
        names: &["swift"],
        block_comment: NESTED_SLASHES,
        strings: &[TRIPLE_DOUBLE, DOUBLE],
        words: Words::Exact(&[
            "actor", "any", "as", "associatedtype", "async", "await", "break", "case", "catch", "class", "continue",
            "default", "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "final",
            "for", "func", "guard", "if", "import", "in", "indirect", "init", "inout", "internal", "is", "lazy", "let",
            "mutating", "nil", "open", "override", "private", "protocol", "public", "repeat", "rethrows", "return", "self",
            "Self", "some", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try",
            "typealias", "var", "weak", "where", "while",
        ]),
        sigils: b"@",
        ..BRACES
    },
    Grammar {
        names: &["zig"],
        line_comments: &["//"],
        strings: &[DOUBLE, SINGLE],
        words: Words::Exact(&[
            "and", "anytype", "break", "catch", "comptime", "const", "continue", "defer", "else", "enum", "errdefer", "error",
            "export", "extern", "false", "fn", "for", "if", "inline", "null", "or", "orelse", "pub", "return", "struct",
            "switch", "test", "true", "try", "undefined", "union", "unreachable", "usize", "var", "void", "while",
        ]),
        sigils: b"@",
        ..NONE
    },
    Grammar {
        names: &["php"],
        line_comments: &["//", "#"],
        words: Words::AnyCase(&[
            "abstract", "and", "array", "as", "break", "case", "catch", "class", "const", "continue", "default", "do", "echo",
            "else", "elseif", "enum", "extends", "false", "final", "finally", "fn", "for", "foreach", "function", "if",
            "implements", "instanceof", "interface", "match", "namespace", "new", "null", "or", "private", "protected",
            "public", "readonly", "require", "return", "static", "switch", "throw", "trait", "true", "try", "use", "while",
            "yield",
        ]),
        sigils: b"$",
        ..BRACES
    },
    Grammar {
        names: &["ruby", "rb", "rake", "gemfile", "elixir", "ex", "exs", "crystal", "cr"],
        strings: &[TRIPLE_DOUBLE, DOUBLE_LONG, SINGLE_LONG],
        words: Words::Exact(&[
            "alias", "and", "begin", "break", "case", "class", "cond", "def", "defmodule", "defp", "do", "else", "elsif", "end",
            "ensure", "extend", "false", "fn", "for", "if", "import", "in", "include", "module", "next", "nil", "not", "or",
            "raise", "redo", "require", "require_relative", "rescue", "retry", "return", "self", "super", "then", "true",
            "undef", "unless", "until", "use", "when", "while", "with", "yield",
        ]),
        word_marks: b"?",
        sigils: b"@",
        extras: &[Extra::Patterns, Extra::Heredocs],
        ..HASHES
    },
    Grammar {
        names: &["perl", "pl", "pm", "r", "julia", "jl", "nix", "awk", "tcl"],
        words: Words::Exact(&[
            "and", "assert", "begin", "break", "const", "do", "else", "elseif", "elsif", "end", "export", "false", "FALSE", "for",
            "foreach", "function", "if", "import", "in", "inherit", "last", "let", "library", "local", "module", "my", "next",
            "not", "NULL", "or", "our", "package", "print", "proc", "rec", "repeat", "return", "struct", "sub", "then", "true",
            "TRUE", "unless", "use", "using", "while", "with",
        ]),
        sigils: b"$@",
        ..HASHES
    },
    Grammar {
        names: &["lua", "luau"],
        line_comments: &["--"],
        block_comment: Some(BlockComment { open: "--[[", close: "]]", nesting: Nesting::Flat }),
        strings: &[
            Quotes { open: "[[", close: "]]", escape: Escape::None, extent: Extent::ManyLines }, DOUBLE, SINGLE,
        ],
        words: Words::Exact(&[
            "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
            "not", "or", "repeat", "return", "then", "true", "until", "while",
        ]),
        ..NONE
    },
    Grammar {
        names: &["haskell", "hs", "elm", "purescript"],
        line_comments: &["--"],
        block_comment: Some(BlockComment { open: "{-", close: "-}", nesting: Nesting::Nested }),
        strings: &[DOUBLE],
        words: Words::Exact(&[
            "as", "case", "class", "data", "deriving", "do", "else", "forall", "hiding", "if", "import", "in", "infixl",
            "infixr", "instance", "let", "module", "newtype", "of", "qualified", "then", "type", "where",
        ]),
        word_marks: b"'",
        ..NONE
    },
    Grammar {
        names: &["ocaml", "ml", "mli", "fsharp", "f#", "fs"],
        line_comments: &["//"],
        block_comment: Some(BlockComment { open: "(*", close: "*)", nesting: Nesting::Nested }),
        strings: &[TRIPLE_DOUBLE, DOUBLE],
        words: Words::Exact(&[
            "and", "as", "begin", "do", "done", "else", "end", "exception", "false", "for", "fun", "function", "if", "in",
            "include", "let", "match", "member", "module", "mutable", "new", "of", "open", "rec", "sig", "struct", "then", "to",
            "true", "try", "type", "val", "when", "while", "with", "yield",
        ]),
        word_marks: b"'",
        ..NONE
    },
    Grammar {
        names: &["lisp", "clojure", "clj", "cljs", "edn", "scheme", "scm", "racket", "rkt", "elisp", "el"],
        line_comments: &[";"],
        strings: &[DOUBLE_LONG],
        words: Words::Exact(&[
            "begin", "case", "cond", "def", "define", "defmacro", "defn", "defun", "defvar", "do", "false", "fn", "for", "if",
            "lambda", "let", "let*", "loop", "nil", "ns", "progn", "quote", "recur", "require", "setq", "t", "true", "unless",
            "when",
        ]),
        word_marks: b"-!?*<>=/+.:",
        ..NONE
    },
    Grammar {
        names: &["sql", "postgres", "postgresql", "psql", "mysql", "sqlite", "plsql", "tsql"],
        line_comments: &["--"],
        // A doubled quote is two strings side by side, which looks the same.
        strings: &[SINGLE_RAW_LONG, quotes("\"", Escape::None, Extent::OneLine), quotes("`", Escape::None, Extent::OneLine)],
        words: Words::AnyCase(&[
            "add", "all", "alter", "and", "any", "as", "asc", "begin", "between", "by", "cascade", "case", "cast", "check",
            "column", "commit", "conflict", "constraint", "create", "cross", "default", "delete", "desc", "distinct", "do",
            "drop", "else", "end", "except", "exists", "explain", "false", "foreign", "from", "full", "function", "grant",
            "group", "having", "if", "ilike", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key",
            "lateral", "left", "like", "limit", "materialized", "not", "null", "offset", "on", "or", "order", "outer", "over",
            "partition", "primary", "recursive", "references", "replace", "returning", "right", "rollback", "select", "set",
            "table", "then", "transaction", "trigger", "true", "truncate", "union", "unique", "update", "using", "values",
            "view", "when", "where", "window", "with",
        ]),
        ..BRACES
    },
    Grammar {
        names: &["html", "htm", "xhtml", "xml", "svg", "xsd", "xslt", "plist", "vue", "svelte", "astro"],
        kind: Kind::Markup,
        block_comment: Some(BlockComment { open: "<!--", close: "-->", nesting: Nesting::Flat }),
        strings: &[
            quotes("\"", Escape::None, Extent::ManyLines), quotes("'", Escape::None, Extent::ManyLines),
        ],
        word_marks: b"-:.",
        ..NONE
    },
    Grammar {
        names: &["css"],
        line_comments: &[],
        words: Words::Exact(&[]),
        word_marks: b"-%",
        sigils: b"@",
        extras: &[Extra::Colons],
        ..BRACES
    },
    Grammar {
        names: &["scss", "sass", "less"],
        word_marks: b"-%",
        sigils: b"@$",
        extras: &[Extra::Colons],
        ..BRACES
    },
    Grammar { names: &["diff", "patch", "udiff"], kind: Kind::Diff, ..NONE },
    Grammar {
        names: &["dockerfile", "docker", "containerfile"],
        words: Words::Exact(&[
            "ADD", "ARG", "AS", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN",
            "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
        ]),
        word_marks: b"-./",
        sigils: b"$",
        extras: &[Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["makefile", "make", "mk", "just", "justfile"],
        words: Words::Exact(&["define", "else", "endef", "endif", "export", "if", "ifdef", "ifeq", "ifndef", "ifneq", "include"]),
        word_marks: b"-./",
        sigils: b"$",
        extras: &[Extra::Colons, Extra::Equals, Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["cmake"],
        words: Words::AnyCase(&[
            "and", "else", "elseif", "endforeach", "endfunction", "endif", "endmacro", "endwhile", "foreach", "function", "if",
            "macro", "not", "off", "on", "or", "return", "while",
        ]),
        word_marks: b"-./",
        sigils: b"$",
        extras: &[Extra::BareText],
        ..HASHES
    },
    Grammar {
        names: &["hcl", "terraform", "tf", "tfvars", "nginx"],
        line_comments: &["#", "//"],
        words: Words::Exact(&[
            "data", "dynamic", "false", "for", "for_each", "if", "import", "in", "locals", "module", "moved", "null", "output",
            "provider", "resource", "terraform", "true", "variable",
        ]),
        word_marks: b"-",
        extras: &[Extra::Equals, Extra::Heredocs],
        ..BRACES
    },
    Grammar {
        names: &["graphql", "gql"],
        strings: &[TRIPLE_DOUBLE, DOUBLE],
        words: Words::Exact(&[
            "directive", "enum", "extend", "false", "fragment", "implements", "input", "interface", "mutation", "null", "on",
            "query", "scalar", "schema", "subscription", "true", "type", "union",
        ]),
        sigils: b"$@",
        ..HASHES
    },
    Grammar {
        names: &["protobuf", "proto", "thrift"],
        words: Words::Exact(&[
            "bool", "bytes", "double", "enum", "extend", "false", "float", "import", "int32", "int64", "map", "message",
            "oneof", "option", "optional", "package", "repeated", "required", "reserved", "returns", "rpc", "service",
            "stream", "string", "struct", "syntax", "true", "uint32", "uint64",
        ]),
        ..BRACES
    },
];
