//! What outlives the program.

use serde_json::json;

use crate::desk::{Desk, Folder, Outcome};

#[tokio::test]
async fn a_restart_keeps_the_book_and_the_keys() -> Outcome {
    let folder = Folder::new("keys");
    let desk = Desk::open(Some(&folder)).await?;
    let first = desk.create("o-1", "pm_card_visa").await?;
    let capture = format!("/payment_intents/{}/capture", first.text_at("/id"));
    let refused = desk
        .post(&capture, "c0", &[("amount_to_capture", "9999")])
        .await?;
    desk.post(&capture, "c1", &[]).await?;
    desk.shipment("o-1", json!({"country": "NL"})).await?;
    desk.ship("o-2", "cancel").await?;
    let before = (
        desk.json("/book/payments").await?,
        desk.json("/book/shipments").await?,
    );

    let desk = desk.restart(&folder).await?;
    let after = (
        desk.json("/book/payments").await?,
        desk.json("/book/shipments").await?,
    );
    assert_eq!(after, before);
    let again = desk.create("o-1", "pm_card_visa").await?;
    assert!(again.replayed && again.text == first.text, "{again:?}");
    let refused_again = desk
        .post(&capture, "c0", &[("amount_to_capture", "9999")])
        .await?;
    assert!(refused_again.replayed && refused_again.text == refused.text);
    Ok(())
}

#[tokio::test]
async fn a_late_effect_outlives_a_restart() -> Outcome {
    let folder = Folder::new("late");
    let desk = Desk::open(Some(&folder)).await?;
    desk.fault(
        "payment.create",
        json!({"kind": "late_effect", "ms": 3_600_000}),
    )
    .await?;
    assert!(desk.create("o-1", "pm_card_visa").await.is_err());

    let desk = desk.restart(&folder).await?;
    assert_eq!(desk.payments("o-1").await?, 0);
    desk.advance(3600);
    desk.until("/book/late", |late| late == &json!([])).await?;
    assert_eq!(desk.payment("o-1").await?["open"], 1200);
    assert!(desk.create("o-1", "pm_card_visa").await?.replayed);

    let desk = desk.restart(&folder).await?;
    assert_eq!(desk.json("/book/late").await?, json!([]));
    assert_eq!(desk.payments("o-1").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_messages_and_profiles() -> Outcome {
    let folder = Folder::new("copies");
    let desk = Desk::open(Some(&folder)).await?;
    desk.text("+31612345678", "one").await?;
    desk.text("+31612345678", "one").await?;
    desk.keep("crm", 1, json!({"name": "Ann"})).await?;
    desk.keep("crm", 4, json!(null)).await?;
    desk.keep("support", 2, json!({"name": "Ann"})).await?;
    let before = (
        desk.json("/book/messages").await?,
        desk.json("/book/profiles").await?,
    );

    let desk = desk.restart(&folder).await?;
    let after = (
        desk.json("/book/messages").await?,
        desk.json("/book/profiles").await?,
    );
    assert_eq!(after, before);
    assert_eq!(desk.rows("messages").await?, 2);
    assert_eq!(desk.keep("crm", 3, json!({})).await?.status, 409);
    let found = desk.json("/destinations/support/profiles/u-1").await?;
    assert_eq!(found, json!({"version": 2, "profile": {"name": "Ann"}}));
    Ok(())
}

#[tokio::test]
async fn late_messages_and_copies_outlive_a_restart() -> Outcome {
    let folder = Folder::new("late-copies");
    let desk = Desk::open(Some(&folder)).await?;
    let late = json!({"kind": "late_effect", "ms": 3_600_000});
    desk.fault("*", late).await?;
    assert!(desk.text("+31612345678", "one").await.is_err());
    assert!(desk.keep("crm", 1, json!({})).await.is_err());

    let desk = desk.restart(&folder).await?;
    assert_eq!(desk.rows("late").await?, 2);
    assert_eq!(desk.rows("messages").await?, 0);
    desk.advance(3600);
    desk.until("/book/late", |late| late == &json!([])).await?;
    assert_eq!(desk.rows("messages").await?, 1);
    assert_eq!(desk.rows("profiles?destination=crm").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_book_from_before_the_gateway_is_still_read() -> Outcome {
    let folder = Folder::new("older");
    let line = r#"{"at":1,"effect":{"shipment":{"reference":"o-1","change":"cancelled"}}}"#;
    folder.write(&format!("{line}\n"))?;
    let desk = Desk::open(Some(&folder)).await?;
    assert_eq!(desk.rows("shipments?order_id=o-1").await?, 1);
    assert_eq!(desk.rows("messages").await?, 0);
    Ok(())
}
