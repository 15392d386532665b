//! What happens at tenants, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    BatchTaken, DayRange, Freshness, KeepPlans, ReadMetrics, StoreError, TakeMetrics,
    TakeMetricsError, Whose,
};
use domain::{
    BatchId, DAYS_BY_HOUR, FiguresByTenant, MetricBatch, MetricEvent, Period, Plan, TenantId,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::unavailable;
use crate::lock;

/// The events of all tenants.
#[derive(Clone, Debug, Default)]
pub struct FakeMetrics(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    away: bool,
    plans: BTreeMap<TenantId, Plan>,
    taken: BTreeSet<(TenantId, BatchId)>,
    /// And the first day of which hours were counted then.
    events: Vec<(TenantId, MetricEvent, Date)>,
    heard: BTreeMap<TenantId, Freshness>,
    archived: BTreeSet<Date>,
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl FakeMetrics {
    /// From now on the database is away, or back.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// From now on the month of a day takes no events.
    pub fn archive_month_of(&self, day: Date) {
        lock(&self.0).archived.insert(day.first_of_month());
    }

    fn up(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let inner = lock(&self.0);
        match inner.away {
            true => Err(unavailable()),
            false => Ok(inner),
        }
    }
}

impl Inner {
    fn take(&mut self, batch: &MetricBatch, now: Timestamp) -> BatchTaken {
        self.plans.entry(batch.tenant.clone()).or_default();
        if !self.taken.insert((batch.tenant.clone(), batch.id)) {
            return BatchTaken::Known;
        }
        let from = day(now).saturating_sub(DAYS_BY_HOUR.days());
        let events = batch.events.iter().cloned();
        let events = events.map(|event| (batch.tenant.clone(), event, from));
        self.events.extend(events);
        if let Some(newest) = batch.events.iter().map(|event| event.at).max() {
            let known = self.heard.get(&batch.tenant);
            let heard = Freshness {
                changes: known.map_or(0, |it| it.changes) + 1,
                last_event: batch.id.to_string(),
                newest: known.map_or(newest, |it| it.newest.max(newest)),
            };
            self.heard.insert(batch.tenant.clone(), heard);
        }
        BatchTaken::New
    }

    fn figures(
        &self,
        whose: &Whose,
        days: &DayRange,
        period: fn(&MetricEvent, Date) -> Option<Period>,
    ) -> FiguresByTenant {
        let is_asked = |tenant: &TenantId| match whose {
            Whose::Tenant(asked) => asked == tenant,
            Whose::Plan(plan) => self.plans.get(tenant) == Some(plan),
        };
        let mut figures = FiguresByTenant::new();
        for (tenant, event, from) in &self.events {
            let Some(period) = period(event, *from) else {
                continue;
            };
            if is_asked(tenant) && days.contains(&day(event.at)) {
                let key = (tenant.clone(), period);
                figures.entry(key).or_default().count(event.took);
            }
        }
        figures
    }
}

impl TakeMetrics for FakeMetrics {
    async fn take_metrics(
        &self,
        batches: &[MetricBatch],
        now: Timestamp,
    ) -> Result<Vec<BatchTaken>, TakeMetricsError> {
        let mut inner = self.up()?;
        let events = batches.iter().flat_map(|batch| &batch.events);
        let mut months = events.map(|event| day(event.at).first_of_month());
        if let Some(month) = months.find(|month| inner.archived.contains(month)) {
            return Err(TakeMetricsError::Archived { month });
        }
        Ok(batches.iter().map(|batch| inner.take(batch, now)).collect())
    }
}

impl KeepPlans for FakeMetrics {
    async fn put_plan(&self, tenant: &TenantId, plan: Plan) -> Result<(), StoreError> {
        self.up()?.plans.insert(tenant.clone(), plan);
        Ok(())
    }
}

impl ReadMetrics for FakeMetrics {
    async fn metrics_freshness(&self, tenant: &TenantId) -> Result<Option<Freshness>, StoreError> {
        Ok(self.up()?.heard.get(tenant).cloned())
    }

    async fn metrics_by_day(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        let by_day = |event: &MetricEvent, _| Some(Period::day_of(event.at));
        Ok(self.up()?.figures(whose, days, by_day))
    }

    async fn metrics_by_hour(
        &self,
        whose: &Whose,
        days: &DayRange,
    ) -> Result<FiguresByTenant, StoreError> {
        let by_hour =
            |event: &MetricEvent, from| (day(event.at) >= from).then(|| Period::hour_of(event.at));
        Ok(self.up()?.figures(whose, days, by_hour))
    }

    async fn is_batch_taken(&self, tenant: &TenantId, id: BatchId) -> Result<bool, StoreError> {
        Ok(self.up()?.taken.contains(&(tenant.clone(), id)))
    }
}

#[cfg(test)]
mod tests {
    crate::check_metrics!(async { super::FakeMetrics::default() });
}
