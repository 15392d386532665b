//! Refunds of a captured payment: noted before they are sent, so that what was sent is known, and
//! never more than was captured.

use super::{Decided, Payment, PaymentEvent, PaymentRejection, PaymentState};
use crate::{Money, ProviderReference, RefundId};

impl Payment {
    /// Whether this refund was sent before without an answer that we know of.
    pub fn refund_was_sent(&self, id: &RefundId) -> bool {
        self.amount_of(id).is_some() && !self.is_refunded(id)
    }

    /// Whether the provider answered that this refund was made.
    pub fn is_refunded(&self, id: &RefundId) -> bool {
        let mut all = self.events.all().iter();
        all.any(|it| matches!(&it.event, PaymentEvent::Refunded { id: of, .. } if of == id))
    }

    fn amount_of(&self, id: &RefundId) -> Option<Money> {
        let mut all = self.events.all().iter();
        all.find_map(|raised| match &raised.event {
            PaymentEvent::RefundStarted { id: of, amount } if of == id => Some(*amount),
            _ => None,
        })
    }

    /// Captured, and neither refunded nor about to be.
    fn left_minor(&self) -> i64 {
        let all = self.events.all().iter();
        let started = all.filter_map(|raised| match &raised.event {
            PaymentEvent::RefundStarted { amount, .. } => Some(amount.minor()),
            _ => None,
        });
        let captured = self.terms.as_ref().map_or(0, |it| it.amount.minor());
        captured.saturating_sub(started.sum())
    }

    pub(super) fn start_refund(&self, id: &RefundId, amount: Money) -> Decided {
        if self.state != PaymentState::Captured {
            return Err(self.out_of_turn());
        }
        match self.amount_of(id) {
            Some(started) if started == amount => return Ok(vec![]),
            Some(_) => return Err(PaymentRejection::OtherTerms),
            None => {}
        }
        let currency = self.terms.as_ref().map(|it| it.amount.currency());
        if currency != Some(amount.currency()) {
            return Err(PaymentRejection::OtherTerms);
        }
        if amount.minor() > self.left_minor() {
            return Err(PaymentRejection::RefundTooLarge { wanted: amount });
        }
        let id = id.clone();
        Ok(vec![PaymentEvent::RefundStarted { id, amount }])
    }

    pub(super) fn record_refunded(&self, id: &RefundId, reference: &ProviderReference) -> Decided {
        if self.is_refunded(id) {
            return Ok(vec![]);
        }
        let amount = self.amount_of(id).ok_or_else(|| self.out_of_turn())?;
        let (id, reference) = (id.clone(), reference.clone());
        Ok(vec![PaymentEvent::Refunded {
            id,
            amount,
            reference,
        }])
    }
}
