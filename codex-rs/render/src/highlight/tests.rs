//! Each language once, as tables; what holds for any text as properties.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use ratatui_core::style::{Color, Modifier};

use super::{Highlighter, LONGEST_LINE, MOST_LINES};
use crate::Look;

/// Each run in the letter of its class: `k` fixed, `s` text, `n` name, `c` comment, `r` removed, a blank for plain.
fn classes(language: &str, code: &str) -> String {
    let mut highlighter = Highlighter::for_language(language, Look::FULL).unwrap();
    let mut out = String::new();
    for line in code.lines() {
        let spans = highlighter.line(line);
        assert_eq!(spans.iter().map(|span| &*span.content).collect::<String>(), line);
        let mut under = String::new();
        for span in spans {
            let letter = match (span.style.fg, span.style.add_modifier) {
                (None, Modifier::DIM) => 'c',
                (Some(Color::Magenta), _) => 'k',
                (Some(Color::Green), _) => 's',
                (Some(Color::Cyan), _) => 'n',
                (Some(Color::Red), _) => 'r',
                _ => ' ',
            };
            let letters = span.content.chars().map(|character| if character == ' ' { ' ' } else { letter });
            under.extend(letters);
        }
        out.push_str(&format!("{line}\n{}\n", under.trim_end()));
    }
    out
}

#[test]
fn rust() {
    insta::assert_snapshot!(classes("rust", r###"#[derive(Debug)] // why
pub fn call<'a>(x: &'a str) -> char { '\'' }
let s = r#"a "b" \"#; let t = "two
lines"; /* in /* two */
still */ println!("{}", 0xff_u8 + 1.5e-3); self.match_it(x.type) != 'x'"###), @r##"
    #[derive(Debug)] // why
    nnnnnnnnnnnnnnnn cc ccc
    pub fn call<'a>(x: &'a str) -> char { '\'' }
    kkk kk      nn      nn                ssss
    let s = r#"a "b" \"#; let t = "two
    kkk     ssss sss sss  kkk     ssss
    lines"; /* in /* two */
    ssssss  cc cc cc ccc cc
    still */ println!("{}", 0xff_u8 + 1.5e-3); self.match_it(x.type) != 'x'
    ccccc cc nnnnnnnn ssss  kkkkkkk   kkkkkk   kkkk nnnnnnnn            sss
    "##);
}

#[test]
fn python() {
    insta::assert_snapshot!(classes("py", r###"@app.get("/a")
async def f(x: int) -> str:
    """Text
    more"""
    return f'{x} it\'s' + None # end"###), @r#"
    @app.get("/a")
    nnnn nnn ssss
    async def f(x: int) -> str:
    kkkkk kkk n
        """Text
        sssssss
        more"""
        sssssss
        return f'{x} it\'s' + None # end
        kkkkkk  ssss ssssss   kkkk c ccc
    "#);
}

#[test]
fn scripts_for_browsers() {
    insta::assert_snapshot!(classes("tsx", r###"import { a } from './b'; // c
const x = `one ${two}
three`; const re = /["'/]\/[/]"/gi; y = a / b / c;
return $el?.default(1_000n, /x/)"###), @r#"
    import { a } from './b'; // c
    kkkkkk       kkkk sssss  cc c
    const x = `one ${two}
    kkkkk     ssss ssssss
    three`; const re = /["'/]\/[/]"/gi; y = a / b / c;
    ssssss  kkkkk      sssssssssssssss
    return $el?.default(1_000n, /x/)
    kkkkkk      nnnnnnn kkkkkk  sss
    "#);
}

#[test]
fn shells() {
    insta::assert_snapshot!(classes("bash", r###"RUST_LOG=debug cargo test -p x | grep -v "a $b" > /dev/null 2>&1 # c
if [ "$x" = 'it' ]; then echo ${HOME}/#no; done
cat <<'EOF' > f && ls
text "here
EOF
docker run \
  --rm x; for f in *.txt; do rm "$f" & done"###), @r#"
    RUST_LOG=debug cargo test -p x | grep -v "a $b" > /dev/null 2>&1 # c
    nnnnnnnn       nnnnn             nnnn    ss sss                  c c
    if [ "$x" = 'it' ]; then echo ${HOME}/#no; done
    kk   ssss   ssss    kkkk nnnn nnnnnnn      kkkk
    cat <<'EOF' > f && ls
    nnn   sssss        nn
    text "here
    ssss sssss
    EOF
    sss
    docker run \
    nnnnnn
      --rm x; for f in *.txt; do rm "$f" & done
              kkk   kk        kk nn ssss   kkkk
    "#);
    insta::assert_snapshot!(classes("console", "$ cargo build \\\n    --release\nif this is output\n# id"), @r"
    $ cargo build \
    c nnnnn
        --release

    if this is output

    # id
    c nn
    ");
    insta::assert_snapshot!(classes("ps1", "Get-Item 'x' | foreach { $_.Name } # c"), @r"
    Get-Item 'x' | foreach { $_.Name } # c
    nnnnnnnn sss   kkkkkkk   nn        c c
    ");
}

#[test]
fn data() {
    insta::assert_snapshot!(classes("json", r#"{ "a": [1.5, -2e+3, true], "b" : "c: d" }"#), @r#"
    { "a": [1.5, -2e+3, true], "b" : "c: d" }
      nnn   kkk   kkkk  kkkk   nnn   sss ss
    "#);
    insta::assert_snapshot!(classes("toml", "[a.b] # c\nname = \"x\"\nt = { v = '''1\n2''' }\nd = 2026-11-25"), @r#"
    [a.b] # c
    kkkkk c c
    name = "x"
    nnnn   sss
    t = { v = '''1
    n     n   ssss
    2''' }
    ssss
    d = 2026-11-25
    n   kkkk
    "#);
    insta::assert_snapshot!(classes("yaml", "on: push # c\n- it's: \"x\"\n  url: http://a#b\n  n: 1.5"), @r#"
    on: push # c
    nn       c c
    - it's: "x"
         n  sss
      url: http://a#b
      nnn
      n: 1.5
      n  kkk
    "#);
    insta::assert_snapshot!(classes("ini", "; c\n[core]\neditor = it's vi"), @r"
    ; c
    c c
    [core]
    kkkkkk
    editor = it's vi
    nnnnnn
    ");
}

#[test]
fn others() {
    insta::assert_snapshot!(classes("c", "#include <a.h>\n  # define X 1'000\nchar c = '\"'; /* a\nb */ f(NULL);"), @r#"
    #include <a.h>
    kkkkkkkk
      # define X 1'000
      k kkkkkk   kkkkk
    char c = '"'; /* a
    kkkk     sss  cc c
    b */ f(NULL);
    c cc n kkkk
    "#);
    insta::assert_snapshot!(classes("sql", "SELECT 'it''s', \"a\" FROM t -- c\nwhere x is null"), @r#"
    SELECT 'it''s', "a" FROM t -- c
    kkkkkk sssssss  sss kkkk   cc c
    where x is null
    kkkkk   kk kkkk
    "#);
    insta::assert_snapshot!(
        classes("html", "<!-- a\nb --><a href=\"x>y\"\n  id='z'>it's</a> &amp; <br/>"),
        @r#"
    <!-- a
    cccc c
    b --><a href="x>y"
    c ccc n      sssss
      id='z'>it's</a> &amp; <br/>
         sss       n         nn
    "#
    );
    insta::assert_snapshot!(classes("css", "@media x { a:hover { color: #fff; margin: -1.5em } } /* c */"), @r"
    @media x { a:hover { color: #fff; margin: -1.5em } } /* c */
    nnnnnn               nnnnn        nnnnnn     kkk     cc c cc
    ");
    insta::assert_snapshot!(classes("diff", "diff --git a b\nindex 1..2\n--- a\n+++ b\n@@ -1 +1 @@ x\n-old\n+new\n same"), @r"
    diff --git a b
    nnnn nnnnn n n
    index 1..2
    ccccc cccc
    --- a
    nnn n
    +++ b
    nnn n
    @@ -1 +1 @@ x
    nn nn nn nn n
    -old
    rrrr
    +new
    ssss
     same
    ");
    insta::assert_snapshot!(classes("lua", "local x = [[a\nb]] --[[ c\nd]] return nil -- e"), @r"
    local x = [[a
    kkkkk     sss
    b]] --[[ c
    sss cccc c
    d]] return nil -- e
    ccc kkkkkk kkk cc c
    ");
    insta::assert_snapshot!(classes("dockerfile", "FROM rust:1 AS b\nRUN echo $X # no\n# yes"), @r"
    FROM rust:1 AS b
    kkkk      k kk
    RUN echo $X # no
    kkk      nn c cc
    # yes
    c ccc
    ");
    insta::assert_snapshot!(classes("make", "all: a.o\n\tcc -o $@ ${X}\nCC := gcc"), @r"
    all: a.o
    nnn
    	cc -o $@ ${X}
           nn nnnn
    CC := gcc
    nn
    ");
    insta::assert_snapshot!(classes("go", "func f() { s := `a\n\\`; c := '\\''; }"), @r"
    func f() { s := `a
    kkkk n          ss
    \`; c := '\''; }
    ss       ssss
    ");
    insta::assert_snapshot!(classes("rb", "x = <<~SQL\n it's\nSQL\nclass << self; a << b; end # c"), @r"
    x = <<~SQL

     it's
     ssss
    SQL
    sss
    class << self; a << b; end # c
    kkkkk    kkkk          kkk c c
    ");
    insta::assert_snapshot!(classes("haskell", "f x' = {- a {- b -} c -} let y = x' in \\z -> y -- d"), @r"
    f x' = {- a {- b -} c -} let y = x' in \z -> y -- d
           cc c cc c cc c cc kkk        kk         cc c
    ");
}

#[test]
fn no_language_no_colours() {
    let plain = Look { colour: crate::Colour::None, ..Look::FULL };
    assert!(Highlighter::for_language("rust", plain).is_none());
    assert!(Highlighter::for_language("text", Look::FULL).is_none());
    assert!(Highlighter::for_language("", Look::FULL).is_none());
    assert!(Highlighter::for_language("RUST", Look::FULL).is_some());
}

#[test]
fn names_are_told_apart() {
    let mut names = super::grammars::names();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1]);
    }
    assert!(names.iter().all(|name| *name == name.to_lowercase()));
}

#[test]
fn what_is_too_long_is_plain() {
    let mut highlighter = Highlighter::for_language("rust", Look::FULL).unwrap();
    let is_plain = |spans: &[ratatui_core::text::Span<'_>]| spans.len() == 1 && spans[0].style.fg.is_none();
    assert!(is_plain(&highlighter.line(&format!("let {}", "x".repeat(LONGEST_LINE)))));
    for _ in 1..MOST_LINES {
        assert!(!is_plain(&highlighter.line("let x")));
    }
    assert!(is_plain(&highlighter.line("let x")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn text_stays_as_it_is(lines in prop::collection::vec(code_like(), 1..8)) {
        for language in super::grammars::names() {
            let mut highlighter = Highlighter::for_language(language, Look::FULL).unwrap();
            for line in &lines {
                let spans = highlighter.line(line);
                prop_assert_eq!(&spans.iter().map(|span| &*span.content).collect::<String>(), line);
                prop_assert!(spans.iter().all(|span| !span.content.is_empty()));
                prop_assert!(spans.windows(2).all(|pair| pair[0].style != pair[1].style));
            }
        }
    }
}

fn code_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => "[a-z0-9 ]{1,5}",
        3 => "[!-/:-@\\[-`{-~]{1,3}",
        2 => prop::sample::select(vec![
            "//", "/*", "*/", "\"\"\"", "'''", "<!--", "-->", "--[[", "]]", "r#\"", "\"#", "<<EOF", "EOF", "#[", "${", "\\", "é", "日", "👍", "\u{301}",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat().replace(['\n', '\r'], " "))
}
