//! Faults by name; the numbers are those of the list in `docs/testing.md`. Money, stock and events
//! are held against the invariants at the end of each.

use std::time::Duration;

use domain::{Attempt, OrderId};
use tests::world::{Basket, Fault, Strike, Which, World, basket, strike};

/// Lets every call to some ports fail in some visits of a state.
fn at(state: &str, visits: u32, port: &'static str, fault: Fault) -> Strike {
    Strike {
        state: state.to_owned(),
        visits: 1..=visits,
        port: Which::Named(port),
        fault,
    }
}

/// An order that the carrier refuses: authorised, then taken back.
fn an_undone_order(world: &World) -> OrderId {
    world.shop.carrier.refuse_country("ZZ");
    world.place(&basket("k").shipped_to("ZZ"))
}

fn events_named(world: &World, part: &str) -> usize {
    let mut published: Vec<_> = world.shop.topic.published();
    published.sort_by(|a, b| a.id.cmp(&b.id));
    published.dedup_by(|a, b| a.id == b.id);
    let named = published.iter().filter(|it| it.event_type.contains(part));
    named.count()
}

fn mails(world: &World) -> usize {
    world.shop.mailer.sent().len()
}

/// F6: the order is stored and the function dies; the customer asks again, the stream goes on.
#[test]
fn an_order_whose_placement_died_after_the_write_is_placed_once_and_ends() {
    let mut world = World::new(1);
    world.strike(at("Place", 1, "orders.save", Fault::KillAfter));
    let order = world.place(&basket("k"));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    assert_eq!(world.shop.orders.all().len(), 1);
    assert_eq!(world.replies().len(), 1);
}

/// F6: the saga is started, the answer is lost, and Express starts it once more.
#[test]
fn a_saga_that_is_started_twice_has_one_set_of_effects() {
    for later in [0, 200, 5_000, 90_000] {
        let mut world = World::new(later);
        world.shop.executions.be_express();
        world.strike(Strike {
            state: "Start".to_owned(),
            visits: 1..=1,
            port: Which::Every,
            fault: Fault::Duplicate(Duration::from_millis(later)),
        });
        let order = world.place(&basket("k"));
        world.settle();
        assert_eq!(world.outcome(order), "confirmed");
        assert_eq!(mails(&world), 1);
    }
}

/// F6: nothing starts sagas for ten minutes, neither stream nor sweeper.
#[test]
fn an_order_whose_saga_cannot_be_started_is_started_later() {
    let mut world = World::new(1);
    world.outage("workflow.start", (0, 600), Fault::FailBefore);
    let order = world.place(&basket("k"));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    assert!(world.ended_at(order) <= 600 + 300);
}

/// F8: the reservation happened, its answer was lost, and then the card was declined.
#[test]
fn stock_that_was_held_without_an_answer_comes_back_when_the_card_is_declined() {
    let mut world = World::new(1);
    world.strike(at(
        "ReserveStock",
        1,
        "stock.hold",
        Fault::AppliedButTimeout,
    ));
    let order = world.place(&basket("k").paid_with("pm_card_declined"));
    world.settle();
    assert_eq!(world.outcome(order), "failed: payment_declined");
    assert_eq!(events_named(&world, "order.failed"), 1);
    assert_eq!(mails(&world), 1);
}

/// F10: the charge was held, and nobody heard.
#[test]
fn an_authorisation_without_an_answer_is_looked_up_and_used() {
    let mut world = World::new(1);
    let fault = Fault::AppliedButTimeout;
    world.strike(at("AuthorisePayment", 1, "provider.authorise", fault));
    let order = world.place(&basket("k"));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    assert_eq!(world.shop.provider.intents().len(), 1);
}

/// F11: nothing is heard of the provider for ten minutes; the first call arrives before, during or
/// long after that.
#[test]
fn an_authorisation_without_an_answer_for_ten_minutes_is_repeated_with_the_same_key() {
    let lates = [None, Some(30), Some(500), Some(3_600), Some(86_000)];
    for late in lates {
        let mut world = World::new(1);
        if let Some(seconds) = late {
            let fault = Fault::DelayThenApply(Duration::from_secs(seconds));
            world.strike(at("AuthorisePayment", 1, "provider.authorise", fault));
        }
        world.outage("provider.", (2, 600), Fault::LostBefore);
        let order = world.place(&basket("k"));
        world.settle();
        assert_eq!(world.outcome(order), "confirmed", "{late:?}");
        let intents = world.shop.provider.intents();
        let attempts: Vec<Attempt> = intents.iter().map(|intent| intent.attempt).collect();
        assert_eq!(attempts, [Attempt(1)], "{late:?}");
        assert!(world.ended_at(order) <= 600 + 300, "{late:?}");
    }
}

/// F11: a late authorisation lands when the order was given up for long.
#[test]
fn an_authorisation_that_lands_after_the_order_was_given_up_is_not_left_open() {
    for hours in [1, 12, 23] {
        let mut world = World::new(1);
        let late = Fault::DelayThenApply(Duration::from_hours(hours));
        world.strike(at("AuthorisePayment", 1, "provider.authorise", late));
        world.outage("provider.", (2, 3_000), Fault::LostBefore);
        let order = world.place(&basket("k"));
        world.settle();
        assert_eq!(world.outcome(order), "failed: payment_unavailable");
        let open = world.shop.provider.book();
        assert!(open.iter().all(|entry| !entry.open), "{hours} {open:?}");
    }
}

#[test]
fn an_order_waits_for_a_provider_that_is_down_for_minutes() {
    for (minutes, port) in [
        (1, "provider."),
        (5, "provider."),
        (20, "provider."),
        (5, "carrier."),
    ] {
        let mut world = World::new(1);
        let healed = minutes * 60;
        world.outage(port, (0, healed), Fault::FailBefore);
        let order = world.place(&basket("k"));
        world.settle();
        assert_eq!(world.outcome(order), "confirmed", "{port} {minutes}");
        assert!(world.ended_at(order) <= healed + 300, "{port} {minutes}");
    }
}

#[test]
fn an_order_is_given_up_when_the_provider_is_down_for_over_half_an_hour() {
    let mut world = World::new(1);
    world.outage("provider.", (0, 3_600), Fault::FailBefore);
    let order = world.place(&basket("k"));
    world.run_until(1_700);
    assert_eq!(world.outcome(order), "pending");
    world.run_until(2_100);
    assert_eq!(world.outcome(order), "unwinding");
    world.settle();
    assert_eq!(world.outcome(order), "failed: payment_unavailable");
    // By then a person was called: recovery looks every ten minutes.
    let ended = world.ended_at(order);
    assert!((3_600..=3_600 + 900).contains(&ended), "{ended}");
    let book = world.shop.provider.book();
    assert!(book.iter().all(|entry| entry.captured == 0), "{book:?}");
}

/// F14: the order is never reported as failed while money may still be held.
#[test]
fn a_void_that_keeps_failing_calls_a_person_once_and_closes_when_it_can() {
    let mut world = World::new(1);
    world.strike(at("VoidPayment", 90, "provider.", Fault::FailBefore));
    let order = an_undone_order(&world);
    world.run_until(2_400);
    let stuck = world.order(order);
    assert_eq!(stuck.state.name(), "unwinding");
    assert!(stuck.needs_attention);
    world.settle();
    assert_eq!(world.outcome(order), "failed: address_rejected");
    assert!(!world.order(order).needs_attention);
    assert_eq!(events_named(&world, "attention-needed"), 1);
    assert_eq!(mails(&world), 1);
}

/// F16: aborted by hand while it takes things back.
#[test]
fn an_undo_that_is_aborted_anywhere_is_finished_by_the_sweeper() {
    let undos = domain::saga::PLAN.iter().filter_map(|step| step.undo);
    let states = undos
        .map(|undo| undo.0)
        .chain(["DecideUnwinding", "FailOrder"]);
    for state in states {
        let mut world = World::new(1);
        world.strike(strike(state, 0, Fault::Abort));
        let order = an_undone_order(&world);
        world.settle();
        assert_eq!(world.outcome(order), "failed: address_rejected", "{state}");
    }
}

/// Every port out of order for five minutes in each way: the order ends within five more.
#[test]
fn an_order_ends_within_five_minutes_of_any_outage() {
    let ports = [
        "orders.",
        "stock.",
        "leases.",
        "payments.",
        "shipments.",
        "provider.",
        "carrier.",
        "workflow.",
        "topic.",
        "catalogue.",
        "inbox.",
        "contacts.",
    ];
    let ways = [
        Fault::FailBefore,
        Fault::LostBefore,
        Fault::AppliedButTimeout,
    ];
    for port in ports {
        for way in &ways {
            for from in [0_i64, 1, 2] {
                let mut world = World::new(from.unsigned_abs());
                world.outage(port, (from, 300), way.clone());
                let orders = [
                    world.place(&basket("good")),
                    world.place(&basket("declined").paid_with("pm_card_declined")),
                ];
                world.settle();
                for order in orders {
                    let ended = world.ended_at(order);
                    assert!(ended <= 600, "{port} {way:?} from {from}: {ended}");
                }
            }
        }
    }
}

/// A second execution of the same epoch, at once or at any time later, beside each kind of end.
#[test]
fn a_second_execution_of_an_epoch_changes_no_end() {
    let ends: [(Basket, &str); 4] = [
        (basket("k"), "confirmed"),
        (
            basket("k").paid_with("pm_card_declined"),
            "failed: payment_declined",
        ),
        (basket("k").shipped_to("ZZ"), "failed: address_rejected"),
        (basket("k").of(&[("tea", 11)]), "failed: out_of_stock"),
    ];
    for (basket, end) in &ends {
        for within in [1, 300, 1_500, 5_000, 60_000, 600_000] {
            for seed in 0..6 {
                let mut world = World::new(seed);
                world.shop.carrier.refuse_country("ZZ");
                world.shop.executions.run_twice(within);
                let order = world.place(basket);
                world.settle();
                assert_eq!(world.outcome(order), *end, "{within} {seed}");
                assert_eq!(mails(&world), 1, "{end} {within} {seed}");
            }
        }
    }
}

/// A second execution while the provider does not answer: one order, one charge, whatever the end.
#[test]
fn a_second_execution_in_an_outage_charges_once() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        world.shop.executions.run_twice(30_000);
        world.outage("provider.", (1, 120), Fault::AppliedButTimeout);
        let order = world.place(&basket("k"));
        world.settle();
        assert!(world.order(order).state.is_ended());
        assert!(world.shop.provider.intents().len() <= 1);
    }
}

/// The order does not wait for its mail, and the mail is not lost.
#[test]
fn an_order_ends_while_mail_is_down_and_is_told_of_once_afterwards() {
    let mut world = World::new(1);
    world.outage("mail.", (0, 3_600), Fault::FailBefore);
    let order = world.place(&basket("k"));
    world.run_until(60);
    assert_eq!(world.outcome(order), "confirmed");
    assert_eq!(mails(&world), 0);
    world.settle();
    assert_eq!(mails(&world), 1);
    assert!(world.ended_at(order) < 60);
}

/// Batches that are delivered or published again, within and past the five minutes in which a
/// FIFO queue drops copies.
#[test]
fn an_event_that_comes_again_is_told_once() {
    for state in ["Publish", "Notify"] {
        for later in [1, 100, 400] {
            for visit in 1..=4 {
                let mut world = World::new(visit.into());
                world.strike(Strike {
                    state: state.to_owned(),
                    visits: visit..=visit,
                    port: Which::Every,
                    fault: Fault::Duplicate(Duration::from_secs(later)),
                });
                world.place(&basket("k"));
                world.settle();
                assert_eq!(mails(&world), 1, "{state} {visit} {later}");
            }
        }
    }
}

/// A consumer that did its work and could not say so gets the batch again.
#[test]
fn a_batch_whose_answer_was_lost_is_told_once() {
    for visit in 1..=3 {
        let mut world = World::new(u64::from(visit));
        world.strike(Strike {
            state: "Notify".to_owned(),
            visits: visit..=visit,
            port: Which::Every,
            fault: Fault::AnswerAfter("Unavailable"),
        });
        world.place(&basket("k"));
        world.settle();
        assert_eq!(mails(&world), 1, "{visit}");
    }
}
