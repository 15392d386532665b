//! Checks of [`KeepSendings`] and [`ListSendings`].

use domain::ports::{KeepSendings, ListSendings, SaveError};
use domain::{ByMail, Channel, CustomerId, Notification, Says, Sending};

use crate::build::{a_notice, at, tenant};
use crate::{must, must_fail};

/// Of a notification, not stored yet: it is due at the second of its number.
fn a_sending(number: u64) -> Sending {
    let notification = Notification {
        number,
        notice: a_notice(number),
        by_mail: ByMail::Sent,
        texted: true,
        read: false,
    };
    let reader = must(CustomerId::parse("alice"));
    Sending::of(Channel::Sms, (&tenant(), &reader), &notification)
}

async fn stored(store: &impl KeepSendings, sending: &Sending) -> Option<Sending> {
    let ids = [sending.message.clone()];
    must(store.sendings(sending.channel, &ids).await).pop()
}

/// What was saved is read back whole, however it stands; each channel for itself.
pub async fn reads_back_a_sending(store: &impl KeepSendings) {
    let mut sending = a_sending(1);
    assert_eq!(stored(store, &sending).await, None);
    sending = must(store.save_sending(sending).await);
    assert_eq!(stored(store, &sending).await, Some(sending.clone()));
    let changes: [fn(&mut Sending); 6] = [
        |it| assert!(it.begin(at(1))),
        |it| it.not_sent(at(2)),
        |it| it.declined(at(2)),
        Sending::sent,
        |it| it.refused("no such number"),
        |it| {
            it.open = 2;
            assert!(!it.begin(at(3)));
        },
    ];
    for (version, change) in (2..).zip(changes) {
        change(&mut sending);
        sending = must(store.save_sending(sending).await);
        assert_eq!(sending.version, version);
        assert_eq!(stored(store, &sending).await, Some(sending.clone()));
    }
    let mut mailed = a_sending(1);
    mailed.channel = Channel::Email;
    assert_eq!(stored(store, &mailed).await, None);
    must(store.save_sending(mailed).await);
    assert_eq!(stored(store, &sending).await, Some(sending));
    let message = "account/alice/3".to_owned();
    let reader = must(CustomerId::parse("alice"));
    let code = Sending::of_phone_code(message, (&tenant(), &reader), 3, at(9));
    let code = must(store.save_sending(code).await);
    assert_eq!(stored(store, &code).await, Some(code));
}

/// Of two who read the same one writes; of two who begin it, too.
pub async fn refuses_a_sending_that_moved_meanwhile(store: &impl KeepSendings) {
    let first = must(store.save_sending(a_sending(1)).await);
    let mut late = a_sending(1);
    late.says = Says::Notification(9);
    let refused = must_fail(store.save_sending(late).await);
    assert_eq!(refused, SaveError::Conflict(Some(Box::new(first.clone()))));
    let (mut one, mut other) = (first.clone(), first);
    one.sent();
    other.refused("no such number");
    let one = must(store.save_sending(one).await);
    let refused = must_fail(store.save_sending(other).await);
    assert_eq!(refused, SaveError::Conflict(Some(Box::new(one))));
}

/// Only what has not ended, from the time of the next try on, the longest due first.
pub async fn lists_the_sendings_that_are_due<S: KeepSendings + ListSendings>(store: &S) {
    let due = async |seconds, limit| {
        let due = store.sendings_due(Channel::Sms, at(seconds), limit).await;
        must(due)
    };
    let [mut one, two, three] = [1, 2, 3].map(a_sending);
    let name = |it: &Sending| it.message.clone();
    for sending in [&three, &two] {
        must(store.save_sending(sending.clone()).await);
    }
    one = must(store.save_sending(one).await);
    assert_eq!(due(1, 9).await, Vec::<String>::new());
    assert_eq!(due(3, 9).await, [name(&one), name(&two)]);
    assert_eq!(due(9, 2).await, [name(&one), name(&two)]);
    one.not_tried(at(5));
    one = must(store.save_sending(one).await);
    assert_eq!(due(9, 9).await, [name(&two), name(&three), name(&one)]);
    one.sent();
    must(store.save_sending(one).await);
    assert_eq!(due(9, 9).await, [name(&two), name(&three)]);
}
