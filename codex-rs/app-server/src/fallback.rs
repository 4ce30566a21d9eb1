//! The fallback key: `account/addFallbackApiKey`, `account/removeFallbackApiKey`, `account/fallback/*`.

use std::path::PathBuf;
use std::sync::Arc;

use codex_app_server_protocol::{
    AddFallbackApiKeyParams, AddFallbackApiKeyResponse, ClientResponse, FallbackKeyState, FallbackMode,
    FallbackResponse, FallbackSetModeParams, FallbackStatus, ForcedPayer, PayerName, RpcError,
};
use codex_config::PersistedValue;
use codex_fallback::{Decision, Force, KeyState, Mode, Payer};
use codex_login::{AuthManager, Checked, FallbackState, fallback_key};

use crate::refusal;

/// Adds the key or puts it in the place of another.
pub(crate) async fn add(
    auth: Arc<AuthManager>,
    params: AddFallbackApiKeyParams,
) -> Result<ClientResponse, RpcError> {
    let AddFallbackApiKeyParams { api_key, model } = params;
    let added = fallback_key::add(&auth, api_key, model.as_deref()).await.map_err(refusal::add)?;
    let (model_available, unchecked_reason) = match added.check {
        Checked::Works { model_available } => (model_available, None),
        Checked::Unchecked { reason } => (None, Some(reason)),
    };
    let fallback = status(auth.status());
    Ok(ClientResponse::AddFallbackApiKey(AddFallbackApiKeyResponse {
        fallback,
        model_available,
        unchecked_reason,
    }))
}

/// Removes it; that none is stored is no error.
pub(crate) async fn remove(auth: Arc<AuthManager>) -> Result<ClientResponse, RpcError> {
    fallback_key::remove(&auth).await.map_err(refusal::login)?;
    Ok(ClientResponse::RemoveFallbackApiKey(response(&auth)))
}

/// The state as it is.
pub(crate) fn read(auth: &AuthManager) -> ClientResponse {
    ClientResponse::FallbackRead(response(auth))
}

/// Sets the mode of this process. What is to be written is written first: a mode that could not be kept is not set.
pub(crate) async fn set_mode(
    auth: Arc<AuthManager>,
    codex_home: PathBuf,
    params: FallbackSetModeParams,
) -> Result<ClientResponse, RpcError> {
    let mode = match params.mode {
        FallbackMode::Auto => Mode::Auto,
        FallbackMode::Ask => Mode::Ask,
        FallbackMode::Off => Mode::Off,
    };
    if params.persist {
        let write = move || {
            let value = PersistedValue::Text(mode.as_str().to_owned());
            codex_config::set_persistent(&codex_home, &[("fallback.mode", value)])
        };
        tokio::task::spawn_blocking(write)
            .await
            .map_err(|_| RpcError::internal("The setting was not written; try again."))?
            .map_err(refusal::config)?;
    }
    auth.set_mode(mode);
    Ok(ClientResponse::FallbackSetMode(response(&auth)))
}

/// Forces a payer, or lets signals and settings decide again.
pub(crate) fn set_payer(auth: &AuthManager, payer: ForcedPayer) -> Result<ClientResponse, RpcError> {
    let force = match payer {
        ForcedPayer::Plan => Force::Plan,
        ForcedPayer::Key => Force::Key,
        ForcedPayer::Auto => Force::Auto,
    };
    if let Decision::StopBecause(why) = auth.force(force).decision {
        return Err(RpcError::invalid_request(why.to_string()));
    }
    Ok(ClientResponse::FallbackSetPayer(response(auth)))
}

/// The state in the protocol's words.
pub fn status(state: FallbackState) -> FallbackStatus {
    FallbackStatus {
        mode: match state.mode {
            Mode::Auto => FallbackMode::Auto,
            Mode::Ask => FallbackMode::Ask,
            Mode::Off => FallbackMode::Off,
        },
        payer: match state.payer {
            Payer::Plan => PayerName::Plan,
            Payer::Key => PayerName::Key,
        },
        payer_since: state.payer_since,
        key_last4: state.key_last4,
        key_state: match state.key_state {
            KeyState::None => FallbackKeyState::None,
            KeyState::Ready => FallbackKeyState::Ready,
            KeyState::Unchecked => FallbackKeyState::Unchecked,
            KeyState::Refused => FallbackKeyState::Refused,
            KeyState::OutOfCredit => FallbackKeyState::OutOfCredit,
        },
        resets_at: state.resets_at,
        tokens: state.tokens,
        usd: state.usd,
        tokens_since_switch: state.tokens_since_switch,
        usd_since_switch: state.usd_since_switch,
    }
}

fn response(auth: &AuthManager) -> FallbackResponse {
    FallbackResponse { fallback: status(auth.status()) }
}
