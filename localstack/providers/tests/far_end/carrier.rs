//! The carrier without faults.

use serde_json::json;

use crate::desk::{Desk, Outcome};

#[tokio::test]
async fn creates_a_shipment_once_per_reference() -> Outcome {
    let desk = Desk::open(None).await?;
    let home = json!({"country": "NL", "postcode": "1011AB"});
    let first = desk.shipment("o-1", home.clone()).await?;
    desk.ship("o-1", "ship").await?;
    let again = desk.shipment("o-1", home).await?;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.text, again.text);
    let other = desk.shipment("o-1", json!({"country": "BE"})).await?;
    assert_eq!(
        (other.status, other.text_at("/error/code").as_str()),
        (409, "reference_reused")
    );
    Ok(())
}

#[tokio::test]
async fn a_cancel_before_the_create_is_final() -> Outcome {
    let desk = Desk::open(None).await?;
    let cancelled = desk.ship("o-1", "cancel").await?;
    assert_eq!(
        (cancelled.status, cancelled.text_at("/status").as_str()),
        (200, "cancelled")
    );
    assert_eq!(desk.ship("o-1", "cancel").await?, cancelled);
    let refused = desk.shipment("o-1", json!({"country": "NL"})).await?;
    assert_eq!(
        (refused.status, refused.text_at("/error/code").as_str()),
        (409, "cancelled")
    );
    let row = desk.json("/book/shipments?order_id=o-1").await?;
    assert_eq!(
        (&row[0]["status"], &row[0]["was_created"]),
        (&json!("cancelled"), &json!(false))
    );
    Ok(())
}

#[tokio::test]
async fn refuses_addresses_and_keeps_nothing() -> Outcome {
    let desk = Desk::open(None).await?;
    for ship_to in [
        json!({"country": "ZZ"}),
        json!({"country": "NL", "postcode": "00099"}),
    ] {
        let refused = desk.shipment("o-1", ship_to).await?;
        let told = (refused.status, refused.text_at("/error/code"));
        assert_eq!(told, (422, "address_rejected".to_owned()));
    }
    assert_eq!(desk.get("/carrier/shipments/o-1").await?.status, 404);
    assert_eq!(desk.json("/book/shipments").await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn ships_and_delivers_and_then_cannot_be_cancelled() -> Outcome {
    let desk = Desk::open(None).await?;
    desk.shipment("o-1", json!({"country": "NL"})).await?;
    assert_eq!(desk.ship("o-1", "deliver").await?.status, 409);
    assert_eq!(
        desk.ship("o-1", "ship").await?.text_at("/status"),
        "shipped"
    );
    assert_eq!(
        desk.ship("o-1", "deliver").await?.text_at("/status"),
        "delivered"
    );
    let refused = desk.ship("o-1", "cancel").await?;
    assert_eq!(
        (refused.status, refused.text_at("/error/code").as_str()),
        (409, "handed_over")
    );
    let left = |field: &str| refused.text_at(&format!("/error/shipment/{field}"));
    assert_eq!(
        (left("reference"), left("carrier")),
        ("o-1".to_owned(), "parcelwise".to_owned())
    );
    assert!(left("tracking_number").starts_with("CW"));
    let found = desk.get("/carrier/shipments/o-1").await?;
    assert_eq!(found.text_at("/status"), "delivered");
    Ok(())
}
