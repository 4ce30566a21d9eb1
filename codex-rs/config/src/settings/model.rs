//! The settings table: the model, and how it is asked.

use super::{Kind, Scope, Setting, setting};
use crate::choices::{ReasoningSummary, Verbosity};

pub(super) const SETTINGS: &[Setting] = &[
    setting("model", Kind::Text, "", "Model that answers.", Scope::Anyone, |config, _, field| {
        config.model = Some(field.text()?);
        Ok(())
    }),
    setting(
        "model_provider",
        Kind::Text,
        "\"openai\"",
        "Who serves the model; only \"openai\" is built yet.",
        Scope::Person,
        |config, _, field| {
            config.model_provider = field.text()?;
            Ok(())
        },
    ),
    setting(
        "openai_base_url",
        Kind::Address,
        "",
        "Where model requests go in place of OpenAI's own address.",
        Scope::Person,
        |config, _, field| {
            config.openai_base_url = Some(field.base_url()?);
            Ok(())
        },
    ),
    setting(
        "chatgpt_base_url",
        Kind::Address,
        "\"https://chatgpt.com/backend-api/\"",
        "Where requests of the ChatGPT plan go.",
        Scope::Person,
        |config, _, field| {
            config.chatgpt_base_url = field.base_url()?;
            Ok(())
        },
    ),
    setting(
        "model_reasoning_effort",
        Kind::Text,
        "",
        "How long the model thinks, such as \"low\", \"medium\" or \"high\"; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_reasoning_effort = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "model_reasoning_summary",
        Kind::Word(ReasoningSummary::WORDS),
        "",
        "How much of its thinking the model sums up; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_reasoning_summary =
                Some(field.word(ReasoningSummary::WORDS, ReasoningSummary::parse)?);
            Ok(())
        },
    ),
    setting(
        "model_verbosity",
        Kind::Word(Verbosity::WORDS),
        "",
        "How long the answers are; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_verbosity = Some(field.word(Verbosity::WORDS, Verbosity::parse)?);
            Ok(())
        },
    ),
    setting(
        "service_tier",
        Kind::Text,
        "",
        "Service tier of the plan's requests.",
        Scope::Anyone,
        |config, _, field| {
            config.service_tier = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "stream_idle_timeout_ms",
        Kind::WholeNumber,
        "300000",
        "How long an answer may pause before it counts as broken off.",
        Scope::Anyone,
        |config, _, field| {
            config.stream_idle_timeout_ms = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "stream_max_retries",
        Kind::WholeNumber,
        "5",
        "How often an answer that broke off is asked for again.",
        Scope::Anyone,
        |config, _, field| {
            config.stream_max_retries = field.whole_number()?;
            Ok(())
        },
    ),
];
