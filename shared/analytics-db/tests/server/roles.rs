//! Each use of the database has a role, which can do what that use needs and nothing else. The functions'
//! own checks pass under their roles; what the roles must not do is refused by the server.

use std::collections::{BTreeMap, BTreeSet};

use analytics_db::AnalyticsDb;
use domain::ports::{
    ArchiveEvents, BatchTaken, CoverAsked, KeepPlans, LetGoError, ReadFacts, ReadMetrics,
    ReadSales, ReadStock, SearchCatalogue, StoreError, TakeMetrics, TakeMetricsError, Whose,
};
use domain::{ArchivedFile, Archiving, EventsByTenant, MetricBatch, MonthState, Plan, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use testkit::build::{order_id, search, tenant};
use testkit::port_checks::facts::{facts, keep_all};
use testkit::port_checks::sales::ever;
use testkit::{must, must_have};

use crate::schema::{empty, server};

const READER: &str = "cartwright_reader";
pub(crate) const WRITER: &str = "cartwright_writer";
pub(crate) const ARCHIVER: &str = "cartwright_archiver";
/// What the server answers to whoever may not.
const DENIED: &str = "42501";

/// An address with which the server takes whoever comes for a role.
pub(crate) fn url_as(role: &str, url: &str) -> String {
    format!("{url}%20-c%20role%3D{role}")
}

/// The database, with a schema that is up to date, as a role has it.
async fn fresh_as(role: &str, name: &str) -> AnalyticsDb {
    let (database, url) = empty(name).await;
    must(database.migrate().await);
    must(AnalyticsDb::connect(&url_as(role, &url)))
}

/// What becomes of statements that a role runs: nothing, or what the server answers.
async fn refused(role: &str, url: &str, statements: &str) -> Option<String> {
    let mut connection = must(PgConnection::connect(&url_as(role, url)).await);
    let run = connection.execute(AssertSqlSafe(statements)).await;
    must(connection.close().await);
    let error = run.err()?;
    let code = error.as_database_error().and_then(|it| it.code());
    Some(code.unwrap_or_default().into_owned())
}

/// A text column of all rows.
async fn texts(url: &str, query: &str) -> BTreeSet<String> {
    let mut connection = must(PgConnection::connect(url).await);
    let rows = must(connection.fetch_all(AssertSqlSafe(query)).await);
    must(connection.close().await);
    rows.iter().map(|row| must(row.try_get(0))).collect()
}

/// `index-search`.
mod search {
    testkit::check_search!(super::fresh_as(super::WRITER, "role_search"));
}

/// `keep-history` and `realtime-api`.
mod history {
    testkit::check_history!(super::fresh_as(super::WRITER, "role_history"));
}

/// `project-analytics`.
mod sales {
    testkit::check_sales!(super::fresh_as(super::WRITER, "role_sales"));
}

/// The same.
mod facts_of_orders {
    testkit::check_facts!(super::fresh_as(super::WRITER, "role_facts"));
}

/// Whoever takes events in.
mod metrics {
    testkit::check_metrics!(super::fresh_as(super::WRITER, "role_metrics"));
}

/// `archive-analytics`, of months that a writer filled.
mod archive {
    testkit::check_archive!(super::moved("role_archive"));
}

/// Events are taken in by a writer, and their months are moved by the archiver.
struct Moved {
    writer: AnalyticsDb,
    archiver: AnalyticsDb,
}

async fn moved(name: &str) -> Moved {
    let (database, url) = empty(name).await;
    must(database.migrate().await);
    Moved {
        writer: must(AnalyticsDb::connect(&url_as(WRITER, &url))),
        archiver: must(AnalyticsDb::connect(&url_as(ARCHIVER, &url))),
    }
}

impl TakeMetrics for Moved {
    async fn take_metrics(
        &self,
        batches: &[MetricBatch],
        now: Timestamp,
    ) -> Result<Vec<BatchTaken>, TakeMetricsError> {
        self.writer.take_metrics(batches, now).await
    }
}

impl KeepPlans for Moved {
    async fn put_plan(&self, tenant: &TenantId, plan: Plan) -> Result<(), StoreError> {
        self.writer.put_plan(tenant, plan).await
    }
}

impl ArchiveEvents for Moved {
    async fn begin_month(&self, before: Date) -> Result<Option<Archiving>, StoreError> {
        self.archiver.begin_month(before).await
    }

    async fn rows_of_part(
        &self,
        month: Date,
        part: u32,
    ) -> Result<BTreeMap<Plan, EventsByTenant>, StoreError> {
        self.archiver.rows_of_part(month, part).await
    }

    async fn note_part(
        &self,
        month: Date,
        part: u32,
        files: &[ArchivedFile],
    ) -> Result<(), StoreError> {
        self.archiver.note_part(month, part, files).await
    }

    async fn let_go(&self, month: Date) -> Result<(), LetGoError> {
        self.archiver.let_go(month).await
    }

    async fn months(&self) -> Result<Vec<(Date, MonthState)>, StoreError> {
        self.archiver.months().await
    }

    async fn files_of(&self, month: Date) -> Result<Vec<ArchivedFile>, StoreError> {
        self.archiver.files_of(month).await
    }

    async fn begin_restore(&self, month: Date) -> Result<(), StoreError> {
        self.archiver.begin_restore(month).await
    }

    async fn restore_rows(&self, month: Date, rows: &EventsByTenant) -> Result<(), StoreError> {
        self.archiver.restore_rows(month, rows).await
    }

    async fn end_restore(&self, month: Date) -> Result<(), StoreError> {
        self.archiver.end_restore(month).await
    }

    async fn parts_of(&self, month: Date) -> Result<u32, StoreError> {
        self.archiver.parts_of(month).await
    }
}

/// `reports-api` and `search-api`.
#[tokio::test]
async fn a_reader_reads_every_report_and_what_is_searched_for() {
    let (database, url) = empty("role_reader").await;
    must(database.migrate().await);
    keep_all(&database, &facts()).await;
    let reader = must(AnalyticsDb::connect(&url_as(READER, &url)));
    let (shop, days) = (tenant(), ever());
    let all = CoverAsked {
        below: None,
        limit: 10,
    };
    must(reader.freshness(&shop).await);
    must(reader.sales_by_day(&shop, &days).await);
    must(reader.sales_by_hour(&shop, &days).await);
    must(reader.top_products(&shop, &days, "EUR", 10).await);
    must(reader.failures_by_day(&shop, &days).await);
    assert!(must(reader.stock_news(&shop).await).is_some());
    assert_eq!(must(reader.stock_cover(&shop, &days, all).await).len(), 2);
    must(reader.search(&search("tea")).await);
    must(reader.metrics_freshness(&shop).await);
    for whose in [Whose::Tenant(shop.clone()), Whose::Plan(Plan::Enterprise)] {
        must(reader.metrics_by_day(&whose, &days).await);
        must(reader.metrics_by_hour(&whose, &days).await);
    }
    // What is known of a single order is nobody's report.
    let denied = reader.facts_of(&shop, order_id(1)).await;
    assert!(denied.is_err(), "{denied:?}");
}

/// In no table, whatever it is.
#[tokio::test]
async fn a_reader_cannot_write() {
    let (database, url) = empty("role_cannot_write").await;
    must(database.migrate().await);
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
    let tables = texts(&url, tables).await;
    assert!(tables.len() > 25, "{tables:?}");
    for table in tables {
        for statement in ["DELETE FROM", "TRUNCATE", "INSERT INTO", "DROP TABLE"] {
            let rest = if statement == "INSERT INTO" {
                "DEFAULT VALUES"
            } else {
                ""
            };
            let statement = format!("{statement} {table} {rest}");
            let answer = refused(READER, &url, &statement).await;
            assert_eq!(answer.as_deref(), Some(DENIED), "{statement}");
        }
    }
    for statement in [
        "SELECT open_event_month('2024-01-01')",
        "SELECT FROM notifications",
        "SELECT FROM orders",
        "CREATE TABLE mine (a int)",
        "UPDATE stock SET low = true",
    ] {
        let answer = refused(READER, &url, statement).await;
        assert_eq!(answer.as_deref(), Some(DENIED), "{statement}");
    }
}

/// Nor can it take away what it put, but for what is erased with somebody.
#[tokio::test]
async fn a_writer_cannot_change_the_schema() {
    let (database, url) = empty("role_cannot_change").await;
    must(database.migrate().await);
    let month = refused(WRITER, &url, "SELECT open_event_month('2024-01-01')").await;
    assert_eq!(month, None);
    for statement in [
        "CREATE TABLE mine (a int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "ALTER TABLE orders ADD COLUMN mine int",
        "CREATE INDEX ON orders (placed_at)",
        "DROP TABLE stock",
        "DROP TABLE events_2024_01",
        "ALTER TABLE events DETACH PARTITION events_2024_01",
        "TRUNCATE orders CASCADE",
        "DELETE FROM orders",
        "DELETE FROM sales_heard",
        "DELETE FROM events",
        "UPDATE events SET processing_us = 0",
        "UPDATE notifications SET title = ''",
        "UPDATE event_months SET state = 'archived'",
        "SELECT FROM event_archive_files",
        "SELECT FROM _sqlx_migrations",
    ] {
        let answer = refused(WRITER, &url, statement).await;
        assert_eq!(answer.as_deref(), Some(DENIED), "{statement}");
    }
}

/// It owns the tables of months, and nothing else.
#[tokio::test]
async fn an_archiver_moves_months_and_nothing_else() {
    let (database, url) = empty("role_archiver_only").await;
    must(database.migrate().await);
    for statement in [
        "SELECT FROM orders",
        "SELECT FROM notifications",
        "DELETE FROM event_figures",
        "DELETE FROM event_archive_files",
        "DROP TABLE event_months",
        "DROP TABLE orders",
        "DROP FUNCTION event_table(date)",
    ] {
        let answer = refused(ARCHIVER, &url, statement).await;
        assert_eq!(answer.as_deref(), Some(DENIED), "{statement}");
    }
}

/// A table that a later migration makes is forgotten here before it is missed there.
#[tokio::test]
async fn every_table_is_somebodys() {
    let (database, url) = empty("role_of_each").await;
    must(database.migrate().await);
    let forgotten = "
        SELECT relname::text FROM pg_class
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
           AND relname <> '_sqlx_migrations'
           AND NOT has_any_column_privilege('cartwright_reader', oid, 'SELECT')
           AND NOT has_any_column_privilege('cartwright_writer', oid, 'SELECT')
           AND NOT has_any_column_privilege('cartwright_archiver', oid, 'SELECT')";
    assert_eq!(texts(&url, forgotten).await, BTreeSet::new());
}

/// What each role may do with each table: this, and nothing besides.
const GRANTS: [(&str, &str, &[&str]); 10] = [
    (
        READER,
        "SELECT",
        &[
            "event_batches",
            "event_days",
            "event_figures",
            "event_hours",
            "events_heard",
            "failure_days",
            "lease_lines",
            "leases",
            "product_days",
            "products",
            "sales_days",
            "sales_heard",
            "sales_hours",
            "search_entries",
            "stock",
            "tenants",
        ],
    ),
    (WRITER, "SELECT", &["event_months"]),
    (
        WRITER,
        "SELECT INSERT",
        &[
            "event_batches",
            "events",
            "lease_lines",
            "order_lines",
            "order_refunds",
            "payment_refunds",
        ],
    ),
    (
        WRITER,
        "SELECT INSERT UPDATE",
        &[
            "event_figures",
            "event_hours",
            "events_heard",
            "leases",
            "notification_readers",
            "orders",
            "payments",
            "products",
            "sales_heard",
            "search_entries",
            "shipments",
            "stock",
            "tenants",
        ],
    ),
    (
        WRITER,
        "SELECT INSERT UPDATE DELETE",
        &["failure_days", "product_days", "sales_days", "sales_hours"],
    ),
    (
        WRITER,
        "SELECT INSERT DELETE",
        &["notification_marks", "notifications"],
    ),
    (ARCHIVER, "SELECT", &["event_days"]),
    (ARCHIVER, "SELECT INSERT", &["tenants"]),
    (
        ARCHIVER,
        "SELECT INSERT UPDATE",
        &[
            "event_archive_files",
            "event_archive_parts",
            "event_archive_plans",
            "event_months",
        ],
    ),
    (
        ARCHIVER,
        "SELECT INSERT UPDATE DELETE TRUNCATE",
        &["events", "events_2024_01"],
    ),
];

#[tokio::test]
async fn roles_may_do_what_is_listed_and_no_more() {
    let (database, url) = empty("role_grants").await;
    must(database.migrate().await);
    let month = refused(WRITER, &url, "SELECT open_event_month('2024-01-01')").await;
    assert_eq!(month, None);
    let grants = "
        SELECT concat_ws(' ', role, relname, string_agg(privilege, ' ' ORDER BY place))
          FROM pg_class,
               unnest(ARRAY['cartwright_reader', 'cartwright_writer', 'cartwright_archiver'])
                   AS role,
               unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'])
                   WITH ORDINALITY AS privileges (privilege, place)
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
           AND has_table_privilege(role, pg_class.oid, privilege)
         GROUP BY role, relname";
    let line = |(role, may, tables): &(&str, &str, &[&str])| {
        let line = |table: &&str| format!("{role} {table} {may}");
        tables.iter().map(line).collect::<Vec<_>>()
    };
    let wanted: BTreeSet<String> = GRANTS.iter().flat_map(line).collect();
    assert_eq!(texts(&url, grants).await, wanted);
}

/// For whoever asks for no limits; and nobody is more than it has to be.
#[tokio::test]
async fn roles_have_limits_and_no_powers() {
    let (database, url) = empty("role_limits").await;
    must(database.migrate().await);
    let limits = "
        SELECT rolname || ' ' || unnest(setconfig) FROM pg_roles
          JOIN pg_db_role_setting ON setrole = pg_roles.oid AND setdatabase = 0
         WHERE rolname LIKE 'cartwright%'";
    let wanted = [
        "cartwright_archiver idle_in_transaction_session_timeout=60s",
        "cartwright_archiver lock_timeout=2s",
        "cartwright_archiver statement_timeout=60s",
        "cartwright_reader idle_in_transaction_session_timeout=10s",
        "cartwright_reader lock_timeout=1s",
        "cartwright_reader statement_timeout=5s",
        "cartwright_writer idle_in_transaction_session_timeout=10s",
        "cartwright_writer lock_timeout=3s",
        "cartwright_writer statement_timeout=5s",
    ];
    let limits = texts(&url, limits).await;
    assert!(limits.iter().map(String::as_str).eq(wanted), "{limits:?}");
    let powers = "
        SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'cartwright%'
           AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR NOT rolcanlogin)";
    assert_eq!(texts(&url, powers).await, BTreeSet::new());
}

/// Functions that are there before the roles are told to come again.
#[tokio::test]
async fn a_role_that_is_not_there_yet_is_unavailable() {
    let server = server();
    let (_, place) = must_have(server.split_once('@'));
    let url = format!("postgresql://cartwright_nobody@{place}");
    let nobody = must(AnalyticsDb::connect(&url));
    let answer = nobody.freshness(&tenant()).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
}
