//! `account/addFallbackApiKey` and `account/removeFallbackApiKey`: what both forms of the server answer.

use codex_app_server_protocol::AddFallbackApiKeyParams;
use codex_app_server_protocol::AddFallbackApiKeyResponse;
use codex_app_server_protocol::FallbackStatus;
use codex_app_server_protocol::JSONRPCErrorError;
use codex_app_server_protocol::RemoveFallbackApiKeyResponse;
use codex_login::AuthManager;
use codex_protocol::config_types::ForcedLoginMethod;
use codex_redact::Secret;

/// JSON-RPC's own code for a request that cannot be done as it is.
const INVALID_REQUEST: i64 = -32600;

pub(crate) async fn add(
    auth_manager: &AuthManager,
    params: AddFallbackApiKeyParams,
    forced: Option<ForcedLoginMethod>,
) -> Result<AddFallbackApiKeyResponse, JSONRPCErrorError> {
    let forced = forced == Some(ForcedLoginMethod::Chatgpt);
    let message = auth_manager
        .add_fallback_key(Secret::new(params.api_key), forced)
        .await
        .map_err(refusal)?;
    Ok(AddFallbackApiKeyResponse {
        fallback: status(auth_manager),
        message,
    })
}

pub(crate) fn remove(
    auth_manager: &AuthManager,
) -> Result<RemoveFallbackApiKeyResponse, JSONRPCErrorError> {
    let message = auth_manager
        .remove_fallback_key()
        .map_err(refusal)?
        .unwrap_or_else(|| "No fallback API key is stored.".to_owned());
    Ok(RemoveFallbackApiKeyResponse {
        fallback: status(auth_manager),
        message,
    })
}

fn status(auth_manager: &AuthManager) -> FallbackStatus {
    let state = auth_manager.fallback_state();
    FallbackStatus {
        mode: state.mode.to_owned(),
        payer: state.payer.to_owned(),
        payer_since: state.payer_since,
        key_last4: state.key_last4,
        key_state: state.key_state.to_owned(),
        resets_at: state.resets_at,
    }
}

fn refusal(message: String) -> JSONRPCErrorError {
    JSONRPCErrorError {
        code: INVALID_REQUEST,
        message,
        data: None,
    }
}
