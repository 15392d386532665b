//! What is sent for the arguments that were typed.

use clap::Parser;
use contracts::AmountBody;
use contracts::http::OrderPlacedBody;
use jiff::Timestamp;
use serde_json::json;

use super::{Place, Placed, line};
use crate::order::Order;
use crate::{Arguments, Command};

fn place(line: &str) -> Place {
    let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
    match arguments.command {
        Command::Order(Order::Place(place)) => *place,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reads_lines_as_product_and_quantity() {
    let read = line("p=0001=12").unwrap();
    assert_eq!((read.product_id.as_str(), read.quantity), ("p=0001", 12));
    assert_eq!(line("p=-1").unwrap().quantity, -1, "for the API to refuse");
    for wrong in ["p", "p=", "=1", "p=1.5", "p=99999999999999999999"] {
        assert!(line(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn asks_for_an_order_that_the_shop_takes() {
    let place = place("cartwright order place --line p-0001=2 --email c@example.com");
    let body = place.basket.order();
    body.parse().unwrap();
    assert_eq!(body.payment_method, "pm_card_visa");
    assert_eq!(body.contact.unwrap().email, "c@example.com");
    assert_eq!(body.ship_to.country, "GB");
}

#[test]
fn ships_to_where_it_is_told() {
    let place = place("cartwright order place --line p-0001=1 --country ZZ --postcode 00000");
    let body = place.basket.order();
    assert_eq!(
        (
            body.ship_to.country.as_str(),
            body.ship_to.postcode.as_str()
        ),
        ("ZZ", "00000")
    );
    assert_eq!(body.contact, None);
}

#[test]
fn says_what_was_placed() {
    let cents = |minor| AmountBody {
        minor,
        currency: "EUR".to_owned(),
    };
    let body = OrderPlacedBody {
        order_id: "o-1".to_owned(),
        status: "pending".to_owned(),
        lines: Vec::new(),
        subtotal: cents(800),
        shipping: cents(490),
        tax: cents(0),
        total: cents(1_290),
        placed_at: Timestamp::UNIX_EPOCH,
    };
    let placed = Placed::new(body.clone(), "k".to_owned(), false);
    assert_eq!(placed.to_string(), "order o-1 placed: 12.90 EUR");
    let expected = json!({
        "order_id": "o-1", "status": "pending", "total": {"minor": 1290, "currency": "EUR"},
        "placed_at": "1970-01-01T00:00:00Z", "key": "k", "replayed": false,
    });
    assert_eq!(serde_json::to_value(&placed).unwrap(), expected);
    let again = Placed::new(body, "k".to_owned(), true);
    assert_eq!(again.to_string(), "order o-1 placed before: 12.90 EUR");
}
