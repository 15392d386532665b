//! The database of search, history and reports, from beside the functions: closed and opened, and looked into.

use std::str::FromStr;

use domain::{ProductFigures, ProductId};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use testkit::invariants::{Reported, SoldOn};
use testkit::{must, must_have};

use super::stack::Stack;

fn options(stack: &Stack) -> PgConnectOptions {
    must(PgConnectOptions::from_str(stack.get("DATABASE_URL")))
}

/// Runs a statement about the database, from another one.
async fn beside(stack: &Stack, statement: impl Fn(&str) -> String) {
    let options = options(stack);
    let database = must_have(options.get_database()).to_owned();
    let mut beside = must(options.database("template1").connect().await);
    must(beside.execute(AssertSqlSafe(statement(&database))).await);
    must(beside.close().await);
}

/// Lets nobody in any more, and throws out who is in. Only for who is alone.
pub async fn close(stack: &Stack) {
    beside(stack, |name| {
        format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    })
    .await;
    beside(stack, |name| {
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    })
    .await;
}

/// Lets everybody in again.
pub async fn open(stack: &Stack) {
    beside(stack, |name| {
        format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    })
    .await;
}

/// Runs statements.
pub async fn run(stack: &Stack, statements: &str) {
    let mut connection: PgConnection = must(options(stack).connect().await);
    must(connection.execute(AssertSqlSafe(statements)).await);
    must(connection.close().await);
}

/// The text that a query answers, after whatever is set before it.
pub async fn read(stack: &Stack, statements: &str) -> String {
    let mut connection: PgConnection = must(options(stack).connect().await);
    let (before, query) = must_have(statements.split_once(';'));
    must(connection.execute(AssertSqlSafe(before)).await);
    let read = sqlx::query_scalar(AssertSqlSafe(query));
    let read = must(read.fetch_one(&mut connection).await);
    must(connection.close().await);
    read
}

/// What is reported of the products whose ids begin so.
pub async fn sold_of(stack: &Stack, prefix: &ProductId) -> Reported {
    let mut connection: PgConnection = must(options(stack).connect().await);
    let read = sqlx::query(
        "SELECT tenant, day::text, currency, product_id, orders, units, revenue_minor, returned
           FROM product_days WHERE starts_with(product_id, $1)",
    );
    let rows = must(read.bind(prefix.as_str()).fetch_all(&mut connection).await);
    must(connection.close().await);
    rows.iter().map(sold).collect()
}

fn sold(row: &PgRow) -> (SoldOn, ProductFigures) {
    let text = |name| must(row.try_get::<String, _>(name));
    let number = |name| must(row.try_get::<i64, _>(name));
    let on = SoldOn {
        tenant: text("tenant"),
        day: must(text("day").parse()),
        currency: text("currency"),
        product_id: text("product_id"),
    };
    let figures = ProductFigures {
        orders: number("orders"),
        units: number("units"),
        revenue_minor: number("revenue_minor"),
        returned: number("returned"),
    };
    (on, figures)
}

/// What each order adds to the figures, by other code than counts them; then where these are anything else.
const MISCOUNTED: &str = "
WITH happened (tenant, at, currency, name, n) AS (
  SELECT tenant, placed_at, currency, 'placed', 1 FROM orders WHERE known
  UNION ALL SELECT tenant, placed_at, currency, 'placed_minor', total_minor FROM orders WHERE known
  UNION ALL SELECT tenant, completed_at, charged_in, 'completed', 1 FROM orders
  UNION ALL SELECT tenant, completed_at, charged_in, 'revenue_minor', charged_minor FROM orders
  UNION ALL SELECT tenant, completed_at, charged_in, 'tax_minor', tax_minor FROM orders
  UNION ALL SELECT tenant, completed_at, charged_in, 'units', quantity
              FROM orders JOIN order_lines USING (tenant, order_id)
  UNION ALL SELECT tenant, refunded_at, currency, 'refunds', 1 FROM order_refunds
  UNION ALL SELECT tenant, refunded_at, currency, 'refunded_minor', amount_minor FROM order_refunds
  UNION ALL SELECT tenant, failed_at, currency, 'failed', 1 FROM orders WHERE known
  UNION ALL SELECT tenant, cancelled_at, currency, 'cancelled', 1 FROM orders WHERE known
), hours AS (
  SELECT tenant, (at AT TIME ZONE 'UTC')::date AS day, extract(hour FROM at AT TIME ZONE 'UTC')::int AS hour,
         currency, name, sum(n)::bigint AS n
    FROM happened WHERE at IS NOT NULL GROUP BY 1, 2, 3, 4, 5
), days AS (
  SELECT tenant, day, NULL::int AS hour, currency, name, sum(n)::bigint AS n FROM hours GROUP BY 1, 2, 4, 5
), failures AS (
  SELECT tenant, (failed_at AT TIME ZONE 'UTC')::date AS day, NULL::int AS hour, NULL::text AS currency,
         failure_code AS name, count(*) AS n
    FROM orders WHERE failed_at IS NOT NULL GROUP BY 1, 2, 5
), wanted AS (
  SELECT * FROM hours UNION ALL SELECT * FROM days UNION ALL SELECT * FROM failures
), counted AS (
  SELECT tenant, day, hour::int, currency, key AS name, value::bigint AS n
    FROM sales_hours AS of, jsonb_each_text(to_jsonb(of) - '{tenant,day,hour,currency}'::text[])
  UNION ALL
  SELECT tenant, day, NULL, currency, key, value::bigint
    FROM sales_days AS of, jsonb_each_text(to_jsonb(of) - '{tenant,day,currency}'::text[])
  UNION ALL SELECT tenant, day, NULL, NULL, code, orders FROM failure_days
)
SELECT format('%s, %s, hour %s, %s %s: %s counted, %s wanted', tenant, day, hour, currency, name,
              counted.n, wanted.n)
  FROM (SELECT tenant, day, coalesce(hour, -1) AS hour, coalesce(currency, '') AS currency, name, n
          FROM wanted WHERE n <> 0) AS wanted
  FULL JOIN (SELECT tenant, day, coalesce(hour, -1) AS hour, coalesce(currency, '') AS currency, name, n
               FROM counted WHERE n <> 0) AS counted USING (tenant, day, hour, currency, name)
 WHERE counted.n IS DISTINCT FROM wanted.n";

/// Figures of orders that are not what the rows of the orders come to. At any moment there is none: both
/// change together.
pub async fn miscounted(stack: &Stack) -> Vec<String> {
    let mut connection: PgConnection = must(options(stack).connect().await);
    let found = sqlx::query_scalar(MISCOUNTED);
    let found = must(found.fetch_all(&mut connection).await);
    must(connection.close().await);
    found
}

/// How many notifications the history has of a reader.
pub async fn remembered_of(stack: &Stack, reader: &str) -> i64 {
    let mut connection: PgConnection = must(options(stack).connect().await);
    let count = sqlx::query_scalar("SELECT count(*) FROM notifications WHERE reader = $1");
    let count = must(count.bind(reader).fetch_one(&mut connection).await);
    must(connection.close().await);
    count
}
