//! The settings table: what commands may touch, and when the person is asked.

use super::{Bound, Kind, Scope, Setting, setting};
use crate::approval::ApprovalPolicy;
use crate::choices::{Inherit, SandboxMode, TrustLevel};
use crate::config::Config;

pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "approval_policy",
        Kind::Approval,
        "",
        "When you are asked before something is done: \"on-request\" (the default) asks where the sandbox does not \
         suffice, \"untrusted\" before everything but harmless reading, \"never\" not at all; `codex exec` has nobody to \
         ask. \"on-failure\" means \"on-request\".",
        Scope::NoLooser(Bound { order: ApprovalPolicy::WORDS, most: "never", set: approval_set }),
        |config, _, field| {
            config.approval_policy = Some(field.approval_policy()?);
            Ok(())
        },
    ),
    setting(
        "sandbox_mode",
        Kind::Word(SandboxMode::WORDS),
        "",
        "What commands and tools may touch: nothing is written, or the working folder and temporary folders are, or \
         there are no walls. The default is \"workspace-write\" in the terminal UI in a folder that you trust, else \"read-only\".",
        Scope::NoLooser(Bound { order: SandboxMode::WORDS, most: "workspace-write", set: sandbox_set }),
        |config, _, field| {
            config.sandbox_mode = Some(field.word(SandboxMode::WORDS, SandboxMode::parse)?);
            Ok(())
        },
    ),
    setting(
        "sandbox_workspace_write.writable_roots",
        Kind::Paths,
        "[]",
        "Folders beside the working folder that commands may write in; a relative one counts from the file it stands in.",
        Scope::Person,
        |config, _, field| {
            config.sandbox_workspace_write.writable_roots = field.paths()?;
            Ok(())
        },
    ),
    setting(
        "sandbox_workspace_write.network_access",
        Kind::Truth,
        "false",
        "Whether commands may use the network under \"workspace-write\".",
        Scope::NoLooser(Bound { order: FALSE_FIRST, most: "false", set: |_| None }),
        |config, _, field| {
            config.sandbox_workspace_write.network_access = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "sandbox_workspace_write.exclude_tmpdir_env_var",
        Kind::Truth,
        "false",
        "Whether commands may not write in the folder that TMPDIR names.",
        Scope::NoLooser(Bound { order: TRUE_FIRST, most: "false", set: tmpdir_set }),
        |config, _, field| {
            config.sandbox_workspace_write.exclude_tmpdir_env_var = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "sandbox_workspace_write.exclude_slash_tmp",
        Kind::Truth,
        "false",
        "Whether commands may not write in /tmp.",
        Scope::NoLooser(Bound { order: TRUE_FIRST, most: "false", set: slash_tmp_set }),
        |config, _, field| {
            config.sandbox_workspace_write.exclude_slash_tmp = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "shell_environment_policy.inherit",
        Kind::Word(Inherit::WORDS),
        "\"all\"",
        "Which variables commands inherit: all, the core ones such as PATH and HOME, or none. Keys and tokens of this program are never among them.",
        Scope::Person,
        |config, _, field| {
            config.shell_environment_policy.inherit = field.word(Inherit::WORDS, Inherit::parse)?;
            Ok(())
        },
    ),
    setting(
        "shell_environment_policy.ignore_default_excludes",
        Kind::Truth,
        "true",
        "Whether variables with KEY, SECRET or TOKEN in their names are inherited like others.",
        Scope::Person,
        |config, _, field| {
            config.shell_environment_policy.ignore_default_excludes = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "shell_environment_policy.exclude",
        Kind::Texts,
        "[]",
        "Variables not to inherit; `*` and `?` stand for any characters, the case of letters does not count.",
        Scope::Person,
        |config, _, field| {
            config.shell_environment_policy.exclude = field.texts()?;
            Ok(())
        },
    ),
    setting(
        "shell_environment_policy.set.*",
        Kind::Hidden,
        "",
        "Value of a variable that commands get in any case; the name is the variable's.",
        Scope::Person,
        |config, names, field| {
            config.shell_environment_policy.set.insert(names.first(), field.text()?);
            Ok(())
        },
    ),
    setting(
        "shell_environment_policy.include_only",
        Kind::Texts,
        "[]",
        "If not empty, the only variables that are left at the end; written as in `exclude`.",
        Scope::Person,
        |config, _, field| {
            config.shell_environment_policy.include_only = field.texts()?;
            Ok(())
        },
    ),
    setting(
        "allow_login_shell",
        Kind::Truth,
        "true",
        "Whether commands may run in a login shell, which reads your profile first.",
        Scope::NoLooser(Bound { order: FALSE_FIRST, most: "true", set: login_shell_set }),
        |config, _, field| {
            config.allow_login_shell = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "projects.*.trust_level",
        Kind::Word(TrustLevel::WORDS),
        "",
        "Whether the settings that a project brings along are read; the name is its absolute path.",
        Scope::Person,
        |config, names, field| {
            let level = field.word(TrustLevel::WORDS, TrustLevel::parse)?;
            config.projects.insert(names.first(), level);
            Ok(())
        },
    ),
];

const FALSE_FIRST: &[&str] = &["false", "true"];
const TRUE_FIRST: &[&str] = &["true", "false"];

/// Without walls it counts what is asked, so there silence is no leave to ask less.
fn approval_set(config: &Config) -> Option<&'static str> {
    let is_unconfined = config.sandbox_mode == Some(SandboxMode::DangerFullAccess);
    let unset = is_unconfined.then_some(ApprovalPolicy::OnRequest);
    config.approval_policy.or(unset).map(ApprovalPolicy::looseness)
}

fn sandbox_set(config: &Config) -> Option<&'static str> {
    config.sandbox_mode.map(SandboxMode::as_str)
}

fn tmpdir_set(config: &Config) -> Option<&'static str> {
    config.sandbox_workspace_write.exclude_tmpdir_env_var.then_some("true")
}

fn slash_tmp_set(config: &Config) -> Option<&'static str> {
    config.sandbox_workspace_write.exclude_slash_tmp.then_some("true")
}

fn login_shell_set(config: &Config) -> Option<&'static str> {
    (!config.allow_login_shell).then_some("false")
}
