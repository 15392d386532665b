//! Events of orders against mails, contacts and inbox in memory.

use contracts::events::envelopes_of_order;
use domain::{FailureCode, Order, Sequence};
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{an_order, order_id};
use testkit::fakes::{FakeMailer, FakeRealtime, Fault, MailFault};

use super::*;

mod accounts;

fn links() -> Links {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    Links::new(tokens, "https://shop.example.org/account/")
}

#[derive(Default)]
struct World {
    realtime: FakeRealtime,
    mailer: FakeMailer,
}

impl World {
    async fn take(&self, event: &Envelope) -> Result<(), ErrorName> {
        let taken = handle(&self.realtime, &self.mailer, &links(), event.clone()).await;
        taken.map_err(|error| error.name())
    }

    async fn take_all(&self, events: &[Envelope]) {
        for event in events {
            assert_eq!(self.take(event).await, Ok(()), "{}", event.id);
        }
    }

    /// All events of the order but the last, which says how it ended.
    async fn before_the_end(events: &[Envelope]) -> (Self, &Envelope) {
        let world = Self::default();
        let (last, before) = events.split_last().unwrap();
        world.take_all(before).await;
        (world, last)
    }

    fn subjects(&self) -> Vec<String> {
        let sent = self.mailer.sent();
        sent.into_iter().map(|mail| mail.subject).collect()
    }

    fn applied(&self) -> Sequence {
        self.realtime.applied_of(&format!("order/{}", order_id(1)))
    }
}

fn events_of(order: &Order) -> Vec<Envelope> {
    envelopes_of_order(order, Sequence::NONE)
}

fn confirmed() -> Vec<Envelope> {
    events_of(&an_order().with_contact("ada@example.org").confirmed_late())
}

#[tokio::test]
async fn tells_the_customer_once_that_the_order_is_confirmed() {
    let world = World::default();
    world.take_all(&confirmed()).await;
    let [mail] = &world.mailer.sent()[..] else {
        panic!("{:?}", world.mailer.sent());
    };
    assert_eq!(mail.to, "ada@example.org");
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    Your order 00000000-0000-8000-8000-000000000001 is confirmed

    Thank you. Your order is paid. Total: 12.00 EUR.
    "#);
}

#[tokio::test]
async fn tells_the_customer_once_why_the_order_failed() {
    let order = an_order().with_contact("ada@example.org");
    let world = World::default();
    let failed = events_of(&order.failed(FailureCode::PaymentDeclined));
    world.take_all(&failed).await;
    let [mail] = &world.mailer.sent()[..] else {
        panic!("{:?}", world.mailer.sent());
    };
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r#"
    Your order 00000000-0000-8000-8000-000000000001 could not be fulfilled

    We are sorry: your payment was declined. You were not charged.
    "#);
}

#[tokio::test]
async fn every_reason_has_words_without_internals() {
    for (code, words) in [
        (FailureCode::OutOfStock, "no longer in stock"),
        (FailureCode::UnknownSku, "no longer in stock"),
        (FailureCode::PaymentUnavailable, "could not be completed"),
        (FailureCode::CaptureRefused, "could not be completed"),
        (FailureCode::AddressRejected, "your address"),
        (FailureCode::Internal, "on our side"),
    ] {
        let order = an_order().with_contact("ada@example.org").failed(code);
        let world = World::default();
        world.take_all(&events_of(&order)).await;
        let text = &world.mailer.sent()[0].text;
        assert!(text.contains(words), "{text}");
        assert!(!text.contains("as a test wants it"), "{text}");
    }
}

#[tokio::test]
async fn says_nothing_on_the_way_or_after_a_cancellation() {
    let order = an_order().with_contact("ada@example.org");
    let world = World::default();
    let cancelled = events_of(&order.failed(FailureCode::CancelledByCustomer));
    world.take_all(&cancelled).await;
    assert_eq!(world.mailer.sent(), []);
    assert_eq!(world.applied(), Sequence(2));
}

#[tokio::test]
async fn nobody_is_told_where_there_is_no_contact() {
    let world = World::default();
    world.take_all(&events_of(&an_order().confirmed())).await;
    assert_eq!(world.mailer.sent(), []);
    assert_eq!(world.applied(), Sequence(2));
}

#[tokio::test]
async fn the_contact_is_kept_from_the_placement() {
    let world = World::default();
    world.take_all(&confirmed()[..1]).await;
    let contact = world.realtime.contact(order_id(1)).await.unwrap();
    assert_eq!(contact.unwrap().email, "ada@example.org");
}

#[tokio::test]
async fn an_event_that_was_seen_is_acknowledged_without_a_mail() {
    let events = confirmed();
    let world = World::default();
    world.take_all(&events).await;
    world.take_all(&events).await;
    assert_eq!(world.mailer.sent().len(), 1);
}

#[tokio::test]
async fn an_event_that_came_too_early_goes_back() {
    let events = confirmed();
    let world = World::default();
    assert_eq!(world.take(&events[2]).await, Err(ErrorName::Conflict));
    assert_eq!(world.mailer.sent(), []);
    world.take_all(&events).await;
    assert_eq!(world.mailer.sent().len(), 1);
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_stops_nothing() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    world.mailer.fail_next(MailFault::Refused);
    assert_eq!(world.take(completed).await, Ok(()));
    assert_eq!(world.applied(), Sequence(3));
    assert_eq!(world.mailer.sent(), []);
}

#[tokio::test]
async fn a_mail_that_was_certainly_not_sent_is_tried_until_it_is() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    for _ in 0..5 {
        world.mailer.fail_next(MailFault::NotSent);
        assert_eq!(world.take(completed).await, Err(ErrorName::Unavailable));
    }
    assert_eq!(world.take(completed).await, Ok(()));
    assert_eq!(world.mailer.sent().len(), 1);
}

#[tokio::test]
async fn a_mail_without_a_known_outcome_is_sent_at_most_twice() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    for _ in 0..2 {
        world.mailer.fail_next(MailFault::UnknownAfter);
        assert_eq!(world.take(completed).await, Err(ErrorName::Unavailable));
    }
    for _ in 0..3 {
        assert_eq!(world.take(completed).await, Err(ErrorName::Internal));
    }
    assert_eq!(world.mailer.sent().len(), 2);
    assert_eq!(world.applied(), Sequence(2), "it ends in the dead letters");
}

#[tokio::test]
async fn a_mail_that_was_sent_is_not_sent_again_when_the_inbox_lagged() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    world.realtime.fail_next_write(Fault::AppliedButError);
    assert_eq!(world.take(completed).await, Err(ErrorName::Unavailable));
    assert_eq!(world.take(completed).await, Ok(()));
    assert_eq!(world.mailer.sent().len(), 1);
}

#[tokio::test]
async fn an_event_that_is_not_what_its_type_says_goes_back() {
    let mut events = confirmed();
    events[0].data = json!({"order_id": 7});
    let world = World::default();
    assert_eq!(world.take(&events[0]).await, Err(ErrorName::BadInput));
    let mut events = events_of(&an_order().failed(FailureCode::OutOfStock));
    let world = World::default();
    world.take_all(&events[..1]).await;
    events[1].data = json!({});
    assert_eq!(world.take(&events[1]).await, Err(ErrorName::BadInput));
}

#[tokio::test]
async fn an_event_of_a_type_that_nobody_knows_yet_is_passed_over() {
    let mut events = confirmed();
    events[1].event_type = "cartwright.order.gift-wrapped.v1".to_owned();
    let world = World::default();
    world.take_all(&events).await;
    assert_eq!(world.subjects().len(), 1);
}

/// A batch as SQS hands it to the function: two orders, of which one has a gap.
#[tokio::test]
async fn answers_the_queue_through_the_runner() {
    let event: Value = serde_json::from_str(include_str!("../fixtures/notify-queue.json")).unwrap();
    let world = World::default();
    let links = links();
    let handler = async |event| handle(&world.realtime, &world.mailer, &links, event).await;
    let answer = queue::answer(handler, event).await.unwrap();
    let answer = serde_json::to_string_pretty(&answer).unwrap();
    insta::assert_snapshot!(answer, @r#"
    {
      "batchItemFailures": [
        {
          "itemIdentifier": "5fea7756-0ea4-451a-a703-a558b933e272"
        },
        {
          "itemIdentifier": "5fea7756-0ea4-451a-a703-a558b933e274"
        }
      ]
    }
    "#);
    assert_eq!(world.applied(), Sequence(2));
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = ["REALTIME_TABLE", "MAIL_FROM", "LINK_KEY", "LINK_BASE"];
    assert_eq!(names, all);
}
