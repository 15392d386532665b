//! What instances share in Valkey, or Redis: answers that may be forgotten at any time. Whoever is not
//! answered soon goes on without, and asks again a few seconds later only, so that a server that is away
//! makes nobody slow.

use std::fmt;
use std::time::Duration;

use domain::ports::{Cause, ShareAnswers, StoreError};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, ExistenceCheck, FromRedisValue, RedisError,
    ServerErrorKind, SetExpiry, SetOptions,
};
use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

#[cfg(test)]
mod tests;

/// Until a connection stands.
const CONNECTED: Duration = Duration::from_millis(500);
/// Until a command is answered.
const ANSWERED: Duration = Duration::from_millis(200);
/// How long a server that failed is left alone.
const ALONE: Duration = Duration::from_secs(5);

/// The address is none.
#[derive(Debug, Error)]
#[error("no address of Valkey, such as rediss://user:password@host:6379")]
pub struct ConnectError(#[source] RedisError);

/// A server, and what all our names there begin with.
pub struct Valkey {
    client: Client,
    space: String,
    line: Mutex<Line>,
    /// How long it is left alone after a failure.
    alone: Duration,
}

/// The connection that is open, or since when none is to be tried.
enum Line {
    Closed,
    Open(MultiplexedConnection),
    Failed(Instant),
}

impl fmt::Debug for Valkey {
    /// Not the address: it has a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Valkey")
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

impl Valkey {
    /// The server at an address, and what names begin with there. No call is made yet.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(address: &str, space: &str) -> Result<Self, ConnectError> {
        Ok(Self {
            client: Client::open(address).map_err(ConnectError)?,
            space: space.to_owned(),
            line: Mutex::new(Line::Closed),
            alone: ALONE,
        })
    }

    fn name(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.space)
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        match timeout(ANSWERED, command.query_async(&mut connection)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if !ends_line(&error) => Err(StoreError::Broken(cause(&error))),
            Ok(Err(error)) => Err(self.failed(&error).await),
            Err(late) => Err(self.failed(&late).await),
        }
    }

    async fn connection(&self) -> Result<MultiplexedConnection, StoreError> {
        let mut line = self.line.lock().await;
        match &*line {
            Line::Open(connection) => return Ok(connection.clone()),
            Line::Failed(since) if since.elapsed() < self.alone => {
                let cause = Cause("left alone after a failure".to_owned());
                return Err(StoreError::Unavailable(cause));
            }
            Line::Closed | Line::Failed(_) => {}
        }
        let limits = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTED))
            .set_response_timeout(Some(ANSWERED));
        let opening = self
            .client
            .get_multiplexed_async_connection_with_config(&limits);
        // The library's limit is for the connection alone, not for the greeting.
        match timeout(CONNECTED, opening).await {
            Ok(Ok(connection)) => {
                *line = Line::Open(connection.clone());
                Ok(connection)
            }
            Ok(Err(error)) => {
                *line = Line::Failed(Instant::now());
                Err(StoreError::Unavailable(cause(&error)))
            }
            Err(late) => {
                *line = Line::Failed(Instant::now());
                Err(StoreError::Unavailable(cause(&late)))
            }
        }
    }

    /// The connection is of no use any more.
    async fn failed(&self, error: &impl fmt::Display) -> StoreError {
        *self.line.lock().await = Line::Failed(Instant::now());
        StoreError::Unavailable(cause(error))
    }
}

/// Whether another connection might help: this one is of no use, or leads to a server that is not the one any
/// more, or not yet. What a server refuses else, it refuses on any.
fn ends_line(error: &RedisError) -> bool {
    let is_elsewhere = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::ReadOnly | ServerErrorKind::Moved | ServerErrorKind::BusyLoading
        )
    );
    is_elsewhere
        || error.is_io_error()
        || error.is_timeout()
        || error.is_connection_dropped()
        || error.kind() == ErrorKind::Io
}

fn cause(error: &impl fmt::Display) -> Cause {
    Cause(error.to_string())
}

fn milliseconds(time: Duration) -> SetExpiry {
    let most = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    SetExpiry::PX(most.max(1))
}

impl ShareAnswers for Valkey {
    async fn answer(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(&Cmd::get(self.name("answer", name))).await
    }

    async fn keep_answer(
        &self,
        name: &str,
        answer: &[u8],
        kept: Duration,
    ) -> Result<(), StoreError> {
        let options = SetOptions::default().with_expiration(milliseconds(kept));
        self.ask(&Cmd::set_options(
            self.name("answer", name),
            answer,
            options,
        ))
        .await
    }

    async fn claim_answer(&self, name: &str, held: Duration) -> Result<bool, StoreError> {
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(milliseconds(held));
        let set: Option<String> = self
            .ask(&Cmd::set_options(self.name("claim", name), "", options))
            .await?;
        Ok(set.is_some())
    }
}
