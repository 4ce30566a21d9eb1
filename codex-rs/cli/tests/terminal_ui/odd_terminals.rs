//! Narrow terminals, sizes that change, no colours, words only, keys in kitty's form, and a dumb one.

use std::time::Duration;

use codex_fake_backend::{LimitVariant, Reply, Script};

use crate::support::{KEY, LAST4, World, says};
use crate::terminal::Terminal;
use crate::{command, ends_well, nothing_holds, trusting};

const LONG: &str =
    "A sentence with 表意文字 and 👩‍👩‍👧 and a_very_long_word_that_fits_into_no_narrow_row_at_all here.";

fn switching() -> World {
    let world = World::limited(Script::conversation([says(LONG)]), 0, LimitVariant::UsageLimitPremium);
    world.store_key();
    trusting(&world, "");
    world
}

#[test]
fn twenty_columns_do() {
    let world = switching();
    let mut terminal = Terminal::sized(&command(&world, &[]), &[KEY], (20, 10));
    terminal.wait_for("pays");
    terminal.say("hello");
    terminal.wait_gone("Working");
    terminal.wait_for(&format!("key …{LAST4} pays"));
    let dialogs = [("/fallback", "Who pays"), ("/add-api-key", "Fallback API"), ("/model", "Model ──")];
    for (order, title) in dialogs {
        terminal.say(order);
        terminal.wait_for(title);
        fits(&terminal);
        terminal.keys("\x1b");
        terminal.wait_gone(title);
    }
    terminal.say("/status");
    terminal.wait_for("since the switch");
    fits(&terminal);
    terminal.resize(1, 1);
    terminal.pause();
    terminal.resize(40, 10);
    terminal.wait_for("pays");
    terminal.say("/quit");
    ends_well(&mut terminal);
    nothing_holds(&[KEY], &world, &terminal);
}

#[test]
fn a_terminal_that_does_not_tell_its_size_has_the_usual_one() {
    let world = World::new(Script::new());
    trusting(&world, "");
    let mut terminal = Terminal::sized(&command(&world, &[]), &[], (0, 0));
    terminal.wait("one row", |screen| {
        screen.contents().lines().any(|row| row.starts_with("plan Plus pays") && row.contains("~/work"))
    });
    terminal.say("/quit");
    ends_well(&mut terminal);
}

/// No row was longer than the terminal is wide.
#[track_caller]
fn fits(terminal: &Terminal) {
    let rows: Vec<bool> = terminal.look(|screen| (0..10).map(|row| screen.row_wrapped(row)).collect());
    assert_eq!(rows, [false; 10], "{terminal:?}");
}

#[test]
fn sizes_change_while_an_answer_comes() {
    let words: Vec<String> = (0..40).map(|number| format!("word{number} ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let world =
        World::new(Script::conversation([Reply::answer().message(&words).delay(Duration::from_millis(25))]));
    trusting(&world, "");
    let mut command = command(&world, &[]);
    // The emulator cuts rows, as xterm does.
    command.env("XTERM_VERSION", "XTerm(390)");
    let mut terminal = Terminal::open(&command, &[]);
    terminal.wait_for("pays");
    terminal.say("count");
    for (columns, rows, seen) in
        [(50, 24, "word5"), (33, 24, "word12"), (100, 30, "word20"), (70, 30, "word30")]
    {
        terminal.wait_for(seen);
        terminal.resize(columns, rows);
    }
    terminal.wait_for("word39");
    terminal.wait_gone("Esc interrupts");
    let screen = terminal.screen();
    for once in ["• word0 ", "word39", "Say what is to be done", "plan Plus"] {
        assert_eq!(screen.matches(once).count(), 1, "{once} {screen}");
    }
    terminal.say("/quit");
    ends_well(&mut terminal);
}

#[test]
fn without_colours() {
    let world = switching();
    let mut command = command(&world, &[]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::open(&command, &[KEY]);
    terminal.wait_for("pays");
    terminal.say("hello");
    terminal.wait_for(&format!("key …{LAST4} pays · "));
    terminal.wait_gone("Esc interrupts");
    terminal.say("/fallback");
    terminal.wait_for("Who pays: as the limit decides");
    terminal.keys("\x1b");
    terminal.wait_gone("Who pays: as the limit decides");
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(colours(&terminal.bytes()), [""; 0]);
}

#[test]
fn a_dumb_terminal_is_not_drawn_on() {
    let world = switching();
    let mut command = command(&world, &[]);
    command.env("TERM", "dumb");
    let mut terminal = Terminal::start(&command, &[KEY], (80, 24));
    assert_eq!(terminal.wait_for_shell(), 2);
    terminal.wait_for("error: the terminal UI needs a terminal that can move its cursor");
    assert!(!terminal.bytes().contains(&0x1b), "{terminal:?}");
}

/// The parameters of every command that sets a colour.
fn colours(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let commands = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    let is_colour = |code: &str| matches!(code.parse(), Ok(30..=48 | 90..=107));
    commands.filter(|codes| codes.split(';').any(is_colour)).collect()
}

#[test]
fn words_only() {
    let world = switching();
    let mut terminal = Terminal::open(&command(&world, &["--plain"]), &[KEY]);
    terminal.wait_for("pays");
    terminal.say("hello");
    terminal.wait_for(&format!("key …{LAST4} pays"));
    terminal.wait_gone("Esc interrupts");
    terminal.say("/add-api-key");
    terminal.wait_for("Enter stores it");
    terminal.paste(KEY);
    terminal.wait_for("Key typed, not shown.");
    terminal.keys("\r");
    terminal.wait_for("took the place of the old one");
    terminal.say("/fallback");
    terminal.wait_for("Who pays: as the limit decides");
    terminal.keys("\x1b");
    terminal.wait_gone("Who pays: as the limit decides");
    terminal.say("/quit");
    ends_well(&mut terminal);
    let told = terminal.everything();
    let drawn = |letter: &char| ('\u{2190}'..='\u{2bff}').contains(letter);
    assert_eq!(told.chars().filter(drawn).collect::<String>(), "", "{told}");
    nothing_holds(&[KEY], &world, &terminal);
}

#[test]
fn the_demo_can_be_had_in_words() {
    let world = World::new(Script::new());
    let mut terminal = Terminal::open(&world.command(&["demo", "--plain"]), &[]);
    terminal.wait_for("Slash lists commands");
    terminal.say("/fallback");
    terminal.wait_for("chosen: n");
    terminal.keys("\x1b");
    terminal.wait_gone("chosen: n");
    terminal.say("/quit");
    ends_well(&mut terminal);
    terminal.wait_for("Nothing was lost, repeated or leaked");
}

#[test]
fn the_demo_says_what_it_counts_as_lost() {
    let world = World::new(Script::new());
    let mut terminal = Terminal::open(&command(&world, &["demo"]), &[]);
    terminal.wait_for("plan Plus pays");
    terminal.say("hi");
    terminal.wait_for("There it");
    terminal.keys("\x1b");
    terminal.wait_for("You interrupted the turn.");
    terminal.say("go on");
    terminal.wait_for("you have.");
    terminal.wait_gone("Working");
    terminal.say("/quit");
    terminal.wait_for("lost: request");
    terminal.wait_for("What you interrupted, or left by quitting in the middle of a turn, counts as lost.");
}

#[test]
fn a_long_paste_without_brackets_arrives_whole_and_is_not_sent() {
    let world = World::new(Script::new());
    trusting(&world, "");
    let mut terminal = Terminal::open(&command(&world, &[]), &[]);
    terminal.wait_for("pays");
    // Terminals are read in pieces of 1,024 bytes.
    let words: String = (0..300).map(|number| format!("{number:9} ")).collect();
    terminal.keys(&format!("{words}END"));
    terminal.wait_for("299 END");
    terminal.keys("\x03");
    terminal.wait_gone("END");
    terminal.keys(&format!("{}END", words.replace("0 ", "0\r")));
    terminal.wait("the end, or a mark for it", |screen| {
        let contents = screen.contents();
        contents.contains("END") || contents.contains("characters #")
    });
    terminal.pause();
    assert_eq!(world.backend.model_requests().len(), 0, "{terminal:?}");
    terminal.keys("\x03");
    terminal.say("/quit");
    ends_well(&mut terminal);
}

#[test]
fn keys_in_kittys_form() {
    let world = World::new(Script::conversation([says("Hello.")]));
    trusting(&world, "");
    let mut terminal = Terminal::open(&command(&world, &[]), &[]);
    terminal.wait_for("pays");
    assert_eq!(terminal.count("\x1b[>1u"), 1);
    terminal.keys("hello");
    // Shift+Enter is a line, Enter sends, both also as key releases.
    terminal.keys("\x1b[13;2u\x1b[13;2:3u");
    terminal.keys("you");
    terminal.wait_for("› hello you");
    terminal.keys("\x1b[13u\x1b[13;1:3u");
    terminal.wait_for("Hello.");
    terminal.wait_gone("Esc interrupts");
    // Ctrl+C clears, twice quits.
    terminal.keys("draft");
    terminal.wait_for("› draft");
    terminal.keys("\x1b[99;5u");
    terminal.wait_gone("› draft");
    terminal.keys("\x1b[99;5u\x1b[99;5u");
    ends_well(&mut terminal);
    assert!(world.backend.model_requests()[0].user_texts().iter().any(|text| text == "hello\nyou"));
}
