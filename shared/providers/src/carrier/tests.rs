//! The carrier by scripted answers: what each means to us, and what we send.

use domain::ports::{BookParcels, Cancellation, Parcel, ProviderError};
use domain::{
    Address, CarrierName, Handover, OrderId, ProviderReference, Sku, StockLine, TrackingNumber,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::HttpCarrier;
use crate::Limits;
use crate::stub::{Stub, stand_ins};

const ORDER: OrderId = OrderId(Uuid::from_u128(7));

fn address() -> Address {
    Address {
        name: "Jane Doe".to_owned(),
        street: "Main Street 1".to_owned(),
        city: "Springfield".to_owned(),
        postcode: "12345".to_owned(),
        country: "DE".to_owned(),
    }
}

fn lines() -> Vec<StockLine> {
    vec![StockLine {
        sku: Sku::parse("MUG-BLUE").unwrap(),
        quantity: 2,
    }]
}

fn shipment(status: &str) -> Value {
    json!({"reference": ORDER.to_string(), "status": status, "tracking_number": "CW1"})
}

fn handover(number: &str) -> Handover {
    Handover {
        carrier: CarrierName::parse("parcelwise").unwrap(),
        tracking_number: TrackingNumber::parse(number).unwrap(),
    }
}

fn gone() -> Value {
    let mut gone = shipment("shipped");
    gone["carrier"] = json!("parcelwise");
    gone
}

fn failed(code: &str) -> Value {
    json!({"error": {"code": code, "message": "Main Street 1 is unknown"}})
}

fn client(base: &str) -> HttpCarrier {
    HttpCarrier::new(base, "key", Limits::default()).unwrap()
}

async fn create(status: u16, body: &Value) -> Result<Parcel, ProviderError> {
    let stub = Stub::json(status, body).await;
    client(&stub.url())
        .create(ORDER, &address(), &lines())
        .await
}

async fn cancel(status: u16, body: &Value) -> Result<Cancellation, ProviderError> {
    let stub = Stub::json(status, body).await;
    client(&stub.url()).cancel(ORDER).await
}

#[tokio::test]
async fn tells_the_carrier_where_to_and_what_under_our_reference() {
    let stub = Stub::json(201, &shipment("created")).await;
    let parcel = client(&stub.url())
        .create(ORDER, &address(), &lines())
        .await
        .unwrap();
    let reference = ProviderReference::parse("CW1").unwrap();
    assert_eq!(parcel, Parcel::Created(reference));
    let asked = &stub.asked()[0];
    assert_eq!(asked.method, "PUT");
    assert_eq!(asked.uri, format!("/v1/shipments/{ORDER}"));
    assert_eq!(asked.headers["authorization"], "Bearer key");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        body,
        json!({
            "ship_to": {
                "name": "Jane Doe", "street": "Main Street 1", "city": "Springfield",
                "postcode": "12345", "country": "DE",
            },
            "lines": [{"sku": "MUG-BLUE", "quantity": 2}],
        })
    );
}

#[tokio::test]
async fn refused_addresses_and_cancelled_parcels_are_answers() {
    let refused = create(422, &failed("address_rejected")).await;
    let reason = "address_rejected".to_owned();
    assert_eq!(refused.unwrap(), Parcel::Refused(reason));
    let cancelled = create(409, &failed("cancelled")).await;
    assert_eq!(cancelled.unwrap(), Parcel::Cancelled);
}

#[tokio::test]
async fn other_refusals_are_unexpected_and_named_by_their_code_alone() {
    for (status, code) in [
        (400, "invalid_request"),
        (404, "not_found"),
        (409, "reference_reused"),
        (422, "no_lines"),
    ] {
        let error = create(status, &failed(code)).await.unwrap_err();
        let ProviderError::Unexpected(cause) = &error else {
            panic!("{error:?}");
        };
        assert!(cause.0.contains(code), "{cause}");
        assert!(!cause.0.contains("Street"), "{cause}");
    }
}

#[tokio::test]
async fn a_parcel_that_has_left_is_not_cancelled_for_good() {
    let mut body = failed("handed_over");
    for (field, wrong) in [
        ("reference", "other"),
        ("carrier", ""),
        ("tracking_number", ""),
    ] {
        body["error"]["shipment"] = gone();
        body["error"]["shipment"][field] = json!(wrong);
        let unclear = cancel(409, &body).await;
        assert!(
            matches!(unclear, Err(ProviderError::Unexpected(_))),
            "{field}"
        );
    }
    body["error"]["shipment"] = gone();
    let left = cancel(409, &body).await;
    assert_eq!(left, Ok(Cancellation::HandedOver(handover("CW1"))));
    let unnamed = cancel(409, &failed("handed_over")).await;
    assert!(matches!(unnamed, Err(ProviderError::Unexpected(_))));
}

#[tokio::test]
async fn hears_from_the_stand_in_which_parcel_has_left() {
    let base = stand_ins().await;
    let carrier = client(&format!("{base}/carrier"));
    let Ok(Parcel::Created(booked)) = carrier.create(ORDER, &address(), &lines()).await else {
        panic!("not booked");
    };
    let ship = format!("{base}/carrier/shipments/{ORDER}/ship");
    let shipped = reqwest::Client::new().post(ship).bearer_auth("key").send();
    assert!(shipped.await.unwrap().status().is_success());
    let left = carrier.cancel(ORDER).await;
    let expected = handover(booked.as_str());
    assert_eq!(left, Ok(Cancellation::HandedOver(expected)));
}

#[tokio::test]
async fn does_not_believe_an_answer_about_another_shipment() {
    let mut other = shipment("created");
    other["reference"] = json!("other");
    let created = create(201, &other).await;
    assert!(matches!(created, Err(ProviderError::Unexpected(_))));
    let number = json!({"reference": ORDER.to_string(), "status": "created"});
    let without = create(201, &number).await;
    assert!(matches!(without, Err(ProviderError::Unexpected(_))));
    let alive = cancel(200, &shipment("created")).await;
    assert!(matches!(alive, Err(ProviderError::Unexpected(_))));
}

#[tokio::test]
async fn tells_down_from_unknown() {
    let down = create(503, &failed("unavailable")).await;
    assert!(matches!(down, Err(ProviderError::Down(_))));
    let lost = create(500, &failed("unavailable")).await;
    assert!(matches!(lost, Err(ProviderError::Unknown(_))));
    let unreadable = cancel(200, &json!("?")).await;
    assert!(matches!(unreadable, Err(ProviderError::Unknown(_))));
}

#[tokio::test]
async fn books_one_parcel_at_the_stand_in_and_cancels_it_for_good() {
    let carrier = client(&format!("{}/carrier", stand_ins().await));
    let first = carrier.create(ORDER, &address(), &lines()).await.unwrap();
    assert!(matches!(first, Parcel::Created(_)));
    let again = carrier.create(ORDER, &address(), &lines()).await.unwrap();
    assert_eq!(again, first);
    carrier.cancel(ORDER).await.unwrap();
    carrier.cancel(ORDER).await.unwrap();
    let late = carrier.create(ORDER, &address(), &lines()).await.unwrap();
    assert_eq!(late, Parcel::Cancelled);
}

#[tokio::test]
async fn cancels_at_the_stand_in_before_the_create_arrives() {
    let carrier = client(&format!("{}/carrier", stand_ins().await));
    carrier.cancel(ORDER).await.unwrap();
    let late = carrier.create(ORDER, &address(), &lines()).await.unwrap();
    assert_eq!(late, Parcel::Cancelled);
}

#[tokio::test]
async fn hears_from_the_stand_in_that_nobody_delivers_there() {
    let carrier = client(&format!("{}/carrier", stand_ins().await));
    let nowhere = Address {
        country: "ZZ".to_owned(),
        ..address()
    };
    let parcel = carrier.create(ORDER, &nowhere, &lines()).await.unwrap();
    assert!(matches!(parcel, Parcel::Refused(_)));
}
