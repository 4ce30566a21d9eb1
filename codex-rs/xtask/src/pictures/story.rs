//! The stories of the pictures: a key is added in the masked box, the plan runs out in the middle of an answer; a command
//! is asked about.

use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use codex_fake_backend::{
    Account, At, Cut, Door, FakeBackend, LimitVariant, PlatformKey, Reply, Script, Usage, demo,
};
use serde_json::json;
use tempfile::TempDir;
use vt100::Screen;

use super::{Picture, svg};
use crate::terminal::{Play, Terminal};

/// Worth nothing anywhere.
const KEY: &str = "sk-proj-not-a-real-key-000000000000000000004Q7d";
const QUESTION: &str = "How many cups of coffee does a bag of beans make?";
const ANSWER: [&str; 3] =
    ["A cup takes **15 g**, so a bag of 250 g makes ", "16 cups, ", "with 10 g left over."];
const WISH: &str = "A table, please, for 250 g, 500 g and 1 kg.";
const TABLE: [&str; 3] = [
    "With 15 g in each cup:\n\n",
    "| bag | cups | left over |\n|---|---:|---:|\n| 250 g | 16 | 10 g |\n| 500 g | 33 | 5 g |\n",
    "| 1 kg | 66 | 10 g |\n",
];
/// Events of the second answer before the limit strikes: `created`, the item, its part, one delta.
const EVENTS_BEFORE_LIMIT: usize = 5;
/// The clock on the person's wall when the story begins, so that its times are the same each day: 09:41.
const WALL_CLOCK: i64 = 9 * 3600 + 41 * 60;
/// Seconds until the windows are free again: at 13:32, as the refusal says, and in the evening.
const SHORT_WINDOW: i64 = 13_872;
const LONG_WINDOW: i64 = 8 * 3600 + 49 * 60;
const WEEK_IS_FREE: &str = "6:30 PM";
/// More than the program asks for.
const MOST_USAGE_REQUESTS: usize = 16;
/// What the agent is asked to do beyond its walls, what it says, and why it asks.
const ORDER: &str = "Sort the beans by price, then publish the branch.";
const SORTED: &str = "The beans are sorted, and the tests pass.";
const PUSH: &str = "git push origin sorted-beans";
const REASON: &str = "Publishing the branch needs the network.";
const INVITATION: &str = "Say what is to be done";

pub(super) fn play(binary: &Path) -> Result<Vec<Picture>, Box<dyn Error>> {
    let mut pictures = switch(binary)?;
    pictures.push(approval(binary)?);
    Ok(pictures)
}

fn approval(binary: &Path) -> Result<Picture, Box<dyn Error>> {
    let push = json!({
        "cmd": PUSH, "login": false, "sandbox_permissions": "require_escalated", "justification": REASON,
        "prefix_rule": ["git", "push"],
    });
    let reply = Reply::answer().message(&[SORTED]).call("exec_command", &push);
    let stage = Stage::build(|_| Script::conversation([reply]))?;
    let mut terminal = stage.open(binary)?;
    terminal.wait_for("plan Plus pays · gpt-5.5")?;
    terminal.press(&format!("{ORDER}\r"))?;
    terminal.wait_for("No, and stop the turn")?;
    let screen = terminal.screen();
    let title = "A question about a command: where it would run, why, the command, the answers.";
    // Above it stands how long the turn has taken.
    let rows = from(screen, "── May this command run?");
    Ok(Picture { name: "approval.svg", svg: svg::picture(screen, rows, title) })
}

fn switch(binary: &Path) -> Result<Vec<Picture>, Box<dyn Error>> {
    let stage = Stage::build(script)?;
    let mut terminal = stage.open(binary)?;
    let mut pictures = Vec::new();
    let mut take = |terminal: &mut Terminal, name, rows: fn(&Screen) -> Range<u16>, title| {
        let screen = terminal.screen();
        pictures.push(Picture { name, svg: svg::picture(screen, rows(screen), title) });
    };

    terminal.wait_for("plan Plus pays · gpt-5.5")?;
    terminal.press("/add-api-key\r")?;
    terminal.wait_for("Enter stores it")?;
    // As a terminal pastes it.
    terminal.press(&format!("\x1b[200~{KEY}\x1b[201~"))?;
    terminal.wait_for("••••")?;
    take(&mut terminal, "masked-box.svg", all, "The box of /add-api-key: the key is drawn as dots.");
    terminal.press("\r")?;
    comes_to_rest(&mut terminal, "4Q7d ready")?;

    terminal.press(&format!("{QUESTION}\r"))?;
    comes_to_rest(&mut terminal, "week 39% left")?;
    take(&mut terminal, "status-line-before.svg", input_and_status, "The status line while the plan pays.");

    terminal.press(&format!("{WISH}\r"))?;
    comes_to_rest(&mut terminal, "4,276 tokens since the switch")?;
    take(
        &mut terminal,
        "switch.svg",
        from_the_wish,
        "The plan runs out in the middle of an answer; the key pays for the rest.",
    );
    take(&mut terminal, "status-line-after.svg", input_and_status, "The status line while the key pays.");

    terminal.press("/fallback\r")?;
    terminal.wait_for(WEEK_IS_FREE)?;
    take(
        &mut terminal,
        "fallback-panel.svg",
        panel,
        "The panel of /fallback: who pays, what is left of the plan, the key, the choices.",
    );
    Ok(pictures)
}

/// Waits until these words stand there, nothing runs, and the composer is back.
fn comes_to_rest(terminal: &mut Terminal, words: &str) -> Result<(), Box<dyn Error>> {
    terminal.wait_until(words, |screen| {
        let shown = screen.contents();
        shown.contains(words) && !shown.contains("Working") && shown.contains(INVITATION)
    })?;
    Ok(())
}

/// Down to the last row that shows something.
fn all(screen: &Screen) -> Range<u16> {
    let rows = rows(screen);
    let last = rows.iter().rposition(|row| !row.trim().is_empty()).map_or(1, |row| row + 1);
    0..u16::try_from(last).unwrap_or(u16::MAX)
}

fn input_and_status(screen: &Screen) -> Range<u16> {
    let end = all(screen).end;
    end.saturating_sub(2)..end
}

fn from_the_wish(screen: &Screen) -> Range<u16> {
    from(screen, &format!("› {WISH}"))
}

fn panel(screen: &Screen) -> Range<u16> {
    from(screen, "── Who pays")
}

fn from(screen: &Screen, beginning: &str) -> Range<u16> {
    let first = rows(screen).iter().position(|row| row.starts_with(beginning)).unwrap_or_default();
    u16::try_from(first).unwrap_or_default()..all(screen).end
}

fn rows(screen: &Screen) -> Vec<String> {
    screen.rows(0, screen.size().1.get()).collect()
}

struct Stage {
    backend: FakeBackend,
    now: i64,
    root: PathBuf,
    /// Removed when this is dropped.
    _temporary: TempDir,
}

impl Stage {
    fn build(script: impl FnOnce(i64) -> Script) -> Result<Self, Box<dyn Error>> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
        let mut account = Account::new(demo::ACCOUNT);
        account.email = "sam@example.com".to_owned();
        let backend = FakeBackend::builder()
            .account(account)
            .key(PlatformKey::new(KEY))
            .now(now)
            .script(script(now))
            .start()?;
        let temporary = tempfile::tempdir()?;
        let root = temporary.path().canonicalize()?;
        let stage = Stage { backend, now, root, _temporary: temporary };
        std::fs::create_dir(stage.folder())?;
        codex_durable_fs::create_private_directory(&stage.codex_home())?;
        let auth = format!("{:#}", stage.backend.auth_json(demo::ACCOUNT)?);
        codex_durable_fs::write_private(&stage.codex_home().join("auth.json"), auth.as_bytes())?;
        let config = format!(
            "model = \"{}\"\nchatgpt_base_url = \"{}\"\n[fallback]\nbase_url = \"{}\"\n\
             [projects.\"{}\"]\ntrust_level = \"trusted\"\n",
            demo::MODEL,
            stage.backend.chatgpt_base_url(),
            stage.backend.platform_base_url(),
            stage.folder().display()
        );
        std::fs::write(stage.codex_home().join("config.toml"), config)?;
        Ok(stage)
    }

    fn folder(&self) -> PathBuf {
        self.root.join("coffee")
    }

    fn codex_home(&self) -> PathBuf {
        self.root.join(".codex")
    }

    fn open(&self, binary: &Path) -> Result<Terminal, Box<dyn Error>> {
        Play::new(binary, &self.root, &self.folder())
            .variable("CODEX_HOME", self.codex_home())
            .variable("TZ", time_zone(self.now))
            .size(80, 32)
            .start()
    }
}

/// Where it is now the time of [`WALL_CLOCK`]. POSIX counts westwards.
fn time_zone(now: i64) -> String {
    let west = (now - WALL_CLOCK).rem_euclid(86_400);
    let (sign, west) = if west > 43_200 { ("-", 86_400 - west) } else { ("", west) };
    format!("<here>{sign}{}:{:02}:{:02}", west / 3600, west / 60 % 60, west % 60)
}

fn script(now: i64) -> Script {
    let usage = |input, output| Usage { input, cached: input / 2, output, reasoning: 0 };
    let limit = Cut::Limit(LimitVariant::StreamFailedByCode);
    let mut script = Script::conversation([
        Reply::answer().message(&ANSWER).usage(usage(3_920, 58)).rate_limits(97.0, 61.0),
        Reply::answer().message(&TABLE).cut(At::Events(EVENTS_BEFORE_LIMIT), limit).rate_limits(99.0, 62.0),
        Reply::answer().message(&TABLE).usage(usage(4_180, 96)),
    ]);
    let window = |percent: u64, seconds: u64, reset_at: i64| json!({"used_percent": percent, "limit_window_seconds": seconds, "reset_after_seconds": reset_at - now, "reset_at": reset_at});
    // The plan's own answer would name a day of this week.
    let limits = json!({
        "plan_type": "plus",
        "rate_limit": {
            "allowed": false, "limit_reached": true,
            "primary_window": window(100, 18_000, now + SHORT_WINDOW),
            "secondary_window": window(62, 604_800, now + LONG_WINDOW),
        },
        "credits": {"has_credits": false, "unlimited": false, "balance": null},
        "additional_rate_limits": [],
    });
    for _ in 0..MOST_USAGE_REQUESTS {
        script = script.at(Door::Usage, Reply::status(200, limits.to_string()));
    }
    script
}
