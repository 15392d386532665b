//! What never changes after placement.

use jiff::Timestamp;

use crate::{
    CustomerId, Money, OrderId, ProductId, RequestHash, Sku, TenantId, Totals, Traceparent,
};

/// One line of an order at the price it was placed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Which product.
    pub product_id: ProductId,
    /// What leaves the warehouse.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
    /// Price of one when the order was placed.
    pub unit_price: Money,
}

/// Where to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
}

/// How the customer wants to be told, when it differs from their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
}

/// What never changes after placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// The order's id.
    pub id: OrderId,
    /// Whose shop.
    pub tenant: TenantId,
    /// Who ordered.
    pub customer: CustomerId,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub totals: Totals,
    /// Where to.
    pub ship_to: Address,
    /// The provider's token for the card or account; no card number.
    pub payment_method: String,
    /// How to tell the customer.
    pub contact: Option<Contact>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Hash of the request.
    pub request_hash: RequestHash,
    /// Trace of the request.
    pub traceparent: Option<Traceparent>,
}
