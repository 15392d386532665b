//! No text, kept or asked for, is anything but text to the server.

use domain::ports::{
    BatchTaken, IndexCatalogue, ReadMetrics, RebuildIndex, SearchCatalogue, TakeMetrics, Whose,
};
use domain::{SearchEntry, SearchQuery, SearchText, TenantId};
use proptest::prelude::{any, prop_oneof};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use testkit::build::{an_entry, search, tenant};
use testkit::must;
use testkit::port_checks::metrics::{all_days, batch, event, now};

use crate::schema::fresh;

/// How many texts are tried.
const TEXTS: usize = 300;
/// Of what hostile texts are made.
const PIECES: [&str; 24] = [
    "'",
    "\"",
    "\\",
    ";",
    "--",
    "/*",
    "*/",
    "$$",
    "$1",
    "\0",
    "\u{1a}",
    "%",
    "_",
    ":*",
    "&",
    "|",
    "!",
    "(",
    ")",
    "<->",
    "DROP TABLE search_entries",
    "\u{202e}",
    "\u{345}",
    "²",
];

/// Texts of anything, and texts of pieces that mean something to a server.
fn texts() -> impl Strategy<Value = String> {
    let pieces = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..8);
    let pieces = (pieces, any::<char>()).prop_map(|(pieces, letter)| {
        let pieces = pieces.join(if letter.is_ascii() { " tea " } else { "" });
        format!("{pieces}{letter}")
    });
    prop_oneof![any::<String>(), pieces]
}

#[tokio::test]
async fn any_text_can_be_kept_and_searched_for() {
    let database = fresh("hostile").await;
    must(database.index(&an_entry("kept", "wheelbarrow", 1)).await);
    let mut runner = TestRunner::deterministic();
    for version in 1..=TEXTS {
        let text = must(texts().new_tree(&mut runner)).current();
        let entry = SearchEntry {
            description: text.clone(),
            ..an_entry("hostile", &text, version as u64)
        };
        must(database.index(&entry).await);
        let shortened: String = text.chars().take(SearchText::MAX).collect();
        if let Ok(asked) = SearchText::parse(&shortened) {
            let query = SearchQuery {
                text: asked,
                ..search("x")
            };
            let page = database.search(&query).await;
            assert!(page.is_ok(), "{text:?}: {page:?}");
        }
    }
    let indexed = must(database.indexed(&tenant(), None).await);
    let versions: Vec<u64> = indexed.iter().map(|(_, version)| *version).collect();
    assert_eq!(versions, [TEXTS as u64, 1]);
    let kept = must(database.search(&search("wheelbarrow")).await).items;
    assert_eq!(kept, [an_entry("kept", "wheelbarrow", 1)]);
}

/// All texts of reports but these are ids, which have no such letters; payloads may be anything.
#[tokio::test]
async fn no_text_of_a_batch_is_more_than_text() {
    let database = fresh("hostile").await;
    let mut runner = TestRunner::deterministic();
    for number in 1..=TEXTS {
        let text = must(texts().new_tree(&mut runner)).current();
        let text: String = text.replace('\0', "").chars().take(400).collect();
        let mut told = event(0, 1.0);
        told.payload = Some(serde_json::json!({ text.clone(): [text.clone()] }).to_string());
        let batch = batch("ant", number as u128, vec![told]);
        let taken = database.take_metrics(&[batch], now()).await;
        assert_eq!(taken, Ok(vec![BatchTaken::New]), "{text:?}");
    }
    let counted = async |name: &str| {
        let whose = Whose::Tenant(must(TenantId::parse(name)));
        let days = all_days();
        let figures = database.metrics_by_day(&whose, &days).await;
        let days = must(figures).into_values();
        days.flat_map(|days| days.into_values())
            .map(|it| it.events)
            .sum::<i64>()
    };
    assert_eq!(counted("ant").await, TEXTS as i64);
    for other in ["a", "ant|bee", "_", "a.t", "ant-"] {
        assert_eq!(counted(other).await, 0, "{other}");
    }
}
