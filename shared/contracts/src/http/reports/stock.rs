//! How long stock lasts.

use domain::days_of_cover;
use domain::ports::{StockCover, StockNews};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AsOfBody;

/// Answer to `GET /api/v1/admin/reports/stock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockReportBody {
    /// The first of the days whose sales count.
    pub from: String,
    /// The last of them.
    pub to: String,
    /// What the sales are made of; missing where nothing was sold ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOfBody>,
    /// What the stock is made of; missing where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock_as_of: Option<StockAsOfBody>,
    /// What is gone first comes first; what was not sold in these days comes last.
    pub rows: Vec<StockRowBody>,
}

/// Up to where the stock of a shop is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockAsOfBody {
    /// Id of the event that told of the newest change.
    pub event: String,
    /// When the newest change happened.
    pub newest: Timestamp,
}

/// How long the stock of one product lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockRowBody {
    /// Which product.
    pub product_id: String,
    /// What leaves the warehouse.
    pub sku: String,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces that are held for orders that have not ended.
    pub reserved: i64,
    /// Whether it is time to order more, by the threshold of the SKU.
    pub low: bool,
    /// Pieces that were sold in these days.
    pub units_sold: i64,
    /// For how many whole days the pieces last at that rate; missing where none was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_of_cover: Option<i64>,
    /// When the pieces that can be sold changed last.
    pub changed_at: Timestamp,
}

impl From<&StockNews> for StockAsOfBody {
    fn from(news: &StockNews) -> Self {
        Self {
            event: format!("stock/{}/{}", news.sku, news.sequence),
            newest: news.at,
        }
    }
}

impl StockRowBody {
    /// The row of a product of which so many were sold in so many days.
    pub fn of(cover: &StockCover, days: i64) -> Self {
        Self {
            product_id: cover.product.to_string(),
            sku: cover.sku.to_string(),
            available: cover.available,
            reserved: cover.reserved,
            low: cover.low,
            units_sold: cover.sold,
            days_of_cover: days_of_cover(cover.available, cover.sold, days),
            changed_at: cover.changed_at,
        }
    }
}
