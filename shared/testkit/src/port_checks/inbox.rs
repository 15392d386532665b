//! Checks of [`Inbox`] and [`ListGaps`].

use domain::ports::{Inbox, ListGaps, SaveError};
use domain::{Sequence, Taken};

use crate::build::at;
use crate::{must, must_fail};

/// Up to 1, with 3 and 12 held.
fn with_gaps() -> Taken {
    let mut taken = Taken::default();
    taken.advance(at(2));
    taken.hold(Sequence(12), "twelve".to_owned(), at(0));
    taken.hold(Sequence(3), "{\"three\":true}".to_owned(), at(1));
    taken
}

/// What was saved is read back whole; each aggregate for itself.
pub async fn reads_back_an_inbox(store: &impl Inbox) {
    assert_eq!(must(store.taken("order/1").await), Taken::default());
    let mut taken = with_gaps();
    for version in 1..=3 {
        taken = must(store.save_taken("order/1", taken).await);
        assert_eq!(taken.version, version);
        assert_eq!(must(store.taken("order/1").await), taken);
        taken.advance(at(2));
    }
    assert_eq!(must(store.taken("order/2").await), Taken::default());
}

/// Of two who read the same, one writes; the other is told what is stored.
pub async fn refuses_an_inbox_that_moved_meanwhile(store: &impl Inbox) {
    for _ in 0..2 {
        let read = must(store.taken("order/1").await);
        let mut moved = read.clone();
        moved.advance(at(2));
        let stored = must(store.save_taken("order/1", moved).await);
        let refused = must_fail(store.save_taken("order/1", read).await);
        assert_eq!(refused, SaveError::Conflict(Some(Box::new(stored.clone()))));
        assert_eq!(must(store.taken("order/1").await), stored);
    }
}

/// Only where something is held, from the time of the next look on, the longest due first.
pub async fn lists_the_gaps_that_are_due<S: Inbox + ListGaps>(store: &S) {
    let mut none = Taken::default();
    none.advance(at(2));
    must(store.save_taken("order/1", none).await);
    for (aggregate, since) in [("order/2", 60), ("order/3", 0), ("order/4", 3_600)] {
        let mut taken = Taken::default();
        taken.hold(Sequence(2), "two".to_owned(), at(since));
        must(store.save_taken(aggregate, taken).await);
    }
    let due = async |seconds, limit| must(store.gaps_due(at(seconds), limit).await);
    assert_eq!(due(60, 10).await, Vec::<String>::new());
    assert_eq!(due(61, 10).await, ["order/3"]);
    assert_eq!(due(600, 10).await, ["order/3", "order/2"]);
    assert_eq!(due(600, 1).await, ["order/3"]);
    let mut closed = must(store.taken("order/3").await);
    closed.advance(at(2));
    closed.advance(at(2));
    must(store.save_taken("order/3", closed).await);
    assert_eq!(due(600, 10).await, ["order/2"]);
}
