//! The figures of a day, counted from its orders once more. An order and what it added are there together, so
//! whoever looks from one moment sees no half of either. Whoever writes figures anew has to know of every order
//! that adds to them: those who count hold the shop's lock together, and it alone.

use domain::ports::{RecountSales, StoreError};
use domain::{CountedDay, Currency, Miscounted, Period, ProductFigures, Sale, SalesKey, TenantId};
use jiff::civil::Date;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::reports::{
    ADD_DAYS, ADD_FAILURES, ADD_HOURS, ADD_PRODUCTS, BY_DAY, BY_HOUR, FAILURES, day_of, failures,
    failures_of, products, sales, sales_of, values, within,
};
use crate::sales::{known_columns, line_of, lock_of_shop, refund_of, sale_of, within_days};
use crate::together::Together;

/// Orders that are held in memory at once.
const FETCH: &str = "FETCH 1000 FROM touched";

const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const ALONE: &str = concat!("SELECT FROM pg_advisory_xact_lock", lock_of_shop!());

/// Orders to which something happened on the day. A line of each of their products, or one without any.
const TOUCHED: &str = concat!(
    "DECLARE touched NO SCROLL CURSOR FOR
     SELECT orders.order_id::text AS id, product_id, sku, quantity, unit_price_minor, ",
    known_columns!(),
    "  FROM orders LEFT JOIN order_lines USING (tenant, order_id)
      WHERE tenant = $1
        AND (   placed_at >= $2::text::timestamptz AND placed_at < $3::text::timestamptz
             OR completed_at >= $2::text::timestamptz AND completed_at < $3::text::timestamptz
             OR failed_at >= $2::text::timestamptz AND failed_at < $3::text::timestamptz
             OR cancelled_at >= $2::text::timestamptz AND cancelled_at < $3::text::timestamptz)
      ORDER BY orders.order_id, line",
);

const WENT_BACK: &str = r"
SELECT refund_id, currency, amount_minor, products, quantities,
       (extract(epoch FROM refunded_at) * 1000000)::bigint AS refunded_at
  FROM order_refunds
 WHERE tenant = $1 AND refunded_at >= $2::text::timestamptz AND refunded_at < $3::text::timestamptz";

const PRODUCTS: &str = r"
SELECT day::text, currency, product_id, orders, units, revenue_minor, returned FROM product_days
 WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date";

/// What is there of the day.
const TAKE_AWAY: [&str; 4] = [
    "DELETE FROM sales_hours WHERE tenant = $1 AND day = $2::text::date",
    "DELETE FROM sales_days WHERE tenant = $1 AND day = $2::text::date",
    "DELETE FROM product_days WHERE tenant = $1 AND day = $2::text::date",
    "DELETE FROM failure_days WHERE tenant = $1 AND day = $2::text::date",
];

/// Answers that were made of what was wrong are not given any more.
const CHANGED: &str = "UPDATE sales_heard SET changes = changes + 1 WHERE tenant = $1";

impl RecountSales for AnalyticsDb {
    async fn miscounted(&self, shop: &TenantId, day: Date) -> Result<Vec<Miscounted>, StoreError> {
        let mut work = self.together_by(ONE_MOMENT).await?;
        let counted = counted(&mut work, shop, day).await?;
        let wanted = wanted(&mut work, shop, day).await?;
        work.commit().await?;
        Ok(counted.differs(&wanted))
    }

    async fn recount(&self, shop: &TenantId, day: Date) -> Result<(), StoreError> {
        let mut work = self.together().await?;
        work.ask(sqlx::query(ALONE).bind(shop.as_str())).await?;
        let counted = counted(&mut work, shop, day).await?;
        let wanted = wanted(&mut work, shop, day).await?;
        if counted != wanted {
            write(&mut work, shop, day, &wanted).await?;
        }
        work.commit().await
    }
}

/// The figures as they are.
async fn counted(
    work: &mut Together,
    shop: &TenantId,
    day: Date,
) -> Result<CountedDay, StoreError> {
    let days = day..=day;
    let mut rows = async |statement| work.ask(within(statement, shop, &days)).await;
    let (hours, day) = (rows(BY_HOUR).await?, rows(BY_DAY).await?);
    let (products, failures) = (rows(PRODUCTS).await?, rows(FAILURES).await?);
    Ok(CountedDay {
        hours: hours.iter().map(sales_of).collect::<Result<_, _>>()?,
        day: day.iter().map(sales_of).collect::<Result<_, _>>()?,
        products: products.iter().map(product_of).collect::<Result<_, _>>()?,
        failures: failures.iter().map(failures_of).collect::<Result<_, _>>()?,
    })
}

fn product_of(row: &PgRow) -> Result<((SalesKey, domain::ProductId), ProductFigures), StoreError> {
    let currency = Currency::parse(text(row, "currency")?).map_err(broken)?;
    let key = (Period::Day(day_of(row)?), currency.code());
    let product = text(row, "product_id")?.parse().map_err(broken)?;
    let figures = ProductFigures::of(values(row, ProductFigures::NAMES)?);
    Ok(((key, product), figures))
}

/// What its orders come to.
async fn wanted(work: &mut Together, shop: &TenantId, day: Date) -> Result<CountedDay, StoreError> {
    let mut wanted = CountedDay::default();
    work.ask(within_days(TOUCHED, shop, &(day..=day))).await?;
    let mut open: Option<(String, Sale)> = None;
    loop {
        let rows = work.ask(sqlx::query(FETCH)).await?;
        for row in &rows {
            let order = text(row, "id")?;
            if open.as_ref().is_none_or(|(id, _)| id != order) {
                take(&mut wanted, open.take(), day);
                open = Some((order.to_owned(), sale_of(row)?));
            }
            if let Some((_, sale)) = &mut open {
                add_line(sale, row)?;
            }
        }
        if rows.is_empty() {
            break;
        }
    }
    take(&mut wanted, open, day);
    for row in work.ask(within_days(WENT_BACK, shop, &(day..=day))).await? {
        let id = text(&row, "refund_id")?.parse().map_err(broken)?;
        let refunds = [(id, refund_of(&row)?)].into();
        let went_back = Sale {
            refunds,
            ..Sale::default()
        };
        wanted.take(&went_back.adds(), day);
    }
    Ok(wanted)
}

fn take(wanted: &mut CountedDay, order: Option<(String, Sale)>, day: Date) {
    if let Some((_, sale)) = order {
        wanted.take(&sale.adds(), day);
    }
}

fn add_line(sale: &mut Sale, row: &PgRow) -> Result<(), StoreError> {
    let product: Option<&str> = row.try_get("product_id").map_err(classify)?;
    if let (Some((_, placed)), Some(_)) = (&mut sale.placed, product) {
        let line = line_of(row, placed.total.currency())?;
        placed.lines.push(line);
    }
    Ok(())
}

/// Every figure of the day.
async fn write(
    work: &mut Together,
    shop: &TenantId,
    day: Date,
    wanted: &CountedDay,
) -> Result<(), StoreError> {
    let to = |statement: &'static str| sqlx::query(statement).bind(shop.as_str());
    for statement in TAKE_AWAY {
        work.ask(to(statement).bind(day.to_string())).await?;
    }
    if !wanted.day.is_empty() {
        work.ask(sales(to(ADD_HOURS), &wanted.hours)?).await?;
        work.ask(sales(to(ADD_DAYS), &wanted.day)?).await?;
    }
    if !wanted.products.is_empty() {
        work.ask(products(to(ADD_PRODUCTS), &wanted.products)?)
            .await?;
    }
    if !wanted.failures.is_empty() {
        work.ask(failures(to(ADD_FAILURES), &wanted.failures)?)
            .await?;
    }
    work.ask(to(CHANGED)).await?;
    Ok(())
}
