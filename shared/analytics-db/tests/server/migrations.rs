//! Migrations run once, whoever runs them.

use analytics_db::{AnalyticsDb, MigrateError};
use domain::ports::{SearchCatalogue, StoreError};
use sqlx::{Connection, Executor, PgConnection};
use testkit::build::search;
use testkit::{must, must_fail};

use crate::schema::{empty, migrate_to, process_of, run, who_waits_for};

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let (database, _) = empty("again").await;
    let first = must(database.migrate().await);
    assert_eq!(
        first.run,
        [
            "search",
            "notifications",
            "sales",
            "events",
            "archive",
            "facts",
            "roles",
            "figures",
            "recount"
        ]
    );
    let second = must(database.migrate().await);
    assert!(second.run.is_empty());
    assert_eq!(second.version, first.version);
}

#[tokio::test]
async fn of_two_at_once_one_does_it() {
    let (one, url) = empty("at_once").await;
    let other = must(AnalyticsDb::connect(&url));
    let (one, other) = tokio::join!(one.migrate(), other.migrate());
    let (one, other) = (must(one), must(other));
    assert_eq!(one.run.len() + other.run.len(), 9);
    assert_eq!(one.version, other.version);
}

#[tokio::test]
async fn figures_of_days_stay_what_they_were() {
    let (database, url) = empty("figures_before").await;
    migrate_to(7, &url).await;
    let schema = url.rsplit("%3D").next().unwrap_or_default();
    let days = "(1, date '2023-12-01', 2, 3), (1, '2024-01-31', 4, 5), (1, '2024-02-01', 6, 0),
                (1, '2024-02-29', 7, 8), (2, '2024-02-29', 9, 10)";
    run(&format!(
        "SET search_path = {schema};
         INSERT INTO tenants (name) VALUES ('ant'), ('bee');
         INSERT INTO event_days (tenant_id, day, events, processing_us) VALUES {days}"
    ))
    .await;
    must(database.migrate().await);
    run(&format!(
        "SET search_path = {schema};
         CREATE TEMPORARY TABLE was AS SELECT * FROM (VALUES {days}) AS was;
         DO $$ BEGIN
            ASSERT (SELECT count(*) FROM event_figures) = 4;
            ASSERT (SELECT count(*) FROM event_days) = 5;
            ASSERT NOT EXISTS (SELECT * FROM was EXCEPT SELECT * FROM event_days);
         END $$"
    ))
    .await;
}

/// A deployment may be ahead of its migration for a moment: that passes.
#[tokio::test]
async fn what_was_not_migrated_yet_is_unavailable() {
    let (database, _) = empty("not_yet").await;
    let failed = must_fail(database.search(&search("tea")).await);
    assert!(matches!(failed, StoreError::Unavailable(_)), "{failed:?}");
}

/// Somebody holds what is to be changed, and an operator ends whoever waits for it.
#[tokio::test]
async fn a_migration_that_was_ended_may_succeed_later() {
    let (database, url) = empty("cancelled").await;
    migrate_to(6, &url).await;
    let mut holder = must(PgConnection::connect(&url).await);
    must(holder.execute("BEGIN; LOCK TABLE events").await);
    let process = process_of(&mut holder).await;
    let end = async {
        let waits = who_waits_for(process).await;
        run(&format!("SELECT pg_cancel_backend({waits})")).await;
    };
    let (ended, ()) = tokio::join!(database.migrate(), end);
    let ended = must_fail(ended);
    assert!(matches!(ended, MigrateError::Database(_)), "{ended:?}");

    let mut late = must(PgConnection::connect(&url).await);
    let lock = late.execute("BEGIN; SET LOCAL lock_timeout = 1; LOCK TABLE events");
    let late = must_fail(lock.await);
    let late = sqlx::migrate::MigrateError::ExecuteMigration(late, 7);
    let late = MigrateError::from(late);
    assert!(matches!(late, MigrateError::Database(_)), "{late:?}");

    must(holder.close().await);
    let run = must(database.migrate().await).run;
    assert_eq!(run.first().map(String::as_str), Some("roles"));
}

/// What was run is not what is here, and what is here cannot be run: neither passes.
#[tokio::test]
async fn a_schema_that_is_another_is_no_outage() {
    let (database, url) = empty("another").await;
    migrate_to(6, &url).await;
    let mut owner = must(PgConnection::connect(&url).await);
    must(owner.execute("DROP TABLE event_archive_files").await);
    let failed = must_fail(database.migrate().await);
    assert!(matches!(failed, MigrateError::Schema(_)), "{failed:?}");
    must(
        owner
            .execute("UPDATE _sqlx_migrations SET checksum = '' WHERE version = 6")
            .await,
    );
    let failed = must_fail(database.migrate().await);
    assert!(matches!(failed, MigrateError::Schema(_)), "{failed:?}");
    must(owner.close().await);
}
