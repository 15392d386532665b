//! What happens at tenants, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    ArchiveEvents, BatchTaken, Cause, DayRange, Freshness, KeepPlans, LetGoError, ReadMetrics,
    StoreError, TakeMetrics, TakeMetricsError, Whose,
};
use domain::{
    ArchivedFile, Archiving, BatchId, DAYS_BY_HOUR, EventsByTenant, FiguresByTenant, MetricBatch,
    MetricEvent, MonthState, Period, Plan, TenantId,
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
    restores_wrongly: bool,
    broken: Option<BatchId>,
    plans: BTreeMap<TenantId, Plan>,
    taken: BTreeSet<(TenantId, BatchId)>,
    /// And the first day of which hours were counted then.
    events: Vec<(TenantId, MetricEvent, Date)>,
    heard: BTreeMap<TenantId, Freshness>,
    months: BTreeMap<Date, Month>,
}

/// A month that left, or is about to; its rows are one part.
#[derive(Clone, Debug)]
struct Month {
    state: MonthState,
    plans: BTreeMap<TenantId, Plan>,
    files: Option<Vec<ArchivedFile>>,
    /// Those that are in the table of the month, which is not read with the others.
    rows: EventsByTenant,
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl FakeMetrics {
    /// From now on the database is away, or back.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// From now on nothing is kept together with this batch.
    pub fn break_at(&self, batch: BatchId) {
        lock(&self.0).broken = Some(batch);
    }

    /// From now on the month of a day takes no events.
    pub fn archive_month_of(&self, day: Date) {
        let mut inner = lock(&self.0);
        inner.begin(day.first_of_month(), MonthState::Archived);
    }

    /// From now on what is put back is as much, but not the same.
    pub fn restore_wrongly(&self) {
        lock(&self.0).restores_wrongly = true;
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
    /// From now on a month takes no events.
    fn begin(&mut self, month: Date, state: MonthState) {
        let mut rows = EventsByTenant::new();
        for (tenant, event, _) in &self.events {
            if day(event.at).first_of_month() == month {
                rows.entry(tenant.clone()).or_default().push(event.clone());
            }
        }
        let month_of_it = Month {
            state,
            plans: self.plans.clone(),
            files: None,
            rows,
        };
        self.months.insert(month, month_of_it);
    }

    fn month(&mut self, month: Date) -> Result<&mut Month, StoreError> {
        let known = self.months.get_mut(&month);
        known.ok_or_else(|| StoreError::Broken(Cause("no such month".to_owned())))
    }

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
                let of_tenant = figures.entry(tenant.clone()).or_default();
                of_tenant.entry(period).or_default().count(event.took);
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
        if batches.iter().any(|batch| inner.broken == Some(batch.id)) {
            let cause = Cause("broken, as the test said".to_owned());
            return Err(StoreError::Broken(cause).into());
        }
        let is_new = |batch: &&MetricBatch| {
            let key = (batch.tenant.clone(), batch.id);
            !inner.taken.contains(&key)
        };
        let events = batches
            .iter()
            .filter(is_new)
            .flat_map(|batch| &batch.events);
        let mut months = events.map(|event| day(event.at).first_of_month());
        if let Some(month) = months.find(|month| inner.months.contains_key(month)) {
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

impl ArchiveEvents for FakeMetrics {
    async fn begin_month(&self, before: Date) -> Result<Option<Archiving>, StoreError> {
        let mut inner = self.up()?;
        let is_begun = |month: &Month| month.state == MonthState::Archiving;
        let begun = inner.months.iter().find(|(_, month)| is_begun(month));
        let month = match begun {
            Some((month, _)) => *month,
            None => {
                let months = inner.events.iter();
                let months = months.map(|(_, event, _)| day(event.at).first_of_month());
                let old = months.filter(|it| *it < before && !inner.months.contains_key(it));
                let Some(oldest) = old.min() else {
                    return Ok(None);
                };
                inner.begin(oldest, MonthState::Archiving);
                oldest
            }
        };
        let is_noted = inner.month(month)?.files.is_some();
        let next = (!is_noted).then_some(0);
        Ok(Some(Archiving { month, next }))
    }

    async fn rows_of_part(
        &self,
        month: Date,
        part: u32,
    ) -> Result<BTreeMap<Plan, EventsByTenant>, StoreError> {
        let mut inner = self.up()?;
        let month = inner.month(month)?;
        let mut rows: BTreeMap<Plan, EventsByTenant> = BTreeMap::new();
        for (tenant, events) in month.rows.iter().filter(|_| part == 0) {
            let plan = month.plans.get(tenant).copied().unwrap_or_default();
            let of_plan = rows.entry(plan).or_default();
            of_plan.insert(tenant.clone(), events.clone());
        }
        Ok(rows)
    }

    async fn note_part(
        &self,
        month: Date,
        _part: u32,
        files: &[ArchivedFile],
    ) -> Result<(), StoreError> {
        self.up()?.month(month)?.files = Some(files.to_vec());
        Ok(())
    }

    async fn let_go(&self, month: Date) -> Result<(), LetGoError> {
        let mut inner = self.up()?;
        let Some(known) = inner.months.get_mut(&month) else {
            return Err(LetGoError::NotYet(month));
        };
        let is_here = [MonthState::Archiving, MonthState::Restored].contains(&known.state);
        let Some(files) = known.files.as_ref().filter(|_| is_here) else {
            return Err(LetGoError::NotYet(month));
        };
        let archived = files.iter().map(|file| file.checksums.rows).sum();
        let stored = known.rows.values().map(|it| it.len() as u64).sum();
        if archived != stored {
            let counted = stored;
            return Err(LetGoError::Unequal {
                month,
                archived,
                stored,
                counted,
            });
        }
        known.rows.clear();
        known.state = MonthState::Archived;
        Ok(())
    }

    async fn months(&self) -> Result<Vec<(Date, MonthState)>, StoreError> {
        let inner = self.up()?;
        let events = inner.events.iter();
        let open = events.map(|(_, event, _)| (day(event.at).first_of_month(), MonthState::Open));
        let mut all: BTreeMap<Date, MonthState> = open.collect();
        all.extend(inner.months.iter().map(|(month, it)| (*month, it.state)));
        Ok(all.into_iter().collect())
    }

    async fn files_of(&self, month: Date) -> Result<Vec<ArchivedFile>, StoreError> {
        let inner = self.up()?;
        let files = inner.months.get(&month).and_then(|it| it.files.clone());
        Ok(files.unwrap_or_default())
    }

    async fn begin_restore(&self, month: Date) -> Result<(), StoreError> {
        self.up()?.month(month)?.rows.clear();
        Ok(())
    }

    async fn restore_rows(&self, month: Date, rows: &EventsByTenant) -> Result<(), StoreError> {
        let mut inner = self.up()?;
        let is_wrong = inner.restores_wrongly;
        let restored = &mut inner.month(month)?.rows;
        for (tenant, events) in rows {
            let known = restored.entry(tenant.clone()).or_default();
            known.extend(events.iter().cloned());
            known
                .iter_mut()
                .filter(|_| is_wrong)
                .for_each(|event| event.payload = Some("{}".to_owned()));
        }
        Ok(())
    }

    async fn end_restore(&self, month: Date) -> Result<(), StoreError> {
        self.up()?.month(month)?.state = MonthState::Restored;
        Ok(())
    }

    async fn parts_of(&self, month: Date) -> Result<u32, StoreError> {
        self.up()?.month(month)?;
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    crate::check_archive!(async { super::FakeMetrics::default() });
    crate::check_metrics!(async { super::FakeMetrics::default() });
}
