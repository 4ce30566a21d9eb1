//! `account/read`: who is signed in.

use codex_app_server_protocol::{Account, AccountReadResponse};
use codex_fallback::KeyState;
use codex_login::{AuthManager, CodexAuth};

use crate::subscriber::Subscriber;

/// Who is signed in, from memory; clients with the capability are also told whether a fallback key is stored.
pub(crate) fn read(auth: &AuthManager, subscriber: &Subscriber) -> AccountReadResponse {
    let (account, user_id) = match auth.auth() {
        None => (None, None),
        Some(CodexAuth::ApiKey) => (Some(Account::ApiKey {}), None),
        Some(CodexAuth::ChatGpt(chatgpt)) => {
            let account =
                Account::Chatgpt { email: chatgpt.email, plan_type: chatgpt.plan_type, workspace_name: None };
            (Some(account), chatgpt.user_id)
        }
    };
    AccountReadResponse {
        account,
        user_id,
        requires_openai_auth: true,
        fallback_key_stored: subscriber.knows_fallback().then(|| auth.status().key_state != KeyState::None),
    }
}
