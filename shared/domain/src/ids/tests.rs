//! Ids from outside: what is one, and what is not.

use proptest::prelude::*;

use super::*;

#[test]
fn an_id_has_a_length_and_an_alphabet() {
    assert_eq!(
        Sku::parse("a.b_c-D@1:2|3").unwrap().as_str(),
        "a.b_c-D@1:2|3"
    );
    assert!(Sku::parse(&"x".repeat(64)).is_ok());
    for not_one in [
        "",
        "a b",
        "a#b",
        "a/b",
        "a\nb",
        "ä",
        "a\u{200b}",
        &"x".repeat(65),
    ] {
        assert!(Sku::parse(not_one).is_err(), "{not_one:?}");
    }
}

#[test]
fn each_id_has_its_own_longest_length() {
    let fits = |length: usize| {
        let text = "x".repeat(length);
        [
            TenantId::parse(&text).is_ok(),
            CustomerId::parse(&text).is_ok(),
            ProductId::parse(&text).is_ok(),
            Traceparent::parse(&text).is_ok(),
            ProviderReference::parse(&text).is_ok(),
        ]
    };
    assert_eq!(fits(32), [true; 5]);
    assert_eq!(fits(33), [false, true, true, true, true]);
    assert_eq!(fits(65), [false, false, false, false, true]);
    assert_eq!(fits(129), [false; 5]);
}

#[test]
fn a_refusal_says_what_was_meant_and_what_would_do() {
    let refused = TenantId::parse("").unwrap_err().to_string();
    let text = "tenant id must be 1 to 32 characters from A-Z a-z 0-9 . _ - @ : |";
    assert_eq!(refused, text);
}

#[test]
fn an_order_id_has_one_form() {
    let text = "0190163d-8694-8a0c-8a0c-8694163d0190";
    assert_eq!(OrderId::parse(text).unwrap().to_string(), text);
    let simple = text.replace('-', "");
    let braced = format!("{{{text}}}");
    let urn = format!("urn:uuid:{text}");
    let upper = text.to_uppercase();
    for other in ["", "x", &simple, &braced, &urn, &upper, &text[1..]] {
        assert!(OrderId::parse(other).is_err(), "{other}");
    }
}

#[test]
fn numbers_stop_at_the_largest_instead_of_starting_again() {
    assert_eq!(Epoch::FIRST.next(), Epoch(2));
    assert_eq!(Epoch(u32::MAX).next(), Epoch(u32::MAX));
    assert_eq!(Sequence::NONE.next(), Sequence(1));
}

proptest! {
    #[test]
    fn what_is_taken_is_kept_as_it_is(text in "\\PC{0,80}") {
        if let Ok(id) = Sku::parse(&text) {
            prop_assert_eq!(id.as_str(), &text);
            prop_assert_eq!(id.to_string(), text);
        }
    }
}
