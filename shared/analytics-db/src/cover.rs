//! How long the stock of a shop lasts: what is there, by what was sold of it, of all products that are taken
//! from it. No order is read but the few for which stock is held now.

use domain::TenantId;
use domain::ports::{CoverAsked, DayRange, ReadStock, StockCover, StockNews, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::AnalyticsDb;
use crate::answer::{broken, classify, text};
use crate::sales::time;

const NEWS: &str = r"
SELECT sku, stock.sequence, (extract(epoch FROM changed_at) * 1000000)::bigint AS changed
  FROM products JOIN stock USING (tenant, sku)
 WHERE tenant = $1 AND on_sale AND known
 ORDER BY changed_at DESC, sku LIMIT 1";

const COVER: &str = r"
WITH held AS (
    SELECT sku, sum(quantity)::bigint AS pieces
      FROM leases JOIN lease_lines USING (tenant, order_id)
     WHERE tenant = $1 AND held GROUP BY sku),
sold AS (
    SELECT sku, sum(units)::bigint AS pieces
      FROM product_days JOIN products USING (tenant, product_id)
     WHERE tenant = $1 AND day BETWEEN $2::text::date AND $3::text::date GROUP BY sku),
lasts AS (
    SELECT product_id, sku, available, low, changed_at,
           coalesce(held.pieces, 0) AS reserved, coalesce(sold.pieces, 0) AS sold,
           available * ($3::text::date - $2::text::date + 1) / nullif(sold.pieces, 0) AS cover
      FROM products JOIN stock USING (tenant, sku)
      LEFT JOIN held USING (sku) LEFT JOIN sold USING (sku)
     WHERE tenant = $1 AND on_sale AND known)
SELECT product_id, sku, available, low, reserved, sold,
       (extract(epoch FROM changed_at) * 1000000)::bigint AS changed
  FROM lasts WHERE $4::bigint IS NULL OR cover < $4
 ORDER BY cover NULLS LAST, available, product_id LIMIT $5";

impl ReadStock for AnalyticsDb {
    async fn stock_news(&self, shop: &TenantId) -> Result<Option<StockNews>, StoreError> {
        let rows = self.ask(sqlx::query(NEWS).bind(shop.as_str())).await?;
        rows.first().map(news_of).transpose()
    }

    async fn stock_cover(
        &self,
        shop: &TenantId,
        days: &DayRange,
        asked: CoverAsked,
    ) -> Result<Vec<StockCover>, StoreError> {
        let cover = sqlx::query(COVER)
            .bind(shop.as_str())
            .bind(days.start().to_string())
            .bind(days.end().to_string())
            .bind(asked.below.map(i64::from))
            .bind(i64::from(asked.limit));
        self.ask(cover).await?.iter().map(cover_of).collect()
    }
}

fn news_of(row: &PgRow) -> Result<StockNews, StoreError> {
    Ok(StockNews {
        sku: text(row, "sku")?.parse().map_err(broken)?,
        sequence: whole(row, "sequence")?,
        at: time(row, "changed")?.ok_or_else(|| broken("a stock without a time"))?,
    })
}

fn cover_of(row: &PgRow) -> Result<StockCover, StoreError> {
    Ok(StockCover {
        product: text(row, "product_id")?.parse().map_err(broken)?,
        sku: text(row, "sku")?.parse().map_err(broken)?,
        available: whole(row, "available")?,
        reserved: row.try_get("reserved").map_err(classify)?,
        low: row.try_get("low").map_err(classify)?,
        sold: row.try_get("sold").map_err(classify)?,
        changed_at: time(row, "changed")?.ok_or_else(|| broken("a stock without a time"))?,
    })
}

fn whole(row: &PgRow, name: &str) -> Result<u32, StoreError> {
    let value: i64 = row.try_get(name).map_err(classify)?;
    u32::try_from(value).map_err(broken)
}
