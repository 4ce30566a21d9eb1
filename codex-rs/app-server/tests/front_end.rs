//! What a terminal UI asks beside threads and turns: sign-in, settings, models, limits, files, words for a running turn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Door, Limit, LimitVariant, Payer, Reply, Script};
use serde_json::{Value, json};
use support::{ACCOUNT, KEY, SignedIn, World, backend, methods, turn_start};

#[tokio::test]
async fn an_api_key_signs_in_and_everybody_is_told_in_the_official_order() {
    let world = World::signed_in(backend(), "", SignedIn::Nobody);
    let mut client = world.client(json!({})).await;
    let mut other = world.client(json!({})).await;
    let refused = client.call("account/login/start", json!({"type": "apiKey", "apiKey": "  "})).await;
    assert_eq!(refused["error"]["code"], -32600, "an empty key is refused: {refused}");
    let unbuilt = client.call("account/login/start", json!({"type": "chatgpt"})).await;
    assert!(unbuilt["error"]["message"].as_str().unwrap().contains("official `codex login`"), "{unbuilt}");

    let answer = client.call("account/login/start", json!({"type": "apiKey", "apiKey": KEY})).await;
    assert_eq!(answer["result"], json!({"type": "apiKey"}));
    let told = client.until("account/updated").await;
    assert_eq!(methods(&told), ["account/login/completed", "account/updated"]);
    assert_eq!(
        told[0]["params"],
        json!({"loginId": null, "success": true, "error": null, "onboardingEntrypoint": null})
    );
    assert_eq!(told[1]["params"], json!({"authMode": "apikey", "planType": null}));
    assert_eq!(methods(&other.until("account/updated").await), ["account/updated"]);
    let read = client.call("account/read", json!({})).await;
    assert_eq!(read["result"]["account"], json!({"type": "apiKey"}));
    assert!(!client.transcript.concat().contains(KEY));
}

#[tokio::test]
async fn signing_out_deletes_the_key_or_keeps_it() {
    for keep in [true, false] {
        let world = World::new(backend(), "");
        let mut client = world.client(json!({"fallback": {}})).await;
        client.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
        let out = client.call("account/logout", json!({"keepFallbackKey": keep})).await;
        assert_eq!(out["result"], json!({}));
        let told = client.until("account/updated").await;
        assert_eq!(told.last().unwrap()["params"], json!({"authMode": null, "planType": null}));
        let mirror =
            std::fs::read_to_string(world.home.path().join("fallback-keys.json")).unwrap_or_default();
        assert_eq!(mirror.contains(KEY), keep);
        assert!(!world.home.path().join("auth.json").exists());
    }
}

#[tokio::test]
async fn rate_limits_are_the_plans() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let answer = client.call("account/rateLimits/read", json!({})).await;
    let result = &answer["result"];
    assert_eq!(result["accountId"], ACCOUNT, "{answer}");
    assert_eq!(result["ordinaryUsageAllowed"], true);
    assert_eq!(result["rateLimits"]["primary"]["usedPercent"], 12);
    assert_eq!(result["rateLimits"]["primary"]["windowDurationMins"], 300);
    assert_eq!(result["rateLimitsByLimitId"]["codex"], result["rateLimits"]);

    let world = World::signed_in(backend(), "", SignedIn::ApiKey);
    let mut client = world.client(json!({})).await;
    let refused = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(refused["error"]["code"], -32600, "{refused}");
}

#[tokio::test]
async fn a_written_setting_counts_in_the_next_thread() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    for (key, value) in [("model", json!("gpt-6.1-sol")), ("model_reasoning_effort", json!("high"))] {
        let written = client.call("config/value/write", json!({"keyPath": key, "value": value})).await;
        assert_eq!(written["result"]["status"], "ok", "{written}");
    }
    assert!(world.config().starts_with("# my settings\n"), "comments stay");
    let read = client.call("config/read", json!({"cwd": world.folder.path()})).await;
    assert_eq!(read["result"]["config"]["model"], "gpt-6.1-sol");
    let started = client.call("thread/start", world.thread_start()).await;
    assert_eq!(started["result"]["model"], "gpt-6.1-sol");
    assert_eq!(started["result"]["reasoningEffort"], "high");
    let removed = client.call("config/value/write", json!({"keyPath": "model", "value": null})).await;
    assert_eq!(removed["result"]["status"], "ok");
    let started = client.call("thread/start", world.thread_start()).await;
    assert_eq!(started["result"]["model"], "gpt-5.5");

    for (key, value) in [("colour", json!("red")), ("model", json!([1])), ("fallback.mode", json!("never"))] {
        let refused = client.call("config/value/write", json!({"keyPath": key, "value": value})).await;
        assert_eq!(refused["error"]["code"], -32600, "{key}: {refused}");
    }
}

#[tokio::test]
async fn several_settings_are_written_together_or_not_at_all() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let edits = |policy: &str| {
        json!({"edits": [
            {"keyPath": "sandbox_mode", "value": "workspace-write", "mergeStrategy": "replace"},
            {"keyPath": "approval_policy", "value": policy, "mergeStrategy": "replace"},
        ]})
    };
    let before = world.config();
    let refused = client.call("config/batchWrite", edits("sometimes")).await;
    assert_eq!(
        refused["error"]["data"],
        json!({"config_write_error_code": "configValidationError"}),
        "{refused}"
    );
    assert_eq!(world.config(), before, "the good half is not written either");
    let written = client.call("config/batchWrite", edits("never")).await;
    assert_eq!(written["result"]["status"], "ok", "{written}");
    for words in ["# my settings\n", "sandbox_mode = \"workspace-write\"", "approval_policy = \"never\""] {
        assert!(world.config().contains(words), "{}", world.config());
    }
    let mut stale = edits("on-request");
    stale["expectedVersion"] = json!("sha256:0");
    let refused = client.call("config/batchWrite", stale).await;
    assert_eq!(
        refused["error"]["data"],
        json!({"config_write_error_code": "configVersionConflict"}),
        "{refused}"
    );
}

#[tokio::test]
async fn a_table_is_written_setting_by_setting_or_as_a_whole() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    for (key, value, strategy, words) in [
        (
            "sandbox_workspace_write",
            json!({"network_access": true, "writable_roots": ["/srv"]}),
            "upsert",
            "network_access = true",
        ),
        (
            "mcp_servers.files",
            json!({"command": "files", "args": ["-v"], "env": {"LEVEL": "warn"}}),
            "replace",
            "[mcp_servers.files",
        ),
        (
            "approval_policy",
            json!({"granular": {"sandbox_approval": true, "rules": false, "mcp_elicitations": true}}),
            "replace",
            "granular",
        ),
        ("tui.notifications", json!(["approval-requested"]), "replace", "[\"approval-requested\"]"),
    ] {
        let params = json!({"keyPath": key, "value": value, "mergeStrategy": strategy});
        let written = client.call("config/value/write", params).await;
        assert_eq!(written["result"]["status"], "ok", "{key}: {written}");
        assert!(world.config().contains(words), "{key}: {}", world.config());
    }
    assert!(world.config().starts_with("# my settings\n"), "comments stay");
    let read = client.call("config/read", json!({"cwd": world.folder.path()})).await;
    let config = &read["result"]["config"];
    assert_eq!(config["sandbox_workspace_write"]["writable_roots"], json!(["/srv"]));
    assert_eq!(config["mcp_servers"]["files"]["args"], json!(["-v"]));
    assert_eq!(config["mcp_servers"]["files"]["env"]["LEVEL"], "[redacted]", "never shown");
    assert_eq!(config["approval_policy"]["granular"]["rules"], false);
    let started = client.call("thread/start", json!({"cwd": world.folder.path()})).await;
    assert_eq!(started["result"]["approvalPolicy"]["granular"]["rules"], false, "{started}");
}

#[tokio::test]
async fn what_is_odd_about_a_folders_settings_is_told_once_when_a_thread_starts_in_it() {
    let world = World::new(backend(), "");
    let folder = world.folder.path();
    std::fs::create_dir(folder.join(".codex")).unwrap();
    let path = folder.join(".codex/config.toml");
    std::fs::write(&path, "colr = 1\nnotify = [\"canary\"]\n").unwrap();
    let mut client = world.client(json!({})).await;
    let key = format!("projects.{}.trust_level", json!(folder));
    let mut told = Vec::new();
    for level in [json!(null), json!("trusted"), json!("trusted")] {
        client.call("config/value/write", json!({"keyPath": key, "value": level})).await;
        client.call("thread/start", world.thread_start()).await;
        let before = client.transcript.len();
        // Its answer comes after all that the start tells.
        client.call("config/read", json!({})).await;
        let after =
            client.transcript[before..].iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let names: Vec<String> = after
            .filter(|message| message["method"] != "mcpServer/startupStatus/updated")
            .filter_map(|message| {
                let summary = message["params"]["summary"].as_str().map(|text| format!(": {text}"));
                Some(format!("{}{}", message["method"].as_str()?, summary.unwrap_or_default()))
            })
            .collect();
        told.push(names.join("\n").replace(path.to_str().unwrap(), "<file>"));
    }
    insta::assert_snapshot!(told.join("\n--\n"), @r"
    thread/started
    configWarning: <file> was not read, because you have not marked this project as trusted
    --
    thread/started
    configWarning: <file>, line 1, column 1: `colr` is not a known setting and was ignored
    configWarning: <file>, line 2, column 1: `notify` was ignored, because only your own config.toml or -c may set it so
    --
    thread/started
    ");
}

#[tokio::test]
async fn a_newly_trusted_folder_brings_its_settings_along() {
    let world = World::new(backend(), "");
    let folder = world.folder.path();
    std::fs::create_dir(folder.join(".codex")).unwrap();
    std::fs::write(folder.join(".codex/config.toml"), "model = \"of-the-project\"\n").unwrap();
    let mut client = world.client(json!({})).await;
    let model = |answer: Value| answer["result"]["model"].clone();
    assert_eq!(model(client.call("thread/start", world.thread_start()).await), "gpt-5.5");
    let key = format!("projects.{}.trust_level", json!(folder));
    let written = client.call("config/value/write", json!({"keyPath": key, "value": "trusted"})).await;
    assert_eq!(written["result"]["status"], "ok", "{written}");
    let read = client.call("config/read", json!({})).await;
    assert_eq!(read["result"]["config"]["projects"][folder.to_str().unwrap()]["trust_level"], "trusted");
    assert_eq!(model(client.call("thread/start", world.thread_start()).await), "of-the-project");
}

#[tokio::test]
async fn one_default_model_comes_first() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let list = client.call("model/list", json!({})).await;
    let models = list["result"]["data"].as_array().unwrap();
    assert_eq!(models[0]["model"], "gpt-5.5");
    let defaults: Vec<&Value> = models.iter().map(|model| &model["isDefault"]).collect();
    assert_eq!(defaults.iter().filter(|is| ***is == json!(true)).count(), 1);
    assert_eq!(list["result"]["nextCursor"], Value::Null);
}

#[tokio::test]
async fn files_are_found_by_what_their_path_resembles() {
    let world = World::new(backend(), "");
    let root = world.folder.path();
    for file in ["src/terminal/screen.rs", "src/main.rs", "target/debug/screen.o", ".hidden/screen.rs"] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), "").unwrap();
    }
    std::fs::write(root.join(".gitignore"), "target\n").unwrap();
    let mut client = world.client(json!({})).await;
    let search = |query: &str| json!({"query": query, "roots": [root], "cancellationToken": "one"});
    let found = client.call("fuzzyFileSearch", search("scrn")).await;
    let files = found["result"]["files"].as_array().unwrap();
    let is_shown = |file: &Value| {
        !file["path"].as_str().unwrap().contains(".hidden")
            && !file["path"].as_str().unwrap().contains("target")
    };
    assert!(files.iter().all(is_shown), "ignored and hidden files are left out: {found}");
    assert_eq!(files[0]["path"], "src/terminal/screen.rs");
    assert_eq!(files[0]["match_type"], "file");
    assert_eq!(files[0]["file_name"], "screen.rs");
    assert_eq!(files[0]["indices"].as_array().unwrap().len(), 4);
    let nothing = client.call("fuzzyFileSearch", search("")).await;
    assert_eq!(nothing["result"]["files"], json!([]));
    let relative = client.call("fuzzyFileSearch", json!({"query": "a", "roots": ["."]})).await;
    assert_eq!(relative["error"]["code"], -32600);
}

#[tokio::test]
async fn words_join_the_turn_that_is_named_and_no_other() {
    let script = Script::conversation(vec![
        Reply::answer().message(&["One"]).exec_command("true"),
        Reply::answer().message(&["Two"]),
        Reply::answer().message(&["Three"]),
    ]);
    let world = World::new(backend().script(script), "");
    let mut client = world.client(json!({})).await;
    let thread = client.thread(&world).await;
    let steer = |turn: &str| json!({"threadId": thread, "expectedTurnId": turn, "input": [{"type": "text", "text": "and quickly"}]});
    let idle = client.call("turn/steer", steer("018f0000-0000-7000-8000-000000000000")).await;
    assert_eq!(idle["error"]["code"], -32600, "nothing runs: {idle}");
    // Both requests are queued before the turn can have ended.
    let started = client.request("turn/start", turn_start(&thread, "go")).await;
    let answer = client.answer_to(started).await;
    let turn = answer["result"]["turn"]["id"].as_str().unwrap().to_owned();
    let wrong = client.request("turn/steer", steer("018f0000-0000-7000-8000-000000000000")).await;
    let right = client.request("turn/steer", steer(&turn)).await;
    assert_eq!(client.answer_to(wrong).await["error"]["code"], -32600);
    let steered = client.answer_to(right).await;
    assert_eq!(steered["result"]["turnId"], turn, "{steered}");
    client.until("turn/completed").await;
    let last = world.backend.requests().into_iter().rfind(|request| request.is_model_request()).unwrap();
    assert!(last.body.to_string().contains("and quickly"), "the model read it");
}

#[tokio::test]
async fn settings_are_told_with_their_layers_and_versions() {
    let world = World::new(backend(), "model = \"mine\" # why");
    let mut client = world.client(json!({})).await;
    let file = world.home.path().join("config.toml");
    let read = client.call("config/read", json!({"cwd": world.folder.path()})).await;
    let origin = &read["result"]["origins"]["model"];
    assert_eq!(origin["name"], json!({"type": "user", "file": file, "profile": null}), "{read}");
    assert_eq!(read["result"]["config"]["history"], json!({"persistence": "save-all", "max_bytes": null}));
    assert_eq!(read["result"]["config"]["tui"]["plain"], false);
    assert_eq!(read["result"]["layers"], Value::Null);

    let write = |key: &str, value: Value, version: &Value| json!({"keyPath": key, "value": value, "mergeStrategy": "upsert", "expectedVersion": version});
    let version = &origin["version"];
    let written = client.call("config/value/write", write("tui.plain", json!(true), version)).await;
    assert_eq!(written["result"]["status"], "ok", "{written}");
    assert_eq!(written["result"]["filePath"], json!(file));
    let stale = client.call("config/value/write", write("model", json!("x"), version)).await;
    assert_eq!(
        stale["error"]["data"],
        json!({"config_write_error_code": "configVersionConflict"}),
        "{stale}"
    );
    let table = json!({"a b": {"trust_level": "trusted"}});
    let merged =
        client.call("config/value/write", write("projects", table, &written["result"]["version"])).await;
    assert_eq!(merged["result"]["status"], "ok", "{merged}");
    assert!(world.config().contains("model = \"mine\" # why"), "{}", world.config());
    assert!(world.config().contains("[projects.\"a b\"]\ntrust_level = \"trusted\""), "{}", world.config());
}

#[tokio::test]
async fn what_another_layer_overrides_is_told() {
    let world = World::new(backend(), "");
    let folder = world.folder.path();
    std::fs::create_dir(folder.join(".codex")).unwrap();
    std::fs::write(folder.join(".codex/config.toml"), "model = \"of-the-project\"\n").unwrap();
    let mut client = world.client(json!({})).await;
    let key = format!("projects.{}.trust_level", json!(folder));
    client.call("config/value/write", json!({"keyPath": key, "value": "trusted"})).await;
    let written = client.call("config/value/write", json!({"keyPath": "model", "value": "mine"})).await;
    assert_eq!(written["result"]["status"], "okOverridden", "{written}");
    let metadata = &written["result"]["overriddenMetadata"];
    assert_eq!(metadata["effectiveValue"], "of-the-project");
    let layer = json!({"type": "project", "dotCodexFolder": folder.canonicalize().unwrap().join(".codex")});
    assert_eq!(metadata["overridingLayer"]["name"], layer);
}

#[tokio::test]
async fn what_is_not_written_says_so_and_changes_nothing() {
    let world = World::new(backend(), "");
    let before = world.config();
    let mut client = world.client(json!({})).await;
    for (params, code) in [
        (
            json!({"keyPath": "model", "value": "x", "filePath": "/etc/codex/config.toml"}),
            "configLayerReadonly",
        ),
        (json!({"keyPath": "a..b", "value": "x"}), "configValidationError"),
        (json!({"keyPath": "projects", "value": {}, "mergeStrategy": "replace"}), "configValidationError"),
        (json!({"keyPath": "project_root_markers", "value": [1]}), "configValidationError"),
        (json!({"keyPath": "model_provider", "value": "mine"}), "configValidationError"),
        (json!({"keyPath": "developer_instructions", "value": KEY}), "configValidationError"),
        (json!({"keyPath": KEY, "value": "x"}), "configValidationError"),
    ] {
        let refused = client.call("config/value/write", params).await;
        assert_eq!(refused["error"]["code"], -32600, "{refused}");
        assert_eq!(refused["error"]["data"], json!({"config_write_error_code": code}), "{refused}");
    }
    assert_eq!(world.config(), before);
    assert!(!client.transcript.concat().contains(KEY));
}

#[tokio::test]
async fn limits_that_answers_told_are_known_when_the_service_is_silent() {
    let script = Script::conversation([Reply::answer().message(&["One."]).rate_limits(60.0, 20.0)])
        .at(Door::Usage, Reply::status(503, r#"{"detail":"later"}"#))
        .at(Door::Usage, Reply::status(503, r#"{"detail":"later"}"#));
    let world = World::new(backend().script(script), "");
    let mut client = world.client(json!({})).await;
    let unknown = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32603, "{unknown}");
    let thread = client.thread(&world).await;
    client.turn(&thread, "one").await;
    client.until("turn/completed").await;
    let known = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(known["result"]["rateLimits"]["primary"]["usedPercent"], 60, "{known}");
    assert_eq!(known["result"]["ordinaryUsageAllowed"], Value::Null);
    let asked = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(asked["result"]["rateLimits"]["primary"]["usedPercent"], 60, "{asked}");
    assert_eq!(asked["result"]["ordinaryUsageAllowed"], true, "the service itself has told: {asked}");
    client.call("account/login/start", json!({"type": "apiKey", "apiKey": KEY})).await;
    let refused = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(refused["error"]["code"], -32600, "what is known is another account's: {refused}");
}

#[tokio::test]
async fn limits_are_asked_for_with_the_plans_credential_whoever_pays() {
    let limit = Limit::after_requests(0, LimitVariant::UsageLimitPremium).of(ACCOUNT);
    let world = World::new(backend().limit(limit), "");
    let mut client = world.client(json!({"fallback": {}})).await;
    client.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
    let thread = client.thread(&world).await;
    client.turn(&thread, "one").await;
    client.until("turn/completed").await;
    let status = client.call("account/fallback/read", json!({})).await;
    assert_eq!(status["result"]["fallback"]["payer"], "key", "{status}");
    let answer = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(answer["result"]["ordinaryUsageAllowed"], false, "{answer}");
    let asked = world.backend.requests().into_iter().rfind(|request| request.door == Door::Usage).unwrap();
    assert!(matches!(asked.payer, Payer::Plan(_)), "{:?}", asked.payer);
}

#[tokio::test]
async fn a_session_that_is_refused_is_refreshed_once_for_the_limits() {
    let expired = || Reply::status(401, r#"{"detail":"Unauthorized"}"#);
    let world = World::new(backend().script(Script::new().at(Door::Usage, expired())), "");
    let mut client = world.client(json!({})).await;
    let answer = client.call("account/rateLimits/read", json!({})).await;
    assert_eq!(answer["result"]["rateLimits"]["primary"]["usedPercent"], 12, "{answer}");
    let doors: Vec<Door> = world.backend.requests().iter().map(|request| request.door).collect();
    assert_eq!(doors, [Door::Usage, Door::OauthToken, Door::Usage]);
}

#[tokio::test]
async fn a_file_search_stays_in_its_folder_and_counts_characters() {
    let world = World::new(backend(), "");
    let (root, outside) = (world.folder.path(), world.home.path());
    for file in ["żółć/e\u{301}té.md", "one.md"] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), "").unwrap();
    }
    std::fs::write(outside.join("secret.md"), "").unwrap();
    let link =
        |target: std::path::PathBuf, name: &str| std::os::unix::fs::symlink(target, root.join(name)).unwrap();
    link(outside.join("secret.md"), "out.md");
    link(outside.to_path_buf(), "outside.md");
    link(root.join("one.md"), "link.md");
    let mut client = world.client(json!({})).await;
    let found = client.call("fuzzyFileSearch", json!({"query": "md", "roots": [root]})).await;
    let files = found["result"]["files"].as_array().unwrap();
    let mut paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["link.md", "one.md", "żółć/e\u{301}té.md"]);
    let accents = files.iter().find(|file| file["file_name"] == "e\u{301}té.md").unwrap();
    assert_eq!(accents["indices"], json!([10, 11]), "{accents}");
}

#[tokio::test]
async fn of_searches_with_one_token_the_newest_counts_and_each_is_answered() {
    let world = World::new(backend(), "");
    let root = world.folder.path();
    for number in 0..300 {
        std::fs::write(root.join(format!("file-{number}.rs")), "").unwrap();
    }
    let mut client = world.client(json!({})).await;
    let search = |query: &str| json!({"query": query, "roots": [root], "cancellationToken": "typing"});
    let mut ids = Vec::new();
    for query in ["f", "fi", "fil", "file", "file-2", "file-29", "file-299"] {
        ids.push(client.request("fuzzyFileSearch", search(query)).await);
    }
    let mut answers = std::collections::HashMap::new();
    while answers.len() < ids.len() {
        let answer = client.next().await;
        answers.insert(answer["id"].as_i64().unwrap(), answer["result"]["files"].clone());
    }
    assert!(answers.values().all(|files| files.as_array().is_some_and(|files| files.len() <= 50)));
    assert_eq!(answers[ids.last().unwrap()][0]["path"], "file-299.rs");
    std::fs::write(root.join("later.rs"), "").unwrap();
    let kept = client.call("fuzzyFileSearch", search("later")).await;
    assert_eq!(kept["result"]["files"], json!([]), "the list is kept while somebody types");
}
