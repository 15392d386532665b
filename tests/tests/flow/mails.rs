//! Orders come in while the mail service hangs for half a minute and is dead for ten: what the path of
//! an order notices of it (nothing), how long its events wait in the queue, and what becomes of the
//! mails.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use breaker::Row;
use domain::OrderState;
use jiff::SignedDuration;
use telling::{MAIL, MAIL_TERMS};
use tests::world::{Asked, Fault, World, basket};

const SEED: u64 = 12;
/// Orders, and seconds between two of them.
const ORDERS: usize = 100;
const EVERY: u64 = 8;
/// A new process sends what is due so often while the service is dead; and every minute beside that.
const PROCESS: Duration = Duration::from_millis(600);
const OFTEN: i64 = 900;
/// It hangs from this second on, is dead from this one on, and is back at this one.
const HANGS: i64 = 120;
const DIES: i64 = 150;
const BACK: i64 = 750;
/// Everything is done by then, whatever happened.
const END: i64 = 3_000;

/// What became of everything.
struct Outcome {
    hangs: Option<Fault>,
    /// Every call that was made by neither `notify` nor whoever sends what waits, with its moment.
    path: Vec<String>,
    /// Per order, from its placement to its end; all are confirmed.
    took: Vec<SignedDuration>,
    asked: Vec<Asked>,
    rows: Vec<(f64, Row)>,
    /// Whether the queue of `notify` was empty when the service had been dead for a while.
    queue_is_empty: bool,
    /// Rows that waited then.
    waiting: usize,
    /// How often each mail went out, by its address and subject.
    sent: BTreeMap<(String, String), usize>,
}

fn run(hangs: Option<Fault>) -> Outcome {
    let mut world = World::new(SEED);
    world.set_notify_apart();
    world.sell("cup", 1_000, 900);
    world.send_every(PROCESS, OFTEN, None);
    if let Some(hangs) = &hangs {
        world.outage("mail.", (HANGS, DIES), hangs.clone());
        world.outage("mail.", (DIES, BACK), Fault::FailBefore);
    }
    let orders: Vec<_> = (0..ORDERS)
        .map(|number| {
            let basket = basket(&format!("k{number}")).of(&[("cup", 1)]);
            let later = Duration::from_secs(number as u64 * EVERY);
            world.place_after(later, &basket)
        })
        .collect();
    world.run_until(BACK - 7);
    let rows = world.shop.realtime.all_sendings();
    let waiting = rows.iter().filter(|it| it.next_try().is_some()).count();
    let queue_is_empty = world.shop.queue.is_empty();
    world.run_until(END);
    let mut path = world.calls_but_of_messages();
    path.retain(|line| !line.contains(" Notify."));
    world.settle();
    assert_eq!(world.elapsed(), END, "all was done");
    let took = orders.iter().map(|id| {
        let order = world.order(*id);
        assert!(matches!(order.state, OrderState::Confirmed { .. }));
        let all = order.events.all();
        all.last().unwrap().at.duration_since(all[0].at)
    });
    let mut sent = BTreeMap::new();
    for mail in world.shop.mailer.sent() {
        *sent.entry((mail.to, mail.subject)).or_default() += 1;
    }
    Outcome {
        hangs,
        path,
        took: took.collect(),
        asked: world.asked_of(&["mail."]),
        rows: world.breaker_rows(MAIL),
        queue_is_empty,
        waiting,
        sent,
    }
}

/// The one in which the service is well, and the others.
fn worlds() -> &'static (Outcome, Vec<Outcome>) {
    static WORLDS: OnceLock<(Outcome, Vec<Outcome>)> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let late = Fault::DelayThenApply(Duration::from_secs(30));
        let moods = [late, Fault::AppliedButTimeout, Fault::LostBefore];
        let others = moods.into_iter().map(|mood| run(Some(mood)));
        (run(None), others.collect())
    })
}

/// Placement, saga, streams and topic: each call is made at the same moment, to the microsecond.
#[test]
fn the_path_of_an_order_is_the_same_call_by_call_whatever_the_mail_service_does() {
    let (well, others) = worlds();
    assert!(well.path.len() > ORDERS * 20, "{}", well.path.len());
    for other in others {
        let until = well.path.len().min(other.path.len());
        let differs = (0..until).find(|at| well.path[*at] != other.path[*at]);
        let differs = differs.map(|at| (&well.path[at], &other.path[at]));
        assert_eq!(differs, None, "{:?}", other.hangs);
        assert_eq!(well.path.len(), other.path.len(), "{:?}", other.hangs);
        assert_eq!(well.took, other.took, "{:?}", other.hangs);
    }
}

#[test]
fn no_event_waits_in_the_queue_for_a_mail_service_that_is_dead() {
    let (well, others) = worlds();
    assert_eq!((well.waiting, well.rows.len()), (0, 0));
    for other in others {
        assert!(other.queue_is_empty, "{:?}", other.hangs);
        assert!(other.waiting > 60, "{:?}: {}", other.hangs, other.waiting);
    }
}

/// I13, over a thousand processes that know nothing.
#[test]
fn a_dead_mail_service_is_called_a_tenth_more_than_was_offered_at_most() {
    for other in &worlds().1 {
        let in_time = |it: &&Asked| (HANGS as f64..BACK as f64).contains(&it.second);
        let asked = other.asked.iter().filter(in_time).count();
        // An order is confirmed soon after it was placed, and mailed of once.
        let offered = usize::try_from(BACK - HANGS).unwrap() / EVERY as usize;
        assert!(asked * 10 <= offered * 11, "{asked} of {offered}");
        assert!(
            asked > MAIL_TERMS.failures as usize,
            "it is asked whether it is back"
        );
    }
}

#[test]
fn every_mail_goes_out_and_none_twice_but_where_nobody_knew() {
    let (well, others) = worlds();
    assert_eq!(well.sent.len(), ORDERS);
    for world in others.iter().chain([well]) {
        assert!(world.sent.keys().eq(well.sent.keys()), "{:?}", world.hangs);
        let unknown = |it: &&Asked| it.fault.as_deref().is_some_and(|it| it != "FailBefore");
        let unknown = world.asked.iter().filter(unknown).count();
        let twice: usize = world.sent.values().map(|times| times - 1).sum();
        assert!(twice <= unknown, "{:?}: {twice} of {unknown}", world.hangs);
        let most = world.sent.values().max().copied();
        assert!(most <= Some(2), "{:?}", world.hangs);
    }
}

#[test]
fn its_breaker_opens_once_and_closes_by_itself() {
    for other in &worlds().1 {
        let mut turns: Vec<(f64, bool)> = Vec::new();
        for (second, row) in &other.rows {
            let open = row.open_since().is_some();
            if turns.last().is_some_and(|(_, was)| *was) != open {
                turns.push((*second, open));
            }
        }
        let [(_, true), (closed, false)] = turns[..] else {
            panic!("{:?}: {turns:?}", other.hangs);
        };
        // The last probe that failed was at most the longest pause before.
        assert!(
            (BACK as f64..BACK as f64 + 70.0).contains(&closed),
            "{closed}"
        );
    }
}
