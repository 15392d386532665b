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
), months AS (
    INSERT INTO event_figures AS known (tenant_id, month, events, processing_us)
    SELECT tenant_id, month::date, ($7::bigint[])[till - 30 : till], ($8::bigint[])[till - 30 : till]
      FROM unnest($5::integer[], $6::text[]) WITH ORDINALITY AS added (tenant_id, month, n),
           LATERAL (SELECT 31 * n::integer AS till) AS days
    ON CONFLICT (tenant_id, month) DO UPDATE SET (events, processing_us) = (
        SELECT array_agg(a.events + b.events ORDER BY n), array_agg(a.us + b.us ORDER BY n)
          FROM unnest(known.events, known.processing_us) WITH ORDINALITY AS a (events, us, n)
          JOIN unnest(excluded.events, excluded.processing_us) WITH ORDINALITY AS b (events, us, n) USING (n)
    )
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
/// Of a month.
const DAYS: usize = 31;

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
    /// By month, the days of each.
    months: BTreeMap<(TenantNumber, Date), [MetricFigures; DAYS]>,
    heard: BTreeMap<TenantNumber, Heard>,
}

impl Tally {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            by_hour_from: day_of(now) - i64::from(DAYS_BY_HOUR),
            hours: BTreeMap::new(),
            months: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// Whether nothing is added.
    pub(super) fn is_empty(&self) -> bool {
        self.heard.is_empty()
    }

    fn of_day(&mut self, tenant: TenantNumber, day: i64) -> &mut MetricFigures {
        let date = date_of(day);
        let days = self.months.entry((tenant, date.first_of_month()));
        let [first, others @ ..] = days.or_default();
        let behind = usize::try_from(date.day() - 1).unwrap_or_default();
        match behind
            .checked_sub(1)
            .and_then(|place| others.get_mut(place))
        {
            Some(day) => day,
            None => first,
        }
    }

    /// Adds all events of a batch.
    pub(super) fn add(&mut self, tenant: TenantNumber, batch: &MetricBatch) {
        let mut newest = None;
        for event in &batch.events {
            let day = day_of(event.at);
            self.of_day(tenant, day).count(event.took);
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
        let added = by_month(by_hour(sqlx::query(ADD), &self.hours), &self.months);
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

/// Four lists: tenants, hours of the epoch, events, microseconds.
fn by_hour<'q>(
    statement: Statement<'q>,
    hours: &BTreeMap<(TenantNumber, i64), MetricFigures>,
) -> Statement<'q> {
    let keys = || hours.keys();
    // A timestamp has no more than ninety million hours.
    let number = |hour: i64| i32::try_from(hour).unwrap_or(i32::MAX);
    statement
        .bind(keys().map(|(tenant, _)| *tenant).collect::<Vec<_>>())
        .bind(keys().map(|(_, hour)| number(*hour)).collect::<Vec<_>>())
        .bind(hours.values().map(|it| it.events).collect::<Vec<_>>())
        .bind(hours.values().map(|it| it.micros).collect::<Vec<_>>())
}

/// Four lists: tenants, months; for each of them the events of all its days, and their microseconds.
fn by_month<'q>(
    statement: Statement<'q>,
    months: &BTreeMap<(TenantNumber, Date), [MetricFigures; DAYS]>,
) -> Statement<'q> {
    let keys = || months.keys();
    let days = || months.values().flatten();
    statement
        .bind(keys().map(|(tenant, _)| *tenant).collect::<Vec<_>>())
        .bind(
            keys()
                .map(|(_, month)| month.to_string())
                .collect::<Vec<_>>(),
        )
        .bind(days().map(|it| it.events).collect::<Vec<_>>())
        .bind(days().map(|it| it.micros).collect::<Vec<_>>())
}
