//! Events of orders against mails, contacts and inbox in memory.

use contracts::events::envelopes_of_order;
use domain::{Aggregate, FailureCode, Order, OrderCommand, RefundId, Sequence};
use identity::LinkTokens;
use jiff::SignedDuration;
use lambda_boot::queue;
use serde_json::{Value, json};
use telling::{Driven, LaterMails, send_due};
use testkit::FakeClock;
use testkit::build::{an_order, at, order_id};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeMailer, FakeRealtime, Fault, MailFault};

use super::*;

mod accounts;
mod lists;

fn links() -> Links {
    let tokens = LinkTokens::new(&"1".repeat(64)).unwrap();
    Links::new(
        tokens,
        "https://shop.example.org/account/",
        "https://api.example.org/",
    )
}

#[derive(Default)]
struct World {
    realtime: FakeRealtime,
    breakers: FakeBreakers,
    mailer: FakeMailer,
    clock: FakeClock,
}

impl World {
    /// Of a process that knows nothing yet.
    fn mails(&self) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
        let (breakers, mailer) = (self.breakers.clone(), self.mailer.clone());
        Mails::new(breakers, mailer, links(), self.clock.clone())
    }

    async fn take(&self, event: &Envelope) -> Result<(), ErrorName> {
        let now = self.clock.now();
        let taken = handle(&self.realtime, &self.mails(), event.clone(), now).await;
        taken.map_err(|error| error.name())
    }

    /// What waits is sent some minutes later.
    async fn send_later(&self) -> Driven {
        self.clock.advance(SignedDuration::from_mins(5));
        let mails = LaterMails::new(self.mails(), FakeAccounts::default());
        let until = Timestamp::MAX;
        let sent = send_due(&self.realtime, &mails, &self.clock, until).await;
        sent.unwrap()
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

    /// Of the newest mail.
    fn text(&self) -> String {
        self.mailer.sent().pop().unwrap().text
    }

    fn applied(&self) -> Sequence {
        self.realtime.applied_of(&format!("order/{}", order_id(1)))
    }
}

/// A mail as its reader sees it; the token that ends such mails is long.
fn shown(mail: &domain::ports::Mail) -> String {
    let (_, token) = mail.text.rsplit_once("token=").unwrap();
    let text = mail.text.replace(token.trim_end(), "TOKEN");
    format!("{}\n\n{text}", mail.subject)
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
    insta::assert_snapshot!(shown(mail), @"
    Your order 00000000-0000-8000-8000-000000000001 is confirmed

    Thank you. Your order is paid. Total: 12.00 EUR.

    No more mails of this kind: https://shop.example.org/account/unsubscribe#token=TOKEN
    ");
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
    insta::assert_snapshot!(shown(mail), @"
    Your order 00000000-0000-8000-8000-000000000001 could not be fulfilled

    We are sorry: your payment was declined: as a test wants it. You were not charged.

    No more mails of this kind: https://shop.example.org/account/unsubscribe#token=TOKEN
    ");
}

async fn world_of(order: &Order) -> World {
    let world = World::default();
    world.take_all(&events_of(order)).await;
    world
}

#[tokio::test]
async fn says_nothing_on_the_way() {
    let order = an_order().with_contact("ada@example.org");
    let world = world_of(&order.unwinding(FailureCode::CancelledByCustomer)).await;
    assert_eq!(
        (world.mailer.sent(), world.applied()),
        (vec![], Sequence(1))
    );
}

#[tokio::test]
async fn says_that_an_order_was_cancelled_and_that_nothing_was_charged() {
    let order = an_order().with_contact("ada@example.org");
    let world = world_of(&order.failed(FailureCode::CancelledByCustomer)).await;
    assert_eq!(
        world.subjects(),
        [format!("Your order {} is cancelled", order_id(1))]
    );
    assert!(world.text().contains("not charged"), "{}", world.text());
}

#[tokio::test]
async fn says_how_much_went_back_when_it_did() {
    let mut order = an_order().with_contact("ada@example.org").confirmed();
    order.execute(&OrderCommand::RequestCancel, at(5)).unwrap();
    let id = RefundId::of_cancel();
    let world = world_of(&order).await;
    assert_eq!(world.mailer.sent().len(), 1, "that it is confirmed");
    order
        .execute(&OrderCommand::RecordRefunded { id }, at(6))
        .unwrap();
    world.take_all(&events_of(&order)).await;
    insta::assert_snapshot!(shown(&world.mailer.sent()[1]), @"
    Money for your order 00000000-0000-8000-8000-000000000001 went back

    We sent a refund of 12.00 EUR to where you paid from. It may take some days to arrive.

    No more mails of this kind: https://shop.example.org/account/unsubscribe#token=TOKEN
    ");
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
async fn an_event_that_came_too_early_waits_for_those_before_it() {
    let events = confirmed();
    let world = World::default();
    world.take_all(&events[1..]).await;
    assert_eq!(world.mailer.sent(), []);
    world.take_all(&events[..1]).await;
    assert_eq!(world.mailer.sent().len(), 1);
    assert_eq!(world.applied(), Sequence(3));
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
async fn a_mail_that_cannot_go_out_now_holds_no_event_and_goes_out_later() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    world.mailer.fail_next(MailFault::NotSent);
    assert_eq!(world.take(completed).await, Ok(()));
    assert_eq!(
        (world.applied(), world.mailer.sent()),
        (Sequence(3), vec![])
    );
    assert_eq!(world.send_later().await.sent, 1);
    assert_eq!(world.send_later().await, Driven::default());
    let [mail] = &world.mailer.sent()[..] else {
        panic!("{:?}", world.mailer.sent());
    };
    assert_eq!(mail.to, "ada@example.org");
    assert!(shown(mail).contains("is confirmed"));
}

#[tokio::test]
async fn a_mail_without_a_known_outcome_is_sent_at_most_twice() {
    let events = confirmed();
    let (world, completed) = World::before_the_end(&events).await;
    world.mailer.feel(Some(MailFault::UnknownAfter));
    assert_eq!(world.take(completed).await, Ok(()));
    for _ in 0..5 {
        world.send_later().await;
    }
    assert_eq!(world.mailer.sent().len(), 2);
    assert_eq!(world.applied(), Sequence(3));
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

/// A batch as SQS hands it to the function: two orders, of which one has a gap, and the other one an
/// event that fails with another behind it.
#[tokio::test]
async fn answers_the_queue_through_the_runner() {
    let event: Value = serde_json::from_str(include_str!("../fixtures/notify-queue.json")).unwrap();
    let world = World::default();
    let mails = world.mails();
    let now = world.clock.now();
    let handler = async |event| handle(&world.realtime, &mails, event, now).await;
    world.realtime.fail_next_write(Fault::FailBefore);
    let answer = queue::answer_of_inbox(has_inbox, handler, event)
        .await
        .unwrap();
    let answer = serde_json::to_string_pretty(&answer).unwrap();
    insta::assert_snapshot!(answer, @r#"
    {
      "batchItemFailures": [
        {
          "itemIdentifier": "5fea7756-0ea4-451a-a703-a558b933e271"
        }
      ]
    }
    "#);
    assert_eq!(world.applied(), Sequence::NONE);
    for (number, held) in [(1, &[Sequence(2)][..]), (2, &[Sequence(3), Sequence(4)])] {
        let aggregate = format!("order/{}", order_id(number));
        let taken = world.realtime.taken(&aggregate).await.unwrap();
        assert_eq!(taken.held.into_keys().collect::<Vec<_>>(), held);
    }
}

#[test]
fn only_orders_go_through_the_inbox() {
    let groups = ["order/1", "orders/1", "account/alice", "order", ""];
    assert_eq!(groups.map(has_inbox), [true, false, false, false, false]);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "REALTIME_TABLE",
        "OPERATIONS_TABLE",
        "MAIL_FROM",
        "LINK_KEY",
        "LINK_BASE",
        "API_BASE",
    ];
    assert_eq!(names, all);
}
