//! Reformatting and reordering do not move an insertion: whatever lies between the tokens, and in whatever order the
//! items are, it has the same neighbours, and the rest is as it was.

use std::sync::LazyLock;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use proptest::prelude::*;
use syn::spanned::Spanned;

use crate::Stage;

/// Items, to be put in any order; names in capitals are fixed by the anchors below.
const ITEMS: &[&str] = &[
    "struct Auth { mode: u8, key: Option<u8>, last: Vec<u8> }",
    "enum Command { Rename, Logout(u8), Quit }",
    "impl Auth { fn nobody() -> Self { Self { mode: 0, key: None, last: vec![] } } fn logout(&self) -> bool { self.mode > 0 } }",
    "impl Leave for Auth { fn logout(&self) -> bool { false } }",
    "fn run(command: Command) -> u8 { match command { Command::Rename if true => 1, Command::Rename => { one(); 2 } Command::Logout(x) | Command::Other(x) => { one(); return x; } Command::Quit => 3 } }",
    "fn inline(command: Command) -> bool { matches!(command, Command::Rename | Command::Quit) }",
    "fn all() { assert_eq!(Auth { mode: 1, key: None, last: vec![] }, Auth::nobody()); let rest = Auth { mode: 2, ..all }; }",
    "requests! { First => \"first\" { params: u8 }, Logout => \"logout\" { serialization: global(\"l\"), params: u8 } }",
    "mod storage;",
    "mod other { fn run() {} }",
];

/// Each kind of place, and what goes there as tokens.
const EDITS: &[(&str, &str)] = &[
    ("after field Auth.key", "fallback: u8,"),
    ("in every literal of Auth", "fallback: 0,"),
    ("after variant Command::Logout", "Add,"),
    ("before arm Command::Logout in fn run", "Command::Add => 9,"),
    ("before the last statement of arm Command::Logout in fn run", "two();"),
    ("at the start of arm Command::Logout in fn run", "three();"),
    ("at the start of fn Auth::logout", "four();"),
    ("before the tail of fn Auth::logout", "five();"),
    ("before fn Auth::logout", "fn switch() {}"),
    ("after struct Auth", "struct New;"),
    ("after mod storage", "mod fallback;"),
    ("beside entry Logout in macro requests", "Add => \"add\" { {serialization} params: u8 },"),
    ("in the matches of fn inline after Command::Rename", "Command::Add"),
];

/// What may lie between two tokens. None of it begins or ends a token.
const BETWEEN: &[&str] = &[
    " ",
    "\n",
    "\n\n",
    "\t",
    " // } {\n",
    " /* ( */ ",
    "\n    // fn run() {\n    ",
    "/* \u{fc}\n*/",
    "\r\n",
    "/**/",
];

/// The tokens of a text in a flat list; signs that belong together are one.
fn tokens(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    flatten(text.parse().unwrap(), &mut list);
    list
}

fn flatten(tokens: TokenStream, list: &mut Vec<String>) {
    let mut joined = String::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let text = group.to_string();
                list.push(text[..1].to_owned());
                flatten(group.stream(), list);
                list.push(text[text.len() - 1..].to_owned());
            }
            TokenTree::Punct(sign) => {
                joined.push(sign.as_char());
                if sign.spacing() == Spacing::Alone {
                    list.push(std::mem::take(&mut joined));
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                list.push(format!("{}{token}", std::mem::take(&mut joined)))
            }
        }
    }
    list.extend(Some(joined).filter(|joined| !joined.is_empty()));
}

/// The items in an order, with something between every two tokens.
fn laid_out(order: &[&str], between: &[&str]) -> String {
    let mut text = String::new();
    let mut next = between.iter().cycle();
    for token in order.iter().flat_map(|item| tokens(item)) {
        text.push_str(&token);
        text.push_str(next.next().unwrap());
        // A comment in one line has to end, and words have to part.
        if !text.ends_with(char::is_whitespace) {
            text.push(' ');
        }
    }
    text
}

/// Items, each as its tokens and nothing between them, in an order that does not depend on that of the file.
fn sorted(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap();
    let mut starts: Vec<usize> = file.items.iter().map(|item| item.span().byte_range().start).collect();
    starts.push(text.len());
    let item = |window: &[usize]| tokens(&text[window[0]..window[1]]).concat();
    let mut items: Vec<String> = starts.windows(2).map(item).collect();
    items.sort();
    items
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn an_insertion_keeps_its_neighbours(
        order in Just(ITEMS.to_vec()).prop_shuffle(),
        between in prop::collection::vec(prop::sample::select(BETWEEN), 1..40),
    ) {
        static EXPECTED: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
            let plain = ITEMS.join("\n");
            EDITS.iter().map(|edit| sorted(&Stage::new(&plain).apply(&[*edit]).unwrap())).collect()
        });
        let moved = laid_out(&order, &between);
        for (edit, expected) in EDITS.iter().zip(EXPECTED.iter()) {
            let patched = Stage::new(&moved).apply(&[*edit]);
            let patched = patched.unwrap_or_else(|error| panic!("{}: {error}\n{moved}", edit.0));
            prop_assert_eq!(&sorted(&patched), expected, "{}\n{}", edit.0, patched);
            prop_assert_ne!(expected, &sorted(&moved));
        }
    }
}
