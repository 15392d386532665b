//! What the stand-ins tell on their own account, to somebody who listens.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::desk::{Attempt, Desk, Outcome, read};

#[derive(Debug, Clone, Default)]
struct Listener(Arc<Mutex<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    types: Vec<String>,
    signatures: Vec<String>,
    refuse: usize,
}

async fn hear(State(listener): State<Listener>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = listener.0.lock().unwrap_or_else(PoisonError::into_inner);
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let names = ["stripe-signature", "carrier-signature"];
    let signature = names.iter().find_map(|name| headers.get(*name));
    let signature = signature
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    heard.types.push(
        event
            .get("type")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    );
    heard.signatures.push(signature.to_owned());
    if heard.refuse > 0 {
        heard.refuse -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

impl Listener {
    /// Listens to what both stand-ins tell.
    async fn to(desk: &Desk) -> Attempt<Self> {
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", socket.local_addr()?);
        let listener = Self::default();
        let routes = Router::new()
            .route("/", post(hear))
            .with_state(listener.clone());
        tokio::spawn(async move { axum::serve(socket, routes).await });
        for sender in ["payment", "carrier"] {
            let target = json!({"url": url, "secret": "a secret"});
            let request = desk.request(Method::PUT, &format!("/webhooks/{sender}"));
            let reply = read(request.json(&target)).await?;
            assert_eq!(reply.status, 200, "{reply:?}");
            assert!(!reply.text.contains("secret"), "{reply:?}");
        }
        Ok(listener)
    }

    fn types(&self) -> Vec<String> {
        self.heard().types.clone()
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn delivered(desk: &Desk, count: usize) -> Attempt<Value> {
    let path = "/webhooks/deliveries?order_id=o-1";
    desk.until(path, |rows| rows.as_array().map(Vec::len) == Some(count))
        .await?;
    desk.json(path).await
}

async fn captured(desk: &Desk) -> Outcome {
    let intent = desk.authorised("o-1").await?;
    let path = format!("/payment_intents/{intent}/capture");
    assert_eq!(desk.post(&path, "o-1:capture:1", &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn tells_what_became_of_payments_and_parcels_once() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    captured(&desk).await?;
    // The same key again is no second capture.
    let intent = desk.payment("o-1").await?["intent"].clone();
    let path = format!(
        "/payment_intents/{}/capture",
        intent.as_str().unwrap_or_default()
    );
    desk.post(&path, "o-1:capture:1", &[]).await?;
    delivered(&desk, 1).await?;
    desk.shipment("o-1", json!({"country": "NL"})).await?;
    desk.ship("o-1", "ship").await?;
    delivered(&desk, 2).await?;
    assert_eq!(
        desk.ship("o-1", "cancel").await?.text_at("/error/code"),
        "handed_over"
    );
    desk.ship("o-1", "deliver").await?;
    delivered(&desk, 3).await?;
    assert_eq!(
        listener.types(),
        [
            "payment_intent.succeeded",
            "parcel.handed_over",
            "parcel.delivered"
        ]
    );
    Ok(())
}

#[tokio::test]
async fn comes_again_a_few_times_until_it_is_taken() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    listener.heard().refuse = 2;
    captured(&desk).await?;
    for (count, seconds) in [(1, 1), (2, 2), (3, 60)] {
        delivered(&desk, count).await?;
        desk.advance(seconds);
    }
    let rows = delivered(&desk, 3).await?;
    assert_eq!(rows[2]["status"], 200, "{rows}");
    assert_eq!(rows[0]["id"], rows[2]["id"], "{rows}");
    Ok(())
}

#[tokio::test]
async fn gives_up_after_six_times() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    listener.heard().refuse = 100;
    captured(&desk).await?;
    for count in 1..=6 {
        delivered(&desk, count).await?;
        desk.advance(60);
    }
    desk.advance(600);
    desk.json("/webhooks").await?;
    delivered(&desk, 6).await?;
    Ok(())
}

#[tokio::test]
async fn a_repeated_one_comes_among_forged_and_old_ones() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    let fault = json!({"kind": "repeat", "genuine": 50, "forged": 5, "aged": 5, "match": "o-1"});
    desk.fault("payment.webhook", fault).await?;
    captured(&desk).await?;
    let rows = delivered(&desk, 60).await?;
    let of = |copy: &str| {
        let rows = rows.as_array().into_iter().flatten();
        rows.filter(|row| row["copy"] == copy).count()
    };
    assert_eq!((of("genuine"), of("forged"), of("aged")), (50, 5, 5));
    let mut signatures = listener.heard().signatures.clone();
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 3, "{signatures:?}");
    Ok(())
}

#[tokio::test]
async fn a_swapped_one_comes_after_the_next_of_its_order() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    let fault = json!({"kind": "swap", "match": "o-1", "times": 1});
    desk.fault("carrier.webhook", fault).await?;
    desk.shipment("o-1", json!({"country": "NL"})).await?;
    desk.ship("o-1", "ship").await?;
    desk.ship("o-1", "deliver").await?;
    delivered(&desk, 2).await?;
    assert_eq!(listener.types(), ["parcel.delivered", "parcel.handed_over"]);
    Ok(())
}

#[tokio::test]
async fn a_late_one_is_signed_when_it_leaves_and_a_dropped_one_never_comes() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    let late = json!({"kind": "slow", "ms": 900_000, "match": "o-1"});
    desk.fault("payment.webhook", late).await?;
    desk.fault("carrier.webhook", json!({"kind": "drop", "times": 1}))
        .await?;
    desk.shipment("o-1", json!({"country": "NL"})).await?;
    desk.ship("o-1", "ship").await?;
    captured(&desk).await?;
    assert_eq!(listener.types(), Vec::<String>::new());
    desk.advance(900);
    delivered(&desk, 1).await?;
    desk.ship("o-1", "deliver").await?;
    delivered(&desk, 2).await?;
    assert_eq!(
        listener.types(),
        ["payment_intent.succeeded", "parcel.delivered"]
    );
    Ok(())
}

/// Faults of requests leave webhooks alone, and the other way round.
#[tokio::test]
async fn what_is_done_to_requests_is_not_done_to_webhooks() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    desk.fault("payment.webhook", json!({"kind": "error500"}))
        .await?;
    desk.fault("*", json!({"kind": "swap"})).await?;
    desk.fault("payment", json!({"kind": "slow", "ms": 0}))
        .await?;
    captured(&desk).await?;
    delivered(&desk, 1).await?;
    assert_eq!(listener.types(), ["payment_intent.succeeded"]);
    Ok(())
}

#[tokio::test]
async fn nobody_is_told_who_does_not_want_to_know() -> Outcome {
    let desk = Desk::open(None).await?;
    let listener = Listener::to(&desk).await?;
    let only = json!({"url": "http://127.0.0.1:9/", "secret": "s", "match": "o-1"});
    read(desk.request(Method::PUT, "/webhooks/payment").json(&only)).await?;
    captured(&desk).await?;
    let rows = delivered(&desk, 1).await?;
    assert_eq!(
        rows[0]["status"],
        Value::Null,
        "the narrower target was meant"
    );
    for path in ["/webhooks/payment", "/webhooks/payment?match=o-1"] {
        read(desk.request(Method::DELETE, path)).await?;
    }
    desk.create("o-2", "pm_card_declined").await?;
    assert_eq!(listener.types(), Vec::<String>::new());
    assert_eq!(
        read(desk.request(Method::PUT, "/webhooks/other"))
            .await?
            .status,
        400
    );
    Ok(())
}
