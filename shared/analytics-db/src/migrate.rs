//! Brings the schema up to date. Done by a person or a deployment, never by a function.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection, SqlSafeStr};
use thiserror::Error;
use tokio::time::timeout;

use crate::AnalyticsDb;
use crate::answer::passes;

/// Number and name of each migration, and its statements. Append only: what was run is not changed.
const MIGRATIONS: [(i64, &str, &str); 9] = [
    (1, "search", include_str!("../migrations/0001_search.sql")),
    (
        2,
        "notifications",
        include_str!("../migrations/0002_notifications.sql"),
    ),
    (3, "sales", include_str!("../migrations/0003_sales.sql")),
    (4, "events", include_str!("../migrations/0004_events.sql")),
    (5, "archive", include_str!("../migrations/0005_archive.sql")),
    (6, "facts", include_str!("../migrations/0006_facts.sql")),
    (7, "roles", include_str!("../migrations/0007_roles.sql")),
    (8, "figures", include_str!("../migrations/0008_figures.sql")),
    (9, "recount", include_str!("../migrations/0009_recount.sql")),
];
/// Who migrates holds this lock of the server.
const LOCK: i64 = 0x6361_7274_7772;
/// Longest wait for the connection. Nobody waits for the answer, but somebody deploys.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);
/// Limits of a migration, in milliseconds: none of its own; a minute for others to get out of the way.
const LIMITS: [(&str, &str); 2] = [("statement_timeout", "0"), ("lock_timeout", "60000")];
/// Where the server keeps what was run.
const TABLE: &str = "_sqlx_migrations";

/// Why the schema is not up to date.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The server is away, refused, was lost on the way, or gave no lock in time: the same may succeed later.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or what was run is not what is here.
    #[error("the schema cannot be brought up to date")]
    Schema(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::migrate::MigrateError> for MigrateError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) if passes(&error) => Self::Database(error),
            other => Self::Schema(other),
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations that were run now, in order.
    pub run: Vec<String>,
    /// The number of the last one, which is the version of the schema.
    pub version: i64,
}

impl AnalyticsDb {
    /// Runs what was not run yet, each in a transaction of its own. Two at once wait for each other,
    /// and the second finds nothing to do.
    ///
    /// # Errors
    /// [`MigrateError`]; what was run before the error stays.
    pub async fn migrate(&self) -> Result<Migrated, MigrateError> {
        let options = self.pool.connect_options();
        let options = (*options).clone().options(LIMITS);
        let connected = timeout(CONNECTED_WITHIN, options.connect()).await;
        let too_late = |_| sqlx::Error::Io(ErrorKind::TimedOut.into());
        let mut connection = connected.map_err(too_late)??;
        lock(&mut connection).await?;
        let before = applied(&mut connection).await?;
        Migrator::with_migrations(all())
            .run_direct(None, &mut connection, false)
            .await?;
        // The lock ends with the connection.
        connection.close().await?;
        let new = MIGRATIONS
            .iter()
            .filter(|(number, ..)| !before.contains(number));
        Ok(Migrated {
            run: new.map(|(_, name, _)| (*name).to_owned()).collect(),
            version: MIGRATIONS.last().map_or(0, |(number, ..)| *number),
        })
    }
}

async fn lock(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK);
    lock.execute(connection).await.map(drop)
}

async fn applied(connection: &mut PgConnection) -> Result<Vec<i64>, MigrateError> {
    connection.ensure_migrations_table(TABLE).await?;
    let applied = connection.list_applied_migrations(TABLE).await?;
    Ok(applied.iter().map(|migration| migration.version).collect())
}

fn all() -> Vec<Migration> {
    let migration = |(number, name, sql): &(i64, &'static str, &'static str)| {
        let sql = (*sql).into_sql_str();
        Migration::new(*number, (*name).into(), MigrationType::Simple, sql, false)
    };
    MIGRATIONS.iter().map(migration).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of the checksum of each. Whoever changes what was run gets no further on any server
    /// where it was run: add a migration instead, and a line here.
    const CHECKSUMS: [&str; 9] = [
        "7f97a092ededc100",
        "64c017332f1c4ee3",
        "805691288c65c0b0",
        "47c394a8562248b4",
        "284cb894eb074549",
        "23254f422989cfaa",
        "15e43070d3436553",
        "6df6d9203f5623a6",
        "2da1ca1266b63cc5",
    ];

    #[test]
    fn what_was_run_is_not_changed() {
        let beginning = |migration: &Migration| {
            let bytes = migration.checksum.iter().take(8);
            bytes.map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let checksums: Vec<_> = all().iter().map(beginning).collect();
        assert_eq!(checksums, CHECKSUMS);
    }

    #[test]
    fn what_passes_is_no_failure_of_the_schema() {
        use sqlx::migrate::MigrateError as Failed;
        let lost = || sqlx::Error::Io(ErrorKind::ConnectionReset.into());
        for failed in [Failed::Execute(lost()), Failed::ExecuteMigration(lost(), 7)] {
            let failed = MigrateError::from(failed);
            assert!(matches!(failed, MigrateError::Database(_)), "{failed:?}");
        }
        let absent = Failed::ExecuteMigration(sqlx::Error::RowNotFound, 7);
        for failed in [absent, Failed::VersionMismatch(7)] {
            let failed = MigrateError::from(failed);
            assert!(matches!(failed, MigrateError::Schema(_)), "{failed:?}");
        }
    }
}
