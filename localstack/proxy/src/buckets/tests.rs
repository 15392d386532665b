//! Units run out, come back with time, and never pile up.

use std::time::Duration;

use serde_json::json;

use super::{Buckets, MANY};
use crate::item::{Item, Write};
use crate::subject::{Content, Subject};

fn item(pk: &str) -> Item {
    let body = json!({"TableName": "Orders", "Key": {"pk": {"S": pk}}});
    let subject = Subject {
        service: "dynamodb".to_owned(),
        operation: "UpdateItem".to_owned(),
        resource: "Orders".to_owned(),
        caller: String::new(),
        content: Content::Json(body),
    };
    let write = Write::of(&subject, &["pk".to_owned()]).unwrap();
    write.items().next().unwrap().clone()
}

#[test]
fn an_item_is_overdrawn_until_its_debt_is_paid_by_time() {
    let (buckets, item) = (Buckets::default(), item("o-1"));
    let at = Duration::from_millis;
    assert!(!buckets.overdrawn(&item, 10.0, at(0)), "full at first");
    buckets.charge(&item, 10.0, 10.0, at(0));
    assert!(
        !buckets.overdrawn(&item, 10.0, at(0)),
        "empty, not overdrawn"
    );
    buckets.charge(&item, 4.0, 10.0, at(0));
    assert!(buckets.overdrawn(&item, 10.0, at(399)));
    assert!(!buckets.overdrawn(&item, 10.0, at(400)));
}

#[test]
fn a_quiet_hour_is_worth_no_more_than_a_second() {
    let (buckets, item) = (Buckets::default(), item("o-1"));
    buckets.charge(&item, 1.0, 10.0, Duration::ZERO);
    let later = Duration::from_secs(3600);
    buckets.charge(&item, 10.5, 10.0, later);
    assert!(buckets.overdrawn(&item, 10.0, later));
}

#[test]
fn each_item_has_its_own() {
    let buckets = Buckets::default();
    buckets.charge(&item("o-1"), 20.0, 10.0, Duration::ZERO);
    assert!(buckets.overdrawn(&item("o-1"), 10.0, Duration::ZERO));
    assert!(!buckets.overdrawn(&item("o-2"), 10.0, Duration::ZERO));
}

#[test]
fn full_buckets_are_forgotten_when_there_are_many_and_debts_are_not() {
    let buckets = Buckets::default();
    buckets.charge(&item("debtor"), 100.0, 10.0, Duration::ZERO);
    for number in 1..MANY {
        buckets.charge(&item(&number.to_string()), 1.0, 10.0, Duration::ZERO);
    }
    let later = Duration::from_secs(1);
    buckets.charge(&item("one more"), 1.0, 10.0, later);
    assert_eq!(buckets.book().buckets.len(), 2);
    assert!(buckets.overdrawn(&item("debtor"), 10.0, later));
}
