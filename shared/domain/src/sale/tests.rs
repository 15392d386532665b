//! What an order adds, whatever is heard first.

use proptest::prelude::*;

use super::*;
use crate::Sku;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

fn product(id: &str) -> ProductId {
    ProductId::parse(id).unwrap()
}

fn line(id: &str, quantity: u32, minor: i64) -> OrderLine {
    OrderLine {
        product_id: product(id),
        sku: Sku::parse(id).unwrap(),
        quantity,
        unit_price: eur(minor),
    }
}

fn time(text: &str) -> Timestamp {
    format!("2026-07-{text}Z").parse().unwrap()
}

/// Two kettles and a mug, ordered before midnight and charged after it; the mug is paid back.
fn life() -> Vec<(SaleEvent, Timestamp)> {
    let placed = PlacedSale {
        total: eur(6_188),
        lines: vec![line("kettle", 2, 2_000), line("mug", 1, 1_200)],
    };
    let charge = Charge {
        total: eur(6_188),
        tax_minor: 988,
    };
    let refund = RefundedSale {
        amount: eur(1_428),
        lines: vec![ReturnedLine {
            product_id: product("mug"),
            quantity: 1,
        }],
    };
    let id = RefundId::parse("one").unwrap();
    vec![
        (SaleEvent::Placed(placed), time("20T23:59:59")),
        (SaleEvent::Completed(charge), time("21T00:00:01")),
        (SaleEvent::Refunded(id, refund), time("23T07:30:00")),
    ]
}

fn after(events: &[(SaleEvent, Timestamp)]) -> Sale {
    let mut sale = Sale::default();
    for (what, at) in events {
        sale.take(what.clone(), *at);
    }
    sale
}

fn hour(text: &str) -> SalesKey {
    (Period::hour_of(time(text)), "EUR")
}

fn day(text: &str) -> SalesKey {
    (Period::day_of(time(text)), "EUR")
}

#[test]
fn each_thing_is_added_where_and_when_it_happened() {
    let added = after(&life()).adds();
    let none = SalesFigures::default();
    let placed = SalesFigures {
        placed: 1,
        placed_minor: 6_188,
        ..none
    };
    let charged = SalesFigures {
        completed: 1,
        units: 3,
        revenue_minor: 6_188,
        tax_minor: 988,
        ..none
    };
    let back = SalesFigures {
        refunds: 1,
        refunded_minor: 1_428,
        ..none
    };
    let sales = [
        (hour("20T23:00:00"), placed),
        (hour("21T00:00:00"), charged),
        (hour("23T07:00:00"), back),
    ];
    assert_eq!(added.sales, BTreeMap::from(sales));
    let days = [
        (day("20T00:00:00"), placed),
        (day("21T00:00:00"), charged),
        (day("23T00:00:00"), back),
    ];
    assert_eq!(added.days(), BTreeMap::from(days));
    let sold = |units, revenue_minor| ProductFigures {
        orders: 1,
        units,
        revenue_minor,
        returned: 0,
    };
    let returned = ProductFigures {
        returned: 1,
        ..ProductFigures::default()
    };
    let products = [
        ((day("21T00:00:00"), product("kettle")), sold(2, 4_000)),
        ((day("21T00:00:00"), product("mug")), sold(1, 1_200)),
        ((day("23T00:00:00"), product("mug")), returned),
    ];
    assert_eq!(added.products, BTreeMap::from(products));
    assert!(added.failures.is_empty());
}

/// Nobody knows a currency for an order that was not placed yet; its reason needs none.
#[test]
fn a_failure_that_comes_first_waits_for_its_currency() {
    let failed = (
        SaleEvent::Failed(FailureCode::OutOfStock),
        time("20T10:00:00"),
    );
    let early = after(std::slice::from_ref(&failed)).adds();
    assert!(early.sales.is_empty());
    let reasons = [((day("20T00:00:00").0, FailureCode::OutOfStock), 1)];
    assert_eq!(early.failures, BTreeMap::from(reasons));
    let late = after(&[failed, life().remove(0)]).adds();
    assert_eq!(late.sales[&hour("20T10:00:00")].failed, 1);
    assert_eq!(late.failures, early.failures);
}

#[test]
fn what_is_known_stays_as_it_was_first_told() {
    let mut sale = after(&life());
    let before = sale.clone();
    for (what, at) in [
        (SaleEvent::Cancelled, time("24T00:00:00")),
        (SaleEvent::Cancelled, time("25T00:00:00")),
    ] {
        let is_first = sale.cancelled.is_none();
        assert_eq!(sale.take(what, at), is_first);
    }
    assert_eq!(sale.cancelled, Some(time("24T00:00:00")));
    for (what, _) in life() {
        assert!(!sale.take(what, time("30T00:00:00")));
    }
    sale.cancelled = None;
    assert_eq!(sale, before);
}

proptest! {
    /// In any order, with any of them repeated: the steps add up to what the whole adds.
    #[test]
    fn the_differences_add_up_in_any_order(places in prop::collection::vec(0_usize..3, 0..12)) {
        let events = life();
        let mut sale = Sale::default();
        let (mut sales, mut units) = (BTreeMap::new(), 0);
        for place in places.into_iter().chain([2, 1, 0]) {
            let (what, at) = events[place].clone();
            let before = sale.adds();
            let news = sale.take(what, at);
            let step = sale.adds().minus(&before);
            prop_assert_eq!(news, step != Added::default());
            for (key, figures) in step.sales {
                let sum: &mut SalesFigures = sales.entry(key).or_default();
                *sum = sum.plus(figures);
            }
            units += step.products.values().map(|it| it.units).sum::<i64>();
        }
        prop_assert_eq!(sales, after(&events).adds().sales);
        prop_assert_eq!(units, 3);
    }
}
