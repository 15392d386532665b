//! Commands of the saga steps and their answers. The state machines write the commands; each
//! carries the decision that was read, so that a service need not know the order.

use domain::{InvalidId, Order, Sku, StockLine, Traceparent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AddressBody, AmountBody, InvalidBody};

#[cfg(test)]
mod tests;

/// What was decided, as read from the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionBody {
    /// Go forward.
    Charging,
    /// Take back.
    Unwinding,
    /// Nothing is left to do.
    Ended,
}

impl From<domain::Decision> for DecisionBody {
    fn from(decision: domain::Decision) -> Self {
        match decision {
            domain::Decision::Charging => Self::Charging,
            domain::Decision::Unwinding => Self::Unwinding,
            domain::Decision::Ended => Self::Ended,
        }
    }
}

/// A command that does not follow from the decision it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not after the decision {0:?}")]
pub struct WrongDecision(pub DecisionBody);

impl DecisionBody {
    /// Steps act only on the decision that was read: forward after `charging`, back after
    /// `unwinding`.
    ///
    /// # Errors
    /// [`WrongDecision`] when it is another one.
    pub fn require(self, needed: Self) -> Result<(), WrongDecision> {
        if self == needed {
            Ok(())
        } else {
            Err(WrongDecision(self))
        }
    }
}

/// Pieces of one SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockLineBody {
    /// What.
    pub sku: String,
    /// How many.
    pub quantity: u32,
}

impl From<&StockLine> for StockLineBody {
    fn from(line: &StockLine) -> Self {
        Self {
            sku: line.sku.to_string(),
            quantity: line.quantity,
        }
    }
}

impl TryFrom<&StockLineBody> for StockLine {
    type Error = InvalidId;

    fn try_from(body: &StockLineBody) -> Result<Self, InvalidId> {
        Ok(Self {
            sku: Sku::parse(&body.sku)?,
            quantity: body.quantity,
        })
    }
}

/// Reads the lines of a command.
///
/// # Errors
/// [`InvalidBody`] for no lines, no pieces, and the first SKU that cannot be one.
pub fn parse_lines(lines: &[StockLineBody]) -> Result<Vec<StockLine>, InvalidBody> {
    if lines.is_empty() || lines.iter().any(|line| line.quantity == 0) {
        return Err(InvalidBody::at("/lines", "at least one piece each"));
    }
    let parsed: Result<_, InvalidId> = lines.iter().map(StockLine::try_from).collect();
    parsed.map_err(|error| InvalidBody::at("/lines", error))
}

/// Reads the trace of a command: a missing or malformed one is worth nothing, and no reason to
/// refuse the step.
pub fn parse_traceparent(text: &str) -> Option<Traceparent> {
    Traceparent::parse(text).ok()
}

/// Input of the order saga: a snapshot from which each task selects its part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderSagaInput {
    /// The order.
    pub order_id: Uuid,
    /// Whose shop.
    pub tenant: String,
    /// Who ordered.
    pub customer_id: String,
    /// The run's epoch.
    pub epoch: u32,
    /// Trace of the request; empty when there is none, because a path to a missing field fails.
    pub traceparent: String,
    /// What to hold and ship.
    pub lines: Vec<StockLineBody>,
    /// What to charge.
    pub amount: AmountBody,
    /// The provider's token.
    pub payment_method: String,
    /// Where to ship.
    pub ship_to: AddressBody,
}

impl From<&Order> for OrderSagaInput {
    fn from(order: &Order) -> Self {
        let facts = &order.facts;
        let line = |line: &domain::OrderLine| StockLineBody {
            sku: line.sku.to_string(),
            quantity: line.quantity,
        };
        Self {
            order_id: facts.id.0,
            tenant: facts.tenant.to_string(),
            customer_id: facts.customer.to_string(),
            epoch: order.epoch.0,
            traceparent: facts
                .traceparent
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            lines: facts.lines.iter().map(line).collect(),
            amount: facts.totals.total().into(),
            payment_method: facts.payment_method.clone(),
            ship_to: (&facts.ship_to).into(),
        }
    }
}

/// Input of the recovery machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryInput {
    /// The order.
    pub order_id: Uuid,
    /// The epoch in which recovery acts.
    pub epoch: u32,
    /// Rounds so far.
    pub tries: u32,
}

/// An error as a catch of the state machine hands it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CaughtError {
    /// Its name.
    pub error: String,
    /// For an error of a function: JSON with `errorMessage`. May be missing.
    #[serde(default)]
    pub cause: String,
}

/// What to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Want {
    /// Go forward.
    Charging,
    /// Take back.
    Unwinding,
}

/// How a close ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseOutcome {
    /// Every attempt is closed at the provider.
    Closed,
    /// The provider says captured: go forward.
    Captured,
}

/// Commands of the `inventory` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum InventoryStep {
    /// Hold all lines.
    Reserve {
        /// The order.
        order_id: Uuid,
        /// Whose shop.
        tenant: String,
        /// Trace of the order, or empty.
        traceparent: String,
        /// What to hold.
        lines: Vec<StockLineBody>,
    },
    /// Give them back.
    Release {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
    /// Sell them.
    Commit {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
    /// Promise them for longer.
    Extend {
        /// The order.
        order_id: Uuid,
    },
    /// Take pieces back that a refund brought.
    Restock {
        /// The order.
        order_id: Uuid,
        /// Which of its refunds, as read from the order.
        refund_id: String,
        /// What came back.
        lines: Vec<StockLineBody>,
    },
}

/// Commands of the `payments` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum PaymentsStep {
    /// Have the provider hold the amount.
    Authorise {
        /// The order.
        order_id: Uuid,
        /// Whose shop.
        tenant: String,
        /// Trace of the order, or empty.
        traceparent: String,
        /// How much.
        amount: AmountBody,
        /// The provider's token.
        payment_method: String,
    },
    /// Take it.
    Capture {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
    /// Let it go.
    Void {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
    /// Recovery's cancel of every attempt while the order is charging.
    Close {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
}

/// Commands of the `refunds` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RefundsStep {
    /// Give back some of what was captured.
    Refund {
        /// The order.
        order_id: Uuid,
        /// Which of its refunds, as read from the order.
        refund_id: String,
        /// How much.
        amount: AmountBody,
    },
}

/// Commands of the `shipping` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ShippingStep {
    /// Book the parcel.
    Create {
        /// The order.
        order_id: Uuid,
        /// Whose shop.
        tenant: String,
        /// Trace of the order, or empty.
        traceparent: String,
        /// Where to.
        ship_to: AddressBody,
        /// What is in it.
        lines: Vec<StockLineBody>,
    },
    /// Cancel it for good.
    Cancel {
        /// The order.
        order_id: Uuid,
        /// What was read.
        decision: DecisionBody,
    },
    /// Call the parcel of a confirmed order back, if the carrier does not have it yet.
    Recall {
        /// The order.
        order_id: Uuid,
        /// For which of its refunds, as read from the order.
        refund_id: String,
    },
}

/// Commands of the `orders` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrdersStep {
    /// Settle the order, or learn how it was settled.
    Decide {
        /// The order.
        order_id: Uuid,
        /// Epoch of the run.
        epoch: u32,
        /// What to decide.
        want: Want,
        /// Why, when it is to be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<CaughtError>,
    },
    /// Capture and commit were answered.
    Complete {
        /// The order.
        order_id: Uuid,
        /// Epoch of the run.
        epoch: u32,
        /// What was read.
        decision: DecisionBody,
    },
    /// Every undo was answered.
    Fail {
        /// The order.
        order_id: Uuid,
        /// Epoch of the run.
        epoch: u32,
        /// What was read.
        decision: DecisionBody,
    },
    /// Recovery reads the order and learns what to do.
    Look {
        /// The order.
        order_id: Uuid,
        /// Epoch in which recovery acts.
        epoch: u32,
        /// Rounds so far.
        tries: u32,
    },
    /// Make a new epoch for another run of the saga.
    Restart {
        /// The order.
        order_id: Uuid,
        /// Epoch in which recovery acts.
        epoch: u32,
    },
    /// Take back after all: every attempt was answered closed.
    UnwindClosed {
        /// The order.
        order_id: Uuid,
        /// Epoch in which recovery acts.
        epoch: u32,
        /// What the close answered.
        outcome: CloseOutcome,
    },
    /// The money of a refund went back, and its goods are where it says.
    RecordRefund {
        /// The order.
        order_id: Uuid,
        /// Which of its refunds.
        refund_id: String,
    },
}

/// Answer of a step that has nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {}

/// Answer of `decide` and `unwind-closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What holds.
    pub decision: DecisionBody,
}

/// Answer of `recall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recalled {
    /// Whether the goods are ours again; not where the carrier had the parcel already.
    pub returned: bool,
}

/// A refund that recovery carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueRefund {
    /// Which of the order's.
    pub refund_id: String,
    /// How much goes back.
    pub amount: AmountBody,
    /// Which pieces.
    pub lines: Vec<StockLineBody>,
    /// What becomes of them: `gone`, `restocked`, `recalled`.
    pub goods: String,
}

/// Answer of `complete`, `fail` and `record-refund`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The order's status.
    pub status: String,
}

/// Answer of `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// How it ended.
    pub outcome: CloseOutcome,
}

/// Answer of `look`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The order's status.
    pub status: String,
    /// What to do: `restart`, `unwind`, `capture`, `undo`, `refund`, `done`.
    pub act: String,
    /// What was read; `ended` orders that failed are undone as `unwinding`. A pending order has
    /// no decision to act on: `none`.
    pub decision: String,
    /// How long to wait before.
    pub wait_seconds: u16,
    /// What to give back; there where the act is `refund`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<DueRefund>,
}

/// Answer of `restart`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restarted {
    /// The new epoch.
    pub epoch: u32,
    /// Input of the saga.
    pub saga: OrderSagaInput,
}

/// Any answer of the `orders` function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OrdersAnswer {
    /// Of `decide` and `unwind-closed`.
    Decided(Decided),
    /// Of `complete`, `fail` and `record-refund`.
    Status(Status),
    /// Of `look`.
    Look(Box<Look>),
    /// Of `restart`.
    Restarted(Box<Restarted>),
}

/// Any answer of the `payments` function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PaymentsAnswer {
    /// Of `close`.
    Closed(Closed),
    /// Of all others.
    Done(Done),
}

/// Any answer of the `shipping` function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ShippingAnswer {
    /// Of `recall`.
    Recalled(Recalled),
    /// Of all others.
    Done(Done),
}
