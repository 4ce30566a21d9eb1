//! The terminal UI: what happens is an [`app_event::AppEvent`], `App::update` changes the state and says what is to be
//! done outside as [`effect::Effect`]s, `view` draws the state. A client of the app-server and of nothing else.

mod account;
mod app;
mod app_event;
mod attention;
mod changes;
mod clean;
mod composer;
mod conversation;
mod dialogs;
mod effect;
mod facts;
mod help;
mod now;
mod pager;
mod permissions;
mod picture;
mod plan_limits;
mod run;
mod session;
mod setup;
mod slash_command;
mod slash_dispatch;
mod status_card;
mod status_line;
mod terminal;
#[cfg(test)]
mod test_facts;
mod view;

pub use attention::{Attention, Way};
pub use composer::history_file::{HistoryFile, Keeping};
pub use now::Now;
pub use run::{Options, TuiError, run};
pub use setup::{Approvals, Setup, Thoughts, Trusted};
pub use terminal::{Editor, Reflow, clipboard};
