//! Starts the saga of each order that was placed, and recovery of each whose money is to go back.
//!
//! | | |
//! |---|---|
//! | trigger | stream of the orders table: inserts, and changes of orders with a refund that is due |
//! | reads | the images: the order as it was placed, or what a refund was granted to |
//! | writes | nothing |
//! | emits | executions of the order saga and of recovery |
//! | fails with | Unavailable; the stream sends the record again, and later the sweeper has the order |
//! | safe to repeat because | the execution's name is order and epoch, with the number of the refund: started before is success |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::Order;
use domain::ports::{StartError, StartRecovery, StartSaga};
use dynamo_store::outbox::{UndecodableImage, from_stream_json, order_in};
use lambda_boot::stream::{Change, Failed, Record};
use lambda_boot::{ConfigError, Env, StreamFailure};
use serde_json::Value;
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The order saga.
    pub saga: String,
    /// The recovery machine.
    pub recovery: String,
    /// How a failed record is told.
    pub failure: StreamFailure,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let saga = read.text("SAGA_ARN");
        let recovery = read.text("RECOVERY_ARN");
        let failure = read.parsed("STREAM_FAILURE");
        read.finish(|| {
            Some(Self {
                saga: saga?,
                recovery: recovery?,
                failure: failure?,
            })
        })
    }
}

/// Why a saga was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartSagaError {
    /// The image is no order.
    #[error(transparent)]
    Image(#[from] UndecodableImage),
    /// The workflow service did not start it.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl EdgeError for StartSagaError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Image(_) => ErrorName::BadInput,
            Self::Start(error) => error.name(),
        }
    }
}

/// Starts what a batch asks for. One that fails stops no other; those after it are sent again
/// with it and found started. An image that cannot be read is parked: sending it again would hold
/// the stream up.
pub async fn handle(
    saga: &impl StartSaga,
    recovery: &impl StartRecovery,
    records: Vec<Record>,
) -> Vec<Failed<StartSagaError>> {
    let mut failed = Vec::new();
    for record in &records {
        let started = match record.change {
            Change::Insert => start(saga, record).await,
            Change::Modify => refund(recovery, record).await,
            Change::Remove => Ok(()),
        };
        match started {
            Ok(()) => {}
            Err(never @ StartSagaError::Image(_)) => park(record, &never),
            Err(error) => failed.push(record.failed(error)),
        }
    }
    failed
}

/// The field is what the alarm looks for.
fn park(record: &Record, why: &(dyn std::error::Error + 'static)) {
    let what = record.keys.to_string();
    error!(
        parked = true,
        what,
        error = why,
        "left to the sweeper: nothing can be started for it"
    );
}

async fn start(saga: &impl StartSaga, record: &Record) -> Result<(), StartSagaError> {
    match order_of(record.new_image.as_ref())? {
        Some(order) => Ok(saga.start_saga(&order).await?),
        None => Ok(()),
    }
}

/// Once per refund: changes while it is carried out start nothing.
async fn refund(recovery: &impl StartRecovery, record: &Record) -> Result<(), StartSagaError> {
    let Some(order) = order_of(record.new_image.as_ref())? else {
        return Ok(());
    };
    let before = order_of(record.old_image.as_ref())?;
    let known = before.map_or(0, |order| order.refunds().len());
    let granted = order.refunds().len();
    if order.refund_due().is_none() || granted == known {
        return Ok(());
    }
    let occasion = format!("refund-{granted}");
    recovery
        .start_recovery(order.facts.id, order.epoch, Some(&occasion))
        .await?;
    Ok(())
}

fn order_of(image: Option<&Value>) -> Result<Option<Order>, UndecodableImage> {
    match image {
        Some(image) => order_in(from_stream_json(image.clone())?),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
