//! The settings table: the fallback key.

use codex_fallback::{Mode, ReturnPolicy};

use super::{Kind, Scope, Setting, setting};

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "fallback.mode",
        Kind::Word(MODES),
        "\"auto\"",
        "What happens when the plan's limit is reached: the key takes over, you are asked, or nothing.",
        Scope::Person,
        |config, _, field| {
            config.fallback.mode = field.word(MODES, parse_mode)?;
            Ok(())
        },
    ),
    setting(
        "fallback.base_url",
        Kind::Address,
        "",
        "Where the key's requests go; the platform API where it is not set.",
        Scope::Person,
        |config, _, field| {
            config.fallback.base_url = Some(field.base_url()?);
            Ok(())
        },
    ),
    setting(
        "fallback.return",
        Kind::Word(RETURNS),
        "",
        "When the plan pays again: after this session, or when its limit resets. The default is \"session\" in \
         the terminal and in `codex exec`, \"reset\" in `codex app-server`.",
        Scope::Person,
        |config, _, field| {
            config.fallback.return_policy = Some(field.word(RETURNS, parse_return)?);
            Ok(())
        },
    ),
    setting(
        "fallback.model",
        Kind::Text,
        "",
        "Model to use on the key where the conversation's own is not offered to it.",
        Scope::Person,
        |config, _, field| {
            config.fallback.model = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "fallback.service_tier",
        Kind::Text,
        "",
        "Service tier of the key's requests.",
        Scope::Person,
        |config, _, field| {
            config.fallback.service_tier = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "fallback.max_tokens_per_process",
        Kind::WholeNumber,
        "0",
        "Most tokens that one process may bill to the key; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_tokens_per_process = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "fallback.max_tokens_per_day",
        Kind::WholeNumber,
        "0",
        "Most tokens that all processes may bill to the key in a day; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_tokens_per_day = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "fallback.max_usd_per_day",
        Kind::Dollars,
        "0.0",
        "Most US dollars that all processes may bill to the key in a day; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_usd_per_day = field.amount()?;
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.input",
        Kind::Dollars,
        "",
        "Price of a million input tokens of the model named.",
        Scope::Person,
        |config, names, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(names.first()).or_default().input = Some(amount);
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.cached_input",
        Kind::Dollars,
        "",
        "Price of a million input tokens that were cached.",
        Scope::Person,
        |config, names, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(names.first()).or_default().cached_input = Some(amount);
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.output",
        Kind::Dollars,
        "",
        "Price of a million output tokens.",
        Scope::Person,
        |config, names, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(names.first()).or_default().output = Some(amount);
            Ok(())
        },
    ),
];

const MODES: &[&str] = &["auto", "ask", "off"];
const RETURNS: &[&str] = &["session", "reset"];

fn parse_mode(word: &str) -> Option<Mode> {
    [Mode::Auto, Mode::Ask, Mode::Off].into_iter().find(|mode| mode.as_str() == word)
}

fn parse_return(word: &str) -> Option<ReturnPolicy> {
    match word {
        "session" => Some(ReturnPolicy::Session),
        "reset" => Some(ReturnPolicy::Reset),
        _ => None,
    }
}
