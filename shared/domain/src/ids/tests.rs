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
fn the_id_of_a_socket_is_base64() {
    for one in ["L0SM9cOFvHcCIhw=", "a-_+/=", &"x".repeat(128)] {
        assert_eq!(SocketId::parse(one).unwrap().to_string(), one);
    }
    for not_one in ["", "a b", "a#b", "a%3D", "a?b", "ä", &"x".repeat(129)] {
        assert!(SocketId::parse(not_one).is_err(), "{not_one:?}");
    }
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

/// Ids of orders and movements are stored: another way to make them would make second ones.
#[test]
fn a_hashed_id_is_what_it_always_was() {
    let order = hashed(["main", "alice", "k1"]).to_string();
    assert_eq!(order, "f7115836-d144-8d10-9451-0a985c35049e");
    let movement = hashed(["asked", "main", "dora", "k"]).to_string();
    assert_eq!(movement, "2e393b6d-bf06-87e6-b072-6d3e98bdf615");
}

#[test]
fn a_request_is_told_by_whose_it_is_its_route_and_its_key() {
    let id = |tenant: &str, who: &str, route: &str, key: &str| {
        let tenant = TenantId::parse(tenant).unwrap();
        id_of_request((&tenant, &CustomerId::parse(who).unwrap()), route, key)
    };
    let first = id("main", "dora", "POST /a", "k");
    assert_eq!(first, id("main", "dora", "POST /a", "k"));
    for other in [
        id("mai", "ndora", "POST /a", "k"),
        id("main", "dor", "POST /a", "k"),
        id("main", "dora", "POST /b", "k"),
        id("main", "dora", "POST /", "ak"),
        id("main", "dora", "POST /a", "l"),
    ] {
        assert_ne!(first, other);
    }
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
