//! The words of each event, as its reader sees them.

use contracts::events::{account_changed, envelopes_of_order};
use domain::{
    Aggregate, Failure, FailureCode, Order, OrderCommand, PasswordHash, RefundId, Sequence,
    TrackingNumber,
};
use testkit::build::{an_account, an_order, at, order_id};

use super::*;

/// What is told because of the newest event of an order.
fn last(order: &Order) -> Told {
    let mut events = envelopes_of_order(order, Sequence::NONE);
    told_by(&events.pop().unwrap()).unwrap().unwrap()
}

/// As a person reads it.
fn read(told: &Told) -> String {
    let notice = &told.notice;
    let data: Vec<_> = notice
        .data
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let id = order_id(1).to_string();
    let (kind, data) = (notice.kind.name(), data.join(" "));
    format!("{kind}: {}\n{}\n{data}", notice.title, notice.message).replace(&id, "ORDER")
}

#[test]
fn a_notice_says_whom_it_concerns_and_is_known_by_its_event() {
    let told = last(&an_order().pending());
    assert_eq!(
        (told.tenant.as_str(), told.reader.as_str()),
        ("main", "alice")
    );
    assert_eq!(told.notice.id, format!("order/{}/1", order_id(1)));
    assert_eq!(told.notice.at, at(0));
    insta::assert_snapshot!(read(&told), @"
    order-placed: We have your order ORDER
    Its total is 12.00 EUR. We tell you when it is paid.
    order_id=ORDER
    ");
}

#[test]
fn an_order_that_is_paid_says_what_for() {
    insta::assert_snapshot!(read(&last(&an_order().confirmed())), @"
    order-confirmed: Your order ORDER is confirmed
    Thank you. Your order is paid. Total: 12.00 EUR.
    order_id=ORDER
    ");
    let tariff = "tax=1900 EUR=490".parse().unwrap();
    let order = an_order().at_tariff(&tariff).confirmed();
    insta::assert_snapshot!(last(&order).notice.message, @"Thank you. Your order is paid. Subtotal: 12.00 EUR. Shipping: 4.90 EUR. Tax: 3.21 EUR. Total: 20.11 EUR.");
}

#[test]
fn an_order_that_failed_says_why() {
    let order = an_order().failed(FailureCode::PaymentDeclined);
    insta::assert_snapshot!(read(&last(&order)), @"
    order-failed: Your order ORDER could not be fulfilled
    We are sorry: your payment was declined: as a test wants it. You were not charged.
    order_id=ORDER reason=payment_declined
    ");
}

fn failed_for(code: FailureCode, detail: &str) -> Told {
    let mut order = an_order().pending();
    let (epoch, failure) = (order.epoch, Failure::new(code, detail));
    let decide = OrderCommand::DecideUnwinding { epoch, failure };
    for command in [decide, OrderCommand::Fail { epoch }] {
        order.execute(&command, at(9)).unwrap();
    }
    last(&order)
}

#[test]
fn every_reason_has_words() {
    for (code, words) in [
        (FailureCode::OutOfStock, "ran out"),
        (FailureCode::UnknownSku, "ran out"),
        (FailureCode::PaymentDeclined, "was declined"),
        (FailureCode::ActionRequired, "was not confirmed"),
        (FailureCode::PaymentUnavailable, "could not be reached"),
        (FailureCode::CaptureRefused, "could not be completed"),
        (FailureCode::AddressRejected, "this address"),
        (FailureCode::Internal, "on our side"),
    ] {
        let message = failed_for(code, "").notice.message;
        assert!(message.contains(words), "{message}");
    }
}

/// What is known better than the reason alone: which SKU, why the card was declined.
#[test]
fn a_failure_says_what_is_known() {
    let detail = "LAMP-1 ran out: 2 ordered, 1 left";
    let told = failed_for(FailureCode::OutOfStock, detail);
    insta::assert_snapshot!(told.notice.message, @"We are sorry: LAMP-1 ran out: 2 ordered, 1 left. You were not charged.");
}

#[test]
fn an_order_that_was_cancelled_in_time_cost_nothing() {
    let order = an_order().failed(FailureCode::CancelledByCustomer);
    insta::assert_snapshot!(read(&last(&order)), @"
    order-cancelled: Your order ORDER is cancelled
    As you asked, your order is cancelled. You were not charged.
    order_id=ORDER
    ");
}

#[test]
fn a_refund_says_how_much_went_back() {
    let mut order = an_order().confirmed();
    order.execute(&OrderCommand::RequestCancel, at(5)).unwrap();
    let id = RefundId::of_cancel();
    let record = OrderCommand::RecordRefunded { id };
    order.execute(&record, at(6)).unwrap();
    insta::assert_snapshot!(read(&last(&order)), @"
    order-refunded: Money for your order ORDER went back
    We sent a refund of 12.00 EUR to where you paid from. It may take some days to arrive.
    order_id=ORDER refund_id=cancel
    ");
}

#[test]
fn a_parcel_is_told_when_it_leaves_and_when_it_arrives() {
    let mut order = an_order().confirmed();
    let tracking = TrackingNumber::parse("GB123456785").unwrap();
    let left = OrderCommand::RecordShipped { tracking };
    order.execute(&left, at(5)).unwrap();
    insta::assert_snapshot!(read(&last(&order)), @"
    order-shipped: Your order ORDER is on its way
    Your parcel has left us. You can follow it by its number GB123456785.
    order_id=ORDER tracking_number=GB123456785
    ");
    order
        .execute(&OrderCommand::RecordDelivered, at(6))
        .unwrap();
    insta::assert_snapshot!(read(&last(&order)), @"
    order-delivered: Your order ORDER has arrived
    The carrier says that your parcel was delivered.
    order_id=ORDER
    ");
}

#[test]
fn a_new_password_and_a_new_address_are_told_without_either() {
    let mut alice = an_account("alice");
    alice.version = 2;
    alice.change_password(PasswordHash("new".to_owned()), at(9));
    let told = told_by(&account_changed(&alice)).unwrap().unwrap();
    assert_eq!(told.reader, alice.id);
    insta::assert_snapshot!(read(&told), @"
    account-security: Your password was changed
    You were signed out everywhere. If it was not you, set another one at once.
    ");
    let there = domain::Email::parse("liddell@example.org").unwrap();
    assert_eq!(alice.change_email(there, at(2_000)), Ok(true));
    let told = told_by(&account_changed(&alice)).unwrap().unwrap();
    insta::assert_snapshot!(read(&told), @"
    account-security: The address of your account was changed
    You sign in with the new one, and were signed out everywhere. If it was not you, tell us at once.
    ");
}

#[test]
fn most_events_are_told_to_nobody() {
    let order = an_order().unwinding(FailureCode::CancelledByCustomer);
    let [placed] = &envelopes_of_order(&order, Sequence::NONE)[..] else {
        panic!("nothing of it is news but its placement");
    };
    let mut unknown = placed.clone();
    unknown.event_type = "cartwright.order.gift-wrapped.v1".to_owned();
    let registered = account_changed(&an_account("alice"));
    for event in [unknown, registered] {
        assert_eq!(told_by(&event).unwrap(), None);
    }
}

#[test]
fn an_event_that_is_not_what_its_type_says_has_no_words() {
    let events = envelopes_of_order(&an_order().confirmed(), Sequence::NONE);
    let first = events.first().unwrap();
    let mut wrong = first.clone();
    wrong.data = serde_json::json!({"order_id": 7});
    assert!(matches!(told_by(&wrong), Err(WordingError::Event(_))));
    let mut wrong = first.clone();
    wrong.tenant = None;
    assert!(matches!(told_by(&wrong), Err(WordingError::Nowhere)));
    let mut wrong = first.clone();
    wrong.data["customer_id"] = "two words".into();
    assert!(matches!(told_by(&wrong), Err(WordingError::Id(_))));
}

/// How a text reads of this title.
fn texted(title: &str, tracking: Option<&str>) -> String {
    let mut notice = last(&an_order().pending()).notice;
    notice.title = title.to_owned();
    let tracking = tracking.map(|number| ("tracking_number".to_owned(), number.to_owned()));
    notice.data.extend(tracking);
    text_of(&notice, "7K2M9QXA")
}

#[test]
fn a_text_says_the_title_and_its_reference() {
    assert_eq!(texted("It left", None), "It left. Ref. 7K2M9QXA");
    let tracked = texted("It left", Some("CW-1"));
    assert_eq!(tracked, "It left. Its number: CW-1. Ref. 7K2M9QXA");
    let ours = text_of(&last(&an_order().confirmed()).notice, "7K2M9QXA");
    insta::assert_snapshot!(ours, @"Your order 00000000-0000-8000-8000-000000000001 is confirmed. Ref. 7K2M9QXA");
}

#[test]
fn a_code_is_a_text_of_one_part_that_begins_with_it() {
    let text = code_text("012345", "7K2M9QXA");
    insta::assert_snapshot!(text, @"012345 is the code that shows that this number is yours. Good for 5 minutes. Nobody of ours asks you for it. Ref. 7K2M9QXA");
    assert!(text.chars().count() <= 160);
}

#[test]
fn a_text_is_one_part_whatever_it_says() {
    for (letter, most) in [("a", 160), ("é", 160), ("я", 70), ("{", 70)] {
        let text = texted(&letter.repeat(300), Some("CW-1"));
        assert_eq!(text.chars().count(), most, "{letter}");
        assert!(text.ends_with(" Ref. 7K2M9QXA"), "{text}");
    }
}
