//! Every shape of answer known from the wild (`fallback-facts` §3.5) and the signal it is read as.

use super::*;

/// Four days before the reset of the first real body.
const NOW: i64 = 1_775_317_531 - 345_600;
const DAY: i64 = 24 * 3600;

type Headers = &'static [(&'static str, &'static str)];

/// The headers that came with the first real body (icebear0828/codex-proxy#65).
const REAL_HTTP_HEADERS: Headers = &[
    ("x-codex-active-limit", "codex"),
    ("x-codex-plan-type", "free"),
    ("x-codex-primary-used-percent", "100"),
    ("x-codex-primary-window-minutes", "10080"),
    ("x-codex-primary-reset-after-seconds", "602705"),
    ("x-codex-primary-reset-at", "1775317531"),
    ("x-codex-secondary-used-percent", "0"),
    ("x-codex-secondary-window-minutes", "0"),
    ("x-codex-secondary-reset-after-seconds", "0"),
    ("x-codex-secondary-reset-at", ""),
    ("x-codex-primary-over-secondary-limit-percent", "0"),
    ("x-codex-credits-has-credits", "False"),
    ("x-codex-credits-balance", ""),
    ("x-codex-credits-unlimited", "False"),
    ("x-codex-promo-campaign-id", ""),
    ("x-codex-promo-message", ""),
    ("x-models-etag", "W/\"e\""),
    ("x-oai-request-id", "r"),
];

/// The headers inside the real WebSocket frame (pi#4172): active limit `premium`, family `x-codex-*`.
const REAL_FRAME_HEADERS: Headers =
    &[("X-Codex-Active-Limit", "premium"), ("X-Codex-Primary-Used-Percent", "100")];

const REACHED_RATE_LIMIT: Headers = &[("x-codex-rate-limit-reached-type", "rate_limit_reached")];
const REACHED_OWNER_CAP: Headers =
    &[("x-codex-rate-limit-reached-type", "workspace_owner_usage_limit_reached")];

fn http(status: u16, code: &'static str) -> Answer<'static> {
    Answer { status: Some(status), error_code: Some(code), ..Answer::default() }
}

fn bare(status: u16) -> Answer<'static> {
    Answer { status: Some(status), ..Answer::default() }
}

/// `error.type` only, as the plan's backend sends it.
fn typed(status: u16, error_type: &'static str) -> Answer<'static> {
    Answer { status: Some(status), error_type: Some(error_type), ..Answer::default() }
}

fn in_stream(code: &'static str) -> Answer<'static> {
    Answer { error_code: Some(code), ..Answer::default() }
}

fn in_stream_typed(error_type: &'static str) -> Answer<'static> {
    Answer { error_type: Some(error_type), ..Answer::default() }
}

fn with(answer: Answer<'static>, headers: Headers) -> Answer<'static> {
    Answer { headers, ..answer }
}

fn saying(answer: Answer<'static>, message: &'static str) -> Answer<'static> {
    Answer { message: Some(message), ..answer }
}

fn about(answer: Answer<'static>, param: &'static str) -> Answer<'static> {
    Answer { param: Some(param), ..answer }
}

#[track_caller]
fn check(carried_by: Payer, table: &[(&str, Answer<'_>, Signal)]) {
    for (name, answer, expected) in table {
        assert_eq!(classify(carried_by, answer, NOW), *expected, "{name}");
    }
}

const LIMIT: Signal = Signal::Limit { resets_at: None };

#[test]
fn the_two_real_bodies_are_limits_until_the_time_they_name() {
    let body = typed(429, "usage_limit_reached");
    let http_body = Answer { resets_at: Some(1_775_317_531), resets_in_seconds: Some(602_705), ..body };
    let frame_body = Answer { resets_at: Some(1_777_936_568), resets_in_seconds: Some(13_872), ..body };
    let frame_time = 1_777_936_568 - 13_872;
    assert_eq!(
        classify(Payer::Plan, &with(http_body, REAL_HTTP_HEADERS), NOW),
        Signal::Limit { resets_at: Some(1_775_317_531) }
    );
    assert_eq!(
        classify(Payer::Plan, &with(frame_body, REAL_FRAME_HEADERS), frame_time),
        Signal::Limit { resets_at: Some(1_777_936_568) }
    );
    let without_status = Answer { status: None, ..frame_body };
    assert_eq!(
        classify(Payer::Plan, &with(without_status, REAL_FRAME_HEADERS), frame_time),
        Signal::Limit { resets_at: Some(1_777_936_568) }
    );
}

#[test]
fn the_plans_limit_is_known_by_code_by_type_and_by_reached_type() {
    const OWNER_CREDITS: Headers = &[("x-codex-rate-limit-reached-type", "workspace_owner_credits_depleted")];
    const MEMBER_CREDITS: Headers =
        &[("x-codex-rate-limit-reached-type", "workspace_member_credits_depleted")];
    const GROUP_CREDITS: Headers = &[("x-codex-rate-limit-reached-type", "workspace_group_credits_depleted")];
    const UNKNOWN: Headers = &[("x-codex-rate-limit-reached-type", "something_new")];
    const EMPTY: Headers = &[("x-codex-rate-limit-reached-type", "")];
    check(
        Payer::Plan,
        &[
            ("429 by type", typed(429, "usage_limit_reached"), LIMIT),
            ("429 by code", http(429, "usage_limit_reached"), LIMIT),
            ("plan lacks codex", typed(429, "usage_not_included"), LIMIT),
            ("newer code", http(429, "usage_limit_exceeded"), LIMIT),
            ("plan credits", http(429, "credit_balance_exhausted"), LIMIT),
            ("402", http(402, "usage_limit_exceeded"), LIMIT),
            ("in a stream by code", in_stream("usage_limit_reached"), LIMIT),
            ("in a stream by type", in_stream_typed("usage_limit_reached"), LIMIT),
            ("in a stream, not included", in_stream("usage_not_included"), LIMIT),
            ("reached type alone", with(bare(429), REACHED_RATE_LIMIT), LIMIT),
            ("reached type beside an unknown code", with(http(429, "brand_new"), REACHED_RATE_LIMIT), LIMIT),
            ("owner's credits", with(bare(429), OWNER_CREDITS), LIMIT),
            ("member's credits", with(bare(429), MEMBER_CREDITS), LIMIT),
            ("anybody's credits", with(bare(402), GROUP_CREDITS), LIMIT),
            ("unknown reached type", with(bare(429), UNKNOWN), Signal::Throttle),
            ("empty reached type", with(bare(429), EMPTY), Signal::Throttle),
            (
                "a known code decides against the reached type",
                with(http(429, "rate_limit_exceeded"), REACHED_RATE_LIMIT),
                Signal::Throttle,
            ),
            (
                "quota is not the plan's limit",
                with(http(429, "insufficient_quota"), REACHED_RATE_LIMIT),
                Signal::Other,
            ),
            (
                "a frame about something else that repeats the state",
                with(in_stream("context_length_exceeded"), REACHED_RATE_LIMIT),
                Signal::Other,
            ),
        ],
    );
}

#[test]
fn a_limit_of_one_model_or_feature_is_scoped() {
    const BY_PERCENT: Headers =
        &[("x-codex-active-limit", "codex_bengalfox"), ("x-codex-bengalfox-primary-used-percent", "100")];
    const BY_NAME: Headers = &[("x-codex-active-limit", "image_gen"), ("x-image-gen-limit-name", "Images")];
    const OTHER_FAMILY: Headers =
        &[("x-codex-active-limit", "codex_bengalfox"), ("x-image-gen-primary-used-percent", "100")];
    const NO_FAMILY: Headers = &[("x-codex-active-limit", "codex_bengalfox")];
    const EMPTY_FAMILY: Headers =
        &[("x-codex-active-limit", "codex_bengalfox"), ("x-codex-bengalfox-limit-name", "")];
    const CODEX: Headers = &[("x-codex-active-limit", "codex"), ("x-codex-primary-used-percent", "100")];
    const PREMIUM: Headers = &[("x-codex-active-limit", "premium"), ("x-premium-limit-name", "Premium")];
    const NOT_ACTIVE: Headers =
        &[("x-codex-active-limit", "codex"), ("x-codex-bengalfox-primary-used-percent", "100")];
    const MODEL_CAP: Headers =
        &[("x-codex-model-cap-model", "gpt-5.4"), ("x-codex-model-cap-reset-after-seconds", "60")];
    const NO_MODEL_CAP: Headers = &[("x-codex-model-cap-model", "")];
    let limit = typed(429, "usage_limit_reached");
    let frame = in_stream_typed("usage_limit_reached");
    let scoped = Signal::ScopedLimit;
    check(
        Payer::Plan,
        &[
            ("percent of the named family", with(limit, BY_PERCENT), scoped),
            ("name of the named family", with(limit, BY_NAME), scoped),
            ("in a frame without status", with(frame, BY_PERCENT), scoped),
            ("model cap", with(limit, MODEL_CAP), scoped),
            ("model cap on a bare 429", with(bare(429), MODEL_CAP), scoped),
            ("scoped comes before throttle", with(http(429, "rate_limit_exceeded"), BY_PERCENT), scoped),
            ("model cap header empty", with(limit, NO_MODEL_CAP), LIMIT),
            ("only another id's family", with(limit, OTHER_FAMILY), LIMIT),
            ("no family at all", with(limit, NO_FAMILY), LIMIT),
            ("empty family", with(limit, EMPTY_FAMILY), LIMIT),
            ("the plan's own limit", with(limit, CODEX), LIMIT),
            ("premium is the plan's own limit", with(limit, PREMIUM), LIMIT),
            ("a family that is not active", with(limit, NOT_ACTIVE), LIMIT),
            ("a 400 is no limit", with(bare(400), BY_PERCENT), Signal::Other),
            (
                "an overload in a frame",
                with(in_stream("server_is_overloaded"), BY_PERCENT),
                Signal::ServerTrouble,
            ),
        ],
    );
}

#[test]
fn an_administrators_cap_is_never_the_plans_own_limit() {
    const MEMBER_CAP: Headers =
        &[("x-codex-rate-limit-reached-type", "workspace_member_usage_limit_reached")];
    const GROUP_CAP: Headers = &[("x-codex-rate-limit-reached-type", "workspace_group_usage_limit_reached")];
    const SPEND_CONTROL: Headers = &[("x-codex-rate-limit-reached-type", "spend_control_reached")];
    const CAP_AND_SCOPE: Headers = &[
        ("x-codex-rate-limit-reached-type", "workspace_owner_usage_limit_reached"),
        ("x-codex-model-cap-model", "gpt-5.4"),
    ];
    let limit = typed(429, "usage_limit_reached");
    let cap = Signal::AdministratorCap;
    check(
        Payer::Plan,
        &[
            ("owner's cap beats the code", with(limit, REACHED_OWNER_CAP), cap),
            ("member's cap beats the code", with(limit, MEMBER_CAP), cap),
            ("any workspace cap", with(limit, GROUP_CAP), cap),
            ("in a frame without status", with(in_stream("usage_limit_reached"), REACHED_OWNER_CAP), cap),
            ("cap comes before scope", with(limit, CAP_AND_SCOPE), cap),
            ("as a code", typed(429, "workspace_owner_usage_limit_reached"), cap),
            ("organisation's spend", http(429, "organization_spend_limit_exceeded"), cap),
            ("project's spend", http(402, "project_spend_limit_exceeded"), cap),
            ("organisation's usage", in_stream("organization_usage_limit_exceeded"), cap),
            ("spend control", http(429, "spend_control_reached"), cap),
            ("spend control as reached type", with(bare(429), SPEND_CONTROL), cap),
            ("a known code decides against it", with(limit, SPEND_CONTROL), LIMIT),
            ("403 codex_workspace_access_denied", http(403, "codex_workspace_access_denied"), cap),
            ("403 codex_entitlement_missing", typed(403, "codex_entitlement_missing"), cap),
            ("codex_ on another status", http(400, "codex_something"), Signal::Other),
            ("the header on a 400 only repeats a state", with(bare(400), REACHED_OWNER_CAP), Signal::Other),
        ],
    );
}

#[test]
fn what_is_not_the_plans_limit_never_looks_like_one() {
    let quota_text = "The usage limit has been reached";
    check(
        Payer::Plan,
        &[
            ("502 wrapping quota text", saying(bare(502), quota_text), Signal::ServerTrouble),
            ("503 wrapping the quota code", typed(503, "usage_limit_reached"), Signal::ServerTrouble),
            (
                "500 with an administrator's header",
                with(typed(500, "usage_limit_reached"), REACHED_OWNER_CAP),
                Signal::ServerTrouble,
            ),
            ("503 slow_down", http(503, "slow_down"), Signal::ServerTrouble),
            ("408", bare(408), Signal::ServerTrouble),
            ("429 throttle", http(429, "rate_limit_exceeded"), Signal::Throttle),
            ("429 slow_down", http(429, "slow_down"), Signal::Throttle),
            ("429 without a code", saying(bare(429), quota_text), Signal::Throttle),
            ("429 insufficient_quota", typed(429, "insufficient_quota"), Signal::Other),
            ("402 without a code", bare(402), Signal::Other),
            ("402 with an unknown code", http(402, "deactivated_workspace"), Signal::Other),
            ("401", bare(401), Signal::Unauthorized),
            ("401 with a limit's code", typed(401, "usage_limit_reached"), Signal::Unauthorized),
            ("403", bare(403), Signal::Other),
            ("403 with a limit's code", typed(403, "usage_limit_reached"), Signal::Other),
            ("400 with a limit's code", typed(400, "usage_limit_reached"), Signal::Other),
            ("400 model not offered on the plan", typed(400, "invalid_request_error"), Signal::Other),
            ("200 with limit headers", with(bare(200), REACHED_RATE_LIMIT), Signal::Other),
            ("404", http(404, "model_not_found"), Signal::Other),
            ("in a stream: overloaded", in_stream("server_is_overloaded"), Signal::ServerTrouble),
            ("in a stream: slow_down", in_stream("slow_down"), Signal::Throttle),
            ("in a stream: throttle", in_stream("rate_limit_exceeded"), Signal::Throttle),
            ("in a stream: quota", in_stream("insufficient_quota"), Signal::Other),
            ("in a stream: context", in_stream("context_length_exceeded"), Signal::Other),
            ("in a stream: policy", in_stream("cyber_policy"), Signal::Other),
            ("in a stream: prompt", in_stream("invalid_prompt"), Signal::Other),
            ("in a stream: unknown", in_stream("brand_new"), Signal::ServerTrouble),
            ("in a stream: quota text alone", saying(Answer::default(), quota_text), Signal::ServerTrouble),
            ("a disconnect", Answer::default(), Signal::ServerTrouble),
        ],
    );
}

#[test]
fn what_the_key_answers() {
    let out_of_credit = Signal::KeyOutOfCredit;
    let summaries = "Your organization must be verified to generate reasoning summaries. Please go to: …";
    let verify = "Your organization must be verified to use the model `gpt-5`. Please go to: …";
    check(
        Payer::Key,
        &[
            ("no such model", http(404, "model_not_found"), Signal::ModelUnavailable),
            ("no such model, as 403", http(403, "model_not_found"), Signal::ModelUnavailable),
            ("no such model, in a stream", in_stream("model_not_found"), Signal::ModelUnavailable),
            ("model not supported", about(http(400, "unsupported_value"), "model"), Signal::ModelUnavailable),
            ("unverified for the model", saying(bare(403), verify), Signal::ModelUnavailable),
            (
                "unverified for streaming",
                about(http(400, "unsupported_value"), "stream"),
                Signal::ModelUnavailable,
            ),
            ("unsupported something else", about(http(400, "unsupported_value"), "tools"), Signal::Other),
            (
                "unverified for summaries",
                about(saying(http(400, "unsupported_value"), summaries), "reasoning.summary"),
                Signal::SummariesUnavailable,
            ),
            (
                "unverified for summaries, bare 403",
                saying(bare(403), summaries),
                Signal::SummariesUnavailable,
            ),
            ("dead key", http(401, "invalid_api_key"), Signal::KeyRefused),
            ("dead key in a stream", in_stream("invalid_api_key"), Signal::KeyRefused),
            ("dead key without a body", bare(401), Signal::KeyRefused),
            ("missing permission", bare(403), Signal::KeyRefused),
            ("no credit", http(429, "insufficient_quota"), out_of_credit),
            ("no credit by type", typed(429, "insufficient_quota"), out_of_credit),
            ("no credit in a stream", in_stream("insufficient_quota"), out_of_credit),
            ("402", bare(402), out_of_credit),
            ("hard limit", http(400, "billing_hard_limit_reached"), out_of_credit),
            ("billing off", http(429, "billing_not_active"), out_of_credit),
            ("organisation's spend", http(429, "organization_spend_limit_exceeded"), out_of_credit),
            ("project's spend", http(429, "project_spend_limit_exceeded"), out_of_credit),
            ("a throttle", http(429, "rate_limit_exceeded"), Signal::Throttle),
            ("any other 429", bare(429), Signal::Throttle),
            ("a throttle in a stream", in_stream("rate_limit_exceeded"), Signal::Throttle),
            ("500", bare(500), Signal::ServerTrouble),
            ("503 wrapping the quota code", http(503, "insufficient_quota"), Signal::ServerTrouble),
            ("overloaded in a stream", in_stream("server_is_overloaded"), Signal::ServerTrouble),
            ("a disconnect", Answer::default(), Signal::ServerTrouble),
            ("context too long", http(400, "context_length_exceeded"), Signal::Other),
        ],
    );
}

#[test]
fn only_a_request_above_the_minutes_limit_is_too_large() {
    let throttle = http(429, "rate_limit_exceeded");
    let in_stream = in_stream("rate_limit_exceeded");
    let too_large = "Request too large for gpt-5.4 in organization org-x on tokens per min (TPM): Limit 10000, \
                     Requested 11875. The input or output tokens must be reduced in order to run successfully.";
    let with_separators =
        "Request too large for gpt-5.4 on tokens per min (TPM): Limit: 1,000,000, Requested: 1,200,000.";
    let soon = "Rate limit reached for gpt-5.4 in organization org-x on tokens per min (TPM): Limit 30000, \
                Used 29000, Requested 5000. Please try again in 11.054s.";
    check(
        Payer::Key,
        &[
            ("more than a minute holds", saying(throttle, too_large), Signal::TooLarge),
            ("the same inside a stream", saying(in_stream, too_large), Signal::TooLarge),
            ("numbers with separators", saying(throttle, with_separators), Signal::TooLarge),
            ("try again in", saying(throttle, soon), Signal::Throttle),
            ("try again in, inside a stream", saying(in_stream, soon), Signal::Throttle),
            ("exactly the limit", saying(throttle, "Limit 10000, Requested 10000."), Signal::Throttle),
            ("no numbers", saying(throttle, "Limit reached. Requested too much."), Signal::Throttle),
            (
                "a number too long",
                saying(throttle, "Limit 1, Requested 99999999999999999999999."),
                Signal::Throttle,
            ),
        ],
    );
    check(Payer::Plan, &[("never on the plan", saying(throttle, too_large), Signal::Throttle)]);
}

#[test]
fn foreign_ciphertext_is_told_for_either_payer() {
    for payer in [Payer::Plan, Payer::Key] {
        check(
            payer,
            &[
                ("by code", http(400, "invalid_encrypted_content"), Signal::ForeignCiphertext),
                ("by type", typed(400, "invalid_encrypted_content"), Signal::ForeignCiphertext),
                ("in a stream", in_stream("invalid_encrypted_content"), Signal::ForeignCiphertext),
                ("not with 5xx", http(500, "invalid_encrypted_content"), Signal::ServerTrouble),
            ],
        );
    }
}

#[test]
fn the_reset_is_taken_from_the_best_source_and_believed_only_within_32_days() {
    const BOTH_FULL: Headers = &[
        ("x-codex-primary-used-percent", "100.0"),
        ("x-codex-primary-reset-at", "1774975000"),
        ("x-codex-secondary-used-percent", "103"),
        ("x-codex-secondary-reset-at", "1775000000"),
    ];
    const SECOND_NOT_FULL: Headers = &[
        ("x-codex-primary-used-percent", "100"),
        ("x-codex-primary-reset-at", "1774975000"),
        ("x-codex-secondary-used-percent", "99.9"),
        ("x-codex-secondary-reset-at", "1775000000"),
    ];
    const EMPTY_RESET: Headers =
        &[("x-codex-secondary-used-percent", "100"), ("x-codex-secondary-reset-at", "")];
    const ONLY_SECONDS: Headers = &[
        ("x-codex-secondary-used-percent", "100"),
        ("x-codex-secondary-reset-at", ""),
        ("x-codex-secondary-reset-after-seconds", "90"),
    ];
    const OTHER_FAMILY: Headers =
        &[("x-image-gen-primary-used-percent", "100"), ("x-image-gen-primary-reset-at", "1775000000")];
    const FULL_BUT_PAST: Headers =
        &[("x-codex-primary-used-percent", "100"), ("x-codex-primary-reset-at", "1774000000")];
    /// Name, `resets_at`, `resets_in_seconds`, headers, and the reset that is believed.
    type Row = (&'static str, Option<i64>, Option<i64>, Headers, Option<i64>);
    let table: [Row; 17] = [
        ("nothing said", None, None, &[], None),
        ("resets_at", Some(NOW + 60), None, &[], Some(NOW + 60)),
        ("resets_at before seconds and headers", Some(NOW + 60), Some(90), BOTH_FULL, Some(NOW + 60)),
        ("seconds", None, Some(90), &[], Some(NOW + 90)),
        ("seconds before headers", None, Some(90), BOTH_FULL, Some(NOW + 90)),
        ("the later of two full windows", None, None, BOTH_FULL, Some(1_775_000_000)),
        ("only full windows", None, None, SECOND_NOT_FULL, Some(1_774_975_000)),
        ("an empty header", None, None, EMPTY_RESET, None),
        ("seconds in a header", None, None, ONLY_SECONDS, Some(NOW + 90)),
        ("another family", None, None, OTHER_FAMILY, None),
        ("a header in the past", None, None, FULL_BUT_PAST, None),
        ("in the past", Some(NOW - 1), Some(90), BOTH_FULL, None),
        ("right now", Some(NOW), None, &[], None),
        ("seconds below zero", None, Some(-5), &[], None),
        ("32 days ahead", Some(NOW + 32 * DAY), None, &[], Some(NOW + 32 * DAY)),
        ("more than 32 days ahead", Some(NOW + 32 * DAY + 1), None, &[], None),
        ("seconds beyond all time", None, Some(i64::MAX), &[], None),
    ];
    for (name, resets_at, resets_in_seconds, headers, expected) in table {
        let answer = Answer { resets_at, resets_in_seconds, headers, ..typed(429, "usage_limit_reached") };
        assert_eq!(classify(Payer::Plan, &answer, NOW), Signal::Limit { resets_at: expected }, "{name}");
    }
}
