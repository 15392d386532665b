//! Brings the schema up to date. Done by a person or a deployment, never by a function.

use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection, SqlSafeStr};
use thiserror::Error;

use crate::AnalyticsDb;

/// Number and name of each migration, and its statements. Append only: what was run is not changed.
const MIGRATIONS: [(i64, &str, &str); 7] = [
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
];
/// Who migrates holds this lock of the server.
const LOCK: i64 = 0x6361_7274_7772;
/// Limits of a migration, in milliseconds: none of its own; a minute for others to get out of the way.
const LIMITS: [(&str, &str); 2] = [("statement_timeout", "0"), ("lock_timeout", "60000")];
/// Where the server keeps what was run.
const TABLE: &str = "_sqlx_migrations";

/// Why the schema is not up to date.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// The server is away, or refused.
    #[error("the database did not answer")]
    Database(#[from] sqlx::Error),
    /// A migration failed, or what was run is not what is here.
    #[error("the schema cannot be brought up to date")]
    Schema(#[from] sqlx::migrate::MigrateError),
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
        let mut connection = options.connect().await?;
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
