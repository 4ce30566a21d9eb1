//! When a limit is free again, in the person's own time.

use jiff::Timestamp;

use crate::picture::Scene;

/// `at 4:49 AM` today, else `on Nov 26 at 4:49 AM`. Unknown moments are said to be so.
pub(crate) fn words(unix: i64, scene: &Scene) -> String {
    let local = |seconds: i64| Timestamp::from_second(seconds).ok().map(|at| at.to_zoned(scene.zone.clone()));
    let (Some(at), Some(now)) = (local(unix), local(scene.now.unix)) else {
        return "at an unknown time".to_owned();
    };
    match at.date() == now.date() {
        true => at.strftime("at %-I:%M %p").to_string(),
        false => at.strftime("on %b %-d at %-I:%M %p").to_string(),
    }
}
