//! Files and their checksums.

use domain::{MetricBatch, MetricEvent, TenantId};
use event_samples::{Plan as Wanted, Samples};
use proptest::prelude::*;
use testkit::port_checks::metrics::event;
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
