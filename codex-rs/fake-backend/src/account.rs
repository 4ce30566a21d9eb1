//! Owns who can sign in here: ChatGPT accounts and platform keys, and what each may use.

/// A ChatGPT account. Its tokens are minted by the backend: `FakeBackend::auth_json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `chatgpt_account_id`, also what the header `chatgpt-account-id` must say.
    pub id: String,
    /// Claim `email`.
    pub email: String,
    /// Claim `chatgpt_plan_type`, such as `plus`.
    pub plan: String,
    /// Claim `chatgpt_user_id`.
    pub user_id: String,
    /// Mints and opens this account's ciphertext.
    pub organisation: String,
    /// Model slugs the plan offers; others get the "not supported when using Codex with a ChatGPT account" 400.
    pub models: Vec<String>,
}

impl Account {
    /// A Plus account with the default models and an organisation of its own.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            email: format!("{id}@example.com"),
            plan: "plus".to_owned(),
            user_id: format!("user-{id}"),
            organisation: format!("org-of-{id}"),
            models: default_models(),
        }
    }

    /// The same account on another plan.
    pub fn with_plan(mut self, plan: &str) -> Self {
        self.plan = plan.to_owned();
        self
    }

    /// The same account with exactly these models.
    pub fn with_models(mut self, models: &[&str]) -> Self {
        self.models = models.iter().map(|model| (*model).to_owned()).collect();
        self
    }
}

/// A key of the platform API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformKey {
    /// The bearer itself, `sk-…`.
    pub secret: String,
    /// How records and verdicts name it; never the secret.
    pub name: String,
    /// Mints and opens this key's ciphertext.
    pub organisation: String,
    /// Model slugs the key may use; others get `model_not_found`.
    pub models: Vec<String>,
    /// What the platform thinks of it. Can change while running: `FakeBackend::set_key_state`.
    pub state: KeyState,
}

impl PlatformKey {
    /// A working key with the default models, named by its last four characters, organisation `org-key`.
    pub fn new(secret: &str) -> Self {
        let tail: String = secret.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        Self {
            secret: secret.to_owned(),
            name: format!("…{tail}"),
            organisation: "org-key".to_owned(),
            models: default_models(),
            state: KeyState::Ready,
        }
    }

    /// The same key in another state.
    pub fn with_state(mut self, state: KeyState) -> Self {
        self.state = state;
        self
    }

    /// The same key with exactly these models.
    pub fn with_models(mut self, models: &[&str]) -> Self {
        self.models = models.iter().map(|model| (*model).to_owned()).collect();
        self
    }
}

/// What the platform thinks of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Works.
    Ready,
    /// 401 `invalid_api_key` everywhere.
    Revoked,
    /// 429 `insufficient_quota` on every model request; listing models works.
    NoCredit,
    /// 403 on `GET /v1/models`; model requests work.
    RestrictedNoModelList,
    /// 429 with "Please try again in 0.2s" on every model request until set to another state.
    Throttled,
    /// 400 `unsupported_value`, param `reasoning.summary`, whenever a summary is asked for.
    UnverifiedSummaries,
}

fn default_models() -> Vec<String> {
    vec!["gpt-5.5".to_owned(), "gpt-5.4".to_owned()]
}
