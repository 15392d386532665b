//! A schema for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use analytics_db::AnalyticsDb;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use testkit::must;

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
    let mut server = must(PgConnection::connect(&server()).await);
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
