//! What is sold, for reports.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::Date;

use super::StoreError;
use crate::{
    Charge, FailureCode, Miscounted, Money, OrderId, Period, ProductFigures, ProductId, SaleEvent,
    SalesFigures, SalesKey, TenantId,
};

/// Days in UTC, the first and the last with them.
pub type DayRange = RangeInclusive<Date>;

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedSale {
    /// Which order.
    pub order: OrderId,
    /// What happened.
    pub what: SaleEvent,
    /// When.
    pub at: Timestamp,
    /// Id of the event that told of it.
    pub event_id: String,
}

/// What reports are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// How often the reports of the shop have changed.
    pub changes: u64,
    /// Id of the event that they took in last.
    pub last_event: String,
    /// When the newest of all events that they have happened.
    pub newest: Timestamp,
}

/// What was sold of a product in some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopProduct {
    /// Which.
    pub product: ProductId,
    /// How much.
    pub figures: ProductFigures,
}

/// Counts what orders add to the reports.
pub trait CountSales {
    /// Keeps what happened to an order and changes the figures of the shop by it, both or neither.
    /// What is known already changes nothing.
    fn count_sale(
        &self,
        shop: &TenantId,
        sale: &ReportedSale,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads what was counted. What is nothing may be missing.
pub trait ReadSales {
    /// What the reports are made of; nothing where nothing was counted. Whatever is read after it has at
    /// least that.
    fn freshness(
        &self,
        shop: &TenantId,
    ) -> impl Future<Output = Result<Option<Freshness>, StoreError>> + Send;

    /// What was sold each day.
    fn sales_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> impl Future<Output = Result<BTreeMap<SalesKey, SalesFigures>, StoreError>> + Send;

    /// What was sold each hour.
    fn sales_by_hour(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> impl Future<Output = Result<BTreeMap<SalesKey, SalesFigures>, StoreError>> + Send;

    /// The products that brought most in a currency, by its code; at most so many.
    fn top_products(
        &self,
        shop: &TenantId,
        days: &DayRange,
        currency: &str,
        limit: u8,
    ) -> impl Future<Output = Result<Vec<TopProduct>, StoreError>> + Send;

    /// Why orders failed each day.
    fn failures_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> impl Future<Output = Result<BTreeMap<(Period, FailureCode), i64>, StoreError>> + Send;
}

/// An order, as far as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSale {
    /// Which.
    pub order: OrderId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What it costs.
    pub total: Money,
    /// That it was charged.
    pub completed: Option<(Timestamp, Charge)>,
    /// That it failed.
    pub failed: Option<(Timestamp, FailureCode)>,
    /// That it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// Pieces that were ordered.
    pub units: i64,
    /// Refunds that were paid.
    pub refunds: i64,
    /// What went back in the currency that was charged, in minor units.
    pub refunded_minor: i64,
}

/// Lists orders one by one.
pub trait ListSales {
    /// So many of the orders that were placed in these days, the oldest first; those behind one that was
    /// listed before, by when it was placed and its id.
    fn sales_placed(
        &self,
        shop: &TenantId,
        days: &DayRange,
        page: (Option<(Timestamp, OrderId)>, u16),
    ) -> impl Future<Output = Result<Vec<ListedSale>, StoreError>> + Send;
}

/// Counts what is in the reports once more, whoever counts at the same time.
pub trait RecountSales {
    /// The figures of a day that are not what the orders that are known come to.
    fn miscounted(
        &self,
        shop: &TenantId,
        day: Date,
    ) -> impl Future<Output = Result<Vec<Miscounted>, StoreError>> + Send;

    /// Makes the figures of a day what the orders that are known come to, all of them or none.
    fn recount(
        &self,
        shop: &TenantId,
        day: Date,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
