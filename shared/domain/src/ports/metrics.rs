//! What happens at tenants, for reports.

use std::future::Future;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use super::{DayRange, Freshness, StoreError};
use crate::{BatchId, FiguresByTenant, MetricBatch, Plan, TenantId};

/// What was done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchTaken {
    /// Its events count now.
    New,
    /// They counted before.
    Known,
}

/// Why nothing of some batches was taken in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TakeMetricsError {
    /// A month takes no events any more: it is being archived, or was.
    #[error("the events of the month of {month} are archived")]
    Archived {
        /// Its first day.
        month: Date,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of one tenant.
    Tenant(TenantId),
    /// Of all who are on a plan.
    Plan(Plan),
}

/// Takes in what happens at tenants.
pub trait TakeMetrics {
    /// Keeps the events of those batches that are new and changes the figures by them, all or nothing; says
    /// of each batch whether it was new. A tenant that nobody knows is on the plan of those who have chosen
    /// none. Two batches of one tenant with the same id are one, whatever became
    /// of the months of the first. Hours are counted for the days that are not
    /// more than [`crate::DAYS_BY_HOUR`] back.
    fn take_metrics(
        &self,
        batches: &[MetricBatch],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<BatchTaken>, TakeMetricsError>> + Send;
}

/// Keeps what tenants pay for.
pub trait KeepPlans {
    /// Puts a tenant on a plan from now on.
    fn put_plan(
        &self,
        tenant: &TenantId,
        plan: Plan,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads the figures. What is nothing is missing.
pub trait ReadMetrics {
    /// What the figures of a tenant are made of, the id of the batch that came last with it; nothing where
    /// none came. Whatever is read after it has at least that.
    fn metrics_freshness(
        &self,
        tenant: &TenantId,
    ) -> impl Future<Output = Result<Option<Freshness>, StoreError>> + Send;

    /// By day.
    fn metrics_by_day(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> impl Future<Output = Result<FiguresByTenant, StoreError>> + Send;

    /// By hour, of the days that are not more than [`crate::DAYS_BY_HOUR`] back.
    fn metrics_by_hour(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> impl Future<Output = Result<FiguresByTenant, StoreError>> + Send;

    /// Whether a batch was taken in.
    fn is_batch_taken(
        &self,
        tenant: &TenantId,
        id: BatchId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
