//! Each kind of fault, as a caller meets it.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::desk::{Desk, LIMIT, Outcome, read};

#[tokio::test]
async fn a_decline_is_a_no_that_the_key_remembers() -> Outcome {
    let desk = Desk::open(None).await?;
    let fault = json!({"kind": "decline", "code": "do_not_honor", "match": "o-1", "times": 1});
    desk.fault("payment.create", fault).await?;
    let declined = desk.create("o-1", "pm_card_visa").await?;
    assert_eq!(declined.status, 402);
    assert_eq!(declined.text_at("/error/decline_code"), "do_not_honor");
    assert_eq!(
        desk.create("o-1", "pm_card_visa").await?.text,
        declined.text
    );
    assert_eq!(desk.create("o-2", "pm_card_visa").await?.status, 200);
    desk.fault("carrier", json!({"kind": "decline"})).await?;
    let refused = desk.shipment("o-1", json!({"country": "NL"})).await?;
    assert_eq!(refused.text_at("/error/code"), "address_rejected");
    Ok(())
}

#[tokio::test]
async fn error500_and_down_have_no_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    for (kind, status) in [("error500", 500), ("down", 503)] {
        desk.fault("*", json!({"kind": kind})).await?;
        assert_eq!(desk.create("o-1", "pm_card_visa").await?.status, status);
        assert_eq!(desk.ship("o-1", "cancel").await?.status, status);
        let list = desk
            .get("/payments/v1/payment_intents?metadata[order_id]=o-1")
            .await?;
        assert_eq!(list.status, status);
    }
    desk.heal().await?;
    assert_eq!(desk.payments("o-1").await?, 0);
    assert!(!desk.create("o-1", "pm_card_visa").await?.replayed);
    Ok(())
}

#[tokio::test]
async fn a_dropped_request_has_neither_answer_nor_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("payment.create", json!({"kind": "drop", "times": 1}))
        .await?;
    assert!(desk.create("o-1", "pm_card_visa").await.is_err());
    assert_eq!(desk.payments("o-1").await?, 0);
    assert_eq!(desk.create("o-1", "pm_card_visa").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_cut_connection_carries_not_one_byte_of_an_answer() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("carrier.cancel", json!({"kind": "applied_no_answer"}))
        .await?;
    let mut stream = TcpStream::connect(desk.address).await?;
    stream
        .write_all(b"POST /carrier/shipments/o-1/cancel HTTP/1.1\r\nhost: x\r\n\r\n")
        .await?;
    let mut answer = Vec::new();
    tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await??;
    assert_eq!(answer, b"");
    let found = desk.get("/carrier/shipments/o-1").await?;
    assert_eq!(found.text_at("/status"), "cancelled");
    Ok(())
}

#[tokio::test]
async fn an_applied_request_without_answer_is_answered_by_its_key() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault(
        "payment",
        json!({"kind": "applied_no_answer", "match": "o-1", "times": 1}),
    )
    .await?;
    assert!(desk.create("o-1", "pm_card_visa").await.is_err());
    assert_eq!(desk.payment("o-1").await?["open"], 1200);
    let again = desk.create("o-1", "pm_card_visa").await?;
    assert!(again.status == 200 && again.replayed, "{again:?}");
    assert_eq!(desk.payments("o-1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_applied_request_can_be_answered_with_500() -> Outcome {
    let desk = Desk::open(None).await?;
    let fault = json!({"kind": "applied_no_answer", "answer": "error500"});
    desk.fault("payment.create", fault).await?;
    assert_eq!(desk.create("o-1", "pm_card_visa").await?.status, 500);
    assert_eq!(desk.payments("o-1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_slow_request_keeps_its_key_in_use_and_takes_effect_when_the_caller_left() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault(
        "payment.create",
        json!({"kind": "slow", "ms": 60_000, "times": 1}),
    )
    .await?;
    let impatient = desk.create("o-1", "pm_card_visa");
    let calls = desk.until("/faults", |faults| faults[0]["hits"] == 1);
    // The caller leaves as soon as the provider has the request.
    tokio::select! {
        answer = impatient => return Err(format!("answered too early: {answer:?}").into()),
        hit = calls => hit?,
    }
    let busy = desk.create("o-1", "pm_card_visa").await?;
    assert_eq!(
        (busy.status, busy.text_at("/error/code").as_str()),
        (409, "idempotency_key_in_use")
    );
    assert_eq!(desk.payments("o-1").await?, 0);
    desk.advance(60);
    desk.until("/book/payments?order_id=o-1", |rows| {
        rows[0]["open"] == 1200
    })
    .await?;
    assert!(desk.create("o-1", "pm_card_visa").await?.replayed);
    Ok(())
}

#[tokio::test]
async fn a_hanging_request_is_served_once_the_fault_is_removed() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("payment.create", json!({"kind": "hang", "match": "o-1"}))
        .await?;
    let healing = async {
        desk.until("/faults", |faults| faults[0]["hits"] == 1)
            .await?;
        assert_eq!(desk.payments("o-1").await?, 0);
        desk.heal().await
    };
    let (answer, healed) = tokio::join!(desk.create("o-1", "pm_card_visa"), healing);
    healed?;
    assert_eq!(answer?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_hanging_request_whose_caller_left_has_no_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("carrier.create", json!({"kind": "hang"}))
        .await?;
    let mut stream = TcpStream::connect(desk.address).await?;
    let body = r#"{"ship_to":{"country":"NL"},"lines":[1]}"#;
    let length = body.len();
    let head =
        format!("PUT /carrier/shipments/o-1 HTTP/1.1\r\nhost: x\r\ncontent-length: {length}");
    stream
        .write_all(format!("{head}\r\n\r\n{body}").as_bytes())
        .await?;
    desk.until("/faults", |faults| faults[0]["hits"] == 1)
        .await?;
    drop(stream);
    desk.heal().await?;
    assert_eq!(desk.get("/carrier/shipments/o-1").await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_late_effect_comes_long_after_the_caller_was_left_without_answer() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    let day = json!({"kind": "late_effect", "ms": 86_400_000, "times": 1});
    desk.fault("payment.capture", day).await?;
    let capture = format!("/payment_intents/{id}/capture");
    assert!(desk.post(&capture, "c", &[]).await.is_err());
    desk.advance(86_399);
    assert_eq!(desk.payment("o-1").await?["captured"], 0);
    assert_eq!(
        desk.json("/book/late").await?.as_array().map(Vec::len),
        Some(1)
    );
    desk.advance(1);
    desk.until("/book/late", |late| late == &json!([])).await?;
    assert_eq!(desk.payment("o-1").await?["captured"], 1200);
    Ok(())
}

#[tokio::test]
async fn a_late_request_whose_key_was_used_meanwhile_has_no_effect() -> Outcome {
    let desk = Desk::open(None).await?;
    let late = json!({"kind": "late_effect", "ms": 60_000, "answer": "error500", "times": 1});
    desk.fault("payment.create", late).await?;
    assert_eq!(desk.create("o-1", "pm_card_visa").await?.status, 500);
    let id = desk.authorised("o-1").await?;
    desk.post(&format!("/payment_intents/{id}/cancel"), "v", &[])
        .await?;
    desk.advance(60);
    desk.until("/book/late", |late| late == &json!([])).await?;
    assert_eq!(desk.payment("o-1").await?["open"], 0);
    Ok(())
}

#[tokio::test]
async fn a_late_create_meets_the_cancellation_that_overtook_it() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault(
        "carrier.create",
        json!({"kind": "late_effect", "ms": 60_000}),
    )
    .await?;
    assert!(
        desk.shipment("o-1", json!({"country": "NL"}))
            .await
            .is_err()
    );
    desk.ship("o-1", "cancel").await?;
    desk.advance(60);
    desk.until("/book/late", |late| late == &json!([])).await?;
    let found = desk.get("/carrier/shipments/o-1").await?;
    assert_eq!(found.text_at("/status"), "cancelled");
    assert_eq!(found.json()["tracking_number"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn lists_show_an_intent_only_after_the_lag() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault("payment.list", json!({"kind": "lookup_lag", "ms": 600_000}))
        .await?;
    let id = desk.authorised("o-1").await?;
    let list = "/payments/v1/payment_intents?metadata[order_id]=o-1";
    assert_eq!(desk.json(list).await?["data"], json!([]));
    assert_eq!(
        desk.get(&format!("/payments/v1/payment_intents/{id}"))
            .await?
            .status,
        200
    );
    desk.advance(600);
    assert_eq!(desk.json(list).await?["data"][0]["id"], json!(id));
    Ok(())
}

#[tokio::test]
async fn faults_are_listed_and_switched_off_one_by_one() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.fault(
        "payment.list",
        json!({"kind": "slow", "ms": 5, "match": "a", "times": 3}),
    )
    .await?;
    desk.fault("payment.list", json!({"kind": "down", "match": "b"}))
        .await?;
    let listed = desk.json("/faults").await?;
    let first = json!({
        "target": "payment.list", "kind": "slow", "ms": 5, "match": "a", "times": 3, "hits": 0,
    });
    assert_eq!(listed[0], first);
    let off = read(desk.request(Method::DELETE, "/faults/payment.list?match=b")).await?;
    assert_eq!(off.json(), json!({"removed": 1}));
    assert_eq!(desk.json("/faults").await?, json!([first]));
    Ok(())
}

#[tokio::test]
async fn refuses_faults_that_make_no_sense() -> Outcome {
    let desk = Desk::open(None).await?;
    for (target, fault) in [
        ("payment.fly", json!({"kind": "down"})),
        ("payment", json!({"kind": "melt"})),
        ("payment", json!({"kind": "slow"})),
        ("payment", json!({"kind": "late_effect", "ms": 86_400_001})),
        ("payment", json!({"kind": "down", "colour": "red"})),
    ] {
        let path = format!("/faults/{target}");
        let refused = read(desk.request(Method::PUT, &path).json(&fault)).await?;
        assert_eq!(refused.status, 400, "{target} {fault}");
    }
    Ok(())
}
