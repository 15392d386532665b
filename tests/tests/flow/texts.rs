//! Orders come in while the gateway of texts hangs for half a minute and is dead for ten: what the
//! path of an order notices of it (nothing), what the gateway does, and what becomes of the texts.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use breaker::Row;
use domain::{OrderState, SendingState};
use jiff::SignedDuration;
use telling::{GATEWAY, TERMS};
use testkit::invariants::{Calls, World as Snapshot};
use tests::world::{Asked, Fault, World, basket};

const SEED: u64 = 11;
/// People who order.
const PEOPLE: usize = 12;
/// Orders, and seconds between two of them.
const ORDERS: usize = 100;
const EVERY: u64 = 8;
/// A new process sends what is due so often, a thousand of them while the gateway is dead; and every
/// minute from a while after that.
const PROCESS: Duration = Duration::from_millis(600);
const OFTEN: i64 = 900;
/// It hangs from this second on, is dead from this one on, and is back at this one.
const HANGS: i64 = 120;
const DIES: i64 = 150;
const BACK: i64 = 750;
/// Everything is done by then, whatever happened.
const END: i64 = 3_000;

/// What the gateway does while it hangs, and whether there is another way.
#[derive(Clone, Debug)]
struct Case {
    hangs: Option<Fault>,
    other: bool,
}

/// What became of everything.
struct Outcome {
    case: Case,
    /// Every call that was not made by whoever sends texts, with its moment.
    path: Vec<String>,
    /// Per order, from its placement to its end; all are confirmed.
    took: Vec<SignedDuration>,
    asked: Vec<Asked>,
    rows: Vec<(f64, Row)>,
    /// Texts that were wanted, by second and reference.
    wanted: Vec<(f64, String)>,
    /// How often each went out.
    sent: BTreeMap<String, usize>,
    sent_the_other_way: usize,
    states: Vec<SendingState>,
}

fn cases() -> Vec<Case> {
    let late = |minutes: u64| Fault::DelayThenApply(Duration::from_secs(minutes * 60));
    let half = Fault::DelayThenApply(Duration::from_secs(30));
    let moods = [half, late(25), Fault::LostBefore];
    let case = |hangs| Case {
        hangs: Some(hangs),
        other: false,
    };
    let mut cases: Vec<Case> = moods.into_iter().map(case).collect();
    cases.push(Case {
        hangs: Some(late(25)),
        other: true,
    });
    cases
}

fn run(case: Case) -> Outcome {
    let mut world = World::new(SEED);
    world.sell("cup", 1_000, 900);
    let name = |person| format!("user{person}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for person in 0..PEOPLE {
        let number = format!("+4416329600{person:02}");
        runtime.block_on(world.wants_texts(&name(person), &number));
    }
    let other = case.other.then(|| SignedDuration::from_mins(2));
    world.send_every(PROCESS, OFTEN, other);
    if let Some(hangs) = &case.hangs {
        world.outage("texts.", (HANGS, DIES), hangs.clone());
        world.outage("texts.", (DIES, BACK), Fault::FailBefore);
    }
    let orders: Vec<_> = (0..ORDERS)
        .map(|number| {
            let basket = basket(&format!("k{number}")).of(&[("cup", 1)]);
            let later = Duration::from_secs(number as u64 * EVERY);
            world.place_after(later, &basket.by(&name(number % PEOPLE)))
        })
        .collect();
    world.run_until(END);
    let path = world.calls_but_of_messages();
    world.settle();
    assert_eq!(world.elapsed(), END, "all was done");
    let took = orders.iter().map(|id| {
        let order = world.order(*id);
        assert!(matches!(order.state, OrderState::Confirmed { .. }));
        let all = order.events.all();
        all.last().unwrap().at.duration_since(all[0].at)
    });
    let rows = world.shop.realtime.all_sendings();
    let begin = world.second(0);
    let mut sent = BTreeMap::new();
    for text in world.shop.texts.sent() {
        *sent.entry(text.reference).or_default() += 1;
    }
    Outcome {
        path,
        took: took.collect(),
        asked: world.asked_of(&["texts.", "sns."]),
        rows: world.breaker_rows(GATEWAY),
        wanted: rows
            .iter()
            .map(|row| {
                let since = row.since.duration_since(begin);
                (since.as_secs_f64(), row.reference())
            })
            .collect(),
        sent,
        sent_the_other_way: world.shop.texts.sent_the_other_way(),
        states: rows.into_iter().map(|row| row.state).collect(),
        case,
    }
}

/// The one in which the gateway is well, and the others.
fn worlds() -> &'static (Outcome, Vec<Outcome>) {
    static WORLDS: OnceLock<(Outcome, Vec<Outcome>)> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let well = Case {
            hangs: None,
            other: false,
        };
        (run(well), cases().into_iter().map(run).collect())
    })
}

impl Outcome {
    /// Calls of the gateway from one second to another.
    fn asked_in(&self, from: i64, until: i64) -> Vec<&Asked> {
        let in_time = |it: &&Asked| (from as f64..until as f64).contains(&it.second);
        let first = |it: &&Asked| it.port.starts_with("texts.");
        self.asked.iter().filter(in_time).filter(first).collect()
    }

    /// The seconds at which the breaker opened and closed, in turn.
    fn turns(&self) -> Vec<(f64, bool)> {
        let mut turns: Vec<(f64, bool)> = Vec::new();
        for (second, row) in &self.rows {
            let open = row.open_since().is_some();
            if turns.last().is_some_and(|(_, was)| *was) != open {
                turns.push((*second, open));
            }
        }
        turns
    }

    /// Tries to send of which nobody knows what became.
    fn unknown(&self) -> usize {
        let sends = self.asked.iter().filter(|it| it.port.ends_with(".send"));
        let lost = sends.filter(|it| it.fault.as_deref().is_some_and(|it| it != "FailBefore"));
        lost.count()
    }
}

/// Placement, saga, streams, topic, queue and `notify`: each call of them to AWS, to a provider and
/// to a carrier is made at the same moment, to the microsecond, and none is a gateway's.
#[test]
fn the_path_of_an_order_is_the_same_call_by_call_whatever_the_gateway_of_texts_does() {
    let (well, others) = worlds();
    assert!(well.path.len() > ORDERS * 30, "{}", well.path.len());
    // `notify` looks at the breaker of mail.
    let of_texts = [" texts.", " sns.", " breakers.put"];
    let strays = well
        .path
        .iter()
        .filter(|line| of_texts.iter().any(|it| line.contains(it)));
    assert_eq!(strays.count(), 0);
    for other in others {
        let until = well.path.len().min(other.path.len());
        let differs = (0..until).find(|at| well.path[*at] != other.path[*at]);
        let differs = differs.map(|at| (&well.path[at], &other.path[at]));
        assert_eq!(differs, None, "{:?}", other.case);
        assert_eq!(well.path.len(), other.path.len(), "{:?}", other.case);
        assert_eq!(well.took, other.took, "{:?}", other.case);
    }
}

#[test]
fn the_breaker_of_the_gateway_opens_and_closes_as_it_is_told() {
    let (well, others) = worlds();
    assert_eq!(well.rows, [], "nothing is written while all is well");
    for other in others {
        let turns = other.turns();
        let [(opened, true), (closed, false)] = turns[..] else {
            panic!("{:?}: {turns:?}", other.case);
        };
        assert!(
            (HANGS as f64..DIES as f64 + 10.0).contains(&opened),
            "{opened}"
        );
        // The last probe that failed was at most the longest pause before.
        assert!(
            (BACK as f64..BACK as f64 + 70.0).contains(&closed),
            "{closed}"
        );
        let before = other.asked_in(HANGS, opened as i64);
        let most = TERMS.failures as usize + TERMS.at_once;
        assert!(
            before.len() <= most,
            "{} calls until it opened",
            before.len()
        );
        let probes = other.asked_in(opened as i64 + 3, BACK);
        let gaps = probes.windows(2).map(|two| two[1].second - two[0].second);
        for (failed, gap) in (1..).zip(gaps) {
            let pause = TERMS.pause * 2_u32.pow(failed);
            let pause = pause.min(TERMS.longest_pause).as_secs_f64();
            assert!(gap >= pause, "{:?}: {failed}, {gap}", other.case);
        }
        assert!(
            probes.len() >= 8,
            "it is asked whether it is back: {}",
            probes.len()
        );
    }
}

/// I13, over a thousand processes that know nothing.
#[test]
fn a_dead_gateway_is_called_a_tenth_more_than_was_offered_at_most() {
    for other in &worlds().1 {
        let is_offered = |at: &f64| (HANGS as f64..BACK as f64).contains(at);
        let offered = other.wanted.iter().filter(|(at, _)| is_offered(at)).count();
        assert!(offered > 150, "{offered}");
        let calls = Calls {
            party: "sms".to_owned(),
            offered: offered as u64,
            made: other.asked_in(HANGS, BACK).len() as u64,
        };
        let world = Snapshot {
            calls: vec![calls],
            ..Snapshot::default()
        };
        assert_eq!(world.violations(), [], "{:?}", other.case);
    }
}

#[test]
fn every_text_goes_out_and_none_twice_but_where_nobody_knew() {
    let (well, others) = worlds();
    assert_eq!(well.wanted.len(), ORDERS * 2, "placed, and confirmed");
    assert_eq!(well.unknown(), 0);
    for world in others.iter().chain([well]) {
        let lost = world
            .wanted
            .iter()
            .filter(|(_, it)| !world.sent.contains_key(it));
        assert_eq!(lost.count(), 0, "{:?}", world.case);
        assert_eq!(world.sent.len(), world.wanted.len(), "{:?}", world.case);
        let all_sent = world.states.iter().all(|it| *it == SendingState::Sent);
        assert!(all_sent, "{:?}", world.case);
        let twice: usize = world.sent.values().map(|times| times - 1).sum();
        assert!(twice <= world.unknown(), "{:?}: {twice}", world.case);
        let late = Fault::DelayThenApply(Duration::from_secs(25 * 60));
        if world.case.hangs == Some(late) {
            assert!(
                twice > 0,
                "what comes later than it is looked for comes twice"
            );
        } else {
            assert_eq!(
                twice, 0,
                "{:?}: each of them was found, or was not sent",
                world.case
            );
        }
        assert_eq!(
            world.sent_the_other_way > 80,
            world.case.other,
            "{:?}",
            world.case
        );
    }
}
