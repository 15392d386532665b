//! What people ask of an order after it was placed.

use domain::{
    GrantedRefund, Lease, Order, OrderState, Payment, ProductId, RefundOf, RefundWanted,
    ReturnedLine, Sequence, Shipment, TrackingNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::{
    Envelope, EventType, RefundBody, envelopes_of_lease, envelopes_of_order, envelopes_of_payment,
    envelopes_of_shipment,
};
use crate::{AmountBody, InvalidBody};

/// Answer to `PUT /api/v1/orders/{id}/cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CancelBody {
    /// The order.
    pub order_id: String,
    /// Where it is.
    pub status: String,
    /// What becomes of it: `cancelled` (nothing is charged), `refund_follows` (what was, or may be,
    /// charged goes back), `failed` (it was being taken back for another reason), `refunded`.
    pub outcome: String,
    /// The same in words.
    pub detail: String,
}

impl From<&Order> for CancelBody {
    fn from(order: &Order) -> Self {
        let (outcome, detail) = match &order.state {
            OrderState::Unwinding { failure } | OrderState::Failed { failure }
                if failure.code != domain::FailureCode::CancelledByCustomer =>
            {
                ("failed", "the order had failed before; nothing is charged")
            }
            OrderState::Unwinding { .. } | OrderState::Failed { .. } | OrderState::Cancelled => {
                ("cancelled", "the order is cancelled; nothing is charged")
            }
            OrderState::Refunded { .. } => ("refunded", "the money went back"),
            _ => (
                "refund_follows",
                "the cancellation is accepted; any charge will be refunded",
            ),
        };
        Self {
            order_id: order.facts.id.to_string(),
            status: order.state.name().to_owned(),
            outcome: outcome.to_owned(),
            detail: detail.to_owned(),
        }
    }
}

/// Body of `POST /api/v1/admin/orders/{id}/refunds`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefundOrder {
    /// Which pieces, each product once; all that is left where none are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<RefundLine>>,
    /// Whether the pieces go back on the shelf. The parcel of a whole order that is not shipped
    /// yet is called back in any case.
    #[serde(default)]
    pub restock: bool,
}

/// Pieces of one product to pay back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefundLine {
    /// Which product.
    pub product_id: String,
    /// How many, 1 to 1,000.
    pub quantity: i64,
}

impl RefundOrder {
    /// Reads it.
    ///
    /// # Errors
    /// [`InvalidBody`] at the first line that cannot be.
    pub fn parse(&self) -> Result<RefundWanted, InvalidBody> {
        let of = match &self.lines {
            None => RefundOf::Everything,
            Some(lines) if lines.len() > domain::MAX_LINES => {
                let problem = domain::PlacementError::TooManyLines;
                return Err(InvalidBody::at("/lines", problem));
            }
            Some(lines) => {
                let numbered = lines.iter().enumerate();
                let lines: Result<_, _> = numbered.map(|(at, line)| line.parse(at)).collect();
                RefundOf::Lines(lines?)
            }
        };
        let restock = self.restock;
        Ok(RefundWanted { of, restock })
    }
}

impl RefundLine {
    fn parse(&self, at: usize) -> Result<ReturnedLine, InvalidBody> {
        let product_id = ProductId::parse(&self.product_id)
            .map_err(|error| InvalidBody::at(format!("/lines/{at}/product_id"), error))?;
        let quantity = u32::try_from(self.quantity).ok();
        let quantity = quantity.filter(|many| (1..=domain::MAX_QUANTITY).contains(many));
        let bounds = format!("a whole number from 1 to {}", domain::MAX_QUANTITY);
        let place = format!("/lines/{at}/quantity");
        Ok(ReturnedLine {
            product_id,
            quantity: quantity.ok_or_else(|| InvalidBody::at(place, bounds))?,
        })
    }
}

/// Answer to `POST /api/v1/admin/orders/{id}/refunds`: what never changes about the refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefundGrantedBody {
    /// The order.
    pub order_id: String,
    /// The refund.
    pub refund: RefundBody,
    /// When it was granted.
    pub granted_at: Timestamp,
}

/// A refund of an order, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefundStateBody {
    /// The refund.
    pub refund: RefundBody,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When the money had gone back; absent while it is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
}

impl From<&GrantedRefund> for RefundStateBody {
    fn from(granted: &GrantedRefund) -> Self {
        Self {
            refund: (&granted.refund).into(),
            granted_at: granted.at,
            done_at: granted.done_at,
        }
    }
}

impl RefundGrantedBody {
    /// The answer about a refund of this order.
    pub fn of(order: &Order, granted: &GrantedRefund) -> Self {
        Self {
            order_id: order.facts.id.to_string(),
            refund: (&granted.refund).into(),
            granted_at: granted.at,
        }
    }
}

/// Body of `PUT /api/v1/admin/orders/{id}/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetStatus {
    /// `shipped` or `delivered`; for an order that needs attention also `confirmed`, `failed` or
    /// `cancelled`, which hold only where everything that they mean was answered.
    pub status: String,
    /// Needed for `shipped`, refused otherwise: what the carrier lets the customer follow the
    /// parcel by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}

/// A status that a person gives an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedStatus {
    /// The carrier has the parcel.
    Shipped(TrackingNumber),
    /// The customer has it.
    Delivered,
    /// It needs attention and is charged and sold.
    Confirmed,
    /// It needs attention and everything was taken back; `cancelled` where the customer asked.
    TakenBack,
}

impl SetStatus {
    /// Reads it.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse(&self) -> Result<WantedStatus, InvalidBody> {
        let tracking = self.tracking_number.as_deref();
        let wanted = match (self.status.as_str(), tracking) {
            ("shipped", Some(tracking)) => {
                let tracking = TrackingNumber::parse(tracking);
                let tracking =
                    tracking.map_err(|error| InvalidBody::at("/tracking_number", error))?;
                return Ok(WantedStatus::Shipped(tracking));
            }
            ("shipped", None) => {
                return Err(InvalidBody::at("/tracking_number", "needed for shipped"));
            }
            ("delivered", _) => WantedStatus::Delivered,
            ("confirmed", _) => WantedStatus::Confirmed,
            ("failed" | "cancelled", _) => WantedStatus::TakenBack,
            _ => {
                let known = "one of shipped, delivered, confirmed, failed, cancelled";
                return Err(InvalidBody::at("/status", known));
            }
        };
        match tracking {
            None => Ok(wanted),
            Some(_) => Err(InvalidBody::at("/tracking_number", "for shipped only")),
        }
    }
}

/// One order of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderListItem {
    /// The order.
    pub order_id: String,
    /// Where it was about a second ago.
    pub status: String,
    /// Rises with every change.
    pub version: u64,
    /// The pieces, net.
    pub subtotal: AmountBody,
    /// Bringing them, net.
    pub shipping: AmountBody,
    /// Tax on both.
    pub tax: AmountBody,
    /// The sum of the three.
    pub total: AmountBody,
    /// When it was placed.
    pub placed_at: Timestamp,
}

impl From<&Order> for OrderListItem {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.facts.id.to_string(),
            status: order.state.name().to_owned(),
            version: order.changes.stored_version(),
            subtotal: order.facts.totals.subtotal().into(),
            shipping: order.facts.totals.shipping().into(),
            tax: order.facts.totals.tax().into(),
            total: order.facts.totals.total().into(),
            placed_at: order.facts.placed_at,
        }
    }
}

/// Answer to `GET /api/v1/admin/orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdminOrderListBody {
    /// Newest first.
    pub orders: Vec<AdminOrderListItem>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// One order of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdminOrderListItem {
    /// The order.
    pub order: OrderListItem,
    /// Who ordered.
    pub customer_id: String,
    /// Whether a person must look into it.
    pub needs_attention: bool,
}

impl From<&Order> for AdminOrderListItem {
    fn from(order: &Order) -> Self {
        Self {
            order: order.into(),
            customer_id: order.facts.customer.to_string(),
            needs_attention: order.needs_attention,
        }
    }
}

/// Answer to `GET /api/v1/orders/{id}/timeline`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineBody {
    /// The order.
    pub order_id: String,
    /// Where it is.
    pub status: String,
    /// What happened to it, to its stock, its payment and its parcel, oldest first.
    pub events: Vec<TimelineEntry>,
}

impl TimelineBody {
    /// Everything that others are told of the order, its stock, its money and its parcel, in the
    /// order in which it happened.
    pub fn of(
        order: &Order,
        (lease, payment, shipment): (Option<&Lease>, Option<&Payment>, Option<&Shipment>),
    ) -> Self {
        let none = Sequence::NONE;
        let mut events = envelopes_of_order(order, none);
        events.extend(
            lease
                .into_iter()
                .flat_map(|it| envelopes_of_lease(it, none)),
        );
        events.extend(
            payment
                .into_iter()
                .flat_map(|it| envelopes_of_payment(it, none)),
        );
        events.extend(
            shipment
                .into_iter()
                .flat_map(|it| envelopes_of_shipment(it, none)),
        );
        // Stable: events of one moment stay in the order of their own aggregate.
        events.sort_by_key(|event| event.time);
        Self {
            order_id: order.facts.id.to_string(),
            status: order.state.name().to_owned(),
            events: events.into_iter().map(TimelineEntry::from).collect(),
        }
    }
}

impl From<Envelope> for TimelineEntry {
    fn from(event: Envelope) -> Self {
        let reasons = ["reason", "failure"];
        let reason = reasons.iter().find_map(|name| event.data.get(name));
        let declined = event.event_type == EventType::PaymentDeclined.as_str();
        let reason = reason.map(|reason| match reason.as_str() {
            Some(code) if declined => domain::decline_in_words(code).into(),
            _ => reason.clone(),
        });
        Self {
            at: event.time,
            reason,
            event_type: event.event_type,
            sequence: event.sequence,
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimelineEntry {
    /// When.
    pub at: Timestamp,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Its place among the events of its own aggregate.
    pub sequence: u32,
    /// Why, where the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<serde_json::Value>,
}

/// Every status that an order can have.
pub const STATUSES: [&str; 9] = [
    "pending",
    "charging",
    "unwinding",
    "confirmed",
    "shipped",
    "delivered",
    "refunded",
    "failed",
    "cancelled",
];

/// The name of a status that an order can have, as a filter of a list.
///
/// # Errors
/// [`InvalidBody`] for any other word.
pub fn parse_status(text: &str) -> Result<&'static str, InvalidBody> {
    let found = STATUSES.into_iter().find(|name| *name == text);
    found.ok_or_else(|| InvalidBody::at("/status", format!("one of {}", STATUSES.join(", "))))
}
