//! What goes out to the gateway, and what its answers mean; and the stand-in, which is strict.

use serde_json::{Value, json};
use testkit::build::at;

use super::*;
use crate::stub::{Act, Stub, hanging_up, impatient, nobody, stand_ins};

fn client(url: &str) -> TwilioTexts {
    let account = TextAccount {
        sid: "AC1".to_owned(),
        token: Secret("secret".to_owned()),
        from: "+15005550006".to_owned(),
    };
    TwilioTexts::with_limits(url, account, impatient()).unwrap()
}

fn text(to: &str) -> Text {
    Text {
        to: to.to_owned(),
        body: "Your order is on its way. Ref. 7K2M9QXA".to_owned(),
        reference: "7K2M9QXA".to_owned(),
    }
}

async fn sent(status: u16, body: &Value) -> Result<(), ProviderError> {
    let stub = Stub::json(status, body).await;
    client(&stub.url()).send_text(&text("+441632960001")).await
}

#[tokio::test]
async fn a_text_goes_out_as_a_form_under_our_account() {
    let stub = Stub::json(201, &json!({"sid": "SM1", "status": "queued"})).await;
    let sent = client(&stub.url()).send_text(&text("+441632960001")).await;
    assert_eq!(sent, Ok(()));
    let asked = stub.asked();
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].uri, "/v1/2010-04-01/Accounts/AC1/Messages.json");
    // "AC1:secret"
    assert_eq!(asked[0].headers["authorization"], "Basic QUMxOnNlY3JldA==");
    assert!(
        asked[0]
            .body
            .starts_with("To=%2B441632960001&From=%2B15005550006&Body=Your+order")
    );
}

#[tokio::test]
async fn only_a_refusal_of_this_text_is_for_good() {
    for code in NEVER {
        let refused = sent(400, &json!({"code": code, "message": "+44 is wrong"})).await;
        let Err(ProviderError::Refused(cause)) = refused else {
            panic!("refused, not {refused:?}");
        };
        assert_eq!(cause.0, format!("text send: answered 400 {code}"));
    }
    for (status, body) in [
        (400, json!({"code": 21_603})),
        (401, json!({"code": 20_003})),
        (404, json!({"code": 20_404})),
    ] {
        let unexpected = sent(status, &body).await;
        assert!(
            matches!(unexpected, Err(ProviderError::Unexpected(_))),
            "{unexpected:?}"
        );
    }
}

#[tokio::test]
async fn what_was_certainly_not_sent_is_told_from_what_may_have_been() {
    // A 404 without a code is of something that stands where the gateway should.
    for status in [404, 429, 503] {
        let down = sent(status, &json!({})).await;
        assert!(matches!(down, Err(ProviderError::Down(_))), "{down:?}");
    }
    let down = client(&nobody().await)
        .send_text(&text("+441632960001"))
        .await;
    assert!(matches!(down, Err(ProviderError::Down(_))), "{down:?}");
    let stub = Stub::new([Act::Hang]).await;
    for url in [stub.url(), hanging_up().await] {
        let unknown = client(&url).send_text(&text("+441632960001")).await;
        assert!(
            matches!(unknown, Err(ProviderError::Unknown(_))),
            "{unknown:?}"
        );
    }
    let unknown = sent(500, &json!({})).await;
    assert!(
        matches!(unknown, Err(ProviderError::Unknown(_))),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_text_is_found_by_its_number_and_reference() {
    let wanted = text("+441632960001");
    let listed =
        |to: &str, body: &str, status: &str| json!({"to": to, "body": body, "status": status});
    let page = |messages: Vec<Value>, next: Option<&str>| json!({"messages": messages, "next_page_uri": next});
    let (ours, other) = ("hello Ref. 7K2M9QXA", "hello Ref. 00000000");
    for (page, found) in [
        (
            page(
                vec![
                    listed(&wanted.to, other, "sent"),
                    listed(&wanted.to, ours, "sent"),
                ],
                None,
            ),
            Some(true),
        ),
        (
            page(vec![listed(&wanted.to, ours, "queued")], Some("/more")),
            Some(true),
        ),
        (
            page(vec![listed("+441632960002", ours, "sent")], None),
            Some(false),
        ),
        (
            page(vec![listed(&wanted.to, ours, "failed")], None),
            Some(false),
        ),
        (page(vec![], None), Some(false)),
        (page(vec![], Some("/more")), None),
    ] {
        let stub = Stub::json(200, &page).await;
        let has = client(&stub.url()).has_text(&wanted, at(0)).await;
        assert_eq!(has.clone().ok(), found, "{has:?}");
    }
}

#[tokio::test]
async fn the_stand_in_takes_a_text_and_finds_it() {
    let gateway = client(&format!("{}/sms", stand_ins().await));
    let wanted = text("+441632960001");
    let since = Timestamp::UNIX_EPOCH;
    assert_eq!(gateway.has_text(&wanted, since).await, Ok(false));
    assert_eq!(gateway.send_text(&wanted).await, Ok(()));
    assert_eq!(gateway.has_text(&wanted, since).await, Ok(true));
    let late = Timestamp::from_second(32_503_680_000).unwrap();
    assert_eq!(gateway.has_text(&wanted, late).await, Ok(false));
    let refused = gateway.send_text(&text("12")).await;
    assert!(
        matches!(refused, Err(ProviderError::Refused(_))),
        "{refused:?}"
    );
}
