//! Which addresses may receive credentials.

use codex_config::{BaseUrl, BaseUrlError};

#[test]
fn accepts_https_anywhere_and_http_on_this_machine() {
    for (text, host, loopback) in [
        ("https://chatgpt.com/backend-api/", "chatgpt.com", false),
        ("https://API.openai.com/v1", "api.openai.com", false),
        ("HTTPS://a-b.example:8443", "a-b.example", false),
        ("https://10.0.0.1/v1", "10.0.0.1", false),
        ("https://[2001:db8::1]:443/v1", "[2001:db8::1]", false),
        ("http://localhost:1234/backend-api", "localhost", true),
        ("http://127.0.0.1:1/", "127.0.0.1", true),
        ("http://127.8.8.8", "127.8.8.8", true),
        ("http://[::1]:80/v1", "[::1]", true),
        ("https://localhost/v1", "localhost", true),
    ] {
        let url = BaseUrl::parse(text).unwrap();
        assert_eq!((url.as_str(), url.host(), url.is_loopback()), (text, host, loopback));
    }
}

#[test]
fn refuses_everything_else() {
    use BaseUrlError::{Credentials, Malformed, PlainHttp, Query, Scheme};
    for (text, expected) in [
        ("", Scheme),
        ("chatgpt.com", Scheme),
        ("https:/chatgpt.com", Scheme),
        ("ftp://localhost", Scheme),
        (" https://chatgpt.com", Scheme),
        ("https://user:password@example.com", Credentials),
        ("http://localhost:80@example.com", Credentials),
        ("https://example.com?a=b", Query),
        ("https://example.com/v1#x", Query),
        ("https://", Malformed),
        ("https:///v1", Malformed),
        ("https://example..com", Malformed),
        ("https://exämple.com", Malformed),
        ("https://example.com:", Malformed),
        ("https://example.com:+80", Malformed),
        ("https://example.com:99999", Malformed),
        ("https://example.com\\.evil.com", Malformed),
        ("https://example.com/a b", Malformed),
        ("https://example.com\n", Malformed),
        ("https://[::1", Malformed),
        ("https://[::1]x", Malformed),
        ("https://[localhost]", Malformed),
        ("http://127.1", Malformed),
        ("http://2130706433", Malformed),
        ("http://0x7f.0.0.0x1", Malformed),
        ("http://127.0.0.1.", Malformed),
        ("http://example.com", PlainHttp),
        ("http://127.0.0.1.example.com", PlainHttp),
        ("http://localhost.example.com", PlainHttp),
        ("http://0.0.0.0", PlainHttp),
        ("http://[::ffff:10.0.0.1]", PlainHttp),
    ] {
        let refused = BaseUrl::parse(text);
        assert_eq!(refused, Err(expected), "{text}");
    }
}

#[test]
fn joins_with_one_slash() {
    for base in ["https://example.com/v1", "https://example.com/v1/"] {
        assert_eq!(BaseUrl::parse(base).unwrap().join("models"), "https://example.com/v1/models");
    }
}
