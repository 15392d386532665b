//! The envelope, and how the events that an aggregate raised are put into it.

use domain::{
    Aggregate, AggregateKind, Author, Course, Lease, LeaseEvent, Order, OrderEvent, Payment,
    PaymentEvent, Product, ProductEvent, Raised, Sequence, Shipment, ShipmentEvent, Stock,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::data::{
    CourseState, NoteTaken, PaymentChanged, PaymentDeclined, PaymentRefunded, ProductState,
    ShipmentChanged, ShipmentRefused, ShipmentTracked, StockChanged, StockMoved, StockReturned,
};

mod account;
mod order;
mod skipped;

pub use account::{account_changed, account_moved};
pub use skipped::skipped;

/// Largest envelope that the topic takes, in bytes.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

macro_rules! event_types {
    ($($name:ident = $text:literal of $kind:ident),* $(,)?) => {
        /// A type of event. Append only.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventType {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl EventType {
            /// All types.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The CloudEvents `type`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What raised it.
            pub const fn kind(self) -> AggregateKind {
                match self { $(Self::$name => AggregateKind::$kind,)* }
            }
        }
    };
}

event_types! {
    OrderPlaced = "cartwright.order.placed.v1" of Order,
    OrderCompleted = "cartwright.order.completed.v1" of Order,
    OrderFailed = "cartwright.order.failed.v1" of Order,
    OrderCancelled = "cartwright.order.cancelled.v1" of Order,
    OrderAttentionNeeded = "cartwright.order.attention-needed.v1" of Order,
    OrderCancelRequested = "cartwright.order.cancel-requested.v1" of Order,
    OrderRefundRequested = "cartwright.order.refund-requested.v1" of Order,
    OrderRefunded = "cartwright.order.refunded.v1" of Order,
    OrderShipped = "cartwright.order.shipped.v1" of Order,
    OrderDelivered = "cartwright.order.delivered.v1" of Order,
    LeaseReserved = "cartwright.lease.reserved.v1" of Lease,
    LeaseReleased = "cartwright.lease.released.v1" of Lease,
    LeaseSold = "cartwright.lease.sold.v1" of Lease,
    LeaseRestocked = "cartwright.lease.restocked.v1" of Lease,
    StockChanged = "cartwright.stock.changed.v1" of Stock,
    PaymentAuthorised = "cartwright.payment.authorised.v1" of Payment,
    PaymentDeclined = "cartwright.payment.declined.v1" of Payment,
    PaymentCaptured = "cartwright.payment.captured.v1" of Payment,
    PaymentClosed = "cartwright.payment.closed.v1" of Payment,
    PaymentRefunded = "cartwright.payment.refunded.v1" of Payment,
    ShipmentCreated = "cartwright.shipment.created.v1" of Shipment,
    ShipmentRefused = "cartwright.shipment.refused.v1" of Shipment,
    ShipmentCancelled = "cartwright.shipment.cancelled.v1" of Shipment,
    ProductCreated = "cartwright.product.created.v1" of Product,
    ProductUpdated = "cartwright.product.updated.v1" of Product,
    CourseCreated = "cartwright.course.created.v1" of Course,
    ShipmentHandedOver = "cartwright.shipment.handed-over.v1" of Shipment,
    ShipmentDelivered = "cartwright.shipment.delivered.v1" of Shipment,
    AccountRegistered = "cartwright.account.registered.v1" of Account,
    AccountUpdated = "cartwright.account.updated.v1" of Account,
    AccountRolesChanged = "cartwright.account.roles-changed.v1" of Account,
    AccountPasswordChanged = "cartwright.account.password-changed.v1" of Account,
    AccountSessionsEnded = "cartwright.account.sessions-ended.v1" of Account,
    AccountDeactivated = "cartwright.account.deactivated.v1" of Account,
    AccountActivated = "cartwright.account.activated.v1" of Account,
    AccountVerificationRequested = "cartwright.account.verification-requested.v1" of Account,
    AccountEmailVerified = "cartwright.account.email-verified.v1" of Account,
    AccountResetRequested = "cartwright.account.reset-requested.v1" of Account,
    NoteTaken = "cartwright.note.taken.v1" of Note,
    AccountErased = "cartwright.account.erased.v1" of Account,
    AccountEmailChanged = "cartwright.account.email-changed.v1" of Account,
    OrderSkipped = "cartwright.order.skipped.v1" of Order,
    LeaseSkipped = "cartwright.lease.skipped.v1" of Lease,
    PaymentSkipped = "cartwright.payment.skipped.v1" of Payment,
    ShipmentSkipped = "cartwright.shipment.skipped.v1" of Shipment,
    AccountPhoneCodeRequested = "cartwright.account.phone-code-requested.v1" of Account,
    AccountPhoneCodeRefused = "cartwright.account.phone-code-refused.v1" of Account,
    AccountPhoneConfirmed = "cartwright.account.phone-confirmed.v1" of Account,
}

impl EventType {
    /// The type with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == text)
    }
}

/// A CloudEvent 1.0 in the JSON format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Always `1.0`.
    pub specversion: String,
    /// `{kind}/{aggregate id}/{sequence}`: the same event always has the same id.
    pub id: String,
    /// Always `/cartwright`.
    pub source: String,
    /// One of [`EventType`]; unknown to older readers.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Id of the aggregate.
    pub subject: String,
    /// When it happened in the domain.
    pub time: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// 1, 2, 3 … per aggregate without gaps.
    pub sequence: u32,
    /// Whose shop; absent where nobody knew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Trace of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// See [`super`] for the shape per type.
    pub data: Value,
    /// Who made the change, where the item said so: an attribute of the message, no part of the event.
    #[serde(skip)]
    pub author: Option<Author>,
}

/// A text that is not an event of ours.
#[derive(Debug, Error)]
pub enum InvalidEnvelope {
    /// Not the JSON of an envelope.
    #[error("not an event")]
    Json(#[source] serde_json::Error),
    /// The data does not fit the type.
    #[error("the data does not fit the type")]
    Data(#[source] serde_json::Error),
}

impl Envelope {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`InvalidEnvelope::Json`].
    pub fn parse(text: &str) -> Result<Self, InvalidEnvelope> {
        serde_json::from_str(text).map_err(InvalidEnvelope::Json)
    }

    /// Reads the data as the type's shape.
    ///
    /// # Errors
    /// [`InvalidEnvelope::Data`].
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Result<T, InvalidEnvelope> {
        T::deserialize(&self.data).map_err(InvalidEnvelope::Data)
    }

    /// Kind of the aggregate, as in the type: `order`, `lease` …
    pub fn aggregate_kind(&self) -> &str {
        self.event_type.split('.').nth(1).unwrap_or_default()
    }

    /// What keeps the events of one aggregate in order: `{kind}/{aggregate id}`.
    pub fn group(&self) -> String {
        format!("{}/{}", self.aggregate_kind(), self.subject)
    }
}

/// What is the same for all events of one aggregate.
struct Origin<'a> {
    subject: String,
    tenant: Option<&'a domain::TenantId>,
    traceparent: Option<&'a domain::Traceparent>,
}

impl Origin<'_> {
    fn envelope<E>(&self, raised: &Raised<E>, event_type: EventType, data: Value) -> Envelope {
        let (kind, subject) = (event_type.kind().name(), &self.subject);
        Envelope {
            specversion: "1.0".to_owned(),
            id: format!("{kind}/{subject}/{}", raised.sequence),
            source: "/cartwright".to_owned(),
            event_type: event_type.as_str().to_owned(),
            subject: subject.clone(),
            time: raised.at,
            datacontenttype: "application/json".to_owned(),
            sequence: raised.sequence.0,
            tenant: self.tenant.map(ToString::to_string),
            traceparent: self.traceparent.map(ToString::to_string),
            data,
            author: None,
        }
    }
}

/// A shape of ours is JSON by construction.
fn value(data: impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or(Value::Null)
}

fn since<A: Aggregate>(aggregate: &A, after: Sequence) -> impl Iterator<Item = &Raised<A::Event>> {
    let newer =
        move |raised: &&Raised<A::Event>| raised.sequence > after && A::is_news(&raised.event);
    aggregate.events().all().iter().filter(newer)
}

/// The order's events with a sequence above `after`, oldest first.
pub fn envelopes_of_order(order: &Order, after: Sequence) -> Vec<Envelope> {
    let facts = &order.facts;
    let origin = Origin {
        subject: facts.id.to_string(),
        tenant: Some(&facts.tenant),
        traceparent: facts.traceparent.as_ref(),
    };
    let envelope = |raised: &Raised<OrderEvent>| {
        let (event_type, data) = order::data(order, raised)?;
        Some(origin.envelope(raised, event_type, data))
    };
    since(order, after).filter_map(envelope).collect()
}

/// Type and data of what others are told; nothing for what stays in the aggregate's own record
/// ([`Aggregate::is_news`]).
type Told = Option<(EventType, Value)>;

/// The lease's events with a sequence above `after`, oldest first.
pub fn envelopes_of_lease(lease: &Lease, after: Sequence) -> Vec<Envelope> {
    let origin = Origin {
        subject: lease.order_id.to_string(),
        tenant: lease.tenant.as_ref(),
        traceparent: lease.traceparent.as_ref(),
    };
    let data = value(StockMoved {
        order_id: lease.order_id.to_string(),
        lines: lease.lines.iter().map(Into::into).collect(),
    });
    let envelope = |raised: &Raised<LeaseEvent>| {
        let event_type = match &raised.event {
            LeaseEvent::Reserved => EventType::LeaseReserved,
            LeaseEvent::Released => EventType::LeaseReleased,
            LeaseEvent::Sold => EventType::LeaseSold,
            LeaseEvent::Restocked { id, lines } => {
                let data = value(StockReturned {
                    order_id: lease.order_id.to_string(),
                    refund_id: id.to_string(),
                    lines: lines.iter().map(Into::into).collect(),
                });
                return origin.envelope(raised, EventType::LeaseRestocked, data);
            }
        };
        origin.envelope(raised, event_type, data.clone())
    };
    since(lease, after).map(envelope).collect()
}

/// The payment's events with a sequence above `after`, oldest first.
pub fn envelopes_of_payment(payment: &Payment, after: Sequence) -> Vec<Envelope> {
    let terms = payment.terms.as_ref();
    let origin = Origin {
        subject: payment.order_id.to_string(),
        tenant: terms.map(|terms| &terms.tenant),
        traceparent: terms.and_then(|terms| terms.traceparent.as_ref()),
    };
    let envelope = |raised: &Raised<PaymentEvent>| {
        let (event_type, data) = payment_data(payment, &raised.event)?;
        Some(origin.envelope(raised, event_type, data))
    };
    since(payment, after).filter_map(envelope).collect()
}

fn payment_data(payment: &Payment, event: &PaymentEvent) -> Told {
    let order_id = payment.order_id.to_string();
    let amount = payment.terms.as_ref().map(|terms| terms.amount.into());
    let event_type = match event {
        PaymentEvent::Declined { reason } => {
            let reason = reason.clone();
            let data = value(PaymentDeclined {
                order_id,
                amount,
                reason,
            });
            return Some((EventType::PaymentDeclined, data));
        }
        PaymentEvent::Authorised { .. } => EventType::PaymentAuthorised,
        PaymentEvent::Captured { .. } => EventType::PaymentCaptured,
        PaymentEvent::Refunded { id, amount, .. } => {
            let data = value(PaymentRefunded {
                order_id,
                refund_id: id.to_string(),
                amount: (*amount).into(),
            });
            return Some((EventType::PaymentRefunded, data));
        }
        PaymentEvent::AuthorisationStarted
        | PaymentEvent::CaptureUnheard
        | PaymentEvent::ClosingStarted
        | PaymentEvent::RefundStarted { .. } => return None,
        PaymentEvent::Closed => EventType::PaymentClosed,
    };
    Some((event_type, value(PaymentChanged { order_id, amount })))
}

/// The shipment's events with a sequence above `after`, oldest first.
pub fn envelopes_of_shipment(shipment: &Shipment, after: Sequence) -> Vec<Envelope> {
    let terms = shipment.terms.as_ref();
    let origin = Origin {
        subject: shipment.order_id.to_string(),
        tenant: terms.map(|terms| &terms.tenant),
        traceparent: terms.and_then(|terms| terms.traceparent.as_ref()),
    };
    let envelope = |raised: &Raised<ShipmentEvent>| {
        let (event_type, data) = shipment_data(shipment, &raised.event)?;
        Some(origin.envelope(raised, event_type, data))
    };
    since(shipment, after).filter_map(envelope).collect()
}

fn shipment_data(shipment: &Shipment, event: &ShipmentEvent) -> Told {
    let order_id = shipment.order_id.to_string();
    let event_type = match event {
        ShipmentEvent::Refused { reason } => {
            let reason = reason.clone();
            let data = value(ShipmentRefused { order_id, reason });
            return Some((EventType::ShipmentRefused, data));
        }
        ShipmentEvent::Created { .. } => EventType::ShipmentCreated,
        ShipmentEvent::CreationStarted | ShipmentEvent::CancellationStarted => return None,
        ShipmentEvent::Cancelled => EventType::ShipmentCancelled,
        ShipmentEvent::HandedOver { .. } => {
            return Some((EventType::ShipmentHandedOver, value(tracked(shipment)?)));
        }
        ShipmentEvent::Delivered => {
            return Some((EventType::ShipmentDelivered, value(tracked(shipment)?)));
        }
    };
    Some((event_type, value(ShipmentChanged { order_id })))
}

/// Nothing only where nothing was handed over, and then nothing was told of either.
fn tracked(shipment: &Shipment) -> Option<ShipmentTracked> {
    let handover = shipment.state.handover()?;
    Some(ShipmentTracked {
        order_id: shipment.order_id.to_string(),
        carrier: handover.carrier.to_string(),
        tracking_number: handover.tracking_number.to_string(),
    })
}

/// The state of a SKU as an event: the newest sequence wins, none need be seen.
pub fn stock_changed(stock: &Stock) -> Envelope {
    let origin = Origin {
        subject: stock.sku.to_string(),
        tenant: None,
        traceparent: None,
    };
    let data = value(StockChanged {
        sku: stock.sku.to_string(),
        available: stock.available,
        put_in: stock.put_in,
        low: stock.is_low(),
    });
    let raised = state_at(stock.version.into(), stock.changed_at);
    origin.envelope(&raised, EventType::StockChanged, data)
}

/// What happened to a product last, with its whole state: the newest sequence wins, none need be
/// seen.
pub fn product_event(product: &Product) -> Envelope {
    let (event_type, changed) = match &product.event {
        ProductEvent::Created => (EventType::ProductCreated, &[][..]),
        ProductEvent::Updated(fields) => (EventType::ProductUpdated, fields.as_slice()),
    };
    let origin = Origin {
        subject: product.id.to_string(),
        tenant: Some(&product.tenant),
        traceparent: None,
    };
    let data = value(ProductState {
        product_id: product.id.to_string(),
        sku: product.sku.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        price: product.price.into(),
        status: product.status.name().to_owned(),
        changed: changed.iter().map(|it| it.name().to_owned()).collect(),
    });
    origin.envelope(
        &state_at(product.version, product.changed_at),
        event_type,
        data,
    )
}

/// The creation of a course, with its whole state.
pub fn course_event(course: &Course) -> Envelope {
    let details = &course.details;
    let origin = Origin {
        subject: course.id.to_string(),
        tenant: Some(&course.tenant),
        traceparent: None,
    };
    let data = value(CourseState {
        course_id: course.id.to_string(),
        title: details.title.clone(),
        description: details.description.clone(),
        price: details.price.into(),
        status: details.status.name().to_owned(),
    });
    let raised = state_at(course.version, course.created_at);
    origin.envelope(&raised, EventType::CourseCreated, data)
}

/// Where the version is the sequence.
fn state_at(version: u64, at: Timestamp) -> Raised<()> {
    Raised {
        sequence: Sequence(u32::try_from(version).unwrap_or(u32::MAX)),
        at,
        event: (),
    }
}

/// What is of interest to the audit log alone: the `sequence`th note of a thing.
pub fn note_taken(
    subject: String,
    sequence: Sequence,
    at: Timestamp,
    tenant: Option<&domain::TenantId>,
    data: &NoteTaken,
) -> Envelope {
    let origin = Origin {
        subject,
        tenant,
        traceparent: None,
    };
    let raised = Raised {
        sequence,
        at,
        event: (),
    };
    origin.envelope(&raised, EventType::NoteTaken, value(data))
}
