//! The figures of a shop.

use std::future::Future;

use super::{SaveError, StoreError};
use crate::{CountedOrder, NewestCourses, OrderId, Period, Tally, TenantId};

/// Counts orders.
pub trait CountOrders {
    /// What was counted of an order; the default where nothing was.
    fn counted(
        &self,
        order: OrderId,
    ) -> impl Future<Output = Result<CountedOrder, StoreError>> + Send;

    /// Writes it as its next version and changes the figures of the shop by the tallies, both or
    /// neither, if what is stored has still the version that was read.
    fn save_counted(
        &self,
        shop: &TenantId,
        order: OrderId,
        counted: CountedOrder,
        tallies: &[Tally],
    ) -> impl Future<Output = Result<(), SaveError<CountedOrder>>> + Send;
}

/// Keeps the newest courses of each shop.
pub trait KeepNewest {
    /// The newest courses; the default where none were kept.
    fn newest(
        &self,
        shop: &TenantId,
    ) -> impl Future<Output = Result<NewestCourses, StoreError>> + Send;

    /// Writes them as their next version, if what is stored has still the version that was read.
    fn save_newest(
        &self,
        shop: &TenantId,
        newest: NewestCourses,
    ) -> impl Future<Output = Result<(), SaveError<NewestCourses>>> + Send;
}

/// Reads what was counted.
pub trait ReadFigures {
    /// All figures of these periods, each at most once; those that are
    /// nothing may be missing.
    fn figures(
        &self,
        shop: &TenantId,
        periods: &[Period],
    ) -> impl Future<Output = Result<Vec<Tally>, StoreError>> + Send;
}
