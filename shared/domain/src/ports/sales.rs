//! What is sold, for reports.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::Date;

use super::StoreError;
use crate::{
    FailureCode, OrderId, Period, ProductFigures, ProductId, SaleEvent, SalesFigures, SalesKey,
    TenantId,
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
