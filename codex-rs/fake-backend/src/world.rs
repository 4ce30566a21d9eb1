//! Owns the state of a backend and the one function every request passes: recognise, judge, answer, record.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::Value;

use crate::account::{Account, PlatformKey};
use crate::backend::Routing;
use crate::connection::ConnectionLog;
use crate::emit::Emission;
use crate::findings;
use crate::record::{Payer, Recorded};
use crate::reply::{Kind, Pace, Reply};
use crate::script::{Door, Limit, Script, Served};
use crate::strict::{Minted, Refusal};
use crate::tokens::TokenBook;
use crate::variant::Transport;

/// Bodies beyond this are refused, compressed or not.
pub(crate) const BODY_CAP: usize = 64 * 1024 * 1024;

/// Everything the backend knows, behind one lock.
pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
    pub(crate) keys: Vec<PlatformKey>,
    pub(crate) tokens: TokenBook,
    pub(crate) script: Script,
    pub(crate) limits: Vec<Limit>,
    pub(crate) served: HashMap<String, Served>,
    /// Per account: percent used of the shorter and the longer window, as the last answer said.
    pub(crate) used: HashMap<String, (u32, u32)>,
    pub(crate) minted: Minted,
    /// Issued `x-codex-turn-state` → the turn of the request it was issued to.
    pub(crate) turn_states: HashMap<String, Option<String>>,
    pub(crate) record: Vec<Recorded>,
    pub(crate) now: i64,
    pub(crate) answers: u64,
    pub(crate) routing: Routing,
    pub(crate) service_tier_allowed: bool,
    pub(crate) url: String,
    pub(crate) tls_url: String,
}

/// A request as it was read.
pub(crate) struct Incoming {
    pub(crate) connection: u64,
    pub(crate) tls: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// `None` when it is larger than `BODY_CAP`.
    pub(crate) body: Option<Bytes>,
    pub(crate) log: Arc<ConnectionLog>,
    pub(crate) place: usize,
}

/// What goes out.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Outgoing,
}

pub(crate) enum Outgoing {
    Body(Emission),
    Raw(Bytes),
    Hang,
}

impl World {
    /// Judges one request, records it and says what to answer.
    pub(crate) fn answer(&mut self, incoming: Incoming) -> Answered {
        let (mut recorded, decoded) = self.recognise(incoming);
        recorded.findings = findings::of_request(self, &recorded);
        let outcome = match decoded {
            Err(refusal) => Err(refusal),
            Ok(()) => self.knock(&mut recorded),
        };
        let answered = outcome.unwrap_or_else(|refusal| {
            recorded.refusal = Some(refusal.reason.clone());
            Answered::json(refusal.status, refusal.body)
        });
        recorded.status = answered.status;
        self.record.push(recorded);
        answered
    }

    /// The answer of a reply that is not a streamed one.
    pub(crate) fn plain(&self, recorded: &mut Recorded, reply: &Reply) -> Answered {
        recorded.scripted = true;
        let mut answered = match &reply.kind {
            Kind::Answer(_) => Answered::json(200, String::new()),
            Kind::Status { status, body } => {
                recorded.refusal = Some(format!("scripted: status {status}"));
                Answered {
                    status: *status,
                    headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                    body: Outgoing::Body(Emission::whole(body.clone(), reply.pace)),
                }
            }
            Kind::Raw(bytes) => {
                recorded.refusal = Some("scripted: raw bytes".to_owned());
                Answered { status: 0, headers: Vec::new(), body: Outgoing::Raw(bytes.clone()) }
            }
            Kind::Hang => {
                recorded.refusal = Some("scripted: hang".to_owned());
                Answered { status: 0, headers: Vec::new(), body: Outgoing::Hang }
            }
            Kind::Variant(variant) => {
                let model = recorded.body["model"].as_str().unwrap_or("gpt-5.5").to_owned();
                self.failure(recorded, *variant, self.now, &model)
            }
        };
        answered.set_headers(&reply.headers);
        answered
    }

    /// A documented failure as an answer of its own.
    pub(crate) fn failure(
        &self,
        recorded: &mut Recorded,
        variant: crate::variant::LimitVariant,
        struck_at: i64,
        model: &str,
    ) -> Answered {
        recorded.scripted = true;
        recorded.refusal = Some(format!("scripted: {}", variant.name()));
        let shape = variant.shape(self.now, struck_at, model);
        match shape.transport {
            Transport::Http(status) => Answered {
                status,
                headers: shape.headers,
                body: Outgoing::Body(Emission::whole(Bytes::from(shape.body), Pace::default())),
            },
            Transport::StreamFailed | Transport::StreamError => {
                let kind =
                    if shape.transport == Transport::StreamFailed { "response.failed" } else { "error" };
                let created = serde_json::json!({"type": "response.created", "response": {
                    "id": "resp_failed", "object": "response", "status": "in_progress", "model": model, "output": [],
                }});
                let text = format!(
                    "event: response.created\ndata: {created}\n\nevent: {kind}\ndata: {}\n\n",
                    shape.body
                );
                let mut headers = shape.headers;
                headers.push(("content-type".to_owned(), "text/event-stream; charset=utf-8".to_owned()));
                Answered {
                    status: 200,
                    headers,
                    body: Outgoing::Body(Emission::whole(Bytes::from(text), Pace::default())),
                }
            }
        }
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The account of a live bearer that comes with the right account header.
    pub(crate) fn plan_of(&self, recorded: &Recorded) -> Result<Account, Refusal> {
        let Some(token) = bearer(&recorded.headers) else { return Err(Refusal::detail(401, "Unauthorized")) };
        if token.starts_with("sk-") {
            return Err(Refusal::detail(401, "API keys are not supported by this endpoint."));
        }
        let account = match self.tokens.bearer(token, self.now) {
            Ok(id) => self.account(id).cloned(),
            Err(reason) => {
                let error = serde_json::json!({
                    "message": "Provided authentication token is expired. Please try signing in again.",
                    "type": null, "code": "token_expired", "param": null,
                });
                return Err(Refusal::new(401, &serde_json::json!({"error": error, "status": 401}), reason));
            }
        };
        let Some(account) = account else { return Err(Refusal::detail(401, "Unauthorized")) };
        match recorded.header("chatgpt-account-id") {
            Some(id) if id == account.id => Ok(account),
            Some(_) => Err(Refusal::detail(403, "The account id does not match the access token.")),
            None => Err(Refusal::detail(403, "The header chatgpt-account-id is missing.")),
        }
    }

    fn recognise(&self, incoming: Incoming) -> (Recorded, Result<(), Refusal>) {
        let at = incoming
            .log
            .exchange(incoming.place)
            .map_or_else(Instant::now, |exchange| exchange.first_byte_read);
        let door = door_of(&incoming.method, &incoming.path);
        let encoding = header(&incoming.headers, "content-encoding").unwrap_or_default().to_owned();
        let bytes = incoming.body.as_ref().map_or(0, Bytes::len);
        let (text, decoded) = match incoming.body {
            None => (String::new(), Err(Refusal::detail(413, "The request body is too large."))),
            Some(body) => decode(&body, &encoding, door),
        };
        let payer = self.payer_of(&incoming.headers);
        let recorded = Recorded {
            number: self.record.len(),
            at,
            connection: incoming.connection,
            tls: incoming.tls,
            method: incoming.method,
            path: incoming.path,
            door,
            headers: incoming.headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
            bytes,
            payer,
            status: 0,
            refusal: None,
            scripted: false,
            findings: Vec::new(),
            usage: None,
            calls: Vec::new(),
            texts: Vec::new(),
            log: incoming.log,
            place: incoming.place,
        };
        (recorded, decoded)
    }

    fn payer_of(&self, headers: &[(String, String)]) -> Payer {
        let Some(token) = bearer(headers) else { return Payer::Nobody };
        if let Some(key) = self.keys.iter().find(|key| key.secret == token) {
            return Payer::Key(key.name.clone());
        }
        self.tokens.account_of(token).map_or(Payer::Nobody, |account| Payer::Plan(account.to_owned()))
    }
}

impl Answered {
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Outgoing::Body(Emission::whole(Bytes::from(body), Pace::default())),
        }
    }

    /// Adds headers, each in place of those with its name.
    pub(crate) fn set_headers(&mut self, headers: &[(String, String)]) {
        for (name, value) in headers {
            self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            self.headers.push((name.to_ascii_lowercase(), value.clone()));
        }
    }
}

pub(crate) fn bearer(headers: &[(String, String)]) -> Option<&str> {
    header(headers, "authorization")?.strip_prefix("Bearer ")
}

pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn door_of(method: &str, path: &str) -> Door {
    let path = path.split('?').next().unwrap_or_default();
    match (method, path) {
        ("POST", "/backend-api/codex/responses") => Door::PlanResponses,
        ("GET", "/backend-api/codex/models") => Door::PlanModels,
        ("GET", "/backend-api/wham/usage") => Door::Usage,
        ("GET", "/backend-api/wham/accounts/check") => Door::AccountsCheck,
        ("POST", "/oauth/token") => Door::OauthToken,
        ("POST", "/oauth/revoke") => Door::OauthRevoke,
        ("POST", "/v1/responses") => Door::KeyResponses,
        ("GET", "/v1/models") => Door::KeyModels,
        _ => Door::Unknown,
    }
}

/// The text of a body. Only the plan's door takes zstd; the platform takes it for broken JSON.
fn decode(body: &[u8], encoding: &str, door: Door) -> (String, Result<(), Refusal>) {
    let (bytes, outcome) = match encoding {
        "" | "identity" => (body.to_vec(), Ok(())),
        "zstd" => {
            let unpacked = unpack(body);
            let outcome = match (&unpacked, door) {
                (Some(_), Door::PlanResponses) => Ok(()),
                (Some(_), _) => Err(unreadable()),
                (None, _) => Err(Refusal::detail(400, "The zstd body could not be decompressed.")),
            };
            (unpacked.unwrap_or_default(), outcome)
        }
        other => {
            (body.to_vec(), Err(Refusal::detail(400, &format!("Unsupported content encoding: {other}"))))
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => (text, outcome),
        Err(error) => {
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), outcome.and(Err(unreadable())))
        }
    }
}

fn unpack(body: &[u8]) -> Option<Vec<u8>> {
    let decoder = zstd::stream::read::Decoder::new(body).ok()?;
    let mut unpacked = Vec::new();
    decoder.take(BODY_CAP as u64 + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() <= BODY_CAP).then_some(unpacked)
}

fn unreadable() -> Refusal {
    let message = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";
    Refusal::invalid(400, message, None, None)
}
