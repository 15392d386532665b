//! Reports of what was sold, for those who run the shop. Days and hours are those of UTC, amounts are
//! minor units of their currency.

use std::collections::BTreeMap;

use domain::ports::{Freshness, TopProduct};
use domain::{FailureCode, MetricFigures, Period, SalesFigures, SalesKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod sheets;
mod stock;
#[cfg(test)]
mod tests;

pub use stock::{StockAsOfBody, StockReportBody, StockRowBody};

/// Answer to `GET /api/v1/admin/reports/daily`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DailyReportBody {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What it is made of; missing where nothing was sold ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOfBody>,
    /// By time, then by currency. Times in which nothing happened are left out.
    pub rows: Vec<SalesRowBody>,
}

/// What a report is made of: everything up to here is in it, and more may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AsOfBody {
    /// Id of the event that was counted last; where events of tenants are reported, of the batch.
    pub event: String,
    /// When the newest of all counted events happened.
    pub newest: Timestamp,
    /// How many events, or batches, have changed the figures of the shop so far.
    pub changes: u64,
}

/// What was sold in one currency on a day, or in an hour of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SalesRowBody {
    /// The day.
    pub day: String,
    /// The hour, 0 to 23; missing in a report by day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<i8>,
    /// ISO 4217 code.
    pub currency: String,
    /// Orders that were placed.
    pub placed: i64,
    /// What these cost.
    pub placed_minor: i64,
    /// Orders that were charged.
    pub orders: i64,
    /// Pieces of these.
    pub units: i64,
    /// What was charged, tax and shipping with it.
    pub revenue_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// What an order brought on average, rounded; missing where none was charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_order_minor: Option<i64>,
    /// Refunds that were paid.
    pub refunds: i64,
    /// What went back.
    pub refunded_minor: i64,
    /// Orders that failed.
    pub failed: i64,
    /// Orders that were cancelled.
    pub cancelled: i64,
}

/// Answer to `GET /api/v1/admin/reports/products`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductReportBody {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What it is made of; missing where nothing was sold ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOfBody>,
    /// What brought most comes first.
    pub rows: Vec<ProductRowBody>,
}

/// What was sold of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductRowBody {
    /// Which.
    pub product_id: String,
    /// Orders that were charged.
    pub orders: i64,
    /// Pieces.
    pub units: i64,
    /// What these cost, net.
    pub revenue_minor: i64,
    /// Pieces that were paid back in these days, whenever they were sold.
    pub returned: i64,
}

/// Answer to `GET /api/v1/admin/reports/failures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureReportBody {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What it is made of; missing where nothing was sold ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOfBody>,
    /// By day, then by reason.
    pub rows: Vec<FailureRowBody>,
}

/// Orders that failed on a day for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureRowBody {
    /// The day.
    pub day: String,
    /// Stable reason, such as `out_of_stock`.
    pub reason: String,
    /// How many.
    pub orders: i64,
}

/// Answer to `GET /api/v1/admin/reports/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventReportBody {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// What it is made of; missing where no batch ever came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOfBody>,
    /// By time. Times in which nothing happened are left out.
    pub rows: Vec<EventRowBody>,
}

/// What happened on a day, or in an hour of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventRowBody {
    /// The day.
    pub day: String,
    /// The hour, 0 to 23; missing in a report by day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<i8>,
    /// How many events.
    pub events: i64,
    /// How long they took together, in microseconds.
    pub processing_us: i64,
    /// How long one took on average, in milliseconds.
    pub average_ms: f64,
}

impl EventRowBody {
    /// The rows of a report, by time.
    pub fn all(figures: &BTreeMap<Period, MetricFigures>) -> Vec<Self> {
        let row = |(period, figures): (&Period, &MetricFigures)| {
            Some(Self {
                day: day_of(*period),
                hour: hour_of(*period),
                events: figures.events,
                processing_us: figures.micros,
                average_ms: figures.average_millis()?,
            })
        };
        figures.iter().filter_map(row).collect()
    }
}

impl From<&Freshness> for AsOfBody {
    fn from(freshness: &Freshness) -> Self {
        Self {
            event: freshness.last_event.clone(),
            newest: freshness.newest,
            changes: freshness.changes,
        }
    }
}

impl SalesRowBody {
    /// The rows of a report, by time and currency.
    pub fn all(sales: &BTreeMap<SalesKey, SalesFigures>) -> Vec<Self> {
        let row = |(key, figures): (&SalesKey, &SalesFigures)| Self::of(key, figures);
        sales.iter().map(row).collect()
    }

    fn of((period, currency): &SalesKey, figures: &SalesFigures) -> Self {
        Self {
            day: day_of(*period),
            hour: hour_of(*period),
            currency: (*currency).to_owned(),
            placed: figures.placed,
            placed_minor: figures.placed_minor,
            orders: figures.completed,
            units: figures.units,
            revenue_minor: figures.revenue_minor,
            tax_minor: figures.tax_minor,
            average_order_minor: average(figures.revenue_minor, figures.completed),
            refunds: figures.refunds,
            refunded_minor: figures.refunded_minor,
            failed: figures.failed,
            cancelled: figures.cancelled,
        }
    }
}

impl From<&TopProduct> for ProductRowBody {
    fn from(top: &TopProduct) -> Self {
        let figures = &top.figures;
        Self {
            product_id: top.product.to_string(),
            orders: figures.orders,
            units: figures.units,
            revenue_minor: figures.revenue_minor,
            returned: figures.returned,
        }
    }
}

impl FailureRowBody {
    /// The rows of a report: by day, then by the name of the reason.
    pub fn all(failures: &BTreeMap<(Period, FailureCode), i64>) -> Vec<Self> {
        let row = |((period, code), orders): (&(Period, FailureCode), &i64)| Self {
            day: day_of(*period),
            reason: code.name().to_owned(),
            orders: *orders,
        };
        let mut rows: Vec<Self> = failures.iter().map(row).collect();
        rows.sort_by(|one, other| (&one.day, &one.reason).cmp(&(&other.day, &other.reason)));
        rows
    }
}

fn day_of(period: Period) -> String {
    match period {
        Period::Day(day) | Period::Hour(day, _) => day.to_string(),
        // No figure of a report is of no day.
        Period::Now => String::new(),
    }
}

const fn hour_of(period: Period) -> Option<i8> {
    match period {
        Period::Hour(_, hour) => Some(hour),
        Period::Day(_) | Period::Now => None,
    }
}

/// Rounded to the nearest, up from the middle.
fn average(sum: i64, count: i64) -> Option<i64> {
    let doubled = sum.checked_mul(2)?.checked_add(count)?;
    doubled.checked_div(count.checked_mul(2)?)
}
