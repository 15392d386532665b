//! Addresses and amounts from outside.

use super::*;
use crate::samples::address;

fn body() -> AddressBody {
    (&address()).into()
}

#[test]
fn an_address_reads_back() {
    assert_eq!(body().parse("/ship_to"), Ok(address()));
}

#[test]
fn white_space_around_a_line_does_not_matter() {
    let mut padded = body();
    padded.city = "  Dublin ".to_owned();
    assert_eq!(padded.parse("/ship_to"), Ok(address()));
}

#[test]
fn every_line_of_an_address_is_bounded_and_printable() {
    let longest = "ü".repeat(MAX_TEXT);
    let too_long = "ü".repeat(MAX_TEXT + 1);
    type Line = fn(&mut AddressBody) -> &mut String;
    let fields: [(&str, Line); 4] = [
        ("name", |body| &mut body.name),
        ("street", |body| &mut body.street),
        ("city", |body| &mut body.city),
        ("postcode", |body| &mut body.postcode),
    ];
    for (field, of) in fields {
        let mut fits = body();
        of(&mut fits).clone_from(&longest);
        assert!(fits.parse("/ship_to").is_ok(), "{field}");
        for text in ["", "   ", "a\nb", "a\u{1b}[31m", "\0", &too_long] {
            let mut bad = body();
            *of(&mut bad) = text.to_owned();
            let refused = bad.parse("/ship_to").unwrap_err();
            assert_eq!(refused.pointer, format!("/ship_to/{field}"));
        }
    }
}

#[test]
fn a_country_is_two_capital_letters() {
    for country in ["", "I", "ie", "Ie", "IRL", "É", "I ", "12"] {
        let mut bad = body();
        bad.country = country.to_owned();
        assert_eq!(
            bad.parse("/ship_to").unwrap_err().pointer,
            "/ship_to/country"
        );
    }
}

#[test]
fn an_amount_is_checked_when_it_is_read() {
    let read = |minor, currency: &str| {
        let currency = currency.to_owned();
        Money::try_from(&AmountBody { minor, currency })
    };
    assert_eq!(read(1_200, "EUR"), Ok(crate::samples::eur(1_200)));
    assert_eq!(read(-1, "EUR"), Err(MoneyError::Negative));
    let huge = 1_000_000_000_000_000_000;
    assert_eq!(read(huge, "EUR"), Err(MoneyError::TooLarge));
    assert_eq!(read(1, "eur"), Err(MoneyError::UnknownCurrency));
}

#[test]
fn an_amount_is_a_whole_number_of_minor_units() {
    for bad in [
        r#"{"minor":12.5,"currency":"EUR"}"#,
        r#"{"minor":0.30000000000000004,"currency":"EUR"}"#,
        r#"{"minor":"12","currency":"EUR"}"#,
        r#"{"minor":9223372036854775808,"currency":"EUR"}"#,
        r#"{"minor":12}"#,
        r#"{"minor":12,"currency":"EUR","scale":2}"#,
    ] {
        assert!(serde_json::from_str::<AmountBody>(bad).is_err(), "{bad}");
    }
}
