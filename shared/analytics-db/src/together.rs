//! Statements that count together or not at all.

use domain::ports::StoreError;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;
use tokio::time::{Instant, timeout_at};

use crate::AnalyticsDb;
use crate::answer::classify;
use crate::ask::{Lent, Statement, late};

/// A transaction. Dropped before its end its connection is closed, and the server takes all of it back.
pub(crate) struct Together {
    lent: Lent,
    until: Instant,
}

impl AnalyticsDb {
    /// Begins one. All of it has to be answered in the time that
    /// one statement has.
    ///
    /// # Errors
    /// Unavailable.
    pub(crate) async fn together(&self) -> Result<Together, StoreError> {
        self.together_by("BEGIN").await
    }

    /// Begins one with a statement of its own.
    ///
    /// # Errors
    /// Unavailable.
    pub(crate) async fn together_by(&self, begin: &'static str) -> Result<Together, StoreError> {
        let mut begun = Together {
            lent: Lent::of(self).await?,
            until: Instant::now() + self.answered_within,
        };
        begun.ask(sqlx::query(begin)).await?;
        Ok(begun)
    }
}

impl Together {
    /// Runs a statement, and gives what rows it has.
    ///
    /// # Errors
    /// [`StoreError`]; it is of no use after one.
    pub(crate) async fn ask(&mut self, statement: Statement<'_>) -> Result<Vec<PgRow>, StoreError> {
        let answer = timeout_at(self.until, statement.fetch_all(self.lent.get()?)).await;
        answer.map_err(late)?.map_err(classify)
    }

    /// Writes rows in the server's own binary form: a statement `COPY … FROM STDIN (FORMAT binary)`, and
    /// what goes into it.
    ///
    /// # Errors
    /// [`StoreError`]; it is of no use after one.
    pub(crate) async fn copy(&mut self, statement: &str, rows: &[u8]) -> Result<(), StoreError> {
        let connection = self.lent.get()?;
        let copy = async {
            let mut copy = connection.copy_in_raw(statement).await?;
            copy.send(rows).await?;
            copy.finish().await
        };
        let answer = timeout_at(self.until, copy).await;
        answer.map_err(late)?.map(drop).map_err(classify)
    }

    /// Runs statements as they are, of which nothing came from outside.
    ///
    /// # Errors
    /// [`StoreError`]; it is of no use after one.
    pub(crate) async fn run(&mut self, statements: String) -> Result<(), StoreError> {
        let run = sqlx::raw_sql(AssertSqlSafe(statements)).execute(self.lent.get()?);
        let answer = timeout_at(self.until, run).await;
        answer.map_err(late)?.map(drop).map_err(classify)
    }

    /// Ends it. Where no answer comes it may have counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.ask(sqlx::query("COMMIT")).await?;
        self.lent.give_back();
        Ok(())
    }
}
