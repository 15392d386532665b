//! Which failures of a call are certain and which are not.

use std::time::Duration;

use domain::ports::ProviderError;
use http::Method;
use serde_json::{Value, json};

use super::{Caller, ClientError, Limits, Reply, word};
use crate::stub::{Act, Stub, hanging_up, impatient, nobody};

async fn call(base: &str, limits: Limits) -> Result<Reply, ProviderError> {
    let caller = Caller::new(base, "sk_secret", limits).unwrap();
    let request = caller.request(Method::POST, &["things", "secret-id"]);
    caller.send("thing make", request).await
}

async fn answered(status: u16) -> Result<Reply, ProviderError> {
    let stub = Stub::json(status, &json!({})).await;
    call(&stub.url(), Limits::default()).await
}

#[tokio::test]
async fn is_down_when_nobody_listens() {
    let error = call(&nobody().await, Limits::default()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down(_)), "{error:?}");
}

#[tokio::test]
async fn is_down_when_the_name_is_not_known() {
    let base = "http://provider.invalid";
    let error = call(base, Limits::default()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Down(_)), "{error:?}");
}

#[tokio::test]
async fn is_unknown_when_the_answer_does_not_come_in_time() {
    let stub = Stub::new([Act::Hang]).await;
    let error = call(&stub.url(), impatient()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn is_unknown_when_the_connection_ends_without_an_answer() {
    let error = call(&hanging_up().await, Limits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
}

#[tokio::test]
async fn tells_by_the_status_whether_it_may_have_happened() {
    for status in [429, 503] {
        let error = answered(status).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Down(_)),
            "{status} {error:?}"
        );
    }
    for status in [408, 500, 502, 504, 599] {
        let error = answered(status).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Unknown(_)),
            "{status} {error:?}"
        );
    }
    for status in [301, 401, 403] {
        let error = answered(status).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Unexpected(_)),
            "{status} {error:?}"
        );
    }
    for status in [200, 201, 400, 402, 404, 409, 422] {
        assert_eq!(answered(status).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn is_asked_once_with_the_key_and_below_the_base_path() {
    let stub = Stub::json(500, &json!({})).await;
    call(&stub.url(), Limits::default()).await.unwrap_err();
    let asked = stub.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].uri, "/v1/things/secret-id");
    assert_eq!(asked[0].headers["authorization"], "Bearer sk_secret");
}

#[tokio::test]
async fn an_id_in_a_path_leads_nowhere_else() {
    for id in [
        "..",
        "../refunds",
        "a/b",
        "a?all=1",
        "a#b",
        "a b",
        "%2e%2e",
        "é\n",
    ] {
        let stub = Stub::json(200, &json!({})).await;
        let caller = Caller::new(&stub.url(), "sk_secret", Limits::default()).unwrap();
        let request = caller.request(Method::POST, &["things", id, "cancel"]);
        caller.send("thing cancel", request).await.unwrap();
        let uri = stub.asked()[0].uri.clone();
        let segments: Vec<_> = uri.split('/').collect();
        let [_, "v1", "things", encoded, "cancel"] = segments[..] else {
            panic!("{id:?} became {uri}")
        };
        let plain = encoded.replace(['%', '-', '_', '~'], "");
        assert!(plain.chars().all(|it| it.is_ascii_alphanumeric()), "{uri}");
        let read = percent_encoding::percent_decode_str(encoded).decode_utf8();
        assert_eq!(read.unwrap(), id);
    }
}

#[tokio::test]
async fn reads_no_more_than_the_limit() {
    let act = |length| Act::Answer(200, " ".repeat(length));
    let stub = Stub::new([act(64), act(65)]).await;
    let limits = Limits {
        body: 64,
        ..Limits::default()
    };
    call(&stub.url(), limits).await.unwrap();
    let error = call(&stub.url(), limits).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
}

#[tokio::test]
async fn is_unknown_when_the_body_cannot_be_read() {
    let stub = Stub::new([Act::Answer(200, "<secret>".to_owned())]).await;
    let reply = call(&stub.url(), Limits::default()).await.unwrap();
    let error = reply.json::<Value>().unwrap_err();
    assert!(matches!(error, ProviderError::Unknown(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn shows_neither_key_nor_address_in_an_error() {
    for base in [nobody().await, hanging_up().await] {
        let text = format!("{:?}", call(&base, Limits::default()).await.unwrap_err());
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains("thing make"), "{text}");
    }
    let caller = Caller::new("http://127.0.0.1", "sk_secret", Limits::default()).unwrap();
    assert!(!format!("{caller:?}").contains("sk_secret"));
}

#[test]
fn refuses_addresses_and_keys_that_cannot_be() {
    let new = |base, key| Caller::new(base, key, Limits::default());
    for base in ["", "127.0.0.1:80", "file:///etc", "ftp://host"] {
        assert!(
            matches!(new(base, "k"), Err(ClientError::Address)),
            "{base}"
        );
    }
    let line_break = new("http://host", "a\nb");
    assert!(matches!(line_break, Err(ClientError::Key)));
}

#[test]
fn keeps_below_the_time_limit_of_a_function() {
    let limits = Limits::default();
    assert!(limits.connect < limits.total && limits.total < Duration::from_secs(10));
}

#[test]
fn lets_only_codes_through() {
    assert_eq!(word("insufficient_funds"), "insufficient_funds");
    assert_eq!(word("Jane Doe <jane@x>\n"), "JaneDoejanex");
    assert_eq!(word(&"x".repeat(100)).len(), 64);
}
