//! Amounts at and past their bounds (F35).

use proptest::prelude::*;

use super::*;
use crate::tests::samples::eur;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn amount(minor: i64, code: &str) -> Money {
    Money::new(minor, currency(code)).unwrap()
}

#[test]
fn takes_nothing_below_zero_or_beyond_the_largest_amount() {
    let new = |minor| Money::new(minor, currency("EUR")).map(Money::minor);
    assert_eq!(new(i64::MIN), Err(MoneyError::Negative));
    assert_eq!(new(-1), Err(MoneyError::Negative));
    assert_eq!(new(0), Ok(0));
    assert_eq!(new(Money::MAX_MINOR), Ok(Money::MAX_MINOR));
    assert_eq!(new(Money::MAX_MINOR + 1), Err(MoneyError::TooLarge));
    assert_eq!(new(1_000_000_000_000_000_000), Err(MoneyError::TooLarge));
    assert_eq!(new(i64::MAX), Err(MoneyError::TooLarge));
}

#[test]
fn the_largest_amount_is_exact_where_numbers_are_doubles() {
    assert_eq!(Money::MAX_MINOR, (1_i64 << f64::MANTISSA_DIGITS) - 1);
}

#[test]
fn knows_currencies_by_their_code_in_capitals_only() {
    assert_eq!(currency("EUR").code(), "EUR");
    for unknown in ["", "eur", "EURO", "AAA", "€", " EUR"] {
        let refused = Currency::parse(unknown);
        assert_eq!(refused, Err(MoneyError::UnknownCurrency), "{unknown}");
    }
}

#[test]
fn two_currencies_have_no_sum() {
    let sum = eur(1).plus(amount(1, "USD"));
    assert_eq!(sum, Err(MoneyError::MixedCurrencies));
}

#[test]
fn a_sum_or_a_product_beyond_the_largest_amount_is_refused() {
    let largest = eur(Money::MAX_MINOR);
    assert_eq!(largest.plus(eur(0)), Ok(largest));
    assert_eq!(largest.plus(eur(1)), Err(MoneyError::TooLarge));
    assert_eq!(largest.times(1), Ok(largest));
    assert_eq!(largest.times(2), Err(MoneyError::TooLarge));
    assert_eq!(largest.times(u32::MAX), Err(MoneyError::TooLarge));
    assert_eq!(largest.times(0), Ok(eur(0)));
}

#[test]
fn is_written_with_the_digits_of_its_currency() {
    for (minor, code, text) in [
        (0, "EUR", "0.00 EUR"),
        (5, "EUR", "0.05 EUR"),
        (99, "EUR", "0.99 EUR"),
        (1_200, "EUR", "12.00 EUR"),
        (Money::MAX_MINOR, "EUR", "90071992547409.91 EUR"),
        (0, "JPY", "0 JPY"),
        (1_200, "JPY", "1200 JPY"),
        (7, "KWD", "0.007 KWD"),
        (1_234_567, "KWD", "1234.567 KWD"),
    ] {
        assert_eq!(amount(minor, code).to_string(), text);
    }
}

#[test]
fn a_tenth_and_two_tenths_are_three_tenths() {
    assert_eq!(eur(10).plus(eur(20)), Ok(eur(30)));
}

proptest! {
    #[test]
    fn sums_are_exact_or_refused(a in 0..=Money::MAX_MINOR, b in 0..=Money::MAX_MINOR) {
        let exact = i128::from(a) + i128::from(b);
        match eur(a).plus(eur(b)) {
            Ok(sum) => prop_assert_eq!(i128::from(sum.minor()), exact),
            Err(error) => {
                prop_assert_eq!(error, MoneyError::TooLarge);
                prop_assert!(exact > i128::from(Money::MAX_MINOR));
            }
        }
    }

    #[test]
    fn products_are_exact_or_refused(a in 0..=Money::MAX_MINOR, quantity in any::<u32>()) {
        let exact = i128::from(a) * i128::from(quantity);
        match eur(a).times(quantity) {
            Ok(product) => prop_assert_eq!(i128::from(product.minor()), exact),
            Err(error) => {
                prop_assert_eq!(error, MoneyError::TooLarge);
                prop_assert!(exact > i128::from(Money::MAX_MINOR));
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(minor in 0..=Money::MAX_MINOR) {
        let text = eur(minor).to_string();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        prop_assert_eq!(digits.parse::<i64>().unwrap(), minor);
    }
}
