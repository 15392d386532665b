//! The figures that reports read, and what is added to them. Rows of more than one order are changed in
//! one sequence by everybody, tables as here and rows by their keys, so that nobody waits in a circle.

use std::collections::BTreeMap;

use domain::ports::{DayRange, Freshness, ReadSales, ReportedSale, StoreError, TopProduct};
use domain::{
    Added, Currency, FailureCode, Period, ProductFigures, ProductId, SalesFigures, SalesKey,
    TenantId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::ask::Statement;
use crate::together::Together;
use crate::write::stored;

/// Adds the figures of [`SalesFigures::NAMES`] to the rows of some days or hours: shop, days, hours where
/// the table has them, currencies, and a list of each figure.
macro_rules! add_sales {
    ($table:literal, $key:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " AS known (tenant, ",
            $key,
            ", currency, placed, placed_minor, completed, units, revenue_minor, tax_minor,
                refunds, refunded_minor, failed, cancelled)
             SELECT $1, ",
            $key,
            ", currency, placed, placed_minor, completed, units, revenue_minor, tax_minor,
                refunds, refunded_minor, failed, cancelled
               FROM unnest($2::text[]::date[], $3::smallint[], $4::text[],
                           $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
                           $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
                    AS added (day, hour, currency, placed, placed_minor, completed, units,
                              revenue_minor, tax_minor, refunds, refunded_minor, failed, cancelled)
             ON CONFLICT (tenant, ",
            $key,
            ", currency) DO UPDATE SET
                placed = known.placed + excluded.placed,
                placed_minor = known.placed_minor + excluded.placed_minor,
                completed = known.completed + excluded.completed,
                units = known.units + excluded.units,
                revenue_minor = known.revenue_minor + excluded.revenue_minor,
                tax_minor = known.tax_minor + excluded.tax_minor,
                refunds = known.refunds + excluded.refunds,
                refunded_minor = known.refunded_minor + excluded.refunded_minor,
                failed = known.failed + excluded.failed,
                cancelled = known.cancelled + excluded.cancelled"
        )
    };
}

pub(crate) const ADD_HOURS: &str = add_sales!("sales_hours", "day, hour");
pub(crate) const ADD_DAYS: &str = add_sales!("sales_days", "day");

pub(crate) const ADD_PRODUCTS: &str = r"
INSERT INTO product_days AS known
    (tenant, day, currency, product_id, orders, units, revenue_minor, returned)
SELECT $1, * FROM unnest($2::text[]::date[], $3::text[], $4::text[],
                         $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
ON CONFLICT (tenant, day, currency, product_id) DO UPDATE SET
    orders = known.orders + excluded.orders, units = known.units + excluded.units,
    revenue_minor = known.revenue_minor + excluded.revenue_minor,
    returned = known.returned + excluded.returned";

pub(crate) const ADD_FAILURES: &str = r"
INSERT INTO failure_days AS known (tenant, day, code, orders)
SELECT $1, * FROM unnest($2::text[]::date[], $3::text[], $4::bigint[])
ON CONFLICT (tenant, day, code) DO UPDATE SET orders = known.orders + excluded.orders";

const HEAR: &str = r"
INSERT INTO sales_heard AS known (tenant, changes, last_event, newest)
VALUES ($1, 1, $2, timestamptz 'epoch' + $3 * interval '1 microsecond')
ON CONFLICT (tenant) DO UPDATE SET
    changes = known.changes + 1, last_event = excluded.last_event,
    newest = greatest(known.newest, excluded.newest)";

const FRESHNESS: &str = r"
SELECT changes, last_event, (extract(epoch FROM newest) * 1000000)::bigint AS newest
  FROM sales_heard WHERE tenant = $1";

pub(crate) const BY_DAY: &str = r"
SELECT day::text, NULL::smallint AS hour, currency, placed, placed_minor, completed, units,
       revenue_minor, tax_minor, refunds, refunded_minor, failed, cancelled
  FROM sales_days WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date";

pub(crate) const BY_HOUR: &str = r"
SELECT day::text, hour, currency, placed, placed_minor, completed, units,
       revenue_minor, tax_minor, refunds, refunded_minor, failed, cancelled
  FROM sales_hours WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date";

const TOP: &str = r"
SELECT product_id, sum(orders)::bigint AS orders, sum(units)::bigint AS units,
       sum(revenue_minor)::bigint AS revenue_minor, sum(returned)::bigint AS returned
  FROM product_days
 WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date AND currency = $4
 GROUP BY product_id
 ORDER BY sum(revenue_minor) DESC, product_id LIMIT $5";

pub(crate) const FAILURES: &str = r"
SELECT day::text, code, orders FROM failure_days
 WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date";

/// Adds what an event adds to the figures of a shop.
pub(crate) async fn add(
    work: &mut Together,
    shop: &TenantId,
    told: &ReportedSale,
    added: &Added,
) -> Result<(), StoreError> {
    let to = |statement: &'static str| sqlx::query(statement).bind(shop.as_str());
    if !added.sales.is_empty() {
        work.ask(sales(to(ADD_HOURS), &added.sales)?).await?;
        work.ask(sales(to(ADD_DAYS), &added.days())?).await?;
    }
    if !added.products.is_empty() {
        work.ask(products(to(ADD_PRODUCTS), &added.products)?)
            .await?;
    }
    if !added.failures.is_empty() {
        work.ask(failures(to(ADD_FAILURES), &added.failures)?)
            .await?;
    }
    let hear = to(HEAR).bind(stored(&told.event_id));
    work.ask(hear.bind(told.at.as_microsecond())).await?;
    Ok(())
}

pub(crate) fn sales<'q>(
    statement: Statement<'q>,
    sales: &BTreeMap<SalesKey, SalesFigures>,
) -> Result<Statement<'q>, StoreError> {
    let hour = |period: Period| match period {
        Period::Hour(_, hour) => Some(i16::from(hour)),
        Period::Day(_) | Period::Now => None,
    };
    let statement = statement
        .bind(days(sales.keys().map(|key| key.0))?)
        .bind(sales.keys().map(|key| hour(key.0)).collect::<Vec<_>>())
        .bind(sales.keys().map(|key| key.1).collect::<Vec<_>>());
    let rows = sales.values().map(SalesFigures::values).collect();
    Ok(columns(statement, rows))
}

pub(crate) fn products<'q>(
    statement: Statement<'q>,
    added: &BTreeMap<(SalesKey, ProductId), ProductFigures>,
) -> Result<Statement<'q>, StoreError> {
    let keys = || added.keys();
    let statement = statement
        .bind(days(keys().map(|((period, _), _)| *period))?)
        .bind(
            keys()
                .map(|((_, currency), _)| *currency)
                .collect::<Vec<_>>(),
        )
        .bind(
            keys()
                .map(|(_, product)| product.to_string())
                .collect::<Vec<_>>(),
        );
    let rows = added.values().map(ProductFigures::values);
    Ok(columns(statement, rows.collect()))
}

pub(crate) fn failures<'q>(
    statement: Statement<'q>,
    added: &BTreeMap<(Period, FailureCode), i64>,
) -> Result<Statement<'q>, StoreError> {
    let keys = || added.keys();
    Ok(statement
        .bind(days(keys().map(|(period, _)| *period))?)
        .bind(keys().map(|(_, code)| code.name()).collect::<Vec<_>>())
        .bind(added.values().copied().collect::<Vec<_>>()))
}

/// A list of each figure, from a list of figures of each row.
fn columns(mut statement: Statement<'_>, rows: Vec<Vec<i64>>) -> Statement<'_> {
    let figures = rows.first().map_or(0, Vec::len);
    for figure in 0..figures {
        let column = rows.iter().filter_map(|row| row.get(figure).copied());
        statement = statement.bind(column.collect::<Vec<_>>());
    }
    statement
}

fn days(periods: impl Iterator<Item = Period>) -> Result<Vec<String>, StoreError> {
    let day = |period: Period| match period {
        Period::Day(day) | Period::Hour(day, _) => Ok(day.to_string()),
        Period::Now => Err(broken("figures of no day")),
    };
    periods.map(day).collect()
}

impl ReadSales for AnalyticsDb {
    async fn freshness(&self, shop: &TenantId) -> Result<Option<Freshness>, StoreError> {
        let asked = sqlx::query(FRESHNESS).bind(shop.as_str());
        let rows = self.ask(asked).await?;
        rows.first().map(freshness_of).transpose()
    }

    async fn sales_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        let rows = self.ask(within(BY_DAY, shop, days)).await?;
        rows.iter().map(sales_of).collect()
    }

    async fn sales_by_hour(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        let rows = self.ask(within(BY_HOUR, shop, days)).await?;
        rows.iter().map(sales_of).collect()
    }

    async fn top_products(
        &self,
        shop: &TenantId,
        days: &DayRange,
        currency: &str,
        limit: u8,
    ) -> Result<Vec<TopProduct>, StoreError> {
        let top = within(TOP, shop, days).bind(currency.to_owned());
        let rows = self.ask(top.bind(i64::from(limit))).await?;
        let product = |row: &PgRow| {
            Ok(TopProduct {
                product: text(row, "product_id")?.parse().map_err(broken)?,
                figures: ProductFigures::of(values(row, ProductFigures::NAMES)?),
            })
        };
        rows.iter().map(product).collect()
    }

    async fn failures_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<(Period, FailureCode), i64>, StoreError> {
        let rows = self.ask(within(FAILURES, shop, days)).await?;
        rows.iter().map(failures_of).collect()
    }
}

pub(crate) fn failures_of(row: &PgRow) -> Result<((Period, FailureCode), i64), StoreError> {
    let code = FailureCode::from_name(text(row, "code")?);
    let code = code.ok_or_else(|| broken("a reason that nobody knows"))?;
    let orders = row.try_get("orders").map_err(classify)?;
    Ok(((Period::Day(day_of(row)?), code), orders))
}

pub(crate) fn within<'q>(
    statement: &'static str,
    shop: &'q TenantId,
    days: &DayRange,
) -> Statement<'q> {
    sqlx::query(statement)
        .bind(shop.as_str())
        .bind(days.start().to_string())
        .bind(days.end().to_string())
}

fn freshness_of(row: &PgRow) -> Result<Freshness, StoreError> {
    let changes: i64 = row.try_get("changes").map_err(classify)?;
    let newest: i64 = row.try_get("newest").map_err(classify)?;
    Ok(Freshness {
        changes: u64::try_from(changes).map_err(broken)?,
        last_event: text(row, "last_event")?.to_owned(),
        newest: Timestamp::from_microsecond(newest).map_err(broken)?,
    })
}

pub(crate) fn sales_of(row: &PgRow) -> Result<(SalesKey, SalesFigures), StoreError> {
    let day = day_of(row)?;
    let hour: Option<i16> = row.try_get("hour").map_err(classify)?;
    let period = match hour {
        Some(hour) => Period::Hour(day, i8::try_from(hour).map_err(broken)?),
        None => Period::Day(day),
    };
    let currency = Currency::parse(text(row, "currency")?).map_err(broken)?;
    let figures = SalesFigures::of(values(row, SalesFigures::NAMES)?);
    Ok(((period, currency.code()), figures))
}

pub(crate) fn values(row: &PgRow, names: &[&str]) -> Result<Vec<i64>, StoreError> {
    let value = |name: &&str| row.try_get(*name).map_err(classify);
    names.iter().map(value).collect()
}

pub(crate) fn day_of(row: &PgRow) -> Result<Date, StoreError> {
    text(row, "day")?.parse().map_err(broken)
}
