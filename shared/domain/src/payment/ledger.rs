//! What was booked for a payment, in double entries.

use jiff::Timestamp;

use super::{Payment, PaymentEvent};

/// One side of a booking in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When it was booked.
    pub at: Timestamp,
    /// Whose side.
    pub account: LedgerAccount,
    /// Minor units; the entries of one payment sum to 0.
    pub minor: i64,
}

/// Whose side of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerAccount {
    /// The customer's card or account.
    Customer,
    /// What the provider owes us.
    Receivable,
}

impl Payment {
    /// The double entries booked so far, oldest first. They sum to 0.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        let Some(terms) = &self.terms else {
            return Vec::new();
        };
        let captured = terms.amount.minor();
        let all = self.events.all().iter();
        let booked = all.filter_map(|raised| match &raised.event {
            PaymentEvent::Captured { .. } => Some((raised.at, captured)),
            PaymentEvent::Refunded { amount, .. } => Some((raised.at, -amount.minor())),
            _ => None,
        });
        booked
            .flat_map(|(at, minor)| both_sides(at, minor))
            .collect()
    }

    /// What is ours: captured and not refunded, in minor units.
    pub fn kept_minor(&self) -> i64 {
        let ledger = self.ledger();
        let ours = ledger
            .iter()
            .filter(|entry| entry.account == LedgerAccount::Receivable);
        ours.map(|entry| entry.minor).sum()
    }
}

fn both_sides(at: Timestamp, minor: i64) -> [LedgerEntry; 2] {
    let entry = |account, minor| LedgerEntry { at, account, minor };
    [
        entry(LedgerAccount::Customer, -minor),
        entry(LedgerAccount::Receivable, minor),
    ]
}
