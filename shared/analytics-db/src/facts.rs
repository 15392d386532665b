//! What is known of payments, parcels and stock. Each fact is one statement, with the parent that it may
//! have come before: `least` keeps the first time that a thing happened, and what is known has a sequence,
//! so neither repeats nor any order of hearing show, however many write beside each other.

use std::collections::BTreeMap;

use domain::ports::{KeepFacts, ReadFacts, StoreError};
use domain::{
    Fact, LeaseStep, ListedProduct, Money, OrderFact, OrderId, OrderPart, OrderParts, ParcelStep,
    PaymentStep, RefundId, Sku, StockLevel, StockLine, TenantId,
};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify};
use crate::ask::Statement;
use crate::sales::{money, time};

/// A time in microseconds since 1970, or nothing.
macro_rules! time {
    ($place:literal) => {
        concat!(
            "timestamptz 'epoch' + $",
            $place,
            "::bigint * interval '1 microsecond'"
        )
    };
}

/// A fact of an order, after a row for the order where there is none.
macro_rules! of_order {
    ($($then:expr),* $(,)?) => {
        concat!(
            "WITH parent AS (
                INSERT INTO orders (tenant, order_id) VALUES ($1, $2::uuid) ON CONFLICT DO NOTHING) ",
            $($then),*
        )
    };
}

const PAYMENT: &str = of_order!(
    "INSERT INTO payments AS known (tenant, order_id, currency, amount_minor,
        authorised_at, declined_at, captured_at, closed_at)
     VALUES ($1, $2::uuid, $3, $4, ",
    time!(5),
    ", ",
    time!(6),
    ", ",
    time!(7),
    ", ",
    time!(8),
    ") ON CONFLICT (tenant, order_id) DO UPDATE SET
        currency = coalesce(known.currency, excluded.currency),
        amount_minor = coalesce(known.amount_minor, excluded.amount_minor),
        authorised_at = least(known.authorised_at, excluded.authorised_at),
        declined_at = least(known.declined_at, excluded.declined_at),
        captured_at = least(known.captured_at, excluded.captured_at),
        closed_at = least(known.closed_at, excluded.closed_at)",
);

const REFUND: &str = of_order!(
    ", payment AS (
        INSERT INTO payments (tenant, order_id) VALUES ($1, $2::uuid) ON CONFLICT DO NOTHING)
     INSERT INTO payment_refunds
        (tenant, order_id, refund_id, currency, amount_minor, refunded_at)
     VALUES ($1, $2::uuid, $3, $4, $5, ",
    time!(6),
    ") ON CONFLICT DO NOTHING",
);

const PARCEL: &str = of_order!(
    "INSERT INTO shipments AS known
        (tenant, order_id, booked_at, refused_at, cancelled_at, handed_over_at, delivered_at)
     VALUES ($1, $2::uuid, ",
    time!(3),
    ", ",
    time!(4),
    ", ",
    time!(5),
    ", ",
    time!(6),
    ", ",
    time!(7),
    ") ON CONFLICT (tenant, order_id) DO UPDATE SET
        booked_at = least(known.booked_at, excluded.booked_at),
        refused_at = least(known.refused_at, excluded.refused_at),
        cancelled_at = least(known.cancelled_at, excluded.cancelled_at),
        handed_over_at = least(known.handed_over_at, excluded.handed_over_at),
        delivered_at = least(known.delivered_at, excluded.delivered_at)",
);

/// Rows of stock are made in the sequence of their keys, so that nobody waits in a circle.
const LEASE: &str = of_order!(
    ", shelves AS (
        INSERT INTO stock (tenant, sku) SELECT $1, sku FROM unnest($3::text[]) AS sku ORDER BY sku
        ON CONFLICT DO NOTHING),
     lease AS (
        INSERT INTO leases AS known (tenant, order_id, held_at, released_at, sold_at)
        VALUES ($1, $2::uuid, ",
    time!(5),
    ", ",
    time!(6),
    ", ",
    time!(7),
    ") ON CONFLICT (tenant, order_id) DO UPDATE SET
            held_at = least(known.held_at, excluded.held_at),
            released_at = least(known.released_at, excluded.released_at),
            sold_at = least(known.sold_at, excluded.sold_at))
     INSERT INTO lease_lines (tenant, order_id, sku, quantity)
     SELECT $1, $2::uuid, * FROM unnest($3::text[], $4::bigint[])
     ON CONFLICT DO NOTHING",
);

const STOCK: &str = concat!(
    "INSERT INTO stock AS known (tenant, sku, sequence, available, put_in, low, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, ",
    time!(7),
    ") ON CONFLICT (tenant, sku) DO UPDATE SET
        sequence = excluded.sequence, available = excluded.available, put_in = excluded.put_in,
        low = excluded.low, changed_at = excluded.changed_at
     WHERE known.sequence IS NULL OR known.sequence < excluded.sequence"
);

const PRODUCT: &str = r"
WITH parent AS (INSERT INTO stock (tenant, sku) VALUES ($1, $3) ON CONFLICT DO NOTHING)
INSERT INTO products AS known (tenant, product_id, sku, on_sale, sequence)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, product_id) DO UPDATE SET
    sku = excluded.sku, on_sale = excluded.on_sale, sequence = excluded.sequence
WHERE known.sequence < excluded.sequence";

const PARTS: &str = r"
SELECT payments.currency, amount_minor,
       (extract(epoch FROM authorised_at) * 1000000)::bigint AS authorised,
       (extract(epoch FROM declined_at) * 1000000)::bigint AS declined,
       (extract(epoch FROM captured_at) * 1000000)::bigint AS captured,
       (extract(epoch FROM closed_at) * 1000000)::bigint AS closed,
       (extract(epoch FROM booked_at) * 1000000)::bigint AS booked,
       (extract(epoch FROM refused_at) * 1000000)::bigint AS refused,
       (extract(epoch FROM shipments.cancelled_at) * 1000000)::bigint AS cancelled,
       (extract(epoch FROM handed_over_at) * 1000000)::bigint AS handed_over,
       (extract(epoch FROM delivered_at) * 1000000)::bigint AS delivered,
       (extract(epoch FROM held_at) * 1000000)::bigint AS held,
       (extract(epoch FROM released_at) * 1000000)::bigint AS released,
       (extract(epoch FROM sold_at) * 1000000)::bigint AS sold
  FROM orders
  LEFT JOIN payments USING (tenant, order_id)
  LEFT JOIN shipments USING (tenant, order_id)
  LEFT JOIN leases USING (tenant, order_id)
 WHERE tenant = $1 AND order_id = $2::uuid";

const REFUNDS: &str = r"
SELECT refund_id, currency, amount_minor,
       (extract(epoch FROM refunded_at) * 1000000)::bigint AS refunded
  FROM payment_refunds WHERE tenant = $1 AND order_id = $2::uuid";

const LINES: &str =
    "SELECT sku, quantity FROM lease_lines WHERE tenant = $1 AND order_id = $2::uuid";

const PAYMENTS: [(PaymentStep, &str); 4] = [
    (PaymentStep::Authorised, "authorised"),
    (PaymentStep::Declined, "declined"),
    (PaymentStep::Captured, "captured"),
    (PaymentStep::Closed, "closed"),
];
const PARCELS: [(ParcelStep, &str); 5] = [
    (ParcelStep::Booked, "booked"),
    (ParcelStep::Refused, "refused"),
    (ParcelStep::Cancelled, "cancelled"),
    (ParcelStep::HandedOver, "handed_over"),
    (ParcelStep::Delivered, "delivered"),
];
const LEASES: [(LeaseStep, &str); 3] = [
    (LeaseStep::Held, "held"),
    (LeaseStep::Released, "released"),
    (LeaseStep::Sold, "sold"),
];

impl KeepFacts for AnalyticsDb {
    async fn keep_fact(&self, shop: &TenantId, fact: &Fact) -> Result<(), StoreError> {
        let keep = match fact {
            Fact::OfOrder(fact) => of_order(shop, fact),
            Fact::Stock(level) => stock(shop, level),
            Fact::Product(product) => listed(shop, product),
        };
        self.ask(keep).await.map(drop)
    }
}

fn of_order<'q>(shop: &'q TenantId, fact: &'q OrderFact) -> Statement<'q> {
    let about = |statement| {
        let statement = sqlx::query(statement).bind(shop.as_str());
        statement.bind(fact.order.to_string())
    };
    match &fact.what {
        OrderPart::Payment(step, amount) => {
            let payment = about(PAYMENT).bind(amount.map(|amount| amount.currency().code()));
            let payment = payment.bind(amount.map(Money::minor));
            at(payment, &PAYMENTS, *step, fact.at)
        }
        OrderPart::Refunded(id, amount) => {
            let refund = about(REFUND).bind(id.to_string());
            let refund = refund.bind(amount.currency().code()).bind(amount.minor());
            refund.bind(fact.at.as_microsecond())
        }
        OrderPart::Parcel(step) => at(about(PARCEL), &PARCELS, *step, fact.at),
        OrderPart::Lease(step, lines) => {
            let sku = |line: &StockLine| line.sku.to_string();
            let quantity = |line: &StockLine| i64::from(line.quantity);
            let lease = about(LEASE)
                .bind(lines.iter().map(sku).collect::<Vec<_>>())
                .bind(lines.iter().map(quantity).collect::<Vec<_>>());
            at(lease, &LEASES, *step, fact.at)
        }
    }
}

/// The time in the place of its step, and nothing in all others.
fn at<'q, S: Copy + PartialEq>(
    mut statement: Statement<'q>,
    steps: &[(S, &str)],
    step: S,
    time: Timestamp,
) -> Statement<'q> {
    for (known, _) in steps {
        statement = statement.bind((*known == step).then(|| time.as_microsecond()));
    }
    statement
}

fn stock<'q>(shop: &'q TenantId, level: &'q StockLevel) -> Statement<'q> {
    sqlx::query(STOCK)
        .bind(shop.as_str())
        .bind(level.sku.as_str())
        .bind(i64::from(level.sequence.0))
        .bind(i64::from(level.available))
        .bind(i64::from(level.put_in))
        .bind(level.low)
        .bind(level.at.as_microsecond())
}

fn listed<'q>(shop: &'q TenantId, product: &'q ListedProduct) -> Statement<'q> {
    sqlx::query(PRODUCT)
        .bind(shop.as_str())
        .bind(product.product.as_str())
        .bind(product.sku.as_str())
        .bind(product.on_sale)
        .bind(i64::from(product.sequence.0))
}

impl ReadFacts for AnalyticsDb {
    async fn facts_of(&self, shop: &TenantId, order: OrderId) -> Result<OrderParts, StoreError> {
        let order = order.to_string();
        let about = |statement| sqlx::query(statement).bind(shop.as_str()).bind(&order);
        let rows = self.ask(about(PARTS)).await?;
        let Some(row) = rows.first() else {
            return Ok(OrderParts::default());
        };
        let refunds = self.ask(about(REFUNDS)).await?;
        let lines = self.ask(about(LINES)).await?;
        let amount: Option<i64> = row.try_get("amount_minor").map_err(classify)?;
        Ok(OrderParts {
            payment: times(row, &PAYMENTS)?,
            amount: amount.map(|_| amount_of(row)).transpose()?,
            refunds: refunds.iter().map(refund_of).collect::<Result<_, _>>()?,
            parcel: times(row, &PARCELS)?,
            lease: times(row, &LEASES)?,
            lines: lines.iter().map(line_of).collect::<Result<_, _>>()?,
        })
    }
}

fn times<S: Copy + Ord>(
    row: &PgRow,
    steps: &[(S, &str)],
) -> Result<BTreeMap<S, Timestamp>, StoreError> {
    let step = |(step, name): &(S, &str)| Ok(time(row, name)?.map(|at| (*step, at)));
    steps.iter().filter_map(|of| step(of).transpose()).collect()
}

fn amount_of(row: &PgRow) -> Result<Money, StoreError> {
    money(row, "amount_minor", "currency")
}

fn refund_of(row: &PgRow) -> Result<(RefundId, (Timestamp, Money)), StoreError> {
    let id: &str = row.try_get("refund_id").map_err(classify)?;
    let at = time(row, "refunded")?.ok_or_else(|| broken("a refund without a time"))?;
    Ok((id.parse().map_err(broken)?, (at, amount_of(row)?)))
}

fn line_of(row: &PgRow) -> Result<(Sku, u32), StoreError> {
    let sku: &str = row.try_get("sku").map_err(classify)?;
    let quantity: i64 = row.try_get("quantity").map_err(classify)?;
    Ok((
        sku.parse().map_err(broken)?,
        u32::try_from(quantity).map_err(broken)?,
    ))
}
