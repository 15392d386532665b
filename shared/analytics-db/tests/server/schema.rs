//! A schema for one test.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use analytics_db::AnalyticsDb;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use testkit::must;

/// How often is looked whether somebody waits: each look is an answer of the server.
const LOOKS: u32 = 20_000;

/// The address of the server.
pub(crate) fn server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the server is comes from whoever started it"
    )]
    let url = std::env::var("DATABASE_URL");
    url.unwrap_or_else(|_| panic!("DATABASE_URL is not set: `make test` sets it"))
}

/// Runs statements on the server as they are.
pub(crate) async fn run(statements: &str) {
    run_at(&server(), statements).await;
}

/// Runs statements in a schema.
pub(crate) async fn run_at(url: &str, statements: &str) {
    let mut server = must(PgConnection::connect(url).await);
    must(server.execute(AssertSqlSafe(statements)).await);
    must(server.close().await);
}

/// The database with an empty schema, and the address that leads there.
pub(crate) async fn empty(name: &str) -> (AnalyticsDb, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("test_{name}_{number}");
    run(&format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"
    ))
    .await;
    let url = format!("{}?options=-c%20search_path%3D{schema}", server());
    (must(AnalyticsDb::connect(&url)), url)
}

/// The database with a schema that is up to date and has nothing in it.
pub(crate) async fn fresh(name: &str) -> AnalyticsDb {
    let (database, _) = empty(name).await;
    must(database.migrate().await);
    database
}

/// Brings a schema to a version that is not the newest, as it was brought there then.
pub(crate) async fn migrate_to(version: i64, url: &str) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    let migrations = must(Migrator::new(folder).await);
    let mut connection = must(PgConnection::connect(url).await);
    must(
        migrations
            .run_direct(Some(version), &mut connection, false)
            .await,
    );
    must(connection.close().await);
}

/// The process that works for a connection.
pub(crate) async fn process_of(connection: &mut PgConnection) -> i32 {
    let row = must(connection.fetch_one("SELECT pg_backend_pid()").await);
    must(row.try_get(0))
}

/// The process that waits for a lock which another one holds, once there is one.
pub(crate) async fn who_waits_for(holder: i32) -> i32 {
    let waits = format!(
        "SELECT pid FROM pg_locks WHERE NOT granted AND {holder} = ANY (pg_blocking_pids(pid))"
    );
    let mut server = must(PgConnection::connect(&server()).await);
    for _ in 0..LOOKS {
        let rows = must(server.fetch_all(AssertSqlSafe(waits.as_str())).await);
        if let Some(row) = rows.first() {
            must(server.close().await);
            return must(row.try_get(0));
        }
    }
    panic!("nobody waits for {holder}");
}
