//! What is known of payments, parcels and stock, for reports.

use std::future::Future;

use jiff::Timestamp;

use super::{DayRange, StoreError};
use crate::{Fact, OrderId, OrderParts, ProductId, Sku, TenantId};

/// Keeps what happened.
pub trait KeepFacts {
    /// Keeps it once, in whatever order it comes: of what happens to an order the first time, of a state
    /// the newest.
    fn keep_fact(
        &self,
        shop: &TenantId,
        fact: &Fact,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads what is known of one order.
pub trait ReadFacts {
    /// Its payment, its parcel and its stock; nothing of what nobody told of.
    fn facts_of(
        &self,
        shop: &TenantId,
        order: OrderId,
    ) -> impl Future<Output = Result<OrderParts, StoreError>> + Send;
}

/// Reads how long the stock of a shop lasts.
pub trait ReadStock {
    /// The newest change of the stock of what is on sale; nothing where no stock is known. Whatever is read
    /// after it has at least that.
    fn stock_news(
        &self,
        shop: &TenantId,
    ) -> impl Future<Output = Result<Option<StockNews>, StoreError>> + Send;

    /// What is on sale and has a stock that is known, with what was sold of it in some days: what is
    /// gone first comes first, what was not sold comes last.
    fn stock_cover(
        &self,
        shop: &TenantId,
        days: &DayRange,
        asked: CoverAsked,
    ) -> impl Future<Output = Result<Vec<StockCover>, StoreError>> + Send;
}

/// A change of stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockNews {
    /// Of what.
    pub sku: Sku,
    /// How often that had changed by then.
    pub sequence: u32,
    /// When.
    pub at: Timestamp,
}

/// Which products are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverAsked {
    /// Those that last for fewer days; all where it is missing.
    pub below: Option<u32>,
    /// At most so many.
    pub limit: u8,
}

/// How long the stock of a product lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockCover {
    /// Which product.
    pub product: ProductId,
    /// What leaves the warehouse.
    pub sku: Sku,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces that are held for orders of the shop.
    pub reserved: i64,
    /// Whether it is time to order more.
    pub low: bool,
    /// Pieces that were sold in the days that were asked for.
    pub sold: i64,
    /// When the pieces that can be sold changed last.
    pub changed_at: Timestamp,
}
