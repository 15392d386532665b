//! Taking a person out of what the shop has to keep: an order, its payment and its parcel stay in the
//! books without whose they were. Amounts, lines, events and states stay; nobody is told.

use crate::{
    Address, Aggregate, ChangeTracker, Order, OrderRejection, Payment, RequestHash, Shipment,
};

#[cfg(test)]
mod tests;

impl Address {
    /// Nobody's.
    pub const BLANK: Self = Self {
        name: String::new(),
        street: String::new(),
        city: String::new(),
        postcode: String::new(),
        country: String::new(),
    };
}

impl Order {
    /// Whether nothing in it says whose it was but the id of an account.
    pub fn is_blank(&self) -> bool {
        self.facts.ship_to == Address::BLANK
    }

    /// Takes out where it went, how it was paid and whom to tell. The hash of the request goes with
    /// them, because it confirms a guess at what it was made of.
    ///
    /// # Errors
    /// [`OrderRejection::WrongDecision`] while anything may still be done for it.
    pub fn blank(&mut self) -> Result<(), OrderRejection> {
        if !self.is_at_rest() {
            let status = self.state.name();
            return Err(OrderRejection::WrongDecision { status });
        }
        let facts = &mut self.facts;
        let before = facts.clone();
        facts.ship_to = Address::BLANK;
        facts.payment_method.clear();
        facts.contact = None;
        facts.request_hash = RequestHash([0; 32]);
        note(before != *facts, &mut self.changes);
        Ok(())
    }
}

impl Payment {
    /// Takes out how it was paid. What the provider calls it stays: refunds go by that.
    pub fn blank(&mut self) {
        let Some(terms) = &mut self.terms else {
            return;
        };
        let changed = !terms.payment_method.is_empty();
        terms.payment_method.clear();
        note(changed, self.changes_mut());
    }
}

impl Shipment {
    /// Takes out where it went.
    pub fn blank(&mut self) {
        let Some(terms) = &mut self.terms else {
            return;
        };
        let changed = terms.ship_to != Address::BLANK;
        terms.ship_to = Address::BLANK;
        note(changed, self.changes_mut());
    }
}

fn note(changed: bool, changes: &mut ChangeTracker) {
    if changed {
        changes.note();
    }
}
