//! Numbers, choices and what was read.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn notice(kind: NotificationKind) -> Notice {
    Notice {
        id: "order/1/2".to_owned(),
        kind,
        title: "T".to_owned(),
        message: "M".to_owned(),
        data: BTreeMap::new(),
        at: at(0),
    }
}

fn by_mail(list: &NotificationList, kind: NotificationKind, has_address: bool) -> ByMail {
    list.next(notice(kind), has_address).unwrap().by_mail
}

#[test]
fn a_kind_is_known_by_its_name_again() {
    for kind in NotificationKind::ALL {
        assert_eq!(NotificationKind::from_name(kind.name()), Some(*kind));
    }
    assert_eq!(NotificationKind::from_name("gift-wrapped"), None);
}

#[test]
fn the_next_of_a_list_has_the_next_number() {
    let list = NotificationList {
        last: 6,
        ..NotificationList::default()
    };
    let next = list.next(notice(NotificationKind::OrderShipped), true);
    assert_eq!(next.map(|it| (it.number, it.read)), Some((7, false)));
}

#[test]
fn a_closed_list_takes_nothing() {
    let list = NotificationList {
        closed: true,
        ..NotificationList::default()
    };
    assert_eq!(
        list.next(notice(NotificationKind::OrderShipped), true),
        None
    );
}

#[test]
fn who_said_nothing_is_mailed_how_an_order_ends_but_not_that_it_came_in() {
    let list = NotificationList::default();
    let kind = NotificationKind::OrderPlaced;
    assert_eq!(by_mail(&list, kind, true), ByMail::SwitchedOff);
    let kind = NotificationKind::OrderConfirmed;
    assert_eq!(by_mail(&list, kind, true), ByMail::Sent);
    assert_eq!(by_mail(&list, kind, false), ByMail::NoAddress);
}

#[test]
fn a_choice_is_obeyed_and_the_last_one_counts() {
    let (kind, other) = (
        NotificationKind::OrderShipped,
        NotificationKind::OrderPlaced,
    );
    let mut list = NotificationList::default();
    list.email = list.email.with(kind, false).with(other, true);
    assert_eq!(by_mail(&list, kind, true), ByMail::SwitchedOff);
    assert_eq!(by_mail(&list, other, true), ByMail::Sent);
    list.email = list.email.with(kind, true).with(other, false);
    assert_eq!(by_mail(&list, kind, true), ByMail::Sent);
    assert_eq!(by_mail(&list, other, true), ByMail::SwitchedOff);
}

#[test]
fn an_account_without_mail_is_mailed_only_what_is_about_its_security() {
    let mut list = NotificationList::default();
    list.reach.takes_mail = false;
    for kind in NotificationKind::ALL {
        list.email = list.email.with(*kind, false);
        let wanted = match kind {
            NotificationKind::AccountSecurity => ByMail::Sent,
            _ => ByMail::SwitchedOff,
        };
        assert_eq!(by_mail(&list, *kind, true), wanted, "{}", kind.name());
    }
}

#[test]
fn a_text_goes_out_only_where_its_kind_was_asked_for_and_there_is_a_number() {
    let mut list = NotificationList::default();
    let (kind, other) = (
        NotificationKind::OrderShipped,
        NotificationKind::OrderConfirmed,
    );
    let texted = |list: &NotificationList, kind| list.next(notice(kind), true).unwrap().texted;
    list.sms = list.sms.with(kind, true);
    assert!(!texted(&list, kind), "there is no number");
    list.reach.texts_to = Some("+441632960001".to_owned());
    assert_eq!([kind, other].map(|it| texted(&list, it)), [true, false]);
    list.sms = list.sms.with(kind, false);
    assert!(!texted(&list, kind));
}

#[test]
fn a_notification_leaves_the_list_after_thirty_days() {
    let list = NotificationList::default();
    let kept = list.next(notice(NotificationKind::OrderShipped), true);
    assert_eq!(kept.unwrap().expires_at(), at(30 * 24 * 3_600));
}

#[test]
fn a_page_ends_where_the_list_does() {
    let window = |first, last| NumberWindow { first, last };
    for (page, wanted, count) in [
        (NumberWindow::before(8, 3), window(5, 7), 3),
        (NumberWindow::before(3, 3), window(1, 2), 2),
        (NumberWindow::before(1, 3), window(1, 0), 0),
        (NumberWindow::after(4, 3, 9), window(5, 7), 3),
        (NumberWindow::after(4, 3, 6), window(5, 6), 2),
        (NumberWindow::after(6, 3, 6), window(7, 6), 0),
        (NumberWindow::after(8, 3, 6), window(9, 6), 0),
    ] {
        assert_eq!((page, page.count()), (wanted, count));
    }
}

proptest! {
    /// A number is read exactly when it, or one at or after the mark, was ever marked.
    #[test]
    fn what_was_marked_is_read_and_nothing_else(
        up_to in 0_u64..20,
        marked in proptest::collection::btree_set(1_u64..20, 0..10),
    ) {
        let list = NotificationList { last: 20, read_up_to: up_to, ..NotificationList::default() };
        for number in 1..=20 {
            let read = marked.contains(&number);
            let kind = NotificationKind::OrderShipped;
            let it = Notification { number, notice: notice(kind), by_mail: ByMail::Sent, texted: false, read };
            prop_assert_eq!(list.has_read(&it), read || number <= up_to);
        }
    }
}
