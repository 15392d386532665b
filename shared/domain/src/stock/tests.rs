//! What is low, what is taken, and when a movement is the same.

use super::*;
use crate::StockLine;

fn sku() -> Sku {
    Sku::parse("sku-tea").unwrap()
}

fn stock(available: u32) -> Stock {
    Stock {
        sku: sku(),
        available,
        put_in: 10,
        low_at: 3,
        version: 1,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn stock_is_low_at_its_threshold_and_below() {
    for (available, low) in [(0, true), (3, true), (4, false), (10, false)] {
        assert_eq!(stock(available).is_low(), low, "{available}");
    }
}

#[test]
fn what_was_put_in_and_is_not_there_is_held_or_sold() {
    assert_eq!(stock(10).taken(), 0);
    assert_eq!(stock(4).taken(), 6);
}

#[test]
fn a_key_is_one_movement_of_one_person_in_one_shop() {
    let id = |tenant: &str, who: &str, key: &str| {
        let who = CustomerId::parse(who).unwrap();
        MovementId::asked(&TenantId::parse(tenant).unwrap(), &who, key)
    };
    let first = id("main", "dora", "k");
    assert_eq!(first, id("main", "dora", "k"));
    for other in [
        id("main", "dora", "l"),
        id("main", "dor", "ak"),
        id("mai", "ndora", "k"),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn a_repeat_asks_for_the_same_whenever_it_comes() {
    let line = StockLine {
        sku: sku(),
        quantity: 5,
    };
    let at = |second| Timestamp::from_second(second).unwrap();
    let movement = StockMovement::set_up(&line, at(1));
    let later = StockMovement::set_up(&line, at(2));
    assert!(movement.is_repeat_of(&later));
    assert_ne!(movement.id, later.id);
    let others = [
        StockMovement {
            by: 6,
            ..movement.clone()
        },
        StockMovement {
            reason: "x".to_owned(),
            ..movement.clone()
        },
        StockMovement {
            kind: MovementKind::Adjustment,
            ..movement.clone()
        },
        StockMovement {
            sku: Sku::parse("sku-mug").unwrap(),
            ..movement.clone()
        },
    ];
    for other in others {
        assert!(!movement.is_repeat_of(&other), "{other:?}");
    }
}
