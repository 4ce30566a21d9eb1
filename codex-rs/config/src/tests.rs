//! The table agrees with the defaults, and no input makes loading panic or quote a value.

use std::path::Path;

use proptest::prelude::*;

use crate::config::Config;
use crate::error::{ConfigError, Origin, Warning};
use crate::layer::{self, Author, Layer, Reading};
use crate::settings::{Found, Kind, SETTINGS, Scope, find, is_for_the_person_only};

fn apply(text: &str) -> Result<(Config, Vec<Warning>), ConfigError> {
    let path = Path::new("config.toml");
    let document = layer::parse(path, text.to_owned())?;
    let origin = Origin::File(path.to_path_buf());
    let layer = Layer { origin, text: document.raw(), author: Author::Person };
    let mut reading = Reading::default();
    layer.apply(document.as_table(), &mut reading)?;
    Ok((reading.config, reading.warnings))
}

#[test]
fn the_defaults_in_the_table_are_those_in_force() {
    let written = SETTINGS.iter().filter(|setting| !setting.default.is_empty());
    let text: String = written.map(|setting| format!("{} = {}\n", setting.key, setting.default)).collect();
    let (config, warnings) = apply(&text).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(warnings, []);
}

#[test]
fn every_setting_is_found_reads_its_kind_and_refuses_others() {
    for setting in SETTINGS {
        let key = setting.key.replace('*', "\"a.b\"");
        let steps: Vec<&str> =
            setting.key.split('.').map(|step| step.replace('*', "a.b").leak() as &str).collect();
        assert!(matches!(find(&steps), Found::Setting(found, _) if found.key == setting.key));
        assert!(setting.doc.ends_with('.') && !setting.doc.contains('\n'), "{key}");
        let good = match setting.kind {
            Kind::Text | Kind::TextOrTexts => "\"openai\"",
            Kind::Address => "\"https://example.com/v1\"",
            Kind::WholeNumber => "7",
            Kind::Truth => "true",
            Kind::Dollars => "1.5",
            Kind::Texts => "[\"a\"]",
            Kind::Word(words) => &format!("\"{}\"", words.last().unwrap()),
        };
        let (config, warnings) = apply(&format!("{key} = {good}")).unwrap();
        assert_eq!(warnings, [], "{key}");
        assert!(config != Config::default() || setting.default == good, "{key} was not set");
        for bad in ["-1", "true", "\"sk-canary\"", "[1]", "1979-05-27", "inf", "nan", "[\"sk-canary\", 1]"] {
            if let Err(error) = apply(&format!("{key} = {bad}")) {
                let error = error.to_string();
                let start = "config.toml, line 1, column ";
                assert!(error.starts_with(start) && error.contains(" must be "), "{error}");
                assert!(!error.contains("canary"), "{error}");
            } else {
                let fits = match setting.kind {
                    Kind::Truth => bad == "true",
                    Kind::Text | Kind::TextOrTexts => bad.contains("canary"),
                    Kind::Address | Kind::WholeNumber | Kind::Dollars | Kind::Texts | Kind::Word(_) => false,
                };
                assert!(fits, "{key}");
            }
        }
    }
}

#[test]
fn keys_are_in_the_table_once_and_top_levels_have_one_scope() {
    for (number, setting) in SETTINGS.iter().enumerate() {
        let apart = |other: &str| {
            other != setting.key
                && !other.starts_with(&format!("{}.", setting.key))
                && !setting.key.starts_with(&format!("{other}."))
        };
        assert!(SETTINGS[..number].iter().all(|other| apart(other.key)), "{}", setting.key);
        let top = setting.key.split('.').next().unwrap();
        assert_eq!(is_for_the_person_only(top), setting.scope == Scope::Person, "{}", setting.key);
    }
    for closed in
        ["fallback", "openai_base_url", "model_provider", "model_providers", "notify", "otel", "projects"]
    {
        assert!(is_for_the_person_only(closed), "{closed}");
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
