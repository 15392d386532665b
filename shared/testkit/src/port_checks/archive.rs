//! Checks of [`ArchiveEvents`]: what a database does for months that leave it.

use std::collections::BTreeMap;

use domain::ports::{
    ArchiveEvents, BatchTaken, KeepPlans, LetGoError, TakeMetrics, TakeMetricsError,
};
use domain::{
    ArchivedFile, Archiving, Checksums, EventsByTenant, MetricBatch, MetricEvent, MonthState, Plan,
    TenantId,
};
use jiff::civil::{Date, date};

use super::metrics::{batch, event, now};
use crate::{must, must_fail, must_have};

/// Tests the side of the archive that is in a database; give a future of one without any events.
#[macro_export]
macro_rules! check_archive {
    ($fresh:expr) => {
        $crate::each_check!(
            archive,
            $fresh,
            [
                begins_with_the_oldest_month_that_is_old_enough,
                a_month_that_is_begun_takes_no_events,
                a_part_has_its_rows_by_plan_each_time,
                a_month_stays_until_all_of_it_is_noted,
                a_month_leaves_once_all_of_it_is_noted,
                a_month_comes_back_and_leaves_again,
            ]
        );
    };
}

/// All that a store of events does for the archive.
pub trait Archived: ArchiveEvents + TakeMetrics + KeepPlans {}
impl<S: ArchiveEvents + TakeMetrics + KeepPlans> Archived for S {}

const MARCH: Date = date(2024, 3, 1);
const APRIL: Date = date(2024, 4, 1);
const MAY: Date = date(2024, 5, 1);

fn on(time: &str, millis: f64) -> MetricEvent {
    MetricEvent {
        at: must(time.parse()),
        ..event(0, millis)
    }
}

/// Three of March, of two tenants, and two of April.
fn batches() -> Vec<MetricBatch> {
    let of_ant = vec![
        on("2024-03-01T00:00:00Z", 1.0),
        on("2024-03-31T23:59:59.999999Z", 2.0),
        on("2024-04-01T00:00:00Z", 3.0),
    ];
    let mut of_bee = vec![
        on("2024-03-09T07:00:00Z", 4.0),
        on("2024-04-30T12:00:00Z", 5.0),
    ];
    for event in &mut of_bee {
        event.payload = Some(r#"{"n": 1}"#.to_owned());
    }
    vec![batch("ant", 1, of_ant), batch("bee", 1, of_bee)]
}

fn ant() -> TenantId {
    must(TenantId::parse("ant"))
}

async fn fill(store: &impl Archived) {
    must(store.take_metrics(&batches(), now()).await);
    must(store.put_plan(&ant(), Plan::Enterprise).await);
}

fn of_march() -> BTreeMap<Plan, EventsByTenant> {
    let mut all: BTreeMap<Plan, EventsByTenant> = BTreeMap::new();
    for (batch, plan) in batches()
        .into_iter()
        .zip([Plan::Enterprise, Plan::Standard])
    {
        let before = must("2024-04-01T00:00:00Z".parse::<jiff::Timestamp>());
        let events = batch.events.into_iter().filter(|event| event.at < before);
        let events = events.collect();
        all.entry(plan).or_default().insert(batch.tenant, events);
    }
    all
}

/// As if the files of the first part had been written.
fn files(month: Date, rows: &BTreeMap<Plan, EventsByTenant>) -> Vec<ArchivedFile> {
    let file = |(plan, events): (&Plan, &EventsByTenant)| ArchivedFile {
        month,
        part: 0,
        plan: *plan,
        bytes: 700,
        checksums: Checksums {
            rows: events.values().map(|it| it.len() as u64).sum(),
            // Larger than any number with a sign.
            sums: [u64::MAX, 1 << 63, 0, 1, 2, 3],
        },
    };
    rows.iter().map(file).collect()
}

async fn begun(store: &impl Archived, before: Date) -> Option<Archiving> {
    must(store.begin_month(before).await)
}

/// And with no other before that one has left.
pub async fn begins_with_the_oldest_month_that_is_old_enough(store: &impl Archived) {
    assert_eq!(begun(store, MAY).await, None);
    fill(store).await;
    assert_eq!(begun(store, MARCH).await, None);
    let march = Some(Archiving {
        month: MARCH,
        next: Some(0),
    });
    for _ in 0..2 {
        assert_eq!(begun(store, MAY).await, march);
    }
    let months = must(store.months().await);
    let wanted = [(MARCH, MonthState::Archiving), (APRIL, MonthState::Open)];
    assert_eq!(months, wanted);
}

/// Nor does anything of a batch count of which one event is of it.
pub async fn a_month_that_is_begun_takes_no_events(store: &impl Archived) {
    fill(store).await;
    begun(store, MAY).await;
    let late = vec![
        on("2024-04-02T00:00:00Z", 1.0),
        on("2024-03-02T00:00:00Z", 1.0),
    ];
    let late = store.take_metrics(&[batch("ant", 2, late)], now()).await;
    assert_eq!(must_fail(late), TakeMetricsError::Archived { month: MARCH });
    let other = vec![on("2024-04-02T00:00:00Z", 1.0)];
    must(store.take_metrics(&[batch("ant", 2, other)], now()).await);
    // What counts already is not refused for its month.
    let again = must(store.take_metrics(&batches(), now()).await);
    assert_eq!(again, [BatchTaken::Known, BatchTaken::Known]);
}

/// Whatever a tenant pays meanwhile.
pub async fn a_part_has_its_rows_by_plan_each_time(store: &impl Archived) {
    fill(store).await;
    begun(store, MAY).await;
    for plan in [Plan::Free, Plan::Standard] {
        assert_eq!(must(store.rows_of_part(MARCH, 0).await), of_march());
        must(store.put_plan(&ant(), plan).await);
    }
    let parts = must(store.parts_of(MARCH).await);
    assert_eq!(parts, 1);
    assert_eq!(must(store.rows_of_part(MARCH, 1).await), BTreeMap::new());
}

/// Not before, and not where rows are missing.
pub async fn a_month_stays_until_all_of_it_is_noted(store: &impl Archived) {
    fill(store).await;
    let early = must_fail(store.let_go(MARCH).await);
    assert_eq!(early, LetGoError::NotYet(MARCH));
    begun(store, MAY).await;
    let early = must_fail(store.let_go(MARCH).await);
    assert_eq!(early, LetGoError::NotYet(MARCH));
    let some = files(MARCH, &of_march()).into_iter().take(1);
    must(store.note_part(MARCH, 0, &some.collect::<Vec<_>>()).await);
    let unequal = LetGoError::Unequal {
        month: MARCH,
        archived: 1,
        stored: 3,
        counted: 3,
    };
    assert_eq!(must_fail(store.let_go(MARCH).await), unequal);
    assert_eq!(must(store.rows_of_part(MARCH, 0).await), of_march());
}

/// Whoever notes it again notes the same. Then comes the next one.
pub async fn a_month_leaves_once_all_of_it_is_noted(store: &impl Archived) {
    fill(store).await;
    begun(store, MAY).await;
    let all = files(MARCH, &of_march());
    for _ in 0..2 {
        must(store.note_part(MARCH, 0, &all).await);
    }
    let mut noted = must(store.files_of(MARCH).await);
    noted.sort_by_key(|file| file.plan);
    assert_eq!(noted, all);
    let whole = Archiving {
        month: MARCH,
        next: None,
    };
    assert_eq!(begun(store, MAY).await, Some(whole));
    must(store.let_go(MARCH).await);
    assert_eq!(state(store, MARCH).await, MonthState::Archived);
    assert_eq!(must_have(begun(store, MAY).await).month, APRIL);
    let again = must_fail(store.let_go(MARCH).await);
    assert_eq!(again, LetGoError::NotYet(MARCH));
}

async fn state(store: &impl Archived, month: Date) -> MonthState {
    let months = must(store.months().await);
    let found = months.into_iter().find(|(it, _)| *it == month);
    must_have(found).1
}

/// Puts March back, as far as the last step.
async fn bring_back(store: &impl Archived) {
    must(store.begin_restore(MARCH).await);
    for rows in of_march().values() {
        must(store.restore_rows(MARCH, rows).await);
    }
}

/// What an attempt before it had put back is gone.
pub async fn a_month_comes_back_and_leaves_again(store: &impl Archived) {
    fill(store).await;
    begun(store, APRIL).await;
    must(store.note_part(MARCH, 0, &files(MARCH, &of_march())).await);
    must(store.let_go(MARCH).await);
    bring_back(store).await;
    bring_back(store).await;
    assert_eq!(must(store.rows_of_part(MARCH, 0).await), of_march());
    assert_eq!(state(store, MARCH).await, MonthState::Archived);
    must(store.end_restore(MARCH).await);
    assert_eq!(state(store, MARCH).await, MonthState::Restored);
    assert_eq!(begun(store, APRIL).await, None);
    must(store.let_go(MARCH).await);
    assert_eq!(state(store, MARCH).await, MonthState::Archived);
}
