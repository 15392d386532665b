//! The smallest valid examples of everything.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Address, Contact, Currency, CustomerId, Failure, FailureCode, LeaseCommand, Money, Order,
    OrderFacts, OrderId, OrderLine, PaymentTerms, ProductId, ProviderReference, RequestHash,
    ShipmentTerms, Sku, StockLine, TenantId, Totals,
};

/// A moment of the test day, in seconds after its start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

pub(crate) fn order_id(number: u128) -> OrderId {
    OrderId(Uuid::from_u128(number))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("shop").unwrap()
}

pub(crate) fn sku() -> Sku {
    Sku::parse("LAMP-1").unwrap()
}

pub(crate) fn stock_line(quantity: u32) -> StockLine {
    StockLine {
        sku: sku(),
        quantity,
    }
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

pub(crate) fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

pub(crate) fn declined() -> Failure {
    Failure::new(FailureCode::PaymentDeclined, "insufficient funds")
}

pub(crate) fn cancelled() -> Failure {
    Failure::new(FailureCode::CancelledByCustomer, "")
}

pub(crate) fn address() -> Address {
    Address {
        name: "Ada Example".to_owned(),
        street: "Main Road 1".to_owned(),
        city: "Dublin".to_owned(),
        postcode: "D01".to_owned(),
        country: "IE".to_owned(),
    }
}

pub(crate) fn facts(number: u128) -> OrderFacts {
    OrderFacts {
        id: order_id(number),
        tenant: tenant(),
        customer: CustomerId::parse("ada").unwrap(),
        lines: vec![OrderLine {
            product_id: ProductId::parse("lamp").unwrap(),
            sku: sku(),
            quantity: 1,
            unit_price: eur(1_200),
        }],
        totals: Totals::of_pieces(eur(1_200)),
        ship_to: address(),
        payment_method: "pm_card_visa".to_owned(),
        contact: Some(Contact {
            email: "ada@example.org".to_owned(),
        }),
        placed_at: at(0),
        request_hash: RequestHash::of(b"request"),
        traceparent: None,
    }
}

pub(crate) fn order() -> Order {
    Order::place(facts(1))
}

pub(crate) fn reserve(quantity: u32) -> LeaseCommand {
    LeaseCommand::Reserve {
        tenant: tenant(),
        traceparent: None,
        lines: vec![stock_line(quantity)],
    }
}

pub(crate) fn payment_terms() -> PaymentTerms {
    PaymentTerms {
        tenant: tenant(),
        traceparent: None,
        amount: eur(1_200),
        payment_method: "pm_card_visa".to_owned(),
    }
}

pub(crate) fn shipment_terms() -> ShipmentTerms {
    ShipmentTerms {
        tenant: tenant(),
        traceparent: None,
        ship_to: address(),
        lines: vec![stock_line(1)],
    }
}
