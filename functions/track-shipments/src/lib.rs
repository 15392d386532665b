//! Moves orders on with their parcels: shipped, delivered.
//!
//! | | |
//! |---|---|
//! | trigger | queue of shipment events |
//! | reads, writes | the orders table: the order, and the inbox of this consumer |
//! | emits | `order.shipped`, `order.delivered`, through the table's stream |
//! | fails with | Conflict (before the order is confirmed, or two events of a parcel at once), OrderMissing, Unavailable; the message goes back to the queue |
//! | safe to repeat because | the inbox takes each event once, in its turn, and the order only moves forward |

use consumer::{ConsumeError, consume};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType, InvalidEnvelope, ShipmentTracked};
use domain::ports::{ChangeError, Inbox, Load, Save, change};
use domain::{Aggregate, InvalidId, Order, OrderCommand, OrderId, TrackingNumber};
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
pub trait Orders: Load<Order> + Save<Order> + Inbox {}
impl<S: Load<Order> + Save<Order> + Inbox> Orders for S {}

/// Why the order did not move.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// There is no such order.
    #[error("there is no such order")]
    Missing,
    /// The parcel is ahead of the order: the event waits in the queue, and only its own parcel
    /// waits behind it.
    #[error("the order is still {0}")]
    Early(&'static str),
    /// The parcel left although the order had ended otherwise.
    #[error("the order is {0}")]
    Ended(&'static str),
}

impl EdgeError for Held {
    fn name(&self) -> ErrorName {
        match self {
            Self::Missing => ErrorName::OrderMissing,
            Self::Early(_) => ErrorName::Conflict,
            Self::Ended(_) => ErrorName::Internal,
        }
    }
}

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// The event is not what its type says.
    #[error(transparent)]
    Event(#[from] InvalidEnvelope),
    /// The subject is no order, or the number is none.
    #[error("an id in the event cannot be")]
    Id(#[from] InvalidId),
    /// The order could not be moved.
    #[error(transparent)]
    Order(#[from] ChangeError<Held>),
}

impl EdgeError for TrackError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) | Self::Id(_) => ErrorName::BadInput,
            Self::Order(error) => error.name(),
        }
    }
}

/// Takes one event in.
///
/// # Errors
/// [`ConsumeError`]; the message goes back to the queue.
pub async fn handle(
    orders: &impl Orders,
    event: Envelope,
    now: Timestamp,
) -> Result<(), ConsumeError<TrackError>> {
    let apply = async |event| apply(orders, &event).await;
    consume(orders, event, now, apply).await
}

async fn apply(orders: &impl Orders, event: &Envelope) -> Result<(), TrackError> {
    let Some(command) = command_of(event)? else {
        return Ok(());
    };
    let order_id = OrderId::parse(&event.subject)?;
    let decide = |found: Option<Order>| {
        let mut order = found.ok_or(Held::Missing)?;
        // It happened when the carrier had told it, not when the order hears of it.
        match order.execute(&command, event.time) {
            Ok(()) => Ok(order),
            Err(_) if order.state.is_ended() => Err(Held::Ended(order.state.name())),
            Err(_) => Err(Held::Early(order.state.name())),
        }
    };
    match change(orders, &order_id, decide).await {
        Ok(_) => Ok(()),
        Err(ChangeError::Rejected(Held::Ended(status))) => {
            // The field is what the alarm looks for.
            error!(
                needs_attention = true,
                order.id = %order_id,
                status,
                "a parcel is on its way that should not be"
            );
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// What the event says about the order; nothing for most.
fn command_of(event: &Envelope) -> Result<Option<OrderCommand>, TrackError> {
    match EventType::parse(&event.event_type) {
        Some(EventType::ShipmentHandedOver) => {
            let told: ShipmentTracked = event.data()?;
            let tracking = TrackingNumber::parse(&told.tracking_number)?;
            Ok(Some(OrderCommand::RecordShipped { tracking }))
        }
        Some(EventType::ShipmentDelivered) => Ok(Some(OrderCommand::RecordDelivered)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests;
