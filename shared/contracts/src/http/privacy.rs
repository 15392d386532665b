//! Bodies of what is kept about a person: shown to them, and erased.

use domain::ports::DeliveryOutcome;
use domain::{Order, Payment, PaymentEvent, Shipment};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OrderBody;
use super::accounts::{Secret, UserBody};
use super::api_keys::ApiKeyBody;
use super::groups::GroupBody;
use super::notifications::NotificationBody;
use super::orders::{TimelineBody, TimelineEntry};
use crate::{AddressBody, AmountBody};

/// Body of `POST /api/v1/users/{id}/erase`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EraseUser {
    /// The password of the account, where its owner asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// Answer to `POST /api/v1/users/{id}/erase`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasedBody {
    /// What is left of the account.
    pub user_id: String,
    /// Always `erased`.
    pub status: String,
    /// When it was.
    pub erased_at: Timestamp,
    /// Orders that are under way: what is kept of these is erased when they are at rest.
    pub open_orders: Vec<String>,
}

/// Answer to `GET /api/v1/users/{id}/export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportBody {
    /// The account.
    pub account: UserBody,
    /// API keys that they made and nobody took back, without what is secret.
    pub api_keys: Vec<ApiKeyBody>,
    /// Mails about the account.
    pub messages: Vec<ExportedMessage>,
    /// What they were told in the last thirty days, the newest hundred, newest first.
    pub notifications: Vec<NotificationBody>,
    /// How many more they were told, which are not here: all that is kept of them is under
    /// `/api/v1/notifications`.
    pub more_notifications: u64,
    /// Whether they hear of new courses.
    #[serde(default)]
    pub course_subscription: bool,
    /// The groups that they belong to. What a group is told is nobody's own; they read it under
    /// `/api/v1/notifications`.
    #[serde(default)]
    pub groups: Vec<GroupBody>,
    /// Their orders, newest first.
    pub orders: Vec<ExportedOrder>,
    /// Give it as `cursor` for more orders; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A mail that was tried because of an event. Its text is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedMessage {
    /// The id of the event: `{kind}/{id}/{sequence}`.
    pub event: String,
    /// Whether it was sent, as far as is known.
    pub sent: bool,
}

impl From<(String, DeliveryOutcome)> for ExportedMessage {
    fn from((event, outcome): (String, DeliveryOutcome)) -> Self {
        let sent = outcome == DeliveryOutcome::Sent;
        Self { event, sent }
    }
}

/// An order, and what is kept beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedOrder {
    /// The order: lines, address, refunds.
    pub order: OrderBody,
    /// Where it was told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<ExportedPayment>,
    /// The parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<ExportedShipment>,
    /// What happened to the order, its payment and its parcel, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Mails about it.
    pub messages: Vec<ExportedMessage>,
}

/// A payment, without what only the provider has a use for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedPayment {
    /// Where it is, such as `captured`.
    pub status: String,
    /// How much; absent where nothing was ever asked of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<AmountBody>,
    /// What went back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunded: Vec<AmountBody>,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedShipment {
    /// Where it is, such as `delivered`.
    pub status: String,
    /// Where it goes; absent where nothing was ever asked of the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<AddressBody>,
    /// Who has it, or had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// What the carrier calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}

impl ExportedOrder {
    /// Everything that is kept of an order.
    pub fn of(
        order: &Order,
        (payment, shipment): (Option<&Payment>, Option<&Shipment>),
        messages: Vec<(String, DeliveryOutcome)>,
    ) -> Self {
        let contact = order.facts.contact.as_ref();
        let timeline = TimelineBody::of(order, (None, payment, shipment));
        Self {
            order: order.into(),
            email: contact.map(|contact| contact.email.clone()),
            payment: payment.map(Into::into),
            shipment: shipment.map(Into::into),
            timeline: timeline.events,
            messages: messages.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Payment> for ExportedPayment {
    fn from(payment: &Payment) -> Self {
        let refund = |event: &PaymentEvent| match event {
            PaymentEvent::Refunded { amount, .. } => Some((*amount).into()),
            _ => None,
        };
        let events = payment.events.all().iter();
        Self {
            status: payment.state.name().to_owned(),
            amount: payment.terms.as_ref().map(|terms| terms.amount.into()),
            refunded: events.filter_map(|raised| refund(&raised.event)).collect(),
        }
    }
}

impl From<&Shipment> for ExportedShipment {
    fn from(shipment: &Shipment) -> Self {
        let handover = shipment.state.handover();
        Self {
            status: shipment.state.name().to_owned(),
            ship_to: shipment.terms.as_ref().map(|terms| (&terms.ship_to).into()),
            carrier: handover.map(|it| it.carrier.to_string()),
            tracking_number: handover.map(|it| it.tracking_number.to_string()),
        }
    }
}
