//! The client against real sockets on loopback: redirects, TLS with an extra CA, certificate files that are none.

use codex_fake_backend::{Door, FakeBackend, Reply, Script};

use super::*;

fn client(extra_certificates: Option<PathBuf>) -> HttpClient {
    HttpClient::new(HttpOptions { extra_certificates })
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let moved = Reply::status(307, "").header("location", "/v1/elsewhere");
    let backend = FakeBackend::builder().script(Script::new().at(Door::KeyModels, moved)).start().unwrap();
    let url = format!("{}/models", backend.platform_base_url());
    let response = client(None).request(Method::GET, &url).unwrap().send().await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(backend.requests().len(), 1);
}

#[tokio::test]
async fn an_extra_certificate_is_trusted_and_others_are_not() {
    let backend = FakeBackend::builder().start().unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, backend.ca_pem()).unwrap();
    let url = format!("{}/nowhere", backend.tls_url());
    let trusting = client(Some(file)).request(Method::GET, &url).unwrap().send().await.unwrap();
    assert_eq!(trusting.status(), 404);
    // Without any certificate on the machine the client cannot be built; with some, ours is not among them.
    if let Ok(request) = client(None).request(Method::GET, &url) {
        assert!(request.send().await.unwrap_err().is_connect());
    }
}

#[test]
fn certificate_files_that_are_none_are_told_by_name() {
    let folder = tempfile::TempDir::new().unwrap();
    let check = |name: &str, content: Option<&str>, expect: &str| {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let told = client(Some(path)).request(Method::GET, "https://localhost").unwrap_err().to_string();
        assert!(told.contains(name) && told.contains(expect), "{told}");
    };
    check("absent.pem", None, "No such file");
    check("empty.pem", Some(""), "no certificate");
    check("text.pem", Some("hello"), "no certificate");
    check("torn.pem", Some("-----BEGIN CERTIFICATE-----\nAAAA"), "not PEM");
    // Plain requests never ask for it.
    assert!(
        client(Some(folder.path().join("absent.pem"))).request(Method::GET, "http://127.0.0.1:1").is_ok()
    );
}

#[tokio::test]
async fn bodies_are_read_up_to_a_limit() {
    let reply = Reply::status(200, "x".repeat(100));
    let script = Script::new().at(Door::KeyModels, reply.clone()).at(Door::KeyModels, reply);
    let backend = FakeBackend::builder().script(script).start().unwrap();
    let url = format!("{}/models", backend.platform_base_url());
    for (limit, expect) in [(100, Some(100)), (99, None)] {
        let response = client(None).request(Method::GET, &url).unwrap().send().await.unwrap();
        assert_eq!(body_up_to(limit, response).await.unwrap().map(|body| body.len()), expect);
    }
}
