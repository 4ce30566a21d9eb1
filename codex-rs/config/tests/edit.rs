//! Lossless edits of `config.toml`.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fs;
use std::os::unix::fs::symlink;

use codex_config::PersistedValue::{self, Absent, Number, Text, Texts, Truth, WholeNumber};
use codex_config::*;

fn text(text: &str) -> PersistedValue {
    Text(text.to_owned())
}

fn edit(old: &str, changes: &[(&str, PersistedValue)]) -> String {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), old).unwrap();
    set_persistent(home.path(), changes).unwrap();
    fs::read_to_string(home.path().join("config.toml")).unwrap()
}

#[test]
fn only_what_was_asked_for_changes() {
    for (old, changes, new) in [
        ("", vec![("fallback.mode", text("ask"))], "[fallback]\nmode = \"ask\"\n"),
        ("model = 'x' # why\n", vec![("model", text("y"))], "model = \"y\" # why\n"),
        (
            "# head\n[fallback]   # table\n  mode = 'off'  # note\nunknown=1\n\n[tui]\na = [ 1,2 ]\n",
            vec![("fallback.mode", text("auto")), ("fallback.max_tokens_per_day", WholeNumber(5))],
            "# head\n[fallback]   # table\n  mode = \"auto\"  # note\nunknown=1\nmax_tokens_per_day = 5\n\n[tui]\na = [ 1,2 ]\n",
        ),
        (
            "fallback = { mode = 'off' }\n",
            vec![("fallback.mode", text("ask"))],
            "fallback = { mode = \"ask\" }\n",
        ),
        ("fallback.mode = 'off'\n", vec![("fallback.mode", text("ask"))], "fallback.mode = \"ask\"\n"),
        ("a = 1\r\n# c\r\nmodel = 'x'\r\n", vec![("model", text("y"))], "a = 1\r\n# c\r\nmodel = \"y\"\r\n"),
        (
            "",
            vec![("fallback.prices.\"gpt-5.5\".input", Number(1.5))],
            "[fallback.prices.\"gpt-5.5\"]\ninput = 1.5\n",
        ),
        (
            "[fallback]\nmode = 'off'\nmodel = 'x'\n",
            vec![("fallback.mode", Absent)],
            "[fallback]\nmodel = 'x'\n",
        ),
        ("model = 'x'\n", vec![("fallback.prices.x.input", Absent)], "model = 'x'\n"),
        (
            "",
            vec![
                ("tui.plain", Truth(true)),
                ("project_root_markers", Texts(vec![".git".to_owned(), ".hg".to_owned()])),
            ],
            "project_root_markers = [\".git\", \".hg\"]\n\n[tui]\nplain = true\n",
        ),
        (
            "model = 'x'\n",
            vec![("projects.\"/home/me/a project\".trust_level", text("trusted"))],
            "model = 'x'\n\n[projects.\"/home/me/a project\"]\ntrust_level = \"trusted\"\n",
        ),
    ] {
        assert_eq!(edit(old, &changes), new);
    }
}

fn table(members: &[(&str, PersistedValue)]) -> PersistedValue {
    PersistedValue::Table(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn server() -> PersistedValue {
    table(&[
        ("command", text("x")),
        ("args", Texts(vec!["-y".to_owned()])),
        ("env", table(&[("A", text("1"))])),
        ("cwd", Absent),
    ])
}

#[test]
fn whole_tables_come_and_go_and_comments_stay() {
    let docs = "[mcp_servers.docs]\ncommand = \"x\"\nargs = [\"-y\"]\n\n[mcp_servers.docs.env]\nA = \"1\"\n";
    for (old, changes, new) in [
        ("", vec![("mcp_servers.docs", server())], docs.to_owned()),
        ("model = 'x' # why\n", vec![("mcp_servers.docs", server())], format!("model = 'x' # why\n\n{docs}")),
        // In place of what was there, where it was.
        (
            "# head\n\n# about docs\n[mcp_servers.docs] # here\nurl = 'https://a'\nnote = 1\n\n# tail\n[tui]\nplain = true\n",
            vec![("mcp_servers.docs", table(&[("command", text("y"))]))],
            "# head\n\n# about docs\n[mcp_servers.docs] # here\ncommand = \"y\"\n\n# tail\n[tui]\nplain = true\n"
                .to_owned(),
        ),
        // What stands at the head of the file is not about the table that goes.
        (
            "# head\n\n# about a\n[mcp_servers.a]\ncommand = 'a'\n[mcp_servers.a.env]\nX = '1'\n\n# about b\n[mcp_servers.b]\ncommand = 'b'\n",
            vec![("mcp_servers.a", Absent)],
            "# head\n\n# about b\n[mcp_servers.b]\ncommand = 'b'\n".to_owned(),
        ),
        (
            "# head\n\n[mcp_servers.a]\ncommand = 'a'\n# end\n",
            vec![("mcp_servers.a", Absent)],
            "# head\n\n# end\n".to_owned(),
        ),
        ("model = 'x'\n", vec![("mcp_servers.a", Absent)], "model = 'x'\n".to_owned()),
        (
            "mcp_servers.a.command = 'a' # note\nmodel = 'x'\n",
            vec![("mcp_servers.b", table(&[("command", text("b"))]))],
            "mcp_servers.a.command = 'a' # note\nmcp_servers.b.command = \"b\"\nmodel = 'x'\n".to_owned(),
        ),
        (
            "mcp_servers = { a = { command = 'a' } }\n",
            vec![("mcp_servers.b", table(&[("command", text("b"))])), ("mcp_servers.a", Absent)],
            "mcp_servers = { b = { command = \"b\" } }\n".to_owned(),
        ),
        (
            "[mcp_servers]\n\n[mcp_servers.a]\ncommand = 'a'\n",
            vec![("mcp_servers.a.enabled", Truth(false))],
            "[mcp_servers]\n\n[mcp_servers.a]\ncommand = 'a'\nenabled = false\n".to_owned(),
        ),
        (
            "[mcp_servers.a]\r\ncommand = 'a'\r\n",
            vec![("mcp_servers.b", table(&[("command", text("b"))]))],
            "[mcp_servers.a]\r\ncommand = 'a'\r\n\r\n[mcp_servers.b]\r\ncommand = \"b\"\r\n".to_owned(),
        ),
        (
            "[projects.'/a']\ntrust_level = 'trusted'\n",
            vec![("projects.\"/a\"", Absent)],
            String::new(),
        ),
        (
            "approval_policy = 'never' # note\n",
            vec![(
                "approval_policy",
                table(&[(
                    "granular",
                    table(&[
                        ("sandbox_approval", Truth(true)),
                        ("rules", Truth(false)),
                        ("mcp_elicitations", Truth(true)),
                    ]),
                )]),
            )],
            "approval_policy = { granular = { sandbox_approval = true, rules = false, mcp_elicitations = true } } # note\n"
                .to_owned(),
        ),
        (
            "[approval_policy.granular]\nsandbox_approval = true\nrules = true\nmcp_elicitations = true\n",
            vec![("approval_policy", text("never"))],
            "approval_policy = \"never\"\n".to_owned(),
        ),
        (
            "",
            vec![("shell_environment_policy.set.\"A.B\"", text("1"))],
            "[shell_environment_policy.set]\n\"A.B\" = \"1\"\n".to_owned(),
        ),
    ] {
        assert_eq!(edit(old, &changes), new, "{changes:?}");
    }
}

#[test]
fn a_file_that_is_wrong_or_would_become_so_is_left_alone() {
    for (old, changes, expected) in [
        ("a = = 1", vec![("model", text("y"))], "line 1, column 5: this is not valid TOML"),
        ("model = 'x'", vec![("fallback.mode", text("loud"))], "`fallback.mode` must be one of"),
        (
            "model = 'x'",
            vec![("model", text("y")), ("no_setting", text("y"))],
            "`no_setting` cannot be written",
        ),
        ("fallback = 1", vec![("fallback.mode", text("off"))], "`fallback` must be a table"),
        (
            "model = 'x'",
            vec![("fallback.base_url", text("http://canary"))],
            "`fallback.base_url` must be an https",
        ),
        (
            "model = 'x'",
            vec![("developer_instructions", text("use sk-canary0123456789abcdefghij"))],
            "looks like an API key",
        ),
        ("model = 'x'", vec![("model_provider", text("mine"))], "custom providers are not built"),
        (
            "",
            vec![("mcp_servers.a", table(&[("command", text("x")), ("canary", text("y"))]))],
            "cannot be written",
        ),
        ("", vec![("mcp_servers.a", table(&[("enabled", Truth(true))]))], "it needs a `command` or a `url`"),
        ("", vec![("mcp_servers.a.enabled", Truth(true))], "it needs a `command` or a `url`"),
        ("", vec![("mcp_servers.\"a b\"", server())], "a server's name consists of"),
        ("", vec![("fallback", table(&[("mode", text("off"))]))], "`fallback` cannot be written"),
        ("", vec![("fallback", Absent)], "`fallback` cannot be written"),
        ("", vec![("model", table(&[("x", text("y"))]))], "`model` cannot be written"),
        ("", vec![("approval_policy", table(&[("x", text("y"))]))], "`approval_policy` must be one of"),
        (
            "",
            vec![(
                "mcp_servers.a",
                table(&[
                    ("command", text("x")),
                    ("env", table(&[("KEY", text("sk-canary0123456789abcdefghij"))])),
                ]),
            )],
            "looks like an API key",
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, old).unwrap();
        let error = set_persistent(home.path(), &changes).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("sk-canary"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), old);
    }
}

#[test]
fn a_link_stays_and_a_missing_home_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    set_persistent(&home, &[("model", text("x"))]).unwrap();
    let path = home.join("config.toml");
    fs::rename(&path, folder.path().join("dotfile")).unwrap();
    symlink("../dotfile", &path).unwrap();
    set_persistent(&home, &[("model", text("y"))]).unwrap();
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(folder.path().join("dotfile")).unwrap(), "model = \"y\"\n");
}

#[test]
fn writers_in_parallel_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let home = home.path();
            scope.spawn(move || {
                let key = format!("fallback.prices.m{writer}.input");
                set_persistent(home, &[(key.as_str(), Number(f64::from(writer)))]).unwrap();
            });
        }
    });
    let sources = Sources { codex_home: home.path().to_path_buf(), ..Sources::default() };
    assert_eq!(load(&sources).unwrap().0.fallback.prices.len(), 8);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config.toml");
    let change = [("model", text("y"))];
    let empty = version_of("");
    let first = write(home.path(), &change, Expected::Version(&empty)).unwrap();
    assert_eq!(first, version_of(&fs::read_to_string(&path).unwrap()));
    let error = write(home.path(), &[("model", text("z"))], Expected::Version(&empty)).unwrap_err();
    assert!(error.to_string().ends_with("was changed meanwhile; read it again, then try again"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "model = \"y\"\n");
    write(home.path(), &[("model", text("z"))], Expected::Version(&first)).unwrap();
}
