//! Owns the shape of a request: URL, headers and body for one payer (wire-facts §3.1 to §3.3).

use std::borrow::Cow;

use codex_fallback::Tried;
use codex_login::{Credential, CredentialKind};
use codex_protocol::{CodexErr, ResponseItem};
use codex_redact::Secret;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::filter::{Unknown, for_payer};
use crate::prompt::Prompt;
use crate::settings::ClientSettings;
use crate::turn::{ThreadIdentity, TurnContext};

/// What the official program uses for its requests' bodies.
const ZSTD_LEVEL: i32 = 3;
/// The header that ties a turn's requests to one backend.
pub(crate) const TURN_STATE: HeaderName = HeaderName::from_static("x-codex-turn-state");

/// A request, ready to be sent.
#[derive(Debug)]
pub(crate) struct ModelRequest {
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The model it asks for.
    pub(crate) model: String,
}

/// Builds the request anew for this credential: nothing of an earlier one's is carried over.
pub(crate) fn build(
    client: &Client,
    turn: &TurnContext,
    prompt: &Prompt,
    credential: &Credential,
    base: &str,
    tried: Tried,
) -> Result<ModelRequest, CodexErr> {
    let settings = &client.settings;
    let url = format!("{base}/responses");
    let unknown = match &credential.kind {
        CredentialKind::Key { .. } => Unknown::Foreign,
        CredentialKind::Plan { .. } | CredentialKind::ApiKey { .. } if tried.without_foreign => {
            Unknown::Foreign
        }
        CredentialKind::Plan { .. } | CredentialKind::ApiKey { .. } => Unknown::Own,
    };
    let mut input = for_payer(&prompt.history, &credential.minter, unknown)?;
    if !prompt.instructions.is_empty() {
        input.insert(0, Cow::Owned(ResponseItem::message("developer", prompt.instructions.as_ref())));
    }
    let substitute = client.auth.substitute_model().filter(|_| tried.substitute);
    let model = substitute.unwrap_or_else(|| prompt.model.clone());
    let identity = &turn.thread.identity;
    let body = Body {
        model: &model,
        stream: true,
        store: false,
        tool_choice: "auto",
        parallel_tool_calls: true,
        include: ["reasoning.encrypted_content"],
        reasoning: Reasoning::of(prompt, tried),
        text: Text::of(prompt),
        service_tier: match &credential.kind {
            CredentialKind::Key { .. } => settings.fallback_service_tier.as_deref(),
            CredentialKind::Plan { .. } | CredentialKind::ApiKey { .. } => prompt.service_tier.as_deref(),
        },
        max_output_tokens: turn.longest_answer,
        prompt_cache_key: identity.thread_id.as_str(),
        client_metadata: client_metadata(turn),
        tools: &prompt.tools,
        input,
    };
    let body = serde_json::to_vec(&body).map_err(|error| {
        CodexErr::Internal(format!("The request to the model could not be written: {error}."))
    })?;
    let mut headers = headers(settings, turn, credential, &model)?;
    if let Some(state) = &turn.state
        && state.minter == credential.minter
        && state.url == url
    {
        headers.insert(TURN_STATE, state.value.clone());
    }
    let body = match &credential.kind {
        CredentialKind::Plan { .. } => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("zstd"));
            zstd::bulk::compress(&body, ZSTD_LEVEL).map_err(|error| {
                CodexErr::Internal(format!("The request to the model could not be compressed: {error}."))
            })?
        }
        CredentialKind::Key { .. } | CredentialKind::ApiKey { .. } => body,
    };
    Ok(ModelRequest { url, headers, body, model })
}

/// The headers that say who asks and who pays; the start of every request to either service.
pub(crate) fn identity_headers(
    settings: &ClientSettings,
    identity: &ThreadIdentity,
    credential: &Credential,
) -> Result<HeaderMap, CodexErr> {
    let mut headers = HeaderMap::with_capacity(24);
    headers.insert(AUTHORIZATION, authorization(credential.bearer())?);
    match &credential.kind {
        CredentialKind::Plan { account_id, fedramp, .. } => {
            if let Some(account) = account_id {
                put(&mut headers, "chatgpt-account-id", account)?;
            }
            if *fedramp {
                headers.insert("x-openai-fedramp", HeaderValue::from_static("true"));
            }
        }
        CredentialKind::Key { .. } | CredentialKind::ApiKey { .. } => {
            if let Some(organization) = &settings.openai_organization {
                put(&mut headers, "openai-organization", organization)?;
            }
            if let Some(project) = &settings.openai_project {
                put(&mut headers, "openai-project", project)?;
            }
        }
    }
    put(&mut headers, "originator", &identity.originator)?;
    put(&mut headers, USER_AGENT.as_str(), &identity.user_agent)?;
    put(&mut headers, "version", &settings.version)?;
    Ok(headers)
}

fn headers(
    settings: &ClientSettings,
    turn: &TurnContext,
    credential: &Credential,
    model: &str,
) -> Result<HeaderMap, CodexErr> {
    let identity = &turn.thread.identity;
    let thread = identity.thread_id.as_str();
    let mut headers = identity_headers(settings, identity, credential)?;
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    put(&mut headers, "session-id", &identity.session_id)?;
    put(&mut headers, "thread-id", thread)?;
    put(&mut headers, "x-client-request-id", thread)?;
    put(&mut headers, "x-codex-window-id", &window_id(identity))?;
    let metadata = json!({
        "session_id": identity.session_id,
        "thread_id": thread,
        "turn_id": turn.turn_id.as_str(),
        "request_kind": "turn",
    });
    put(&mut headers, "x-codex-turn-metadata", &metadata.to_string())?;
    match &credential.kind {
        CredentialKind::Plan { .. } => put(&mut headers, "x-codex-routing-hint", &format!("model={model}"))?,
        CredentialKind::Key { .. } | CredentialKind::ApiKey { .. } => {}
    }
    Ok(headers)
}

/// The one place of this crate where a credential leaves its wrapping.
fn authorization(bearer: &Secret) -> Result<HeaderValue, CodexErr> {
    let mut value =
        HeaderValue::try_from(format!("Bearer {}", bearer.expose())).map_err(|_| CodexErr::Unauthorized {
            message:
                "The stored credential holds characters that cannot be sent; sign in or add the key again."
                    .to_owned(),
        })?;
    value.set_sensitive(true);
    Ok(value)
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), CodexErr> {
    let value = HeaderValue::try_from(value).map_err(|_| {
        CodexErr::Internal(format!(
            "The request header `{name}` would hold characters that cannot be sent; change the setting it comes from."
        ))
    })?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// `<thread>:<n>`; one window per thread until histories are compacted.
fn window_id(identity: &ThreadIdentity) -> String {
    format!("{}:0", identity.thread_id)
}

fn client_metadata(turn: &TurnContext) -> Value {
    let identity = &turn.thread.identity;
    json!({
        "x-codex-installation-id": identity.installation_id,
        "x-codex-window-id": window_id(identity),
        "session_id": identity.session_id,
        "thread_id": identity.thread_id.as_str(),
        "turn_id": turn.turn_id.as_str(),
    })
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    store: bool,
    tool_choice: &'a str,
    parallel_tool_calls: bool,
    include: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    prompt_cache_key: &'a str,
    client_metadata: Value,
    tools: &'a [Value],
    input: Vec<Cow<'a, ResponseItem>>,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Value>,
}

impl<'a> Reasoning<'a> {
    fn of(prompt: &'a Prompt, tried: Tried) -> Option<Self> {
        let effort = prompt.effort.as_deref();
        let summary = prompt.summary.as_deref().filter(|_| !tried.without_summaries);
        (effort.is_some() || summary.is_some()).then_some(Reasoning { effort, summary })
    }
}

impl<'a> Text<'a> {
    fn of(prompt: &'a Prompt) -> Option<Self> {
        let verbosity = prompt.verbosity.as_deref();
        let format = prompt.output_schema.as_ref().map(|schema| {
            json!({"type": "json_schema", "strict": true, "name": "codex_output_schema", "schema": schema.as_ref()})
        });
        (verbosity.is_some() || format.is_some()).then_some(Text { verbosity, format })
    }
}
