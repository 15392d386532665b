//! The `data` of each event type.

use domain::{Failure, OrderLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AmountBody;
use crate::saga::StockLineBody;

/// One line at the price it was placed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineBody {
    /// Which product.
    pub product_id: String,
    /// What leaves the warehouse.
    pub sku: String,
    /// How many.
    pub quantity: u32,
    /// Price of one, in minor units of the order's currency.
    pub unit_price_minor: i64,
}

impl From<&OrderLine> for LineBody {
    fn from(line: &OrderLine) -> Self {
        Self {
            product_id: line.product_id.to_string(),
            sku: line.sku.to_string(),
            quantity: line.quantity,
            unit_price_minor: line.unit_price.minor(),
        }
    }
}

/// Where the customer wants to be told. In `OrderPlaced` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactBody {
    /// E-mail address.
    pub email: String,
}

/// Why an order was not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureBody {
    /// Stable reason, such as `out_of_stock`.
    pub code: String,
    /// Plain words.
    pub detail: String,
}

impl From<&Failure> for FailureBody {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code.name().to_owned(),
            detail: failure.detail.clone(),
        }
    }
}

/// `cartwright.order.placed.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
    /// What.
    pub lines: Vec<LineBody>,
    /// The sum.
    pub total: AmountBody,
    /// Where the customer wants to be told, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactBody>,
}

/// `cartwright.order.completed.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompleted {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
    /// The sum, in minor units (cents).
    pub total_amount_minor: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// When.
    pub completed_at: Timestamp,
}

/// `cartwright.order.failed.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailed {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
    /// Why.
    pub failure: FailureBody,
}

/// `cartwright.order.cancelled.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
}

/// `cartwright.order.attention-needed.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderAttentionNeeded {
    /// The order.
    pub order_id: String,
}

/// `cartwright.lease.reserved.v1`, `.released.v1`, `.sold.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockMoved {
    /// The order.
    pub order_id: String,
    /// What was held; empty where nothing ever was.
    pub lines: Vec<StockLineBody>,
}

/// `cartwright.stock.changed.v1`: the whole state; the newest sequence wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChanged {
    /// Which.
    pub sku: String,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces ever put in; those that are not available are held for orders, or sold.
    #[serde(default)]
    pub put_in: u32,
    /// Whether it is time to order more.
    #[serde(default)]
    pub low: bool,
}

/// `cartwright.product.created.v1`, `.updated.v1`: the whole state; the newest sequence wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductState {
    /// The product.
    pub product_id: String,
    /// What leaves the warehouse.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Description; may be empty.
    pub description: String,
    /// Price of one.
    pub price: AmountBody,
    /// `active` or `withdrawn`.
    pub status: String,
    /// What changed: `sku`, `name`, `description`, `price`, `status`; nothing when it was created.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
}

/// `cartwright.course.created.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseState {
    /// The course.
    pub course_id: String,
    /// Title.
    pub title: String,
    /// Description; may be empty.
    pub description: String,
    /// Price.
    pub price: AmountBody,
    /// `active` or `withdrawn`.
    pub status: String,
}

/// `cartwright.payment.*.v1` without a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentChanged {
    /// The order.
    pub order_id: String,
    /// How much; nothing where nothing was ever asked of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<AmountBody>,
}

/// `cartwright.payment.declined.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDeclined {
    /// The order.
    pub order_id: String,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<AmountBody>,
    /// The provider's reason.
    pub reason: String,
}

/// `cartwright.shipment.*.v1` without a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentChanged {
    /// The order.
    pub order_id: String,
}

/// `cartwright.shipment.refused.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentRefused {
    /// The order.
    pub order_id: String,
    /// The carrier's reason.
    pub reason: String,
}
