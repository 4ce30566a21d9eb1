//! The plan's limit is reached: what ran out, until when, and what can be done about it (wire-facts §4.2, §4.3).

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plan::{PlanFamily, PlanType};
use crate::rate_limits::RateLimitSnapshot;

/// A usage limit as the service reported it.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageLimitReachedError {
    /// The plan that ran out, as the body names it.
    pub plan_type: Option<PlanType>,
    /// When it is free again, unix seconds.
    pub resets_at: Option<i64>,
    /// The limit that was reached, from the answer's headers.
    pub rate_limits: Option<Box<RateLimitSnapshot>>,
    /// `x-codex-rate-limit-reached-type`.
    pub reached_type: Option<String>,
    /// `x-codex-promo-message`.
    pub promo_message: Option<String>,
    /// When the answer came, unix seconds; decides whether the reset is told as a time or as a date.
    pub received_at: i64,
}

impl UsageLimitReachedError {
    fn sentence(&self) -> String {
        let name = self.rate_limits.as_ref().and_then(|limits| limits.limit_name.as_deref());
        if let Some(name) = name.filter(|name| !name.eq_ignore_ascii_case("codex")) {
            return format!(
                "The usage limit for {name} is reached; switch to another model{}.",
                self.or_later()
            );
        }
        match self.reached_type.as_deref() {
            Some("workspace_owner_credits_depleted") => {
                return "Your workspace is out of credits; add more to go on.".to_owned();
            }
            Some("workspace_member_credits_depleted") => {
                return "Your workspace is out of credits; ask its owner to add more.".to_owned();
            }
            Some("workspace_owner_usage_limit_reached") => {
                return "Your workspace's spend cap is reached; raise it in the workspace settings to go on."
                    .to_owned();
            }
            Some("workspace_member_usage_limit_reached") => {
                return "The spend cap that your workspace's owner set is reached; ask them to raise it."
                    .to_owned();
            }
            _ => {}
        }
        const REACHED: &str = "You’ve reached the usage limit of your ChatGPT plan";
        let later = self.or_later();
        if let Some(promo) = &self.promo_message {
            return format!("{REACHED}. {}{}.", promo.trim_end_matches('.'), later.replacen(',', ";", 1));
        }
        match self.plan_type.as_ref().map(PlanType::family) {
            Some(PlanFamily::Starter) => {
                format!("{REACHED}. Upgrade to Plus (chatgpt.com/explore/plus){later}.")
            }
            Some(PlanFamily::Plus) => {
                format!("{REACHED}. Upgrade to Pro, buy credits (chatgpt.com/settings/usage){later}.")
            }
            Some(PlanFamily::Pro) => format!("{REACHED}. Buy credits (chatgpt.com/settings/usage){later}."),
            Some(PlanFamily::Team) => format!("{REACHED}. Ask your administrator for more{later}."),
            Some(PlanFamily::Other) | None => match self.reset_words() {
                Some(words) => format!("{REACHED}. Try again at {words}."),
                None => format!("{REACHED}. Try again later."),
            },
        }
    }

    fn or_later(&self) -> String {
        match self.reset_words() {
            Some(words) => format!(", or try again at {words}"),
            None => ", or try again later".to_owned(),
        }
    }

    fn reset_words(&self) -> Option<String> {
        reset_words(self.resets_at?, self.received_at, &TimeZone::system())
    }
}

impl fmt::Display for UsageLimitReachedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// A moment in local words: `10:33 AM` when it is today, else `Nov 26th, 2026 7:36 AM` (wire-facts §4.3).
/// Both moments are unix seconds; `None` where the first is not a time at all.
pub fn reset_words(at: i64, now: i64, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_second(at).ok()?.to_zoned(zone.clone());
    let now = Timestamp::from_second(now).ok()?.to_zoned(zone.clone());
    let time = at.strftime("%-I:%M %p");
    if at.date() == now.date() {
        return Some(time.to_string());
    }
    let suffix = match (at.day() % 10, at.day()) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    Some(format!("{} {}{suffix}, {} {time}", at.strftime("%b"), at.day(), at.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(plan: Option<&str>) -> UsageLimitReachedError {
        UsageLimitReachedError {
            plan_type: plan.map(PlanType::from),
            resets_at: None,
            rate_limits: None,
            reached_type: None,
            promo_message: None,
            received_at: 1_795_430_000,
        }
    }

    #[test]
    fn resets_are_told_in_local_words() {
        let now = 1_795_430_000; // 2026-11-23 10:33:20 UTC
        let check = |at: i64, expect: &str| {
            assert_eq!(reset_words(at, now, &TimeZone::UTC).as_deref(), Some(expect), "{at}");
        };
        check(now, "10:33 AM");
        check(now + 3 * 3600, "1:33 PM");
        check(now + 24 * 3600, "Nov 24th, 2026 10:33 AM");
        check(now + 8 * 24 * 3600, "Dec 1st, 2026 10:33 AM");
        check(now + 9 * 24 * 3600, "Dec 2nd, 2026 10:33 AM");
        check(now + 18 * 24 * 3600, "Dec 11th, 2026 10:33 AM");
        assert_eq!(reset_words(i64::MAX, now, &TimeZone::UTC), None);
    }

    #[test]
    fn each_plan_hears_what_it_can_do() {
        let check = |plan: Option<&str>, expect: &str| {
            let told = limit(plan).to_string();
            assert!(told.contains(expect), "{plan:?}: {told}");
        };
        check(Some("free"), "Upgrade to Plus");
        check(Some("go"), "Upgrade to Plus");
        check(Some("plus"), "Upgrade to Pro, buy credits");
        check(Some("prolite"), "Buy credits");
        check(Some("team"), "Ask your administrator");
        check(Some("hc"), "Try again later");
        check(None, "Try again later");
    }

    #[test]
    fn causes_outrank_plans() {
        let mut error = limit(Some("plus"));
        error.promo_message = Some("Half price today.".into());
        assert!(error.to_string().contains("Half price today"));
        error.reached_type = Some("workspace_member_usage_limit_reached".into());
        assert!(error.to_string().contains("spend cap"));
        error.rate_limits = Some(Box::new(RateLimitSnapshot {
            limit_name: Some("Spark".into()),
            ..RateLimitSnapshot::default()
        }));
        assert_eq!(
            error.to_string(),
            "The usage limit for Spark is reached; switch to another model, or try again later."
        );
    }
}
