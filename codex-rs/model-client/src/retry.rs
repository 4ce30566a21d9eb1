//! Owns patience: how often an answer is tried for, in which forms, and how long each wait is (wire-facts §3.4).

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use codex_fallback::Tried;
use codex_protocol::{Clock, Minter, TurnId};

use crate::answer::{Failure, FailureKind, Refusal};
use crate::client::Lessons;
use crate::sampling::PaidBy;
use crate::settings::RetrySettings;
use crate::turn::ThreadContext;

/// What was spent of the retries since an answer last completed; a turn keeps it over its samplings, so that an
/// answer that always breaks off after its first item ends too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Budget {
    retries: u32,
    billed: u32,
}

/// The resends that are no retries, since an answer last completed. Like the budget they outlive a sampling: an answer
/// that breaks off after an item each time must not have them anew each time.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    /// Whose special resends, for which model.
    of: Option<(Minter, String)>,
    pub(crate) tried: Tried,
    resends: u32,
    pub(crate) refresh_looked_at: bool,
}

/// A retry that is still to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retry {
    pub(crate) attempt: u32,
    pub(crate) wait: Duration,
}

/// Resends at the most that are no retries: each has a reason of its own, and a service that keeps finding new ones is
/// not followed for ever.
const MOST_RESENDS: u32 = 8;

impl Budget {
    /// Takes one retry, if one is left and the service does not ask for too long a wait.
    pub(crate) fn take(
        &mut self,
        settings: &RetrySettings,
        failure: &Failure,
        paid_by: PaidBy,
        turn: &TurnId,
        clock: &Clock,
    ) -> Option<Retry> {
        let billed = failure.began && paid_by != PaidBy::Plan;
        if self.retries >= settings.most || (billed && self.billed >= settings.most_billed) {
            return None;
        }
        let wait = match asked_wait(failure, clock) {
            Some(wait) if wait > settings.longest_wait => return None,
            Some(wait) => wait,
            None => growing_wait(settings, self.retries, turn),
        };
        self.retries += 1;
        self.billed += u32::from(billed);
        Some(Retry { attempt: self.retries, wait })
    }

    /// Requests sent so far for the answer that is wanted.
    pub(crate) fn attempts(&self) -> u32 {
        self.retries + 1
    }
}

impl Tries {
    /// What this credential's next request is sent without. Another credential, or another model, starts afresh with
    /// what is known about it.
    pub(crate) fn with(
        &mut self,
        lessons: &Lessons,
        thread: &ThreadContext,
        minter: &Minter,
        model: &str,
    ) -> Tried {
        if !self.of.as_ref().is_some_and(|(whose, which)| whose == minter && which == model) {
            self.of = Some((minter.clone(), model.to_owned()));
            self.tried = lessons.about(minter, model);
            self.tried.without_foreign = thread.is_strict_for(minter);
        }
        self.tried
    }

    /// Takes one resend, if one is left.
    pub(crate) fn take_resend(&mut self) -> bool {
        let left = self.resends < MOST_RESENDS;
        self.resends += u32::from(left);
        left
    }
}

/// The wait that the service names: `Retry-After`, or "try again in" of a throttle's message.
fn asked_wait(failure: &Failure, clock: &Clock) -> Option<Duration> {
    let FailureKind::Refused(refusal) = &failure.kind else { return None };
    retry_after(refusal, clock).or_else(|| try_again_in(refusal.message.as_deref()?))
}

/// `Retry-After` in seconds or as a date.
fn retry_after(refusal: &Refusal, clock: &Clock) -> Option<Duration> {
    let text = refusal.headers.text("retry-after")?;
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let now = Duration::from_millis(clock.millis().try_into().ok()?);
    Some(date.saturating_sub(now))
}

/// "Please try again in 11.054s", "… in 20ms", "… in 1m2.5s": only the platform says it, only in words.
fn try_again_in(message: &str) -> Option<Duration> {
    let (_, mut rest) = message.split_once("try again in ")?;
    let mut total = Duration::ZERO;
    let mut found = false;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let Ok(number) = number.parse::<f64>() else { break };
        let after = after.trim_start_matches(' ');
        let word = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(word);
        let seconds = match unit {
            "ms" | "milliseconds" => number / 1000.0,
            "s" | "sec" | "second" | "seconds" => number,
            "m" | "min" | "minute" | "minutes" => number * 60.0,
            "h" | "hour" | "hours" => number * 3600.0,
            _ => break,
        };
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        found = true;
        rest = next;
    }
    found.then_some(total)
}

/// The first wait, doubled for each retry, ±10 %. The jitter comes from the turn's id: no clock, no generator.
fn growing_wait(settings: &RetrySettings, retries: u32, turn: &TurnId) -> Duration {
    let mut hasher = DefaultHasher::new();
    (turn.as_str(), retries).hash(&mut hasher);
    let jitter = 0.9 + (hasher.finish() % 1000) as f64 / 5000.0;
    let wait = settings.first_wait.saturating_mul(2_u32.saturating_pow(retries));
    wait.min(settings.longest_wait).mul_f64(jitter)
}
