//! All that is reported, in memory: what was sold, and what happened at tenants.

use std::collections::BTreeMap;

use domain::ports::{DayRange, Freshness, ReadMetrics, ReadSales, StoreError, TopProduct, Whose};
use domain::{BatchId, FailureCode, FiguresByTenant, Period, SalesFigures, SalesKey, TenantId};

use super::{FakeMetrics, FakeSales};

/// One database with the figures of both.
#[derive(Clone, Debug, Default)]
pub struct FakeReports {
    /// What was sold.
    pub sales: FakeSales,
    /// What happened at tenants.
    pub metrics: FakeMetrics,
}

impl ReadSales for FakeReports {
    async fn freshness(&self, shop: &TenantId) -> Result<Option<Freshness>, StoreError> {
        self.sales.freshness(shop).await
    }

    async fn sales_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        self.sales.sales_by_day(shop, days).await
    }

    async fn sales_by_hour(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        self.sales.sales_by_hour(shop, days).await
    }

    async fn top_products(
        &self,
        shop: &TenantId,
        days: &DayRange,
        currency: &str,
        limit: u8,
    ) -> Result<Vec<TopProduct>, StoreError> {
        self.sales.top_products(shop, days, currency, limit).await
    }

    async fn failures_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<(Period, FailureCode), i64>, StoreError> {
        self.sales.failures_by_day(shop, days).await
    }
}

impl ReadMetrics for FakeReports {
    async fn metrics_freshness(&self, tenant: &TenantId) -> Result<Option<Freshness>, StoreError> {
        self.metrics.metrics_freshness(tenant).await
    }

    async fn metrics_by_day(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        self.metrics.metrics_by_day(whose, days).await
    }

    async fn metrics_by_hour(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        self.metrics.metrics_by_hour(whose, days).await
    }

    async fn is_batch_taken(&self, tenant: &TenantId, id: BatchId) -> Result<bool, StoreError> {
        self.metrics.is_batch_taken(tenant, id).await
    }
}
