//! Each check can fail, and does not fail on what merely looks like a breach.

use super::allowed::Exposure;
use super::*;

const TABLE: &str = "# Map\n\n| folder | owns | must not | imports |\n|---|---|---|---|\n\
    | `a` | x | y | – |\n| `b` | x | y | a |\n| `c` | x | y | b and below |\n| `d` | x | y | all above |\n\
    | `e` | x | y | b |\n\nText\n";

fn manifest(imports: &str) -> String {
    format!("[package]\nname = 'x'\n[dependencies]\n{imports}\n[dev-dependencies]\ncodex-e.workspace = true")
}

fn arrows(changed: &str, imports: &str) -> Vec<String> {
    let mut tree = tree_of(&[("ARCHITECTURE.md", TABLE)]);
    for folder in ["a", "b", "c", "d", "e"] {
        let text = manifest(if folder == changed { imports } else { "" });
        tree.files.push((format!("codex-rs/{folder}/Cargo.toml"), text));
    }
    architecture::check(&tree)
}

#[test]
fn arrows_are_those_of_the_table() {
    for (importer, imports, refused) in [
        ("a", "", ""),
        ("a", "codex-b.workspace = true", "b"),
        ("b", "codex-a.workspace = true\nserde = '1'", ""),
        ("b", "codex-c.workspace = true", "c"),
        ("c", "codex-a.workspace = true\ncodex-b.workspace = true", ""),
        ("c", "codex-d.workspace = true", "d"),
        ("d", "codex-a.workspace = true\ncodex-c.workspace = true", ""),
        ("d", "codex-e.workspace = true", "e"),
        ("e", "codex-a = { path = '../a' }", "a"),
        ("a", "other = { package = 'codex-b', path = '../b' }", "b"),
        ("a", "[target.'cfg(unix)'.dependencies]\ncodex-b.workspace = true", "b"),
    ] {
        let problems = arrows(importer, imports);
        if refused.is_empty() {
            assert_eq!(problems, [""; 0], "{importer}: {imports}");
        } else {
            let expected = format!("`{importer}` imports `{refused}`, and the table");
            assert!(problems.len() == 1 && problems[0].contains(&expected), "{problems:?}");
        }
    }
}

#[test]
fn table_and_folders_agree() {
    let tree =
        tree_of(&[("ARCHITECTURE.md", TABLE), ("codex-rs/a/Cargo.toml", ""), ("codex-rs/z/Cargo.toml", "")]);
    let problems = architecture::check(&tree);
    assert_eq!(problems[0], "the table in ARCHITECTURE.md has no row for the crate `z`");
    assert_eq!(problems[1], "ARCHITECTURE.md has a row for `b`, and there is no such crate");
    assert_eq!(problems.len(), 5);
    assert_eq!(architecture::check(&tree_of(&[("codex-rs/a/Cargo.toml", "")])).len(), 1);
}

#[test]
fn every_file_says_what_it_owns() {
    for (text, is_good) in [("//! Owns x.\n", true), ("", false), ("//!\n", false), ("\n//! Late.\n", false)]
    {
        for path in ["codex-rs/a/src/lib.rs", "codex-rs/a/tests/x.rs"] {
            assert_eq!(first_lines(&tree_of(&[(path, text)])).is_empty(), is_good, "{text:?}");
        }
    }
}

#[test]
fn banned_words_stay_at_home() {
    for (path, code, line) in [
        ("core/src/lib.rs", "\nfs::write(path, text);", Some(2)),
        ("core/src/lib.rs", "use std::fs::File; File::create(path);", Some(1)),
        ("durable-fs/src/lib.rs", "fs::write(path, text);", None),
        ("core/src/lib.rs", "codex_durable_fs::write_private(path, text); fs::read(path);", None),
        ("core/src/lib.rs", "fs::writer(path);", None),
        ("core/src/lib.rs", "let home = std::env::var(\"HOME\");", Some(1)),
        ("core/src/lib.rs", "let system = std::env::consts::OS;", None),
        ("core/src/lib.rs", "let name = env!(\"CARGO_PKG_NAME\");", None),
        ("cli/src/main.rs", "std::env::var_os(\"HOME\")", None),
        ("core/src/lib.rs", "SystemTime::now()", Some(1)),
        ("cli/src/main.rs", "SystemTime::now()", None),
        ("tools/src/lib.rs", "Command::new(\"sh\")", Some(1)),
        ("sandbox/src/lib.rs", "Command::new(\"sh\")", None),
        ("core/src/lib.rs", "println!(\"x\")", Some(1)),
        ("exec/src/lib.rs", "eprintln!(\"x\")", Some(1)),
        ("exec/src/output.rs", "println!(\"x\")", None),
        ("core/src/lib.rs", "#[allow(unsafe_code, reason = \"x\")]", Some(1)),
        ("core/tests/turn.rs", "println!(\"x\"); std::env::var(\"X\"); fs::write(a, b);", None),
        ("core/src/turn/tests.rs", "println!(\"x\")", None),
        (
            "core/src/lib.rs",
            "// println!(\"x\")\n/* /* */ std::env */\n\"fs::write\";\nr#\"fs::write \"\"#; 'a'",
            None,
        ),
        ("core/src/lib.rs", "fn f<'a>(x: &'a str) { println!() }", Some(1)),
        ("core/src/lib.rs", "let quote = '\"'; println!();", Some(1)),
        ("core/src/lib.rs", "#[cfg(test)]\nmod tests {\n fn f() { println!(\"{\") }\n}\nprintln!()", Some(5)),
        ("core/src/lib.rs", "#[cfg(test)]\nmod tests;\nprintln!()", Some(3)),
    ] {
        let problems = banned::check(&tree_of(&[(&format!("codex-rs/{path}"), code)]));
        match line {
            Some(line) => {
                let place = format!("codex-rs/{path}:{line} ");
                assert!(problems.iter().any(|text| text.starts_with(&place)), "{code}: {problems:?}");
            }
            None => assert_eq!(problems, [""; 0], "{path}: {code}"),
        }
    }
}

#[test]
fn secrets_leave_their_type_where_listed() {
    let allowed = [Exposure { path: "codex-rs/a/src/lib.rs", expose: 2, stored: 1 }];
    let stored = "#[serde(serialize_with = \"codex_redact::stored::serialize_option\")]";
    for (path, code, problems) in [
        ("a/src/lib.rs", format!("key.expose(); Secret::expose {stored}"), 0),
        ("a/src/lib.rs", format!("key.expose(); {stored}"), 1),
        ("a/src/lib.rs", format!("key.expose(); key.expose(); key.expose(); {stored}{stored}"), 2),
        ("a/src/lib.rs", "key.expose(); // Secret::expose".to_owned(), 2),
        ("b/src/lib.rs", "key.expose();".to_owned(), 2),
        ("b/src/lib.rs", stored.to_owned(), 2),
        ("b/src/lib.rs", "exposed(); \"expose\"".to_owned(), 1),
        ("b/tests/x.rs", "key.expose();".to_owned(), 1),
    ] {
        let found = secrets::check_against(&tree_of(&[(&format!("codex-rs/{path}"), &code)]), &allowed);
        assert_eq!(found.len(), problems, "{path} {code}: {found:?}");
    }
}

#[test]
fn manifests_hold_no_patches_and_the_lock_file_stays_small() {
    let with = |path: &str, text: &str| manifests::check(&tree_of(&[(path, text)]));
    assert_eq!(with("Cargo.toml", "[workspace]\n"), [""; 0]);
    assert_eq!(with("Cargo.toml", "[patch.crates-io]\na = '1'").len(), 1);
    assert_eq!(with("codex-rs/a/Cargo.toml", "[replace]\n").len(), 1);
    assert_eq!(with("Cargo.toml", "[").len(), 1);
    assert_eq!(with("Cargo.lock", &"[[package]]\n".repeat(500)), [""; 0]);
    assert_eq!(with("Cargo.lock", &"[[package]]\n".repeat(501)).len(), 1);
}

#[test]
fn the_largest_come_first() {
    let long = "//! x\nfn long() -> [u8; 2] {\n    if x {\n    }\n}\nfn declared();\nfn short() {}\n";
    let tree =
        tree_of(&[("codex-rs/a/src/lib.rs", long), ("codex-rs/a/tests/t.rs", "fn test() {\n\n\n\n\n}")]);
    let [(_, files), (_, functions)] = largest(&tree);
    assert_eq!(files, [(7, "codex-rs/a/src/lib.rs".to_owned())]);
    let names: Vec<(usize, &str)> =
        functions.iter().map(|(lines, name)| (*lines, name.split(' ').nth(1).unwrap())).collect();
    assert_eq!(names, [(4, "long"), (1, "short")]);
}
