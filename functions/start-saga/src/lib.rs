//! Starts the saga of each order that was placed.
//!
//! | | |
//! |---|---|
//! | trigger | stream of the orders table, inserts only |
//! | reads | the new image: the order as it was placed |
//! | writes | nothing |
//! | emits | executions of the order saga |
//! | fails with | Unavailable; the stream sends the record again, and after three minutes the sweeper has the order |
//! | safe to repeat because | the execution's name is order and epoch: started before is success |

use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::{StartError, StartSaga};
use dynamo_store::outbox::{UndecodableImage, from_stream_json, placed_order};
use lambda_boot::stream::{Change, Failed, Record};
use lambda_boot::{ConfigError, Env, StreamFailure};
use tracing::error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The order saga.
    pub saga: String,
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
        let failure = read.parsed("STREAM_FAILURE");
        read.finish(|| {
            Some(Self {
                saga: saga?,
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

/// Starts the sagas of a batch. One that fails stops no other; those after it are sent again
/// with it and found started. An image that cannot be read is parked: sending it again would hold
/// the stream up.
pub async fn handle(saga: &impl StartSaga, records: Vec<Record>) -> Vec<Failed<StartSagaError>> {
    let mut failed = Vec::new();
    for record in records
        .iter()
        .filter(|record| record.change == Change::Insert)
    {
        match start(saga, record).await {
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
        "left to the sweeper: its saga cannot be started"
    );
}

async fn start(saga: &impl StartSaga, record: &Record) -> Result<(), StartSagaError> {
    let Some(image) = &record.new_image else {
        return Ok(());
    };
    match placed_order(from_stream_json(image.clone())?)? {
        Some(order) => Ok(saga.start_saga(&order).await?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
