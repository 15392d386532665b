//! Times, ids and figures of events.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_processing_time_is_whole_microseconds_of_a_day_at_most() {
    for (millis, micros) in [
        (0.0, 0),
        (-0.0, 0),
        (12.5, 12_500),
        (0.0004, 0),
        (0.0005, 1),
        (86_400_000.0, 86_400_000_000),
    ] {
        let took = ProcessingTime::from_millis(millis).map(ProcessingTime::micros);
        assert_eq!(took, Ok(micros), "{millis}");
    }
    for millis in [
        -0.001,
        86_400_000.001,
        f64::NAN,
        f64::INFINITY,
        -f64::INFINITY,
        f64::MAX,
    ] {
        let took = ProcessingTime::from_millis(millis);
        assert_eq!(took, Err(InvalidProcessingTime), "{millis}");
    }
    for micros in [-1, 86_400_000_001, i64::MAX, i64::MIN] {
        let took = ProcessingTime::from_micros(micros);
        assert_eq!(took, Err(InvalidProcessingTime), "{micros}");
    }
}

#[test]
fn a_batch_id_has_one_form() {
    let id = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    assert_eq!(BatchId::parse(id).map(|id| id.to_string()), Ok(id.into()));
    for other in [
        "",
        "7D444840-9dc0-11d1-b245-5ffdce74fad2",
        "7d4448409dc011d1b2455ffdce74fad2",
    ] {
        assert!(BatchId::parse(other).is_err(), "{other}");
    }
}

#[test]
fn each_plan_has_its_name() {
    for plan in Plan::ALL {
        assert_eq!(Plan::from_name(plan.name()), Some(plan));
    }
    assert_eq!(Plan::from_name("gold"), None);
}

#[test]
fn events_are_taken_up_to_a_minute_ahead_and_back_to_the_oldest_open_month() {
    let now = at("2026-11-23T10:00:00Z");
    for (when, wanted) in [
        ("2026-11-23T10:01:00Z", Ok(())),
        ("2026-11-23T10:01:00.000001Z", Err(OutOfTime::Ahead)),
        ("9999-01-01T00:00:00Z", Err(OutOfTime::Ahead)),
        ("2024-12-01T00:00:00Z", Ok(())),
        ("2024-11-30T23:59:59.999999Z", Err(OutOfTime::Old)),
        ("-009999-01-02T01:59:59Z", Err(OutOfTime::Old)),
    ] {
        assert_eq!(in_time(at(when), now), wanted, "{when}");
    }
}

proptest! {
    #[test]
    fn figures_are_the_same_in_any_order_and_grouping(
        times in proptest::collection::vec(0..=86_400_000_000_i64, 0..50),
        cut in 0..50_usize,
    ) {
        let of = |times: &mut dyn Iterator<Item = &i64>| {
            let mut figures = MetricFigures::default();
            times.for_each(|time| figures.count(ProcessingTime::from_micros(*time).unwrap()));
            figures
        };
        let straight = of(&mut times.iter());
        let cut = cut.min(times.len());
        let mut halves = of(&mut times[cut..].iter().rev());
        halves.add(of(&mut times[..cut].iter()));
        prop_assert_eq!(halves, straight);
        prop_assert_eq!(straight.events, i64::try_from(times.len()).unwrap());
        let average = (!times.is_empty())
            .then(|| times.iter().sum::<i64>() as f64 / times.len() as f64 / 1_000.0);
        prop_assert_eq!(straight.average_millis(), average);
    }
}
