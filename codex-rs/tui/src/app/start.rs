//! The way from nothing to a thread: who is signed in, is the folder known, then the thread.

use codex_app_server_protocol::{
    AccountReadParams, ApprovalPolicy, ConfigReadParams, FallbackReadParams, ThreadStartParams,
};

use super::{App, Outcome};
use crate::dialogs::{sign_in, trust};
use crate::effect::{Call, Effect};
use crate::setup::Approvals;

/// What is still missing before a thread can start.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Whether the account was told.
    pub(super) account: Asked,
    /// Whether the folder is trusted.
    pub(super) folder: Folder,
    /// Whether a thread was asked for.
    pub(super) thread: Asked,
}

/// Whether something was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    #[default]
    NotYet,
    Done,
}

/// What the person has said about the folder.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// The engine has not told yet.
    #[default]
    Unread,
    /// Nothing yet: the question is open.
    Unknown,
    /// Trusted or not: they have said.
    Known,
}

impl App {
    /// The first calls.
    pub(crate) fn begin(&mut self) -> Vec<Effect> {
        let mut outcome = Outcome::default();
        outcome.call(Call::ReadAccount(AccountReadParams::default()));
        outcome.call(Call::ReadFallback(FallbackReadParams {}));
        outcome.call(Call::ReadConfig(ConfigReadParams {
            cwd: Some(self.setup.folder.clone()),
            ..ConfigReadParams::default()
        }));
        outcome.effects
    }

    /// The next step towards a thread, if nothing stands in its way.
    pub(super) fn go_on(&mut self, outcome: &mut Outcome) {
        if self.start.account == Asked::NotYet
            || self.start.folder == Folder::Unread
            || !self.dialogs.is_empty()
        {
            return;
        }
        if self.account.nobody_is_signed_in() {
            self.dialogs.open(sign_in::SignIn::default());
        } else if self.start.folder == Folder::Unknown {
            self.dialogs.open(trust::TrustQuestion::new(self.setup.folder.clone(), self.typed));
        } else if self.start.thread == Asked::NotYet {
            self.start_thread(outcome);
        }
    }

    /// Asks for a new thread in place of the one that is shown.
    pub(super) fn start_thread(&mut self, outcome: &mut Outcome) {
        self.start.thread = Asked::Done;
        self.session.thread = None;
        let bypass = self.setup.approvals == Approvals::Never;
        outcome.call(Call::StartThread(ThreadStartParams {
            model: self.setup.model.clone(),
            cwd: Some(self.setup.folder.clone()),
            approval_policy: bypass.then_some(ApprovalPolicy::Never),
            sandbox: self.setup.sandbox,
            ..ThreadStartParams::default()
        }));
    }
}
