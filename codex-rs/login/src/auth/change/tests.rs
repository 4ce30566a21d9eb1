//! The notices, in full.

use super::*;

const NOW: i64 = 1_795_430_000; // 2026-11-23 10:33:20 UTC

fn told(payer: Payer, reason: Reason, resets_at: Option<i64>, returns: ReturnPolicy) -> String {
    let change = Change { payer, reason, resets_at };
    PayerChange::new(change, Some("abcd".into()), 3, NOW, returns).sentence_in(&TimeZone::UTC)
}

#[test]
fn a_switch_says_what_ran_out_until_when_who_pays_and_how_to_go_back() {
    assert_eq!(
        told(Payer::Key, Reason::Limit, Some(NOW + 3600), ReturnPolicy::Session),
        "The usage limit of your ChatGPT plan is reached until 11:33 AM. The fallback API key (…abcd) now pays per \
         token. The plan pays again in the next session; /fallback in the terminal UI goes back at once, and \
         `-c fallback.mode=off` keeps the key from paying."
    );
    assert_eq!(
        told(Payer::Key, Reason::Limit, Some(NOW + 86_400), ReturnPolicy::Reset),
        "The usage limit of your ChatGPT plan is reached until Nov 24th, 2026 10:33 AM. The fallback API key (…abcd) \
         now pays per token. The plan pays again when the limit resets; to go back at once, choose the plan as payer."
    );
    assert_eq!(
        told(Payer::Key, Reason::Limit, None, ReturnPolicy::Reset),
        "The usage limit of your ChatGPT plan is reached. The fallback API key (…abcd) now pays per token. The plan \
         is tried again after an hour; to go back at once, choose the plan as payer."
    );
    // The limit still stands: that the next turn asks again is explained.
    assert_eq!(
        told(Payer::Plan, Reason::AllowedForTurn, None, ReturnPolicy::Session),
        "The fallback API key (…abcd) was allowed for that turn only; your ChatGPT plan pays again."
    );
}

#[test]
fn every_change_is_one_paragraph_that_names_the_payer() {
    let reasons = [
        Reason::Limit,
        Reason::AllowedForTurn,
        Reason::Forced,
        Reason::ForceEnded,
        Reason::Reset,
        Reason::KeyRefused,
        Reason::KeyOutOfCredit,
        Reason::Blocked,
        Reason::Mode,
        Reason::KeyChanged,
    ];
    for reason in reasons {
        let key = told(Payer::Key, reason, None, ReturnPolicy::Session);
        assert!(key.contains("…abcd") && key.contains("pays per token"), "{reason:?}: {key}");
        let plan = told(Payer::Plan, reason, None, ReturnPolicy::Session);
        assert!(
            plan.contains("plan pays again") || plan.contains("the plan pays again"),
            "{reason:?}: {plan}"
        );
        assert!(key.ends_with('.') && plan.ends_with('.') && !key.contains('\n'));
    }
}
