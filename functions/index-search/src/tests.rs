//! Events against an index in memory.

use contracts::events::{course_event, envelopes_of_order, product_event};
use domain::{Course, Product, ProductDetails, Sequence};
use lambda_boot::queue;
use serde_json::json;
use testkit::build::{a_course, a_product, an_order, at, eur};
use testkit::fakes::FakeIndex;

use super::*;

fn stored(version: u64, product: Product) -> Product {
    Product { version, ..product }
}

fn tea() -> Product {
    stored(1, a_product("tea", 1_200))
}

fn dearer() -> Product {
    let mut product = tea();
    let details = ProductDetails {
        price: eur(1_300),
        ..product.details()
    };
    assert!(product.update(details, at(5)));
    stored(2, product)
}

fn withdrawn() -> Product {
    let mut product = dearer();
    let details = ProductDetails {
        status: SaleStatus::Withdrawn,
        ..product.details()
    };
    assert!(product.update(details, at(9)));
    stored(3, product)
}

async fn take(index: &FakeIndex, event: &Envelope) -> Result<(), ErrorName> {
    let taken = handle(index, event).await;
    taken.map_err(|error| error.name())
}

#[tokio::test]
async fn what_an_event_says_is_what_a_rebuild_would_write() {
    let index = FakeIndex::default();
    let course = Course {
        version: 1,
        ..a_course("soldering", 0)
    };
    assert_eq!(take(&index, &product_event(&dearer())).await, Ok(()));
    assert_eq!(take(&index, &course_event(&course)).await, Ok(()));
    let wanted = [SearchEntry::from(&course), SearchEntry::from(&dearer())];
    assert_eq!(index.all(), wanted);
}

#[tokio::test]
async fn the_newest_state_wins_in_any_order_and_however_often_it_comes() {
    let events = [tea(), dearer(), withdrawn()].map(|product| product_event(&product));
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let index = FakeIndex::default();
        for place in order.into_iter().chain(order) {
            assert_eq!(take(&index, &events[place]).await, Ok(()));
        }
        assert_eq!(index.all(), [SearchEntry::from(&withdrawn())], "{order:?}");
    }
}

#[tokio::test]
async fn what_is_about_something_else_is_passed_by() {
    let index = FakeIndex::default();
    for event in envelopes_of_order(&an_order().confirmed(), Sequence(0)) {
        assert_eq!(take(&index, &event).await, Ok(()));
    }
    assert!(index.all().is_empty());
}

#[tokio::test]
async fn what_cannot_be_goes_back_and_changes_nothing() {
    let index = FakeIndex::default();
    let good = product_event(&tea());
    let with = |field: &str, value: serde_json::Value| {
        let mut event = good.clone();
        event.data[field] = value;
        event
    };
    let nobodys = Envelope {
        tenant: None,
        ..good.clone()
    };
    let nameless = Envelope {
        subject: String::new(),
        ..good.clone()
    };
    for event in [
        with("price", json!({"minor": 1, "currency": "doubloons"})),
        with("status", json!("mislaid")),
        with("name", json!(7)),
        nobodys,
        nameless,
    ] {
        assert_eq!(take(&index, &event).await, Err(ErrorName::BadInput));
    }
    assert!(index.all().is_empty());
}

/// As the runner decodes them, with the rest of the group tried behind one that failed.
#[tokio::test]
async fn a_message_that_fails_holds_nothing_back() {
    let index = FakeIndex::default();
    let record = |id: &str, product: &Product| {
        json!({
            "messageId": id,
            "body": serde_json::to_string(&product_event(product)).unwrap(),
            "attributes": {"MessageGroupId": "product/tea"},
        })
    };
    let batch = json!({"Records": [record("one", &tea()), record("two", &dearer())]});
    index.fail_next();
    let handler = async |event: Envelope| handle(&index, &event).await;
    let answer = queue::answer_of_inbox(|_| true, handler, batch).await;
    let answer = answer.unwrap();
    assert_eq!(answer.returned().collect::<Vec<_>>(), ["one"]);
    assert_eq!(index.all(), [SearchEntry::from(&dearer())]);
}
