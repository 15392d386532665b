//! Checks of the full history of notifications.

use domain::ports::{KeepHistory, ReadHistory, Reader};
use domain::{ByMail, CustomerId, Notification, TenantId};

use super::catalogue::HOSTILE_TEXTS;
use crate::build::{a_notice, tenant};
use crate::must;

/// All that a history does.
pub trait History: KeepHistory + ReadHistory {}
impl<S: KeepHistory + ReadHistory> History for S {}

fn somebody(name: &str) -> (TenantId, CustomerId) {
    (tenant(), must(CustomerId::parse(name)))
}

fn notification(number: u64, read: bool) -> Notification {
    Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::Sent,
        texted: false,
        read,
    }
}

/// Number, and whether it was read, of all from 1 to 100.
async fn all(store: &impl History, reader: Reader<'_>) -> Vec<(u64, bool)> {
    let found = must(store.remembered(reader, 1, 100).await);
    found.iter().map(|it| (it.number, it.read)).collect()
}

/// Who was never told anything has no history.
pub async fn remembers_nothing_at_first(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    assert_eq!(all(store, (&tenant, &alice)).await, []);
}

/// Nothing of a notification is lost.
pub async fn remembers_a_whole_notification(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let ways = [ByMail::Sent, ByMail::SwitchedOff, ByMail::NoAddress];
    for (number, by_mail) in (1..).zip(ways) {
        let mut wanted = notification(number, number == 2);
        wanted.by_mail = by_mail;
        wanted.texted = number == 3;
        if number == 2 {
            wanted.notice.data.clear();
        }
        must(store.remember(reader, &wanted).await);
        let found = must(store.remembered(reader, number, 1).await);
        assert_eq!(found, [wanted]);
    }
}

/// Whatever comes late, or again, what was told stays as it is.
pub async fn remembers_in_any_order_and_once(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    for number in [3, 1, 3, 2, 1] {
        must(store.remember(reader, &notification(number, false)).await);
    }
    let wanted = [1, 2, 3].map(|number| notification(number, false));
    assert_eq!(must(store.remembered(reader, 1, 10).await), wanted);
}

/// Before what it is about, with it, or after it; and what was unread comes late.
pub async fn a_mark_stays_whenever_it_comes(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    must(store.mark_remembered(reader, &[1, 1]).await);
    assert_eq!(all(store, reader).await, [], "a mark alone is nothing told");
    must(store.remember(reader, &notification(2, true)).await);
    for number in 1..=4 {
        must(store.remember(reader, &notification(number, false)).await);
    }
    must(store.mark_remembered(reader, &[3]).await);
    must(store.remember(reader, &notification(3, false)).await);
    let read = [(1, true), (2, true), (3, true), (4, false)];
    assert_eq!(all(store, reader).await, read);
}

/// As many as a request may have.
pub async fn marks_up_to_a_hundred_at_once(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    for number in [1, 100] {
        must(store.remember(reader, &notification(number, false)).await);
    }
    let numbers: Vec<u64> = (1..=100).collect();
    must(store.mark_remembered(reader, &[]).await);
    must(store.mark_remembered(reader, &numbers).await);
    assert_eq!(all(store, reader).await, [(1, true), (100, true)]);
}

/// From a number on, as many numbers as were asked for.
pub async fn tells_a_window_of_what_it_has(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    for number in [2, 4, 5, 6, 9] {
        must(store.remember(reader, &notification(number, false)).await);
    }
    for (from, count, wanted) in [
        (1, 4, vec![2, 4]),
        (4, 3, vec![4, 5, 6]),
        (7, 2, vec![]),
        (7, 3, vec![9]),
        (5, 0, vec![]),
        (10, 100, vec![]),
    ] {
        let found = must(store.remembered(reader, from, count).await);
        let found: Vec<_> = found.iter().map(|it| it.number).collect();
        assert_eq!(found, wanted, "{count} from {from}");
    }
}

/// Readers, and readers of the same id in two shops, have histories of their own.
pub async fn histories_of_two_readers_are_apart(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let (_, bob) = somebody("bob");
    let elsewhere = must(TenantId::parse("elsewhere"));
    let reader = (&tenant, &alice);
    must(store.remember(reader, &notification(1, false)).await);
    for stranger in [(&tenant, &bob), (&elsewhere, &alice)] {
        must(store.mark_remembered(stranger, &[1]).await);
        must(store.close_history(stranger).await);
        assert_eq!(all(store, stranger).await, []);
    }
    assert_eq!(all(store, reader).await, [(1, false)]);
}

/// All of it is gone, and what comes late does not bring it back; and again. Also where it is closed
/// before anything came.
pub async fn a_closed_history_is_empty_for_good(store: &impl History) {
    for (name, known) in [("alice", 3), ("bob", 0)] {
        let (tenant, customer) = somebody(name);
        let reader = (&tenant, &customer);
        for number in 1..=known {
            must(store.remember(reader, &notification(number, true)).await);
        }
        for _ in 0..2 {
            must(store.close_history(reader).await);
            must(store.remember(reader, &notification(1, true)).await);
            must(store.remember(reader, &notification(4, false)).await);
            must(store.mark_remembered(reader, &[4]).await);
            assert_eq!(all(store, reader).await, [], "{name}");
        }
    }
}

/// Text that means something to a query is text like any other.
pub async fn remembers_any_text_as_it_is(store: &impl History) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    for (number, text) in (1..).zip(HOSTILE_TEXTS) {
        let mut wanted = notification(number, false);
        wanted.notice.id = format!("{text}/{number}");
        wanted.notice.title = text.to_owned();
        wanted.notice.message = text.to_owned();
        wanted.notice.data = [(text.to_owned(), text.to_owned())].into();
        must(store.remember(reader, &wanted).await);
        let found = must(store.remembered(reader, number, 1).await);
        assert_eq!(found, [wanted], "{text:?}");
    }
}
