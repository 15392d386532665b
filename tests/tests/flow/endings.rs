//! Orders that end as they should when nothing fails but the order itself.

use contracts::http::OrderStatusBody;
use testkit::must_have;
use tests::world::{World, basket};

#[test]
fn confirms_an_order() {
    let mut world = World::new(1);
    let order = world.place(&basket("k"));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
}

#[test]
fn fails_an_order_whose_payment_is_declined() {
    let mut world = World::new(2);
    let order = world.place(&basket("k").paid_with("pm_card_declined"));
    world.settle();
    assert_eq!(world.outcome(order), "failed: payment_declined");
}

#[test]
fn fails_an_order_that_the_carrier_refuses() {
    let mut world = World::new(3);
    world.shop.carrier.refuse_country("ZZ");
    let order = world.place(&basket("k").shipped_to("ZZ"));
    world.settle();
    assert_eq!(world.outcome(order), "failed: address_rejected");
}

/// The status that clients read, and the mail, say why in plain words.
#[test]
fn an_order_that_fails_says_why_to_client_and_customer() {
    let short = basket("k").of(&[("tea", 11)]);
    let paid_with = |card| basket("k").paid_with(card);
    for (basket, code, words) in [
        (
            short,
            "out_of_stock",
            "sku-tea ran out: 11 ordered, 10 left",
        ),
        (
            paid_with("pm_card_declined"),
            "payment_declined",
            "the bank declined it without a reason; ask the bank, or pay with another card",
        ),
        (
            paid_with("pm_card_insufficient"),
            "payment_declined",
            "there is not enough money on the card or account",
        ),
        (
            paid_with("pm_card_authenticationRequired"),
            "action_required",
            "the bank wants you to confirm the payment; pay with another card",
        ),
    ] {
        let mut world = World::new(7);
        let order = world.place(&basket);
        world.settle();
        let told = must_have(OrderStatusBody::from(&world.order(order)).failure);
        assert_eq!((told.code.as_str(), told.detail.as_str()), (code, words));
        let mails = world.shop.mailer.sent();
        assert!(
            mails.iter().any(|mail| mail.text.contains(words)),
            "{mails:?}"
        );
    }
}

#[test]
fn sells_the_last_piece_once() {
    let mut world = World::new(4);
    world.sell("cup", 1, 900);
    let orders: Vec<_> = (0..20)
        .map(|n| world.place(&basket(&format!("k{n}")).of(&[("cup", 1)])))
        .collect();
    world.settle();
    let confirmed = orders
        .iter()
        .filter(|id| world.outcome(**id) == "confirmed");
    assert_eq!(confirmed.count(), 1);
}

#[test]
fn confirms_an_order_of_fifty_lines() {
    let mut world = World::new(5);
    let names: Vec<String> = (0..50).map(|n| format!("thing-{n}")).collect();
    for name in &names {
        world.sell(name, 3, 100);
    }
    let lines: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 2)).collect();
    let order = world.place(&basket("k").of(&lines));
    world.settle();
    assert_eq!(world.outcome(order), "confirmed");
}

#[test]
fn one_key_is_one_order() {
    let mut world = World::new(6);
    for _ in 0..16 {
        world.place(&basket("k"));
    }
    world.settle();
    let replies = world.replies();
    let first = replies.first().map(|reply| reply.body.clone());
    assert_eq!(replies.len(), 16);
    assert!(
        replies
            .iter()
            .all(|reply| Some(&reply.body) == first.as_ref())
    );
    assert_eq!(world.shop.orders.all().len(), 1);
}

/// Random faults at every call for a while, three orders on two pieces. `FLOW_SEED` replays one.
#[test]
fn comes_to_rest_after_any_storm() {
    let seeds = match testkit_seed() {
        Some(seed) => seed..seed + 1,
        None => 0..150,
    };
    for seed in seeds {
        let mut world = World::new(seed);
        world.sell("cup", 2, 900);
        world.shop.faults.storm(tests::world::Storm {
            until: world.second(300),
            per_thousand: 60,
        });
        for n in 0..3 {
            world.place(&basket(&format!("k{n}")).of(&[("cup", 1)]));
        }
        world.settle();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told its seed this way"
)]
fn testkit_seed() -> Option<u64> {
    std::env::var("FLOW_SEED").ok()?.parse().ok()
}
