//! The composer from outside: keys and pastes in, events and pictures out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_app_server_protocol::{FileMatch, FuzzyFileSearchResponse, FuzzyFileSearchResult};
use codex_render::{Colour, Form, Look, wrap};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::account::Account;
use crate::session::Session;
use crate::setup::Setup;

const KEY: &str = "sk-proj-abcdefghij0123456789";

/// A composer and what it stands in.
struct Desk {
    composer: Composer,
    account: Account,
    session: Session,
    setup: Setup,
    now: Now,
    width: u16,
    form: Form,
}

impl Desk {
    fn new() -> Self {
        let mut session = Session::default();
        session.folder = "/work".to_owned();
        Desk {
            composer: Composer::default(),
            account: Account::default(),
            session,
            setup: Setup::default(),
            now: Now::default(),
            width: 40,
            form: Form::Drawn,
        }
    }

    fn busy() -> Self {
        let mut desk = Desk::new();
        let turn = RunningTurn { id: None, since: Duration::ZERO, stopping: Stopping::NotAsked, retry: None };
        desk.session.turn = Some(turn);
        desk
    }

    fn key(&mut self, key: KeyEvent) -> Vec<AppEvent> {
        self.composer.settle(&self.scene());
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        self.composer.key(key, facts, self.now)
    }

    /// Keys by name, parted by blanks; `'text'` types. What they raise, as it is debugged.
    fn press(&mut self, keys: &str) -> Vec<String> {
        let mut events = Vec::new();
        for (place, part) in keys.split('\'').enumerate() {
            let keys: Vec<KeyEvent> = match place % 2 {
                0 => part.split_whitespace().map(key).collect(),
                _ => part.chars().map(|letter| KeyEvent::from(KeyCode::Char(letter))).collect(),
            };
            for key in keys {
                events.extend(self.key(key).iter().map(|event| format!("{event:?}")));
            }
        }
        events
    }

    fn paste(&mut self, text: &str) -> Vec<AppEvent> {
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        self.composer.paste(text.to_owned(), facts)
    }

    fn scene(&self) -> Scene {
        let look = Look { colour: Colour::None, form: self.form };
        Scene { width: self.width, rows: 24, look, now: self.now, zone: TimeZone::UTC }
    }

    fn picture(&self, room: usize) -> Picture {
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        let picture = self.composer.view(&self.scene(), facts, room);
        assert!(picture.lines.len() <= room);
        for line in &picture.lines {
            assert!(wrap::line_width(line) <= usize::from(self.width), "{line:?}");
        }
        if let Some(spot) = picture.cursor {
            assert!(spot.row < picture.lines.len() && spot.column < self.width, "{spot:?}");
        }
        picture
    }

    /// The screen; `▏` stands left of the cursor's column.
    fn screen(&self) -> String {
        let picture = self.picture(12);
        let cursor = picture.cursor.unwrap();
        let mut lines: Vec<String> = picture.lines.iter().map(ToString::to_string).collect();
        let line = &mut lines[cursor.row];
        let mut at = line.len();
        let mut column = 0;
        for (place, letter) in line.char_indices() {
            if column >= usize::from(cursor.column) {
                at = place;
                break;
            }
            column += wrap::width(&letter.to_string());
        }
        line.insert(at, '▏');
        lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    fn draft(&self) -> &str {
        self.composer.area.text()
    }
}

fn key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    for (prefix, modifier) in
        [("^", KeyModifiers::CONTROL), ("M-", KeyModifiers::ALT), ("S-", KeyModifiers::SHIFT)]
    {
        if let Some(after) = rest.strip_prefix(prefix).filter(|after| !after.is_empty()) {
            modifiers |= modifier;
            rest = after;
        }
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "back" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        letter => KeyCode::Char(letter.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

fn found(paths: &[&str]) -> Answer {
    let result = |path: &&str| FuzzyFileSearchResult {
        root: "/work".to_owned(),
        path: (*path).to_owned(),
        match_type: FileMatch::File,
        file_name: (*path).to_owned(),
        score: 1,
        indices: None,
    };
    Answer::SearchFiles(Ok(FuzzyFileSearchResponse { files: paths.iter().map(result).collect() }))
}

#[test]
fn readline_keys() {
    let table = [
        ("'one two' ^a 'x'", "xone two"),
        ("'one two' home ^f 'x' ^e 'y'", "oxne twoy"),
        ("'one two' ^b ^h 'x'", "one txo"),
        ("'one two' ^w ^y ^y", "one twotwo"),
        ("'one two' M-b M-b 'x'", "xone two"),
        ("'one two' ^left ^left ^right 'x'", "onex two"),
        ("'one two' ^a M-d", " two"),
        ("'one two' ^a M-f ^k", "one"),
        ("'one two' ^u", ""),
        ("'one two' M-back", "one "),
        ("'one two' left left ^d", "one to"),
        ("'one two' home delete", "ne two"),
        ("'one' ^7", ""),
        ("'one ' 'two' ^/", "one "),
        ("'one' S-enter 'two' M-enter 'x' ^j 'y'", "one\ntwo\nx\ny"),
        ("'one' ^j 'two' up 'x' down 'y'", "onex\ntwoy"),
        ("'a' ^M-@", "a@"),
    ];
    for (keys, expect) in table {
        let mut desk = Desk::new();
        desk.press(keys);
        assert_eq!(desk.draft(), expect, "{keys}");
    }
}

#[test]
fn keys_and_what_they_ask_for() {
    let message = |text: &str| format!("Message {{ text: {text:?}, images: [] }}");
    let submit = |text: &str| vec![format!("Submit({})", message(text))];
    let said = |text: &str| vec![format!("Remember({text:?})"), format!("Queue({})", message(text))];
    let one = |text: &str| vec![text.to_owned()];
    let idle = [
        ("enter", vec![]),
        ("'hello' enter", submit("hello")),
        ("'hello' tab", submit("hello")),
        ("' hello ' enter", submit("hello")),
        ("'!ls' enter", submit("!ls")),
        ("'/usr/bin is a path' enter", submit("/usr/bin is a path")),
        ("esc", vec![]),
        ("?", one("ToggleHelp")),
        ("'a?'", vec![]),
        ("^c", vec![]),
        ("^c ^c", one("Quit")),
        ("^c 'a' ^c", one("Remember(\"a\")")),
        ("'draft' ^c", one("Remember(\"draft\")")),
        ("^d", one("Quit")),
        ("'a' ^d", vec![]),
        (
            "^t ^g ^l ^o ^z",
            ["ToggleTranscript", "OpenEditor", "ClearScreen", "CopyAnswer", "Suspend"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ("'/status' enter", one("ShowStatus")),
        ("'/stat' enter", one("ShowStatus")),
        ("'/exit' enter", one("Quit")),
        ("'/add-api-key' enter", one("OpenKeyBox")),
        ("'/add-api-key other' enter", one("AddFallbackApiKey { key: Secret(****) }")),
    ];
    for (keys, expect) in idle {
        assert_eq!(Desk::new().press(keys), expect, "{keys}");
    }
    let busy = [
        ("esc", one("Interrupt")),
        ("'a' esc", one("Interrupt")),
        ("^c", one("Interrupt")),
        ("'later' tab", said("later")),
        ("'now' enter", submit("now")),
        ("'/status' enter", one("ShowStatus")),
    ];
    for (keys, expect) in busy {
        assert_eq!(Desk::busy().press(keys), expect, "{keys}");
    }
}

#[test]
fn a_command_that_cannot_run_now_stays() {
    let mut desk = Desk::busy();
    let events = desk.press("'/new' enter");
    assert!(events.len() == 1 && events[0].starts_with("Say("), "{events:?}");
    assert_eq!(desk.draft(), "/new");
    let mut desk = Desk::new();
    let events = desk.press("'/frobnicate' enter");
    assert!(events.len() == 1 && events[0].starts_with("Say("), "{events:?}");
    assert_eq!(desk.draft(), "/frobnicate");
}

#[test]
fn a_recalled_message_that_is_cleared_is_not_remembered_again() {
    let mut desk = Desk::new();
    desk.press("'said' ^c");
    assert_eq!(desk.press("up ^c"), ["LoadHistory"]);
    assert_eq!(desk.press("up ^c"), Vec::<String>::new());
    assert_eq!(desk.press("up '!' ^c"), ["Remember(\"said!\")"]);
}

#[test]
fn the_second_control_c_must_come_soon() {
    let mut desk = Desk::new();
    desk.press("^c");
    insta::assert_snapshot!(desk.screen(), @"
    › ▏Say what to do · / commands · ? keys
    Press Ctrl+C again to quit
    ");
    assert_eq!(desk.composer.next_change(desk.now), Some(QUIT_WAIT));
    desk.now.since_start += QUIT_WAIT;
    desk.composer.tick(desk.now);
    assert_eq!(desk.composer.next_change(desk.now), None);
    assert_eq!(desk.press("^c"), Vec::<String>::new());
    assert_eq!(desk.press("^c"), ["Quit"]);
}

#[test]
fn a_key_is_never_drawn_recalled_or_handed_out() {
    for prefix in ["", "my key is ", "/add-api-key ", " /add-api-key ", "/addapikey ", "/foo "] {
        let mut desk = Desk::new();
        for letter in format!("{prefix}{KEY}").chars() {
            desk.key(KeyEvent::from(KeyCode::Char(letter)));
            assert!(!desk.screen().contains("sk-"), "{}", desk.screen());
        }
        assert_eq!(desk.composer.draft(), None);
        assert_eq!(desk.press("^c"), Vec::<String>::new(), "{prefix}");
        assert_eq!(desk.press("up"), ["LoadHistory"]);
        desk.press("^y ^7 ^7 ^7");
        assert_eq!(desk.draft(), "", "{prefix}");
    }
    let mut desk = Desk::new();
    desk.paste(&format!("/add-api-key {KEY}"));
    insta::assert_snapshot!(desk.screen(), @r"
    › /add-api-key
      ••••••••••••••••••••••••••••▏
    ");
    assert_eq!(desk.press("enter"), ["AddFallbackApiKey { key: Secret(****) }"]);
    desk.press("up");
    assert_eq!(desk.draft(), "");
    // One that waits for the turn is asked about now.
    let mut desk = Desk::busy();
    desk.paste(&format!("what is {KEY}?"));
    assert!(desk.press("tab")[0].starts_with("Submit("));
}

#[test]
fn near_misses_stay_in_the_draft() {
    for draft in [format!(" /add-api-key {KEY}"), format!("/addapikey {KEY}"), KEY.to_owned()] {
        let mut desk = Desk::new();
        desk.paste(&draft);
        let events = desk.press("enter");
        assert!(events.len() == 1 && events[0].starts_with("Say("), "{events:?}");
        assert_eq!(desk.draft(), draft);
    }
}

#[test]
fn large_pastes_are_one_unit() {
    let mut desk = Desk::new();
    let large = "word ".repeat(400);
    desk.press("'see '");
    desk.paste(&large);
    desk.press("'!'");
    insta::assert_snapshot!(desk.screen(), @r"› see [Pasted 2,000 characters #1]!▏");
    assert_eq!(
        desk.press("enter"),
        [format!("Submit(Message {{ text: {:?}, images: [] }})", format!("see {large}!"))]
    );
    desk.paste(&large);
    desk.press("back");
    assert_eq!(desk.draft(), "");
    desk.width = 20;
    desk.paste(&large);
    insta::assert_snapshot!(desk.screen(), @r"
    › [Pasted 2,000 cha
      racters #2]▏
    ");
}

#[test]
fn what_is_too_large_is_refused_and_the_draft_kept() {
    let mut desk = Desk::new();
    desk.press("'kept'");
    desk.paste(&"a".repeat(MOST_CHARACTERS - 4));
    assert_eq!(desk.picture(12).rows(), 1);
    desk.press("^7");
    desk.paste(&"a".repeat(MOST_CHARACTERS - 3));
    insta::assert_snapshot!(desk.screen(), @r"
    › kept▏
    A message holds at most 1,048,576
    characters; put the text into a file.
    ");
    desk.paste(&"é".repeat(MOST_CHARACTERS - 4));
    assert_eq!(desk.draft().chars().count(), 5);
}

#[test]
fn screens_at_several_widths() {
    let mut screens = String::new();
    for (width, form) in [(80, Form::Drawn), (40, Form::Drawn), (20, Form::Drawn), (40, Form::Words)] {
        let mut desk = Desk { width, form, ..Desk::new() };
        screens += &desk.screen();
        desk.press("'Find out why the parser drops the last 世界 line of a file.' ^j 'Then mend it.' up");
        screens += &desk.screen();
        screens.push('\n');
    }
    insta::assert_snapshot!(screens, @"
    › ▏Say what is to be done · / commands · ? keys
    › Find out why ▏the parser drops the last 世界 line of a file.
      Then mend it.

    › ▏Say what to do · / commands · ? keys
    › Find out why the parser drops the
      last 世界 lin▏e of a file.
      Then mend it.

    › ▏? keys
    › Find out why the
      parser drops the
      last 世界 line of
      a file.▏
      Then mend it.

    > ▏Slash lists commands.
    > Find out why the parser drops the
      last 世界 lin▏e of a file.
      Then mend it.
    ");
}

#[test]
fn a_long_draft_scrolls_around_the_cursor() {
    let mut desk = Desk::new();
    for number in 0..9 {
        desk.paste(&format!("line {number}\n"));
    }
    let lines =
        |desk: &Desk| -> Vec<String> { desk.picture(3).lines.iter().map(|line| line.to_string()).collect() };
    assert_eq!(lines(&desk), ["  line 7", "  line 8", "  "]);
    desk.press("up up up up");
    assert_eq!(lines(&desk), ["  line 4", "  line 5", "  line 6"]);
    desk.press("up up up up up up up");
    assert_eq!(lines(&desk), ["› line 0", "  line 1", "  line 2"]);
}

#[test]
fn the_list_of_commands() {
    let mut desk = Desk::busy();
    desk.width = 80;
    desk.press("'/'");
    insta::assert_snapshot!(desk.screen(), @"
    › /▏
    › /model           choose the model and how long it thinks
      /add-api-key     store an API key that pays when the plan runs out
      /remove-api-key  delete the fallback API key
      /fallback        who pays, and what is left of the plan
      /permissions     what the agent may do, and when it asks
      /new             (after this turn) begin a new conversation
      /init            (after this turn) have an AGENTS.md written for this folder
    ↓ /copy            copy the last answer to the clipboard
    ");
    desk.press("'ne' ");
    insta::assert_snapshot!(desk.screen(), @r"
    › /ne▏
    › /new  (after this turn) begin a new conversation
    ");
    desk.press("esc");
    assert_eq!(desk.screen().lines().count(), 1);
    let mut desk = Desk::new();
    desk.press("'/add' tab");
    assert_eq!(desk.draft(), "/add-api-key ");
    let mut desk = Desk::new();
    desk.press("'/stat' tab");
    assert_eq!(desk.draft(), "/status");
    let mut desk = Desk { form: Form::Words, width: 20, ..Desk::new() };
    desk.press("'/' down up up");
    desk.screen();
    desk.press("enter");
    assert_eq!(desk.draft(), "");
}

#[test]
fn the_list_of_files() {
    let mut desk = Desk::new();
    assert_eq!(desk.press("'see @ma'"), ["SearchFiles(\"m\")", "SearchFiles(\"ma\")"]);
    desk.composer.answered(&found(&["map.rs", "mob.rs"]));
    insta::assert_snapshot!(desk.screen(), @r"
    › see @ma▏
    › map.rs
    ");
    desk.composer.answered(&found(&["src/main.rs", "my file a.rs"]));
    insta::assert_snapshot!(desk.screen(), @r"
    › see @ma▏
    › src/main.rs
      my file a.rs
    ");
    desk.press("down enter 'x'");
    assert_eq!(desk.draft(), "see \"my file a.rs\" x");
    // A stale answer without a match changes nothing, and Esc closes.
    let mut desk = Desk::new();
    desk.press("'@s'");
    desk.composer.answered(&found(&["src"]));
    desk.press("esc");
    assert_eq!(desk.screen().lines().count(), 1);
    desk.press("'q'");
    desk.composer.answered(&found(&["src"]));
    assert_eq!(desk.press("enter"), ["Submit(Message { text: \"@sq\", images: [] })"]);
}

#[test]
fn earlier_messages() {
    let mut desk = Desk::new();
    desk.composer.sent("own");
    desk.press("'draft'");
    assert_eq!(desk.press("up"), ["LoadHistory"]);
    assert_eq!(desk.draft(), "own");
    desk.composer.history_loaded(vec!["old".to_owned(), "two\nlines".to_owned(), "own".to_owned()]);
    desk.press("up");
    assert_eq!(desk.draft(), "two\nlines");
    desk.press("up");
    assert_eq!(desk.draft(), "old");
    desk.press("up");
    assert_eq!(desk.draft(), "old");
    desk.press("down down");
    assert_eq!(desk.draft(), "own");
    desk.press("down");
    assert_eq!(desk.draft(), "draft");
    // An earlier message that is changed takes the draft's place; the draft can still be recalled.
    desk.press("up '!' enter up up");
    assert_eq!(desk.draft(), "own");
    let mut desk = Desk::new();
    desk.press("up");
    desk.composer.history_loaded(vec!["old".to_owned()]);
    assert_eq!(desk.draft(), "old");
}

#[test]
fn searching_earlier_messages() {
    let mut desk = Desk::new();
    desk.press("'draft'");
    assert_eq!(desk.press("^r"), ["LoadHistory"]);
    desk.composer.history_loaded(vec![
        "mend the Parser".to_owned(),
        "test it".to_owned(),
        "mend it".to_owned(),
    ]);
    desk.press("'mend'");
    insta::assert_snapshot!(desk.screen(), @"
    › mend it▏
    earlier messages: mend
    ");
    desk.press("^r");
    assert_eq!(desk.draft(), "mend the Parser");
    desk.press("^r ^s");
    assert_eq!(desk.draft(), "mend it");
    desk.press("esc");
    assert_eq!(desk.draft(), "draft");
    desk.press("^r 'parser' enter");
    assert_eq!(desk.draft(), "mend the Parser");
    assert_eq!(desk.press("^r 'nowhere'"), Vec::<String>::new());
    insta::assert_snapshot!(desk.screen(), @"
    › mend it▏
    earlier messages: nowhere  nothing found
    ");
    desk.press("^c");
    assert_eq!(desk.draft(), "mend the Parser");
}

fn any_key() -> impl Strategy<Value = String> {
    let names = "enter tab esc up down left right home end back delete S-enter M-enter ^a ^b ^c ^d ^e ^f ^h ^k ^u ^w ^y ^7 ^r ^s ^j ^p ^n M-b M-f M-d ^left ^right M-back";
    prop_oneof![
        prop::sample::select(names.split(' ').map(str::to_owned).collect::<Vec<_>>()),
        prop::sample::select(vec!["'/'", "'@a'", "'sk-'", "' '", "'世'", "'a'", "'/add-api-key '"])
            .prop_map(str::to_owned),
        Just("paste key".to_owned()),
        Just("paste large".to_owned()),
        Just("loaded".to_owned()),
        "\\PC{1,3}".prop_map(|text| format!("'{}'", text.replace('\'', ""))),
    ]
}

proptest! {
    #[test]
    fn no_keys_break_it_or_show_a_key(keys in prop::collection::vec(any_key(), 0..40), width in 1..50u16, room in 0..8usize) {
        let mut desk = Desk { width, ..Desk::new() };
        for keys in keys {
            match keys.as_str() {
                "paste key" => {
                    desk.paste(KEY);
                }
                "paste large" => {
                    desk.paste(&"word ".repeat(300));
                }
                "loaded" => desk.composer.history_loaded(vec!["old".to_owned(), KEY.to_owned()]),
                keys => {
                    for event in desk.press(keys) {
                        prop_assert!(!event.starts_with("Remember") || !event.contains("sk-proj-abcdefghij"));
                    }
                }
            }
            let text: String = desk.picture(room).lines.iter().map(ToString::to_string).collect();
            prop_assert!(!text.contains("sk-proj-abcdefghij"), "{}", text);
        }
    }
}

#[test]
fn a_key_without_its_shape_is_not_sent() {
    let mut desk = Desk::new();
    desk.press("'mask'");
    desk.paste(KEY);
    assert_eq!(desk.press("enter"), Vec::<String>::new());
    insta::assert_snapshot!(desk.screen(), @r"
    › mask••••••••••••••••••••••••••••▏
    Not sent: the hidden part may be a key.
    Delete it, or type /add-api-key and the
    key.
    ");
    let mut desk = Desk::new();
    let events = desk.press("' /add-api-key other' enter");
    assert!(events.len() == 1 && events[0].contains("The right form is /add-api-key"), "{events:?}");
    let mut desk = Desk::busy();
    assert!(desk.press("'use sk-learn' tab")[1].starts_with("Queue("));
}

#[test]
fn nothing_of_a_draft_is_debugged() {
    let mut desk = Desk::new();
    desk.paste(&format!("/add-api-key {KEY}"));
    assert!(!format!("{:?}", desk.composer).contains("abcdefghij"));
}

/// A recalled message may be as long as a paste. Ten times the text may cost ten times the time, not a hundred times.
#[test]
fn a_long_draft_costs_what_it_is_long() {
    let time = |words: usize| {
        let mut desk = Desk { width: 80, ..Desk::new() };
        desk.composer.set_draft("word ".repeat(words));
        let began = std::time::Instant::now();
        desk.press("'a' left");
        desk.picture(8);
        began.elapsed()
    };
    let short = (0..5).map(|_| time(4_000)).min().unwrap();
    let long = time(40_000);
    assert!(long < short * 40, "{short:?}, then {long:?}");
}
