//! The table agrees with the defaults, and no input makes loading panic or quote a value.

use std::path::Path;

use proptest::prelude::*;

use crate::config::Config;
use crate::error::{ConfigError, Origin, Warning};
use crate::layer::{self, Author, Layer, Reading};
use crate::settings::{ELSEWHERE, Found, GONE, Kind, advice, all, find, is_for_the_person_only};

fn apply(text: &str) -> Result<(Config, Vec<Warning>), ConfigError> {
    let path = Path::new("config.toml");
    let document = layer::parse(path, text.to_owned())?;
    let origin = Origin::File(path.to_path_buf());
    let layer = Layer {
        origin,
        text: document.raw(),
        folder: Some(Path::new("/home/me/.codex")),
        author: Author::Person,
    };
    let mut reading = Reading::default();
    layer.apply(document.as_table(), &mut reading)?;
    Ok((reading.config, reading.warnings))
}

#[test]
fn the_defaults_in_the_table_are_those_in_force() {
    let written = all().filter(|setting| !setting.default.is_empty());
    let text: String = written.map(|setting| format!("{} = {}\n", setting.key, setting.default)).collect();
    let (config, warnings) = apply(&text).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(warnings, []);
}

#[test]
fn every_setting_is_found_reads_its_kind_and_refuses_others() {
    for setting in all() {
        let key = setting.key.replace('*', "\"a.b\"");
        let steps: Vec<&str> =
            setting.key.split('.').map(|step| step.replace('*', "a.b").leak() as &str).collect();
        assert!(matches!(find(&steps), Found::Setting(found, _) if found.key == setting.key));
        assert!(setting.doc.ends_with('.') && !setting.doc.contains('\n'), "{key}");
        let good = match setting.kind {
            Kind::Text | Kind::TextOrTexts | Kind::Hidden => "\"openai\"",
            Kind::Path => "\"/a\"",
            Kind::Paths => "[\"/a\", \"b\"]",
            Kind::ServerAddress => "\"https://example.com/mcp?key=1\"",
            Kind::Seconds => "2.5",
            Kind::Approval => "\"never\"",
            Kind::Notifications => "[\"approval-requested\"]",
            Kind::Address => "\"https://example.com/v1\"",
            Kind::WholeNumber => "7",
            Kind::Truth if setting.default == "true" => "false",
            Kind::Truth => "true",
            Kind::Dollars => "1.5",
            Kind::Texts | Kind::Names | Kind::FileNames => "[\"a\"]",
            Kind::Word(words) => &format!("\"{}\"", words.last().unwrap()),
        };
        let (config, warnings) = apply(&format!("{key} = {good}")).unwrap();
        assert_eq!(warnings, [], "{key}");
        let is_default = setting.default == good || ["enabled", "required"].contains(steps.last().unwrap());
        assert!(config != Config::default() || is_default, "{key} was not set");
        for bad in ["-1", "true", "\"sk-canary\"", "[1]", "1979-05-27", "inf", "nan", "[\"sk-canary\", 1]"] {
            if let Err(error) = apply(&format!("{key} = {bad}")) {
                let error = error.to_string();
                let start = "config.toml, line 1, column ";
                assert!(error.starts_with(start) && error.contains(" must be "), "{error}");
                assert!(!error.contains("canary"), "{error}");
            } else {
                let fits = match setting.kind {
                    Kind::Truth | Kind::Notifications => bad == "true",
                    Kind::Text | Kind::TextOrTexts | Kind::Hidden | Kind::Path => bad.contains("canary"),
                    Kind::Address
                    | Kind::ServerAddress
                    | Kind::Paths
                    | Kind::WholeNumber
                    | Kind::Seconds
                    | Kind::Dollars
                    | Kind::Texts
                    | Kind::Names
                    | Kind::FileNames
                    | Kind::Word(_)
                    | Kind::Approval => false,
                };
                assert!(fits, "{key}");
            }
        }
    }
}

#[test]
fn keys_are_in_the_table_once() {
    let settings: Vec<_> = all().collect();
    for (number, setting) in settings.iter().enumerate() {
        let apart = |other: &str| {
            other != setting.key
                && !other.starts_with(&format!("{}.", setting.key))
                && !setting.key.starts_with(&format!("{other}."))
        };
        assert!(settings[..number].iter().all(|other| apart(other.key)), "{}", setting.key);
        for other in ELSEWHERE.iter().map(|other| other.key).chain(GONE.iter().map(|(key, _)| *key)) {
            assert!(apart(other), "{other} is a setting");
        }
    }
    assert!(ELSEWHERE.is_sorted_by_key(|other| other.key));
}

#[test]
fn what_is_the_persons_is_closed_to_projects() {
    for closed in [
        "cli_auth_credentials_store",
        "fallback",
        "forced_login_method",
        "history",
        "model_provider",
        "notify",
        "openai_base_url",
        "projects",
        "shell_environment_policy",
        "tui",
    ] {
        assert!(is_for_the_person_only(closed), "{closed}");
    }
    for open in
        ["model", "model_providers", "profile", "mcp_servers", "sandbox_workspace_write", "tools", "nonsense"]
    {
        assert!(!is_for_the_person_only(open), "{open}");
    }
}

#[test]
fn a_misspelt_key_is_answered_with_the_nearest() {
    for (path, expected) in [
        ("modle", Some("did you mean `model`?")),
        ("aproval_policy", Some("did you mean `approval_policy`?")),
        ("fallback.mod", Some("did you mean `fallback.mode`?")),
        ("mcp_servers.docs.comand", Some("did you mean `mcp_servers.docs.command`?")),
        ("writable_roots", Some("did you mean `sandbox_workspace_write.writable_roots`?")),
        ("tui.themes", Some("did you mean `tui.theme`?")),
        ("include_plan_tool", Some("it is gone, write `tools.update_plan.enabled`")),
        (
            "profiles.work.model",
            Some("it is gone, write NAME.config.toml for each, and start with `-p NAME`"),
        ),
        ("wholly_unheard_of", None),
        ("", None),
    ] {
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(advice(&path).as_deref(), expected, "{path:?}");
    }
}

#[test]
fn lines_and_columns_count_characters() {
    for (offset, expected) in [(0, (1, 1)), (2, (1, 2)), (3, (1, 3)), (4, (2, 1)), (5, (2, 2)), (99, (2, 3))]
    {
        assert_eq!(layer::position("źb\nab", offset), expected, "{offset}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage_never_panics(text in "[\\[\\]={}\"'.,#\\na-z0-9é \\\\-]{0,60}") {
        let _ = apply(&text);
    }

    #[test]
    fn syntax_errors_never_quote_values(rest in "[\\[\\]={}\"'.,# \\\\]{0,20}") {
        if let Err(error) = apply(&format!("a = {rest}\"canary\" canary{rest}")) {
            prop_assert!(!error.to_string().contains("canary"), "{}", error);
        }
    }
}
