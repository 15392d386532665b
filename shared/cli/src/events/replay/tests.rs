//! Which events a replay publishes, and what it says of those that it cannot.

use std::sync::Mutex;

use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::Cause;
use testkit::build::{a_lease, a_payment, a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeInventory, FakeOrders, FakePayments, FakeShipments};

use super::{Sources, Window};
use crate::failure::{Ending, Failure};

/// A topic that answers the first calls as told and takes everything else.
#[derive(Default)]
struct Topic {
    answers: Mutex<Vec<Result<PublishOutcome, PublishError>>>,
    published: Mutex<Vec<Envelope>>,
}

impl Topic {
    fn answering(answers: impl IntoIterator<Item = Result<PublishOutcome, PublishError>>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Self {
            answers: Mutex::new(answers),
            ..Self::default()
        }
    }

    fn ids(&self) -> Vec<String> {
        let published = self.published.lock().unwrap();
        published.iter().map(|event| event.id.clone()).collect()
    }
}

impl PublishEvents for Topic {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        let answer = self.answers.lock().unwrap().pop();
        let outcome = answer.unwrap_or(Ok(PublishOutcome::Published))?;
        if outcome == PublishOutcome::Published {
            self.published
                .lock()
                .unwrap()
                .extend(events.iter().cloned());
        }
        Ok(vec![outcome; events.len()])
    }
}

type Shop = Sources<FakeOrders, FakeInventory, FakePayments, FakeShipments>;

fn shop() -> Shop {
    Sources {
        orders: FakeOrders::default().with(an_order().confirmed()),
        leases: FakeInventory::default().with_lease(a_lease().sold()),
        payments: FakePayments::default().with(a_payment().captured()),
        shipments: FakeShipments::default().with(a_shipment().created()),
    }
}

fn counted(ids: &[String], kind: &str) -> Vec<String> {
    let prefix = format!("{kind}/{}/", order_id(1));
    ids.iter()
        .filter_map(|id| id.strip_prefix(&prefix))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn publishes_all_events_of_all_four_aggregates_in_their_order() {
    let topic = Topic::default();
    let window = Window::new(at(0), at(1_000));
    let tally = shop().replay(&topic, window).await.unwrap();
    let ids = topic.ids();
    assert_eq!(counted(&ids, "order"), ["1", "2"]);
    assert_eq!(counted(&ids, "lease"), ["1", "2"]);
    assert_eq!(counted(&ids, "payment"), ["1", "2"]);
    assert_eq!(counted(&ids, "shipment"), ["1"]);
    let report = tally.report("r".to_owned());
    assert_eq!(
        report.to_string(),
        "7 events of 1 orders published again (r)"
    );
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
}

#[tokio::test]
async fn takes_older_orders_that_something_happened_to_since() {
    let order = an_order().confirmed();
    let last = order.events.all().last().unwrap().at;
    let topic = Topic::default();
    let shop = Sources {
        orders: FakeOrders::default().with(order),
        ..shop()
    };
    let since = |time| Window::new(time, at(1_000));
    shop.replay(&topic, since(last)).await.unwrap();
    assert_eq!(counted(&topic.ids(), "order"), ["1", "2"]);
    let topic = Topic::default();
    let tally = shop.replay(&topic, since(at(900))).await.unwrap();
    assert_eq!((tally.orders, topic.ids().len()), (0, 0));
}

#[tokio::test]
async fn tries_again_what_may_pass() {
    let failed = || PublishOutcome::Failed(Cause("busy".to_owned()));
    let away = PublishError::Unavailable(Cause("away".to_owned()));
    let topic = Topic::answering([Ok(failed()), Err(away)]);
    let window = Window::new(at(0), at(1_000));
    let tally = shop().replay(&topic, window).await.unwrap();
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
}

#[tokio::test]
async fn says_what_was_not_published() {
    let refused = PublishOutcome::Refused(Cause("no".to_owned()));
    let topic = Topic::answering([Ok(refused)]);
    let window = Window::new(at(0), at(1_000));
    let tally = shop().replay(&topic, window).await.unwrap();
    let failure = tally.into_ending().unwrap_err();
    assert!(matches!(failure, Failure::NotPublished { count: 7, .. }));
    assert_eq!(failure.in_words(), "7 events were not published: no");
}

#[test]
fn has_a_name_of_its_own() {
    let name = |now| Window::new(at(0), at(now)).name();
    assert_ne!(name(1), name(2));
}
