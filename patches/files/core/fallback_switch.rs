//! The switch from the ChatGPT plan to the fallback API key, as the model client and the turn loop see it.
//!
//! `codex_login::fallback_key` holds the state and decides; here its decisions are put into a request.

use std::sync::Arc;

use codex_api::Provider;
use codex_api::SharedAuthProvider;
use codex_login::AuthManager;
use codex_login::CodexAuth;
use codex_login::fallback_key::Carrier;
use codex_login::fallback_key::Reached;
use codex_model_provider::BearerAuthProvider;
use codex_model_provider_info::ModelProviderInfo;
use codex_protocol::error::CodexErr;
use codex_protocol::error::Result;
use codex_protocol::error::UsageLimitReachedError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Who pays for one client's requests. Only OpenAI's own provider has a fallback.
pub(crate) struct Payer {
    manager: Arc<AuthManager>,
    provider: ModelProviderInfo,
    /// Who carried the last request of this connection.
    carrier: Carrier,
}

/// What a request paid by the key is sent with.
pub(crate) struct PaidSetup {
    pub(crate) auth: CodexAuth,
    pub(crate) api_provider: Provider,
    pub(crate) api_auth: SharedAuthProvider,
}

impl Payer {
    /// `None` where another provider, or a credential of the provider's own, is in use.
    pub(crate) fn of(
        manager: Option<Arc<AuthManager>>,
        provider: &ModelProviderInfo,
    ) -> Option<Self> {
        let own_credential = provider.env_key.is_some()
            || provider.experimental_bearer_token.is_some()
            || provider.auth.is_some();
        if own_credential || !provider.is_openai() {
            return None;
        }
        let provider = provider.clone();
        let carrier = manager
            .as_ref()?
            .fallback_carrier(provider.base_url.is_some());
        manager.map(|manager| Self {
            manager,
            provider,
            carrier,
        })
    }

    /// The same, for a connection whose last request `carrier` carried.
    pub(crate) fn carried_by(self, carrier: Carrier) -> Self {
        Self { carrier, ..self }
    }

    pub(crate) fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// How the next request is sent if the key pays.
    pub(crate) fn setup(&self) -> Result<Option<PaidSetup>> {
        let Some(paid) = self.manager.fallback_paid(self.custom_base()) else {
            return Ok(None);
        };
        let auth = CodexAuth::from_api_key(paid.key.expose());
        let mut api_provider = self.provider.to_api_provider(Some(auth.auth_mode()))?;
        if let Some(base_url) = paid.base_url {
            api_provider.base_url = base_url;
        }
        let api_auth = Arc::new(BearerAuthProvider {
            token: Some(paid.key.expose().to_owned()),
            ..Default::default()
        });
        Ok(Some(PaidSetup {
            auth,
            api_provider,
            api_auth,
        }))
    }

    /// Takes out of a request what its payer cannot read or did not ask to pay for.
    pub(crate) fn fit<T>(&self, items: &mut Vec<T>, service_tier: &mut Option<String>) -> Result<()>
    where
        T: Serialize + DeserializeOwned,
    {
        if self.carrier.is_key() {
            *service_tier = None;
        }
        self.manager
            .fallback_filter(self.carrier, items)
            .map_err(CodexErr::InvalidRequest)
    }

    /// An item arrived; its ciphertext belongs to whoever paid.
    pub(crate) fn minted(&self, item: &impl Serialize) {
        self.manager.fallback_minted(self.carrier, item);
    }

    fn switch(&self, error: &UsageLimitReachedError) -> bool {
        let reached = error.reached();
        let reached = match &reached {
            Some(name) => Reached::Told(name.as_deref()),
            None => Reached::NotRead,
        };
        self.manager
            .fallback_limit_reached(self.carrier, error, reached, self.custom_base())
    }

    fn custom_base(&self) -> bool {
        self.provider.base_url.is_some()
    }
}

/// A turn begins; says what changed.
pub(crate) fn turn_started(payer: Option<Payer>) -> Option<String> {
    let payer = payer?;
    payer.manager.fallback_turn_started(payer.custom_base());
    payer.manager.take_fallback_notices()
}

/// A request met a usage limit: whether to send it again, and what to tell.
pub(crate) fn limit_reached(
    payer: Option<Payer>,
    error: &UsageLimitReachedError,
    login_is_forced: bool,
) -> (bool, Option<String>) {
    let Some(payer) = payer else {
        return (false, None);
    };
    payer.manager.fallback_login_is_forced(login_is_forced);
    let again = payer.switch(error);
    (again, payer.manager.take_fallback_notices())
}

/// The same for a request between two samplings. [`told`] says what changed.
#[allow(dead_code)] // The core series has no such place.
pub(crate) fn limit_in_between(payer: Option<Payer>, error: &CodexErr) -> bool {
    let (Some(payer), Some(limit)) = (payer, error.usage_limit()) else {
        return false;
    };
    payer.switch(limit)
}

/// Whether a failed request is final because the key that paid for it is at fault. [`told`] says why.
pub(crate) fn key_failed(payer: Option<Payer>, error: &CodexErr) -> bool {
    let (Some(payer), Some((status, body))) = (payer, error.refusal()) else {
        return false;
    };
    let custom_base = payer.custom_base();
    payer
        .manager
        .fallback_key_failed(payer.carrier, status, body, custom_base)
}

/// Whether a refused request is worth another try without ciphertext of unknown origin.
pub(crate) fn without_foreign(payer: Option<Payer>, error: &CodexErr) -> bool {
    let (Some(payer), Some((400, body))) = (payer, error.refusal()) else {
        return false;
    };
    payer.manager.fallback_distrust(payer.carrier, body)
}

/// What is still to be told.
pub(crate) fn told(payer: Option<Payer>) -> Option<String> {
    payer?.manager.take_fallback_notices()
}
