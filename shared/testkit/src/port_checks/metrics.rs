//! Checks of [`TakeMetrics`], [`KeepPlans`] and [`ReadMetrics`]. What is expected is added up from the
//! events by themselves, by other code than any store uses.

use std::collections::BTreeMap;

use domain::ports::{BatchTaken, DayRange, KeepPlans, ReadMetrics, TakeMetrics, Whose};
use domain::{
    BatchId, FiguresByTenant, MetricBatch, MetricEvent, MetricFigures, Period, Plan,
    ProcessingTime, TenantId,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::build::at;
use crate::must;

/// Tests what takes events of tenants in and reports them; give a future of one without any.
#[macro_export]
macro_rules! check_metrics {
    ($fresh:expr) => {
        $crate::each_check!(
            metrics,
            $fresh,
            [
                has_no_figures_at_first,
                counts_each_batch_once_in_any_order,
                counts_a_batch_once_that_comes_twice_at_once,
                takes_a_batch_whose_events_are_of_many_months,
                keeps_any_payload,
                shows_the_tenants_and_the_days_that_are_asked_for,
                counts_hours_of_days_that_are_not_long_ago,
                tells_of_what_the_figures_of_a_tenant_are,
                a_batch_of_nothing_changes_nothing,
            ]
        );
    };
}

/// All that a store of events does.
pub trait Metrics: TakeMetrics + KeepPlans + ReadMetrics {}
impl<S: TakeMetrics + KeepPlans + ReadMetrics> Metrics for S {}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// When the events are taken in.
pub fn now() -> Timestamp {
    at(40 * DAY)
}

/// Every day that the tests are about.
pub fn all_days() -> DayRange {
    let day = |seconds| at(seconds).to_zoned(TimeZone::UTC).date();
    day(-400 * DAY)..=day(41 * DAY)
}

/// The first one after the tests begin.
fn midnight() -> Timestamp {
    let day = at(DAY).to_zoned(TimeZone::UTC).date();
    must(day.to_zoned(TimeZone::UTC)).timestamp()
}

fn named(name: &str) -> TenantId {
    must(TenantId::parse(name))
}

/// An event so many seconds after the tests begin.
pub fn event(seconds: i64, millis: f64) -> MetricEvent {
    MetricEvent {
        event_type: must("checkout".parse()),
        at: at(seconds),
        took: must(ProcessingTime::from_millis(millis)),
        payload: None,
    }
}

/// A batch with a number.
pub fn batch(tenant: &str, number: u128, events: Vec<MetricEvent>) -> MetricBatch {
    MetricBatch {
        tenant: named(tenant),
        id: BatchId(Uuid::from_u128(number)),
        events,
    }
}

/// Batches of three tenants, over days and hours, with edges of days.
pub fn batches() -> Vec<MetricBatch> {
    let mut batches = Vec::new();
    for (number, tenant) in (1..).zip(["ant", "bee", "cat", "ant", "bee", "ant"]) {
        let begins = i64::from(number) * 7 * HOUR;
        let events = (0..20).map(|each| {
            let seconds = begins + each * 5_431;
            event(
                seconds,
                0.25 * f64::from(number) * must(i32::try_from(each).map(f64::from)),
            )
        });
        batches.push(batch(
            tenant,
            u128::try_from(number).unwrap_or_default(),
            events.collect(),
        ));
    }
    let midnight = midnight();
    let edges = [midnight, must(midnight.checked_sub(1.microseconds()))];
    let edges = edges.map(|at| MetricEvent {
        at,
        ..event(0, 86_400_000.0)
    });
    batches.push(batch("cat", 7, edges.to_vec()));
    batches
}

/// What is known of them by day, added up one by one.
pub fn by_day(batches: &[MetricBatch]) -> FiguresByTenant {
    let mut days: BTreeMap<(TenantId, Period), (i64, i64)> = BTreeMap::new();
    for batch in batches {
        for event in &batch.events {
            let date = event.at.to_zoned(TimeZone::UTC).date();
            let key = (batch.tenant.clone(), Period::Day(date));
            let (events, micros) = days.entry(key).or_default();
            *events += 1;
            *micros += event.took.micros();
        }
    }
    let mut figures = FiguresByTenant::new();
    for ((tenant, day), (events, micros)) in days {
        let of_tenant = figures.entry(tenant).or_default();
        of_tenant.insert(day, MetricFigures { events, micros });
    }
    figures
}

async fn all_by_day(store: &impl Metrics, plan: Plan) -> FiguresByTenant {
    must(store.metrics_by_day(&Whose::Plan(plan), &all_days()).await)
}

async fn take(store: &impl Metrics, batches: &[MetricBatch]) -> Vec<BatchTaken> {
    must(store.take_metrics(batches, now()).await)
}

/// Nothing is there of who sent nothing.
pub async fn has_no_figures_at_first(store: &impl Metrics) {
    let ant = named("ant");
    assert_eq!(must(store.metrics_freshness(&ant).await), None);
    let days = must(
        store
            .metrics_by_day(&Whose::Tenant(ant.clone()), &all_days())
            .await,
    );
    assert_eq!(days, FiguresByTenant::new());
    assert_eq!(all_by_day(store, Plan::Standard).await, days);
    let id = BatchId(Uuid::from_u128(1));
    assert!(!must(store.is_batch_taken(&ant, id).await));
    assert_eq!(take(store, &[]).await, []);
}

/// Whatever comes again, by itself, with others or in another order.
pub async fn counts_each_batch_once_in_any_order(store: &impl Metrics) {
    let batches = batches();
    let (first, rest) = batches.split_at(2);
    assert_eq!(take(store, rest).await, vec![BatchTaken::New; rest.len()]);
    assert_eq!(take(store, rest).await, vec![BatchTaken::Known; rest.len()]);
    let mut all = first.to_vec();
    all.extend(rest.iter().rev().cloned());
    let wanted: Vec<_> = (0..all.len())
        .map(|index| {
            if index < 2 {
                BatchTaken::New
            } else {
                BatchTaken::Known
            }
        })
        .collect();
    assert_eq!(take(store, &all).await, wanted);
    assert_eq!(all_by_day(store, Plan::Standard).await, by_day(&batches));
    for batch in &batches {
        assert!(must(store.is_batch_taken(&batch.tenant, batch.id).await));
    }
}

/// A queue may hand the same message over twice in one go. The same id of another tenant is another batch.
pub async fn counts_a_batch_once_that_comes_twice_at_once(store: &impl Metrics) {
    let of_ant = batch("ant", 1, vec![event(0, 1.0), event(1, 2.0)]);
    let of_bee = batch("bee", 1, vec![event(0, 4.0)]);
    let taken = take(store, &[of_ant.clone(), of_bee.clone(), of_ant.clone()]).await;
    assert_eq!(taken, [BatchTaken::New, BatchTaken::New, BatchTaken::Known]);
    let wanted = by_day(&[of_ant, of_bee]);
    assert_eq!(all_by_day(store, Plan::Standard).await, wanted);
}

/// As who was away for long would send it.
pub async fn takes_a_batch_whose_events_are_of_many_months(store: &impl Metrics) {
    let events = (0..12).map(|month| event(month * -31 * DAY, 3.5));
    let batch = batch("ant", 1, events.collect());
    assert_eq!(
        take(store, std::slice::from_ref(&batch)).await,
        [BatchTaken::New]
    );
    assert_eq!(all_by_day(store, Plan::Standard).await, by_day(&[batch]));
}

/// None, an empty one and a long one.
pub async fn keeps_any_payload(store: &impl Metrics) {
    let long = format!(r#"{{"note":"{}"}}"#, "ä\\\"".repeat(200));
    let payloads = [None, Some("{}".to_owned()), Some(long)];
    let events = payloads.map(|payload| MetricEvent {
        payload,
        ..event(0, 1.0)
    });
    let batch = batch("ant", 1, events.to_vec());
    assert_eq!(
        take(store, std::slice::from_ref(&batch)).await,
        [BatchTaken::New]
    );
    assert_eq!(all_by_day(store, Plan::Standard).await, by_day(&[batch]));
}

/// A tenant sees no other; a plan has who is on it now.
pub async fn shows_the_tenants_and_the_days_that_are_asked_for(store: &impl Metrics) {
    let batches = batches();
    let (ant, bee) = (named("ant"), named("bee"));
    must(store.put_plan(&bee, Plan::Free).await);
    take(store, &batches).await;
    must(store.put_plan(&ant, Plan::Enterprise).await);
    let all = by_day(&batches);
    for (tenant, plan) in [
        ("ant", Plan::Enterprise),
        ("bee", Plan::Free),
        ("cat", Plan::Standard),
    ] {
        let tenant = named(tenant);
        let own = crate::must_have(all.get(&tenant)).clone();
        let days: Vec<Date> = own.keys().map(|period| date_of(*period)).collect();
        let [first, .., last] = days.as_slice() else {
            panic!("there are events on several days");
        };
        let wanted = FiguresByTenant::from([(tenant.clone(), own)]);
        assert_eq!(all_by_day(store, plan).await, wanted);
        let tenant = Whose::Tenant(tenant);
        let own = must(store.metrics_by_day(&tenant, &all_days()).await);
        assert_eq!(own, wanted);
        let but_first = must(first.checked_add(1.day()))..=*last;
        let own = must(store.metrics_by_day(&tenant, &but_first).await);
        assert_eq!(periods(&own), days.get(1..).unwrap_or_default());
        let only_first = *first..=*first;
        let own = must(store.metrics_by_day(&tenant, &only_first).await);
        assert_eq!(periods(&own), [*first]);
    }
}

fn date_of(period: Period) -> Date {
    match period.day() {
        Period::Day(date) => date,
        Period::Hour(..) | Period::Now => panic!("figures are by day"),
    }
}

/// The days of figures.
fn periods(figures: &FiguresByTenant) -> Vec<Date> {
    let periods = figures.values().flat_map(BTreeMap::keys);
    periods.map(|period| date_of(*period)).collect()
}

/// Older ones are in the figures of their day only.
pub async fn counts_hours_of_days_that_are_not_long_ago(store: &impl Metrics) {
    let midnight = midnight();
    let on = |days: i64, hours: i64| {
        let at = must(midnight.checked_add((days * 24 + hours).hours()));
        MetricEvent {
            at,
            ..event(0, 2.0)
        }
    };
    let now = on(31, 5).at;
    let events = vec![on(-1, 23), on(0, 0), on(0, 0), on(0, 23), on(31, 4)];
    let batch = batch("ant", 1, events.clone());
    let taken = store.take_metrics(std::slice::from_ref(&batch), now).await;
    assert_eq!(must(taken), [BatchTaken::New]);
    let ant = Whose::Tenant(named("ant"));
    let days = all_days().start().to_owned()..=must(all_days().end().checked_add(31.days()));
    let hours = must(store.metrics_by_hour(&ant, &days).await);
    let of = |event: &MetricEvent, events| {
        let figures = MetricFigures {
            events,
            micros: 2_000 * events,
        };
        (Period::hour_of(event.at), figures)
    };
    let [_, first, _, last, newest] = events.as_slice() else {
        panic!("there are five");
    };
    let hours_of_ant = BTreeMap::from([of(first, 2), of(last, 1), of(newest, 1)]);
    let wanted = FiguresByTenant::from([(named("ant"), hours_of_ant)]);
    assert_eq!(hours, wanted);
    assert_eq!(
        must(store.metrics_by_day(&ant, &days).await),
        by_day(&[batch])
    );
}

/// The batch that came last, and the newest event of all.
pub async fn tells_of_what_the_figures_of_a_tenant_are(store: &impl Metrics) {
    let ant = named("ant");
    let newer = batch("ant", 1, vec![event(50, 1.0), event(10, 1.0)]);
    let older = batch("ant", 2, vec![event(20, 1.0)]);
    let others = batch("bee", 3, vec![event(90, 1.0)]);
    for (changes, batch) in [(1, &newer), (2, &older), (2, &older), (2, &others)] {
        take(store, std::slice::from_ref(batch)).await;
        let heard = crate::must_have(must(store.metrics_freshness(&ant).await));
        assert_eq!(heard.changes, changes);
        assert_eq!(heard.newest, at(50));
        let last = if changes == 1 { &newer } else { &older };
        assert_eq!(heard.last_event, last.id.to_string());
    }
}

/// It is known from then on.
pub async fn a_batch_of_nothing_changes_nothing(store: &impl Metrics) {
    let nothing = [batch("ant", 1, Vec::new())];
    assert_eq!(take(store, &nothing).await, [BatchTaken::New]);
    assert_eq!(take(store, &nothing).await, [BatchTaken::Known]);
    assert_eq!(must(store.metrics_freshness(&named("ant")).await), None);
    assert_eq!(
        all_by_day(store, Plan::Standard).await,
        FiguresByTenant::new()
    );
}
