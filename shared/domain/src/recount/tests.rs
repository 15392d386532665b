//! What differs is found, wherever it is.

use super::*;
use crate::{Charge, Currency, Money, OrderLine, PlacedSale, Sale, SaleEvent, Sku};

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap()).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Placed before midnight, charged after it; another one fails.
fn counted(on: &str) -> CountedDay {
    let at = |text: &str| text.parse().unwrap();
    let placed = || {
        SaleEvent::Placed(PlacedSale {
            total: eur(5_000),
            lines: vec![OrderLine {
                product_id: ProductId::parse("kettle").unwrap(),
                sku: Sku::parse("kettle").unwrap(),
                quantity: 2,
                unit_price: eur(2_000),
            }],
        })
    };
    let charge = Charge {
        total: eur(5_000),
        tax_minor: 900,
    };
    let mut sold = Sale::default();
    sold.take(placed(), at("2026-07-20T23:59:59Z"));
    sold.take(SaleEvent::Completed(charge), at("2026-07-21T00:00:01Z"));
    let mut failed = Sale::default();
    failed.take(placed(), at("2026-07-21T10:00:00Z"));
    let out = SaleEvent::Failed(FailureCode::OutOfStock);
    failed.take(out, at("2026-07-21T10:00:05Z"));
    let mut counted = CountedDay::default();
    for sale in [sold, failed] {
        counted.take(&sale.adds(), day(on));
    }
    counted
}

#[test]
fn only_the_day_is_counted() {
    let eve = counted("2026-07-20");
    let of = |counted: &CountedDay| {
        let all = counted.day.values();
        let sums = all.map(|it| (it.placed, it.completed, it.failed));
        (
            sums.collect::<Vec<_>>(),
            counted.hours.len(),
            counted.products.len(),
        )
    };
    assert_eq!(of(&eve), (vec![(1, 0, 0)], 1, 0));
    assert!(eve.failures.is_empty());
    let next = counted("2026-07-21");
    assert_eq!(of(&next), (vec![(1, 1, 1)], 2, 1));
    assert_eq!(next.failures.values().sum::<i64>(), 1);
    assert_eq!(counted("2026-07-22"), CountedDay::default());
}

#[test]
fn each_figure_that_differs_is_told_with_both_values() {
    let right = counted("2026-07-21");
    assert_eq!(right.differs(&right), []);
    let mut wrong = right.clone();
    let eur = |period| (period, "EUR");
    let on = day("2026-07-21");
    wrong
        .hours
        .get_mut(&eur(Period::Hour(on, 10)))
        .unwrap()
        .failed = 0;
    wrong.day.get_mut(&eur(Period::Day(on))).unwrap().units += 5;
    wrong.products.clear();
    wrong
        .failures
        .insert((Period::Day(on), FailureCode::UnknownSku), 3);
    let told = wrong.differs(&right).into_iter().map(|it| {
        let DayFigure {
            hour,
            currency,
            product,
            name,
        } = it.figure;
        let product = product.map(|it| it.to_string());
        (hour, currency, product, name, it.counted, it.wanted)
    });
    let kettle = || Some("kettle".to_owned());
    let wanted = [
        (None, None, None, FailureCode::UnknownSku.name(), 3, 0),
        (None, Some("EUR"), None, "units", 7, 2),
        (None, Some("EUR"), kettle(), "orders", 0, 1),
        (None, Some("EUR"), kettle(), "revenue_minor", 0, 4_000),
        (None, Some("EUR"), kettle(), "units", 0, 2),
        (Some(10), Some("EUR"), None, "failed", 0, 1),
    ];
    assert_eq!(told.collect::<Vec<_>>(), wanted);
}
