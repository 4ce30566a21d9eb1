//! Field and mirror: which counts, when one follows the other, and that a damaged one is left alone.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

struct Home(TempDir);

impl Home {
    fn new(auth: Option<Value>, mirror: Option<Value>) -> Self {
        let home = Self(TempDir::new().unwrap());
        let put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fs::write(home.0.path().join(name), value.to_string()).unwrap();
            }
        };
        put("auth.json", auth);
        put("fallback-keys.json", mirror);
        home
    }

    fn stores(&self) -> Stores {
        Stores::open(self.0.path(), CredentialsStore::File).unwrap()
    }

    fn file(&self, name: &str) -> Option<Value> {
        let text = fs::read(self.0.path().join(name)).ok()?;
        Some(serde_json::from_slice(&text).unwrap())
    }
}

fn signed_in(account: &str, field: Option<&str>) -> Value {
    let id_token = codex_fake_backend::jwt(&json!({}));
    let mut auth = json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": null, "tokens": {
        "id_token": id_token, "access_token": "at", "refresh_token": "rt", "account_id": account}});
    if let Some(field) = field {
        auth["fallback_openai_api_key"] = json!(field);
    }
    auth
}

fn counts(home: &Home) -> Option<String> {
    let contents = home.stores().read().unwrap();
    contents.into_fallback_key().unwrap().map(|key| key.expose().to_owned())
}

#[test]
fn the_field_wins_and_the_mirror_stands_in() {
    let check = |auth: Value, mirror: Option<Value>, expect: Option<&str>| {
        let told = format!("{auth} {mirror:?}");
        assert_eq!(counts(&Home::new(Some(auth), mirror)).as_deref(), expect, "{told}");
    };
    let mirror = || Some(json!({"acct-1": "sk-m"}));
    check(signed_in("acct-1", None), None, None);
    check(signed_in("acct-1", Some("sk-f")), None, Some("sk-f"));
    check(signed_in("acct-1", None), mirror(), Some("sk-m"));
    check(signed_in("acct-1", Some("sk-f")), mirror(), Some("sk-f"));
    check(signed_in("acct-2", None), mirror(), None);
    check(json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-1"}), mirror(), None);
    assert_eq!(counts(&Home::new(None, mirror())), None);
}

#[test]
fn a_write_brings_both_together() {
    let check = |field: Option<&str>, mirrored: Option<&str>, expect: Option<&str>| {
        let mirror = mirrored.map(|key| json!({"acct-1": key, "acct-2": "sk-other"}));
        let home = Home::new(Some(signed_in("acct-1", field)), mirror);
        let stores = home.stores();
        let locked = stores.lock(0).unwrap();
        let auth = locked.read().unwrap().auth.unwrap();
        locked.write(auth).unwrap();
        let told = format!("{field:?} {mirrored:?}");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let auth = home.file("auth.json").unwrap();
        assert_eq!(text(&auth["fallback_openai_api_key"]).as_deref(), expect, "{told}");
        let mirror = home.file("fallback-keys.json").unwrap_or_default();
        assert_eq!(text(&mirror["acct-1"]).as_deref(), expect, "{told}");
        assert_eq!(mirror["acct-2"].is_string(), mirrored.is_some(), "{told}");
    };
    check(None, None, None);
    check(Some("sk-f"), None, Some("sk-f"));
    check(None, Some("sk-m"), Some("sk-m"));
    check(Some("sk-f"), Some("sk-m"), Some("sk-f"));
    check(Some("sk-f"), Some("sk-f"), Some("sk-f"));
}

#[test]
fn the_put_back_asks_the_mirror_under_the_lock() {
    let home = Home::new(Some(signed_in("acct-1", None)), Some(json!({"acct-1": "sk-m"})));
    let stores = home.stores();
    let locked = stores.lock(0).unwrap();
    let auth = locked.read().unwrap().auth.unwrap();
    // Another process that does not know our lock removed the key after we read.
    fs::remove_file(home.0.path().join("fallback-keys.json")).unwrap();
    locked.write(auth).unwrap();
    assert_eq!(counts(&home), None);
    assert_eq!(home.file("auth.json").unwrap().get("fallback_openai_api_key"), None);
}

#[test]
fn a_key_is_put_and_taken_in_both_places_and_others_stay() {
    let home = Home::new(Some(signed_in("acct-1", None)), Some(json!({"acct-2": "sk-other"})));
    let stores = home.stores();
    let locked = stores.lock(0).unwrap();
    locked.put_key(locked.read().unwrap(), Secret::new("sk-new")).unwrap();
    assert_eq!(home.file("auth.json").unwrap()["fallback_openai_api_key"], "sk-new");
    assert_eq!(home.file("fallback-keys.json").unwrap(), json!({"acct-1": "sk-new", "acct-2": "sk-other"}));

    let taken = locked.take_key(locked.read().unwrap()).unwrap();
    assert_eq!(taken, Some(Secret::new("sk-new")));
    assert_eq!(home.file("auth.json").unwrap(), signed_in("acct-1", None));
    assert_eq!(home.file("fallback-keys.json").unwrap(), json!({"acct-2": "sk-other"}));
    assert_eq!(locked.take_key(locked.read().unwrap()).unwrap(), None);
}

#[test]
fn a_key_that_cannot_be_stored_whole_is_not_stored_at_all() {
    let home = Home::new(Some(signed_in("acct-1", None)), None);
    let stores = home.stores();
    let locked = stores.lock(0).unwrap();
    let contents = locked.read().unwrap();
    fs::remove_file(home.0.path().join("auth.json")).unwrap();
    fs::create_dir(home.0.path().join("auth.json")).unwrap();
    assert!(locked.put_key(contents, Secret::new("sk-new")).is_err());
    assert_eq!(home.file("fallback-keys.json"), None);
}

#[test]
fn an_empty_mirror_leaves_no_file() {
    let home = Home::new(Some(signed_in("acct-1", Some("sk-f"))), Some(json!({"acct-1": "sk-f"})));
    let stores = home.stores();
    let locked = stores.lock(0).unwrap();
    locked.take_key(locked.read().unwrap()).unwrap();
    assert_eq!(home.file("fallback-keys.json"), None);
}

#[test]
fn a_damaged_mirror_is_told_and_never_touched() {
    let home = Home::new(Some(signed_in("acct-1", None)), None);
    let path = home.0.path().join("fallback-keys.json");
    fs::write(&path, "{\"acct-1\": \"sk-canary").unwrap();
    let stores = home.stores();
    let contents = stores.read().unwrap();
    let warning = contents.mirror_warning().unwrap();
    assert!(warning.contains("fallback-keys.json") && warning.contains("line 1"), "{warning}");
    assert!(!warning.contains("canary"), "{warning}");
    assert!(contents.into_fallback_key().is_err(), "not knowing is not \"none\"");

    let locked = stores.lock(0).unwrap();
    assert!(locked.put_key(locked.read().unwrap(), Secret::new("sk-new")).is_err());
    assert!(locked.take_key(locked.read().unwrap()).is_err());
    assert!(locked.forget_mirrored(&locked.read().unwrap()).is_err());
    // The session's own rewrite goes through.
    let auth = locked.read().unwrap().auth.unwrap();
    locked.write(auth).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"acct-1\": \"sk-canary");
    assert_eq!(home.file("auth.json").unwrap(), signed_in("acct-1", None));
}

#[test]
fn stores_that_are_not_built_are_refused_with_the_way_out() {
    for mode in [CredentialsStore::Keyring, CredentialsStore::Auto, CredentialsStore::Ephemeral] {
        let told = Stores::open(Path::new("/nowhere"), mode).unwrap_err().to_string();
        assert!(told.contains(mode.as_str()), "{told}");
        assert!(
            told.contains("not built yet") && told.contains("cli_auth_credentials_store = \"file\""),
            "{told}"
        );
    }
}

#[test]
fn leftovers_of_killed_writers_are_swept() {
    let home = Home::new(Some(signed_in("acct-1", None)), None);
    let stores = home.stores();
    let leftover = {
        let mut name = temporary_prefix(&home.0.path().join("auth.json"));
        name.push("left");
        home.0.path().join(name)
    };
    fs::write(&leftover, "half").unwrap();
    drop(stores.lock(0).unwrap());
    assert!(leftover.exists(), "a young one may be in use");
    let written = fs::metadata(&leftover).unwrap().modified().unwrap();
    let written = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    drop(stores.lock(i64::try_from(written).unwrap() + 4000).unwrap());
    assert!(!leftover.exists());
}
