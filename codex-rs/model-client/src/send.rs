//! The one function that every model request passes: built for whoever pays, sent, its answer classified, reported
//! and obeyed (fallback-spec §3).

use std::time::Duration;

use codex_fallback::{Decision, Event, Reason, Signal, Substitute, Tried, WhyNot, ordinary};
use codex_login::{Credential, CredentialKind, LoginError, PayerChange, Reported};
use codex_protocol::{CodexErr, Payer, TokenUsage};

use crate::answer::Failure;
use crate::client::Client;
use crate::consent::Question;
use crate::exchange::{Complete, Shown, exchange};
use crate::prompt::Prompt;
use crate::request;
use crate::retry::{Budget, Tries};
use crate::sampling::{Outbox, PaidBy, SampleEvent};
use crate::turn::TurnContext;

/// One sampling under way.
pub(crate) struct Sender<'a> {
    client: &'a Client,
    turn: &'a mut TurnContext,
    prompt: &'a Prompt,
    outbox: &'a Outbox,
}

/// One request as it was sent, for whoever judges its answer.
struct Sent {
    credential: Credential,
    tried: Tried,
    /// The model it asked for.
    model: String,
    shown: Shown,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(
        client: &'a Client,
        turn: &'a mut TurnContext,
        prompt: &'a Prompt,
        outbox: &'a Outbox,
    ) -> Self {
        Sender { client, turn, prompt, outbox }
    }

    /// Sends the request until it is answered, given up, or cut off after finished items.
    pub(crate) async fn send(mut self) -> Result<(), CodexErr> {
        loop {
            let credential = self.who_pays().await?;
            let TurnContext { tries, thread, .. } = &mut *self.turn;
            let tried = tries.with(&self.client.lessons, thread, &credential.minter, &self.prompt.model);
            let base = self.base_url(&credential).await?;
            let request = request::build(self.client, self.turn, self.prompt, &credential, &base, tried)?;
            self.tell_payer(&credential).await;
            self.outbox.emit(SampleEvent::Request { payer: paid_by(&credential) }).await;

            let mut sent = Sent { credential, tried, model: request.model.clone(), shown: Shown::default() };
            let answered =
                exchange(self.client, self.turn, &sent.credential, request, &mut sent.shown, self.outbox)
                    .await;
            let failure = match answered {
                Ok(answer) => return self.complete(&sent, answer).await,
                Err(failure) => failure.without(sent.credential.bearer()),
            };

            let now = self.client.clock.unix();
            let signal = failure.signal(judged_as(&sent.credential), now);
            let error = failure.error(signal, judged_as(&sent.credential), self.turn.budget.attempts(), now);
            let mut verdict = self.report(&sent, signal, &error);
            self.book(&sent, failure.usage);
            if verdict.decision == Decision::Ask {
                verdict = self.ask(&sent, &error).await;
            }
            let wait = self.obey(verdict, &sent, &failure, &error).await?;

            // The request goes on. Finished items stay; with them the turn samples anew, and their tools run once.
            if sent.shown.unfinished {
                self.outbox.emit(SampleEvent::Discarded { cause: error }).await;
            }
            if let Some(wait) = wait {
                self.client.settings.retries.pause.wait(wait).await;
            }
            if sent.shown.items > 0 {
                self.outbox.emit(SampleEvent::CutOff).await;
                return Ok(());
            }
        }
    }

    /// The credential that carries the next request.
    async fn who_pays(&mut self) -> Result<Credential, CodexErr> {
        let credential = self.issue().await?;
        let plan_pays = matches!(credential.kind, CredentialKind::Plan { .. });
        if !plan_pays || std::mem::replace(&mut self.turn.tries.refresh_looked_at, true) {
            return Ok(credential);
        }
        // A refresh that fails ahead of time stops nothing: the old token may still do, and a 401 tells if not.
        match self.client.auth.refresh_if_due().await {
            Ok(()) => self.issue().await,
            Err(_) => Ok(credential),
        }
    }

    async fn issue(&mut self) -> Result<Credential, CodexErr> {
        let issued = self.client.auth.credential(&self.turn.turn_id).map_err(sign_in_error)?;
        match issued.credential {
            Ok(credential) => Ok(credential),
            Err(why) => {
                self.tell_change(issued.change).await;
                Err(match self.client.auth.limit_remembered() {
                    Some(limit) => CodexErr::NotTakenOver { error: Box::new(limit), why },
                    None => CodexErr::Internal(why.to_string()),
                })
            }
        }
    }

    /// Where this credential's requests go; append `/responses`.
    async fn base_url(&self, credential: &Credential) -> Result<String, CodexErr> {
        let endpoints = &self.client.endpoints;
        match &credential.kind {
            CredentialKind::Plan { account_id, .. } => {
                let routes = &self.client.routes;
                routes.plan_base(self.client, self.turn, credential, account_id.as_deref()).await
            }
            CredentialKind::Key { .. } => match endpoints.key_base() {
                Ok(base) => Ok(base.to_owned()),
                Err(block) => Err(CodexErr::Internal(WhyNot::Blocked(block).to_string())),
            },
            CredentialKind::ApiKey { .. } => Ok(endpoints.api_key_base().to_owned()),
        }
    }

    /// Tells this thread once that another payer than it knows carries its requests from here on.
    async fn tell_payer(&self, credential: &Credential) {
        let Some(ticket) = credential.ticket else { return };
        if self.turn.thread.learns_payer(ticket.payer) {
            let change = self.latest_change(ticket.payer);
            self.outbox.emit(SampleEvent::PayerChanged(change)).await;
        }
    }

    /// A change that comes with the end of the turn: nobody else would tell this thread before its next request.
    async fn tell_change(&self, change: Option<PayerChange>) {
        let Some(change) = change else { return };
        if self.turn.thread.learns_payer(change.payer) {
            self.outbox.emit(SampleEvent::PayerChanged(change)).await;
        }
    }

    /// The change that made this one pay. A consent for one turn ends without a change of its own.
    fn latest_change(&self, payer: Payer) -> PayerChange {
        let auth = &self.client.auth;
        auth.last_change().filter(|change| change.payer == payer).unwrap_or_else(|| {
            let status = auth.status();
            PayerChange {
                payer,
                reason: Reason::AllowedForTurn,
                resets_at: status.resets_at,
                key_last4: status.key_last4,
                epoch: status.epoch,
                at: self.client.clock.unix(),
                returns: status.return_policy,
            }
        })
    }

    fn report(&self, sent: &Sent, signal: Signal, error: &CodexErr) -> Reported {
        let Some(ticket) = sent.credential.ticket else {
            let decision = ordinary(signal, sent.tried, Substitute::None);
            return Reported { decision, change: None, notice: None };
        };
        if let (Payer::Plan, Signal::Limit { .. }) = (ticket.payer, signal) {
            self.client.auth.remember_limit(error.clone());
        }
        let turn = self.turn.turn_id.as_str();
        self.client.auth.report(Event::Answered { turn, ticket, signal, tried: sent.tried })
    }

    /// Asks the person whether the key may pay.
    async fn ask(&self, sent: &Sent, error: &CodexErr) -> Reported {
        let cannot_ask =
            Reported { decision: Decision::StopBecause(WhyNot::CannotAsk), change: None, notice: None };
        let (Some(consent), Some(ticket)) = (&self.client.consent, sent.credential.ticket) else {
            return cannot_ask;
        };
        let status = self.client.auth.status();
        let question = Question {
            thread_id: self.turn.thread.thread_id().clone(),
            turn_id: self.turn.turn_id.clone(),
            reason: error.to_string(),
            resets_at: status.resets_at,
            model: self.prompt.model.clone(),
            key_last4: status.key_last4.unwrap_or_default(),
            context_tokens: self.prompt.context_tokens_estimate,
        };
        let Some(consent) = consent.ask(question).await else { return cannot_ask };
        self.client.auth.report(Event::Consented { turn: self.turn.turn_id.as_str(), ticket, consent })
    }

    /// Prepares the next send, or stops. The wait before it, if any.
    async fn obey(
        &mut self,
        verdict: Reported,
        sent: &Sent,
        failure: &Failure,
        error: &CodexErr,
    ) -> Result<Option<Duration>, CodexErr> {
        let tried = &mut self.turn.tries.tried;
        let stop = match verdict.decision {
            Decision::Retry => return self.retry(sent, failure, error).await,
            Decision::RefreshSignIn => return self.refresh_sign_in(sent, failure, error).await,
            Decision::Resend | Decision::Send(_) | Decision::ResendOverHttp => None,
            Decision::ResendWithSubstitute => {
                tried.substitute = true;
                None
            }
            Decision::ResendWithoutSummaries => {
                tried.without_summaries = true;
                None
            }
            Decision::ResendWithoutForeign => {
                tried.without_foreign = true;
                None
            }
            Decision::Compact => Some(CodexErr::TooLargeForKey { message: failure.message() }),
            Decision::None | Decision::Ask | Decision::Stop => Some(error.clone()),
            Decision::StopBecause(why) => {
                Some(CodexErr::NotTakenOver { error: Box::new(error.clone()), why })
            }
            Decision::StopNameSubstitute => {
                Some(CodexErr::ModelNotOnKey { model: sent.model.clone(), message: failure.message() })
            }
            Decision::StopKeyFailed(failure) => Some(CodexErr::KeyFailed {
                limit: self.client.auth.limit_remembered().map(Box::new),
                failure,
                key_last4: key_last4(&sent.credential),
            }),
        };
        match stop {
            Some(stop) => {
                self.tell_change(verdict.change).await;
                Err(stop)
            }
            None if self.turn.tries.take_resend() => Ok(None),
            None => Err(error.clone()),
        }
    }

    async fn retry(
        &mut self,
        sent: &Sent,
        failure: &Failure,
        error: &CodexErr,
    ) -> Result<Option<Duration>, CodexErr> {
        let settings = &self.client.settings.retries;
        let paid_by = paid_by(&sent.credential);
        let budget = &mut self.turn.budget;
        let Some(retry) = budget.take(settings, failure, paid_by, &self.turn.turn_id, &self.client.clock)
        else {
            return Err(error.clone());
        };
        let (attempt, of, wait) = (retry.attempt, settings.most, retry.wait);
        self.outbox.emit(SampleEvent::Retrying { cause: error.clone(), attempt, of, wait }).await;
        Ok(Some(wait))
    }

    async fn refresh_sign_in(
        &mut self,
        sent: &Sent,
        failure: &Failure,
        error: &CodexErr,
    ) -> Result<Option<Duration>, CodexErr> {
        let CredentialKind::Plan { access_token, .. } = &sent.credential.kind else {
            return Err(error.clone());
        };
        match self.client.auth.refresh_after_401(access_token).await {
            Ok(()) => {
                self.turn.tries.tried.refreshed_sign_in = true;
                Ok(None)
            }
            Err(problem) if problem.is_transient() => {
                self.retry(sent, failure, &sign_in_error(problem)).await
            }
            Err(problem) => Err(sign_in_error(problem)),
        }
    }

    /// The answer is complete.
    async fn complete(&mut self, sent: &Sent, answer: Complete) -> Result<(), CodexErr> {
        let Complete { usage, end_turn } = answer;
        if let Some(ticket) = sent.credential.ticket {
            let turn = self.turn.turn_id.as_str();
            let signal = Signal::Success;
            self.client.auth.report(Event::Answered { turn, ticket, signal, tried: sent.tried });
        }
        self.book(sent, Some(usage));
        let minter = &sent.credential.minter;
        self.client.lessons.learn(minter, &self.prompt.model, sent.tried);
        if sent.tried.without_foreign {
            self.turn.thread.be_strict_for(minter);
        }
        self.turn.budget = Budget::default();
        self.turn.tries = Tries::default();
        let payer = paid_by(&sent.credential);
        self.outbox.emit(SampleEvent::Completed { usage, end_turn, payer }).await;
        Ok(())
    }

    /// Counts what the fallback key was billed for.
    fn book(&self, sent: &Sent, usage: Option<TokenUsage>) {
        match (&sent.credential.kind, usage) {
            (CredentialKind::Key { .. }, Some(usage)) => self.client.auth.book_usage(&usage, &sent.model),
            (CredentialKind::Key { .. }, None)
            | (CredentialKind::Plan { .. } | CredentialKind::ApiKey { .. }, _) => {}
        }
    }
}

fn paid_by(credential: &Credential) -> PaidBy {
    match &credential.kind {
        CredentialKind::Plan { .. } => PaidBy::Plan,
        CredentialKind::Key { .. } => PaidBy::FallbackKey,
        CredentialKind::ApiKey { .. } => PaidBy::ApiKeySignIn,
    }
}

/// Whose answers this credential's are read as: the platform answers both kinds of key alike.
fn judged_as(credential: &Credential) -> Payer {
    match &credential.kind {
        CredentialKind::Plan { .. } => Payer::Plan,
        CredentialKind::Key { .. } | CredentialKind::ApiKey { .. } => Payer::Key,
    }
}

fn key_last4(credential: &Credential) -> String {
    match &credential.kind {
        CredentialKind::Key { last4, .. } => last4.clone(),
        CredentialKind::Plan { .. } | CredentialKind::ApiKey { .. } => String::new(),
    }
}

/// A problem of the sign-in, as a whole sentence.
fn sign_in_error(problem: LoginError) -> CodexErr {
    let text = problem.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    CodexErr::Unauthorized { message: format!("{first}{}.", letters.as_str()) }
}
