//! The settings whose values are more than a word: approvals, folders, variables, MCP servers, notifications; strict
//! reading.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_config::*;
use serde_json::json;

struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let home = Home(tempfile::tempdir().unwrap());
        fs::write(home.0.path().join("config.toml"), config).unwrap();
        home
    }

    fn sources(&self) -> Sources {
        Sources { codex_home: self.0.path().to_path_buf(), ..Sources::default() }
    }

    fn load(&self) -> (Config, Vec<String>) {
        let (config, warnings) = load(&self.sources()).unwrap();
        (config, warnings.iter().map(|warning| self.short(&warning.to_string())).collect())
    }

    fn short(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn config(text: &str) -> Config {
    let (config, warnings) = Home::new(text).load();
    assert_eq!(warnings, [""; 0]);
    config
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let home = Home::new(text);
    let error = home.short(&load(&home.sources()).unwrap_err().to_string());
    assert!(error.starts_with("config.toml, line ") && error.contains(expected), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn approvals_are_a_word_or_a_table() {
    let all = Granular {
        sandbox_approval: Asked::Yes,
        rules: Asked::Refused,
        skill_approval: Asked::Refused,
        request_permissions: Asked::Yes,
        mcp_elicitations: Asked::Yes,
    };
    let table = "[approval_policy.granular]\nsandbox_approval = true\nrules = false\nrequest_permissions = true\n\
                 mcp_elicitations = true";
    for (text, expected) in [
        ("approval_policy = 'untrusted'", ApprovalPolicy::Untrusted),
        ("approval_policy = 'on-failure'", ApprovalPolicy::OnFailure),
        (table, ApprovalPolicy::Granular(all)),
    ] {
        assert_eq!(config(text).approval_policy, Some(expected), "{text}");
    }
    for text in [
        "approval_policy = 'canary'",
        "approval_policy = { granular = true }",
        "approval_policy = { granular = { rules = true } }",
        "approval_policy = { granular = { sandbox_approval = true, rules = true, mcp_elicitations = true, canary = true } }",
        "approval_policy = { granular = { sandbox_approval = 'canary', rules = true, mcp_elicitations = true } }",
        "approval_policy = { canary = 1 }",
    ] {
        refused(text, "`approval_policy` must be one of \"untrusted\", \"on-failure\"");
    }
    let in_force = in_force(&Home::new(table).sources()).unwrap();
    assert_eq!(in_force.tree()["approval_policy"]["granular"]["request_permissions"], true);
}

#[test]
fn folders_count_from_their_file() {
    let home = Home::new("sandbox_workspace_write.writable_roots = ['/srv/a', 'b']");
    let sources = Sources {
        cwd: Some("/work".into()),
        writable_roots: vec!["/added".into()],
        overrides: vec!["mcp_servers.x={command='x', cwd='in'}".to_owned()],
        ..home.sources()
    };
    let (config, _) = load(&sources).unwrap();
    let expected = [Path::new("/srv/a"), &home.0.path().join("b"), Path::new("/added")];
    assert_eq!(config.sandbox_workspace_write.writable_roots, expected);
    assert_eq!(config.mcp_servers["x"].cwd.as_deref(), Some(Path::new("/work/in")));
    for roots in ["['~/canary']", "['']", "'/canary'", "[1]", "['/a\\u0000canary']"] {
        let roots = roots.replace('\'', "\"");
        refused(
            &format!("sandbox_workspace_write.writable_roots = {roots}"),
            "must be a list of absolute paths",
        );
    }
    refused(
        "project_doc_fallback_filenames = ['../canary']",
        "must be a list of file names in quotes, without folders",
    );
}

#[test]
fn the_environment_of_commands() {
    let home = Home::new(
        "[shell_environment_policy]\ninherit = 'core'\nexclude = ['AWS_*']\nignore_default_excludes = false\n\
         include_only = ['PATH']\nset = { TOKEN = 'canary' }\nexperimental_use_profile = true",
    );
    let (config, warnings) = home.load();
    let expected = ShellEnvironmentPolicy {
        inherit: Inherit::Core,
        ignore_default_excludes: false,
        exclude: vec!["AWS_*".to_owned()],
        set: [("TOKEN".to_owned(), "canary".to_owned())].into(),
        include_only: vec!["PATH".to_owned()],
    };
    assert_eq!(config.shell_environment_policy, expected);
    assert!(!format!("{config:?}").contains("canary"));
    assert_eq!(
        warnings,
        [
            "config.toml, line 7, column 1: `shell_environment_policy.experimental_use_profile`, or this form of it, is \
          not built yet and was ignored"
        ]
    );
    let shown = json!(in_force(&home.sources()).unwrap().tree()).to_string();
    assert!(shown.contains("\"TOKEN\":\"[redacted]\"") && !shown.contains("canary"), "{shown}");
}

#[test]
fn mcp_servers_are_read_whole_and_their_secrets_never_shown() {
    let home = Home::new(
        r#"
        [mcp_servers.files]
        command = "files-server"
        args = ["--root", "/srv"]
        env = { TOKEN = "canary" }
        env_vars = ["LANG"]
        cwd = "/srv"
        required = true
        startup_timeout_sec = 1.5
        tool_timeout_sec = 120
        enabled_tools = ["read"]
        disabled_tools = ["write"]
        [mcp_servers.web]
        url = "https://mcp.example/v1?key=canary"
        bearer_token_env_var = "WEB_TOKEN"
        enabled = false
        startup_timeout_ms = 250
        [mcp_servers.web.http_headers]
        "X-Key" = "canary"
        [mcp_servers.web.env_http_headers]
        "X-Other" = "OTHER"
        "#,
    );
    let (config, warnings) = home.load();
    assert_eq!(warnings, [""; 0]);
    let (files, web) = (&config.mcp_servers["files"], &config.mcp_servers["web"]);
    let McpTransport::Stdio { command, args, env, env_vars, cwd } = files.transport().unwrap() else {
        panic!()
    };
    assert_eq!((command, args.len(), cwd), ("files-server", 2, Some(Path::new("/srv"))));
    assert!(env["TOKEN"].is_in("canary") && env_vars == ["LANG"]);
    assert_eq!(files.startup_timeout, Duration::from_millis(1500));
    assert_eq!(files.tool_timeout, Duration::from_secs(120));
    assert_eq!(files.enabled_tools, Some(vec!["read".to_owned()]));
    let McpTransport::Http { url, bearer_token_env_var, env_http_headers, .. } = web.transport().unwrap()
    else {
        panic!()
    };
    assert_eq!(url.address().as_str(), "https://mcp.example/v1");
    assert!(url.whole().is_in("https://mcp.example/v1?key=canary"));
    assert_eq!((bearer_token_env_var, env_http_headers["X-Other"].as_str()), (Some("WEB_TOKEN"), "OTHER"));
    assert_eq!(web.startup_timeout, Duration::from_millis(250));
    assert_eq!(web.tool_timeout, Duration::from_secs(60));
    assert!(!web.enabled && !web.required);

    let shown = json!(in_force(&home.sources()).unwrap().tree()).to_string();
    assert!(!shown.contains("canary") && !format!("{config:?}").contains("canary"), "{shown}");
}

#[test]
fn a_server_that_makes_no_sense_is_left_out_and_told() {
    for (text, expected) in [
        ("a = { args = [] }", "the MCP server `a` is left out: it needs a `command` or a `url`"),
        (
            "a = { command = 'x', url = 'https://x' }",
            "the MCP server `a` is left out: it has a `command` and a `url`; leave one of them out",
        ),
        (
            "a = { url = 'https://x', env_vars = ['X'] }",
            "the MCP server `a` is left out: `env_vars` goes with `command`, and it has a `url`",
        ),
        (
            "a = { command = 'x', bearer_token_env_var = 'X' }",
            "the MCP server `a` is left out: `bearer_token_env_var` goes with `url`, and it has a `command`",
        ),
        (
            "'a b' = { command = 'x' }",
            "the MCP server `a b` is left out: a server's name consists of letters, digits, `-` and `_`",
        ),
    ] {
        let home = Home::new(&format!("[mcp_servers]\nok.command = 'x'\n{text}"));
        let (config, warnings) = home.load();
        assert_eq!(warnings, [expected]);
        assert_eq!(config.mcp_servers.keys().collect::<Vec<_>>(), ["ok"]);
    }
    for (text, expected) in [
        ("a.url = 'http://canary.example'", "`mcp_servers.a.url` must be an https:// address"),
        ("a.url = 'https://me:canary@x'", "must be an address without user name and password"),
        ("a.url = 'https://x/?a b'", "must be an address"),
        ("a.startup_timeout_sec = 0", "must be a number of seconds above 0"),
        ("a.tool_timeout_sec = 1e300", "must be a number of seconds above 0"),
        ("a.startup_timeout_ms = -1", "must be a whole number of milliseconds above 0"),
        ("a.env = 'canary'", "`mcp_servers.a.env` must be a table"),
    ] {
        refused(&format!("[mcp_servers]\n{text}"), expected);
    }
    let (_, warnings) = Home::new(
        "[mcp_servers.a]\ncommand = 'x'\nenv_vars = [{ name = 'X', source = 'remote' }]\nbearer_token = 'canary'\n\
         default_tools_approval_mode = 'approve'",
    )
    .load();
    let not_built = "or this form of it, is not built yet and was ignored";
    assert_eq!(
        warnings,
        [
            format!("config.toml, line 3, column 1: `mcp_servers.a.env_vars`, {not_built}"),
            "config.toml, line 4, column 1: `mcp_servers.a.bearer_token` is not a known setting and was ignored; it is \
             gone, name a variable in `bearer_token_env_var`"
                .to_owned(),
            format!("config.toml, line 5, column 1: `mcp_servers.a.default_tools_approval_mode`, {not_built}"),
        ]
    );
}

#[test]
fn what_the_terminal_tells() {
    for (text, expected) in [
        ("true", Notifications::ALL),
        ("false", Notifications::NONE),
        ("[]", Notifications::NONE),
        ("['approval-requested']", Notifications { turn_complete: false, approval_requested: true }),
    ] {
        assert_eq!(config(&format!("tui.notifications = {text}")).tui.notifications, expected);
    }
    refused("tui.notifications = ['canary']", "must be true, false or a list of \"agent-turn-complete\"");
}

#[test]
fn strict_reading_fails_on_what_is_unknown_and_on_nothing_else() {
    let strict = |text: &str| {
        let home = Home::new(text);
        let sources = Sources { strictness: Strictness::Strict, ..home.sources() };
        load(&sources).map(|_| ()).map_err(|error| home.short(&error.to_string()))
    };
    for (text, expected) in [
        (
            "model = 'x'\n\n  aproval_policy = 'never'",
            "config.toml, line 3, column 3: `aproval_policy` is not a known setting; did you mean `approval_policy`?",
        ),
        (
            "[tui]\nthemes = 'x'",
            "config.toml, line 2, column 1: `tui.themes` is not a known setting; did you mean `tui.theme`?",
        ),
        (
            "[mcp_servers.a]\ncommand = 'x'\nfrobnicate = 1",
            "config.toml, line 3, column 1: `mcp_servers.a.frobnicate` is not a known setting",
        ),
        ("[unheard_of.below]\nx = 1", "config.toml, line 1, column 2: `unheard_of` is not a known setting"),
        (
            "tools.view_image = true",
            "config.toml, line 1, column 7: `tools.view_image` is not a known setting; it is gone, leave it out: the tool \
             is always there",
        ),
    ] {
        assert_eq!(strict(text).unwrap_err(), expected);
    }
    for text in [
        "model = 'x'",
        "[features]\nanything = true",
        "tui.theme = 'x'",
        "default_permissions = 'x'",
        "experimental_whatever = 1",
    ] {
        assert_eq!(strict(text), Ok(()), "{text}");
    }
}

#[test]
fn the_persons_file_can_be_left_out() {
    let home = Home::new("model = 'mine'\nthis is not TOML");
    fs::write(home.0.path().join("work.config.toml"), "model = 'work'").unwrap();
    let sources = Sources { user_file: UserFile::Ignored, ..home.sources() };
    assert_eq!(load(&sources).unwrap().0, Config::default());
    let sources = Sources { profile: Some("work".to_owned()), ..sources };
    assert_eq!(load(&sources).unwrap().0.model.as_deref(), Some("work"));
}
