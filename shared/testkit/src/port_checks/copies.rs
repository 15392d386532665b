//! Checks of [`KeepCopies`] and [`ListCopies`].

use domain::ports::{KeepCopies, ListCopies, SaveError};
use domain::{CustomerId, DestinationName, NotTold, ProfileCopy, Sequence};

use crate::build::at;
use crate::{must, must_fail};

fn crm() -> DestinationName {
    must(DestinationName::parse("crm"))
}

fn user(number: u32) -> CustomerId {
    must(CustomerId::parse(&format!("user-{number}")))
}

/// Wanted at a time.
async fn wanted(store: &impl KeepCopies, number: u32, seconds: i64) -> ProfileCopy {
    let mut copy = must(store.copy_of(&crm(), &user(number)).await);
    assert!(copy.want(copy.wanted.next(), at(seconds)));
    must(store.save_copy(copy).await)
}

/// What was saved is read back whole; each service and each profile for itself.
pub async fn reads_back_a_copy(store: &impl KeepCopies) {
    let nothing = must(store.copy_of(&crm(), &user(1)).await);
    assert_eq!(nothing, ProfileCopy::none(crm(), user(1)));
    let mut copy = wanted(store, 1, 0).await;
    for version in 2..=4 {
        assert_eq!(must(store.copy_of(&crm(), &user(1)).await), copy);
        match version {
            2 => copy.not_told(NotTold::Refused("no name".to_owned()), at(1)),
            3 => copy.not_told(NotTold::Unreached, at(2)),
            _ => copy.told(Sequence(9), at(3)),
        }
        copy = must(store.save_copy(copy).await);
        assert_eq!(copy.version, version);
    }
    assert_eq!(must(store.copy_of(&crm(), &user(1)).await), copy);
    let other = must(DestinationName::parse("support"));
    assert_eq!(must(store.copy_of(&other, &user(1)).await).version, 0);
}

/// Of two who read the same, one writes; the other is told what is stored.
pub async fn refuses_a_copy_that_moved_meanwhile(store: &impl KeepCopies) {
    let read = must(store.copy_of(&crm(), &user(1)).await);
    let stored = wanted(store, 1, 0).await;
    let mut late = read;
    late.told(Sequence(3), at(1));
    let refused = must_fail(store.save_copy(late).await);
    assert_eq!(refused, SaveError::Conflict(Some(Box::new(stored.clone()))));
    assert_eq!(must(store.copy_of(&crm(), &user(1)).await), stored);
}

/// Only what is behind, from the time of the next try on, the longest due first.
pub async fn lists_the_copies_that_are_behind<S: KeepCopies + ListCopies>(store: &S) {
    wanted(store, 1, 60).await;
    let mut told = wanted(store, 2, 0).await;
    wanted(store, 3, 3_600).await;
    let due = async |seconds, limit| must(store.copies_due(&crm(), at(seconds), limit).await);
    assert_eq!(due(60, 10).await, Vec::<CustomerId>::new());
    assert_eq!(due(61, 10).await, [user(2)]);
    assert_eq!(due(600, 10).await, [user(2), user(1)]);
    assert_eq!(due(600, 1).await, [user(2)]);
    assert_eq!(must(store.behind(&crm(), 10).await), 3);
    assert_eq!(must(store.behind(&crm(), 2).await), 2);
    told.told(Sequence(1), at(1));
    must(store.save_copy(told).await);
    assert_eq!(due(600, 10).await, [user(1)]);
    assert_eq!(must(store.behind(&crm(), 10).await), 2);
    let other = must(DestinationName::parse("support"));
    assert_eq!(must(store.behind(&other, 10).await), 0);
}
