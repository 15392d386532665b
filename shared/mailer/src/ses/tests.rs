//! Against an HTTP stub that answers `SendEmail`.

use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ports::{Mail, MailError, SendMail};
use serde_json::{Value, json};

use super::SesMailer;

#[derive(Clone)]
struct Ses {
    status: u16,
    code: &'static str,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Ses {
    fn new(status: u16, code: &'static str) -> Self {
        Self {
            status,
            code,
            asked: Arc::default(),
        }
    }

    async fn send(&self) -> Result<(), MailError> {
        self.send_this(&mail()).await
    }

    async fn send_this(&self, mail: &Mail) -> Result<(), MailError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        send_this(&url, mail).await
    }
}

fn mail() -> Mail {
    Mail {
        to: "jane@example.com".to_owned(),
        subject: "Your order is confirmed".to_owned(),
        text: "Grüße".to_owned(),
        unsubscribe: None,
    }
}

async fn send(url: &str) -> Result<(), MailError> {
    send_this(url, &mail()).await
}

async fn send_this(url: &str, mail: &Mail) -> Result<(), MailError> {
    let mailer = SesMailer::connect(&config(url), "shop@example.com");
    mailer.send(mail).await
}

async fn answer(State(ses): State<Ses>, body: String) -> Response {
    let asked = serde_json::from_str(&body).unwrap();
    ses.asked.lock().unwrap().push(asked);
    let status = StatusCode::from_u16(ses.status).unwrap();
    let body = if ses.status == 200 {
        json!({"MessageId": "m-1"})
    } else {
        json!({"message": "jane@example.com is no good"})
    };
    let headers = [("x-amzn-errortype", ses.code)];
    (status, headers, body.to_string()).into_response()
}

fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

#[tokio::test]
async fn sends_plain_text_to_one_address() {
    let ses = Ses::new(200, "");
    ses.send().await.unwrap();
    let asked = ses.asked.lock().unwrap();
    let text = |data: &str| json!({"Data": data, "Charset": "UTF-8"});
    let message = json!({
        "Subject": text("Your order is confirmed"),
        "Body": {"Text": text("Grüße")},
    });
    let expected = json!({
        "FromEmailAddress": "shop@example.com",
        "Destination": {"ToAddresses": ["jane@example.com"]},
        "Content": {"Simple": message},
    });
    assert_eq!(*asked, [expected]);
}

/// RFC 8058 section 3.1.
#[tokio::test]
async fn says_how_it_is_switched_off_in_one_click() {
    let ses = Ses::new(200, "");
    let address = "https://api.example.com/off?token=1.2";
    let unsubscribe = Some(address.to_owned());
    ses.send_this(&Mail {
        unsubscribe,
        ..mail()
    })
    .await
    .unwrap();
    let asked = ses.asked.lock().unwrap();
    let headers = json!([
        {"Name": "List-Unsubscribe", "Value": format!("<{address}>")},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]);
    assert_eq!(asked[0]["Content"]["Simple"]["Headers"], headers);
}

#[tokio::test]
async fn throttled_means_not_sent() {
    for code in ["TooManyRequestsException", "ThrottlingException"] {
        let failed = Ses::new(400, code).send().await.unwrap_err();
        assert!(matches!(failed, MailError::NotSent(_)), "{failed:?}");
    }
    let failed = Ses::new(429, "TooManyRequestsException").send().await;
    assert!(matches!(failed, Err(MailError::NotSent(_))));
}

/// A role without the permission loses no mail, and says nothing about the service.
#[tokio::test]
async fn not_allowed_means_not_sent_and_that_the_service_is_well() {
    for code in [
        "SendingPausedException",
        "AccessDenied",
        "AccessDeniedException",
        "SignatureDoesNotMatch",
        "SomethingNew",
    ] {
        let failed = Ses::new(403, code).send().await.unwrap_err();
        assert!(matches!(failed, MailError::Declined(_)), "{failed:?}");
    }
}

#[tokio::test]
async fn refusals_are_for_good_and_name_no_recipient() {
    for code in [
        "MessageRejected",
        "BadRequestException",
        "NotFoundException",
    ] {
        let failed = Ses::new(400, code).send().await.unwrap_err();
        assert!(matches!(failed, MailError::Refused(_)), "{failed:?}");
        assert!(!format!("{failed:?}").contains("jane"), "{failed:?}");
    }
}

#[tokio::test]
async fn a_service_that_broke_may_have_sent_it_and_is_asked_once() {
    let ses = Ses::new(500, "InternalServiceErrorException");
    let failed = ses.send().await.unwrap_err();
    assert!(matches!(failed, MailError::Unknown(_)), "{failed:?}");
    assert_eq!(ses.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let failed = send("http://127.0.0.1:1").await.unwrap_err();
    assert!(matches!(failed, MailError::NotSent(_)), "{failed:?}");
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_may_have_sent_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
        }
    });
    let failed = send(&url).await.unwrap_err();
    assert!(matches!(failed, MailError::Unknown(_)), "{failed:?}");
}
