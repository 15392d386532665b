//! The processor against a list of events that is added up by hand.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{Aggregate, Bounds, Event, MetricsProcessor, OTHER, Refusal, Refusals};

/// Ten o'clock on a day.
const BEGUN: i64 = 1_763_978_400;
const BOUNDS: Bounds = Bounds {
    minutes: 5,
    types: 3,
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(BEGUN + second).unwrap()
}

fn event(second: i64, kind: &str, user: &str, value: f64) -> (i64, String, String, f64) {
    (second, kind.to_owned(), user.to_owned(), value)
}

type Given = (i64, String, String, f64);

fn give<C: Fn() -> Timestamp>(metrics: &MetricsProcessor<C>, given: &Given) -> Result<(), Refusal> {
    metrics.process_event(&Event {
        timestamp: at(given.0),
        event_type: &given.1,
        user_id: &given.2,
        value: given.3,
    })
}

fn line(given: &Given) -> String {
    let value = match given.3 {
        value if value.is_finite() => value.to_string(),
        _ => "1e999".to_owned(),
    };
    format!(
        "{{\"timestamp\":\"{}\",\"user_id\":\"{}\",\"event_type\":\"{}\",\"value\":{value}}}\n",
        at(given.0),
        given.2,
        given.1,
    )
}

/// What an event is refused for, at a second.
fn verdict(given: &Given, now: i64) -> Result<(), Refusal> {
    let minute = given.0.div_euclid(60) - now.div_euclid(60);
    match given {
        (_, _, _, value) if !value.is_finite() => Err(Refusal::NotFinite),
        (_, kind, user, _) if kind.is_empty() || user.is_empty() => Err(Refusal::Name),
        _ if minute > 1 => Err(Refusal::Future),
        _ if minute <= -i64::from(BOUNDS.minutes) => Err(Refusal::Late),
        _ => Ok(()),
    }
}

/// The same by lists: count, sum in whole eighths, least, most, half, users.
fn by_hand(
    events: &[Given],
    from: i64,
    to: i64,
) -> BTreeMap<String, (u64, f64, f64, f64, f64, u64)> {
    let mut types: BTreeMap<String, Vec<&Given>> = BTreeMap::new();
    for given in events {
        if (from..=to).contains(&given.0.div_euclid(60)) {
            types.entry(given.1.clone()).or_default().push(given);
        }
    }
    let of = |(kind, events): (String, Vec<&Given>)| {
        let mut values: Vec<f64> = events.iter().map(|it| it.3).collect();
        values.sort_by(f64::total_cmp);
        let mut users: Vec<&String> = events.iter().map(|it| &it.2).collect();
        users.sort();
        users.dedup();
        let half = values[values.len().div_ceil(2) - 1];
        let sum = values.iter().sum();
        let (least, most) = (values[0], values[values.len() - 1]);
        (
            kind,
            (
                values.len() as u64,
                sum,
                least,
                most,
                half,
                users.len() as u64,
            ),
        )
    };
    types.into_iter().map(of).collect()
}

fn figures(it: &Aggregate) -> (u64, f64, f64, f64, u64) {
    (it.count, it.sum, it.least, it.most, it.users)
}

/// Eighths, whose sums are exact in any order; and what is no number.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => (-80_000_i32..80_000).prop_map(|eighths| f64::from(eighths) / 8.0),
        1 => Just(f64::NAN),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(0.0),
    ]
}

fn given() -> impl Strategy<Value = Given> {
    ((-400_i64..200), "[abc]", "[a-g]?", value())
        .prop_map(|(second, kind, user, value)| event(second, &kind, &user, value))
}

proptest! {
    /// At whatever time it is asked, in one by one, or in lines, or by threads at the same time.
    #[test]
    fn what_is_said_is_what_lists_say(
        rounds in vec((0_i64..90, vec(given(), 0..40), any::<bool>()), 1..8),
        minutes in 1..=BOUNDS.minutes,
    ) {
        let clock = AtomicI64::new(0);
        let metrics = MetricsProcessor::new(BOUNDS, || at(clock.load(Ordering::SeqCst)));
        let (mut now, mut counted, mut refused) = (0, Vec::new(), Refusals::default());
        for (later, events, in_lines) in rounds {
            now += later;
            clock.store(now, Ordering::SeqCst);
            for given in &events {
                match verdict(given, now) {
                    Ok(()) => counted.push(given.clone()),
                    // No number is written like this.
                    Err(Refusal::NotFinite) if in_lines => refused.note(Refusal::Unreadable),
                    Err(refusal) => refused.note(refusal),
                }
            }
            match in_lines {
                true => {
                    let lines: String = events.iter().map(line).collect();
                    let good = events.iter().filter(|it| verdict(it, now).is_ok()).count();
                    prop_assert_eq!(metrics.process_lines(lines.as_bytes()).taken, good as u64);
                }
                false => thread::scope(|scope| {
                    for some in events.chunks(events.len().div_ceil(2).max(1)) {
                        let metrics = &metrics;
                        scope.spawn(move || {
                            for given in some {
                                assert_eq!(give(metrics, given), verdict(given, now));
                            }
                        });
                    }
                }),
            }
            let said = metrics.aggregates(minutes).unwrap();
            prop_assert_eq!(said.refused, refused);
            let to = now.div_euclid(60);
            // Minutes are forgotten by the clock, not by the events.
            let by_hand = by_hand(&counted, to - i64::from(minutes) + 1, to);
            let names: Vec<&String> = said.types.keys().collect();
            prop_assert_eq!(names, by_hand.keys().collect::<Vec<_>>());
            for (kind, (count, sum, least, most, half, users)) in by_hand {
                let said = &said.types[&kind];
                prop_assert_eq!(figures(said), (count, sum, least, most, users));
                prop_assert_eq!(said.average, sum / count as f64);
                prop_assert!((said.p50 - half).abs() <= half.abs() * 0.02, "{} {}", said.p50, half);
                let in_order = [said.least, said.p50, said.p90, said.p95, said.p99, said.most];
                prop_assert!(in_order.is_sorted(), "{:?}", in_order);
            }
        }
    }
}

#[test]
fn huge_values_are_added_to_the_last_bit() {
    let metrics = MetricsProcessor::new(BOUNDS, || at(0));
    for value in [1e300, 1.5, -1e300, f64::MAX, -f64::MAX, 1e-300] {
        give(&metrics, &event(0, "a", "mia", value)).unwrap();
    }
    let said = metrics.aggregates(1).unwrap().types["a"];
    assert_eq!(
        (said.sum, said.least, said.most),
        (1.5, -f64::MAX, f64::MAX)
    );
    assert_eq!(metrics.aggregates(1).unwrap().by_name()["a.average"], 0.25);
}

#[test]
fn types_that_there_is_no_room_for_are_one() {
    let metrics = MetricsProcessor::new(BOUNDS, || at(0));
    for kind in 0..20 {
        give(&metrics, &event(0, &kind.to_string(), "mia", 1.0)).unwrap();
        give(&metrics, &event(0, "0", "mia", 1.0)).unwrap();
    }
    let said = metrics.aggregates(1).unwrap().types;
    let counts: Vec<(&str, u64)> = said
        .iter()
        .map(|(kind, it)| (kind.as_str(), it.count))
        .collect();
    assert_eq!(said.len(), BOUNDS.types + 1, "{counts:?}");
    assert_eq!(said["0"].count, 21);
    assert_eq!(said[OTHER].count, 17);
    assert_eq!(said.values().map(|it| it.count).sum::<u64>(), 40);
}

/// Though nobody asks for a day: types of which nothing is held any more make room.
#[test]
fn what_is_old_is_forgotten_though_nobody_asks() {
    let second = AtomicI64::new(0);
    let metrics = MetricsProcessor::new(BOUNDS, || at(second.load(Ordering::SeqCst)));
    for minute in 0..1_440 {
        second.store(60 * minute, Ordering::SeqCst);
        let kind = (minute / 5).to_string();
        give(&metrics, &event(60 * minute, &kind, "mia", 1.0)).unwrap();
    }
    let minutes = metrics.minutes_held();
    assert!(minutes <= 2 * BOUNDS.minutes as usize, "{minutes}");
    let said = metrics.aggregates(BOUNDS.minutes).unwrap().types;
    let names: Vec<&str> = said.keys().map(String::as_str).collect();
    assert_eq!(names, ["287"]);
}

#[test]
fn only_so_many_minutes_can_be_asked_for() {
    let metrics = MetricsProcessor::new(BOUNDS, || at(0));
    for (minutes, is_held) in [(0, false), (1, true), (5, true), (6, false)] {
        assert_eq!(metrics.aggregates(minutes).is_ok(), is_held, "{minutes}");
    }
}

#[test]
fn names_have_a_length() {
    let metrics = MetricsProcessor::new(BOUNDS, || at(0));
    let long = "x".repeat(crate::LONGEST + 1);
    let bad = [
        ("", "mia"),
        ("a", ""),
        (&long, "mia"),
        ("a", &long),
        (OTHER, "mia"),
    ];
    for (kind, user) in bad {
        assert_eq!(
            give(&metrics, &event(0, kind, user, 1.0)),
            Err(Refusal::Name)
        );
    }
    let longest = "x".repeat(crate::LONGEST);
    assert_eq!(give(&metrics, &event(0, &longest, &longest, 1.0)), Ok(()));
}

/// Threads that give events while others ask and close: what was accepted is in what is said at the end.
#[test]
fn nothing_that_was_accepted_is_lost_when_it_is_closed() {
    for _ in 0..10 {
        let second = AtomicI64::new(0);
        let metrics =
            MetricsProcessor::new(Bounds::default(), || at(second.load(Ordering::SeqCst)));
        let (begin, ended) = (Barrier::new(4), AtomicBool::new(false));
        let accepted: u64 = thread::scope(|scope| {
            let givers = [0, 1, 2].map(|_| {
                scope.spawn(|| {
                    begin.wait();
                    let given = event(0, "a", "mia", 1.0);
                    (0..u64::MAX)
                        .take_while(|_| give(&metrics, &given).is_ok())
                        .count() as u64
                })
            });
            scope.spawn(|| {
                let mut asked = 0;
                while !ended.load(Ordering::SeqCst) {
                    let before = metrics.aggregates(60).unwrap();
                    // Minutes begin meanwhile; the events stay young enough.
                    second.store(asked % 3_000, Ordering::SeqCst);
                    asked += 1;
                    assert!(before.types.len() <= 1);
                }
            });
            begin.wait();
            while metrics.aggregates(60).unwrap().types.is_empty() {
                thread::yield_now();
            }
            metrics.close();
            ended.store(true, Ordering::SeqCst);
            givers.into_iter().map(|giver| giver.join().unwrap()).sum()
        });
        let said = metrics.aggregates(60).unwrap();
        assert_eq!(said.types["a"].count, accepted);
        assert_eq!(said.refused.closed, 3);
    }
}
