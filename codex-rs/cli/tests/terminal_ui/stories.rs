//! The story from the first prompt to `/quit`: by hand, by paste, by question, and with nobody signed in.

use codex_fake_backend::{At, Cut, LimitVariant, Payer, Reply, Script};

use crate::support::{ACCOUNT, KEY, LAST4, World, files, says};
use crate::terminal::Terminal;
use crate::{FREE, GATE, STORES, WRONG, command, ends_well, nothing_holds, open, open_gate, open_in};

/// An answer that the limit cuts off.
fn half_an_answer() -> Reply {
    let words = ["The plan ", "says ", "only ", "half", " of", " this."];
    Reply::answer().message(&words).cut(At::Events(6), Cut::Limit(LimitVariant::StreamErrorFrame))
}

/// Who paid for the requests that were served.
fn payers(world: &World) -> String {
    let name = |payer: &Payer| match payer {
        Payer::Plan(_) => 'p',
        Payer::Key(_) => 'k',
        Payer::Nobody => '-',
    };
    let requests = world.backend.verdict().requests;
    requests.iter().filter(|request| request.served).map(|request| name(&request.payer)).collect()
}

#[test]
fn the_whole_story_by_hand() {
    let world = World::new(Script::conversation([
        says("Hello from the plan."),
        says("Let me wait.").exec_command(GATE),
        half_an_answer(),
        says("The whole answer, by the key."),
    ]));
    let mut terminal = Terminal::open(&command(&world, &[FREE]), &[KEY]);
    terminal.wait_for("Do you trust this folder?");
    terminal.keys("1");
    terminal.wait_for("plan Plus pays");
    terminal.say("hello");
    terminal.wait_for("Hello from the plan.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("and now wait");
    terminal.wait_for("Let me wait.");
    // While the turn runs, letter by letter.
    terminal.keys("/add-api-key ");
    for place in 0..KEY.len() {
        terminal.keys(&KEY[place..=place]);
        terminal.wait_for(&format!("› /add-api-key {} plan", "•".repeat(place + 1)));
    }
    terminal.keys("\r");
    terminal.wait_for(&format!("The fallback API key …{LAST4} is stored. The API accepts it"));
    open_gate(&world);
    terminal.wait_for("The whole answer, by the key.");
    terminal.wait_gone("Esc interrupts");
    terminal.wait_for(&format!("key …{LAST4} pays · "));
    terminal.say("/fallback");
    terminal.wait_for(&format!("The key …{LAST4} pays, since "));
    terminal.keys("\x1b");
    terminal.wait_gone("Who pays: as the limit decides");
    terminal.say("/quit");
    ends_well(&mut terminal);
    let told = terminal.everything();
    assert_eq!(told.matches("now pays per token").count(), 1, "one notice: {told}");
    let story =
        ["Let me wait.", "ok · ", "is stored", "The plan says", "cut off here", "⇄", "The whole answer"];
    let places: Vec<_> = story.iter().map(|words| told.find(words)).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?} {told}");
    assert_eq!(payers(&world), "pppk", "half an answer was served too");
    let verdict = world.backend.verdict();
    assert!(verdict.is_clean(), "{verdict:#?}");
    assert_eq!(world.auth()["fallback_openai_api_key"], KEY);
    let kept = std::fs::read_to_string(world.file("history.jsonl")).unwrap();
    assert!(kept.contains("and now wait") && !kept.contains("add-api-key"), "{kept}");
    nothing_holds(&[KEY], &world, &terminal);
}

#[test]
fn the_same_by_paste_into_the_masked_box_after_a_key_that_is_refused() {
    let world = World::limited(
        Script::conversation([says("Hello from the plan."), says("The key answers.")]),
        1,
        LimitVariant::UsageLimitPremium,
    );
    let mut terminal = open(&world, &[FREE]);
    terminal.say("hello");
    terminal.wait_for("Hello from the plan.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/add-api-key");
    terminal.wait_for("Enter stores it · Esc leaves");
    terminal.wait_for("codex-home/auth.json. Used only when the plan runs out;");
    terminal.paste(WRONG);
    terminal.wait_for("••••••••");
    terminal.keys("\r");
    terminal.wait_for("✗");
    terminal.wait_gone("Enter stores it");
    assert_eq!(world.auth()["fallback_openai_api_key"], serde_json::Value::Null, "{terminal:?}");
    terminal.say("/add-api-key");
    terminal.wait_for("Enter stores it · Esc leaves");
    terminal.paste(&format!("{KEY}\r\n"));
    terminal.wait_for("••••••••");
    terminal.keys("\r");
    terminal.wait_for(&format!("The fallback API key …{LAST4} is stored."));
    terminal.say("go on");
    terminal.wait_for("The key answers.");
    terminal.wait_for(&format!("key …{LAST4} pays · "));
    terminal.wait_gone("Esc interrupts");
    terminal.say("/status");
    terminal.wait_for(&format!("…{LAST4}"));
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(payers(&world), "pk");
    assert!(world.backend.verdict().is_clean());
    nothing_holds(&[KEY, WRONG], &world, &terminal);
    for store in STORES {
        let text = std::fs::read_to_string(world.file(store)).unwrap();
        assert!(!text.contains(WRONG), "a key that was refused is not stored, in {store}");
    }
}

#[test]
fn asked_no_then_once_then_until_the_reset() {
    let (world, mut terminal) = asked();
    let ask = |terminal: &mut Terminal, message: &str, answer: &str| {
        terminal.say(message);
        terminal.wait_for(&format!("May the key …{LAST4} pay?"));
        answer_after_a_while(terminal, answer);
        terminal.wait_gone("May the key");
        terminal.wait_gone("Esc interrupts");
    };
    ask(&mut terminal, "one", "4");
    terminal.wait_for("✗ ");
    assert_eq!(payers(&world), "", "{terminal:?}");
    ask(&mut terminal, "two", "1");
    terminal.wait_for("First.");
    ask(&mut terminal, "three", "2");
    terminal.wait_for("Second.");
    terminal.wait_for(&format!("key …{LAST4} pays · "));
    terminal.say("four");
    terminal.wait_for("Third.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(payers(&world), "kkk");
    nothing_holds(&[KEY], &world, &terminal);
}

#[test]
fn asked_until_the_program_ends() {
    let (world, mut terminal) = asked();
    terminal.say("one");
    terminal.wait_for("Yes, until codex ends");
    let question = terminal.screen();
    assert!(question.contains("tokens to gpt-5.5, billed to the key."), "{question}");
    assert!(question.contains("The plan is free again"), "{question}");
    answer_after_a_while(&mut terminal, "3");
    terminal.wait_for("First.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("two");
    terminal.wait_for("Second.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(payers(&world), "kk");
    let config = std::fs::read_to_string(world.file("config.toml")).unwrap();
    assert!(!config.contains("mode ="), "never written: {config}");
    nothing_holds(&[KEY], &world, &terminal);
}

/// A plan that is used up, a key, and the order to ask.
fn asked() -> (World, Terminal) {
    let script = Script::conversation([says("First."), says("Second."), says("Third.")]);
    let world = World::limited(script, 0, LimitVariant::UsageLimitPremium);
    world.store_key();
    let terminal = open(&world, &["-c", "fallback.mode=ask"]);
    (world, terminal)
}

/// The question takes no key at first, as it may come while one types; it takes one as soon as one has paused.
fn answer_after_a_while(terminal: &mut Terminal, answer: &str) {
    terminal.pause();
    terminal.keys(answer);
}

#[test]
fn nobody_is_signed_in() {
    let world = World::new(Script::conversation([says("Hello from the platform.")]));
    std::fs::remove_file(world.file("auth.json")).unwrap();
    let platform = format!("openai_base_url = \"{}\"\n", world.backend.platform_base_url());
    let mut terminal = open_in(&world, &platform, &[], &[KEY, WRONG]);
    terminal.wait_for("Nobody is signed in.");
    terminal.keys_one_by_one("sk-pro");
    terminal.wait_for("› ••••••");
    terminal.keys(&KEY["sk-pro".len()..]);
    terminal.wait_for("••••••••••••••••");
    terminal.keys("\r");
    terminal.wait_for("API key pays");
    terminal.say("hello");
    terminal.wait_for("Hello from the platform.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(payers(&world), "k");
    assert_eq!(world.auth()["OPENAI_API_KEY"], KEY);
    nothing_holds(&[KEY], &world, &terminal);
}

#[test]
fn removed_and_signed_out_the_key_is_nowhere_at_all() {
    let world = World::new(Script::new());
    world.store_key();
    let mut terminal = open(&world, &[]);
    terminal.wait_for(&format!("key …{LAST4}"));
    terminal.say("/remove-api-key");
    terminal.wait_gone(&format!("key …{LAST4}"));
    terminal.say(&format!("/add-api-key {KEY}"));
    terminal.wait_for(&format!("The fallback API key …{LAST4} is stored."));
    terminal.say("/logout");
    terminal.wait_for("Sign out?");
    terminal.keys("2");
    terminal.wait_for("Nobody is signed in.");
    terminal.keys("\x1b");
    terminal.wait_for("Press Esc again to quit.");
    terminal.keys("\x1b");
    ends_well(&mut terminal);
    nothing_holds(&[KEY], &world, &terminal);
    for path in files(&world.codex_home()) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(KEY), "in {}", path.display());
    }
    assert!(!world.file("auth.json").exists() || world.auth()["tokens"].is_null(), "{ACCOUNT} is signed out");
}

#[test]
fn who_signs_out_can_sign_in_again() {
    let world = World::new(Script::conversation([says("Hello from the platform.")]));
    let platform = format!("openai_base_url = \"{}\"\n", world.backend.platform_base_url());
    let mut terminal = open_in(&world, &platform, &[], &[KEY]);
    terminal.wait_for("plan Plus pays");
    terminal.say("/logout");
    terminal.wait_for("Sign out?");
    terminal.keys("2");
    terminal.wait_for("Nobody is signed in.");
    terminal.paste(KEY);
    terminal.wait_for("••••••••••••••••");
    terminal.keys("\r");
    terminal.wait_for("API key pays");
    terminal.say("hello");
    terminal.wait_for("Hello from the platform.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/quit");
    ends_well(&mut terminal);
    assert_eq!(payers(&world), "k");
    nothing_holds(&[KEY], &world, &terminal);
}

/// It comes right behind the answer to `thread/start`, and nothing follows it.
#[test]
fn what_is_odd_about_the_instructions_is_told_before_the_first_message() {
    let world = World::new(Script::new());
    std::fs::create_dir(world.work().join("AGENTS.md")).unwrap();
    let mut terminal = open(&world, &[]);
    terminal.wait_for("it is not a regular");
    terminal.say("/quit");
    ends_well(&mut terminal);
}

/// The settings in a trusted project count in its folders too, so there is nothing to ask.
#[test]
fn a_folder_of_a_trusted_project_is_not_asked_about() {
    let world = World::new(Script::new());
    std::fs::create_dir_all(world.work().join(".git")).unwrap();
    std::fs::create_dir(world.work().join("part")).unwrap();
    let mut terminal = open_in(&world, "", &["-C", "part"], &[]);
    // In the head of a thread, which starts when nothing is asked any more.
    terminal.wait_for(concat!("codex ", env!("CARGO_PKG_VERSION")));
    terminal.say("/quit");
    ends_well(&mut terminal);
}
