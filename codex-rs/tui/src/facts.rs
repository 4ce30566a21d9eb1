//! What views and keys of one part may know of the others: read only.

use crate::account::Account;
use crate::app::Setup;
use crate::session::Session;

/// The states that several parts show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Who is signed in, who pays, how much of the plan is left.
    pub(crate) account: &'a Account,
    /// What the program was started with.
    pub(crate) setup: &'a Setup,
    /// The thread, its model and its running turn.
    pub(crate) session: &'a Session,
}
