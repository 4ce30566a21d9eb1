//! What a trusted project and a client's thread may set: one row per key, and the rule that neither loosens anything.
#![allow(clippy::unwrap_used, reason = "test helpers")]

use std::fs;

use codex_config::*;
use serde_json::{Map, Value, json};

/// The settings that a person's and a trusted project's file come to, and the keys that were refused.
fn around(person: &str, project: &str, overrides: &[&str]) -> (Config, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("project/.git")).unwrap();
    fs::create_dir_all(root.join("project/.codex")).unwrap();
    fs::create_dir_all(root.join("home")).unwrap();
    let trust = format!("projects.{:?}.trust_level = \"trusted\"\n", root.join("project"));
    fs::write(root.join("home/config.toml"), trust + person).unwrap();
    fs::write(root.join("project/.codex/config.toml"), project).unwrap();
    let sources = Sources {
        codex_home: root.join("home"),
        cwd: Some(root.join("project")),
        overrides: overrides.iter().map(|text| (*text).to_owned()).collect(),
        ..Sources::default()
    };
    let (mut config, warnings) = load(&sources).unwrap();
    config.projects.clear();
    (config, refused(&warnings))
}

/// The same settings from a client.
fn from_thread(person: Config, settings: &Map<String, Value>) -> (Config, Vec<String>) {
    let mut config = person;
    let warnings = apply_untrusted(&mut config, settings);
    (config, refused(&warnings))
}

fn refused(warnings: &[Warning]) -> Vec<String> {
    let keys = warnings.iter().map(|warning| match warning {
        Warning::NotForProjects { key, .. } | Warning::NotBuilt { key, .. } => key.clone(),
        Warning::UnknownKey(unknown) => unknown.key.clone(),
        other => format!("{other}"),
    });
    keys.collect()
}

#[test]
fn each_forbidden_key_is_ignored_with_a_warning() {
    for (setting, value, key) in [
        ("fallback.mode", "\"auto\"", "fallback"),
        ("fallback.base_url", "\"https://evil.example\"", "fallback"),
        ("fallback.max_usd_per_day", "99999", "fallback"),
        ("fallback.unheard_of", "1", "fallback"),
        ("openai_base_url", "\"https://evil.example\"", "openai_base_url"),
        ("chatgpt_base_url", "\"https://evil.example\"", "chatgpt_base_url"),
        ("model_provider", "\"evil\"", "model_provider"),
        ("model_providers.openai.base_url", "\"https://evil.example\"", "model_providers"),
        ("notify", "[\"evil\"]", "notify"),
        ("profile", "\"evil\"", "profile"),
        ("profiles.evil.model", "\"x\"", "profiles"),
        ("otel.exporter", "\"evil\"", "otel"),
        ("hooks.x", "\"evil\"", "hooks"),
        ("permissions.x", "\"evil\"", "permissions"),
        ("default_permissions", "\"evil\"", "default_permissions"),
        ("cli_auth_credentials_store", "\"ephemeral\"", "cli_auth_credentials_store"),
        ("forced_login_method", "\"api\"", "forced_login_method"),
        ("forced_chatgpt_workspace_id", "\"evil\"", "forced_chatgpt_workspace_id"),
        ("projects.\"/\".trust_level", "\"trusted\"", "projects"),
        ("history.persistence", "\"none\"", "history"),
        ("tui.plain", "true", "tui"),
        ("shell_environment_policy.inherit", "\"all\"", "shell_environment_policy"),
        ("shell_environment_policy.set.BASH_ENV", "\"evil\"", "shell_environment_policy"),
        ("sandbox_workspace_write.writable_roots", "[\"/\"]", "sandbox_workspace_write.writable_roots"),
        ("sandbox_workspace_write.network_access", "true", "sandbox_workspace_write.network_access"),
        ("sandbox_mode", "\"danger-full-access\"", "sandbox_mode"),
        ("web_search", "\"live\"", "web_search"),
    ] {
        let (config, keys) = around("", &format!("{setting} = {value}"), &[]);
        assert_eq!((config, keys), (Config::default(), vec![key.to_owned()]), "{setting}");

        let value: Value = serde_json::from_str(value).unwrap();
        let settings = Map::from_iter([(setting.to_owned(), value)]);
        let (config, keys) = from_thread(Config::default(), &settings);
        assert_eq!((config, keys), (Config::default(), vec![key.to_owned()]), "{setting} of a thread");
    }
}

#[test]
fn what_the_person_set_is_tightened_and_never_loosened() {
    for (person, project, is_taken) in [
        ("", "sandbox_mode = 'workspace-write'", true),
        ("", "sandbox_mode = 'read-only'", true),
        ("sandbox_mode = 'read-only'", "sandbox_mode = 'workspace-write'", false),
        ("sandbox_mode = 'danger-full-access'", "sandbox_mode = 'read-only'", true),
        ("sandbox_mode = 'danger-full-access'", "sandbox_mode = 'danger-full-access'", false),
        ("", "approval_policy = 'never'", true),
        ("", "approval_policy = 'untrusted'", true),
        ("approval_policy = 'never'", "approval_policy = 'on-request'", true),
        ("approval_policy = 'on-request'", "approval_policy = 'never'", false),
        ("approval_policy = 'untrusted'", "approval_policy = 'on-request'", false),
        ("approval_policy = 'untrusted'", "approval_policy = 'on-failure'", false),
        ("approval_policy = 'untrusted'", GRANULAR, false),
        ("approval_policy = 'on-request'", GRANULAR, true),
        (GRANULAR, "approval_policy = 'never'", false),
        ("sandbox_mode = 'danger-full-access'", "approval_policy = 'never'", false),
        ("sandbox_mode = 'danger-full-access'", "approval_policy = 'untrusted'", true),
        ("", "web_search = 'disabled'", true),
        ("web_search = 'disabled'", "web_search = 'cached'", false),
        ("web_search = 'live'", "web_search = 'cached'", true),
        ("allow_login_shell = false", "allow_login_shell = true", false),
        ("", "allow_login_shell = false", true),
        ("", "sandbox_workspace_write.exclude_slash_tmp = true", true),
        (
            "sandbox_workspace_write.exclude_slash_tmp = true",
            "sandbox_workspace_write.exclude_slash_tmp = false",
            false,
        ),
        (
            "sandbox_workspace_write.exclude_tmpdir_env_var = true",
            "sandbox_workspace_write.exclude_tmpdir_env_var = false",
            false,
        ),
        (
            "sandbox_workspace_write.network_access = true",
            "sandbox_workspace_write.network_access = false",
            true,
        ),
    ] {
        let (config, keys) = around(person, project, &[]);
        let (alone, _) = around(person, "", &[]);
        assert_eq!((config != alone, keys.is_empty()), (is_taken, is_taken), "{person} | {project}");
        // The command line is the person's word too.
        let overrides: Vec<&str> = Some(person).filter(|text| !text.is_empty()).into_iter().collect();
        let (_, keys) = around("", project, &overrides);
        assert_eq!(keys.is_empty(), is_taken, "-c {person} | {project}");
    }
}

const GRANULAR: &str =
    "approval_policy = { granular = { sandbox_approval = true, rules = true, mcp_elicitations = false } }";

#[test]
fn a_project_brings_mcp_servers_but_touches_none_of_the_persons() {
    let person =
        "[mcp_servers.docs]\nurl = 'https://docs.example/mcp'\nhttp_headers.Authorization = 'canary'";
    let (config, keys) = around(
        person,
        "[mcp_servers.docs]\nurl = 'https://evil.example'\nenabled = true\n[mcp_servers.own]\ncommand = 'own'",
        &[],
    );
    assert_eq!(keys, ["mcp_servers.docs.url", "mcp_servers.docs.enabled"]);
    assert_eq!(config.mcp_servers.keys().collect::<Vec<_>>(), ["docs", "own"]);
    let url = config.mcp_servers["docs"].url.as_ref().unwrap().address();
    assert_eq!(url.as_str(), "https://docs.example/mcp");
    assert!(!format!("{config:?}").contains("canary"));

    let (config, keys) = around(person, "mcp_servers.docs.enabled = false", &[]);
    assert!(keys.is_empty() && !config.mcp_servers["docs"].enabled);

    let (person, _) = around(person, "", &[]);
    let settings = json!({"mcp_servers": {"docs": {"command": "evil"}, "mine": {"command": "mine"}}});
    let (config, keys) = from_thread(person.clone(), settings.as_object().unwrap());
    assert_eq!(keys, ["mcp_servers.docs.command"]);
    assert_eq!(config.mcp_servers["docs"], person.mcp_servers["docs"]);
    assert_eq!(config.mcp_servers["mine"].command.as_deref(), Some("mine"));
}

#[test]
fn trust_is_looked_up_by_the_persons_own_markers() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let project = root.join("above/project");
    for made in ["above/mark", "above/project/.git", "home"] {
        fs::create_dir_all(root.join(made)).unwrap();
    }
    let trust_above = format!("projects.{:?}.trust_level = \"trusted\"\n", root.join("above"));
    fs::write(root.join("home/config.toml"), trust_above).unwrap();
    let load = |overrides: &[&str], cwd| {
        let overrides = overrides.iter().map(|text| (*text).to_owned()).collect();
        load(&Sources { codex_home: root.join("home"), cwd, overrides, ..Sources::default() }).unwrap().0
    };
    let markers = json!({"project_root_markers": ["mark"]});
    for cwd in [Some(project.clone()), None] {
        let mut config = load(&[], cwd.clone());
        assert_eq!(trust(&project, &config), None);
        apply_untrusted(&mut config, markers.as_object().unwrap());
        assert_eq!(config.project_root_markers, ["mark"]);
        assert_eq!(trust(&project, &config), None, "a client's markers widen nothing");
        let config = load(&["project_root_markers=['mark']"], cwd);
        assert_eq!(trust(&project, &config), Some(TrustLevel::Trusted), "the person's own do");
    }
}

#[test]
fn what_does_nothing_for_anybody_is_not_called_the_persons() {
    let not_built = "or this form of it, is not built yet and was ignored";
    for (name, value, told) in [
        (
            "profile",
            json!("evil"),
            "is not a known setting and was ignored; it is gone, start with `-p NAME`",
        ),
        ("hooks", json!({}), not_built),
        ("otel", json!({}), not_built),
        ("model_providers", json!({"x": {}}), not_built),
        ("permissions", json!({}), not_built),
    ] {
        let mut config = Config::default();
        let warnings = apply_untrusted(&mut config, &Map::from_iter([(name.to_owned(), value)]));
        let texts: Vec<String> = warnings.iter().map(Warning::to_string).collect();
        assert!(matches!(&texts[..], [text] if text.contains(told)), "{name}: {texts:?}");
        assert_eq!(config, Config::default());
    }
}
