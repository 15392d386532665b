//! The item of a payment: `PAYMENT#<order uuid>`.

use domain::{
    Attempt, ChangeTracker, EventRaiser, OrderId, Payment, PaymentEvent, PaymentState,
    PaymentTerms, ProviderReference,
};
use serde::{Deserialize, Serialize};

use super::event::{EventItem, read_events, write_events};
use super::parts::{read_currency, read_money, read_tenant, read_trace};
use super::{Image, ItemError, Stored, expect_entity, order_of, read, write_next};
use crate::key::{Key, Shard, parse_time_key, time_key};
use crate::table::Payments;

const ENTITY: &str = "payment";

#[derive(Debug, Serialize, Deserialize)]
struct PaymentItem {
    pk: String,
    entity: String,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<TermsItem>,
    attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
    status: String,
    /// With the time of the next look: present only while closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_look: Option<String>,
    events: Vec<EventItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TermsItem {
    tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    amount: i64,
    currency: String,
    method: String,
}

impl From<&PaymentTerms> for TermsItem {
    fn from(terms: &PaymentTerms) -> Self {
        Self {
            tenant: terms.tenant.to_string(),
            trace: terms.traceparent.as_ref().map(ToString::to_string),
            amount: terms.amount.minor(),
            currency: terms.amount.currency().code().to_owned(),
            method: terms.payment_method.clone(),
        }
    }
}

impl TryFrom<TermsItem> for PaymentTerms {
    type Error = ItemError;

    fn try_from(item: TermsItem) -> Result<Self, ItemError> {
        Ok(Self {
            tenant: read_tenant(&item.tenant)?,
            traceparent: read_trace(item.trace.as_ref())?,
            amount: read_money(item.amount, read_currency(&item.currency)?)?,
            payment_method: item.method,
        })
    }
}

impl From<&Payment> for PaymentItem {
    fn from(payment: &Payment) -> Self {
        let closing = payment.state == PaymentState::Closing;
        let next_look = payment.next_look.filter(|_| closing);
        Self {
            pk: Key::Payment(payment.order_id).pk(),
            entity: ENTITY.to_owned(),
            version: payment.changes.next_version(),
            terms: payment.terms.as_ref().map(TermsItem::from),
            attempt: payment.attempt.0,
            r#ref: payment.reference.as_ref().map(ToString::to_string),
            status: payment.state.name().to_owned(),
            closing_shard: next_look.map(|_| Shard::of(payment.order_id).closing()),
            next_look: next_look.map(time_key),
            events: write_events(&payment.events),
        }
    }
}

impl TryFrom<PaymentItem> for Payment {
    type Error = ItemError;

    fn try_from(item: PaymentItem) -> Result<Self, ItemError> {
        expect_entity(&item.entity, ENTITY)?;
        let events = read_events(&item.events)?;
        let reference = item.r#ref.as_deref().map(ProviderReference::parse);
        let next_look = item.next_look.as_deref().map(parse_time_key);
        Ok(Self {
            order_id: order_of(&item.pk)?,
            terms: item.terms.map(PaymentTerms::try_from).transpose()?,
            attempt: Attempt(item.attempt),
            reference: reference.transpose().map_err(ItemError::of("ref"))?,
            state: state(&item.status, &events)?,
            next_look: next_look.transpose().map_err(ItemError::of("next_look"))?,
            changes: ChangeTracker::stored_at(item.version),
            events,
        })
    }
}

fn state(status: &str, events: &EventRaiser<PaymentEvent>) -> Result<PaymentState, ItemError> {
    let refusal = || {
        let mut newest_first = events.all().iter().rev();
        newest_first.find_map(|raised| match &raised.event {
            PaymentEvent::Declined { reason } => Some(PaymentState::Declined {
                reason: reason.clone(),
            }),
            _ => None,
        })
    };
    let state = match status {
        "none" => Some(PaymentState::None),
        "authorising" => Some(PaymentState::Authorising),
        "authorised" => Some(PaymentState::Authorised),
        "declined" => refusal(),
        "capturing" => Some(PaymentState::Capturing),
        "captured" => Some(PaymentState::Captured),
        "closing" => Some(PaymentState::Closing),
        "closed" => Some(PaymentState::Closed),
        _ => None,
    };
    state.ok_or_else(|| ItemError::of("status")(format!("{status} without its event")))
}

impl Stored for Payment {
    type Service = Payments;

    fn key(id: &OrderId) -> Key {
        Key::Payment(*id)
    }

    fn encode(&self) -> Result<Image, ItemError> {
        write_next(self, PaymentItem::from(self))
    }

    fn decode(image: Image) -> Result<Self, ItemError> {
        read::<PaymentItem>(image)?.try_into()
    }
}
