//! Orders that are cancelled at any moment, and money that goes back, with faults.

use std::time::Duration;

use domain::{OrderCommand, OrderId, ProductId, RefundId, RefundOf, RefundWanted, ReturnedLine};
use testkit::{must, must_have};
use tests::world::{Fault, Storm, Strike, Which, World, basket, strike};

fn refund(id: &str, of: RefundOf) -> OrderCommand {
    OrderCommand::RequestRefund {
        id: must(RefundId::parse(id)),
        wanted: RefundWanted { of, restock: true },
    }
}

fn tea(quantity: u32) -> RefundOf {
    RefundOf::Lines(vec![ReturnedLine {
        product_id: must(ProductId::parse("tea")),
        quantity,
    }])
}

/// What is left of the order's money at the provider.
fn kept(world: &World) -> i64 {
    let book = world.shop.provider.book();
    book.iter()
        .map(|entry| entry.captured - entry.refunded)
        .sum()
}

fn available(world: &World) -> u32 {
    world.shop.inventory.on_shelf("sku-tea")
}

/// F15: the decision or the refund, never both; either way the customer has the money.
#[test]
fn a_cancel_at_any_moment_leaves_no_charge_and_all_of_the_stock() {
    let mut ends = std::collections::BTreeSet::new();
    for at in (0..4_000).step_by(50) {
        let mut world = World::new(at);
        let order = world.place(&basket("k"));
        world.ask_after(
            Duration::from_millis(at),
            order,
            OrderCommand::RequestCancel,
        );
        world.settle();
        let end = world.outcome(order);
        assert_eq!((kept(&world), available(&world)), (0, 10), "{at}: {end}");
        ends.insert(end);
    }
    assert_eq!(
        ends.into_iter().collect::<Vec<_>>(),
        ["cancelled", "refunded"]
    );
}

/// F15 with a saga that Express runs twice.
#[test]
fn a_cancel_beside_a_second_execution_leaves_no_charge() {
    for seed in 0..60 {
        let mut world = World::new(seed);
        world.shop.executions.run_twice(3_000);
        let order = world.place(&basket("k"));
        let later = Duration::from_millis(seed * 60);
        world.ask_after(later, order, OrderCommand::RequestCancel);
        world.settle();
        assert_eq!((kept(&world), available(&world)), (0, 10), "{seed}");
    }
}

#[test]
fn a_cancel_in_any_storm_leaves_no_charge() {
    for seed in 0..100 {
        let mut world = World::new(seed);
        let until = world.second(300);
        let per_thousand = 60;
        world.shop.faults.storm(Storm {
            until,
            per_thousand,
        });
        let order = world.place(&basket("k"));
        let later = Duration::from_millis(seed * 70);
        world.ask_after(later, order, OrderCommand::RequestCancel);
        world.settle();
        assert_eq!((kept(&world), available(&world)), (0, 10), "{seed}");
    }
}

/// An order of three teas that is confirmed before anything is asked.
fn three_teas(world: &mut World) -> OrderId {
    let order = world.place(&basket("k").of(&[("tea", 3)]));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    order
}

#[test]
fn money_goes_back_in_parts_and_then_the_rest() {
    let mut world = World::new(1);
    let order = three_teas(&mut world);
    world.ask_after(Duration::ZERO, order, refund("one", tea(1)));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
    assert_eq!((kept(&world), available(&world)), (3_440, 8));
    world.ask_after(Duration::ZERO, order, refund("rest", RefundOf::Everything));
    world.settle();
    assert_eq!(world.outcome(order), "refunded");
    assert_eq!((kept(&world), available(&world)), (0, 10));
}

#[test]
fn two_refunds_at_once_are_both_carried_out() {
    for seed in 0..20 {
        let mut world = World::new(seed);
        let order = three_teas(&mut world);
        for id in ["one", "two"] {
            world.ask_after(Duration::ZERO, order, refund(id, tea(1)));
        }
        world.settle();
        assert_eq!((kept(&world), available(&world)), (2_012, 9), "{seed}");
    }
}

const STATES: [&str; 7] = [
    "Start",
    "Look",
    "RecallParcel",
    "RefundPayment",
    "RestockStock",
    "RecordRefund",
    "Ask",
];

/// Every call of every step of a refund fails in every way: the money goes back once.
#[test]
fn money_goes_back_once_whichever_call_fails_in_whichever_way() {
    let faults = [
        Fault::FailBefore,
        Fault::LostBefore,
        Fault::AppliedButTimeout,
        Fault::DelayThenApply(Duration::from_secs(20)),
        Fault::KillBefore,
        Fault::KillAfter,
        Fault::Freeze(Duration::from_secs(40)),
    ];
    for state in STATES {
        for call in 0..4 {
            for fault in &faults {
                let mut world = World::new(u64::from(call));
                let order = three_teas(&mut world);
                world.strike(strike(state, call, fault.clone()));
                world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
                world.settle();
                let found = (world.outcome(order), kept(&world), available(&world));
                let wanted = ("refunded".to_owned(), 0, 10);
                assert_eq!(found, wanted, "{state} {call} {fault:?}");
            }
        }
    }
}

/// It lands when the order was refunded long ago.
#[test]
fn a_refund_that_lands_a_day_late_gives_nothing_back_twice() {
    for hours in [1, 20] {
        let mut world = World::new(hours);
        let order = three_teas(&mut world);
        let late = Fault::DelayThenApply(Duration::from_hours(hours));
        world.strike(strike("RefundPayment", 2, late));
        world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
        world.settle();
        assert_eq!(
            (world.outcome(order), kept(&world)),
            ("refunded".to_owned(), 0)
        );
    }
}

#[test]
fn each_step_of_a_refund_twice_is_as_good_as_once() {
    for state in STATES {
        for later in [0, 300, 90_000] {
            let mut world = World::new(later);
            let order = three_teas(&mut world);
            world.strike(Strike {
                state: state.to_owned(),
                visits: 1..=2,
                port: Which::Every,
                fault: Fault::Duplicate(Duration::from_millis(later)),
            });
            world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
            world.settle();
            let found = (world.outcome(order), kept(&world), available(&world));
            assert_eq!(found, ("refunded".to_owned(), 0, 10), "{state} {later}");
        }
    }
}

#[test]
fn a_refund_whose_recovery_is_aborted_is_finished_by_the_sweeper() {
    for state in [
        "RecallParcel",
        "RefundPayment",
        "RestockStock",
        "RecordRefund",
    ] {
        let mut world = World::new(1);
        let order = three_teas(&mut world);
        world.strike(strike(state, 0, Fault::Abort));
        world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
        world.settle();
        assert_eq!(world.outcome(order), "refunded", "{state}");
    }
}

/// A person is called, and the money goes back when the provider is there again.
#[test]
fn a_refund_waits_for_a_provider_that_is_down_for_an_hour() {
    let mut world = World::new(1);
    let order = three_teas(&mut world);
    let now = world.elapsed();
    world.outage("provider.", (now, now + 3_600), Fault::FailBefore);
    world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
    world.run_until(now + 3_000);
    assert!(world.order(order).needs_attention);
    world.settle();
    assert_eq!(
        (world.outcome(order), kept(&world)),
        ("refunded".to_owned(), 0)
    );
    assert!(!world.order(order).needs_attention);
}

/// The carrier had the parcel already and tells nobody: the money goes back as promised, the pieces
/// do not, and nobody asks the carrier again.
#[test]
fn a_recall_that_comes_too_late_comes_to_rest() {
    let mut world = World::new(1);
    let order = three_teas(&mut world);
    world.shop.carrier.hand_over(order);
    world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
    world.settle();
    let end = (world.outcome(order), kept(&world), available(&world));
    assert_eq!(end, ("refunded".to_owned(), 0, 7));
    let shipment = must_have(world.shop.shipments.get(order));
    assert_eq!(
        (shipment.state.name(), shipment.next_look),
        ("handed_over", None)
    );
}

/// A refund of a part decides about its pieces; the recall brings the others.
#[test]
fn a_recall_after_a_refund_of_a_part_brings_back_the_rest_only() {
    for (restock, shelf) in [(true, 10), (false, 9)] {
        let mut world = World::new(1);
        let order = three_teas(&mut world);
        let wanted = RefundWanted {
            of: tea(1),
            restock,
        };
        let id = must(RefundId::parse("one"));
        world.ask_after(
            Duration::ZERO,
            order,
            OrderCommand::RequestRefund { id, wanted },
        );
        world.settle();
        world.ask_after(Duration::ZERO, order, OrderCommand::RequestCancel);
        world.settle();
        let end = (world.outcome(order), kept(&world), available(&world));
        assert_eq!(end, ("refunded".to_owned(), 0, shelf), "{restock}");
    }
}
