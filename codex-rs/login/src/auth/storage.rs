//! `auth.json`: its members (wire-facts §1.1), reading with errors that show no content, writing in the same form.

use std::fmt;
use std::path::Path;

use codex_durable_fs::PrivateFile;
use codex_redact::Secret;
use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::document::{Field, Layout};
use crate::error::LoginError;

/// Members of other sign-in modes; kept like unknown ones until somebody signs in anew.
const OTHER_CREDENTIALS: [&str; 4] =
    ["agent_identity", "personal_access_token", "bedrock_api_key", "bedrock_access_keys"];

const AUTH_MODE: &str = "auth_mode";
const OPENAI_API_KEY: &str = "OPENAI_API_KEY";
const TOKENS: &str = "tokens";
const LAST_REFRESH: &str = "last_refresh";
const FALLBACK_KEY: &str = "fallback_openai_api_key";
const ID_TOKEN: &str = "id_token";
const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
const ACCOUNT_ID: &str = "account_id";

/// The content of `auth.json`. Unknown members, here and in `tokens`, survive every rewrite.
#[derive(Debug, Clone, Default)]
pub struct AuthDotJson {
    /// `apikey`, `chatgpt`, …; absent in some official files.
    pub auth_mode: Option<String>,
    /// The API key of `codex login --with-api-key`; always written, null when absent.
    pub openai_api_key: Option<Secret>,
    /// The ChatGPT session.
    pub tokens: Option<TokenData>,
    /// When the tokens were last refreshed, RFC 3339.
    pub last_refresh: Option<String>,
    /// Ours: the fallback key. Other Codex programs drop it, hence the mirror (fallback-spec §1.4).
    pub fallback_openai_api_key: Option<Secret>,
    layout: Layout,
}

/// The ChatGPT session's tokens.
#[derive(Debug, Clone)]
pub struct TokenData {
    /// JWT that says who is signed in.
    pub id_token: Secret,
    /// JWT that requests carry.
    pub access_token: Secret,
    /// Single-use token that buys new ones.
    pub refresh_token: Secret,
    /// The ChatGPT account (workspace) that requests name.
    pub account_id: Option<String>,
    layout: Layout,
}

/// What a sign-in is, by `auth_mode` or, without it, by what is there (wire-facts §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthMode {
    ApiKey,
    ChatGpt,
    /// A known mode that is not built; its name in words.
    Unsupported(&'static str),
    /// `auth_mode` is none of the known words.
    Unknown,
}

impl AuthDotJson {
    /// Reads the content of `path`; nothing of it stands in the error.
    pub(crate) fn parse(path: &Path, file: PrivateFile) -> Result<Self, LoginError> {
        let auth: Self = parse_json(path, file)?;
        match auth.mode() {
            AuthMode::Unknown => Err(LoginError::UnknownMode { path: path.to_path_buf() }),
            AuthMode::ApiKey | AuthMode::ChatGpt | AuthMode::Unsupported(_) => Ok(auth),
        }
    }

    /// What a sign-in with an API key writes: the session, the other modes' credentials and the fallback key go.
    pub(crate) fn sign_in_with_api_key(&mut self, key: Secret) {
        self.auth_mode = Some("apikey".to_owned());
        self.openai_api_key = Some(key);
        self.tokens = None;
        self.last_refresh = None;
        self.fallback_openai_api_key = None;
        self.layout.forget(&OTHER_CREDENTIALS);
    }

    /// Every credential in it that we know the meaning of.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let tokens = self.tokens.as_ref();
        let session = tokens.map(|tokens| [&tokens.id_token, &tokens.access_token, &tokens.refresh_token]);
        let keys = self.openai_api_key.iter().chain(&self.fallback_openai_api_key);
        session.into_iter().flatten().chain(keys)
    }

    pub(crate) fn mode(&self) -> AuthMode {
        match self.auth_mode.as_deref() {
            Some("apikey") => AuthMode::ApiKey,
            Some("chatgpt") => AuthMode::ChatGpt,
            Some("chatgptAuthTokens") => AuthMode::Unsupported("tokens that another program supplies"),
            Some("headers") => AuthMode::Unsupported("request headers"),
            Some("agentIdentity") => AuthMode::Unsupported("an agent identity"),
            Some("personalAccessToken") => AuthMode::Unsupported("a personal access token"),
            Some("bedrockApiKey" | "bedrockAccessKeys") => AuthMode::Unsupported("Amazon Bedrock"),
            Some(_) => AuthMode::Unknown,
            None if self.layout.holds("personal_access_token") => {
                AuthMode::Unsupported("a personal access token")
            }
            None if self.openai_api_key.is_some() => AuthMode::ApiKey,
            None if self.tokens.is_none() && self.layout.holds("agent_identity") => {
                AuthMode::Unsupported("an agent identity")
            }
            None => AuthMode::ChatGpt,
        }
    }

    /// As official programs write it: two spaces, no line break at the end.
    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        serde_json::to_vec_pretty(self).map(Zeroizing::new)
    }
}

/// Parses a credential file; `Empty` and `Malformed` tell where the mistake is and repeat nothing.
pub(crate) fn parse_json<T: DeserializeOwned>(path: &Path, file: PrivateFile) -> Result<T, LoginError> {
    let bytes = Zeroizing::new(file.bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(LoginError::Empty { path: path.to_path_buf() });
    }
    serde_json::from_slice(&bytes).map_err(|error| LoginError::Malformed {
        path: path.to_path_buf(),
        problem: match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Data => "a member is missing, twice there or of the wrong type",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "it is not valid JSON",
        },
        line: error.line(),
        column: error.column(),
    })
}

impl Serialize for AuthDotJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = [
            (AUTH_MODE, self.auth_mode.as_deref().map(Field::Text)),
            (OPENAI_API_KEY, Some(self.openai_api_key.as_ref().map_or(Field::Null, Field::Secret))),
            (TOKENS, self.tokens.as_ref().map(Field::Tokens)),
            (LAST_REFRESH, self.last_refresh.as_deref().map(Field::Text)),
            (FALLBACK_KEY, self.fallback_openai_api_key.as_ref().map(Field::Secret)),
        ];
        self.layout.write(&known, serializer)
    }
}

impl Serialize for TokenData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = [
            (ID_TOKEN, Some(Field::Secret(&self.id_token))),
            (ACCESS_TOKEN, Some(Field::Secret(&self.access_token))),
            (REFRESH_TOKEN, Some(Field::Secret(&self.refresh_token))),
            (ACCOUNT_ID, self.account_id.as_deref().map(Field::Text)),
        ];
        self.layout.write(&known, serializer)
    }
}

impl<'de> Deserialize<'de> for AuthDotJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AuthVisitor)
    }
}

impl<'de> Deserialize<'de> for TokenData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TokenVisitor)
    }
}

struct AuthVisitor;

impl<'de> Visitor<'de> for AuthVisitor {
    type Value = AuthDotJson;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AuthDotJson, A::Error> {
        let mut auth = AuthDotJson::default();
        while let Some(name) = map.next_key::<String>()? {
            let layout = &mut auth.layout;
            match name.as_str() {
                AUTH_MODE => auth.auth_mode = value(AUTH_MODE, layout, &mut map)?,
                OPENAI_API_KEY => auth.openai_api_key = value(OPENAI_API_KEY, layout, &mut map)?,
                TOKENS => auth.tokens = value(TOKENS, layout, &mut map)?,
                LAST_REFRESH => auth.last_refresh = value(LAST_REFRESH, layout, &mut map)?,
                FALLBACK_KEY => auth.fallback_openai_api_key = value(FALLBACK_KEY, layout, &mut map)?,
                _ => layout.unknown(name, &mut map)?,
            }
        }
        Ok(auth)
    }
}

struct TokenVisitor;

impl<'de> Visitor<'de> for TokenVisitor {
    type Value = TokenData;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TokenData, A::Error> {
        let mut layout = Layout::default();
        let (mut id_token, mut access_token, mut refresh_token, mut account_id) = (None, None, None, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                ID_TOKEN => id_token = value(ID_TOKEN, &mut layout, &mut map)?,
                ACCESS_TOKEN => access_token = value(ACCESS_TOKEN, &mut layout, &mut map)?,
                REFRESH_TOKEN => refresh_token = value(REFRESH_TOKEN, &mut layout, &mut map)?,
                ACCOUNT_ID => account_id = value(ACCOUNT_ID, &mut layout, &mut map)?,
                _ => layout.unknown(name, &mut map)?,
            }
        }
        Ok(TokenData {
            id_token: id_token.ok_or_else(|| de::Error::missing_field(ID_TOKEN))?,
            access_token: access_token.ok_or_else(|| de::Error::missing_field(ACCESS_TOKEN))?,
            refresh_token: refresh_token.ok_or_else(|| de::Error::missing_field(REFRESH_TOKEN))?,
            account_id,
            layout,
        })
    }
}

fn value<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    name: &'static str,
    layout: &mut Layout,
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    if layout.known(name) { map.next_value() } else { Err(de::Error::duplicate_field(name)) }
}

#[cfg(test)]
mod tests;
