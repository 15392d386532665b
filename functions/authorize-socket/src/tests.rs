//! Handshakes through the runner, against tickets in memory.

use domain::Ticket;
use domain::ports::KeepTickets;
use lambda_boot::{Diagnostic, task};
use testkit::build::{at, customer, session_id, tenant};
use testkit::fakes::{FakeRealtime, Fault};
use testkit::hostile::Forge;
use testkit::keys::private_key;

use super::*;

fn secret(number: u128) -> TicketSecret {
    TicketSecret::new([number, 1, 2].map(uuid::Uuid::from_u128))
}

async fn issue(tickets: &FakeRealtime, number: u128) -> String {
    let ticket = Ticket::new((tenant(), customer("alice")), Some(session_id(7)), at(0));
    let secret = secret(number);
    tickets.put_ticket(secret.hash(), &ticket).await.unwrap();
    secret.text()
}

fn handshake(ticket: &str, origin: Option<&str>) -> Value {
    let mut headers = json!({"Host": "sockets.example.org"});
    if let Some(origin) = origin {
        headers["origin"] = json!(origin);
    }
    json!({
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:us-east-1:0:abc/live/$connect",
        "headers": headers,
        "queryStringParameters": {"ticket": ticket},
        "requestContext": {"connectionId": "L0SM9cOFvHcCIhw="},
    })
}

async fn ask(tickets: &FakeRealtime, second: i64, asked: Value) -> Result<Value, Diagnostic> {
    let origins: Origins = "https://shop.example.org".parse().unwrap();
    let handler = async |asked| handle(tickets, &origins, at(second), asked).await;
    task::answer(handler, asked).await
}

async fn refusal(tickets: &FakeRealtime, second: i64, asked: Value) -> (String, String) {
    let refused = ask(tickets, second, asked).await.unwrap_err();
    (refused.error_type, refused.error_message)
}

fn unauthorized() -> (String, String) {
    ("BadInput".to_owned(), "Unauthorized".to_owned())
}

#[tokio::test]
async fn who_has_a_ticket_is_let_in_as_whoever_it_was_given_to() {
    let tickets = FakeRealtime::default();
    let ticket = issue(&tickets, 1).await;
    let allowed = ask(&tickets, 29, handshake(&ticket, None)).await.unwrap();
    let wanted = json!({
        "principalId": "alice",
        "policyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": "arn:aws:execute-api:us-east-1:0:abc/live/$connect",
        }]},
        "context": {
            "tenant": "main",
            "reader": "alice",
            "session": session_id(7).to_string(),
            "since": at(29).as_second().to_string(),
        },
    });
    assert_eq!(allowed, wanted);
}

#[tokio::test]
async fn the_gateway_is_told_who_runs_the_shop() {
    let tickets = FakeRealtime::default();
    let ticket = Ticket {
        runs_the_shop: true,
        ..Ticket::new((tenant(), customer("dora")), None, at(0))
    };
    let secret = secret(1);
    tickets.put_ticket(secret.hash(), &ticket).await.unwrap();
    let allowed = ask(&tickets, 1, handshake(&secret.text(), None)).await;
    assert_eq!(allowed.unwrap()["context"]["role"], json!("admin"));
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let tickets = FakeRealtime::default();
    let ticket = issue(&tickets, 1).await;
    assert!(ask(&tickets, 1, handshake(&ticket, None)).await.is_ok());
    let again = refusal(&tickets, 1, handshake(&ticket, None)).await;
    assert_eq!(again, unauthorized());
}

#[tokio::test]
async fn a_ticket_is_good_for_half_a_minute() {
    let tickets = FakeRealtime::default();
    let ticket = issue(&tickets, 1).await;
    let late = refusal(&tickets, 30, handshake(&ticket, None)).await;
    assert_eq!(late, unauthorized());
}

/// Another page cannot have the ticket, and cannot use it either (cross-site WebSocket hijacking).
#[tokio::test]
async fn a_page_of_somebody_else_opens_nothing() {
    let tickets = FakeRealtime::default();
    let ticket = issue(&tickets, 1).await;
    for origin in [
        "https://evil.example.org",
        "null",
        "https://shop.example.org.evil.org",
    ] {
        let refused = refusal(&tickets, 1, handshake(&ticket, Some(origin))).await;
        assert_eq!(refused, unauthorized(), "{origin}");
    }
    let own = handshake(&ticket, Some("https://shop.example.org"));
    assert!(
        ask(&tickets, 1, own).await.is_ok(),
        "the ticket is still good"
    );
}

/// F32: every hostile token, and every ticket that cannot be one, is refused as any other, and the
/// table is not asked.
#[tokio::test]
async fn f32_what_is_no_ticket_is_refused_as_any_other_without_a_call() {
    let tickets = FakeRealtime::default();
    let good = issue(&tickets, 1).await;
    let forge = Forge::new(
        ("key-1", &private_key()),
        ("issuer", "audience"),
        at(0).as_second(),
    );
    let mut hostile: Vec<String> = forge.tokens().into_iter().map(|(_, token)| token).collect();
    hostile.extend([
        String::new(),
        good.to_uppercase(),
        format!("{good} "),
        good.chars().skip(1).collect(),
    ]);
    // Any call would fail, and that is another answer.
    tickets.fail_next_write(Fault::FailBefore);
    for token in hostile {
        let refused = refusal(&tickets, 1, handshake(&token, None)).await;
        assert_eq!(refused, unauthorized(), "{token}");
    }
    for none in [json!({}), Value::Null, json!({"Ticket": good})] {
        let mut asked = handshake("", None);
        asked["queryStringParameters"] = none;
        assert_eq!(refusal(&tickets, 1, asked).await, unauthorized());
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_no_refusal() {
    let tickets = FakeRealtime::default();
    let ticket = issue(&tickets, 1).await;
    tickets.fail_next_write(Fault::FailBefore);
    let (name, text) = refusal(&tickets, 1, handshake(&ticket, None)).await;
    assert_eq!(
        (name.as_str(), text.as_str()),
        ("Unavailable", "the store is unavailable")
    );
}

#[test]
fn a_handshake_is_not_printed() {
    let asked: Handshake = serde_json::from_value(handshake("secret", None)).unwrap();
    assert_eq!(format!("{asked:?}"), "Handshake(..)");
}
