//! Checks of lists of notifications.

use domain::ports::{
    CountDeliveries, Delivery, DeliveryOutcome, ForgetNotifications, Heard, KeepChoices, KeepError,
    KeepNotifications, ListNews, MarkRead, ReadDeliveries, ReadNotifications, Reader, WalkLists,
};
use domain::{
    ByMail, Channel, Choices, CustomerId, Notification, NotificationKind, NotificationList, Reach,
    TenantId,
};

use crate::build::{a_notice, tenant};
use crate::{must, must_fail, must_have};

fn somebody(name: &str) -> (TenantId, CustomerId) {
    (tenant(), must(CustomerId::parse(name)))
}

fn notification(number: u64) -> Notification {
    Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::Sent,
        texted: false,
        read: false,
    }
}

/// Keeps 1 to a number.
async fn keep_up_to(store: &impl KeepNotifications, reader: Reader<'_>, last: u64) {
    for number in 1..=last {
        must(store.keep(reader, notification(number)).await);
    }
}

async fn numbers_from(store: &impl ReadNotifications, reader: Reader<'_>, from: u64) -> Vec<u64> {
    let found = must(store.notifications(reader, from, 100).await);
    found.iter().map(|it| it.number).collect()
}

/// Whose list nobody has written to has none, and nothing in it.
pub async fn knows_of_no_list_at_first(store: &impl ReadNotifications) {
    let (tenant, alice) = somebody("alice");
    let list = must(store.list_of((&tenant, &alice)).await);
    assert_eq!(list, NotificationList::default());
    assert!(numbers_from(store, (&tenant, &alice), 1).await.is_empty());
}

/// Nothing of a notification is lost.
pub async fn reads_back_a_whole_notification(store: &impl KeepNotifications) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let all = [ByMail::Sent, ByMail::SwitchedOff, ByMail::NoAddress];
    for (number, by_mail) in (1..).zip(all) {
        let mut wanted = notification(number);
        wanted.by_mail = by_mail;
        wanted.texted = number == 3;
        if number == 2 {
            wanted.notice.data.clear();
        }
        assert_eq!(must(store.keep(reader, wanted.clone()).await), wanted);
        let found = must(store.notifications(reader, number, 1).await);
        assert_eq!(found, [wanted]);
    }
}

/// Only the next number is taken.
pub async fn numbers_a_list_without_gaps(store: &impl KeepNotifications) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 2).await;
    for wrong in [1, 2, 4] {
        let another = Notification {
            number: wrong,
            ..notification(7)
        };
        let refused = must_fail(store.keep(reader, another).await);
        assert_eq!(refused, KeepError::Moved, "{wrong}");
    }
    must(store.keep(reader, notification(3)).await);
    assert_eq!(must(store.list_of(reader).await).last, 3);
    assert_eq!(numbers_from(store, reader, 1).await, [1, 2, 3]);
}

/// The same event again is the first one, whatever number it comes with, and whatever was read.
pub async fn keeps_an_event_once<S: KeepNotifications + MarkRead>(store: &S) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 2).await;
    must(store.mark_read(reader, &[1]).await);
    for number in [1, 3] {
        let mut again = notification(1);
        again.number = number;
        again.by_mail = ByMail::NoAddress;
        let first = must(store.keep(reader, again).await);
        assert_eq!((first.number, first.by_mail), (1, ByMail::Sent));
        assert!(first.read);
    }
    assert_eq!(must(store.list_of(reader).await).last, 2);
    assert_eq!(numbers_from(store, reader, 1).await, [1, 2]);
}

/// Of two that want a number at the same time one gets it.
pub async fn gives_a_number_to_one(store: &impl KeepNotifications) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let other = Notification {
        number: 1,
        ..notification(2)
    };
    let (one, two) = futures::join!(
        store.keep(reader, notification(1)),
        store.keep(reader, other)
    );
    let kept: Vec<_> = [&one, &two].into_iter().flatten().collect();
    let [kept] = &kept[..] else {
        panic!("{one:?}, {two:?}");
    };
    let found = must(store.notifications(reader, 1, 10).await);
    assert_eq!(found, [(*kept).clone()]);
}

/// Readers, and readers of the same id in two shops, have lists of their own.
pub async fn lists_of_two_readers_are_apart<S: KeepNotifications + MarkRead>(store: &S) {
    let (tenant, alice) = somebody("alice");
    let (_, bob) = somebody("bob");
    let elsewhere = must(TenantId::parse("elsewhere"));
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 2).await;
    must(store.mark_read_up_to(reader, 1).await);
    for stranger in [(&tenant, &bob), (&elsewhere, &alice)] {
        let list = must(store.list_of(stranger).await);
        assert_eq!((list.last, list.read_up_to), (0, 0));
        assert!(numbers_from(store, stranger, 1).await.is_empty());
        must(store.mark_read(stranger, &[2]).await);
    }
    let found = must(store.notifications(reader, 2, 1).await);
    assert!(found.iter().all(|it| !it.read), "{found:?}");
}

/// From a number on, as many as were asked for.
pub async fn tells_a_page_of_what_is_there(store: &impl KeepNotifications) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 12).await;
    let page = must(store.notifications(reader, 4, 3).await);
    let page: Vec<_> = page.iter().map(|it| it.number).collect();
    assert_eq!(page, [4, 5, 6]);
    assert_eq!(numbers_from(store, reader, 11).await, [11, 12]);
    assert!(numbers_from(store, reader, 13).await.is_empty());
    assert_eq!(must(store.notifications(reader, 1, 0).await), []);
}

/// A mark that comes late, or twice, changes nothing.
pub async fn marks_are_never_taken_back<S: KeepNotifications + MarkRead>(store: &S) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 5).await;
    for up_to in [3, 2, 3, 0] {
        must(store.mark_read_up_to(reader, up_to).await);
        assert_eq!(must(store.list_of(reader).await).read_up_to, 3, "{up_to}");
    }
    assert_eq!(must(store.mark_read(reader, &[5, 6, 1]).await), [6]);
    assert!(must(store.mark_read(reader, &[5]).await).is_empty());
    let list = must(store.list_of(reader).await);
    let found = must(store.notifications(reader, 1, 10).await);
    let read: Vec<_> = found.iter().map(|it| list.has_read(it)).collect();
    assert_eq!(read, [true, true, true, false, true]);
}

/// What comes later is not read yet, whatever was marked before.
pub async fn marks_nothing_that_was_not_told<S: KeepNotifications + MarkRead>(store: &S) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    must(store.mark_read_up_to(reader, 1).await);
    assert_eq!(must(store.mark_read(reader, &[1, 2]).await), [1, 2]);
    keep_up_to(store, reader, 2).await;
    must(store.mark_read_up_to(reader, 3).await);
    let list = must(store.list_of(reader).await);
    let found = must(store.notifications(reader, 1, 10).await);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|it| !list.has_read(it)), "{found:?}");
}

/// The last choice of a kind counts; kinds that are not named stay as they are.
pub async fn leaves_the_choices_that_are_not_named<S>(store: &S)
where
    S: KeepNotifications + KeepChoices,
{
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let [placed, shipped] = [
        NotificationKind::OrderPlaced,
        NotificationKind::OrderShipped,
    ];
    let none = Choices::default;
    must(store.switch_off(reader, shipped).await);
    for (said, on, off) in [
        (none(), vec![], vec![shipped]),
        (none().with(placed, true), vec![placed], vec![shipped]),
        (none().with(shipped, true), vec![placed, shipped], vec![]),
        (
            none().with(shipped, false).with(placed, true),
            vec![placed],
            vec![shipped],
        ),
        (
            none().with(shipped, true).with(placed, false),
            vec![shipped],
            vec![placed],
        ),
    ] {
        must(store.choose(reader, Channel::Email, &said).await);
        let wanted = Choices {
            on: on.into_iter().collect(),
            off: off.into_iter().collect(),
        };
        assert_eq!(must(store.list_of(reader).await).email, wanted, "{said:?}");
    }
    must(store.switch_off(reader, shipped).await);
    keep_up_to(store, reader, 1).await;
    let list = must(store.list_of(reader).await);
    let both = none().with(placed, false).with(shipped, false);
    assert_eq!((list.last, list.email), (1, both));
    assert_eq!(list.sms, none(), "each channel for itself");
    let texts = none().with(placed, true).with(shipped, false);
    must(store.choose(reader, Channel::Sms, &texts).await);
    let list = must(store.list_of(reader).await);
    assert_eq!(list.sms, texts);
}

/// What an account said before does not undo what it said later.
pub async fn hears_the_newest_of_an_account(store: &impl KeepNotifications) {
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let reach = |takes_mail, phone: Option<&str>| Reach {
        takes_mail,
        texts_to: phone.map(str::to_owned),
    };
    let third = reach(false, Some("+441632960001"));
    for (said, version, wanted) in [
        (third.clone(), 3, third.clone()),
        (reach(true, None), 2, third),
        (reach(true, None), 4, reach(true, None)),
    ] {
        must(store.note_reach(reader, &said, version).await);
        let list = must(store.list_of(reader).await);
        assert_eq!(list.reach, wanted, "{version}");
    }
}

/// It is empty, its marks and choices too, and nothing gets in any more; and again.
pub async fn forgets_a_list_for_good<S>(store: &S)
where
    S: KeepNotifications + KeepChoices + MarkRead + ForgetNotifications,
{
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 101).await;
    must(store.mark_read_up_to(reader, 7).await);
    must(
        store
            .switch_off(reader, NotificationKind::OrderShipped)
            .await,
    );
    for _ in 0..2 {
        must(store.forget_notifications(reader).await);
    }
    must(
        store
            .switch_off(reader, NotificationKind::OrderShipped)
            .await,
    );
    let wanted = Choices::default().with(NotificationKind::OrderShipped, true);
    must(store.choose(reader, Channel::Sms, &wanted).await);
    must(store.note_reach(reader, &Reach::default(), 9).await);
    must(store.mark_read_up_to(reader, 9).await);
    let refused = must_fail(store.keep(reader, notification(102)).await);
    assert_eq!(refused, KeepError::Moved);
    let wanted = NotificationList {
        last: 101,
        closed: true,
        ..NotificationList::default()
    };
    assert_eq!(must(store.list_of(reader).await), wanted);
    for from in [1, 101] {
        assert!(numbers_from(store, reader, from).await.is_empty());
    }
}

/// Who is interrupted leaves the newest, and the next run removes it. Give what lets the last of a
/// hundred and one removals fail.
pub async fn forgets_what_was_left_of_a_list<S>(store: &S, interrupt: impl FnOnce())
where
    S: KeepNotifications + ForgetNotifications,
{
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    keep_up_to(store, reader, 101).await;
    interrupt();
    must_fail(store.forget_notifications(reader).await);
    let left = |from| numbers_from(store, reader, from);
    assert_eq!((left(1).await, left(101).await), (vec![], vec![101]));
    must(store.forget_notifications(reader).await);
    assert!(left(101).await.is_empty());
}

/// An event that is in a list was not tried to be mailed by that; one that was mailed can still come
/// into a list.
pub async fn an_event_of_a_list_is_mailed_as_any_other<S>(store: &S)
where
    S: KeepNotifications + CountDeliveries + ReadDeliveries,
{
    let (tenant, alice) = somebody("alice");
    let reader = (&tenant, &alice);
    let first = notification(1).notice.id;
    keep_up_to(store, reader, 1).await;
    assert_eq!(
        must(store.deliveries(std::slice::from_ref(&first)).await),
        []
    );
    assert_eq!(must(store.claim(&first).await), Delivery::First);
    must(store.sent(&first).await);
    let second = notification(2).notice.id;
    must(store.claim(&second).await);
    must(store.sent(&second).await);
    must(store.keep(reader, notification(2)).await);
    for id in [first, second] {
        let told = must(store.deliveries(std::slice::from_ref(&id)).await);
        assert_eq!(must_have(told.first()).1, DeliveryOutcome::Sent, "{id}");
        assert_eq!(must(store.claim(&id).await), Delivery::Sent);
    }
}

/// Each notification once, as it is now, and each list that was closed; nothing else of the table.
pub async fn goes_through_all_lists<S>(store: &S)
where
    S: KeepNotifications + MarkRead + CountDeliveries + ForgetNotifications + WalkLists,
{
    let (tenant, alice) = somebody("alice");
    let (_, bob) = somebody("bob");
    let (_, eve) = somebody("eve");
    let (alice, bob, eve) = ((&tenant, &alice), (&tenant, &bob), (&tenant, &eve));
    keep_up_to(store, alice, 2).await;
    must(store.mark_read(alice, &[2]).await);
    must(store.keep(bob, told_to_bob()).await);
    must(store.claim("mail").await);
    must(store.forget_notifications(eve).await);
    let heard = |reader: Reader<'_>, news| Heard {
        tenant: reader.0.clone(),
        reader: reader.1.clone(),
        news,
    };
    let mut read = notification(2);
    read.read = true;
    let wanted = [
        heard(alice, ListNews::Told(notification(1))),
        heard(alice, ListNews::Told(read)),
        heard(bob, ListNews::Told(told_to_bob())),
        heard(eve, ListNews::Closed),
    ];
    let (mut found, mut from) = (Vec::new(), None);
    loop {
        let page = must(store.all_lists(from.as_deref()).await);
        assert_eq!(page.unreadable, 0);
        found.extend(page.heard);
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for it in &wanted {
        assert!(found.contains(it), "{it:?}");
    }
}

/// The first of another list.
fn told_to_bob() -> Notification {
    Notification {
        number: 1,
        ..notification(9)
    }
}
