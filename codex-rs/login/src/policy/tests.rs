//! Settings become a policy: blocks and their order, defaults by host, prices.

use codex_config::BaseUrl;

use super::*;
use crate::endpoints::IssuerOverrides;

fn policy(change: impl FnOnce(&mut Config), host: Host) -> Policy {
    let mut config = Config::default();
    change(&mut config);
    let endpoints = Endpoints::new(&config, &IssuerOverrides::default()).unwrap();
    PolicySettings::from(&config).policy(host, &endpoints)
}

#[test]
fn blocks_come_from_the_settings_administrators_first() {
    let check = |change: fn(&mut Config), expect: Option<Block>| {
        assert_eq!(policy(change, Host::Session).block, expect, "{expect:?}");
    };
    check(|_| {}, None);
    check(|config| config.forced_login_method = Some(LoginMethod::ChatGpt), Some(Block::ForcedLogin));
    check(|config| config.forced_login_method = Some(LoginMethod::Api), None);
    check(|config| config.forced_chatgpt_workspace_id = vec!["w".into()], Some(Block::ForcedWorkspace));
    check(
        |config| config.fallback.max_tokens_per_process = 1,
        Some(Block::CapNotBuilt("max_tokens_per_process")),
    );
    check(|config| config.fallback.max_tokens_per_day = 1, Some(Block::CapNotBuilt("max_tokens_per_day")));
    check(|config| config.fallback.max_usd_per_day = 0.5, Some(Block::CapNotBuilt("max_usd_per_day")));
    check(
        |config| config.openai_base_url = BaseUrl::parse("https://g.example/v1").ok(),
        Some(Block::CustomBaseUrl),
    );
    check(
        |config| {
            config.forced_login_method = Some(LoginMethod::ChatGpt);
            config.fallback.max_tokens_per_day = 1;
        },
        Some(Block::ForcedLogin),
    );
}

#[test]
fn the_return_defaults_by_host() {
    assert_eq!(policy(|_| {}, Host::Session).return_policy, ReturnPolicy::Session);
    assert_eq!(policy(|_| {}, Host::Server).return_policy, ReturnPolicy::Reset);
    let set = |config: &mut Config| config.fallback.return_policy = Some(ReturnPolicy::Session);
    assert_eq!(policy(set, Host::Server).return_policy, ReturnPolicy::Session);
    let named = |config: &mut Config| config.fallback.model = Some("m".into());
    assert_eq!(policy(named, Host::Session).substitute, Substitute::Named);
}

#[test]
fn tokens_without_a_price_cost_an_unknown_amount() {
    let usage = |input_tokens, cached_input_tokens, output_tokens| TokenUsage {
        input_tokens,
        cached_input_tokens,
        output_tokens,
        ..TokenUsage::default()
    };
    let price = |input, cached_input, output| Price { input, cached_input, output };
    let all = price(Some(2.0), Some(1.0), Some(8.0));
    assert_eq!(cost(&all, &usage(1_000_000, 500_000, 250_000)), Some(1.0 + 0.5 + 2.0));
    assert_eq!(cost(&all, &usage(10, 20, 0)), Some(10.0 / 1_000_000.0), "never more cached than sent");
    assert_eq!(cost(&price(Some(2.0), None, Some(8.0)), &usage(10, 5, 1)), None);
    assert_eq!(cost(&price(Some(2.0), None, Some(8.0)), &usage(0, 0, 0)), Some(0.0));
}
