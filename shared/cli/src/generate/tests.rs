//! The command on a store in memory.

use domain::ports::{ReadMetrics, Whose};
use domain::{Plan as TenantPlan, TenantId};
use testkit::fakes::FakeMetrics;
use testkit::{must, must_fail};

use super::*;

fn samples() -> Samples {
    Samples::new(Plan {
        rows: 60_000,
        tenants: 20,
        ..Plan::default()
    })
}

#[test]
fn a_count_may_be_written_short() {
    for (text, count) in [
        ("1", 1),
        ("5000", 5_000),
        ("10k", 10_000),
        ("100M", 100_000_000),
    ] {
        assert_eq!(text.parse(), Ok(Count(count)), "{text}");
    }
    for text in [
        "",
        "0",
        "0M",
        "-1",
        "1.5M",
        "k",
        "M",
        "1G",
        "10001M",
        "99999999999999999999",
    ] {
        assert_eq!(text.parse::<Count>(), Err(InvalidCount), "{text}");
    }
}

#[tokio::test]
async fn a_second_run_finds_everything_there() {
    let store = FakeMetrics::default();
    let first = must(put(&samples(), &store).await);
    assert_eq!((first.events, first.known), (60_000, 0));
    let second = must(put(&samples(), &store).await);
    assert_eq!((second.events, second.known), (0, 60_000));
    let largest = must(TenantId::parse("tenant-0001"));
    let first_day = must("2026-01-01".parse());
    let days = first_day..=first_day;
    let plan = Whose::Plan(TenantPlan::Enterprise);
    let figures = must(store.metrics_by_day(&plan, &days).await);
    let tenants: Vec<_> = figures.keys().collect();
    assert_eq!(tenants, [&largest]);
}

/// A chunk that failed for good ends the run with an error; what is there stays.
#[tokio::test]
async fn a_month_that_takes_nothing_ends_the_run() {
    let store = FakeMetrics::default();
    store.archive_month_of(must("2026-01-15".parse()));
    let failure = must_fail(put(&samples(), &store).await);
    assert_eq!(
        failure.to_string(),
        "the events of the month of 2026-01-01 are archived"
    );
}

#[test]
fn as_lines_they_are_the_same_each_time() {
    let written = || {
        let mut bytes = Vec::new();
        must(write(&samples(), &mut bytes));
        must(String::from_utf8(bytes))
    };
    let text = written();
    assert_eq!(text, written());
    assert_eq!(text.lines().count(), 60_001);
    let head = "batch_id,tenant,created_at,event_type,processing_us";
    assert_eq!(text.lines().next(), Some(head));
}
