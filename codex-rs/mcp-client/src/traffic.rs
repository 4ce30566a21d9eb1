//! What is on its way between us and one server: calls, and questions to the person, who may think as long as they like.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};

/// More questions than this at once are nobody's honest need.
const QUESTIONS: usize = 8;

/// Counts calls and questions.
#[derive(Debug)]
pub(crate) struct Traffic {
    calls: AtomicUsize,
    questions: watch::Sender<usize>,
    /// One question at a time is put to the person.
    turn: Semaphore,
}

/// A call that runs, until it is dropped.
pub(crate) struct Call<'a>(&'a Traffic);

/// A question that waits for the person, until it is dropped.
pub(crate) struct Question<'a>(&'a Traffic);

/// The limit was reached.
pub(crate) struct TooLong;

impl Traffic {
    pub(crate) fn new() -> Self {
        Traffic { calls: AtomicUsize::new(0), questions: watch::Sender::new(0), turn: Semaphore::new(1) }
    }

    pub(crate) fn call(&self) -> Call<'_> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Call(self)
    }

    /// A question is taken only while a call runs, as otherwise nobody could say what it is about.
    pub(crate) fn question(&self) -> Option<Question<'_>> {
        let waiting = *self.questions.borrow();
        if self.calls.load(Ordering::SeqCst) == 0 || waiting >= QUESTIONS {
            return None;
        }
        self.questions.send_modify(|count| *count += 1);
        Some(Question(self))
    }

    /// The place in which one question at a time is asked.
    pub(crate) fn turn(&self) -> &Semaphore {
        &self.turn
    }

    /// Waits for `work`, but for no longer than `limit`, of which the time of questions does not count.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, TooLong> {
        let mut work = std::pin::pin!(work);
        let mut questions = self.questions.subscribe();
        let mut left = limit;
        loop {
            let is_running = *questions.borrow_and_update() == 0;
            let since = Instant::now();
            tokio::select! {
                biased;
                outcome = &mut work => return Ok(outcome),
                changed = questions.changed() => if changed.is_err() {
                    // Impossible while `self` is borrowed; without it this loop would spin.
                    return Ok(work.await);
                },
                () = sleep(left), if is_running => return Err(TooLong),
            }
            if is_running {
                left = left.saturating_sub(since.elapsed());
            }
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.questions.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_question_does_not_count() {
        let traffic = Traffic::new();
        let _call = traffic.call();
        let work = async {
            sleep(Duration::from_secs(6)).await;
            let question = traffic.question();
            sleep(Duration::from_secs(3600)).await;
            drop(question);
            sleep(Duration::from_secs(3)).await;
        };
        assert!(traffic.within(Duration::from_secs(10), work).await.is_ok());
        let too_long = async {
            let question = traffic.question();
            sleep(Duration::from_secs(3600)).await;
            drop(question);
            sleep(Duration::from_secs(11)).await;
        };
        assert!(traffic.within(Duration::from_secs(10), too_long).await.is_err());
    }

    #[test]
    fn questions_need_a_call_and_are_few() {
        let traffic = Traffic::new();
        assert!(traffic.question().is_none());
        let call = traffic.call();
        let questions: Vec<_> = std::iter::from_fn(|| traffic.question()).collect();
        assert_eq!(questions.len(), QUESTIONS);
        drop(questions);
        assert!(traffic.question().is_some());
        drop(call);
        assert!(traffic.question().is_none());
    }
}
