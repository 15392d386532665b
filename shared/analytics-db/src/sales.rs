//! Orders as their events tell of them, and the figures that follow. The row of the order is locked first,
//! so whoever comes at the same time, with the same event or another, counts after it and on top of it.

use domain::ports::{CountSales, DayRange, ListSales, ListedSale, ReportedSale, StoreError};
use domain::{
    Charge, Currency, FailureCode, Money, OrderId, OrderLine, PlacedSale, RefundedSale,
    ReturnedLine, Sale, SaleEvent, TenantId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::ask::Statement;
use crate::reports::add;
use crate::together::Together;

/// What is known of an order, as [`sale_of`] reads it.
macro_rules! known_columns {
    () => {
        "currency, total_minor, charged_in, charged_minor, tax_minor, failure_code,
         (extract(epoch FROM placed_at) * 1000000)::bigint AS placed_us,
         (extract(epoch FROM completed_at) * 1000000)::bigint AS completed_us,
         (extract(epoch FROM failed_at) * 1000000)::bigint AS failed_us,
         (extract(epoch FROM cancelled_at) * 1000000)::bigint AS cancelled_us"
    };
}
pub(crate) use known_columns;

/// The lock of a shop: those who count hold it together, whoever recounts holds it alone.
macro_rules! lock_of_shop {
    () => {
        "(1935764588, hashtext($1))"
    };
}
pub(crate) use lock_of_shop;

/// The update changes nothing: it locks the row, and reads what was stored last. Nobody recounts the shop
/// meanwhile: see [`crate::recount`].
const LOCK: &str = concat!(
    "INSERT INTO orders AS known (tenant, order_id)
     SELECT $1, $2::uuid FROM pg_advisory_xact_lock_shared",
    lock_of_shop!(),
    " ON CONFLICT (tenant, order_id) DO UPDATE SET failure_code = known.failure_code
     RETURNING ",
    known_columns!(),
);

const LINES: &str = r"
SELECT product_id, sku, quantity, unit_price_minor
  FROM order_lines WHERE tenant = $1 AND order_id = $2::uuid ORDER BY line";

const REFUNDS: &str = r"
SELECT refund_id, currency, amount_minor, products, quantities,
       (extract(epoch FROM refunded_at) * 1000000)::bigint AS refunded_at
  FROM order_refunds WHERE tenant = $1 AND order_id = $2::uuid";

const PLACED: &str = r"
UPDATE orders SET currency = $4, total_minor = $5,
       placed_at = timestamptz 'epoch' + $3 * interval '1 microsecond'
 WHERE tenant = $1 AND order_id = $2::uuid";

const ORDERED: &str = r"
INSERT INTO order_lines
    (tenant, order_id, line, product_id, sku, quantity, unit_price_minor)
SELECT $1, $2::uuid, line, product_id, sku, quantity, unit_price_minor
  FROM unnest($3::text[], $4::text[], $5::integer[], $6::bigint[])
       WITH ORDINALITY AS ordered (product_id, sku, quantity, unit_price_minor, line)";

const COMPLETED: &str = r"
UPDATE orders SET charged_in = $4, charged_minor = $5, tax_minor = $6,
       completed_at = timestamptz 'epoch' + $3 * interval '1 microsecond'
 WHERE tenant = $1 AND order_id = $2::uuid";

const FAILED: &str = r"
UPDATE orders SET failure_code = $4,
       failed_at = timestamptz 'epoch' + $3 * interval '1 microsecond'
 WHERE tenant = $1 AND order_id = $2::uuid";

const CANCELLED: &str = r"
UPDATE orders SET cancelled_at = timestamptz 'epoch' + $3 * interval '1 microsecond'
 WHERE tenant = $1 AND order_id = $2::uuid";

const REFUNDED: &str = r"
INSERT INTO order_refunds
    (tenant, order_id, refunded_at, refund_id, currency, amount_minor, products, quantities)
VALUES ($1, $2::uuid, timestamptz 'epoch' + $3 * interval '1 microsecond', $4, $5, $6, $7, $8)";

/// The page first, and then what else there is of its orders. An index that is in the table's own order says
/// which stretches of it to look into.
const LISTED: &str = concat!(
    "SELECT order_id::text AS id, lines.units, back.refunds, back.refunded_minor, ",
    known_columns!(),
    "  FROM (SELECT * FROM orders
             WHERE tenant = $1
               AND placed_at >= $2::text::timestamptz AND placed_at < $3::text::timestamptz
               AND placed_at >= timestamptz 'epoch' + $4 * interval '1 microsecond'
               AND (placed_at, order_id)
                   > (timestamptz 'epoch' + $4 * interval '1 microsecond', $5::text::uuid)
             ORDER BY placed_at, order_id LIMIT $6) AS page,
       LATERAL (SELECT coalesce(sum(quantity), 0)::bigint AS units FROM order_lines AS of
                 WHERE (of.tenant, of.order_id) = (page.tenant, page.order_id)) AS lines,
       LATERAL (SELECT count(*) AS refunds,
                       coalesce(sum(amount_minor) FILTER (WHERE of.currency = page.charged_in), 0)::bigint
                           AS refunded_minor
                  FROM order_refunds AS of
                 WHERE (of.tenant, of.order_id) = (page.tenant, page.order_id)) AS back
 ORDER BY page.placed_at, page.order_id",
);

/// Comes before every order.
const NO_ORDER: &str = "00000000-0000-0000-0000-000000000000";

impl ListSales for AnalyticsDb {
    async fn sales_placed(
        &self,
        shop: &TenantId,
        days: &DayRange,
        (after, limit): (Option<(Timestamp, OrderId)>, u16),
    ) -> Result<Vec<ListedSale>, StoreError> {
        let (at, order) = match after {
            Some((at, order)) => (at.as_microsecond(), order.to_string()),
            None => (i64::from(i32::MIN) * 1_000_000, NO_ORDER.to_owned()),
        };
        let listed = within_days(LISTED, shop, days)
            .bind(at)
            .bind(order)
            .bind(i64::from(limit));
        let rows = self.ask(listed).await?;
        rows.iter().map(listed_of).collect()
    }
}

fn listed_of(row: &PgRow) -> Result<ListedSale, StoreError> {
    let known = sale_of(row)?;
    let (placed_at, placed) = known
        .placed
        .ok_or_else(|| broken("an order that was not placed"))?;
    let count = |name| row.try_get(name).map_err(classify);
    Ok(ListedSale {
        order: OrderId::parse(text(row, "id")?).map_err(broken)?,
        placed_at,
        total: placed.total,
        completed: known.completed,
        failed: known.failed,
        cancelled: known.cancelled,
        units: count("units")?,
        refunds: count("refunds")?,
        refunded_minor: count("refunded_minor")?,
    })
}

/// A statement about what happened in some days, from their first moment on.
pub(crate) fn within_days<'q>(
    statement: &'static str,
    shop: &'q TenantId,
    days: &DayRange,
) -> Statement<'q> {
    let midnight = |day: Date| format!("{day}T00:00:00Z");
    sqlx::query(statement)
        .bind(shop.as_str())
        .bind(midnight(*days.start()))
        .bind(midnight(days.end().tomorrow().unwrap_or(Date::MAX)))
}

impl CountSales for AnalyticsDb {
    async fn count_sale(&self, shop: &TenantId, told: &ReportedSale) -> Result<(), StoreError> {
        let mut work = self.together().await?;
        let mut sale = known(&mut work, shop, told).await?;
        let before = sale.adds();
        if sale.take(told.what.clone(), told.at) {
            for statement in keep(shop, told)? {
                work.ask(statement).await?;
            }
            let added = sale.adds().minus(&before);
            add(&mut work, shop, told, &added).await?;
        }
        work.commit().await
    }
}

/// A statement about the order.
fn about<'q>(statement: &'static str, shop: &'q TenantId, told: &ReportedSale) -> Statement<'q> {
    sqlx::query(statement)
        .bind(shop.as_str())
        .bind(told.order.to_string())
}

async fn known(
    work: &mut Together,
    shop: &TenantId,
    told: &ReportedSale,
) -> Result<Sale, StoreError> {
    let rows = work.ask(about(LOCK, shop, told)).await?;
    let order = rows.first().ok_or_else(|| broken("no row was locked"))?;
    let mut sale = sale_of(order)?;
    if let Some((_, placed)) = &mut sale.placed {
        let currency = placed.total.currency();
        for row in work.ask(about(LINES, shop, told)).await? {
            placed.lines.push(line_of(&row, currency)?);
        }
    }
    for row in work.ask(about(REFUNDS, shop, told)).await? {
        let id = text(&row, "refund_id")?.parse().map_err(broken)?;
        sale.refunds.insert(id, refund_of(&row)?);
    }
    Ok(sale)
}

/// Writes what happened.
fn keep<'q>(shop: &'q TenantId, told: &ReportedSale) -> Result<Vec<Statement<'q>>, StoreError> {
    let about = |statement| about(statement, shop, told);
    let at = told.at.as_microsecond();
    Ok(match &told.what {
        SaleEvent::Placed(placed) => {
            let PlacedSale { total, lines } = placed;
            let order = about(PLACED).bind(at).bind(total.currency().code());
            let column = |of: fn(&OrderLine) -> String| lines.iter().map(of).collect::<Vec<_>>();
            let quantities = lines.iter().map(|it| signed(it.quantity));
            let prices = lines.iter().map(|it| it.unit_price.minor());
            let ordered = about(ORDERED)
                .bind(column(|it| it.product_id.to_string()))
                .bind(column(|it| it.sku.to_string()))
                .bind(quantities.collect::<Result<Vec<_>, _>>()?)
                .bind(prices.collect::<Vec<_>>());
            vec![order.bind(total.minor()), ordered]
        }
        SaleEvent::Completed(Charge { total, tax_minor }) => {
            let charged = about(COMPLETED).bind(at).bind(total.currency().code());
            vec![charged.bind(total.minor()).bind(*tax_minor)]
        }
        SaleEvent::Failed(code) => vec![about(FAILED).bind(at).bind(code.name())],
        SaleEvent::Cancelled => vec![about(CANCELLED).bind(at)],
        SaleEvent::Refunded(id, RefundedSale { amount, lines }) => {
            let products = lines.iter().map(|it| it.product_id.to_string());
            let quantities = lines.iter().map(|it| signed(it.quantity));
            let refund = about(REFUNDED)
                .bind(at)
                .bind(id.to_string())
                .bind(amount.currency().code())
                .bind(amount.minor())
                .bind(products.collect::<Vec<_>>())
                .bind(quantities.collect::<Result<Vec<_>, _>>()?);
            vec![refund]
        }
    })
}

pub(crate) fn sale_of(row: &PgRow) -> Result<Sale, StoreError> {
    let mut sale = Sale::default();
    if let Some(at) = time(row, "placed_us")? {
        let total = money(row, "total_minor", "currency")?;
        let lines = Vec::new();
        sale.placed = Some((at, PlacedSale { total, lines }));
    }
    if let Some(at) = time(row, "completed_us")? {
        let total = money(row, "charged_minor", "charged_in")?;
        let tax_minor = row.try_get("tax_minor").map_err(classify)?;
        sale.completed = Some((at, Charge { total, tax_minor }));
    }
    if let Some(at) = time(row, "failed_us")? {
        let code = FailureCode::from_name(text(row, "failure_code")?);
        let code = code.ok_or_else(|| broken("a reason that nobody knows"))?;
        sale.failed = Some((at, code));
    }
    sale.cancelled = time(row, "cancelled_us")?;
    Ok(sale)
}

pub(crate) fn line_of(row: &PgRow, currency: Currency) -> Result<OrderLine, StoreError> {
    let price: i64 = row.try_get("unit_price_minor").map_err(classify)?;
    let quantity: i32 = row.try_get("quantity").map_err(classify)?;
    Ok(OrderLine {
        product_id: text(row, "product_id")?.parse().map_err(broken)?,
        sku: text(row, "sku")?.parse().map_err(broken)?,
        quantity: u32::try_from(quantity).map_err(broken)?,
        unit_price: Money::new(price, currency).map_err(broken)?,
    })
}

pub(crate) fn refund_of(row: &PgRow) -> Result<(Timestamp, RefundedSale), StoreError> {
    let at = time(row, "refunded_at")?.ok_or_else(|| broken("a refund without a time"))?;
    let products: Vec<String> = row.try_get("products").map_err(classify)?;
    let quantities: Vec<i32> = row.try_get("quantities").map_err(classify)?;
    let line = |(product, quantity): (String, i32)| {
        Ok(ReturnedLine {
            product_id: product.parse().map_err(broken)?,
            quantity: u32::try_from(quantity).map_err(broken)?,
        })
    };
    let lines = products.into_iter().zip(quantities).map(line);
    let refund = RefundedSale {
        amount: money(row, "amount_minor", "currency")?,
        lines: lines.collect::<Result<Vec<_>, StoreError>>()?,
    };
    Ok((at, refund))
}

pub(crate) fn money(row: &PgRow, minor: &str, currency: &str) -> Result<Money, StoreError> {
    let minor: i64 = row.try_get(minor).map_err(classify)?;
    let currency = Currency::parse(text(row, currency)?).map_err(broken)?;
    Money::new(minor, currency).map_err(broken)
}

pub(crate) fn time(row: &PgRow, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = row.try_get(name).map_err(classify)?;
    at.map(Timestamp::from_microsecond)
        .transpose()
        .map_err(broken)
}

fn signed(quantity: u32) -> Result<i32, StoreError> {
    i32::try_from(quantity).map_err(broken)
}
