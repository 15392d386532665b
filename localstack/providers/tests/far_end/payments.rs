//! The payment provider without faults.

use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, Outcome, read};

#[tokio::test]
async fn answers_a_repeated_key_with_the_first_result_byte_for_byte() -> Outcome {
    let desk = Desk::open(None).await?;
    for method in ["pm_card_visa", "pm_card_declined"] {
        let first = desk.create(method, method).await?;
        let again = desk.create(method, method).await?;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert!(!first.replayed && again.replayed);
        assert_eq!(desk.payments(method).await?, 1);
    }
    Ok(())
}

#[tokio::test]
async fn refuses_a_key_with_other_parameters() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.create_by("o-1", "pm_card_visa", "k").await?;
    let refused = desk.create_by("o-2", "pm_card_visa", "k").await?;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.text_at("/error/type"), "idempotency_error");
    assert_eq!(desk.payments("o-2").await?, 0);
    Ok(())
}

#[tokio::test]
async fn forgets_a_key_after_a_day() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.authorised("o-1").await?;
    desk.advance(24 * 3600 - 1);
    assert!(desk.create("o-1", "pm_card_visa").await?.replayed);
    desk.advance(1);
    assert!(!desk.create("o-1", "pm_card_visa").await?.replayed);
    assert_eq!(desk.payments("o-1").await?, 2);
    Ok(())
}

#[tokio::test]
async fn tells_a_decline_with_its_reason_and_keeps_no_money() -> Outcome {
    let desk = Desk::open(None).await?;
    let declined = desk.create("o-1", "pm_card_insufficient").await?;
    assert_eq!(declined.status, 402);
    assert_eq!(declined.text_at("/error/code"), "card_declined");
    assert_eq!(
        declined.text_at("/error/decline_code"),
        "insufficient_funds"
    );
    assert_eq!(
        declined.text_at("/error/payment_intent/status"),
        "requires_payment_method"
    );
    assert_eq!(desk.payment("o-1").await?["open"], 0);
    Ok(())
}

#[tokio::test]
async fn charges_neither_less_nor_more_than_stripe_does() -> Outcome {
    let desk = Desk::open(None).await?;
    for (amount, status, code) in [
        ("49", 400, "amount_too_small"),
        ("50", 200, ""),
        ("99999999", 200, ""),
        ("100000000", 400, "amount_too_large"),
    ] {
        let reply = desk.create_of("o-1", amount).await?;
        assert_eq!(
            (reply.status, reply.text_at("/error/code").as_str()),
            (status, code),
            "{amount}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn captures_once_and_never_more_than_authorised() -> Outcome {
    let desk = Desk::open(None).await?;
    let capture = format!("/payment_intents/{}/capture", desk.authorised("o-1").await?);
    let over = desk
        .post(&capture, "c0", &[("amount_to_capture", "1201")])
        .await?;
    assert_eq!(
        (over.status, over.text_at("/error/code").as_str()),
        (400, "amount_too_large")
    );
    let captured = desk.post(&capture, "c1", &[]).await?;
    assert_eq!(
        (captured.status, captured.text_at("/status").as_str()),
        (200, "succeeded")
    );
    assert!(desk.post(&capture, "c1", &[]).await?.replayed);
    let second = desk.post(&capture, "c2", &[]).await?;
    assert_eq!(
        second.text_at("/error/code"),
        "payment_intent_unexpected_state"
    );
    assert_eq!(desk.payment("o-1").await?["captured"], 1200);
    Ok(())
}

#[tokio::test]
async fn a_refused_cancel_shows_the_captured_intent() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    desk.post(&format!("/payment_intents/{id}/capture"), "c", &[])
        .await?;
    let refused = desk
        .post(&format!("/payment_intents/{id}/cancel"), "v", &[])
        .await?;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.text_at("/error/code"),
        "payment_intent_unexpected_state"
    );
    assert_eq!(refused.text_at("/error/payment_intent/status"), "succeeded");
    Ok(())
}

#[tokio::test]
async fn a_cancelled_intent_can_neither_be_captured_nor_cancelled_again() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    let cancel = format!("/payment_intents/{id}/cancel");
    let cancelled = desk.post(&cancel, "v1", &[]).await?;
    assert_eq!(
        (cancelled.status, cancelled.text_at("/status").as_str()),
        (200, "canceled")
    );
    for path in [cancel, format!("/payment_intents/{id}/capture")] {
        let refused = desk.post(&path, &path, &[]).await?;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.text_at("/error/payment_intent/status"), "canceled");
    }
    assert_eq!(desk.payment("o-1").await?["cancelled"], 1200);
    Ok(())
}

#[tokio::test]
async fn refunds_no_more_than_was_captured() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    desk.post(&format!("/payment_intents/{id}/capture"), "c", &[])
        .await?;
    let some = [("payment_intent", id.as_str()), ("amount", "1000")];
    let refund = desk.post("/refunds", "r1", &some).await?;
    assert_eq!(
        (refund.status, refund.text_at("/object").as_str()),
        (200, "refund")
    );
    assert_eq!(desk.post("/refunds", "r2", &some).await?.status, 400);
    assert_eq!(desk.payment("o-1").await?["refunded"], 1000);
    Ok(())
}

#[tokio::test]
async fn finds_intents_by_id_and_by_order() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    desk.authorised("o-2").await?;
    let found = desk
        .get(&format!("/payments/v1/payment_intents/{id}"))
        .await?;
    assert_eq!(
        found.json()["metadata"],
        json!({"attempt": "1", "order_id": "o-1"})
    );
    let list = desk
        .json("/payments/v1/payment_intents?metadata[order_id]=o-1")
        .await?;
    assert_eq!(list["data"], json!([found.json()]));
    let missing = desk.get("/payments/v1/payment_intents/pi_none").await?;
    let told = (missing.status, missing.text_at("/error/code"));
    assert_eq!(told, (404, "resource_missing".to_owned()));
    Ok(())
}

#[tokio::test]
async fn refuses_callers_without_a_key_of_theirs() -> Outcome {
    let desk = Desk::open(None).await?;
    let url = format!("http://{}/payments/v1/payment_intents", desk.address);
    let client = reqwest::Client::new();
    assert_eq!(read(client.get(&url)).await?.status, 401);
    assert_eq!(read(client.post(&url)).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn refuses_parameters_that_it_does_not_know_without_spending_the_key() -> Outcome {
    let desk = Desk::open(None).await?;
    let odd = desk
        .post("/payment_intents", "o-1:authorise:1", &[("colour", "red")])
        .await?;
    assert_eq!(odd.status, 400);
    assert!(!desk.create("o-1", "pm_card_visa").await?.replayed);
    let unknown = desk.create("o-2", "pm_other").await?;
    assert_eq!(unknown.text_at("/error/code"), "resource_missing");
    Ok(())
}

#[tokio::test]
async fn the_book_tells_amounts_keys_and_calls() -> Outcome {
    let desk = Desk::open(None).await?;
    let id = desk.authorised("o-1").await?;
    let capture = format!("/payment_intents/{id}/capture");
    desk.post(&capture, "o-1:capture:1", &[("amount_to_capture", "500")])
        .await?;
    desk.post(&capture, "o-1:capture:1", &[("amount_to_capture", "500")])
        .await?;
    let row = desk.payment("o-1").await?;
    let sums =
        ["authorised", "captured", "refunded", "cancelled", "open"].map(|name| row[name].clone());
    assert_eq!(sums, [1200, 500, 0, 700, 0].map(|sum| json!(sum)));
    assert_eq!(row["keys"], json!(["o-1:authorise:1", "o-1:capture:1"]));
    assert_eq!(
        (&row["status"], &row["attempt"]),
        (&json!("succeeded"), &json!("1"))
    );
    let calls = desk.json("/book/calls?order_id=o-1").await?;
    assert_eq!(calls, json!({"payment.create": 1, "payment.capture": 2}));
    let none = desk.request(Method::GET, "/book/calls?order_id=o-2");
    assert_eq!(read(none).await?.json(), json!({}));
    Ok(())
}
