//! The settings of the fallback key, read from the person's own `config.toml` whenever they are needed.

use std::path::Path;

use codex_fallback::Mode;
use codex_fallback::ReturnPolicy;

/// The settings under `[fallback]` in the person's own `config.toml`, and what an administrator wrote beside them.
pub(super) struct Settings {
    pub(super) mode: Mode,
    pub(super) return_policy: ReturnPolicy,
    pub(super) base_url: Option<String>,
    pub(super) cap: Option<&'static str>,
    pub(super) forced_login: bool,
    pub(super) forced_workspace: bool,
    pub(super) problem: Option<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            mode: Mode::Auto,
            return_policy: ReturnPolicy::Session,
            base_url: None,
            cap: None,
            forced_login: false,
            forced_workspace: false,
            problem: None,
        }
    }
}

impl Settings {
    pub(super) fn read(home: &Path) -> Settings {
        let text = std::fs::read_to_string(home.join("config.toml")).unwrap_or_default();
        match text.parse::<toml::Table>() {
            Ok(table) => Settings::of(&table),
            Err(_) => Settings {
                mode: Mode::Off,
                problem: Some("config.toml cannot be read, so the fallback API key does not pay."),
                ..Settings::default()
            },
        }
    }

    fn of(table: &toml::Table) -> Settings {
        let empty = toml::Table::new();
        let fallback = table
            .get("fallback")
            .and_then(toml::Value::as_table)
            .unwrap_or(&empty);
        let word = |name: &str| fallback.get(name).and_then(toml::Value::as_str);
        let mut settings = Settings {
            base_url: word("base_url").map(|base| base.trim_end_matches('/').to_owned()),
            cap: [
                "max_tokens_per_process",
                "max_tokens_per_day",
                "max_usd_per_day",
            ]
            .into_iter()
            .find(|name| fallback.get(*name).is_some_and(is_set)),
            forced_login: table
                .get("forced_login_method")
                .and_then(toml::Value::as_str)
                == Some("chatgpt"),
            forced_workspace: table.contains_key("forced_chatgpt_workspace_id"),
            ..Settings::default()
        };
        let mut refuse = |problem| {
            settings.mode = Mode::Off;
            settings.problem = Some(problem);
        };
        match word("mode") {
            _ if fallback.get("mode").is_none() => {}
            Some("auto") => {}
            Some("ask") => settings.mode = Mode::Ask,
            Some("off") => settings.mode = Mode::Off,
            _ => refuse(
                "`mode` under [fallback] in config.toml has to be \"auto\", \"ask\" or \"off\".",
            ),
        }
        if word("return") == Some("reset") {
            settings.return_policy = ReturnPolicy::Reset;
        }
        if fallback.contains_key("base_url")
            && !settings.base_url.as_deref().is_some_and(may_receive_a_key)
        {
            settings.mode = Mode::Off;
            settings.problem = Some(
                "`base_url` under [fallback] in config.toml has to be an https address, or http on this computer.",
            );
        }
        settings
    }
}

/// A cap of 0 is no cap.
fn is_set(cap: &toml::Value) -> bool {
    cap.as_integer() != Some(0) && cap.as_float() != Some(0.0)
}

pub(super) fn may_receive_a_key(address: &str) -> bool {
    let (rest, loopback_only) = match (
        address.strip_prefix("https://"),
        address.strip_prefix("http://"),
    ) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let named = !host.is_empty() && !host.contains(['@', ' ', '\\']);
    named && (!loopback_only || matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}
