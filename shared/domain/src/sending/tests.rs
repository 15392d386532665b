//! When a message is tried, and how often.

use proptest::prelude::*;

use super::*;
use crate::{ByMail, Notice, NotificationKind};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn a_sending(id: &str) -> Sending {
    let notification = Notification {
        number: 7,
        notice: Notice {
            id: id.to_owned(),
            kind: NotificationKind::OrderShipped,
            title: "T".to_owned(),
            message: "M".to_owned(),
            data: [].into(),
            at: at(0),
        },
        by_mail: ByMail::Sent,
        texted: true,
        read: false,
    };
    let tenant = TenantId::parse("main").unwrap();
    let reader = CustomerId::parse("alice").unwrap();
    Sending::of(Channel::Sms, (&tenant, &reader), &notification)
}

#[test]
fn a_message_is_due_at_once() {
    let sending = a_sending("order/1/2");
    assert_eq!(sending.step(at(-1)), Step::Nothing);
    assert_eq!(sending.step(at(0)), Step::Send);
}

#[test]
fn a_try_of_which_nothing_is_heard_is_looked_up_and_sent_once_more_at_most() {
    let mut sending = a_sending("order/1/2");
    assert!(sending.begin(at(0)));
    assert!(!sending.may_be_twice());
    assert_eq!(sending.step(at(119)), Step::Nothing);
    assert_eq!(sending.step(at(120)), Step::LookUp);
    assert!(sending.begin(at(120)));
    assert!(sending.may_be_twice());
    sending.unknown(at(122));
    assert_eq!(sending.step(at(182)), Step::LookUp);
    assert!(!sending.begin(at(182)));
    assert_eq!(sending.state, SendingState::GivenUp);
}

#[test]
fn what_sent_nothing_is_tried_later_each_time_and_for_ever() {
    let mut sending = a_sending("order/1/2");
    let (mut now, mut pauses) = (at(0), Vec::new());
    for _ in 0..40 {
        assert_eq!(sending.step(now), Step::Send);
        assert!(sending.begin(now));
        sending.not_sent(now);
        let next = sending.next_try().unwrap();
        pauses.push(next.duration_since(now).as_secs());
        now = next;
    }
    assert!((15..=30).contains(&pauses[0]), "{pauses:?}");
    assert!((30..=60).contains(&pauses[1]), "{pauses:?}");
    assert!(
        pauses[10..].iter().all(|it| (450..=900).contains(it)),
        "{pauses:?}"
    );
    let another = {
        let mut another = a_sending("order/2/2");
        another.later(at(0));
        another.next_try()
    };
    let mut first = a_sending("order/1/2");
    first.later(at(0));
    assert_ne!(first.next_try(), another, "they do not come again together");
}

#[test]
fn who_was_not_asked_is_asked_as_if_nothing_had_been() {
    let mut sending = a_sending("order/1/2");
    assert!(sending.begin(at(0)));
    sending.not_tried(at(9));
    assert_eq!(
        (sending.step(at(8)), sending.step(at(9))),
        (Step::Nothing, Step::Send)
    );
    assert_eq!(sending.failed, 0);
}

#[test]
fn what_has_ended_is_not_tried() {
    let ends: [fn(&mut Sending); 2] = [Sending::sent, |it| it.refused("no such number")];
    for end in ends {
        let mut sending = a_sending("order/1/2");
        assert!(sending.begin(at(0)));
        end(&mut sending);
        assert_eq!(
            (sending.step(Timestamp::MAX), sending.next_try()),
            (Step::Nothing, None)
        );
    }
}

#[test]
fn a_message_has_its_own_reference() {
    let reference = a_sending("order/1/2").reference();
    assert_eq!(reference, a_sending("order/1/2").reference());
    assert_ne!(reference, a_sending("order/1/3").reference());
    assert_eq!(reference.len(), 8);
    assert!(
        reference.bytes().all(|byte| LETTERS.contains(&byte)),
        "{reference}"
    );
}

proptest! {
    /// Whatever becomes of the tries, no more than two may have sent it.
    #[test]
    fn it_is_sent_at_most_twice(outcomes in prop::collection::vec(0..4_u8, 0..40)) {
        let mut sending = a_sending("order/1/2");
        let (mut now, mut may_have_sent) = (at(0), 0);
        for outcome in outcomes {
            let Some(next) = sending.next_try() else { break };
            now = now.max(next);
            // Nothing is found, so that all depends on the count.
            if !sending.begin(now) {
                break;
            }
            match outcome {
                0 => { may_have_sent += 1; sending.sent() }
                1 => { may_have_sent += 1; sending.unknown(now) }
                2 => sending.not_sent(now),
                _ => sending.not_tried(now),
            }
        }
        prop_assert!(may_have_sent <= 2);
    }
}
