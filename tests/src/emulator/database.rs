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
        "SELECT day::text, currency, product_id, orders, units, revenue_minor, returned
           FROM product_days WHERE starts_with(product_id, $1)",
    );
    let rows = must(read.bind(prefix.as_str()).fetch_all(&mut connection).await);
    must(connection.close().await);
    rows.iter().map(sold).collect()
}

fn sold(row: &PgRow) -> (SoldOn, ProductFigures) {
    let text = |name| must(row.try_get::<String, _>(name));
    let number = |name| must(row.try_get::<i64, _>(name));
    let on = (
        must(text("day").parse()),
        text("currency"),
        text("product_id"),
    );
    let figures = ProductFigures {
        orders: number("orders"),
        units: number("units"),
        revenue_minor: number("revenue_minor"),
        returned: number("returned"),
    };
    (on, figures)
}

/// How many notifications the history has of a reader.
pub async fn remembered_of(stack: &Stack, reader: &str) -> i64 {
    let mut connection: PgConnection = must(options(stack).connect().await);
    let count = sqlx::query_scalar("SELECT count(*) FROM notifications WHERE reader = $1");
    let count = must(count.bind(reader).fetch_one(&mut connection).await);
    must(connection.close().await);
    count
}
