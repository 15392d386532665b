//! Sums of parts, up to the largest amount.

use proptest::prelude::*;

use super::*;
use crate::tests::samples::eur;

fn tariff(text: &str) -> Tariff {
    text.parse().unwrap()
}

/// Subtotal, shipping, tax and total in minor units.
fn of(text: &str, subtotal: i64) -> [i64; 4] {
    let totals = tariff(text).totals(eur(subtotal)).unwrap();
    let (subtotal, shipping) = (totals.subtotal(), totals.shipping());
    [subtotal, shipping, totals.tax(), totals.total()].map(Money::minor)
}

#[test]
fn a_tariff_of_nothing_adds_nothing() {
    for text in ["", "tax=0", "tax=0 EUR=0", "tax=0 USD=500"] {
        assert_eq!(of(text, 1_200), [1_200, 0, 0, 1_200], "{text}");
    }
}

#[test]
fn shipping_is_flat_until_it_is_free() {
    assert_eq!(of("EUR=490/5000", 4_999), [4_999, 490, 0, 5_489]);
    assert_eq!(of("EUR=490/5000", 5_000), [5_000, 0, 0, 5_000]);
    assert_eq!(of("EUR=490", 999_999), [999_999, 490, 0, 1_000_489]);
    assert_eq!(of("EUR=490", 0), [0, 490, 0, 490]);
}

#[test]
fn tax_is_on_pieces_and_shipping_and_rounded_half_up_once() {
    assert_eq!(of("tax=1900 EUR=490", 1_000), [1_000, 490, 283, 1_773]);
    // 0.5 up, 0.49 down.
    assert_eq!(of("tax=500", 10), [10, 0, 1, 11]);
    assert_eq!(of("tax=490", 10), [10, 0, 0, 10]);
    assert_eq!(of("tax=10000", 33), [33, 0, 33, 66]);
}

#[test]
fn a_sum_that_is_too_large_is_refused_and_none_overflows() {
    let most = Money::MAX_MINOR;
    let sum = |text: &str, minor| tariff(text).totals(eur(minor));
    assert_eq!(sum("tax=1", most), Err(MoneyError::TooLarge));
    assert_eq!(sum("tax=10000", most), Err(MoneyError::TooLarge));
    assert_eq!(sum("EUR=1", most), Err(MoneyError::TooLarge));
    assert_eq!(sum("tax=0", most), Ok(Totals::of_pieces(eur(most))));
    assert_eq!(of("tax=10000", most / 2), [most / 2, 0, most / 2, most - 1]);
}

#[test]
fn what_cannot_be_a_tariff_names_the_word() {
    for (text, word) in [
        ("tax", "tax"),
        ("tax=-1", "tax=-1"),
        ("tax=10001", "tax=10001"),
        ("tax=0 tax=0", "tax=0"),
        ("tax=0 EURO=1", "EURO=1"),
        ("EUR=-1", "EUR=-1"),
        ("EUR=1/", "EUR=1/"),
        ("EUR=1/x", "EUR=1/x"),
        ("EUR=4.90", "EUR=4.90"),
        ("EUR=1 EUR=2", "EUR=2"),
    ] {
        let refused = text.parse::<Tariff>().unwrap_err();
        assert_eq!(refused, InvalidTariff(word.to_owned()), "{text}");
    }
}

#[test]
fn parts_are_of_one_currency() {
    let dollar = Money::new(1, Currency::parse("USD").unwrap()).unwrap();
    let mixed = Totals::new(eur(1), dollar, eur(0));
    assert_eq!(mixed, Err(MoneyError::MixedCurrencies));
}

#[test]
fn no_tax_is_on_more_than_there_is() {
    let totals = Totals::new(eur(10), eur(5), eur(3)).unwrap();
    assert_eq!(totals.tax_on(eur(15)), Ok(eur(3)));
    assert_eq!(totals.tax_on(eur(16)), Err(MoneyError::TooLarge));
    let nothing = Totals::of_pieces(eur(0));
    assert_eq!(nothing.tax_on(eur(0)), Ok(eur(0)));
}

proptest! {
    #[test]
    fn a_total_is_the_sum_of_its_parts_and_tax_is_within_half_a_cent(
        subtotal in 0..=Money::MAX_MINOR,
        fee in 0_i64..1_000_000,
        rate in 0..=WHOLE,
    ) {
        let tariff = tariff(&format!("tax={rate} EUR={fee}"));
        let Ok(totals) = tariff.totals(eur(subtotal)) else { return Ok(()) };
        let tax = i128::from(totals.tax().minor());
        let exact = i128::from(subtotal + fee) * i128::from(rate);
        let off = 2 * (tax * 10_000 - exact);
        prop_assert!((-9_999..=10_000).contains(&off), "{off}");
        let parts = subtotal + fee + totals.tax().minor();
        prop_assert_eq!(totals.total().minor(), parts);
    }

    #[test]
    fn shares_of_tax_never_exceed_it_and_all_of_it_is_on_all(
        subtotal in 1..=Money::MAX_MINOR / 4,
        tax in 0..=Money::MAX_MINOR / 4,
        part in 0.0..=1.0,
    ) {
        let totals = Totals::new(eur(subtotal), eur(0), eur(tax)).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any part will do")]
        let part = ((subtotal as f64 * part) as i64).min(subtotal);
        let (one, rest) = (totals.tax_on(eur(part)).unwrap(), totals.tax_on(eur(subtotal - part)).unwrap());
        prop_assert!(one.plus(rest).unwrap().minor() <= tax);
        prop_assert_eq!(totals.tax_on(eur(subtotal)).unwrap(), eur(tax));
    }
}
