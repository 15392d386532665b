//! The function on a database and a bucket in memory.

use std::cell::Cell;

use domain::ports::TakeMetrics;
use domain::{MetricEvent, MonthState};
use jiff::civil::date;
use testkit::fakes::{FakeFiles, FakeMetrics};
use testkit::port_checks::metrics::{batch, event};
use testkit::{must, must_fail};

use super::*;

fn now() -> Timestamp {
    must("2026-11-23T10:00:00Z".parse())
}

async fn filled() -> (FakeMetrics, FakeFiles, Archive<FakeMetrics, FakeFiles>) {
    let (database, files) = (FakeMetrics::default(), FakeFiles::default());
    let on = |time: &str| MetricEvent {
        at: must(time.parse()),
        ..event(0, 1.0)
    };
    // Two months that are old, and the oldest that is open.
    let events = [
        "2024-10-05T00:00:00Z",
        "2024-11-30T23:59:59Z",
        "2024-12-01T00:00:00Z",
    ];
    let batch = batch("ant", 1, events.map(on).to_vec());
    must(database.take_metrics(&[batch], now()).await);
    let archive = Archive::new(database.clone(), files.clone());
    (database, files, archive)
}

#[tokio::test]
async fn months_that_take_no_events_any_more_leave() {
    let (database, files, archive) = filled().await;
    let done = must(handle(&archive, now).await);
    let wanted = Archived {
        parts: 2,
        rows: 2,
        months: 2,
    };
    assert_eq!(done, wanted);
    let months = must(database.months().await);
    let wanted = [
        (date(2024, 10, 1), MonthState::Archived),
        (date(2024, 11, 1), MonthState::Archived),
        (date(2024, 12, 1), MonthState::Open),
    ];
    assert_eq!(months, wanted);
    assert_eq!(files.paths().len(), 2);
    assert_eq!(must(handle(&archive, now).await), Archived::default());
}

/// The next hour goes on where this one ended.
#[tokio::test]
async fn nothing_is_begun_when_the_time_is_over() {
    let (_, _, archive) = filled().await;
    let asked = Cell::new(0);
    let slow = || {
        asked.set(asked.get() + 1);
        must(now().checked_add(SignedDuration::from_mins(5 * (asked.get() - 1))))
    };
    let done = must(handle(&archive, slow).await);
    assert_eq!((done.parts, done.months), (1, 1));
    let done = must(handle(&archive, now).await);
    assert_eq!((done.parts, done.months), (1, 1));
}

#[tokio::test]
async fn what_passes_is_told_from_what_a_person_has_to_look_at() {
    let (database, _, archive) = filled().await;
    database.set_away(true);
    let error = must_fail(handle(&archive, now).await);
    assert_eq!(error.name(), ErrorName::Unavailable);
    database.set_away(false);
    must(database.begin_month(date(2024, 12, 1)).await);
    must(database.note_part(date(2024, 10, 1), 0, &[]).await);
    let error = must_fail(handle(&archive, now).await);
    assert_eq!(error.name(), ErrorName::Internal);
}
