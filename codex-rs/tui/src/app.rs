//! The whole state, and the one place where events find the part they are for. It routes; the parts know.

mod answers;
mod asked;
mod intents;
mod start;

use std::collections::VecDeque;
use std::time::Duration;

use codex_app_server_client::Notices;
use codex_app_server_protocol::{
    FallbackReadParams, FallbackSetModeParams, FallbackSetPayerParams, GitDiffParams, LoginAccountParams,
    McpServerStatusListParams, RemoveFallbackApiKeyParams, ServerNotification, TurnStatus,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Line;

use crate::account::Account;
use crate::app_event::{AppEvent, Keep, Message, Notice, NoticeKind, Reply};
use crate::attention::{Focus, Person};
use crate::composer::Composer;
use crate::conversation::Conversation;
use crate::dialogs::{Dialogs, key_box, logout};
use crate::effect::{Call, Effect};
use crate::facts::Facts;
use crate::now::Now;
use crate::pager::Pager;
use crate::picture::{Picture, Scene};
use crate::session::Session;
use crate::setup::Setup;
use crate::view;

/// What `/init` says to the agent.
const INIT_PROMPT: &str = include_str!("prompts/init.md");

/// How long a warning is held back: its other half comes with it or not at all.
const HELD_WARNING: Duration = Duration::from_millis(100);

/// The state.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) setup: Setup,
    pub(crate) session: Session,
    pub(crate) account: Account,
    pub(crate) conversation: Conversation,
    pub(crate) composer: Composer,
    pub(crate) dialogs: Dialogs,
    pub(crate) pager: Option<Pager>,
    pub(crate) help: Help,
    person: Person,
    start: start::Start,
    /// When the last key was pressed.
    typed: Option<Duration>,
    notices: Notices,
}

/// Whether the keys are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Help {
    Shown,
    Hidden,
}

/// What is to be written to the terminal now.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Goes above the live area, for good.
    pub(crate) finished: Vec<Line<'static>>,
    /// The live area, or the whole screen while the transcript is open.
    pub(crate) live: Picture,
}

/// What an event leads to.
#[derive(Debug, Default)]
struct Outcome {
    events: VecDeque<AppEvent>,
    effects: Vec<Effect>,
}

impl Outcome {
    fn call(&mut self, call: Call) {
        self.effects.push(Effect::Call(call));
    }

    fn say(&mut self, kind: NoticeKind, text: impl Into<String>) {
        self.events.push_back(AppEvent::Say(Notice { kind, text: text.into() }));
    }
}

impl App {
    /// The state before anything is known.
    pub(crate) fn new(setup: Setup) -> Self {
        let mut session = Session::default();
        session.folder.clone_from(&setup.folder);
        session.model = setup.model.clone().unwrap_or_default();
        session.queue.extend(setup.prompt.iter().map(Message::text));
        App {
            conversation: Conversation::new(setup.thoughts),
            setup,
            session,
            account: Account::default(),
            composer: Composer::default(),
            dialogs: Dialogs::default(),
            pager: None,
            help: Help::Hidden,
            person: Person::default(),
            start: start::Start::default(),
            typed: None,
            notices: Notices::default(),
        }
    }

    /// Takes in what happened; says what is to be done outside, in order.
    pub(crate) fn update(&mut self, event: AppEvent, now: Now) -> Vec<Effect> {
        let mut outcome = Outcome::default();
        outcome.events.push_back(event);
        while let Some(event) = outcome.events.pop_front() {
            self.step(event, now, &mut outcome);
        }
        outcome.effects
    }

    /// Lays out what changed. What is finished is given once.
    pub(crate) fn frame(&mut self, scene: &Scene) -> Frame {
        let (finished, live) = match &mut self.pager {
            Some(pager) => {
                pager.settle(&mut self.conversation, scene);
                (Vec::new(), view::screen(self))
            }
            None => {
                self.composer.settle(scene);
                let below = view::below(self, scene);
                let finished = self.conversation.settle(scene, view::room(scene, &below));
                (finished, view::live(self, scene, below))
            }
        };
        Frame { finished, live }
    }

    /// How long until something on the screen changes by itself.
    pub(crate) fn next_tick(&self, now: Now, scene: &Scene) -> Option<Duration> {
        let hint = self.composer.next_change(now);
        let clock = view::next_change(self, now, scene);
        let warning = self.notices.is_holding().then_some(HELD_WARNING);
        [hint, clock, warning].into_iter().flatten().min()
    }

    /// One line per event.
    fn step(&mut self, event: AppEvent, now: Now, outcome: &mut Outcome) {
        match event {
            AppEvent::Key(key) => self.key(key, now, outcome),
            AppEvent::Pasted(text) => self.paste(text, outcome),
            AppEvent::Focus(focus) => self.person.focus = focus,
            AppEvent::Tick => self.tick(now, outcome),
            AppEvent::Edited(Ok(text)) => self.composer.set_draft(text),
            AppEvent::Edited(Err(why)) => outcome.say(NoticeKind::Error, why),
            AppEvent::HistoryLoaded(messages) => self.composer.history_loaded(messages),

            AppEvent::Notification(notification) => self.sift(notification, now, outcome),
            AppEvent::Asked { id, request } => self.asked(id, request, now, outcome),
            AppEvent::Answered(answer) => self.answered(answer, now, outcome),
            AppEvent::MessageAnswered { id, answer } => self.message_answered(&id, answer, now, outcome),
            AppEvent::EngineGone => outcome.effects.push(Effect::Quit),

            AppEvent::Submit(message) => self.submit(message, now, outcome),
            AppEvent::Draft(message) => self.composer.give_back([message]),
            AppEvent::SubmitAnyway(message) => self.send(message, now, outcome),
            AppEvent::Queue(message) => self.queue(message, now, outcome),
            AppEvent::Interrupt => self.interrupt(outcome),
            AppEvent::AddFallbackApiKey { key } => self.add_fallback_api_key(key, outcome),
            AppEvent::OpenKeyBox => {
                self.dialogs.open(key_box::KeyBox::new(&self.setup.shown_folder(&self.setup.codex_home)))
            }
            AppEvent::RemoveFallbackApiKey => outcome.call(Call::RemoveKey(RemoveFallbackApiKeyParams {})),
            AppEvent::OpenFallbackPanel => self.open_fallback_panel(outcome),
            AppEvent::SetFallbackMode { mode, keep } => {
                let persist = keep == Keep::Written;
                outcome.call(Call::SetMode(FallbackSetModeParams { mode, persist }));
            }
            AppEvent::SetPayer(payer) => outcome.call(Call::SetPayer(FallbackSetPayerParams { payer })),
            AppEvent::AnswerFallback { id, turn, answer } => {
                self.account.allowed(turn, answer);
                outcome.effects.push(Effect::AnswerFallback(id, answer));
            }
            AppEvent::Reply { id, reply } => {
                if let Reply::Permissions(answer) = &reply {
                    self.session.grant(answer);
                }
                outcome.effects.push(Effect::Reply(id, reply));
            }
            AppEvent::OpenModelPicker => self.open_model_picker(outcome),
            AppEvent::SetModel { model, effort } => self.set_model(model, effort, outcome),
            AppEvent::OpenPermissions => self.open_permissions(),
            AppEvent::SetPermissions { preset, keep } => self.set_permissions(preset, keep, outcome),
            AppEvent::ShowDiff => {
                outcome.call(Call::GitDiff(GitDiffParams { cwd: self.session.folder.clone() }))
            }
            AppEvent::OpenBackground => self.open_background(outcome),
            AppEvent::StopCommand { process } => self.stop_command(process, outcome),
            AppEvent::StopBackground => self.stop_background(outcome),
            AppEvent::ShowMcp => {
                self.conversation.await_servers();
                self.list_servers(outcome);
            }
            AppEvent::ShowStatus => self.show_status(outcome),
            AppEvent::NewThread => self.new_thread(outcome),
            // Not remembered: it was not typed.
            AppEvent::Init => self.send(Message::text(INIT_PROMPT), now, outcome),
            AppEvent::Mention => self.composer.insert("@"),
            AppEvent::CopyAnswer => self.copy_answer(outcome),
            AppEvent::ClearScreen => outcome.effects.push(Effect::ClearScreen),
            AppEvent::OpenLogout => self.dialogs.open(logout::LogoutQuestion::default()),
            AppEvent::Logout(key) => self.logout(key, outcome),
            AppEvent::SignIn { key } => {
                outcome.call(Call::SignIn(LoginAccountParams::ApiKey { api_key: key }))
            }
            AppEvent::Trust(trust) => self.trust(trust, outcome),
            AppEvent::SearchFiles(query) => self.search_files(query, outcome),
            AppEvent::ToggleTranscript => {
                self.pager = if self.pager.is_none() { Some(Pager::default()) } else { None }
            }
            AppEvent::ToggleHelp => self.help = self.help.other(),
            AppEvent::OpenEditor => self.open_editor(outcome),
            AppEvent::LoadHistory => outcome.effects.push(Effect::LoadHistory),
            AppEvent::Remember(text) => outcome.effects.push(Effect::Remember(text)),
            AppEvent::Say(notice) => self.conversation.say(notice),
            AppEvent::CloseDialog => {
                self.dialogs.close(now);
                self.go_on(outcome);
            }
            AppEvent::Suspend => outcome.effects.push(Effect::Suspend),
            AppEvent::Quit => outcome.effects.push(Effect::Quit),
        }
    }

    fn tick(&mut self, now: Now, outcome: &mut Outcome) {
        self.composer.tick(now);
        if let Some(text) = self.notices.let_go() {
            outcome.say(NoticeKind::Warning, text);
        }
    }

    fn key(&mut self, key: KeyEvent, now: Now, outcome: &mut Outcome) {
        self.typed = Some(now.since_start);
        self.person.focus = Focus::Here;
        if let Some(global) = global(key) {
            outcome.events.push_back(global);
            return;
        }
        if let Some(pager) = &mut self.pager {
            outcome.events.extend(pager.key(key));
            return;
        }
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        let events = match self.dialogs.top_mut() {
            // Ctrl+C leaves whatever is open, as Esc does.
            Some(dialog) if is_control(key, 'c') => dialog.key(KeyEvent::from(KeyCode::Esc), facts, now),
            Some(dialog) => dialog.key(key, facts, now),
            None if self.help == Help::Shown => {
                self.help = Help::Hidden;
                let closes = matches!(key.code, KeyCode::Esc | KeyCode::Char('?'));
                if closes { Vec::new() } else { self.composer.key(key, facts, now) }
            }
            None => self.composer.key(key, facts, now),
        };
        outcome.events.extend(events);
    }

    fn paste(&mut self, text: String, outcome: &mut Outcome) {
        if self.pager.is_some() {
            return;
        }
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        let events = match self.dialogs.top_mut() {
            Some(dialog) => dialog.paste(text),
            None => self.composer.paste(text, facts),
        };
        outcome.events.extend(events);
    }

    /// A change of payer comes twice, as a warning and as an update; it is told once.
    fn sift(&mut self, notification: ServerNotification, now: Now, outcome: &mut Outcome) {
        if !self.session.concerns(&notification) {
            return;
        }
        let (held, tell) = self.notices.sift(&notification);
        if let Some(text) = held {
            outcome.say(NoticeKind::Warning, text);
        }
        self.session.notified(&notification, now);
        self.account.notified(&notification);
        self.person.notified(&notification);
        self.dialogs.notified(&notification, now);
        if tell == codex_app_server_client::Tell::Now {
            self.conversation.notified(&notification, now);
        }
        match notification {
            ServerNotification::TurnStarted(_) if self.session.stop_waits() => {
                outcome.events.push_back(AppEvent::Interrupt);
            }
            ServerNotification::TurnCompleted(completed) => {
                // What an interrupt or the agent itself has ended is told by the list only.
                if !self.session.background.is_empty() {
                    self.list_background(outcome);
                }
                let goes_on =
                    completed.turn.status == TurnStatus::Completed && !self.session.queue.is_empty();
                if !goes_on {
                    outcome.effects.extend(self.person.turn_ended(&completed.turn, self.setup.attention));
                }
                match completed.turn.status {
                    TurnStatus::Completed | TurnStatus::InProgress => self.next_message(now, outcome),
                    // Who stops the agent wants to see what else was to be said, not that it is said at once. What was to
                    // follow a turn that failed would fail as well, or be paid for without what it builds on.
                    TurnStatus::Interrupted | TurnStatus::Failed => {
                        self.composer.give_back(std::mem::take(&mut self.session.queue));
                    }
                }
            }
            // What the key has paid for grows with every request; nobody is told unasked.
            ServerNotification::ThreadTokenUsageUpdated(_) if self.account.key_pays() => {
                outcome.call(Call::ReadFallback(FallbackReadParams {}));
            }
            ServerNotification::McpServerStartupUpdated(_) if self.conversation.shows_servers() => {
                self.list_servers(outcome);
            }
            _ => {}
        }
    }

    fn list_servers(&self, outcome: &mut Outcome) {
        let thread_id = self.session.thread.clone();
        outcome.call(Call::ListMcpServers(McpServerStatusListParams { thread_id, server_name: None }));
    }

    /// Sends the first message that waits, unless a turn runs.
    fn next_message(&mut self, now: Now, outcome: &mut Outcome) {
        if self.session.is_busy() || self.session.thread.is_none() {
            return;
        }
        if let Some(message) = self.session.queue.pop_front() {
            self.send(message, now, outcome);
        }
    }

    fn send(&mut self, message: Message, now: Now, outcome: &mut Outcome) {
        match self.session.say(message, now) {
            Some((id, params)) => outcome.effects.push(Effect::Send { id, params }),
            // The thread may have been refused: what stood in its way may be mended by now.
            None => self.go_on(outcome),
        }
    }
}

impl Help {
    fn other(self) -> Help {
        match self {
            Help::Shown => Help::Hidden,
            Help::Hidden => Help::Shown,
        }
    }
}

impl Message {
    /// A message of words only.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Message { text: text.into(), images: Vec::new() }
    }
}

/// The keys that mean the same wherever one is.
fn global(key: KeyEvent) -> Option<AppEvent> {
    match key.code {
        _ if is_control(key, 't') => Some(AppEvent::ToggleTranscript),
        _ if is_control(key, 'z') => Some(AppEvent::Suspend),
        _ => None,
    }
}

fn is_control(key: KeyEvent, letter: char) -> bool {
    key.code == KeyCode::Char(letter) && key.modifiers == KeyModifiers::CONTROL
}

#[cfg(test)]
mod tests;
