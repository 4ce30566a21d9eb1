//! Owns the search of every request for what belongs to the other credential.

use crate::cipher::{Opened, open_ciphertext};
use crate::record::{Finding, Recorded};
use crate::script::Door;
use crate::world::World;

/// Headers that are the plan's alone (fallback-spec §3.4).
const PLAN_HEADERS: &[&str] =
    &["chatgpt-account-id", "x-codex-turn-state", "x-codex-routing-hint", "x-openai-fedramp", "cookie"];

/// What this request should not have carried.
pub(crate) fn of_request(world: &World, recorded: &Recorded) -> Vec<Finding> {
    let mut found = Vec::new();
    key_leaks(world, recorded, &mut found);
    if matches!(recorded.door, Door::KeyResponses | Door::KeyModels) {
        plan_leaks(world, recorded, &mut found);
    }
    if recorded.door == Door::PlanResponses {
        turn_state(world, recorded, &mut found);
    }
    found
}

fn key_leaks(world: &World, recorded: &Recorded, found: &mut Vec<Finding>) {
    let platform = matches!(recorded.door, Door::KeyResponses | Door::KeyModels);
    for key in &world.keys {
        if recorded.text.contains(&key.secret) {
            found.push(Finding::Leak(format!("the key {} is in the body", key.name)));
        }
        if recorded.path.contains(&key.secret) {
            found.push(Finding::Leak(format!("the key {} is in the address", key.name)));
        }
        for (name, value) in &recorded.headers {
            if value.contains(&key.secret) && !(platform && name == "authorization") {
                found.push(Finding::Leak(format!("the key {} is in the header {name}", key.name)));
            }
        }
    }
}

fn plan_leaks(world: &World, recorded: &Recorded, found: &mut Vec<Finding>) {
    for (name, value) in &recorded.headers {
        if PLAN_HEADERS.contains(&name.as_str()) {
            found.push(Finding::Leak(format!("the plan's header {name} reached the platform")));
        }
        if name == "content-encoding" && value == "zstd" {
            found.push(Finding::Leak("a zstd body reached the platform".to_owned()));
        }
    }
    if recorded.body["previous_response_id"].is_string() {
        found.push(Finding::Leak("previous_response_id reached the platform".to_owned()));
    }
    if !world.service_tier_allowed && !recorded.body["service_tier"].is_null() {
        found.push(Finding::Leak("service_tier reached the platform".to_owned()));
    }
    let everywhere = |needle: &str| {
        recorded.text.contains(needle)
            || recorded.path.contains(needle)
            || recorded.headers.iter().any(|(_, value)| value.contains(needle))
    };
    for account in &world.accounts {
        if everywhere(&account.id) {
            found.push(Finding::Leak(format!("the account id {} reached the platform", account.id)));
        }
        if recorded
            .input()
            .iter()
            .filter_map(|item| item["encrypted_content"].as_str())
            .any(|ciphertext| open_ciphertext(&account.organisation, ciphertext) == Opened::Own)
        {
            found.push(Finding::Leak(format!("ciphertext of account {} reached the platform", account.id)));
        }
    }
    for (secret, account) in world.tokens.secrets() {
        if everywhere(secret) {
            found.push(Finding::Leak(format!("a token of account {account} reached the platform")));
        }
    }
}

/// `x-codex-turn-state` belongs to the turn it was issued in (wire-facts §3.2).
fn turn_state(world: &World, recorded: &Recorded, found: &mut Vec<Finding>) {
    let Some(state) = recorded.header("x-codex-turn-state") else { return };
    match world.turn_states.get(state) {
        None => found.push(Finding::State("an x-codex-turn-state that was never issued".to_owned())),
        Some(turn) if *turn != recorded.turn_id() => {
            found.push(Finding::State("the x-codex-turn-state of another turn".to_owned()));
        }
        Some(_) => {}
    }
}
