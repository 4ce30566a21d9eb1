//! The settings table: the sign-in.

use super::{Kind, Scope, Setting, setting};
use crate::choices::{CredentialsStore, LoginMethod};

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "cli_auth_credentials_store",
        Kind::Word(CredentialsStore::WORDS),
        "\"file\"",
        "Where credentials are kept.",
        Scope::Person,
        |config, _, field| {
            config.cli_auth_credentials_store =
                field.word(CredentialsStore::WORDS, CredentialsStore::parse)?;
            Ok(())
        },
    ),
    setting(
        "forced_login_method",
        Kind::Word(LoginMethod::WORDS),
        "",
        "The only way to sign in; \"chatgpt\" also forbids the fallback key.",
        Scope::Person,
        |config, _, field| {
            config.forced_login_method = Some(field.word(LoginMethod::WORDS, LoginMethod::parse)?);
            Ok(())
        },
    ),
    setting(
        "forced_chatgpt_workspace_id",
        Kind::TextOrTexts,
        "[]",
        "The only ChatGPT workspaces to sign in to; setting it also forbids the fallback key.",
        Scope::Person,
        |config, _, field| {
            config.forced_chatgpt_workspace_id = field.text_or_texts()?;
            Ok(())
        },
    ),
];
