//! A history that is new, and one that missed something.

use domain::ports::{
    ForgetNotifications, KeepNotifications, MarkRead, ReadHistory, ReadNotifications, Reader,
};
use domain::{Notice, Notification};
use testkit::build::{a_notice, customer, tenant};
use testkit::fakes::{FakeHistory, FakeRealtime};

use super::*;

async fn tell(lists: &FakeRealtime, reader: Reader<'_>, event: u64) {
    let list = lists.list_of(reader).await.unwrap();
    let id = format!("{}/{}", reader.1, a_notice(event).id);
    let notice = Notice {
        id,
        ..a_notice(event)
    };
    let next = list.next(notice, true).unwrap();
    lists.keep(reader, next).await.unwrap();
}

async fn rebuilt(lists: &FakeRealtime, history: &FakeHistory) -> Rebuilt {
    let mut progress = Vec::new();
    let done = rebuild(lists, history, &mut progress).await.unwrap();
    let told = String::from_utf8(progress).unwrap();
    assert!(told.ends_with(" notifications\n"), "{told}");
    done
}

async fn history_of(history: &FakeHistory, reader: Reader<'_>) -> Vec<Notification> {
    history.remembered(reader, 1, 100).await.unwrap()
}

#[tokio::test]
async fn the_history_comes_to_have_what_is_in_the_lists_and_keeps_what_has_left_them() {
    let (lists, history) = (FakeRealtime::default(), FakeHistory::default());
    let (tenant, alice, bob) = (tenant(), customer("alice"), customer("bob"));
    let (alice, bob) = ((&tenant, &alice), (&tenant, &bob));
    for event in 1..=3 {
        tell(&lists, alice, event).await;
    }
    tell(&lists, bob, 1).await;
    lists.mark_read(alice, &[2]).await.unwrap();
    for _ in 0..2 {
        assert_eq!(rebuilt(&lists, &history).await.kept, 4);
    }
    lists.expire(alice, 1);
    let done = rebuilt(&lists, &history).await;
    let words = "3 notifications kept, 0 readers forgotten, 0 items unreadable";
    assert_eq!(done.to_string(), words);
    let read = history_of(&history, alice).await.into_iter();
    let read: Vec<_> = read.map(|it| (it.number, it.read)).collect();
    assert_eq!(read, [(1, false), (2, true), (3, false)]);
    assert_eq!(history_of(&history, bob).await.len(), 1);
}

/// Also of whoever was erased while the database was away.
#[tokio::test]
async fn it_forgets_who_was_erased() {
    let (lists, history) = (FakeRealtime::default(), FakeHistory::default());
    let (tenant, alice) = (tenant(), customer("alice"));
    let alice = (&tenant, &alice);
    tell(&lists, alice, 1).await;
    rebuilt(&lists, &history).await;
    lists.forget_notifications(alice).await.unwrap();
    let done = rebuilt(&lists, &history).await;
    assert_eq!((done.kept, done.closed), (0, 1));
    assert_eq!(history_of(&history, alice).await, []);
}

#[tokio::test]
async fn a_database_that_is_away_ends_the_run() {
    let (lists, history) = (FakeRealtime::default(), FakeHistory::default());
    let (tenant, alice) = (tenant(), customer("alice"));
    tell(&lists, (&tenant, &alice), 1).await;
    history.set_away(true);
    let done = rebuild(&lists, &history, &mut Vec::new()).await;
    assert!(matches!(done, Err(Failure::Store(_))), "{done:?}");
}
