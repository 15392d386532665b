//! Checks of [`KeepCopies`] and [`ListCopies`].

use domain::ports::{KeepCopies, KeepDestinations, ListCopies, SaveError};
use domain::{CustomerId, DestinationName, DestinationState, NotTold, ProfileCopy, Sequence};

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

async fn due(store: &impl ListCopies, seconds: i64, limit: u16) -> Vec<CustomerId> {
    must(store.copies_due(&crm(), at(seconds), limit).await)
}

/// Only what is behind, from the time of the next try on, the longest due first.
pub async fn lists_the_copies_that_are_behind<S: KeepCopies + ListCopies>(store: &S) {
    for (number, seconds) in [(1, 60), (2, 0), (3, 3_600)] {
        wanted(store, number, seconds).await;
    }
    assert_eq!(due(store, 60, 10).await, Vec::<CustomerId>::new());
    assert_eq!(due(store, 61, 10).await, [user(2)]);
    assert_eq!(due(store, 600, 10).await, [user(2), user(1)]);
    assert_eq!(due(store, 600, 1).await, [user(2)]);
    let mut told = must(store.copy_of(&crm(), &user(2)).await);
    told.told(Sequence(1), at(1));
    must(store.save_copy(told).await);
    assert_eq!(due(store, 600, 10).await, [user(1)]);
}

/// As many as there are, and no more than are asked for.
pub async fn counts_the_copies_that_are_behind<S: KeepCopies + ListCopies>(store: &S) {
    for number in 1..=3 {
        wanted(store, number, 0).await;
    }
    assert_eq!(must(store.behind(&crm(), 10).await), 3);
    assert_eq!(must(store.behind(&crm(), 2).await), 2);
    let other = must(DestinationName::parse("support"));
    assert_eq!(must(store.behind(&other, 10).await), 0);
}

/// What was stored last is read back whole.
pub async fn reads_back_how_services_stand(store: &impl KeepDestinations) {
    assert_eq!(must(store.destinations().await), []);
    let state = |failing_since| DestinationState {
        name: crm(),
        behind: 7,
        failing_since,
        per_minute: 600,
        as_of: at(9),
    };
    for states in [vec![state(None), state(Some(at(3)))], vec![state(None)]] {
        must(store.save_destinations(&states).await);
        assert_eq!(must(store.destinations().await), states);
    }
}
