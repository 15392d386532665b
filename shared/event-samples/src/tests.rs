//! What the events are like.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn all(samples: &Samples) -> Vec<MetricBatch> {
    samples
        .chunks()
        .flat_map(|number| samples.chunk(number))
        .collect()
}

fn some() -> Plan {
    Plan {
        rows: 120_001,
        tenants: 100,
        ..Plan::default()
    }
}

#[test]
fn the_same_numbers_make_the_same_events() {
    let (one, other) = (Samples::new(some()), Samples::new(some()));
    assert_eq!(one.chunk(1), other.chunk(1));
    for changed in [
        Plan { seed: 2, ..some() },
        Plan {
            rows: 120_002,
            ..some()
        },
        Plan {
            tenants: 101,
            ..some()
        },
    ] {
        let other = Samples::new(changed).chunk(1);
        assert_ne!(one.chunk(1), other, "{changed:?}");
        let ids = |batches: &[MetricBatch]| batches.iter().map(|it| it.id).collect::<BTreeSet<_>>();
        assert!(ids(&one.chunk(1)).is_disjoint(&ids(&other)), "{changed:?}");
    }
}

#[test]
fn there_are_as_many_as_wanted_in_batches_of_their_own() {
    let batches = all(&Samples::new(some()));
    let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
    assert_eq!(events, 120_001);
    assert!(
        batches
            .iter()
            .all(|it| (1..=MAX_BATCH).contains(&it.events.len()))
    );
    let ids: BTreeSet<_> = batches.iter().map(|batch| batch.id).collect();
    assert_eq!(ids.len(), batches.len());
}

#[test]
fn a_few_tenants_and_types_have_most_and_times_have_a_long_tail() {
    let batches = all(&Samples::new(some()));
    let mut of_tenants: BTreeMap<&TenantId, usize> = BTreeMap::new();
    let mut of_types: BTreeMap<&str, usize> = BTreeMap::new();
    let mut times = Vec::new();
    for batch in &batches {
        *of_tenants.entry(&batch.tenant).or_default() += batch.events.len();
        for event in &batch.events {
            *of_types.entry(event.event_type.as_str()).or_default() += 1;
            times.push(event.took);
        }
    }
    assert_eq!(of_tenants.len(), 100);
    assert_eq!(of_types.len(), TYPES.len());
    // The first of a hundred has one part in H(100) = 5.19, the first of twelve one in H(12) = 3.10.
    let near = |count: usize, one_in: f64| (count as f64 * one_in / 120_001.0 - 1.0).abs() < 0.03;
    assert!(near(*of_tenants.values().max().unwrap(), 5.187));
    assert!(near(of_types["page.viewed"], 3.103));
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].micros();
    assert!(at(0.99) > 20 * at(0.5), "{} {}", at(0.99), at(0.5));
}

#[test]
fn the_largest_tenants_pay_most() {
    let samples = Samples::new(some());
    let plans: Vec<_> = samples.tenants().map(|(_, plan)| plan).collect();
    let count = |plan| plans.iter().filter(|it| **it == plan).count();
    assert_eq!(count(TenantPlan::Enterprise), 5);
    assert_eq!(count(TenantPlan::Standard), 25);
    assert_eq!(count(TenantPlan::Free), 70);
    assert_eq!(plans.first(), Some(&TenantPlan::Enterprise));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn all_happen_in_the_time_that_is_wanted_in_its_sequence(
        rows in 1..3_000_u64,
        tenants in 0..5_u32,
        span in 1..100_000_000_i64,
        seed: u64,
    ) {
        let from = Plan::default().from;
        let until = Timestamp::from_microsecond(from.as_microsecond() + span).unwrap();
        let samples = Samples::new(Plan { seed, rows, tenants, from, until });
        let batches = all(&samples);
        prop_assert_eq!(batches.iter().map(|it| it.events.len()).sum::<usize>() as u64, rows);
        for batch in &batches {
            prop_assert!(batch.events.iter().all(|it| (from..until).contains(&it.at)));
            prop_assert!(batch.events.is_sorted_by_key(|it| it.at));
        }
    }
}
