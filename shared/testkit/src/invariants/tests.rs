//! Each invariant bites: a world that breaks it is found out, one that does not passes.

mod access;
mod told;

use contracts::events::{
    Envelope, envelopes_of_lease, envelopes_of_order, envelopes_of_payment, envelopes_of_shipment,
};
use domain::{FailureCode, ProductFigures, Sequence};
use jiff::tz::TimeZone;

use super::{
    Calls, CarrierEntry, ProviderEntry, Reply, Reported, SoldOn, StockCount, Violation, World,
};
use crate::build::{a_lease, a_payment, a_shipment, an_order, customer, order_id, sku};
use crate::must_have;

fn confirmed() -> World {
    publish_all(World {
        orders: vec![an_order().confirmed()],
        leases: vec![a_lease().sold()],
        payments: vec![a_payment().captured()],
        shipments: vec![a_shipment().created()],
        stock: vec![stock(10, 9)],
        provider: vec![entry(1_200)],
        carrier: vec![parcel(true)],
        ..World::default()
    })
}

fn failed() -> World {
    publish_all(World {
        orders: vec![an_order().failed(FailureCode::AddressRejected)],
        leases: vec![a_lease().released()],
        payments: vec![a_payment().closed()],
        shipments: vec![a_shipment().cancelled()],
        stock: vec![stock(10, 10)],
        provider: vec![entry(0)],
        carrier: vec![parcel(false)],
        ..World::default()
    })
}

fn publish_all(mut world: World) -> World {
    let none = Sequence::NONE;
    let orders = world.orders.iter();
    let mut all: Vec<Envelope> = orders.flat_map(|it| envelopes_of_order(it, none)).collect();
    all.extend(
        world
            .leases
            .iter()
            .flat_map(|it| envelopes_of_lease(it, none)),
    );
    all.extend(
        world
            .payments
            .iter()
            .flat_map(|it| envelopes_of_payment(it, none)),
    );
    all.extend(
        world
            .shipments
            .iter()
            .flat_map(|it| envelopes_of_shipment(it, none)),
    );
    world.published = all;
    world
}

fn stock(put_in: u64, available: u64) -> StockCount {
    StockCount {
        sku: sku("sku-tea"),
        put_in,
        adjusted: 0,
        available,
        stored_put_in: put_in,
    }
}

fn entry(captured: i64) -> ProviderEntry {
    ProviderEntry {
        order_id: order_id(1),
        authorised: 1_200,
        captured,
        refunded: 0,
        open: false,
    }
}

fn parcel(open: bool) -> CarrierEntry {
    CarrierEntry {
        order_id: order_id(1),
        open,
    }
}

fn reply(body: &str) -> Reply {
    Reply {
        customer: customer("alice"),
        key: "k".to_owned(),
        status: 201,
        body: body.to_owned(),
    }
}

fn broken(violations: &[Violation]) -> Vec<&'static str> {
    let mut names: Vec<_> = violations.iter().map(|it| it.invariant).collect();
    names.dedup();
    names
}

#[test]
fn finds_nothing_wrong_with_a_clean_world() {
    for world in [World::default(), confirmed(), failed()] {
        assert_eq!(world.violations_at_rest(), []);
    }
}

#[test]
fn finds_a_charge_of_a_failed_order() {
    let mut world = failed();
    world.provider = vec![entry(1_200)];
    assert_eq!(broken(&world.violations()), ["I1", "I6"]);
    assert_eq!(broken(&world.violations_at_rest()), ["I1", "I6", "I1"]);
}

#[test]
fn finds_a_confirmed_order_that_was_not_charged() {
    let mut world = confirmed();
    world.provider = vec![entry(0)];
    assert_eq!(broken(&world.violations()), ["I1"]);
}

#[test]
fn finds_a_second_charge() {
    let mut world = confirmed();
    world.provider.push(entry(1_200));
    assert_eq!(broken(&world.violations()), ["I1", "I2"]);
}

#[test]
fn finds_money_held_for_an_ended_order() {
    let mut world = failed();
    world.provider = vec![ProviderEntry {
        open: true,
        ..entry(0)
    }];
    assert_eq!(broken(&world.violations()), ["I2"]);
}

#[test]
fn lets_money_be_held_while_the_payment_is_closing() {
    let mut world = failed();
    world.payments = vec![a_payment().closing()];
    world.provider = vec![ProviderEntry {
        open: true,
        ..entry(0)
    }];
    world.published.clear();
    assert_eq!(world.violations(), []);
    assert_eq!(broken(&world.violations_at_rest()), ["I4", "I5"]);
}

#[test]
fn finds_who_is_dead_and_called_again_and_again() {
    let calls = |made| {
        let calls = Calls {
            party: "sms".to_owned(),
            offered: 100,
            made,
        };
        let world = World {
            calls: vec![calls],
            ..confirmed()
        };
        broken(&world.violations())
    };
    assert!(calls(110).is_empty());
    assert_eq!(calls(111), ["I13"]);
}

#[test]
fn finds_a_lost_and_an_extra_piece() {
    for available in [8, 10] {
        let mut world = confirmed();
        world.stock = vec![stock(10, available)];
        assert_eq!(broken(&world.violations()), ["I3"]);
    }
}

#[test]
fn finds_an_order_without_an_end() {
    let world = publish_all(World {
        orders: vec![an_order().pending()],
        ..World::default()
    });
    assert_eq!(world.violations(), []);
    assert_eq!(broken(&world.violations_at_rest()), ["I4"]);
}

#[test]
fn finds_what_a_failed_order_left_behind() {
    let mut world = failed();
    world.shipments = vec![a_shipment().created()];
    world.carrier = vec![parcel(true)];
    let world = publish_all(world);
    let what = must_have(world.violations_at_rest().pop()).what;
    assert!(what.ends_with("left a shipment created, the wrong parcel at the carrier"));
}

#[test]
fn finds_a_lost_event() {
    let mut world = confirmed();
    world.published.pop();
    assert_eq!(world.violations(), []);
    assert_eq!(broken(&world.violations_at_rest()), ["I5"]);
}

#[test]
fn finds_swapped_events_and_forgives_repeats() {
    let mut world = confirmed();
    let first = world.published.first().cloned();
    world.published.extend(first);
    assert_eq!(world.violations_at_rest(), []);
    world.published.swap(0, 1);
    assert_eq!(broken(&world.violations_at_rest()), ["I5"]);
}

#[test]
fn finds_an_event_without_a_cause() {
    let mut world = failed();
    world.published.extend(envelopes_of_order(
        &an_order().number(2).pending(),
        Sequence::NONE,
    ));
    assert_eq!(broken(&world.violations()), ["I6"]);
}

#[test]
fn finds_a_charge_for_an_order_that_was_never_placed() {
    let world = World {
        provider: vec![entry(0)],
        ..World::default()
    };
    assert_eq!(broken(&world.violations()), ["I6"]);
}

#[test]
fn finds_a_status_that_goes_back() {
    let seen = |statuses: &[&str]| World {
        seen: vec![(
            order_id(1),
            statuses.iter().map(ToString::to_string).collect(),
        )],
        ..World::default()
    };
    assert_eq!(seen(&["pending", "pending", "confirmed"]).violations(), []);
    for back in [["confirmed", "charging"], ["unwinding", "confirmed"]] {
        assert_eq!(broken(&seen(&back).violations()), ["I7"]);
    }
}

#[test]
fn finds_two_answers_to_one_key() {
    let world = |bodies: [&str; 2]| World {
        replies: bodies.map(reply).to_vec(),
        ..World::default()
    };
    assert_eq!(world(["a", "a"]).violations(), []);
    assert_eq!(broken(&world(["a", "b"]).violations()), ["I8"]);
}

/// Reports of what [`confirmed`] published, changed.
fn with_figures(change: impl FnOnce(&mut ProductFigures)) -> World {
    let mut world = confirmed();
    let completed = "cartwright.order.completed.v1";
    let completed = world.published.iter().find(|it| it.event_type == completed);
    let completed = must_have(completed);
    let day = completed.time.to_zoned(TimeZone::UTC).date();
    let mut figures = ProductFigures {
        orders: 1,
        units: 1,
        revenue_minor: 1_200,
        returned: 0,
    };
    change(&mut figures);
    let sold = SoldOn {
        tenant: must_have(completed.tenant.clone()),
        day,
        currency: "EUR".to_owned(),
        product_id: "tea".to_owned(),
    };
    world.reported = Some([(sold, figures)].into());
    world
}

#[test]
fn i15_figures_that_are_not_what_was_published_are_found() {
    assert_eq!(broken(&with_figures(|_| {}).violations_at_rest()), [""; 0]);
    // What comes twice is published once.
    let mut twice = with_figures(|_| {});
    twice.published.extend(twice.published.clone());
    assert_eq!(broken(&twice.violations_at_rest()), [""; 0]);
    let changes: [fn(&mut ProductFigures); 4] = [
        |figures| figures.orders = 2,
        |figures| figures.units = 0,
        |figures| figures.revenue_minor -= 1,
        |figures| figures.returned = 1,
    ];
    for change in changes {
        assert_eq!(broken(&with_figures(change).violations_at_rest()), ["I15"]);
    }
    // Right, but those of another shop.
    let mut elsewhere = with_figures(|_| {});
    let figures = elsewhere.reported.take().unwrap_or_default();
    let moved = figures.into_iter().map(|(mut sold, figures)| {
        sold.tenant = "other".to_owned();
        (sold, figures)
    });
    elsewhere.reported = Some(moved.collect());
    assert_eq!(broken(&elsewhere.violations_at_rest()), ["I15"]);
    let mut miscounted = with_figures(|_| {});
    miscounted
        .miscounted
        .push("a day that is not its hours".to_owned());
    assert_eq!(broken(&miscounted.violations_at_rest()), ["I15"]);
    let mut nothing = with_figures(|_| {});
    nothing.reported = Some(Reported::new());
    assert_eq!(broken(&nothing.violations_at_rest()), ["I15"]);
}
