//! One statement, and the end of the wait for its answer. The server has a limit too, but a host that is
//! gone without a word keeps nobody's limits.

use std::time::Duration;

use domain::ports::{Cause, StoreError};
use futures::TryStreamExt;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Error, Postgres};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::AnalyticsDb;
use crate::answer::classify;

/// A statement with its parameters.
pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// Longest wait for an answer: longer than the server works on one, and with the wait for a connection
/// shorter than any function may take.
pub(crate) const ANSWERED_WITHIN: Duration = Duration::from_secs(4);

impl AnalyticsDb {
    /// Runs a statement, and gives what rows it has.
    ///
    /// # Errors
    /// [`StoreError`]; unavailable also where no answer came in time.
    pub(crate) async fn ask(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, StoreError> {
        let mut lent = Lent::of(self).await?;
        let answer = timeout(self.answered_within, statement.fetch_all(lent.get()?)).await;
        let answer = answer.map_err(late)?;
        lent.give_back();
        answer.map_err(classify)
    }
}

impl AnalyticsDb {
    /// Runs one statement as it is, outside of any transaction. Nothing in it came from outside.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn run(&self, statement: String) -> Result<(), StoreError> {
        let mut lent = Lent::of(self).await?;
        let run = sqlx::raw_sql(AssertSqlSafe(statement)).execute(lent.get()?);
        let answer = timeout(self.answered_within, run).await;
        let answer = answer.map_err(late)?;
        lent.give_back();
        answer.map(drop).map_err(classify)
    }

    /// Everything that a statement `COPY … TO STDOUT` gives. Nothing in it came from outside.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn copy_out(&self, statement: &str) -> Result<Vec<u8>, StoreError> {
        let mut lent = Lent::of(self).await?;
        let copy = async {
            let mut rows = lent
                .get()?
                .copy_out_raw(statement)
                .await
                .map_err(classify)?;
            let mut bytes = Vec::new();
            while let Some(some) = rows.try_next().await.map_err(classify)? {
                bytes.extend_from_slice(&some);
            }
            Ok(bytes)
        };
        let bytes = timeout(self.answered_within, copy).await.map_err(late)??;
        lent.give_back();
        Ok(bytes)
    }
}

/// There was no answer in time.
pub(crate) fn late(_: Elapsed) -> StoreError {
    StoreError::Unavailable(Cause("no answer in time".into()))
}

/// A connection that goes back to the pool only once it has answered. One that is dropped before, because
/// the time is over or nobody waits any more, is closed and leaves its place to a new one: the pool would
/// wait for its answer, without a limit.
pub(crate) struct Lent(Option<PoolConnection<Postgres>>);

impl Lent {
    pub(crate) async fn of(database: &AnalyticsDb) -> Result<Self, StoreError> {
        let connection = database.pool.acquire().await.map_err(classify)?;
        Ok(Self(Some(connection)))
    }

    pub(crate) fn get(&mut self) -> Result<&mut PgConnection, StoreError> {
        let connection = self.0.as_deref_mut();
        connection.ok_or_else(|| classify(Error::PoolClosed))
    }

    pub(crate) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}
