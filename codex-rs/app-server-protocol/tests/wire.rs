//! Messages as they stand on the wire: names and shapes of wire-facts §5.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_app_server_protocol::*;
use serde_json::json;
use serde_json::value::RawValue;

fn parse(method: &str, params: serde_json::Value) -> Result<ClientRequest, String> {
    let raw = RawValue::from_string(params.to_string()).unwrap();
    ClientRequest::parse(method, Some(&raw)).map_err(|error| error.to_string())
}

#[test]
fn requests_parse_by_method() {
    let request =
        parse("turn/start", json!({"threadId": "t", "input": [{"type": "text", "text": "hi"}]})).unwrap();
    assert_eq!(request.method(), "turn/start");
    let ClientRequest::TurnStart(params) = request else { panic!("wrong variant") };
    assert_eq!(params.input, [UserInput::Text { text: "hi".into(), text_elements: vec![] }]);
    assert!(parse("no/such", json!({})).unwrap_err().contains("unknown method `no/such`"));
    assert!(parse("turn/start", json!({"input": []})).unwrap_err().contains("threadId"));
    assert!(ClientRequest::parse("account/read", None).is_ok(), "absent params read as empty");
}

#[test]
fn a_key_in_the_wrong_member_does_not_come_back() {
    let key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
    let error = parse("account/fallback/setPayer", json!({"payer": key})).unwrap_err();
    assert!(!error.contains("abcdefghijkl"), "{error}");
}

#[test]
fn notifications_carry_method_params_and_time() {
    let delta =
        ItemDelta { thread_id: "t".into(), turn_id: "u".into(), item_id: "i".into(), delta: "x".into() };
    let message = ServerMessage::Notification(ServerNotification::AgentMessageDelta(delta));
    let json: serde_json::Value = serde_json::from_str(&message.to_json(7).unwrap()).unwrap();
    assert_eq!(
        json,
        json!({"method": "item/agentMessage/delta", "emittedAtMs": 7,
               "params": {"threadId": "t", "turnId": "u", "itemId": "i", "delta": "x"}})
    );
    if let ServerMessage::Notification(notification) = &message {
        assert_eq!(notification.method(), "item/agentMessage/delta");
    }
}

#[test]
fn answers_and_errors() {
    let id = RequestId::Number(3);
    let refused =
        ServerMessage::Answer { id: id.clone(), result: Err(RpcError::invalid_request("Not initialized")) };
    assert_eq!(
        refused.to_json(0).unwrap(),
        r#"{"id":3,"error":{"code":-32600,"message":"Not initialized"}}"#
    );
    let done =
        ServerMessage::Answer { id, result: Ok(ClientResponse::TurnInterrupt(TurnInterruptResponse {})) };
    assert_eq!(done.to_json(0).unwrap(), r#"{"id":3,"result":{}}"#);
}

#[test]
fn account_and_enums_use_the_protocols_names() {
    let account = Account::Chatgpt { email: None, plan_type: "plus".into(), workspace_name: None };
    assert_eq!(
        serde_json::to_value(account).unwrap(),
        json!({"type": "chatgpt", "email": null, "planType": "plus", "workspaceName": null})
    );
    assert_eq!(serde_json::to_value(Account::ApiKey {}).unwrap(), json!({"type": "apiKey"}));
    assert_eq!(serde_json::to_value(PlanType::from("brand_new")).unwrap(), json!("unknown"));
    assert_eq!(
        serde_json::to_value(SandboxPolicy::from(SandboxMode::ReadOnly)).unwrap(),
        json!({"type": "readOnly", "networkAccess": false})
    );
    assert_eq!(serde_json::to_value(ApprovalPolicy::OnRequest).unwrap(), json!("on-request"));
    assert_eq!(
        serde_json::to_value(CodexErrorInfo::HttpConnectionFailed { http_status_code: Some(502) }).unwrap(),
        json!({"httpConnectionFailed": {"httpStatusCode": 502}})
    );
    assert_eq!(serde_json::to_value(FallbackApproval::UntilReset).unwrap(), json!("untilReset"));
}
