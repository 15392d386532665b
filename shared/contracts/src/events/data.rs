//! The `data` of each event type.

use domain::{Account, Failure, OrderLine, Refund, ReturnedLine};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::http::PreferencesBody;
use crate::saga::StockLineBody;
use crate::{AddressBody, AmountBody};

/// One line at the price it was placed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
            detail: failure.in_words().to_owned(),
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
    /// The pieces, net, in minor units.
    #[serde(default)]
    pub subtotal_minor: i64,
    /// Bringing them, net, in minor units.
    #[serde(default)]
    pub shipping_minor: i64,
    /// Tax on both, in minor units.
    #[serde(default)]
    pub tax_minor: i64,
    /// The sum of the three.
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
    /// The pieces, net, in minor units (cents).
    #[serde(default)]
    pub subtotal_amount_minor: i64,
    /// Bringing them, net, in minor units.
    #[serde(default)]
    pub shipping_amount_minor: i64,
    /// Tax on both, in minor units.
    #[serde(default)]
    pub tax_amount_minor: i64,
    /// The sum of the three, which was charged, in minor units.
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

/// `cartwright.order.cancelled.v1`, `.cancel-requested.v1`, `.delivered.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderConcerned {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
}

/// `cartwright.order.shipped.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderShipped {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
    /// What the carrier lets the customer follow the parcel by.
    pub tracking_number: String,
}

/// A refund as it was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefundBody {
    /// Which of the order's.
    pub refund_id: String,
    /// How much goes back.
    pub amount: AmountBody,
    /// Which pieces it pays back.
    pub lines: Vec<ReturnedLineBody>,
    /// What becomes of them: `gone`, `restocked`, `recalled`.
    pub goods: String,
}

/// Pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnedLineBody {
    /// Which product.
    pub product_id: String,
    /// How many.
    pub quantity: u32,
}

impl From<&Refund> for RefundBody {
    fn from(refund: &Refund) -> Self {
        let line = |line: &ReturnedLine| ReturnedLineBody {
            product_id: line.product_id.to_string(),
            quantity: line.quantity,
        };
        Self {
            refund_id: refund.id.to_string(),
            amount: refund.amount.into(),
            lines: refund.lines.iter().map(line).collect(),
            goods: refund.goods.name().to_owned(),
        }
    }
}

/// `cartwright.order.refund-requested.v1`, `.refunded.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefund {
    /// The order.
    pub order_id: String,
    /// Who ordered.
    pub customer_id: String,
    /// The refund.
    pub refund: RefundBody,
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

/// `cartwright.lease.restocked.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockReturned {
    /// The order.
    pub order_id: String,
    /// Which of its refunds brought them.
    pub refund_id: String,
    /// What came back.
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

/// `cartwright.payment.refunded.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    /// The order.
    pub order_id: String,
    /// Which of its refunds.
    pub refund_id: String,
    /// How much went back.
    pub amount: AmountBody,
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

/// `cartwright.shipment.handed-over.v1`, `.delivered.v1`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentTracked {
    /// The order.
    pub order_id: String,
    /// Who carries the parcel.
    pub carrier: String,
    /// What the carrier calls it.
    pub tracking_number: String,
}

/// A link that is to be mailed. It is a number: what proves it is made by whoever mails it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkBody {
    /// `verify-email` or `reset-password`.
    pub purpose: String,
    /// Which of the account's links for this purpose.
    pub number: u32,
    /// Until when it is good.
    pub ends_at: Timestamp,
}

/// `cartwright.account.*.v1`: the whole state but the password; the newest sequence wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// The account; `customer_id` in the events of its orders.
    pub account_id: String,
    /// Where its owner is reached.
    pub email: String,
    /// Where they were reached before, in the first telling of `email-changed`: for a word to that
    /// address, and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_email: Option<String>,
    /// Whether the address was shown to be theirs.
    pub email_verified: bool,
    /// Name.
    pub name: String,
    /// Telephone number in the form of E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Whether the number was shown to be theirs: nothing is texted to any other.
    #[serde(default)]
    pub phone_confirmed: bool,
    /// Where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressBody>,
    /// How they want to be told.
    pub preferences: PreferencesBody,
    /// What they may do: `customer`, `support`, `admin`.
    pub roles: Vec<String>,
    /// `active` or `deactivated`.
    pub status: String,
    /// Since when they are known.
    pub registered_at: Timestamp,
    /// The link that this event is the reason to mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkBody>,
}

impl From<&Account> for AccountChanged {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            account_id: account.id.to_string(),
            email: account.email.as_str().to_owned(),
            previous_email: None,
            email_verified: account.verified,
            name: profile.name.clone(),
            phone: profile.phone.clone(),
            phone_confirmed: account.phone.is_confirmed(),
            address: profile.address.as_ref().map(Into::into),
            preferences: profile.preferences.into(),
            roles: account
                .roles
                .iter()
                .map(|role| role.name().to_owned())
                .collect(),
            status: account.state.name().to_owned(),
            registered_at: account.registered_at,
            link: link_of(account),
        }
    }
}

/// Data of `cartwright.account.erased.v1`. There is nothing else left to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountErased {
    /// The account; `customer_id` in the events of its orders.
    pub account_id: String,
}

impl From<&Account> for AccountErased {
    fn from(account: &Account) -> Self {
        Self {
            account_id: account.id.to_string(),
        }
    }
}

fn link_of(account: &Account) -> Option<LinkBody> {
    let purpose = account.last.mails()?;
    let link = account.link(purpose);
    Some(LinkBody {
        purpose: purpose.name().to_owned(),
        number: link.number,
        ends_at: link.ends_at(purpose)?,
    })
}

/// `cartwright.note.taken.v1`: what somebody did, or was refused, of which no other event tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteTaken {
    /// What: `session.began`, `GET /api/v1/admin/orders` …
    pub action: String,
    /// With which object: `{kind}/{id}`.
    pub object: String,
    /// Why it was refused; absent where it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// `cartwright.*.skipped.v1`: an event that somebody decided shall not be applied. It has that
/// event's place and id, and no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSkipped {
    /// The order.
    pub order_id: String,
    /// Type of the event whose place it takes.
    pub instead_of: String,
}
