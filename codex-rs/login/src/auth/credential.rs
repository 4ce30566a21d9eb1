//! What carries one model request.

use codex_fallback::Ticket;
use codex_protocol::Minter;
use codex_redact::Secret;
use sha2::{Digest, Sha256};

/// A credential, who mints what it brings back, and the ticket its answer is reported with.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What to put into the headers.
    pub kind: CredentialKind,
    /// Marks the items of the answer.
    pub minter: Minter,
    /// `None`: signed in with an API key, nothing falls back and nothing is reported.
    pub ticket: Option<Ticket>,
}

/// The credential itself.
#[derive(Debug, Clone)]
pub enum CredentialKind {
    /// The ChatGPT session.
    Plan {
        /// The bearer.
        access_token: Secret,
        /// Header `chatgpt-account-id`.
        account_id: Option<String>,
        /// Header `X-OpenAI-Fedramp`.
        fedramp: bool,
    },
    /// The fallback key.
    Key {
        /// The bearer.
        key: Secret,
        /// Its last four characters, to show.
        last4: String,
    },
    /// The API key somebody signed in with.
    ApiKey {
        /// The bearer.
        key: Secret,
    },
}

impl Credential {
    pub(crate) fn new(kind: CredentialKind, ticket: Option<Ticket>) -> Self {
        let minter = match &kind {
            CredentialKind::Plan { access_token, account_id, .. } => match account_id {
                Some(account) => short_hash("account", account),
                // Without an account id the token is all that tells organisations apart.
                None => short_hash("token", access_token.expose()),
            },
            CredentialKind::Key { key, .. } | CredentialKind::ApiKey { key } => {
                short_hash("key", key.expose())
            }
        };
        Self { kind, minter, ticket }
    }

    /// What the Authorization header carries.
    pub fn bearer(&self) -> &Secret {
        match &self.kind {
            CredentialKind::Plan { access_token, .. } => access_token,
            CredentialKind::Key { key, .. } | CredentialKind::ApiKey { key } => key,
        }
    }
}

/// Eight bytes tell a person's credentials apart and give nothing of them away.
fn short_hash(kind: &str, identity: &str) -> Minter {
    let hash = Sha256::new().chain_update(kind).chain_update([0]).chain_update(identity).finalize();
    let text: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Minter::new(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minters_tell_credentials_apart_and_hold_nothing_of_them() {
        let key = |text: &str| CredentialKind::Key { key: Secret::new(text), last4: String::new() };
        let plan = |token: &str, account: Option<&str>| CredentialKind::Plan {
            access_token: Secret::new(token),
            account_id: account.map(str::to_owned),
            fedramp: false,
        };
        let minter = |kind| Credential::new(kind, None).minter;
        assert_eq!(minter(plan("t1", Some("acct-1"))), minter(plan("t2", Some("acct-1"))));
        assert_ne!(minter(plan("t1", Some("acct-1"))), minter(plan("t1", Some("acct-2"))));
        assert_ne!(minter(key("sk-one")), minter(key("sk-two")));
        let signed_in = CredentialKind::ApiKey { key: Secret::new("sk-one") };
        assert_eq!(minter(key("sk-one")), minter(signed_in), "the same key is the same organisation");
        assert_ne!(minter(key("acct-1")), minter(plan("", Some("acct-1"))));
        assert_eq!(minter(key("sk-one")).as_str().len(), 16);
    }
}
