//! States and scenes that the tests of several parts share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::field_reassign_with_default, reason = "some fields are private to their parts")]

use codex_app_server_protocol::{
    Account as SignedInAs, AccountReadResponse, FallbackKeyState, FallbackMode, FallbackStatus, PayerName,
    RateLimitWindow,
};
use codex_render::{Form, Look, wrap};
use jiff::tz::TimeZone;

use crate::account::Account;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::session::Session;
use crate::setup::Setup;

/// Wednesday 25 November 2026, 12:00 UTC.
pub(crate) const NOON: i64 = 1_795_608_000;
/// A key as it is typed. Nothing drawn may hold any of its inside.
pub(crate) const KEY: &str = "sk-proj-testkey-0123456789abcdefghijkld3m0";

/// Everything that [`Facts`] borrows.
pub(crate) struct World {
    pub(crate) account: Account,
    pub(crate) session: Session,
    pub(crate) setup: Setup,
}

impl World {
    /// A Plus plan with 94 % left, and no key.
    pub(crate) fn plus() -> World {
        let window = |used_percent, minutes, after| RateLimitWindow {
            used_percent,
            window_duration_mins: Some(minutes),
            resets_at: Some(NOON + after),
        };
        let mut account = Account::default();
        account.signed_in = Some(AccountReadResponse {
            account: Some(SignedInAs::Chatgpt {
                email: Some("ada@example.com".to_owned()),
                plan_type: "plus".into(),
                workspace_name: None,
            }),
            user_id: None,
            requires_openai_auth: true,
            fallback_key_stored: None,
        });
        account.fallback = Some(status());
        account.limits.primary = Some(window(6, 300, 8_400));
        account.limits.secondary = Some(window(41, 10_080, 3 * 86_400));
        let mut session = Session::default();
        session.model = "gpt-5.5".to_owned();
        session.effort = Some("high".to_owned());
        session.folder = "/home/ada/work/engine".to_owned();
        let setup =
            Setup { version: "0.1.0".to_owned(), home: Some("/home/ada".to_owned()), ..Setup::default() };
        World { account, session, setup }
    }

    /// The same with a key that is ready.
    pub(crate) fn with_key() -> World {
        let mut world = World::plus();
        let key = world.account.fallback.as_mut().unwrap();
        key.key_last4 = Some("d3m0".to_owned());
        key.key_state = FallbackKeyState::Ready;
        world
    }

    /// The same after the switch.
    pub(crate) fn switched() -> World {
        let mut world = World::with_key();
        let key = world.account.fallback.as_mut().unwrap();
        key.payer = PayerName::Key;
        key.payer_since = NOON - 600;
        key.resets_at = Some(NOON + 8_400);
        (key.tokens, key.tokens_since_switch) = (11_174, 11_174);
        (key.usd, key.usd_since_switch) = (Some(0.12), Some(0.12));
        world.account.limits.primary.as_mut().unwrap().used_percent = 100;
        world
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts { account: &self.account, session: &self.session, setup: &self.setup }
    }
}

fn status() -> FallbackStatus {
    FallbackStatus {
        mode: FallbackMode::Auto,
        payer: PayerName::Plan,
        payer_since: NOON - 3_600,
        key_last4: None,
        key_state: FallbackKeyState::None,
        resets_at: None,
        tokens: 0,
        usd: None,
        tokens_since_switch: 0,
        usd_since_switch: None,
    }
}

/// At noon, in full colour.
pub(crate) fn scene(width: u16, rows: u16) -> Scene {
    let now = Now { unix: NOON, ..Now::default() };
    Scene { width, rows, look: Look::FULL, now, zone: TimeZone::UTC }
}

/// The same in words only.
pub(crate) fn in_words(scene: Scene) -> Scene {
    Scene { look: Look { form: Form::Words, ..scene.look }, ..scene }
}

/// What is drawn, without styles. Fails where a line is too wide or the cursor stands outside.
pub(crate) fn drawn(picture: &Picture, scene: &Scene) -> String {
    for line in &picture.lines {
        assert!(wrap::line_width(line) <= usize::from(scene.width), "too wide: {line}");
    }
    if let Some(spot) = picture.cursor {
        assert!(spot.row < picture.rows() && spot.column < scene.width, "{spot:?}");
    }
    let lines: Vec<String> =
        picture.lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect();
    lines.join("\n")
}
