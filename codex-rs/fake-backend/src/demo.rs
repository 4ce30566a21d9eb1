//! Owns the conversation of `codex demo`: a Plus plan with few requests left, a key, three turns with tool calls.

use std::time::Duration;

use crate::account::{Account, PlatformKey};
use crate::backend::{Builder, FakeBackend};
use crate::reply::{Reply, Usage};
use crate::script::{Limit, Script};
use crate::variant::LimitVariant;

/// The account that signs in.
pub const ACCOUNT: &str = "acct-demo-0001";

/// The key to add; it is worth nothing anywhere. Short, because it is typed by hand, and because a text with the shape
/// of a real key would never be drawn, not even to tell people what to type.
pub const KEY: &str = "sk-demo-coffee-d3m0";

/// The model of the conversation; plan and key both offer it.
pub const MODEL: &str = "gpt-5.5";

/// What the person says, one per turn.
pub const USER_MESSAGES: &[&str] = &[
    "Please write a small script, cups.sh, that tells me how many cups of coffee a bag of beans makes.",
    "Lovely. Add a little test for it and run it, please.",
    "And a one-line readme, then we are done.",
];

/// The model requests the plan still pays for: the limit strikes the second sampling of the second turn.
pub const PLAN_REQUESTS_LEFT: u64 = 4;

/// How fast the answers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At reading speed, about 15 ms per event.
    Human,
    /// Without any pause.
    Instant,
}

/// A backend with the whole demo in it; `now` (unix seconds) is the time its clock stands at.
pub fn builder(now: i64, pace: Pace) -> Builder {
    let mut account = Account::new(ACCOUNT);
    account.email = "sam@example.com".to_owned();
    let limit = Limit::after_requests(PLAN_REQUESTS_LEFT, LimitVariant::UsageLimitPremium);
    FakeBackend::builder()
        .account(account)
        .key(PlatformKey::new(KEY))
        .now(now)
        .limit(limit)
        .script(Script::conversation(conversation(pace)))
}

fn conversation(pace: Pace) -> Vec<Reply> {
    let replies = [
        say("Happy to. I'll write the script first.", (94.0, 61.0), 1_840)
            .exec_command("cat > cups.sh <<'EOF'\n#!/bin/sh\n# Cups of coffee in a bag: 15 grams each.\ngrams=${1:?grams of beans}\necho \"$((grams / 15)) cups\"\nEOF\nls"),
        say("There it is. A quick look at what it says for a quarter-kilo bag.", (95.0, 61.0), 2_010)
            .exec_command("sh cups.sh 250"),
        say(
            "`cups.sh` works: a 250 g bag makes **16 cups**, at 15 g each. Call it with the grams you have.",
            (97.0, 61.0),
            2_160,
        ),
        say("A test, of course: one ordinary bag, one tiny one, and one that is empty.", (99.0, 62.0), 2_300)
            .exec_command("cat > test_cups.sh <<'EOF'\n#!/bin/sh\ncheck() { [ \"$(sh cups.sh \"$1\")\" = \"$2\" ] && echo \"ok: $1 g\" || { echo \"wrong: $1 g\"; exit 1; }; }\ncheck 250 '16 cups'\ncheck 15 '1 cups'\ncheck 0 '0 cups'\nEOF\necho 'test written' >> diary.txt"),
        say("The test is written. Now let it run.", (100.0, 62.0), 2_520)
            .exec_command("sh test_cups.sh && echo 'test passed' >> diary.txt && cat diary.txt"),
        say("All three checks pass, and each step ran exactly once; `diary.txt` says so.", (100.0, 62.0), 2_690),
        say("One line it is.", (100.0, 62.0), 2_810)
            .exec_command("echo 'cups.sh: how many cups of coffee a bag of beans makes (usage: sh cups.sh GRAMS)' > README && ls"),
        say("Done: a script, its test and a readme. Enjoy the coffee!", (100.0, 62.0), 2_950),
    ];
    let delay = match pace {
        Pace::Human => Duration::from_millis(15),
        Pace::Instant => Duration::ZERO,
    };
    replies.into_iter().map(|reply| reply.delay(delay)).collect()
}

/// A short thought and a sentence, word by word.
fn say(text: &str, percent: (f64, f64), input: u64) -> Reply {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    Reply::answer()
        .reasoning(&["Small ", "steps, ", "then ", "look."])
        .message(&words)
        .rate_limits(percent.0, percent.1)
        .usage(Usage { input, cached: input / 2, output: 40 + text.len() as u64 / 4, reasoning: 24 })
}
