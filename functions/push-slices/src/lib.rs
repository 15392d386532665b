//! Says into one slice of a group's sockets what the group is told. The slices of one message are worked
//! on beside each other, five at first: 5,000 sockets are 16 invocations with some 310 posts each.
//!
//! | | |
//! |---|---|
//! | trigger | queue of slices, from `push-updates` |
//! | reads | the realtime table: one row of sockets |
//! | writes | the realtime table: takes out of that row what is gone |
//! | emits | frames into sockets |
//! | fails with | BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | a frame has the number of its notification, by which clients drop what they have |

use std::time::Duration;

use contracts::InvalidBody;
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::sockets::SliceBody;
use domain::ports::{PostToSockets, ReadSlices, StoreError};
use lambda_boot::{Clock, ConfigError, Env};
use sockets::Rounds;
use thiserror::Error;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The realtime table.
    pub realtime: String,
    /// The stage of the WebSocket API, `https://…`.
    pub sockets: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let realtime = read.text("REALTIME_TABLE");
        let sockets = read.text("SOCKETS_STAGE");
        read.finish(|| {
            Some(Self {
                realtime: realtime?,
                sockets: sockets?,
            })
        })
    }
}

/// What the function works with.
#[derive(Debug)]
pub struct App<S, P> {
    /// Rows of sockets.
    pub sockets: S,
    /// Where sockets are posted to.
    pub gateway: P,
    /// The time.
    pub clock: Clock,
    /// Before what went wrong is posted once more.
    pub pause: Duration,
}

/// Why a slice goes back to the queue.
#[derive(Debug, Error)]
pub enum SliceError {
    /// Not what `push-updates` sends.
    #[error("no slice of a group")]
    Input(#[from] InvalidBody),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for SliceError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(_) => ErrorName::BadInput,
            Self::Store(error) => error.name(),
        }
    }
}

/// Posts to the sockets that are in the slice now, and takes those out that are gone.
///
/// # Errors
/// [`SliceError`]; the message goes back to the queue.
pub async fn handle<S: ReadSlices, P: PostToSockets>(
    app: &App<S, P>,
    slice: SliceBody,
) -> Result<(), SliceError> {
    let topic = slice.topic()?;
    let rounds = Rounds {
        gateway: &app.gateway,
        now: || app.clock.now(),
        pause: app.pause,
    };
    let known = app.sockets.sockets_in(&topic, slice.slice).await?;
    let gone = rounds.say(known, &slice.frame).await;
    if !gone.is_empty() {
        app.sockets.leave(&topic, &gone).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
