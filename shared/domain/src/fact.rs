//! What is kept of payments, parcels and stock for whoever looks back. Each thing that happens to an order
//! is kept with the first time that anybody told of it, so the sequence of hearing does not show; of what
//! is told with its whole state, the newest.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Money, OrderId, ProductId, RefundId, Sequence, Sku, StockLine};

#[cfg(test)]
mod tests;

/// Something to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Of an order.
    OfOrder(OrderFact),
    /// How many pieces there are.
    Stock(StockLevel),
    /// Which stock a product is taken from.
    Product(ListedProduct),
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFact {
    /// Which order.
    pub order: OrderId,
    /// What.
    pub what: OrderPart,
    /// When.
    pub at: Timestamp,
}

/// What of an order it happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderPart {
    /// Its payment, of so much, where that was told.
    Payment(PaymentStep, Option<Money>),
    /// Some of the money went back.
    Refunded(RefundId, Money),
    /// Its parcel.
    Parcel(ParcelStep),
    /// The stock that is held for it.
    Lease(LeaseStep, Vec<StockLine>),
}

/// Steps that are kept, with the times of those that happened.
macro_rules! steps {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $step:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $step,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$step),*];
        }
    };
}

steps! {
    /// What happens to a payment.
    PaymentStep {
        /// The bank promised it.
        Authorised,
        /// The bank refused.
        Declined,
        /// It was taken.
        Captured,
        /// Nothing will be taken any more.
        Closed,
    }
}

steps! {
    /// What happens to a parcel.
    ParcelStep {
        /// The carrier will collect it.
        Booked,
        /// The carrier does not deliver there.
        Refused,
        /// It will not be sent.
        Cancelled,
        /// The carrier has it.
        HandedOver,
        /// It is where it was to go.
        Delivered,
    }
}

steps! {
    /// What happens to the stock that is held for an order.
    LeaseStep {
        /// It is held.
        Held,
        /// It went back.
        Released,
        /// It was sold.
        Sold,
    }
}

/// What is kept of the payment, the parcel and the stock of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderParts {
    /// When the payment went through its steps.
    pub payment: BTreeMap<PaymentStep, Timestamp>,
    /// Of how much it is.
    pub amount: Option<Money>,
    /// What went back.
    pub refunds: BTreeMap<RefundId, (Timestamp, Money)>,
    /// When the parcel went through its steps.
    pub parcel: BTreeMap<ParcelStep, Timestamp>,
    /// When its stock was held, and no longer.
    pub lease: BTreeMap<LeaseStep, Timestamp>,
    /// What was held.
    pub lines: BTreeMap<Sku, u32>,
}

/// How many pieces of a SKU there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLevel {
    /// Which.
    pub sku: Sku,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces ever put in.
    pub put_in: u32,
    /// Whether it is time to order more.
    pub low: bool,
    /// Which of its states this is: the newest counts.
    pub sequence: Sequence,
    /// Since when.
    pub at: Timestamp,
}

/// Which stock a product is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedProduct {
    /// Which product.
    pub product: ProductId,
    /// What leaves the warehouse.
    pub sku: Sku,
    /// Whether it is on sale.
    pub on_sale: bool,
    /// Which of its states this is: the newest counts.
    pub sequence: Sequence,
}

/// For how many whole days pieces last, where so many were sold in so many days; for none that is known
/// where none was sold.
pub fn days_of_cover(available: u32, sold: i64, days: i64) -> Option<i64> {
    let sold = (sold > 0).then_some(sold)?;
    i64::from(available).checked_mul(days)?.checked_div(sold)
}
