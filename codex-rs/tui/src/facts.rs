//! What views and keys of one part may know of the others: read only.

use crate::account::Account;
use crate::session::Session;
use crate::setup::Setup;

/// The states that several parts show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Who is signed in, who pays, how much of the plan is left.
    pub(crate) account: &'a Account,
    /// The thread, its model and its running turn.
    pub(crate) session: &'a Session,
    /// What the program was started with.
    pub(crate) setup: &'a Setup,
}
