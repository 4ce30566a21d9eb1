//! Owns one request and its answer: sent, its head judged, its stream read to the end or to its failure.

use std::time::Duration;

use bytes::Bytes;
use codex_login::Credential;
use codex_protocol::{HistoryItem, TokenUsage};
use futures_util::{FutureExt, Stream, StreamExt};
use http::header::CONTENT_TYPE;

use crate::answer::{Failure, FailureKind, Refusal};
use crate::client::Client;
use crate::events::{self, StreamEvent};
use crate::rate_limits::{self, Headers};
use crate::request::{ModelRequest, TURN_STATE};
use crate::sampling::{Outbox, SampleEvent};
use crate::sse::SseParser;
use crate::turn::{TurnContext, TurnState};

/// The most of a refusal's body that is read, in bytes.
const LONGEST_REFUSAL: usize = 64 * 1024;
/// Reads after the last event, so that the connection can be used again.
const READS_TO_THE_END: usize = 2;

/// What an exchange has let the caller see so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    /// Finished items: they stay.
    pub(crate) items: usize,
    /// Whether an item is shown in part.
    pub(crate) unfinished: bool,
}

/// A complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Complete {
    pub(crate) usage: TokenUsage,
    pub(crate) end_turn: Option<bool>,
}

/// Sends the request and tells what comes back as it comes.
pub(crate) async fn exchange(
    client: &Client,
    turn: &mut TurnContext,
    credential: &Credential,
    request: ModelRequest,
    shown: &mut Shown,
    outbox: &Outbox,
) -> Result<Complete, Failure> {
    let Client { http, settings, .. } = client;
    let ModelRequest { url, headers, body, model } = request;
    let unreachable =
        |cause: String| Failure::at_once(FailureKind::Unreachable { host: host_of(&url), cause });
    let sent = http.request(http::Method::POST, &url).map_err(|error| unreachable(error.to_string()))?;
    let answer = tokio::time::timeout(settings.answer_timeout, sent.headers(headers).body(body).send());
    let answer = match answer.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(unreachable(innermost(&error))),
        Err(_) => {
            return Err(Failure::at_once(FailureKind::Broken { cause: silence(settings.answer_timeout) }));
        }
    };
    let status = answer.status().as_u16();
    let headers = Headers::of_answer(answer.headers());
    for limits in rate_limits::snapshots(&headers) {
        client.note_limits(credential, &limits);
        outbox.emit(SampleEvent::RateLimits(limits)).await;
    }
    if status != 200 {
        let body = read_refusal(answer.bytes_stream(), settings.idle_timeout).await;
        let refusal = Refusal::of_answer(status, headers, &body);
        return Err(Failure::at_once(FailureKind::Refused(Box::new(refusal))));
    }
    let content_type = headers.text(CONTENT_TYPE.as_str()).unwrap_or("text/event-stream");
    if !content_type.to_ascii_lowercase().starts_with("text/event-stream") {
        let cause =
            format!("the service at {} sent `{content_type}` where an event stream belongs", host_of(&url));
        return Err(Failure::inside(FailureKind::Broken { cause }));
    }
    if let Some(value) = answer.headers().get(TURN_STATE) {
        turn.state = Some(TurnState { minter: credential.minter.clone(), url, value: value.clone() });
    }
    if let Some(served) = headers.text("openai-model").filter(|served| *served != model) {
        outbox.emit(SampleEvent::ServerModel(served.to_owned())).await;
    }
    read_stream(client, answer.bytes_stream(), credential, shown, outbox).await
}

async fn read_stream(
    client: &Client,
    mut body: impl Stream<Item = reqwest::Result<Bytes>> + Unpin,
    credential: &Credential,
    shown: &mut Shown,
    outbox: &Outbox,
) -> Result<Complete, Failure> {
    let patience = client.settings.idle_timeout;
    let broken = |cause: String| Failure::inside(FailureKind::Broken { cause });
    let mut parser = SseParser::default();
    let mut batch = Vec::new();
    loop {
        let chunk = match tokio::time::timeout(patience, body.next()).await {
            Ok(Some(Ok(chunk))) => Some(chunk),
            Ok(Some(Err(error))) => return Err(broken(innermost(&error))),
            Ok(None) => None,
            Err(_) => return Err(broken(silence(patience))),
        };
        let take = |data: &[u8]| batch.extend(events::read(data));
        let fed = match &chunk {
            Some(chunk) => parser.feed(chunk, take),
            None => parser.finish(take),
        };
        fed.map_err(|_| broken("one event of the answer is larger than 16 MiB".to_owned()))?;
        for event in batch.drain(..) {
            match event {
                StreamEvent::Unfinished(event) => {
                    shown.unfinished = true;
                    outbox.emit(event).await;
                }
                StreamEvent::ItemDone(item) => {
                    shown.items += 1;
                    shown.unfinished = false;
                    let item = HistoryItem::minted(item, credential.minter.clone());
                    outbox.emit(SampleEvent::ItemDone(item)).await;
                }
                StreamEvent::RateLimits(limits) => {
                    client.note_limits(credential, &limits);
                    outbox.emit(SampleEvent::RateLimits(limits)).await;
                }
                StreamEvent::Completed { usage, end_turn } => {
                    drain(body);
                    return Ok(Complete { usage, end_turn });
                }
                StreamEvent::Failed { refusal, usage } => {
                    return Err(Failure { usage, ..Failure::inside(FailureKind::Refused(refusal)) });
                }
                StreamEvent::Incomplete { reason, usage } => {
                    return Err(Failure { usage, ..Failure::inside(FailureKind::Incomplete { reason }) });
                }
            }
        }
        if chunk.is_none() {
            return Err(broken("the stream ended before the answer was complete".to_owned()));
        }
    }
}

/// The body of a refusal, as far as it can be had: a broken one must not hide the status.
async fn read_refusal(
    mut body: impl Stream<Item = reqwest::Result<Bytes>> + Unpin,
    patience: Duration,
) -> Vec<u8> {
    let mut text = Vec::new();
    while text.len() < LONGEST_REFUSAL {
        match tokio::time::timeout(patience, body.next()).await {
            Ok(Some(Ok(chunk))) => {
                let room = LONGEST_REFUSAL - text.len();
                text.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            }
            Ok(Some(Err(_)) | None) | Err(_) => break,
        }
    }
    text
}

/// Takes what is already there behind the last event; waits for nothing.
fn drain(mut body: impl Stream<Item = reqwest::Result<Bytes>> + Unpin) {
    for _ in 0..READS_TO_THE_END {
        if !matches!(body.next().now_or_never(), Some(Some(Ok(_)))) {
            break;
        }
    }
}

/// Host and port, without anything else that an address may hold.
fn host_of(url: &str) -> String {
    let Ok(url) = reqwest::Url::parse(url) else { return "the service".to_owned() };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "the service".to_owned(),
    }
}

/// The first cause: it names what went wrong and, unlike the outer ones, no address.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    codex_redact::redact(&cause.to_string()).into_owned()
}

fn silence(patience: Duration) -> String {
    format!("nothing came for {} seconds", patience.as_secs_f64())
}
