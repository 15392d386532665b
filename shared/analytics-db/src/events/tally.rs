//! What batches add to the figures.

use std::collections::BTreeMap;

use domain::{DAYS_BY_HOUR, MetricBatch, MetricFigures};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::TenantNumber;
use crate::ask::Statement;

/// One statement, so that it is one answer to wait for. Tables in this sequence and rows by their keys.
const ADD: &str = r"
WITH hours AS (
    INSERT INTO event_hours AS known (tenant_id, day, hour, events, processing_us)
    SELECT tenant_id, date '1970-01-01' + hour / 24, hour % 24, events, processing_us
      FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[])
           AS added (tenant_id, hour, events, processing_us)
    ON CONFLICT (tenant_id, day, hour) DO UPDATE SET
        events = known.events + excluded.events,
        processing_us = known.processing_us + excluded.processing_us
), days AS (
    INSERT INTO event_days AS known (tenant_id, day, events, processing_us)
    SELECT tenant_id, date '1970-01-01' + day, events, processing_us
      FROM unnest($5::integer[], $6::integer[], $7::bigint[], $8::bigint[])
           AS added (tenant_id, day, events, processing_us)
    ON CONFLICT (tenant_id, day) DO UPDATE SET
        events = known.events + excluded.events,
        processing_us = known.processing_us + excluded.processing_us
)
INSERT INTO events_heard AS known (tenant_id, changes, last_batch, newest)
SELECT tenant_id, changes, last_batch, timestamptz 'epoch' + newest * interval '1 microsecond'
  FROM unnest($9::integer[], $10::bigint[], $11::text[]::uuid[], $12::bigint[])
       AS added (tenant_id, changes, last_batch, newest)
ON CONFLICT (tenant_id) DO UPDATE SET
    changes = known.changes + excluded.changes, last_batch = excluded.last_batch,
    newest = greatest(known.newest, excluded.newest)";

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;
const HOURS_OF_A_DAY: i64 = 24;

/// The day of a time, in days of the epoch.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.as_microsecond().div_euclid(DAY)
}

/// The date of a day of the epoch.
pub(crate) fn date_of(day: i64) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    epoch.saturating_add(SignedDuration::from_hours(day * HOURS_OF_A_DAY))
}

/// What is heard of a tenant.
#[derive(Debug)]
struct Heard {
    changes: i64,
    last_batch: String,
    newest: Timestamp,
}

/// Figures by tenant.
#[derive(Debug)]
pub(super) struct Tally {
    /// The first day whose hours are counted.
    by_hour_from: i64,
    /// By hour of the epoch.
    hours: BTreeMap<(TenantNumber, i64), MetricFigures>,
    days: BTreeMap<(TenantNumber, i64), MetricFigures>,
    heard: BTreeMap<TenantNumber, Heard>,
}

impl Tally {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            by_hour_from: day_of(now) - i64::from(DAYS_BY_HOUR),
            hours: BTreeMap::new(),
            days: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// Whether nothing is added.
    pub(super) fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }

    /// Adds all events of a batch.
    pub(super) fn add(&mut self, tenant: TenantNumber, batch: &MetricBatch) {
        let mut newest = None;
        for event in &batch.events {
            let day = day_of(event.at);
            self.days
                .entry((tenant, day))
                .or_default()
                .count(event.took);
            if day >= self.by_hour_from {
                let hour = event.at.as_microsecond().div_euclid(HOUR);
                self.hours
                    .entry((tenant, hour))
                    .or_default()
                    .count(event.took);
            }
            newest = newest.max(Some(event.at));
        }
        let Some(newest) = newest else { return };
        let heard = self.heard.entry(tenant).or_insert_with(|| Heard {
            changes: 0,
            last_batch: String::new(),
            newest,
        });
        heard.changes += 1;
        heard.last_batch = batch.id.to_string();
        heard.newest = heard.newest.max(newest);
    }

    /// Adds it to what is stored.
    pub(super) fn statement(&self) -> Statement<'static> {
        let added = figures(figures(sqlx::query(ADD), &self.hours), &self.days);
        let heard = || self.heard.values();
        added
            .bind(self.heard.keys().copied().collect::<Vec<_>>())
            .bind(heard().map(|it| it.changes).collect::<Vec<_>>())
            .bind(heard().map(|it| it.last_batch.clone()).collect::<Vec<_>>())
            .bind(
                heard()
                    .map(|it| it.newest.as_microsecond())
                    .collect::<Vec<_>>(),
            )
    }
}

/// Four lists: tenants, days or hours of the epoch, events, microseconds.
fn figures<'q>(
    statement: Statement<'q>,
    figures: &BTreeMap<(TenantNumber, i64), MetricFigures>,
) -> Statement<'q> {
    let keys = || figures.keys();
    // A timestamp has no more than four million days and ninety million hours.
    let number = |period: i64| i32::try_from(period).unwrap_or(i32::MAX);
    statement
        .bind(keys().map(|(tenant, _)| *tenant).collect::<Vec<_>>())
        .bind(
            keys()
                .map(|(_, period)| number(*period))
                .collect::<Vec<_>>(),
        )
        .bind(figures.values().map(|it| it.events).collect::<Vec<_>>())
        .bind(figures.values().map(|it| it.micros).collect::<Vec<_>>())
}
