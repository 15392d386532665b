//! Settles and ends orders for the saga, and tells recovery what to do with one.
//!
//! | | |
//! |---|---|
//! | trigger | steps of the order saga and of recovery |
//! | reads, writes | the orders table |
//! | emits | `order.*`, through the table's stream |
//! | fails with | Superseded, OrderMissing, WrongDecision, Conflict |
//! | safe to repeat because | the first decision holds, ends are terminal, and every write is conditional on the version read |

mod failure;

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::{
    CloseOutcome, Decided, DecisionBody, DueRefund, Look, OrderSagaInput, OrdersAnswer, OrdersStep,
    Restarted, Status, Want,
};
use domain::ports::{ChangeError, Load, Save, change};
use domain::recovery::{Act, ROUNDS_BEFORE_FLAG, Round, next_round};
use domain::{
    Aggregate, Decision, Epoch, Order, OrderCommand, OrderId, OrderRejection, OrderState, Refund,
    RefundId,
};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The orders table.
    pub table: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("ORDERS_TABLE");
        read.finish(|| Some(Self { table: table? }))
    }
}

/// What the function needs of the orders.
pub trait Orders: Load<Order> + Save<Order> {}
impl<S: Load<Order> + Save<Order>> Orders for S {}

/// Why a step was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The command cannot be read.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// There is no such order.
    #[error("there is no such order")]
    Missing,
    /// The command does not follow from what the caller read.
    #[error("not after what was read")]
    WrongDecision,
    /// The order is not pending any more; look again.
    #[error("the order is {0} by now")]
    Settled(&'static str),
    /// The order refused.
    #[error(transparent)]
    Order(#[from] OrderRejection),
}

impl EdgeError for Refusal {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::Missing => ErrorName::OrderMissing,
            Self::WrongDecision => ErrorName::WrongDecision,
            Self::Settled(_) => ErrorName::Conflict,
            Self::Order(error) => error.name(),
        }
    }
}

/// Why a step was not done.
pub type OrdersError = ChangeError<Refusal>;

/// Carries out one step.
///
/// # Errors
/// [`OrdersError`].
pub async fn handle(
    orders: &impl Orders,
    now: Timestamp,
    step: OrdersStep,
) -> Result<OrdersAnswer, OrdersError> {
    match step {
        OrdersStep::Decide {
            order_id,
            epoch,
            want,
            failure,
        } => {
            let epoch = Epoch(epoch);
            let command = match want {
                Want::Charging => OrderCommand::DecideCharging { epoch },
                Want::Unwinding => OrderCommand::DecideUnwinding {
                    epoch,
                    failure: failure::of(failure.as_ref()),
                },
            };
            settle(orders, now, OrderId(order_id), &command).await
        }
        OrdersStep::UnwindClosed {
            order_id,
            epoch,
            outcome,
        } => {
            if outcome != CloseOutcome::Closed {
                return Err(ChangeError::Rejected(Refusal::WrongDecision));
            }
            let command = OrderCommand::UnwindClosed {
                epoch: Epoch(epoch),
            };
            settle(orders, now, OrderId(order_id), &command).await
        }
        OrdersStep::Complete {
            order_id,
            epoch,
            decision,
        } => {
            after(decision, DecisionBody::Charging)?;
            let command = OrderCommand::Complete {
                epoch: Epoch(epoch),
            };
            end(orders, now, OrderId(order_id), &command).await
        }
        OrdersStep::Fail {
            order_id,
            epoch,
            decision,
        } => {
            after(decision, DecisionBody::Unwinding)?;
            let command = OrderCommand::Fail {
                epoch: Epoch(epoch),
            };
            end(orders, now, OrderId(order_id), &command).await
        }
        OrdersStep::Look {
            order_id,
            epoch,
            tries,
        } => look(orders, now, OrderId(order_id), Epoch(epoch), tries).await,
        OrdersStep::Restart { order_id, epoch } => {
            restart(orders, now, OrderId(order_id), Epoch(epoch)).await
        }
        OrdersStep::RecordRefund {
            order_id,
            refund_id,
        } => record_refund(orders, now, OrderId(order_id), &refund_id).await,
    }
}

fn after(decision: DecisionBody, needed: DecisionBody) -> Result<(), OrdersError> {
    let read = decision.require(needed);
    read.map_err(|_| ChangeError::Rejected(Refusal::WrongDecision))
}

async fn execute(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    command: &OrderCommand,
) -> Result<Order, OrdersError> {
    let decide = |found: Option<Order>| -> Result<Order, Refusal> {
        let mut order = found.ok_or(Refusal::Missing)?;
        order.execute(command, now)?;
        Ok(order)
    };
    change(orders, &order_id, decide).await
}

/// Answers with the decision that holds, whichever was asked for.
async fn settle(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    command: &OrderCommand,
) -> Result<OrdersAnswer, OrdersError> {
    let order = execute(orders, now, order_id, command).await?;
    let decision = order.decision().unwrap_or(Decision::Ended).into();
    Ok(OrdersAnswer::Decided(Decided { decision }))
}

async fn end(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    command: &OrderCommand,
) -> Result<OrdersAnswer, OrdersError> {
    let order = execute(orders, now, order_id, command).await?;
    let status = order.state.name().to_owned();
    Ok(OrdersAnswer::Status(Status { status }))
}

async fn record_refund(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    refund_id: &str,
) -> Result<OrdersAnswer, OrdersError> {
    let id = RefundId::parse(refund_id);
    let id = id.map_err(|error| ChangeError::Rejected(Refusal::Input(error.into())))?;
    end(orders, now, order_id, &OrderCommand::RecordRefunded { id }).await
}

async fn look(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    epoch: Epoch,
    tries: u32,
) -> Result<OrdersAnswer, OrdersError> {
    let decide = |found: Option<Order>| -> Result<Order, Refusal> {
        let mut order = found.ok_or(Refusal::Missing)?;
        if !order.is_at_rest() {
            let round = next_round(&order, tries, now);
            order.look_again_at(epoch, round.next_look(now))?;
            if round.flag {
                order.execute(&OrderCommand::Flag { epoch }, now)?;
            }
        }
        Ok(order)
    };
    let order = change(orders, &order_id, decide).await?;
    if order.needs_attention && tries == ROUNDS_BEFORE_FLAG {
        // The field is what the alarm looks for.
        error!(needs_attention = true, order.id = %order_id, "a person must look");
    }
    let look = look_answer(&order, next_round(&order, tries, now));
    Ok(OrdersAnswer::Look(Box::new(look)))
}

/// A failed order is undone once more as what it was: unwinding.
fn look_answer(order: &Order, round: Round) -> Look {
    let decision = match &order.state {
        OrderState::Pending => "none",
        OrderState::Charging { .. } => "charging",
        OrderState::Unwinding { .. } | OrderState::Failed { .. } | OrderState::Cancelled => {
            "unwinding"
        }
        OrderState::Confirmed { .. }
        | OrderState::Shipped { .. }
        | OrderState::Delivered { .. }
        | OrderState::Refunded { .. } => "ended",
    };
    Look {
        status: order.state.name().to_owned(),
        act: round.act.name().to_owned(),
        decision: decision.to_owned(),
        wait_seconds: round.wait_seconds,
        refund: order.refund_due().map(|refund| due(order, &refund)),
    }
}

fn due(order: &Order, refund: &Refund) -> DueRefund {
    let lines = order.stock_of(&refund.lines);
    DueRefund {
        refund_id: refund.id.to_string(),
        amount: refund.amount.into(),
        lines: lines.iter().map(Into::into).collect(),
        goods: refund.goods.name().to_owned(),
    }
}

/// A repeat after a lost answer finds the new epoch made already and answers with it: the saga
/// it starts has the same name.
async fn restart(
    orders: &impl Orders,
    now: Timestamp,
    order_id: OrderId,
    epoch: Epoch,
) -> Result<OrdersAnswer, OrdersError> {
    let decide = |found: Option<Order>| -> Result<Order, Refusal> {
        let mut order = found.ok_or(Refusal::Missing)?;
        if order.state != OrderState::Pending {
            return Err(Refusal::Settled(order.state.name()));
        }
        if order.epoch != epoch.next() {
            let round = Round {
                act: Act::Restart,
                wait_seconds: 0,
                flag: false,
            };
            order.take_over(epoch, round.next_look(now))?;
        }
        Ok(order)
    };
    let order = change(orders, &order_id, decide).await?;
    Ok(OrdersAnswer::Restarted(Box::new(Restarted {
        epoch: order.epoch.0,
        saga: OrderSagaInput::from(&order),
    })))
}

#[cfg(test)]
mod tests;
