//! A whole conversation over pipes: the handshake, a key, a turn whose second sampling hits the limit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Limit, LimitVariant, Reply, Script};
use serde_json::json;
use support::{ACCOUNT, KEY, Normal, World, backend, turn_start};

#[tokio::test]
async fn a_turn_survives_the_limit() {
    let script = Script::conversation([
        Reply::answer()
            .reasoning(&["Look ", "first."])
            .message(&["I will ", "look."])
            .exec_command("echo one >> log; cat log")
            .rate_limits(99.0, 50.0),
        Reply::answer().message(&["One ", "line."]),
    ]);
    let limit = Limit::after_requests(1, LimitVariant::UsageLimitPremium).of(ACCOUNT);
    let world = World::new(backend().script(script).limit(limit), "");
    let before = std::fs::read(world.home.path().join("auth.json")).unwrap();
    let mut client = world.client(json!({"fallback": {"ask": false}})).await;
    client.call("account/addFallbackApiKey", json!({"apiKey": KEY, "model": "gpt-5.5"})).await;
    let thread = client.thread(&world).await;
    client.request("turn/start", turn_start(&thread, "How long is the log?")).await;
    client.until("turn/completed").await;
    let stored = std::fs::read(world.home.path().join("auth.json")).unwrap();
    assert_ne!(before, stored, "the key is stored");

    let transcript = client.transcript.clone();
    assert!(client.close().await.is_empty());
    assert!(!transcript.iter().any(|line| line.contains(KEY)), "the key came out");
    let mut normal = Normal::new(&world);
    let lines: Vec<String> = transcript.iter().map(|line| normal.line(line)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"id":0,"result":{"codexHome":"<home>","platformFamily":"unix","platformOs":"linux","userAgent":"test-client/0.1.0 (Linux 6.1; x86_64) unknown (test-client; 1.2.3)"}}
    {"method":"configWarning","params":{"details":null,"summary":"`colour` is not a known setting and was ignored"}}
    {"id":1,"result":{"fallback":{"keyLast4":"WXYZ","keyState":"ready","mode":"auto","payer":"plan","payerSince":1780272000,"resetsAt":null,"tokens":0,"tokensSinceSwitch":0,"usd":null,"usdSinceSwitch":null},"modelAvailable":true,"uncheckedReason":null}}
    {"method":"account/fallback/updated","params":{"fallback":{"keyLast4":"WXYZ","keyState":"ready","mode":"auto","payer":"plan","payerSince":1780272000,"resetsAt":null,"tokens":0,"tokensSinceSwitch":0,"usd":null,"usdSinceSwitch":null},"message":null}}
    {"id":2,"result":{"approvalPolicy":"never","approvalsReviewer":"user","cwd":"<folder>","disabledPluginIds":[],"instructionSources":[],"model":"gpt-5.5","modelProvider":"openai","reasoningEffort":null,"sandbox":{"type":"dangerFullAccess"},"serviceTier":null,"thread":{"agentNickname":null,"agentRole":null,"cliVersion":"0.1.0","createdAt":1780272000,"cwd":"<folder>","ephemeral":false,"forkedFromId":null,"gitInfo":null,"historyMode":"legacy","id":"<uuid 1>","model":"gpt-5.5","modelProvider":"openai","name":null,"originator":"test-client","parentThreadId":null,"path":null,"preview":"","projectId":null,"reasoningEffort":null,"recencyAt":null,"section":null,"sectionEnteredAt":null,"sessionId":"<uuid 1>","source":"vscode","status":{"type":"idle"},"threadSource":null,"turns":[],"updatedAt":1780272000}}}
    {"method":"thread/started","params":{"thread":{"agentNickname":null,"agentRole":null,"cliVersion":"0.1.0","createdAt":1780272000,"cwd":"<folder>","ephemeral":false,"forkedFromId":null,"gitInfo":null,"historyMode":"legacy","id":"<uuid 1>","model":"gpt-5.5","modelProvider":"openai","name":null,"originator":"test-client","parentThreadId":null,"path":null,"preview":"","projectId":null,"reasoningEffort":null,"recencyAt":null,"section":null,"sectionEnteredAt":null,"sessionId":"<uuid 1>","source":"vscode","status":{"type":"idle"},"threadSource":null,"turns":[],"updatedAt":1780272000}}}
    {"id":3,"result":{"turn":{"completedAt":null,"durationMs":null,"error":null,"id":"<uuid 2>","items":[],"itemsView":"notLoaded","rootTurnId":"<uuid 2>","startedAt":1780272000,"status":"inProgress"}}}
    {"method":"thread/status/changed","params":{"status":{"activeFlags":[],"type":"active"},"threadId":"<uuid 1>"}}
    {"method":"turn/started","params":{"threadId":"<uuid 1>","turn":{"completedAt":null,"durationMs":null,"error":null,"id":"<uuid 2>","items":[],"itemsView":"notLoaded","rootTurnId":"<uuid 2>","startedAt":1780272000,"status":"inProgress"}}}
    {"method":"item/started","params":{"item":{"clientId":null,"content":[{"text":"How long is the log?","text_elements":[],"type":"text"}],"id":"<uuid 3>","type":"userMessage"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"clientId":null,"content":[{"text":"How long is the log?","text_elements":[],"type":"text"}],"id":"<uuid 3>","type":"userMessage"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/started","params":{"item":{"content":[],"id":"rs_1_0","summary":[],"type":"reasoning"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"content":[],"id":"rs_1_0","summary":[],"type":"reasoning"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/started","params":{"item":{"id":"msg_1_1","phase":null,"text":"","type":"agentMessage"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/agentMessage/delta","params":{"delta":"I will ","itemId":"msg_1_1","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/agentMessage/delta","params":{"delta":"look.","itemId":"msg_1_1","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"id":"msg_1_1","phase":null,"text":"I will look.","type":"agentMessage"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/started","params":{"item":{"aggregatedOutput":null,"command":"/bin/sh -lc 'echo one >> log; cat log'","commandActions":[{"command":"echo one >> log; cat log","type":"unknown"}],"cwd":"<folder>","durationMs":null,"exitCode":null,"id":"call_1_2","processId":"<session>","source":"agent","status":"inProgress","type":"commandExecution"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/commandExecution/outputDelta","params":{"delta":"one\n","itemId":"call_1_2","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"aggregatedOutput":"one\n","command":"/bin/sh -lc 'echo one >> log; cat log'","commandActions":[{"command":"echo one >> log; cat log","type":"unknown"}],"cwd":"<folder>","durationMs":0,"exitCode":0,"id":"call_1_2","processId":"<session>","source":"agent","status":"completed","type":"commandExecution"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"thread/tokenUsage/updated","params":{"threadId":"<uuid 1>","tokenUsage":{"last":{"cacheWriteInputTokens":0,"cachedInputTokens":0,"inputTokens":0,"outputTokens":11,"reasoningOutputTokens":0,"totalTokens":0},"modelContextWindow":null,"total":{"cacheWriteInputTokens":0,"cachedInputTokens":0,"inputTokens":0,"outputTokens":11,"reasoningOutputTokens":0,"totalTokens":0}},"turnId":"<uuid 2>"}}
    {"method":"account/rateLimits/updated","params":{"rateLimits":{"credits":{"balance":null,"hasCredits":false,"unlimited":false},"limitId":"codex","limitName":null,"planType":"plus","primary":{"resetsAt":1780281000,"usedPercent":99,"windowDurationMins":300},"rateLimitReachedType":null,"secondary":{"resetsAt":1780681000,"usedPercent":50,"windowDurationMins":10080}}}}
    {"method":"warning","params":{"message":"The usage limit of your ChatGPT plan is reached until <time>. The fallback API key (…WXYZ) now pays per token. The plan pays again when the limit resets; to go back at once, choose the plan as payer.","threadId":"<uuid 1>"}}
    {"method":"account/fallback/updated","params":{"fallback":{"keyLast4":"WXYZ","keyState":"ready","mode":"auto","payer":"key","payerSince":1780272000,"resetsAt":1780285872,"tokens":0,"tokensSinceSwitch":0,"usd":null,"usdSinceSwitch":null},"message":"The usage limit of your ChatGPT plan is reached until <time>. The fallback API key (…WXYZ) now pays per token. The plan pays again when the limit resets; to go back at once, choose the plan as payer."}}
    {"method":"item/started","params":{"item":{"id":"msg_2_0","phase":null,"text":"","type":"agentMessage"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/agentMessage/delta","params":{"delta":"One ","itemId":"msg_2_0","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/agentMessage/delta","params":{"delta":"line.","itemId":"msg_2_0","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"id":"msg_2_0","phase":null,"text":"One line.","type":"agentMessage"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"thread/tokenUsage/updated","params":{"threadId":"<uuid 1>","tokenUsage":{"last":{"cacheWriteInputTokens":0,"cachedInputTokens":0,"inputTokens":0,"outputTokens":2,"reasoningOutputTokens":0,"totalTokens":0},"modelContextWindow":null,"total":{"cacheWriteInputTokens":0,"cachedInputTokens":0,"inputTokens":0,"outputTokens":13,"reasoningOutputTokens":0,"totalTokens":0}},"turnId":"<uuid 2>"}}
    {"method":"account/rateLimits/updated","params":{"rateLimits":{"credits":{"balance":null,"hasCredits":false,"unlimited":false},"limitId":"codex","limitName":null,"planType":"plus","primary":{"resetsAt":1780285872,"usedPercent":100,"windowDurationMins":300},"rateLimitReachedType":null,"secondary":{"resetsAt":1780685872,"usedPercent":61,"windowDurationMins":10080}}}}
    {"method":"thread/status/changed","params":{"status":{"type":"idle"},"threadId":"<uuid 1>"}}
    {"method":"turn/completed","params":{"threadId":"<uuid 1>","turn":{"completedAt":1780272000,"durationMs":0,"error":null,"id":"<uuid 2>","items":[{"id":"msg_2_0","phase":null,"text":"One line.","type":"agentMessage"}],"itemsView":"summary","rootTurnId":"<uuid 2>","startedAt":1780272000,"status":"completed"}}}
    "#);
    assert_eq!(
        std::fs::read_to_string(world.folder.path().join("log")).unwrap(),
        "one\n",
        "the tool ran once"
    );
    assert_eq!(world.backend.findings(), []);
    let payers: Vec<String> = world
        .backend
        .model_requests()
        .iter()
        .map(|request| format!("{:?} {}", request.payer, request.status))
        .collect();
    assert_eq!(
        payers,
        ["Plan(\"acct-test-0001\") 200", "Plan(\"acct-test-0001\") 429", "Key(\"…WXYZ\") 200"]
    );
}
