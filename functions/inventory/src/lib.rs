//! Reserves, releases, commits, extends and takes back the stock of an order.
//!
//! | | |
//! |---|---|
//! | trigger | steps of the order saga and of recovery |
//! | reads, writes | the inventory table: stock and leases |
//! | emits | `lease.*`, `stock.changed`, through the table's stream |
//! | fails with | OutOfStock, UnknownSku, LeaseEnded, LeaseSold, LeaseMissing, NotSold, WrongDecision |
//! | safe to repeat because | the lease is keyed by the order and ends in a terminal record; stock moves in the transaction that changes the lease |

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::{
    DecisionBody, Done, InventoryStep, WrongDecision, parse_lines, parse_traceparent,
};
use domain::ports::{ChangeError, HoldError, HoldStock, Load, Save, change};
use domain::{Aggregate, Lease, LeaseCommand, LeaseRejection, OrderId, RefundId, TenantId};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The inventory table.
    pub table: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("INVENTORY_TABLE");
        read.finish(|| Some(Self { table: table? }))
    }
}

/// What the function needs of the stock.
pub trait Stock: Load<Lease> + Save<Lease> + HoldStock {}
impl<S: Load<Lease> + Save<Lease> + HoldStock> Stock for S {}

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// The command cannot be read.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// The command does not follow from the decision that it carries.
    #[error(transparent)]
    Decision(#[from] WrongDecision),
    /// The lease refused.
    #[error(transparent)]
    Lease(#[from] LeaseRejection),
    /// The lease could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError<LeaseRejection>),
    /// Stock and lease could not be moved.
    #[error(transparent)]
    Hold(#[from] HoldError),
}

impl EdgeError for InventoryError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::Decision(_) => ErrorName::WrongDecision,
            Self::Lease(error) => error.name(),
            Self::Change(error) => error.name(),
            Self::Hold(error) => error.name(),
        }
    }
}

/// Carries out one step.
///
/// # Errors
/// [`InventoryError`].
pub async fn handle(
    stock: &impl Stock,
    now: Timestamp,
    step: InventoryStep,
) -> Result<Done, InventoryError> {
    match step {
        InventoryStep::Reserve {
            order_id,
            tenant,
            traceparent,
            lines,
        } => {
            let command = LeaseCommand::Reserve {
                tenant: TenantId::parse(&tenant).map_err(BadInput::from)?,
                traceparent: parse_traceparent(&traceparent),
                lines: parse_lines(&lines).map_err(BadInput::from)?,
            };
            let reserve = |lease: &mut Lease| lease.reserve(command.clone(), now);
            move_stock(stock, OrderId(order_id), None, now, reserve).await?;
        }
        InventoryStep::Release { order_id, decision } => {
            decision.require(DecisionBody::Unwinding)?;
            let order_id = OrderId(order_id);
            let release = |lease: &mut Lease| lease.execute(&LeaseCommand::Release, now);
            let found = current(stock, order_id, None).await?;
            move_stock(stock, order_id, found, now, release).await?;
        }
        InventoryStep::Commit { order_id, decision } => {
            decision.require(DecisionBody::Charging)?;
            let commit = |lease: &mut Lease| lease.execute(&LeaseCommand::Commit, now);
            change_lease(stock, OrderId(order_id), commit).await?;
        }
        InventoryStep::Extend { order_id } => {
            let extend = |lease: &mut Lease| {
                lease.extend(now);
                Ok(())
            };
            change_lease(stock, OrderId(order_id), extend).await?;
        }
        InventoryStep::Restock {
            order_id,
            refund_id,
            lines,
        } => {
            let command = LeaseCommand::Restock {
                id: RefundId::parse(&refund_id).map_err(BadInput::from)?,
                lines: parse_lines(&lines).map_err(BadInput::from)?,
            };
            let order_id = OrderId(order_id);
            let restock = |lease: &mut Lease| lease.execute(&command, now);
            let found = current(stock, order_id, None).await?;
            move_stock(stock, order_id, found, now, restock).await?;
        }
    }
    Ok(Done {})
}

/// How often a change is decided anew after a conflict.
const ROUNDS: u32 = 8;

/// Decides on a lease and moves it together with its stock, from what the caller has in hand:
/// nothing for a lease that is most likely new, which saves the read.
async fn move_stock(
    stock: &impl Stock,
    order_id: OrderId,
    mut found: Option<Lease>,
    now: Timestamp,
    act: impl Fn(&mut Lease) -> Result<(), LeaseRejection>,
) -> Result<(), InventoryError> {
    for _ in 0..ROUNDS {
        let mut lease = found.unwrap_or_else(|| Lease::none(order_id));
        act(&mut lease)?;
        let moved = if lease.gives_back() {
            stock.give_back(lease, now).await
        } else {
            stock.hold(lease, now).await
        };
        found = match moved {
            Ok(_) => return Ok(()),
            Err(HoldError::Conflict(stored)) => current(stock, order_id, stored).await?,
            Err(error) => return Err(error.into()),
        };
    }
    Err(ChangeError::Contended.into())
}

async fn current(
    stock: &impl Stock,
    order_id: OrderId,
    known: Option<Box<Lease>>,
) -> Result<Option<Lease>, InventoryError> {
    match known {
        Some(lease) => Ok(Some(*lease)),
        None => Ok(stock.load(&order_id).await.map_err(HoldError::Store)?),
    }
}

async fn change_lease(
    stock: &impl Stock,
    order_id: OrderId,
    act: impl Fn(&mut Lease) -> Result<(), LeaseRejection>,
) -> Result<(), InventoryError> {
    let decide = |found: Option<Lease>| {
        let mut lease = found.unwrap_or_else(|| Lease::none(order_id));
        act(&mut lease).map(|()| lease)
    };
    change(stock, &order_id, decide).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
