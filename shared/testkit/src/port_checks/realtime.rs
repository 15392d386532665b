//! Checks of [`ForgetContacts`], [`Inbox`], [`CountDeliveries`] and [`ReadDeliveries`].

use domain::ports::{
    CountDeliveries, Delivery, ForgetContacts, Inbox, KeepContacts, ReadDeliveries, SaveError,
};
use domain::{Contact, Sequence};

use crate::build::order_id;
use crate::{must, must_fail};

/// A contact is there once it was put, for its order only.
pub async fn keeps_a_contact(store: &impl KeepContacts) {
    assert_eq!(must(store.contact(order_id(1)).await), None);
    let email = "ada@example.com".to_owned();
    let contact = Contact { email };
    must(store.put_contact(order_id(1), &contact).await);
    must(store.put_contact(order_id(1), &contact).await);
    assert_eq!(must(store.contact(order_id(1)).await), Some(contact));
    assert_eq!(must(store.contact(order_id(2)).await), None);
}

/// A contact that was forgotten is gone, that of another order is not; and again.
pub async fn forgets_a_contact(store: &impl ForgetContacts) {
    let email = "ada@example.com".to_owned();
    let contact = Contact { email };
    for order in [order_id(1), order_id(2)] {
        must(store.put_contact(order, &contact).await);
    }
    must(store.forget_contact(order_id(1)).await);
    must(store.forget_contact(order_id(1)).await);
    assert_eq!(must(store.contact(order_id(1)).await), None);
    assert_eq!(must(store.contact(order_id(2)).await), Some(contact));
}

/// What was tried is told with whether it was sent; what was not is not told.
pub async fn tells_what_was_sent<S: CountDeliveries + ReadDeliveries>(store: &S) {
    must(store.claim("order/1/2").await);
    must(store.sent("order/1/2").await);
    must(store.claim("order/1/3").await);
    let asked = ["order/1/3", "order/1/1", "order/1/2"].map(str::to_owned);
    let told = must(store.deliveries(&asked).await);
    let [tried, _, sent] = asked;
    assert_eq!(told, [(tried, false), (sent, true)]);
    assert_eq!(must(store.deliveries(&[]).await), []);
}

/// 0, 1, 2 …, each aggregate for itself.
pub async fn inbox_moves_one_sequence_at_a_time(store: &impl Inbox) {
    for sequence in 1..=3 {
        let before = must(store.applied("order/1").await);
        assert_eq!(before, Sequence(sequence - 1));
        must(store.advance("order/1", Sequence(sequence)).await);
    }
    assert_eq!(must(store.applied("order/1").await), Sequence(3));
    assert_eq!(must(store.applied("order/2").await), Sequence::NONE);
}

/// A move from elsewhere is a conflict that tells where the inbox is.
pub async fn inbox_tells_where_it_is(store: &impl Inbox) {
    let gap = must_fail(store.advance("order/1", Sequence(2)).await);
    assert_eq!(gap, SaveError::Conflict(Some(Box::new(Sequence::NONE))));
    must(store.advance("order/1", Sequence(1)).await);
    for elsewhere in [1, 3] {
        let error = must_fail(store.advance("order/1", Sequence(elsewhere)).await);
        assert_eq!(error, SaveError::Conflict(Some(Box::new(Sequence(1)))));
    }
    assert_eq!(must(store.applied("order/1").await), Sequence(1));
}

/// First, second, over; each message for itself.
pub async fn counts_two_tries_and_gives_up(store: &impl CountDeliveries) {
    assert_eq!(must(store.claim("a").await), Delivery::First);
    assert_eq!(must(store.claim("a").await), Delivery::Second);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
    assert_eq!(must(store.claim("b").await), Delivery::First);
}

/// What was sent is not tried again, however often it was tried.
pub async fn knows_what_was_sent(store: &impl CountDeliveries) {
    must(store.claim("a").await);
    must(store.sent("a").await);
    must(store.sent("a").await);
    assert_eq!(must(store.claim("a").await), Delivery::Sent);
    must(store.claim("b").await);
    must(store.claim("b").await);
    must(store.sent("b").await);
    must(store.not_sent("b").await);
    assert_eq!(must(store.claim("b").await), Delivery::Sent);
}

/// A try that certainly sent nothing does not count.
pub async fn takes_a_try_back(store: &impl CountDeliveries) {
    must(store.not_sent("a").await);
    for _ in 0..3 {
        assert_eq!(must(store.claim("a").await), Delivery::First);
        must(store.not_sent("a").await);
    }
    must(store.claim("a").await);
    assert_eq!(must(store.claim("a").await), Delivery::Second);
    must(store.not_sent("a").await);
    assert_eq!(must(store.claim("a").await), Delivery::Second);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
}
