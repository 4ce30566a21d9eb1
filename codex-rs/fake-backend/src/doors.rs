//! Owns the endpoints: what each door answers when it is asked properly.

use serde_json::{Value, json};

use crate::account::{KeyState, PlatformKey};
use crate::backend::Routing;
use crate::emit::{Occasion, render};
use crate::record::{Payer, Recorded};
use crate::reply::{Answer, Cut, Kind, Reply};
use crate::script::{Door, NextReply};
use crate::strict::{Refusal, check_input, check_parameters};
use crate::variant::{LimitVariant, Side, plan_headers};
use crate::world::{Answered, Outgoing, World};

type Outcome = Result<Answered, Refusal>;

/// Seconds until the plan's shorter window resets on answers that are not limits.
const WINDOW_RESETS_IN: i64 = 9_000;
/// Percent used of the plan's shorter and longer window where the script does not say.
const USED: (u32, u32) = (12, 34);

impl World {
    /// Answers at the door the request came to.
    pub(crate) fn knock(&mut self, recorded: &mut Recorded) -> Outcome {
        match recorded.door {
            Door::PlanResponses => self.plan_responses(recorded),
            Door::KeyResponses => self.key_responses(recorded),
            Door::Unknown => Err(unknown_path(recorded)),
            door => match self.script.next_at(door) {
                Some(reply) => Ok(self.plain(recorded, &reply)),
                None => self.other_door(recorded),
            },
        }
    }

    fn other_door(&mut self, recorded: &Recorded) -> Outcome {
        match recorded.door {
            Door::PlanModels => self.plan_models(recorded),
            Door::Usage => self.usage(recorded),
            Door::AccountsCheck => self.accounts_check(recorded),
            Door::OauthToken => self.oauth_token(recorded),
            Door::OauthRevoke => Ok(self.oauth_revoke(recorded)),
            Door::KeyModels => self.key_models(recorded),
            Door::PlanResponses | Door::KeyResponses | Door::Unknown => Err(unknown_path(recorded)),
        }
    }

    fn plan_responses(&mut self, recorded: &mut Recorded) -> Outcome {
        let account = self.plan_of(recorded)?;
        check_parameters(Side::Plan, &recorded.body)?;
        let model = recorded.body["model"].as_str().unwrap_or_default().to_owned();
        if !account.models.contains(&model) {
            let detail =
                format!("The '{model}' model is not supported when using Codex with a ChatGPT account.");
            return Err(Refusal::detail(400, &detail));
        }
        check_input(&account.organisation, recorded.input(), &self.minted)?;
        if let Some(answered) = self.struck(recorded, Side::Plan, &account.id, &model) {
            return Ok(answered);
        }
        let reply = self.next_reply(recorded);
        let mut answered = self.model_reply(recorded, &reply, &account.organisation, &account.id, &model);
        if answered.status == 200 && matches!(reply.kind, Kind::Answer(_)) {
            let mut headers =
                plan_headers(&account.plan, USED.0.into(), USED.1.into(), self.now + WINDOW_RESETS_IN);
            headers.extend(stream_headers(&reply, &model, self.answers));
            headers.push(("x-models-etag".to_owned(), "W/\"fake-models-1\"".to_owned()));
            if recorded.header("x-codex-turn-state").is_none() {
                headers.push(("x-codex-turn-state".to_owned(), format!("turn-state-{}", self.answers)));
            }
            answered.set_headers(&headers);
            answered.set_headers(&reply.headers);
            let percent = |name: &str| {
                let (_, text) = answered.headers.iter().find(|(of, _)| of == name)?;
                text.split('.').next()?.parse().ok()
            };
            let used = percent("x-codex-primary-used-percent").zip(percent("x-codex-secondary-used-percent"));
            self.used.extend(used.map(|used| (account.id.clone(), used)));
        }
        if let Some((_, state)) = answered.headers.iter().find(|(name, _)| name == "x-codex-turn-state") {
            self.turn_states.insert(state.clone(), recorded.turn_id());
        }
        Ok(answered)
    }

    fn key_responses(&mut self, recorded: &mut Recorded) -> Outcome {
        let key = self.key_of(recorded)?;
        check_parameters(Side::Key, &recorded.body)?;
        let model = recorded.body["model"].as_str().unwrap_or_default().to_owned();
        if !key.models.contains(&model) {
            return Err(self.refusal_of(LimitVariant::KeyModelNotFound, &model));
        }
        match key.state {
            KeyState::Ready | KeyState::RestrictedNoModelList | KeyState::Revoked => {}
            KeyState::NoCredit => return Err(self.refusal_of(LimitVariant::KeyInsufficientQuota, &model)),
            KeyState::Throttled => return Err(self.refusal_of(LimitVariant::KeyThrottle, &model)),
            KeyState::UnverifiedSummaries if wants_summary(&recorded.body) => {
                return Err(self.refusal_of(LimitVariant::KeySummaries, &model));
            }
            KeyState::UnverifiedSummaries => {}
        }
        check_input(&key.organisation, recorded.input(), &self.minted)?;
        if let Some(answered) = self.struck(recorded, Side::Key, &key.name, &model) {
            return Ok(answered);
        }
        let reply = self.next_reply(recorded);
        let mut answered = self.model_reply(recorded, &reply, &key.organisation, &key.name, &model);
        if answered.status == 200 && matches!(reply.kind, Kind::Answer(_)) {
            answered.set_headers(&[
                ("openai-organization".to_owned(), key.organisation.clone()),
                ("openai-processing-ms".to_owned(), "12".to_owned()),
                ("x-ratelimit-limit-tokens".to_owned(), "30000".to_owned()),
                ("x-ratelimit-remaining-tokens".to_owned(), "29000".to_owned()),
            ]);
            answered.set_headers(&stream_headers(&reply, &model, self.answers));
            answered.set_headers(&reply.headers);
            // A conversation is written once for both payers; these headers exist on the plan's side only.
            answered.headers.retain(|(name, _)| !name.starts_with("x-codex-"));
        }
        Ok(answered)
    }

    fn next_reply(&mut self, recorded: &Recorded) -> Reply {
        match self.script.next_model_reply(recorded.door) {
            NextReply::Ready(reply) => *reply,
            NextReply::Compute(responder) => responder(recorded),
        }
    }

    /// The limit that strikes this request, if one does.
    fn struck(&mut self, recorded: &mut Recorded, side: Side, payer: &str, model: &str) -> Option<Answered> {
        let served = self.served.get(payer).copied().unwrap_or_default();
        let now = self.now;
        let limit = self.limits.iter_mut().find_map(|limit| {
            limit.strikes(side, payer, served, now).then(|| (limit.variant, limit.struck_at.unwrap_or(now)))
        });
        let (variant, struck_at) = limit?;
        Some(self.failure(recorded, variant, struck_at, model))
    }

    fn model_reply(
        &mut self,
        recorded: &mut Recorded,
        reply: &Reply,
        organisation: &str,
        payer: &str,
        model: &str,
    ) -> Answered {
        let Kind::Answer(answer) = &reply.kind else { return self.plain(recorded, reply) };
        self.answers += 1;
        let occasion = Occasion {
            organisation,
            model: answer.model.as_deref().unwrap_or(model),
            wants_summary: wants_summary(&recorded.body),
            request_bytes: recorded.text.len(),
            number: self.answers,
            now: self.now,
        };
        let rendered = render(answer, reply.pace, &occasion, &mut self.minted);
        let served = self.served.entry(payer.to_owned()).or_default();
        served.requests += 1;
        if is_billed(answer) {
            served.tokens += rendered.usage.total();
            recorded.usage = Some(rendered.usage);
        }
        recorded.calls = rendered.calls;
        recorded.texts = rendered.texts;
        recorded.scripted = answer.cut.is_some();
        Answered {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/event-stream; charset=utf-8".to_owned())],
            body: Outgoing::Body(rendered.emission),
        }
    }

    fn plan_models(&self, recorded: &Recorded) -> Outcome {
        let account = self.plan_of(recorded)?;
        if !recorded.path.contains("client_version=") {
            return Err(Refusal::detail(400, "Missing query parameter: client_version"));
        }
        let models: Vec<Value> =
            account.models.iter().enumerate().map(|(place, slug)| catalog_entry(place, slug)).collect();
        let mut answered = Answered::json(200, json!({"models": models}).to_string());
        answered.set_headers(&[("etag".to_owned(), "W/\"fake-models-1\"".to_owned())]);
        Ok(answered)
    }

    fn usage(&self, recorded: &Recorded) -> Outcome {
        let account = self.plan_of(recorded)?;
        let exhausted = self.limits.iter().find(|limit| {
            limit.variant.side() == Side::Plan
                && limit.payer.as_deref().is_none_or(|only| only == account.id)
                && limit.struck_at.is_some()
                && !limit.is_over(self.now)
        });
        let resets_in = match exhausted.and_then(|limit| Some((limit.struck_at?, limit.variant.resets_in()?)))
        {
            Some((struck_at, seconds)) => struck_at + seconds - self.now,
            None => WINDOW_RESETS_IN,
        };
        let window = |percent: u32, seconds: i64, resets_in: i64| {
            json!({
                "used_percent": percent, "limit_window_seconds": seconds, "reset_after_seconds": resets_in,
                "reset_at": self.now + resets_in,
            })
        };
        // What the last answer said, so that the two do not contradict each other.
        let (primary, secondary) = self.used.get(&account.id).copied().unwrap_or(USED);
        let primary = if exhausted.is_some() { 100 } else { primary };
        let body = json!({
            "plan_type": account.plan,
            "rate_limit": {
                "allowed": exhausted.is_none(), "limit_reached": exhausted.is_some(),
                "primary_window": window(primary, 18_000, resets_in),
                "secondary_window": window(secondary, 604_800, resets_in + 400_000),
            },
            "credits": {"has_credits": false, "unlimited": false, "balance": null},
            "additional_rate_limits": [],
        });
        Ok(Answered::json(200, body.to_string()))
    }

    fn accounts_check(&self, recorded: &Recorded) -> Outcome {
        let account = self.plan_of(recorded)?;
        let origin = match &self.routing {
            Routing::ThisServer if recorded.tls => self.tls_url.clone(),
            Routing::ThisServer => self.url.clone(),
            Routing::Origin(origin) => origin.clone(),
            Routing::NoAccounts => {
                let body = json!({"accounts": [], "default_account_id": null, "account_ordering": []});
                return Ok(Answered::json(200, body.to_string()));
            }
            Routing::NotFound => return Err(unknown_path(recorded)),
        };
        let body = json!({
            "accounts": [{
                "id": account.id, "workspace_backend_origin": origin, "account_routing_override": "NO_CONSTRAINT",
            }],
            "default_account_id": account.id,
            "account_ordering": [account.id],
        });
        Ok(Answered::json(200, body.to_string()))
    }

    fn oauth_token(&mut self, recorded: &Recorded) -> Outcome {
        if recorded.body["grant_type"] != "refresh_token" {
            let body =
                json!({"error": {"message": "Unsupported grant type.", "code": "unsupported_grant_type"}});
            return Err(Refusal::new(400, &body, "unsupported grant type"));
        }
        if !recorded.body["client_id"].as_str().is_some_and(|id| id.starts_with("app_")) {
            let body = json!({"error": {"message": "Unknown client.", "code": "invalid_client"}});
            return Err(Refusal::new(401, &body, "unknown client id"));
        }
        let refresh_token = recorded.body["refresh_token"].as_str().unwrap_or_default();
        let redeemed = self.tokens.redeem(refresh_token).map_err(|refusal| {
            let (status, body) = refusal.answer();
            Refusal::new(status, &body, body["error"]["code"].as_str().unwrap_or_default())
        })?;
        let Some(account) = self.account(&redeemed).cloned() else {
            return Err(Refusal::detail(401, "Unauthorized"));
        };
        let set = self.tokens.sign_in(&account, self.now);
        let body = json!({
            "id_token": set.id_token, "access_token": set.access_token, "refresh_token": set.refresh_token,
            "token_type": "Bearer", "expires_in": 864_000,
        });
        Ok(Answered::json(200, body.to_string()))
    }

    fn oauth_revoke(&mut self, recorded: &Recorded) -> Answered {
        if let Some(token) = recorded.body["token"].as_str() {
            self.tokens.revoke(token);
        }
        Answered::json(200, "{}".to_owned())
    }

    fn key_models(&self, recorded: &Recorded) -> Outcome {
        let key = self.key_of(recorded)?;
        if key.state == KeyState::RestrictedNoModelList {
            let message = "You have insufficient permissions for this operation. Missing scopes: api.model.read. Check that you have the correct role in your organization and project, and if you're using a restricted API key, that it has the necessary scopes.";
            return Err(Refusal::invalid(403, message, None, Some("missing_scope")));
        }
        let models: Vec<Value> = key
            .models
            .iter()
            .map(|id| json!({"id": id, "object": "model", "created": 1_750_000_000, "owned_by": "openai"}))
            .collect();
        Ok(Answered::json(200, json!({"object": "list", "data": models}).to_string()))
    }

    fn key_of(&self, recorded: &Recorded) -> Result<PlatformKey, Refusal> {
        let known = match &recorded.payer {
            Payer::Key(name) => self.keys.iter().find(|key| key.name == *name),
            Payer::Plan(_) | Payer::Nobody => None,
        };
        match known {
            Some(key) if key.state != KeyState::Revoked => Ok(key.clone()),
            Some(_) => Err(self.refusal_of(LimitVariant::KeyInvalid, "")),
            None if recorded.header("authorization").is_none() => Err(Refusal::invalid(
                401,
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                None,
                None,
            )),
            None => Err(self.refusal_of(LimitVariant::KeyInvalid, "")),
        }
    }

    /// A variant as a refusal that is the request's own doing.
    fn refusal_of(&self, variant: LimitVariant, model: &str) -> Refusal {
        let shape = variant.shape(self.now, self.now, model);
        let status = match shape.transport {
            crate::variant::Transport::Http(status) => status,
            crate::variant::Transport::StreamFailed | crate::variant::Transport::StreamError => 400,
        };
        Refusal { status, body: shape.body, reason: variant.name().to_owned() }
    }
}

/// A failure that the server reports costs nothing; a broken connection does.
fn is_billed(answer: &Answer) -> bool {
    match &answer.cut {
        Some((_, Cut::Limit(_) | Cut::Failed(_) | Cut::ErrorEvent(_))) => false,
        Some((_, Cut::Disconnect | Cut::CleanEnd | Cut::Hang)) | None => true,
    }
}

fn wants_summary(body: &Value) -> bool {
    body["reasoning"]["summary"].as_str().is_some_and(|summary| summary != "none")
}

fn stream_headers(reply: &Reply, model: &str, number: u64) -> Vec<(String, String)> {
    let answering = match &reply.kind {
        Kind::Answer(Answer { model: Some(other), .. }) => other,
        _ => model,
    };
    vec![
        ("content-type".to_owned(), "text/event-stream; charset=utf-8".to_owned()),
        ("openai-model".to_owned(), answering.to_owned()),
        ("x-request-id".to_owned(), format!("req_{number}")),
    ]
}

fn unknown_path(recorded: &Recorded) -> Refusal {
    if recorded.header("upgrade").is_some() {
        return Refusal::detail(426, "WebSockets are not served here.");
    }
    Refusal::detail(404, "Not Found")
}

fn catalog_entry(place: usize, slug: &str) -> Value {
    json!({
        "slug": slug, "display_name": slug, "description": "A model of the fake backend.",
        "default_reasoning_level": "medium",
        "supported_reasoning_levels": [
            {"effort": "low", "description": "Quick"}, {"effort": "medium", "description": "Balanced"},
            {"effort": "high", "description": "Thorough"},
        ],
        "shell_type": "unified_exec", "visibility": "list", "supported_in_api": true, "priority": place,
        "context_window": 272_000, "supports_reasoning_summaries": true,
    })
}
