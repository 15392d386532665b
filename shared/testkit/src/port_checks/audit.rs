//! Checks of [`KeepChains`].

use audit::{
    Actor, ActorKind, AppendError, Appended, Entry, Head, KeepChains, Origin, Outcome, Personal,
    Record, Salt, Shard, append, last, verify,
};
use domain::ports::StoreError;

use crate::build::{an_audit_record, at};
use crate::{must, must_have};

/// What a store of chains is here.
pub trait Chains: KeepChains<Error = StoreError> + Sync {}
impl<S: KeepChains<Error = StoreError> + Sync> Chains for S {}

fn shard() -> Shard {
    must_have(Shard::new(3))
}

fn first(message: &str) -> Entry {
    Entry::after(&Head::empty(shard()), an_audit_record(message))
}

async fn at_first(store: &impl Chains) -> Option<Entry> {
    let entries = must(store.entries(shard(), 1, 1).await);
    entries.into_iter().flatten().next()
}

/// Every position of a new chain is free.
pub async fn finds_nothing_in_an_empty_chain(store: &impl Chains) {
    assert_eq!(must(store.entries(shard(), 1, 3).await), [None, None, None]);
    let empty = Head::empty(shard());
    assert_eq!(must(last(store, empty).await), empty);
    must(store.erase(shard(), 1).await);
    assert_eq!(at_first(store).await, None);
}

/// Every part of a record is read back, and so is its absence.
pub async fn reads_back_everything_that_a_record_can_hold(store: &impl Chains) {
    let whole = Record {
        message: "refusal/request-1".to_owned(),
        at: at(5),
        actor: Actor {
            kind: ActorKind::ApiKey,
            tenant: Some("main".to_owned()),
            subject: Some(Personal::of("key-7", Salt([1; 16]))),
        },
        action: "GET /api/v1/orders/{id}".to_owned(),
        object: "order/7".to_owned(),
        from: Origin {
            address: Some(Personal::of("192.0.2.1", Salt([2; 16]))),
            request: Some("request-1".to_owned()),
        },
        outcome: Outcome::Refused("not-found".to_owned()),
    };
    let bare = Record {
        actor: Actor {
            kind: ActorKind::System,
            tenant: None,
            subject: None,
        },
        from: Origin::default(),
        outcome: Outcome::Done,
        ..an_audit_record("order/7/2")
    };
    let mut head = Head::empty(shard());
    let mut written = Vec::new();
    for record in [whole, bare] {
        let entry = Entry::after(&head, record);
        must(store.append(&entry).await);
        head = entry.head();
        written.push(Some(entry));
    }
    let read = must(store.entries(shard(), 1, 2).await);
    assert_eq!(read, written);
    assert_eq!(verify(shard(), &read, &[head]), Ok(head));
}

/// Of two entries for one position one is stored.
pub async fn gives_a_position_to_one(store: &impl Chains) {
    must(store.append(&first("a")).await);
    let second = store.append(&first("b")).await;
    assert_eq!(second, Err(AppendError::Taken));
    assert_eq!(at_first(store).await, Some(first("a")));
    // What was refused left nothing behind: its message can still be told.
    let next = Entry::after(&first("a").head(), an_audit_record("b"));
    must(store.append(&next).await);
}

/// A message has one entry, wherever it is told again.
pub async fn takes_a_message_once(store: &impl Chains) {
    must(store.append(&first("a")).await);
    let recorded = Err(AppendError::Recorded);
    assert_eq!(
        store.append(&first("a")).await,
        recorded,
        "in its own place"
    );
    let next = Entry::after(&first("a").head(), an_audit_record("a"));
    assert_eq!(store.append(&next).await, recorded);
    assert_eq!(
        must(store.entries(shard(), 1, 2).await),
        [Some(first("a")), None]
    );
}

/// What is missing shows as missing, and no page is longer than a page.
pub async fn reads_page_by_page_with_its_gaps<S: Chains>(store: &S) {
    let mut head = Head::empty(shard());
    for position in 1..=S::PAGE + 5 {
        let entry = Entry::after(&head, an_audit_record(&format!("m/{position}")));
        head = entry.head();
        if position != 7 {
            must(store.append(&entry).await);
        }
    }
    let page = must(store.entries(shard(), 1, 1_000).await);
    assert_eq!(page.len(), S::PAGE);
    for (position, entry) in (1..).zip(&page) {
        let found = entry.as_ref().map(|entry| entry.position);
        assert_eq!(found, (position != 7).then_some(position));
    }
    let rest = must(store.entries(shard(), S::PAGE as u64 + 1, 6).await);
    assert_eq!(rest.iter().flatten().count(), 5);
}

/// Erased values are gone, and the chain is what it was.
pub async fn erases_values_and_keeps_the_chain(store: &impl Chains) {
    let entry = first("a");
    assert!(entry.record.personal().any(|value| value.value().is_some()));
    must(store.append(&entry).await);
    must(store.erase(shard(), 1).await);
    must(store.erase(shard(), 1).await);
    let erased = must_have(at_first(store).await);
    let mut expected = entry.clone();
    expected.record.erase();
    assert_eq!(erased, expected);
    assert_eq!(
        verify(shard(), &[Some(erased)], &[entry.head()]),
        Ok(entry.head())
    );
}

/// An entry is found by its message.
pub async fn finds_the_entry_of_a_message(store: &impl Chains) {
    let one = first("a");
    let two = Entry::after(&one.head(), an_audit_record("b"));
    for entry in [&one, &two] {
        must(store.append(entry).await);
    }
    assert_eq!(must(store.place_of("b").await), Some((shard(), 2)));
    assert_eq!(must(store.place_of("c").await), None);
}

/// Two writers that know different heads write one chain.
pub async fn two_writers_share_a_chain(store: &impl Chains) {
    let mut heads = [Head::empty(shard()); 2];
    for number in 0..12_usize {
        let writer = must_have(heads.get_mut(usize::from(number % 3 == 0)));
        let record = an_audit_record(&format!("m/{number}"));
        match must(append(store, *writer, &record).await) {
            Appended::Now(head) => *writer = head,
            Appended::Before => panic!("{number} was told for the first time"),
        }
        let again = must(append(store, *writer, &record).await);
        assert_eq!(again, Appended::Before);
    }
    let entries = must(store.entries(shard(), 1, 13).await);
    let end = must(verify(shard(), &entries, &[]));
    assert_eq!(end.position, 12);
    assert_eq!(must(last(store, Head::empty(shard())).await), end);
}
