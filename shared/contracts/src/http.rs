//! Bodies of the HTTP API.

use domain::{Contact, Email, Money, Order, OrderFacts, ProductId, RequestHash, RequestedLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::{FailureBody, LineBody};
use crate::{AddressBody, AmountBody, InvalidBody};

mod accounts;
mod api_keys;
mod audit;
mod catalogue;
mod dashboard;
mod destinations;
mod groups;
mod inventory;
mod jobs;
mod metrics;
mod notifications;
mod orders;
mod phones;
mod privacy;
mod realtime;
mod reports;
mod search;
#[cfg(test)]
mod tests;

pub use accounts::{
    ChangeEmail, ChangePassword, ConfirmReset, MAX_PASSWORD, MAX_SECRET, MIN_PASSWORD,
    ParsedRegistration, PreferencesBody, RefreshToken, RegisterUser, RequestReset, RolesBody,
    Secret, SignIn, TokensBody, UpdateUser, UserBody, VerifyEmail,
};
pub use audit::{AuditActorBody, AuditEntryBody, AuditListBody, AuditOriginBody};

pub use api_keys::{ApiKeyBody, ApiKeyListBody, NewApiKey, NewApiKeyBody};
pub use dashboard::{
    DashboardBody, FailuresBody, LettersBody, LowSkuBody, NewCourseBody, OpenBreakerBody,
    PerMinuteBody, StandingBody, StockAlertsBody,
};
pub use destinations::{DestinationBody, DestinationListBody};
pub use groups::{
    BroadcastBody, GroupBody, GroupListBody, MAX_USERS, MemberListBody, NewGroup, NewMessage,
    NewMessageToUsers, ParsedMessage, SentBody, ToldBody,
};

pub use catalogue::{
    CourseBody, CourseListBody, CreateCourse, CreateProduct, ProductBody, ProductListBody,
    UpdateProduct,
};

pub use metrics::{
    MAX_METRICS_BYTES, MetricBatchBody, MetricEventBody, MetricsTakenBody, QueuedMetrics,
};
pub use notifications::{
    CourseSubscriptionBody, DeliveryBody, MAIL_LATER, MAX_MARKED, MAX_NUMBER, MarkedRead, Missing,
    NotificationBody, NotificationListBody, NotificationPreferences, ReadMarkBody, TEXT_LATER,
    UnsubscribeBody, WantedByKind,
};

pub use orders::{
    AdminOrderListBody, AdminOrderListItem, CancelBody, OrderListItem, RefundGrantedBody,
    RefundLine, RefundOrder, RefundStateBody, STATUSES, SetStatus, TimelineBody, TimelineEntry,
    WantedStatus, parse_status,
};

pub use phones::{CODE_DIGITS, ConfirmPhone, PhoneConfirmationBody};

pub use privacy::{
    EraseUser, ErasedBody, ExportBody, ExportedMessage, ExportedOrder, ExportedPayment,
    ExportedShipment,
};

pub use inventory::{
    Adjust, AvailabilityBody, LowStockBody, MAX_MOVED, MovementBody, ParsedMovement, Restock,
    SetThreshold, StockBody,
};
pub use jobs::{JobAcceptedBody, JobBody, JobListBody, JobProgressBody, JobResultBody, NewJob};
pub use realtime::TicketBody;
pub use reports::{
    AsOfBody, DailyReportBody, EventReportBody, EventRowBody, FailureReportBody, FailureRowBody,
    ProductReportBody, ProductRowBody, SalesRowBody, StockAsOfBody, StockReportBody, StockRowBody,
};
pub use search::{FoundBody, SearchBody};

/// A body as the bytes that it is told from another by. Bodies have one field order and no maps, so
/// their JSON is canonical: white space and the order of fields in the request do not matter.
pub fn canonical(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// Most lines that are read at all, before lines of one product are merged.
const MAX_RAW_LINES: usize = 500;

/// Body of `POST /api/v1/orders`. There is no price in it: prices come from the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// What to order.
    pub lines: Vec<PlaceOrderLine>,
    /// Where to ship.
    pub ship_to: AddressBody,
    /// The provider's token for the card or account, such as `pm_card_visa`.
    pub payment_method: String,
    /// Where to tell the customer, when it differs from their account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<PlaceOrderContact>,
    /// The sum that the customer was shown; another one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_total: Option<AmountBody>,
}

/// One line of an order to place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceOrderLine {
    /// Which product.
    pub product_id: String,
    /// How many, 1 to 1,000.
    pub quantity: i64,
}

/// Where to tell the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceOrderContact {
    /// E-mail address.
    pub email: String,
}

/// A request whose content was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedPlacement {
    /// Lines, merged by product.
    pub lines: Vec<RequestedLine>,
    /// Where to ship.
    pub ship_to: domain::Address,
    /// The provider's token.
    pub payment_method: String,
    /// Where to tell the customer.
    pub contact: Option<Contact>,
    /// What the customer was shown.
    pub expected_total: Option<Money>,
    /// Tells a repeat from a reused key.
    pub hash: RequestHash,
}

impl PlaceOrder {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<ParsedPlacement, InvalidBody> {
        let expected_total = self
            .expected_total
            .as_ref()
            .map(Money::try_from)
            .transpose();
        Ok(ParsedPlacement {
            lines: self.parse_lines()?,
            ship_to: self.ship_to.parse("/ship_to")?,
            payment_method: parse_payment_method(&self.payment_method)?,
            contact: self.contact.as_ref().map(parse_contact).transpose()?,
            expected_total: expected_total
                .map_err(|error| InvalidBody::at("/expected_total", error))?,
            hash: self.hash(),
        })
    }

    fn parse_lines(&self) -> Result<Vec<RequestedLine>, InvalidBody> {
        if self.lines.len() > MAX_RAW_LINES {
            let problem = domain::PlacementError::TooManyLines;
            return Err(InvalidBody::at("/lines", problem));
        }
        let numbered = self.lines.iter().enumerate();
        let lines: Vec<_> = numbered
            .map(|(at, line)| line.parse(at))
            .collect::<Result<_, _>>()?;
        domain::merge_lines(&lines).map_err(|error| InvalidBody::at("/lines", error))
    }

    fn hash(&self) -> RequestHash {
        RequestHash::of(&canonical(self))
    }
}

impl PlaceOrderLine {
    fn parse(&self, at: usize) -> Result<RequestedLine, InvalidBody> {
        let product_id = ProductId::parse(&self.product_id)
            .map_err(|error| InvalidBody::at(format!("/lines/{at}/product_id"), error))?;
        let quantity = u32::try_from(self.quantity)
            .ok()
            .filter(|quantity| (1..=domain::MAX_QUANTITY).contains(quantity));
        let bounds = format!("a whole number from 1 to {}", domain::MAX_QUANTITY);
        Ok(RequestedLine {
            product_id,
            quantity: quantity
                .ok_or_else(|| InvalidBody::at(format!("/lines/{at}/quantity"), bounds))?,
        })
    }
}

fn parse_payment_method(text: &str) -> Result<String, InvalidBody> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits && !holds_card_number(text) {
        Ok(text.to_owned())
    } else {
        let problem = "the payment provider's token, 1 to 64 characters from A-Z a-z 0-9 _";
        Err(InvalidBody::at("/payment_method", problem))
    }
}

/// Twelve digits in a row, however they are grouped, could be a card number, which must never get
/// in here. A provider's random token has digits too, but not so many in a row.
fn holds_card_number(text: &str) -> bool {
    text.replace('_', "")
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= 12)
}

fn parse_contact(contact: &PlaceOrderContact) -> Result<Contact, InvalidBody> {
    let email = Email::parse(&contact.email);
    let email = email.map_err(|error| InvalidBody::at("/contact/email", error))?;
    Ok(Contact {
        email: email.as_str().to_owned(),
    })
}

/// Answer to `POST /api/v1/orders`: immutable fields only, so that a repeat is answered byte for
/// byte as the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderPlacedBody {
    /// The order.
    pub order_id: String,
    /// What it was when it was placed: always `pending`.
    pub status: String,
    /// The lines at the prices of placement.
    pub lines: Vec<LineBody>,
    /// The pieces, net.
    pub subtotal: AmountBody,
    /// Bringing them, net.
    pub shipping: AmountBody,
    /// Tax on both.
    pub tax: AmountBody,
    /// The sum of the three, which is charged.
    pub total: AmountBody,
    /// When it was placed.
    pub placed_at: Timestamp,
}

impl From<&OrderFacts> for OrderPlacedBody {
    fn from(facts: &OrderFacts) -> Self {
        Self {
            order_id: facts.id.to_string(),
            status: domain::OrderState::Pending.name().to_owned(),
            lines: facts.lines.iter().map(Into::into).collect(),
            subtotal: facts.totals.subtotal().into(),
            shipping: facts.totals.shipping().into(),
            tax: facts.totals.tax().into(),
            total: facts.totals.total().into(),
            placed_at: facts.placed_at,
        }
    }
}

/// Answer to `GET /api/v1/orders/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderBody {
    /// The order.
    pub order_id: String,
    /// Where it is: `pending`, `charging`, `unwinding`, `confirmed`, `shipped`, `delivered`,
    /// `refunded`, `failed`, `cancelled`.
    pub status: String,
    /// Rises with every change.
    pub version: u64,
    /// Why it was, or is being, taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureBody>,
    /// Whether a person is looking into it.
    pub needs_attention: bool,
    /// The lines.
    pub lines: Vec<LineBody>,
    /// The pieces, net.
    pub subtotal: AmountBody,
    /// Bringing them, net.
    pub shipping: AmountBody,
    /// Tax on both.
    pub tax: AmountBody,
    /// The sum of the three, which is charged.
    pub total: AmountBody,
    /// Where it goes.
    pub ship_to: AddressBody,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What the carrier lets the customer follow the parcel by; there once it is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
    /// Whether the customer changed their mind after the decision.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel_requested: bool,
    /// Money that goes, or went, back, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundStateBody>,
    /// What happened, oldest first.
    pub history: Vec<HistoryBody>,
}

/// One thing that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryBody {
    /// Its place.
    pub sequence: u32,
    /// The event's type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When.
    pub at: Timestamp,
}

/// Answer to `GET /api/v1/orders/{id}/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderStatusBody {
    /// The order.
    pub order_id: String,
    /// Where it is.
    pub status: String,
    /// Rises with every change.
    pub version: u64,
    /// Why it was, or is being, taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureBody>,
    /// Whether nothing more will happen by itself.
    pub ended: bool,
}

fn failure_of(order: &Order) -> Option<FailureBody> {
    match &order.state {
        domain::OrderState::Unwinding { failure } | domain::OrderState::Failed { failure } => {
            Some(failure.into())
        }
        _ => None,
    }
}

impl From<&Order> for OrderBody {
    fn from(order: &Order) -> Self {
        let facts = &order.facts;
        let events = crate::events::envelopes_of_order(order, domain::Sequence::NONE);
        let history = events.into_iter().map(|event| HistoryBody {
            sequence: event.sequence,
            event_type: event.event_type,
            at: event.time,
        });
        Self {
            order_id: facts.id.to_string(),
            status: order.state.name().to_owned(),
            version: order.changes.stored_version(),
            failure: failure_of(order),
            needs_attention: order.needs_attention,
            lines: facts.lines.iter().map(Into::into).collect(),
            subtotal: facts.totals.subtotal().into(),
            shipping: facts.totals.shipping().into(),
            tax: facts.totals.tax().into(),
            total: facts.totals.total().into(),
            ship_to: (&facts.ship_to).into(),
            placed_at: facts.placed_at,
            tracking_number: order.tracking().map(ToString::to_string),
            cancel_requested: order.is_cancel_requested(),
            refunds: order.refunds().iter().map(Into::into).collect(),
            history: history.collect(),
        }
    }
}

impl From<&Order> for OrderStatusBody {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.facts.id.to_string(),
            status: order.state.name().to_owned(),
            version: order.changes.stored_version(),
            failure: failure_of(order),
            ended: order.is_at_rest(),
        }
    }
}

/// Answer to `GET /api/v1/orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderListBody {
    /// Newest first.
    pub orders: Vec<OrderListItem>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
