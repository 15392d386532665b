//! The tables of this crate.

use std::error::Error;

use super::Rates;
use crate::Item;

const PRICES: &str = include_str!("../prices.json");
const PHYSICS: &str = include_str!("../physics.json");
const DEPLOYMENT: &str = include_str!("../deployment.json");

#[test]
fn every_price_has_a_source_and_a_date() {
    let rates = Rates::built_in().unwrap();
    for item in Item::ALL {
        let (key, price) = (item.key(), rates.prices.price(*item));
        assert!(price.dollars >= 0.0 && price.per > 0.0, "{key}");
        assert!(
            price.source.url.starts_with("https://aws.amazon.com/"),
            "{key}"
        );
        assert!(
            !price.source.page.is_empty() && !price.unit.is_empty(),
            "{key}"
        );
        let dated = price.dated == "undated" || price.dated.starts_with("202");
        assert!(dated && !price.note.is_empty(), "{key}");
    }
}

/// The cause of not reading tables of which one has a part replaced.
fn complaint(table: &str, part: &str, by: &str) -> String {
    let other = |name: &str, text: &str| match name == table {
        true => text.replacen(part, by, 1),
        false => text.to_owned(),
    };
    let read = Rates::from_json(
        &other("prices.json", PRICES),
        &other("physics.json", PHYSICS),
        &other("deployment.json", DEPLOYMENT),
    );
    let error = read.unwrap_err();
    format!("{error}: {}", error.source().unwrap())
}

#[test]
fn tables_are_complete_and_nothing_more() {
    for (table, part, by, words) in [
        (
            "prices.json",
            "\"mail\"",
            "\"letter\"",
            "unknown field `letter`",
        ),
        (
            "prices.json",
            "\"per\": 1000000,",
            "",
            "missing field `per`",
        ),
        (
            "physics.json",
            "\"pollers\"",
            "\"readers\"",
            "unknown field `readers`",
        ),
        (
            "deployment.json",
            "\"alarms\"",
            "\"bells\"",
            "unknown field `bells`",
        ),
    ] {
        let said = complaint(table, part, by);
        assert!(
            said.starts_with(&format!("{table} cannot be read: ")),
            "{said}"
        );
        assert!(said.contains(words), "{said}");
    }
}
