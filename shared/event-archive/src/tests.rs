//! Files and their checksums.

use domain::ports::TakeMetrics;
use domain::{MetricBatch, MetricEvent, TenantId};
use event_samples::{Plan as Wanted, Samples};
use jiff::civil::date;
use proptest::prelude::*;
use testkit::fakes::{FakeFiles, FakeMetrics};
use testkit::port_checks::metrics::{batch, event, now};
use testkit::{must, must_fail};

use super::*;

fn by_tenant(batches: Vec<MetricBatch>) -> EventsByTenant {
    let mut rows = EventsByTenant::new();
    for batch in batches {
        rows.entry(batch.tenant).or_default().extend(batch.events);
    }
    rows
}

fn samples() -> EventsByTenant {
    let samples = Samples::new(Wanted {
        rows: 200_000,
        tenants: 300,
        ..Wanted::default()
    });
    by_tenant(
        samples
            .chunks()
            .flat_map(|number| samples.chunk(number))
            .collect(),
    )
}

#[test]
fn a_file_has_the_rows_that_were_written_in_few_bytes() {
    let rows = samples();
    let bytes = must(encode(&rows));
    let a_row = bytes.len() as f64 / 200_000.0;
    assert!(a_row < 8.0, "{a_row} bytes a row");
    assert_eq!(must(decode(bytes)), rows);
}

#[test]
fn what_was_cut_or_changed_is_no_file() {
    let bytes = must(encode(&samples()));
    for cut in [0, 4, bytes.len() / 2, bytes.len() - 1] {
        must_fail(decode(bytes[..cut].to_vec()));
    }
    must_fail(decode(b"PAR1PAR1".to_vec()));
    must_fail(decode(Vec::new()));
}

/// A database and a bucket in memory, with two months that are old.
async fn filled() -> (FakeMetrics, FakeFiles, Archive<FakeMetrics, FakeFiles>) {
    let (database, files) = (FakeMetrics::default(), FakeFiles::default());
    let on = |time: &str| MetricEvent {
        at: must(time.parse()),
        ..event(0, 1.0)
    };
    let events = [
        "2024-01-09T00:00:00Z",
        "2024-01-02T00:00:00Z",
        "2024-02-05T00:00:00Z",
    ];
    let batches = [batch("ant", 1, events.map(on).to_vec())];
    must(database.take_metrics(&batches, now()).await);
    let archive = Archive::new(database.clone(), files.clone());
    (database, files, archive)
}

#[tokio::test]
async fn a_month_leaves_part_for_part_and_then_comes_the_next() {
    let (_, files, archive) = filled().await;
    let march = date(2024, 3, 31);
    let part = |month, rows| move |done: &Done| matches!(done, Done::Part { month: it, rows: of, .. } if *it == month && *of == rows);
    let mut done = Vec::new();
    for _ in 0..5 {
        done.push(must(archive.step(march).await));
    }
    assert!(part(date(2024, 1, 1), 2)(&done[0]), "{done:?}");
    assert_eq!(done[1], Done::Month(date(2024, 1, 1)));
    assert!(part(date(2024, 2, 1), 1)(&done[2]), "{done:?}");
    assert_eq!(done[3..], [Done::Month(date(2024, 2, 1)), Done::Nothing]);
    assert_eq!(files.paths().len(), 2);
    let [file] = must(archive.files_of(date(2024, 1, 1)).await)
        .try_into()
        .unwrap();
    let rows = must(archive.read(&file).await);
    let times: Vec<_> = rows.values().flatten().map(|event| event.at).collect();
    assert_eq!(times.len(), 2);
    assert!(times.is_sorted());
}

/// A file that is a good one, but not the one that was written.
#[tokio::test]
async fn a_file_that_is_another_is_not_taken_for_it() {
    let (_, files, archive) = filled().await;
    let january = date(2024, 1, 1);
    while must(archive.step(date(2024, 3, 1)).await) != Done::Nothing {}
    let [file] = must(archive.files_of(january).await).try_into().unwrap();
    let mut rows = must(archive.read(&file).await);
    let whole = must(archive.restore(january).await);
    assert_eq!(whole, file.checksums);
    must(archive.release(january).await);
    for events in rows.values_mut() {
        events[0].took = event(0, 2.0).took;
    }
    files.change(&file.path(), |bytes| *bytes = must(encode(&rows)));
    for spoiled in [
        must_fail(archive.read(&file).await),
        must_fail(archive.restore(january).await),
    ] {
        assert!(
            matches!(spoiled, ArchiveError::Spoiled { .. }),
            "{spoiled:?}"
        );
    }
}

#[tokio::test]
async fn a_month_that_is_not_put_back_as_it_was_is_not_read_with_the_others() {
    let (database, _, archive) = filled().await;
    let january = date(2024, 1, 1);
    while must(archive.step(date(2024, 3, 1)).await) != Done::Nothing {}
    database.restore_wrongly();
    let unequal = must_fail(archive.restore(january).await);
    assert!(
        matches!(unequal, ArchiveError::Unequal(it) if it == january),
        "{unequal:?}"
    );
    let months = must(database.months().await);
    assert!(months.contains(&(january, MonthState::Archived)));
}

/// A bucket that says yes and keeps nothing.
#[derive(Clone)]
struct Forgetful;

impl KeepFiles for Forgetful {
    async fn put_file(&self, _: &str, _: Vec<u8>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn get_file(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_part_is_not_noted_before_its_files_were_read() {
    let (database, _, _) = filled().await;
    let archive = Archive::new(database.clone(), Forgetful);
    let spoiled = must_fail(archive.step(date(2024, 2, 1)).await);
    assert!(
        matches!(spoiled, ArchiveError::Spoiled { .. }),
        "{spoiled:?}"
    );
    assert!(!spoiled.passes());
    database.set_away(true);
    assert!(must_fail(archive.step(date(2024, 2, 1)).await).passes());
    database.set_away(false);
    let january = Archiving {
        month: date(2024, 1, 1),
        next: Some(0),
    };
    let begun = must(database.begin_month(date(2024, 2, 1)).await);
    assert_eq!(begun, Some(january));
}

fn an_event() -> impl Strategy<Value = MetricEvent> {
    let payload = proptest::option::of("\\{\"[a-zä\\\\]{0,8}\":[0-9]\\}");
    let time = -3_000_000..3_000_000_i64;
    ("[a-c]{1,2}", time, 0..1_000_u32, payload).prop_map(|(kind, seconds, millis, payload)| {
        MetricEvent {
            event_type: must(kind.parse()),
            payload,
            ..event(seconds, f64::from(millis) / 8.0)
        }
    })
}

fn some_rows() -> impl Strategy<Value = EventsByTenant> {
    let tenant = "[a-d]{1,2}".prop_map(|name| must(TenantId::parse(&name)));
    let events = proptest::collection::vec(an_event(), 1..8);
    proptest::collection::btree_map(tenant, events, 0..5)
}

fn reversed(rows: &EventsByTenant) -> EventsByTenant {
    let back = |(tenant, events): (&TenantId, &Vec<MetricEvent>)| {
        (tenant.clone(), events.iter().rev().cloned().collect())
    };
    rows.iter().map(back).collect()
}

proptest! {
    #[test]
    fn any_rows_are_read_as_they_were_written(rows in some_rows()) {
        let read = must(decode(must(encode(&rows))));
        prop_assert_eq!(&read, &rows);
        prop_assert_eq!(checksums(&read), checksums(&rows));
    }

    #[test]
    fn checksums_do_not_know_a_sequence_and_see_every_other_difference(
        rows in some_rows(),
        place: prop::sample::Index,
        change in 0..7_u8,
        other in an_event(),
    ) {
        let whole = checksums(&rows);
        prop_assert_eq!(checksums(&reversed(&rows)), whole);
        let mut halves = Checksums::default();
        for (tenant, events) in &rows {
            let of_one = EventsByTenant::from([(tenant.clone(), events.clone())]);
            halves = together(halves, checksums(&of_one));
        }
        prop_assert_eq!(halves, whole);
        let Some(tenant) = (!rows.is_empty()).then(|| place.index(rows.len())) else {
            return Ok(());
        };
        let mut changed = rows.clone();
        let tenant = changed.keys().nth(tenant).cloned().unwrap();
        let events = changed.get_mut(&tenant).unwrap();
        let place = place.index(events.len());
        match change {
            0 => events[place].at = other.at,
            1 => events[place].took = other.took,
            2 => events[place].event_type = other.event_type,
            3 => events[place].payload = other.payload,
            4 => drop(events.remove(place)),
            5 => events.push(events[place].clone()),
            _ => {
                // The columns have the same values, in other rows.
                let mut swapped = events[place].clone();
                let first = &mut events[0];
                std::mem::swap(&mut first.took, &mut swapped.took);
                events[place].took = swapped.took;
            }
        }
        let sorted = |rows: &EventsByTenant| {
            let mut rows: Vec<_> = rows
                .iter()
                .flat_map(|(tenant, events)| events.iter().map(move |it| format!("{tenant} {it:?}")))
                .collect();
            rows.sort();
            rows
        };
        let is_same = sorted(&changed) == sorted(&rows);
        prop_assert_eq!(checksums(&changed) == whole, is_same);
    }
}
