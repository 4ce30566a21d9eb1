//! The property of `fallback-spec` §2: nobody pays by the token without a limit of the plan and a leave to pay.
//!
//! `FALLBACK_CASES` sets the number of generated histories (20,000 without it; `xtask` runs 1,000,000),
//! `FALLBACK_SEED` a number to start from, so that runs differ only when somebody wants them to.

mod history;
mod tracker;

use std::cell::Cell;
use std::str::FromStr;

use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::history::Action;
use crate::tracker::{Tally, Tracker};

#[test]
fn no_generated_history_makes_a_request_paid_without_leave() -> Result<(), String> {
    let cases: u32 = number_from_environment("FALLBACK_CASES", 20_000)?;
    let number: u64 = number_from_environment("FALLBACK_SEED", 1)?;
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));

    let total = Cell::new(Tally::default());
    let histories = proptest::collection::vec(any::<u32>(), 5..60);
    let result = runner.run(&histories, |words| {
        let start = words.first().copied().map(history::start);
        let actions: Vec<Action> = start.into_iter().chain(words.into_iter().map(history::decode)).collect();
        match run(&actions) {
            Ok(tally) => {
                total.set(total.get().plus(tally));
                Ok(())
            }
            Err((at, broken)) => Err(TestCaseError::fail(format!("{broken}\nafter {:#?}", &actions[..=at]))),
        }
    });
    result.map_err(|error| error.to_string())?;
    // The histories must reach what they are to test.
    let total = total.get();
    let often = u64::from(cases) / 100;
    for (what, count) in total.rows() {
        println!("{count} of {cases} histories: {what}");
    }
    for (what, count) in total.rows() {
        assert!(count >= often, "only {count} of {cases} histories: {what}");
    }
    Ok(())
}

/// Plays one history; on failure says which action broke which rule.
fn run(actions: &[Action]) -> Result<Tally, (usize, String)> {
    let mut tracker = Tracker::new();
    for (at, action) in actions.iter().enumerate() {
        tracker.play(*action).map_err(|broken| (at, broken))?;
    }
    Ok(tracker.tally)
}

fn number_from_environment<T: FromStr>(name: &str, otherwise: T) -> Result<T, String> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| format!("{name} must be a whole number, not {text:?}")),
        Err(_) => Ok(otherwise),
    }
}
