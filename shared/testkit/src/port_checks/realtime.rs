//! Checks of [`ForgetContacts`], [`CountDeliveries`] and [`ReadDeliveries`].

use domain::Contact;
use domain::ports::{
    Cause, CountDeliveries, Delivery, DeliveryOutcome, ForgetContacts, KeepContacts, ReadDeliveries,
};

use crate::build::order_id;
use crate::must;

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

/// What was tried is told with what became of it; what was not is not told.
pub async fn tells_what_was_sent<S: CountDeliveries + ReadDeliveries>(store: &S) {
    must(store.claim("order/1/2").await);
    must(store.sent("order/1/2").await);
    must(store.claim("order/1/3").await);
    must(store.claim("order/1/4").await);
    must(
        store
            .refused("order/1/4", &Cause("no such address".to_owned()))
            .await,
    );
    for _ in 0..2 {
        must(store.claim("order/1/5").await);
    }
    let [first, sent, tried, refused, unknown] =
        ["1", "2", "3", "4", "5"].map(|number| format!("order/1/{number}"));
    let asked = [tried, first, sent, refused, unknown];
    let told = must(store.deliveries(&asked).await);
    let [tried, _, sent, refused, unknown] = asked;
    let why = "no such address".to_owned();
    let wanted = [
        (tried, DeliveryOutcome::Open),
        (sent, DeliveryOutcome::Sent),
        (refused, DeliveryOutcome::Refused(why)),
        (unknown, DeliveryOutcome::Unknown),
    ];
    assert_eq!(told, wanted);
    assert_eq!(must(store.deliveries(&[]).await), []);
}

/// What can never be sent is not tried again.
pub async fn knows_what_was_refused(store: &impl CountDeliveries) {
    must(store.claim("a").await);
    must(
        store
            .refused("a", &Cause("no such address".to_owned()))
            .await,
    );
    assert_eq!(must(store.claim("a").await), Delivery::Refused);
}

/// First, second, over; each message for itself.
pub async fn counts_two_tries_and_gives_up(store: &impl CountDeliveries) {
    assert_eq!(must(store.claim("a").await), Delivery::First);
    assert_eq!(must(store.claim("a").await), Delivery::Second);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
    assert_eq!(must(store.claim("b").await), Delivery::First);
}

/// What was given up is not tried again, and nobody knows whether it was sent.
pub async fn gives_up_what_may_have_been_sent<S: CountDeliveries + ReadDeliveries>(store: &S) {
    must(store.claim("a").await);
    must(store.given_up("a").await);
    must(store.given_up("a").await);
    assert_eq!(must(store.claim("a").await), Delivery::GivenUp);
    let told = must(store.deliveries(&["a".to_owned()]).await);
    assert_eq!(told, [("a".to_owned(), DeliveryOutcome::Unknown)]);
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
