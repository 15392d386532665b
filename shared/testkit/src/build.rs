//! Builders: the smallest thing of each kind, with what matters to a test said by the test.

mod aggregates;
mod audit;
mod group;
mod notice;
mod order;
mod socket;

pub use self::audit::an_audit_record;
pub use aggregates::{
    LeaseBuilder, PaymentBuilder, ShipmentBuilder, a_lease, a_payment, a_shipment,
};
use domain::{
    Account, Address, ApiKey, ApiKeyId, ApiKeySecret, CarrierName, Course, CourseDetails, CourseId,
    Currency, CustomerId, Email, Handover, Money, OrderId, PasswordHash, Product, ProductDetails,
    ProductId, ProviderReference, Registration, Role, SaleStatus, SearchEntry, SearchQuery,
    SearchText, Sku, StockLine, TenantId, Traceparent, TrackingNumber,
};
pub use group::{a_group, group_id};
use jiff::{SignedDuration, Timestamp};
pub use notice::a_notice;
pub use order::{OrderBuilder, an_order};
pub use socket::{a_socket, session_id};
use uuid::Uuid;

use crate::must;

/// When all tests begin: 2026-07-20T12:00:00Z.
const BEGIN: i64 = 1_784_548_800;

/// A time so many seconds after the beginning of all tests.
pub fn at(seconds: i64) -> Timestamp {
    let begin = must(Timestamp::from_second(BEGIN));
    must(begin.checked_add(SignedDuration::from_secs(seconds)))
}

/// The id of the n-th order.
pub fn order_id(number: u64) -> OrderId {
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().rev().zip(number.to_le_bytes()) {
        *to = from;
    }
    OrderId(Uuid::new_v8(bytes))
}

/// A customer.
pub fn customer(id: &str) -> CustomerId {
    must(CustomerId::parse(id))
}

/// The shop of all tests.
pub fn tenant() -> TenantId {
    must(TenantId::parse("main"))
}

/// A SKU.
pub fn sku(id: &str) -> Sku {
    must(Sku::parse(id))
}

/// The id of a product.
pub fn product_id(id: &str) -> ProductId {
    must(ProductId::parse(id))
}

/// What a provider calls something.
pub fn reference(id: &str) -> ProviderReference {
    must(ProviderReference::parse(id))
}

/// What the carrier `parcelwise` says of the parcel with this number.
pub fn handover(number: &str) -> Handover {
    Handover {
        carrier: must(CarrierName::parse("parcelwise")),
        tracking_number: must(TrackingNumber::parse(number)),
    }
}

/// The trace of a request.
pub fn traceparent() -> Traceparent {
    must(Traceparent::parse(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ))
}

/// Euros in cents.
pub fn eur(cents: i64) -> Money {
    must(Money::new(cents, must(Currency::parse("EUR"))))
}

/// Pieces of a SKU.
pub fn pieces(id: &str, quantity: u32) -> StockLine {
    StockLine {
        sku: sku(id),
        quantity,
    }
}

/// An address that carriers deliver to.
pub fn address() -> Address {
    Address {
        name: "Ada Lovelace".to_owned(),
        street: "12 St James's Square".to_owned(),
        city: "London".to_owned(),
        postcode: "SW1Y 4JH".to_owned(),
        country: "GB".to_owned(),
    }
}

/// An e-mail address.
pub fn email(text: &str) -> Email {
    must(Email::parse(text))
}

/// A customer's account, never stored: their address is `<id>@example.org`.
pub fn an_account(id: &str) -> Account {
    let registration = Registration {
        id: customer(id),
        tenant: tenant(),
        email: email(&format!("{id}@example.org")),
        name: id.to_owned(),
        password: PasswordHash("$none".to_owned()),
        roles: vec![Role::Customer],
    };
    Account::register(registration, at(0))
}

/// A key of the shop of all tests for support, made at second `number`, never stored; and what its
/// bearer sends.
pub fn an_api_key(number: u32) -> (ApiKey, String) {
    let id = u128::from(number);
    let random = [id, 1, 2].map(Uuid::from_u128);
    let secret = ApiKeySecret::new(ApiKeyId(Uuid::from_u128(id)), random);
    let key = ApiKey {
        id: secret.id(),
        tenant: tenant(),
        name: format!("service {number}"),
        roles: vec![Role::Support],
        hash: secret.hash(),
        created_by: customer("dora"),
        created_at: at(i64::from(number)),
        revoked_at: None,
        version: 0,
    };
    (key, secret.text())
}

/// A product on sale, never stored: its SKU is its id with `sku-` before it.
pub fn a_product(id: &str, cents: i64) -> Product {
    let details = ProductDetails {
        sku: sku(&format!("sku-{id}")),
        name: format!("A fine {id}"),
        description: String::new(),
        price: eur(cents),
        status: SaleStatus::Active,
    };
    Product::create(product_id(id), tenant(), details, at(0))
}

/// A course on sale, never stored: its title is its id.
pub fn a_course(id: &str, cents: i64) -> Course {
    let details = CourseDetails {
        title: id.to_owned(),
        description: String::new(),
        price: eur(cents),
        status: SaleStatus::Active,
    };
    Course::create(must(CourseId::parse(id)), tenant(), details, at(0))
}

/// A product of this name as the index has it at a version, for ten euros.
pub fn an_entry(id: &str, name: &str, version: u64) -> SearchEntry {
    SearchEntry {
        name: name.to_owned(),
        version,
        ..SearchEntry::from(&a_product(id, 1_000))
    }
}

/// A search of everything in the shop of all tests.
pub fn search(text: &str) -> SearchQuery {
    SearchQuery {
        tenant: tenant(),
        text: must(SearchText::parse(text)),
        kind: None,
        currency: None,
        least: None,
        most: None,
        after: None,
        limit: 20,
    }
}
