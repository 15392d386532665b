//! What is in the customer's list, and what of it is mailed.

use contracts::events::{account_changed, account_moved};
use domain::ports::{
    DeliveryOutcome, ForgetNotifications, KeepChoices, ReadDeliveries, ReadNotifications,
};
use domain::{ByMail, Channel, Choices, Email, NotificationKind, PasswordHash, PhoneState, Says};
use identity::Unsubscribe;
use testkit::build::{an_account, customer, tenant};

use super::*;

impl World {
    /// What the customer of all tests was told: number, kind, and what was done by mail.
    fn list(&self) -> Vec<(u64, &'static str, ByMail)> {
        let told = self.realtime.told_to(&tenant(), &customer("alice"));
        let entry = |it: domain::Notification| (it.number, it.notice.kind.name(), it.by_mail);
        told.into_iter().map(entry).collect()
    }

    async fn outcome_of(&self, event: &Envelope) -> Option<DeliveryOutcome> {
        let told = self.realtime.deliveries(std::slice::from_ref(&event.id));
        told.await.unwrap().pop().map(|(_, outcome)| outcome)
    }
}

const PLACED: (u64, &str, ByMail) = (1, "order-placed", ByMail::SwitchedOff);
const CONFIRMED: (u64, &str, ByMail) = (2, "order-confirmed", ByMail::Sent);

#[tokio::test]
async fn an_order_s_life_is_in_its_customer_s_list_in_order() {
    let world = World::default();
    world.take_all(&confirmed()).await;
    assert_eq!(world.list(), [PLACED, CONFIRMED]);
    assert_eq!(world.subjects().len(), 1);
}

/// I6: however often an event comes, it is in the list once and mailed once.
#[tokio::test]
async fn an_event_that_comes_again_is_told_once() {
    let (world, events) = (World::default(), confirmed());
    world.take_all(&events[..2]).await;
    for fault in [Fault::AppliedButError, Fault::FailBefore] {
        world.realtime.fail_next_write(fault);
        assert_eq!(world.take(&events[2]).await, Err(ErrorName::Unavailable));
    }
    world.take_all(&events).await;
    assert_eq!(world.list(), [PLACED, CONFIRMED]);
    assert_eq!(world.subjects().len(), 1);
}

/// Whatever write is lost, on either side of it: the list has it once, the mail goes out once.
#[tokio::test]
async fn it_is_stored_before_it_is_sent_wherever_the_function_dies() {
    let events = confirmed();
    // Kept, claimed, sent, taken in.
    for write in 0..4 {
        for fault in [Fault::FailBefore, Fault::AppliedButError] {
            let (world, completed) = World::before_the_end(&events).await;
            world.realtime.fail_write_after(write, fault);
            assert_eq!(world.take(completed).await, Err(ErrorName::Unavailable));
            let (kept, sent) = (world.list().len(), world.subjects().len());
            assert!(kept > sent, "write {write}, {fault:?}: {kept}, {sent}");
            world.take_all(&events).await;
            world.send_later().await;
            assert_eq!(world.list(), [PLACED, CONFIRMED]);
            // Between the call and the note that it was made lies the one possible duplicate.
            let twice = usize::from(write == 2 && fault == Fault::FailBefore);
            assert_eq!(
                world.subjects().len(),
                1 + twice,
                "write {write}, {fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn two_orders_of_one_customer_share_one_row_of_numbers() {
    let world = World::default();
    for number in [1, 2] {
        let order = an_order().number(number).with_contact("ada@example.org");
        world.take_all(&events_of(&order.confirmed())).await;
    }
    let numbers: Vec<_> = world.list().into_iter().map(|it| it.0).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn without_an_address_it_is_kept_and_not_mailed() {
    let world = World::default();
    world.take_all(&events_of(&an_order().confirmed())).await;
    let last = world.list().pop();
    assert_eq!(last, Some((2, "order-confirmed", ByMail::NoAddress)));
    assert_eq!(world.mailer.sent(), []);
}

#[tokio::test]
async fn what_its_reader_switched_off_is_kept_and_not_mailed() {
    let (world, events) = (World::default(), confirmed());
    let alice = (tenant(), customer("alice"));
    let kind = NotificationKind::OrderConfirmed;
    let off = world.realtime.switch_off((&alice.0, &alice.1), kind);
    off.await.unwrap();
    world.take_all(&events[..2]).await;
    // Kept, but not noted as taken in: it comes again.
    world.realtime.fail_write_after(1, Fault::FailBefore);
    assert_eq!(world.take(&events[2]).await, Err(ErrorName::Unavailable));
    let last = world.list().pop();
    assert_eq!(last, Some((2, "order-confirmed", ByMail::SwitchedOff)));
    // What was decided stays, whatever they want later.
    let on = Choices::default().with(kind, true);
    let on = world
        .realtime
        .choose((&alice.0, &alice.1), Channel::Email, &on);
    on.await.unwrap();
    world.take_all(&events).await;
    assert_eq!(world.list().len(), 2);
    assert_eq!(world.mailer.sent(), []);
}

#[tokio::test]
async fn what_is_asked_for_is_mailed_though_it_is_not_usual() {
    let world = World::default();
    let alice = (tenant(), customer("alice"));
    let choices = Choices::default().with(NotificationKind::OrderPlaced, true);
    let chosen = world
        .realtime
        .choose((&alice.0, &alice.1), Channel::Email, &choices);
    chosen.await.unwrap();
    world.take_all(&confirmed()[..1]).await;
    let subject = format!("We have your order {}", order_id(1));
    assert_eq!(world.subjects(), [subject]);
}

/// Texts are noted, never sent here: the mail goes out, and nobody waits for a gateway.
#[tokio::test]
async fn who_wants_texts_has_one_noted_beside_the_mail() {
    let (world, events) = (World::default(), confirmed());
    let mut alice = an_account("alice");
    let mut profile = alice.profile.clone();
    profile.phone = Some("+441632960001".to_owned());
    profile.preferences.sms = true;
    assert!(alice.update(profile, at(1)));
    alice.phone.state = PhoneState::Confirmed;
    alice.version = 2;
    world.take_all(&[account_changed(&alice)]).await;
    let wanted = Choices::default().with(NotificationKind::OrderConfirmed, true);
    let reader = (tenant(), customer("alice"));
    let chosen = world
        .realtime
        .choose((&reader.0, &reader.1), Channel::Sms, &wanted);
    chosen.await.unwrap();
    world.take_all(&events).await;
    world.take_all(&events).await;
    let noted = world.realtime.all_sendings();
    let noted: Vec<_> = noted.iter().map(|it| (&*it.message, it.says)).collect();
    assert_eq!(noted, [(&*events[2].id, Says::Notification(2))]);
    assert_eq!(world.subjects().len(), 1);
    // No number any more, no texts.
    let mut profile = alice.profile.clone();
    profile.preferences.sms = false;
    assert!(alice.update(profile, at(2)));
    alice.version = 3;
    world.take_all(&[account_changed(&alice)]).await;
    let list = world
        .realtime
        .list_of((&reader.0, &reader.1))
        .await
        .unwrap();
    assert_eq!(list.reach.texts_to, None);
}

#[tokio::test]
async fn an_account_that_takes_no_mail_is_mailed_of_no_order() {
    let world = World::default();
    let mut alice = an_account("alice");
    alice.version = 1;
    let usual = account_changed(&alice);
    let mut profile = alice.profile.clone();
    profile.preferences.email = false;
    assert!(alice.update(profile, at(1)));
    alice.version = 2;
    // The event of before comes again, after it: the newest counts.
    world.take_all(&[account_changed(&alice)]).await;
    let mut late = usual;
    late.event_type = EventType::AccountUpdated.as_str().to_owned();
    world.take_all(&[late]).await;
    world.take_all(&confirmed()).await;
    assert_eq!(world.mailer.sent(), []);
    assert_eq!(world.list().len(), 2);
}

#[tokio::test]
async fn a_mail_that_can_never_be_sent_is_known_with_its_reason() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    world.mailer.fail_next(MailFault::Refused);
    world.take_all(&events).await;
    world.take_all(&events).await;
    let why = "no such address".to_owned();
    let outcome = world.outcome_of(completed).await;
    assert_eq!(outcome, Some(DeliveryOutcome::Refused(why)));
    assert_eq!(world.list(), [PLACED, CONFIRMED]);
}

#[tokio::test]
async fn a_mail_of_an_order_says_how_such_mails_end() {
    let world = World::default();
    world.take_all(&confirmed()).await;
    let mail = world.mailer.sent().pop().unwrap();
    let address = mail.unsubscribe.unwrap();
    let base = "https://api.example.org/api/v1/notifications/unsubscribe?token=";
    let token = address.strip_prefix(base).unwrap();
    let page = format!("https://shop.example.org/account/unsubscribe#token={token}\n");
    assert!(mail.text.ends_with(&page), "{}", mail.text);
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    let wanted = Unsubscribe {
        tenant: tenant(),
        reader: customer("alice"),
        kind: NotificationKind::OrderConfirmed,
    };
    assert_eq!(tokens.read_unsubscribe(token), Some(wanted));
}

#[tokio::test]
async fn who_was_erased_is_told_nothing_any_more() {
    let (world, events) = (World::default(), confirmed());
    world.take_all(&events[..2]).await;
    let alice = (tenant(), customer("alice"));
    let forgotten = world.realtime.forget_notifications((&alice.0, &alice.1));
    forgotten.await.unwrap();
    world.take_all(&events).await;
    assert_eq!((world.list(), world.mailer.sent()), (vec![], vec![]));
    assert_eq!(world.applied(), Sequence(3), "and nothing waits for it");
}

/// Their list is forgotten later; what waits goes out to nobody from now on.
#[tokio::test]
async fn who_was_erased_is_reached_by_nothing() {
    let world = World::default();
    let mut alice = an_account("alice");
    alice.version = 1;
    alice.profile.phone = Some("+441632960001".to_owned());
    alice.profile.preferences.sms = true;
    alice.phone.state = PhoneState::Confirmed;
    let mut updated = account_changed(&alice);
    updated.event_type = EventType::AccountUpdated.as_str().to_owned();
    let mut erased = updated.clone();
    erased.event_type = EventType::AccountErased.as_str().to_owned();
    erased.sequence += 1;
    let whose = (tenant(), customer("alice"));
    let reach = async || {
        let list = world.realtime.list_of((&whose.0, &whose.1)).await;
        list.unwrap().reach
    };
    world.take_all(&[updated]).await;
    assert!(reach().await.texts_to.is_some());
    world.take_all(&[erased]).await;
    assert_eq!(reach().await, Reach::NONE);
}

#[tokio::test]
async fn a_change_of_who_can_sign_in_is_in_the_list_without_its_link() {
    let world = World::default();
    let mut alice = an_account("alice");
    alice.version = 1;
    world.take_all(&[account_changed(&alice)]).await;
    alice.change_password(PasswordHash("new".to_owned()), at(9));
    alice.version = 2;
    let event = account_changed(&alice);
    world.take_all(&[event.clone(), event.clone()]).await;
    let told = [(1, "account-security", ByMail::Sent)];
    assert_eq!(world.list(), told);
    assert_eq!(world.subjects().len(), 2, "the link, and the change");
    let outcome = world.outcome_of(&event).await;
    assert_eq!(outcome, Some(DeliveryOutcome::Sent));
    let mail = world.mailer.sent().pop().unwrap();
    assert_eq!(mail.unsubscribe, None);
}

/// The list tells of the warning; the link went to another address.
#[tokio::test]
async fn of_a_new_address_the_list_knows_the_mail_to_the_old_one() {
    let world = World::default();
    let mut alice = an_account("alice");
    let before = alice.email.clone();
    let there = Email::parse("liddell@example.org").unwrap();
    assert_eq!(alice.change_email(there, at(9)), Ok(true));
    alice.version = 2;
    let event = account_moved(&alice, &before);
    world.mailer.fail_next(MailFault::Refused);
    world.take_all(std::slice::from_ref(&event)).await;
    assert_eq!(world.subjects(), ["Confirm your address"]);
    let outcome = world.outcome_of(&event).await;
    let why = "no such address".to_owned();
    assert_eq!(outcome, Some(DeliveryOutcome::Refused(why)));
}

/// Two events of one customer at once: the number that was taken is not given again.
#[tokio::test]
async fn who_is_overtaken_decides_anew_for_a_while() {
    let world = World::default();
    let events = events_of(&an_order().confirmed());
    world.realtime.fail_next_write(Fault::Conflict);
    world.take_all(&events[..1]).await;
    assert_eq!(world.list().len(), 1);
    for _ in 0..16 {
        world.realtime.fail_next_write(Fault::Conflict);
    }
    assert_eq!(world.take(&events[1]).await, Err(ErrorName::Conflict));
    world.take_all(&events).await;
    assert_eq!(world.list().len(), 2);
}
