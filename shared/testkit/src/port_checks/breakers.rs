//! Checks of [`Share`].

use std::time::Duration;

use breaker::{PutError, Row, Share, Terms};

use crate::build::at;
use crate::{must, must_fail};

async fn put(store: &impl Share, row: &Row) -> Row {
    must(store.put_breaker("sms", row).await);
    let stored = must(store.breaker("sms").await);
    let version = row.version + 1;
    let written = Row {
        version,
        ..row.clone()
    };
    assert_eq!(stored, written);
    stored
}

/// One that was never written is closed.
pub async fn knows_no_trouble_at_first(store: &impl Share) {
    assert_eq!(must(store.breaker("sms").await), Row::default());
}

/// Counted, open, under probe, closed again: each is read back.
pub async fn reads_back_every_state_of_a_breaker(store: &impl Share) {
    let terms = Terms {
        failures: 2,
        window: Duration::from_secs(60),
        ..Terms::default()
    };
    let mut row = Row::default();
    for second in 0..2 {
        row.count(7 * (1 - second), at(i64::from(second)), &terms);
        row = put(store, &row).await;
    }
    row.count(0, at(2), &terms);
    row.count(0, at(2), &terms);
    row.count(0, at(2), &terms);
    row.count(0, at(2), &terms);
    row.count(0, at(2), &terms);
    assert!(row.open_since().is_some());
    row = put(store, &row).await;
    row.probing(at(60), &terms);
    row = put(store, &row).await;
    row.probed(false, at(61), &terms);
    row = put(store, &row).await;
    for _ in 0..terms.closes_after {
        row.probed(true, at(90), &terms);
        row = put(store, &row).await;
    }
    assert!(row.open_since().is_none());
    assert_eq!(must(store.breaker("mail").await), Row::default());
}

/// Of two who read the same, one writes; the other is told what is stored.
pub async fn refuses_a_breaker_that_moved_meanwhile(store: &impl Share) {
    for second in 0..2 {
        let read = must(store.breaker("sms").await);
        let mut moved = read.clone();
        moved.count(0, at(second), &Terms::default());
        let stored = put(store, &moved).await;
        match must_fail(store.put_breaker("sms", &read).await) {
            PutError::Taken(told) => assert_eq!(told, stored),
            PutError::Share(error) => panic!("taken, not {error}"),
        }
    }
}
