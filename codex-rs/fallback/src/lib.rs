//! Who pays for the next model request: the ChatGPT plan, or the fallback API key.
//!
//! A pure state machine. It does no IO, is not async, reads no clock and has no dependencies, so that it
//! can be read in ten minutes and copied whole into another workspace. Read it in this order:
//!
//! 1. [`answer`]: what one answer says about the credential that carried it: [`classify`] → [`Signal`].
//! 2. [`policy`]: what the person and the administrator allow: [`Policy`].
//! 3. [`event`]: what can happen and what can be decided: [`Event`], [`Decision`], [`Ticket`].
//! 4. [`step`](mod@step): the decision: `step(&mut State, Event, &Policy, now)` → [`Outcome`].
//!
//! Times are unix seconds. Nothing else in the program decides who pays.

pub mod answer;
pub mod event;
pub mod policy;
pub mod step;

pub use answer::{Answer, Signal, classify};
pub use event::{
    Change, Consent, Decision, Event, Force, KeyFailure, KeyState, Notice, Outcome, Payer, Reason, Ticket,
    Tried,
};
pub use policy::{Block, Host, Mode, Policy, ReturnPolicy, Substitute, WhyNot};
pub use step::{State, ordinary, step};
