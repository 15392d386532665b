//! Against an SNS that is played by a small server: what is sent, and what answers mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::HeaderMap;
use testkit::build::at;
use tokio::net::TcpListener;

use super::*;
use crate::topic::tests::config;

async fn send_to(address: &str) -> Result<(), ProviderError> {
    let mut sns = SnsTexts::connect(&config(address), &Roots::amazon(), || at(0)).unwrap();
    sns.limit = Duration::from_millis(300);
    let text = Text {
        to: "+441632960001".to_owned(),
        body: "On its way".to_owned(),
        reference: "way".to_owned(),
    };
    sns.send_text(&text).await
}

async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn played(status: u16, body: &'static str) -> Result<(), ProviderError> {
    let answer = move |headers: HeaderMap, form: String| async move {
        let signed = headers["authorization"].to_str().unwrap();
        assert!(signed.contains("/sns/aws4_request"), "{signed}");
        assert_eq!(
            form,
            "Action=Publish&Version=2010-03-31&PhoneNumber=%2B441632960001&Message=On+its+way"
        );
        (axum::http::StatusCode::from_u16(status).unwrap(), body)
    };
    send_to(&serve(Router::new().fallback(answer)).await).await
}

fn refusal(code: &'static str) -> &'static str {
    match code {
        "InvalidParameter" => {
            "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>"
        }
        "Throttling" => "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
        _ => "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>",
    }
}

#[tokio::test]
async fn a_text_is_published_to_its_number() {
    let done = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
    assert_eq!(played(200, done).await, Ok(()));
}

#[tokio::test]
async fn refusals_of_the_text_are_told_from_those_of_the_moment() {
    let never = played(400, refusal("InvalidParameter")).await;
    let cause = Cause("text publish: answered 400 InvalidParameter".to_owned());
    assert_eq!(never, Err(ProviderError::Refused(cause)));
    let later = played(400, refusal("Throttling")).await;
    assert!(matches!(later, Err(ProviderError::Down(_))), "{later:?}");
    let ours = played(403, refusal("AuthorizationError")).await;
    assert!(
        matches!(ours, Err(ProviderError::Unexpected(_))),
        "{ours:?}"
    );
    let unknown = played(500, "").await;
    assert!(
        matches!(unknown, Err(ProviderError::Unknown(_))),
        "{unknown:?}"
    );
}

/// What nobody answered may have been sent, so it is asked for once; what reached nobody was not.
#[tokio::test]
async fn who_does_not_answer_is_asked_once_and_told_from_who_is_not_there() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let hang = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    };
    let silent = send_to(&serve(Router::new().fallback(hang)).await).await;
    assert!(
        matches!(silent, Err(ProviderError::Unknown(_))),
        "{silent:?}"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let nobody = send_to(&nobody).await;
    assert!(matches!(nobody, Err(ProviderError::Down(_))), "{nobody:?}");
}
