//! The promise of the shop as pure checks over a snapshot: I1 to I16 of the fault list. Whoever
//! runs the system fills a [`World`] from its tables, the providers' books and the topic.

mod access;
mod audited;
mod delivery;
mod ends;
mod figures;
mod load;
mod money;
mod path;
mod secrets;
mod stock;
mod told;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use access::{Access, Admitted, Refreshed, TokenShown};
use audit::Entry;
use contracts::events::Envelope;
use domain::{CustomerId, Lease, Order, OrderId, Payment, Shipment, Sku};
pub use figures::{Reported, SoldOn};
pub use load::Calls;
pub use secrets::{Place, Written};
pub use told::{Heard, List, Message, concerned};

/// What is known of the whole system at one time.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// All orders.
    pub orders: Vec<Order>,
    /// All leases.
    pub leases: Vec<Lease>,
    /// All payments.
    pub payments: Vec<Payment>,
    /// All shipments.
    pub shipments: Vec<Shipment>,
    /// The stock of every SKU.
    pub stock: Vec<StockCount>,
    /// The payment provider's book: an entry per attempt.
    pub provider: Vec<ProviderEntry>,
    /// The carrier's book.
    pub carrier: Vec<CarrierEntry>,
    /// What was published, in the order of publication, with repeats.
    pub published: Vec<Envelope>,
    /// The statuses that a reader of one order saw, oldest first.
    pub seen: Vec<(OrderId, Vec<String>)>,
    /// The answers to placements.
    pub replies: Vec<Reply>,
    /// What was seen at the front door.
    pub access: Access,
    /// The chains of the audit log from their first entries on, where there is one.
    pub audit: Option<Vec<Arc<Vec<Entry>>>>,
    /// What people were told, where that was looked at.
    pub heard: Option<Heard>,
    /// What is reported of products, where that was looked at.
    pub reported: Option<Reported>,
    /// Figures in the database that are not what its own rows of orders add up to.
    pub miscounted: Vec<String>,
    /// Calls of third parties that were dead.
    pub calls: Vec<Calls>,
    /// What was written down where people and programs read it.
    pub written: Vec<Written>,
    /// Tokens, passwords and keys of this run.
    pub secrets: Vec<String>,
}

/// The stock of one SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockCount {
    /// Which.
    pub sku: Sku,
    /// Pieces put in, as whoever put them in counted: at first, and restocked.
    pub put_in: u64,
    /// By how many a count was put right since.
    pub adjusted: i64,
    /// Pieces that can be sold now.
    pub available: u64,
    /// Pieces ever put in, adjustments among them, as the store counts.
    pub stored_put_in: u64,
}

/// One attempt in the payment provider's book; minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEntry {
    /// For which order.
    pub order_id: OrderId,
    /// Ever held.
    pub authorised: i64,
    /// Taken.
    pub captured: i64,
    /// Given back.
    pub refunded: i64,
    /// Whether the amount is held now.
    pub open: bool,
}

/// One order in the carrier's book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierEntry {
    /// For which order.
    pub order_id: OrderId,
    /// Whether a parcel will be, or was, collected.
    pub open: bool,
}

/// The answer to one placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Who placed.
    pub customer: CustomerId,
    /// The idempotency key.
    pub key: String,
    /// HTTP status.
    pub status: u16,
    /// Body, byte for byte.
    pub body: String,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Such as `I3`.
    pub invariant: &'static str,
    /// What is wrong, with the id that it is wrong for.
    pub what: String,
}

impl World {
    /// What must hold at every instant. Stock and books must be of the same instant.
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = money::money(self);
        found.extend(money::one_charge(self));
        found.extend(stock::stock(self));
        found.extend(delivery::no_phantom(self));
        found.extend(told::no_phantom(self));
        found.extend(path::path(self));
        found.extend(path::one_effect(self));
        found.extend(access::isolation(self));
        found.extend(access::tokens(self));
        found.extend(access::families(self));
        found.extend(access::limits(self));
        found.extend(load::load(self));
        found.extend(audited::chains(self));
        found.extend(secrets::secrets(self));
        found
    }

    /// What must hold besides when nothing moves any more and no fault is left.
    pub fn violations_at_rest(&self) -> Vec<Violation> {
        let mut found = self.violations();
        found.extend(money::books_agree(self));
        found.extend(ends::ends(self));
        found.extend(delivery::all_delivered(self));
        found.extend(told::all_heard(self));
        found.extend(audited::all_told(self));
        found.extend(figures::reported(self));
        found
    }

    fn lease(&self, id: OrderId) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.order_id == id)
    }

    fn payment(&self, id: OrderId) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.order_id == id)
    }

    fn shipment(&self, id: OrderId) -> Option<&Shipment> {
        let mut shipments = self.shipments.iter();
        shipments.find(|shipment| shipment.order_id == id)
    }

    fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.iter().find(|order| order.facts.id == id)
    }

    fn attempts(&self, id: OrderId) -> impl Iterator<Item = &ProviderEntry> {
        self.provider
            .iter()
            .filter(move |entry| entry.order_id == id)
    }
}

/// What ids, addresses, tokens and numbers are made of, as they stand in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@'));
    let words = text.split(parts).map(|word| word.trim_matches('.'));
    words.filter(|word| !word.is_empty())
}

/// Collects what is wrong.
struct Findings {
    invariant: &'static str,
    found: Vec<Violation>,
}

impl Findings {
    fn of(invariant: &'static str) -> Self {
        Self {
            invariant,
            found: Vec::new(),
        }
    }

    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation {
                invariant: self.invariant,
                what: what(),
            });
        }
    }
}
