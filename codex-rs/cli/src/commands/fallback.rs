//! `codex fallback`: what is stored, whether it works, and away with it.

use std::process::ExitCode;
use std::sync::Arc;

use codex_fallback::{Force, KeyState, Mode, ReturnPolicy, WhyNot};
use codex_login::{AuthManager, Checked, CodexAuth, FallbackState, Removed, Tested, fallback_key};
use codex_model_client::{Prompt, SampleEvent, ThreadContext, ThreadIdentity, TurnContext};
use codex_protocol::{CodexErr, HistoryItem, ResponseItem, ThreadId, TokenUsage, TurnId};

use super::login::verdict;
use super::{account_front_end, runtime, say};
use crate::arguments::{FallbackArguments, FallbackCommand, Globals};
use crate::engine;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};

/// Output tokens of the paid test at the most.
const PAID_TEST_TOKENS: u32 = 16;

pub(super) fn run(
    arguments: &FallbackArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let settings = Settings::load(globals, environment, Request::plain(Project::Ignored))?;
    settings.tell_warnings();
    let auth = engine::auth(environment, &settings.config, &account_front_end(environment))?;
    match arguments.command {
        FallbackCommand::Status { json: true } => status_as_json(&auth),
        FallbackCommand::Status { json: false } => Ok(status(&auth)),
        FallbackCommand::Remove => remove(&auth),
        FallbackCommand::Test { paid } => test(&auth, &settings, environment, paid),
    }
}

fn status_as_json(auth: &AuthManager) -> Result<ExitCode, CommandError> {
    let status = codex_app_server::fallback_status(auth.status());
    let json = serde_json::to_string(&status)
        .map_err(|error| CommandError::failed(format!("the state could not be written as JSON: {error}")))?;
    say(&json);
    Ok(ExitCode::SUCCESS)
}

fn status(auth: &AuthManager) -> ExitCode {
    let state = auth.status();
    let who = match auth.auth() {
        None => "nobody".to_owned(),
        Some(CodexAuth::ApiKey) => "an API key, which pays for everything".to_owned(),
        Some(CodexAuth::ChatGpt(chatgpt)) => {
            let email = chatgpt.email.map(|email| format!(", {email}")).unwrap_or_default();
            format!("ChatGPT {}{email}", chatgpt.plan_type.as_str())
        }
    };
    say(&format!("Signed in      {who}"));
    say(&format!("Fallback key   {}", key_words(&state)));
    say(&format!("At the limit   {}", mode_words(&state)));
    say(&format!("Back to plan   {}", return_words(state.return_policy)));
    say(&format!("Key is sent to {}", auth.endpoints().key_base().unwrap_or("nobody")));
    if let Some(block) = state.blocked {
        say(&format!("Blocked        {}", WhyNot::Blocked(block)));
    }
    ExitCode::SUCCESS
}

fn key_words(state: &FallbackState) -> String {
    let Some(last4) = &state.key_last4 else {
        return "none; `codex login --with-fallback-api-key` adds one".to_owned();
    };
    match state.key_state {
        KeyState::None => "none".to_owned(),
        KeyState::Ready | KeyState::Unchecked => {
            format!("…{last4}; `codex fallback test` asks the API about it")
        }
        KeyState::Refused => format!("…{last4}, refused by the API"),
        KeyState::OutOfCredit => format!("…{last4}, out of credit"),
    }
}

fn mode_words(state: &FallbackState) -> &'static str {
    match (state.mode, state.key_last4.is_some()) {
        (_, false) => "the turn stops with the limit's error",
        (Mode::Auto, true) => "the key takes over (mode = \"auto\")",
        (Mode::Ask, true) => "you are asked first (mode = \"ask\"); `codex exec` cannot ask and stops",
        (Mode::Off, true) => "the turn stops (mode = \"off\")",
    }
}

fn return_words(policy: ReturnPolicy) -> &'static str {
    match policy {
        ReturnPolicy::Session => "when the process that switched ends",
        ReturnPolicy::Reset => "when the limit resets",
    }
}

fn remove(auth: &AuthManager) -> Result<ExitCode, CommandError> {
    match runtime()?.block_on(fallback_key::remove(auth))? {
        Some(Removed { last4, change: _ }) => say(&format!("Removed the fallback API key (…{last4}).")),
        None => say("No fallback API key is stored."),
    }
    Ok(ExitCode::SUCCESS)
}

fn test(
    auth: &Arc<AuthManager>,
    settings: &Settings,
    environment: &Environment,
    paid: bool,
) -> Result<ExitCode, CommandError> {
    let config = &settings.config;
    let model =
        config.fallback.model.as_deref().or(config.model.as_deref()).unwrap_or(codex_core::DEFAULT_MODEL);
    let runtime = runtime()?;
    let check = match runtime.block_on(fallback_key::test(auth, Some(model)))? {
        Tested::Accepted(check) => check,
        Tested::Refused => {
            return Err(CommandError::failed("the API refuses the stored fallback key")
                .hint("codex login --with-fallback-api-key < key.txt"));
        }
    };
    let verdict = verdict(&check, Some(model));
    match (check, paid) {
        // What was asked is not known, and a script must not take that for a yes.
        (Checked::Unchecked { .. }, false) => {
            return Err(CommandError::failed(verdict)
                .hint("codex fallback test --paid     (sends one small request, which the key pays)"));
        }
        (Checked::Unchecked { .. }, true) | (Checked::Works { .. }, _) => say(&verdict),
    }
    if paid {
        say(&format!(
            "Sending one request of at most {PAID_TEST_TOKENS} output tokens to {model}, which the key pays."
        ));
        let usage = runtime.block_on(paid_request(auth, settings, environment, model))?;
        say(&match usage {
            Some(usage) => format!(
                "It worked: {} input and {} output tokens were billed to the key.",
                usage.input_tokens, usage.output_tokens
            ),
            None => "It worked: the answer came and was cut off at the limit, as asked.".to_owned(),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// One small request through the same function as every other, the key forced by the person's own command.
async fn paid_request(
    auth: &Arc<AuthManager>,
    settings: &Settings,
    environment: &Environment,
    model: &str,
) -> Result<Option<TokenUsage>, CommandError> {
    if let Some(block) = auth.status().blocked {
        return Err(CommandError::failed(WhyNot::Blocked(block).to_string()));
    }
    auth.force(Force::Key);
    let client = engine::model_client(environment, &settings.config, auth, None);
    let thread_id = ThreadId::generate();
    let originator = environment.originator("codex_cli_rs");
    let thread = ThreadContext::new(ThreadIdentity {
        session_id: thread_id.to_string(),
        thread_id,
        installation_id: engine::installation_id(&environment.codex_home),
        user_agent: engine::user_agent(environment, &originator),
        originator,
    });
    let mut turn = TurnContext::new(thread, TurnId::generate()).with_longest_answer(PAID_TEST_TOKENS);
    let mut sampling = client.sample(&mut turn, small_prompt(model));
    loop {
        match sampling.next().await {
            Ok(Some(SampleEvent::Completed { usage, .. })) => return Ok(Some(usage)),
            Ok(Some(_)) => {}
            // A model that thinks first runs into the cap; that it answered at all is what was asked.
            Ok(None) | Err(CodexErr::Incomplete { .. }) => return Ok(None),
            Err(error) => return Err(CommandError::failed(error.to_string())),
        }
    }
}

fn small_prompt(model: &str) -> Prompt {
    let question = ResponseItem::message("user", "Answer with the one word: ok");
    Prompt {
        model: model.to_owned(),
        instructions: "".into(),
        history: vec![HistoryItem::ours(question)],
        tools: Vec::new().into(),
        effort: None,
        summary: None,
        verbosity: None,
        service_tier: None,
        output_schema: None,
        context_tokens_estimate: None,
    }
}
