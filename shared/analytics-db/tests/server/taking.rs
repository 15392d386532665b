//! Batches of events, beside each other, in part, and while their month is closed.

use std::pin::pin;
use std::task::Poll;

use analytics_db::AnalyticsDb;
use domain::ports::{ArchiveEvents, DayRange, ReadMetrics, TakeMetrics, TakeMetricsError, Whose};
use domain::{FiguresByTenant, MetricBatch, MetricEvent, MetricFigures, Plan};
use event_archive::{Archive, Done};
use futures::future::{join, join_all};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use testkit::fakes::FakeFiles;
use testkit::port_checks::metrics::{all_days, batch, batches, by_day, event, now};
use testkit::{must, must_fail};

use crate::schema::{empty, run};

async fn figures(database: &AnalyticsDb, days: &DayRange) -> FiguresByTenant {
    must(
        database
            .metrics_by_day(&Whose::Plan(Plan::Standard), days)
            .await,
    )
}

/// The rows have the same figures as the figures.
async fn rows_are_as_many_as_counted(schema: &str) {
    run(&format!(
        "SET search_path = {schema}; SET timezone = 'UTC';
         DO $$ BEGIN ASSERT NOT EXISTS (
             (SELECT tenant_id, date(created_at), count(*), sum(processing_us)::bigint FROM events GROUP BY 1, 2)
             EXCEPT (SELECT tenant_id, day, events, processing_us FROM event_days)
         ) AND (SELECT count(*) FROM events) = (SELECT sum(events) FROM event_days)
         AND (SELECT count(*) FROM events) = (SELECT sum(events) FROM event_batches); END $$"
    ))
    .await;
}

fn schema_of(url: &str) -> String {
    must(url.split("search_path%3D").nth(1).ok_or(())).to_owned()
}

#[tokio::test]
async fn those_who_take_in_beside_each_other_count_each_batch_once() {
    let (database, url) = empty("beside").await;
    must(database.migrate().await);
    let connect = |_| must(AnalyticsDb::connect(&url));
    let all = batches();
    join_all(
        (0..5)
            .map(connect)
            .zip(0..)
            .map(async |(database, turn): (_, usize)| {
                let mut own = all.clone();
                own.rotate_left(turn);
                for some in own.chunks(turn % 3 + 1) {
                    must(database.take_metrics(some, now()).await);
                }
            }),
    )
    .await;
    assert_eq!(figures(&database, &all_days()).await, by_day(&all));
    rows_are_as_many_as_counted(&schema_of(&url)).await;
}

/// What a piece of work comes to, unless it is dropped after so many steps.
async fn for_steps<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = steps;
    std::future::poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn what_was_taken_in_in_part_does_not_count() {
    let (database, url) = empty("in_part").await;
    must(database.migrate().await);
    let all = batches();
    let mut steps = 0;
    // Each time a step further, until the whole of it is done.
    while for_steps(steps, database.take_metrics(&all, now()))
        .await
        .is_none()
    {
        steps += 1;
        rows_are_whole(&schema_of(&url)).await;
    }
    assert!(steps > 5, "{steps}");
    must(database.take_metrics(&all, now()).await);
    assert_eq!(figures(&database, &all_days()).await, by_day(&all));
    rows_are_as_many_as_counted(&schema_of(&url)).await;
}

/// All of them or none.
async fn rows_are_whole(schema: &str) {
    let rows: usize = batches().iter().map(|batch| batch.events.len()).sum();
    run(&format!(
        "SET search_path = {schema};
         DO $$ BEGIN ASSERT (SELECT count(*) IN (0, {rows}) FROM events)
         AND (SELECT coalesce(sum(events), 0) IN (0, {rows}) FROM event_days); END $$"
    ))
    .await;
}

fn on(day: Date, number: u128) -> MetricBatch {
    let at: Timestamp = must(day.to_zoned(TimeZone::UTC)).timestamp();
    batch(
        "ant",
        number,
        vec![MetricEvent {
            at,
            ..event(0, 1.0)
        }],
    )
}

/// Who writes to a month until it takes no more; how many batches counted.
async fn write_until_closed(database: AnalyticsDb, day: Date, first: u128) -> i64 {
    let mut taken = 0;
    for number in first.. {
        match database.take_metrics(&[on(day, number)], now()).await {
            Ok(_) => taken += 1,
            Err(TakeMetricsError::Archived { .. }) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    taken
}

/// Who was told that a batch counts finds it in the archive, however late they were.
#[tokio::test]
async fn a_month_that_is_closed_while_others_write_has_all_that_was_taken_in() {
    let (database, url) = empty("closing").await;
    must(database.migrate().await);
    let patient = must(AnalyticsDb::connect_patiently(&url));
    let archive = Archive::new(patient, FakeFiles::default());
    for round in 0..12_i8 {
        let day = date(2024, round + 1, 7);
        // Of its own, as the batches of real senders are.
        let first = u128::try_from(round).unwrap_or_default() * 10_000_000;
        must(database.take_metrics(&[on(day, first)], now()).await);
        let writers = (1..4_u128).map(|writer| {
            let database = must(AnalyticsDb::connect(&url));
            write_until_closed(database, day, first + writer * 1_000_000)
        });
        let after = must(day.first_of_month().checked_add(1.month()));
        let closing =
            async { while must(archive.step(after).await) != Done::Month(day.first_of_month()) {} };
        let (taken, ()) = join(join_all(writers), closing).await;
        let taken = 1 + taken.into_iter().sum::<i64>();
        let files = must(archive.files_of(day.first_of_month()).await);
        let archived: u64 = files.iter().map(|file| file.checksums.rows).sum();
        assert_eq!(archived, taken.cast_unsigned());
        let figures = figures(&database, &(day..=day)).await;
        let counted = figures.values().flat_map(|days| days.values());
        let counted: Vec<MetricFigures> = counted.copied().collect();
        let micros = taken * 1_000;
        assert_eq!(
            counted,
            [MetricFigures {
                events: taken,
                micros
            }]
        );
    }
    let none = must_fail(database.let_go(date(2024, 1, 1)).await);
    assert!(
        none.to_string().contains("not archived as a whole"),
        "{none}"
    );
}
