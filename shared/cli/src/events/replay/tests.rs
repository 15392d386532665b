//! Which events a replay publishes, and what it says of those that it cannot.

use std::io::Sink;
use std::num::NonZeroU32;
use std::sync::Mutex;

use contracts::events::{Envelope, EventType, PublishError, PublishEvents, PublishOutcome};
use domain::ports::Cause;
use jiff::Timestamp;
use testkit::build::{a_lease, a_payment, a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeInventory, FakeOrders, FakePayments, FakeShipments};

use super::{Going, Sources, Subject, Wanted};
use crate::failure::{Ending, Failure};
use crate::pace::{Pace, Progress};

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

/// Of all aggregates that something happened to since.
fn since(since: Timestamp) -> Wanted {
    Wanted {
        since: Some(since),
        aggregate: None,
        event_type: None,
        now: at(1_000),
    }
}

fn going() -> Going<Sink> {
    Going {
        pace: Pace::per_second(NonZeroU32::MAX),
        progress: Progress::silent(),
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
    let tally = shop().replay(&topic, &since(at(0)), going()).await.unwrap();
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
    shop.replay(&topic, &since(last), going()).await.unwrap();
    assert_eq!(counted(&topic.ids(), "order"), ["1", "2"]);
    let topic = Topic::default();
    let tally = shop.replay(&topic, &since(at(900)), going()).await.unwrap();
    assert_eq!((tally.orders, topic.ids().len()), (0, 0));
}

#[tokio::test]
async fn takes_one_aggregate_or_one_type_where_that_is_said() {
    let of = |kind: &str| {
        format!("{kind}/{}", order_id(1))
            .parse::<Subject>()
            .unwrap()
    };
    let all = Wanted {
        since: None,
        ..since(at(0))
    };
    let published = async |wanted: Wanted| {
        let topic = Topic::default();
        shop().replay(&topic, &wanted, going()).await.unwrap();
        topic.ids()
    };
    let payment = Wanted {
        aggregate: Some(of("payment")),
        ..all.clone()
    };
    let ids = published(payment.clone()).await;
    assert_eq!((ids.len(), counted(&ids, "payment").len()), (2, 2));
    let captured = Wanted {
        event_type: Some(EventType::PaymentCaptured),
        ..payment
    };
    assert_eq!(counted(&published(captured).await, "payment"), ["2"]);
    let sold = Wanted {
        event_type: Some(EventType::LeaseSold),
        ..since(at(0))
    };
    let ids = published(sold).await;
    assert_eq!(
        (ids.len(), counted(&ids, "lease")),
        (1, vec!["2".to_owned()])
    );
    let nobodys = Wanted {
        aggregate: Some(format!("order/{}", order_id(2)).parse().unwrap()),
        ..all
    };
    assert_eq!(published(nobodys).await, Vec::<String>::new());
}

#[test]
fn an_aggregate_is_one_that_keeps_its_events_in_order() {
    let id = order_id(1);
    for text in [
        "order",
        "stock/LAMP-1",
        "account/ada",
        "order/7",
        "/",
        "order/",
    ] {
        assert!(text.parse::<Subject>().is_err(), "{text}");
    }
    for kind in ["order", "lease", "payment", "shipment"] {
        let subject: Subject = format!("{kind}/{id}").parse().unwrap();
        assert_eq!(subject.group(), format!("{kind}/{id}"));
    }
}

#[tokio::test]
async fn tries_again_what_may_pass() {
    let failed = || PublishOutcome::Failed(Cause("busy".to_owned()));
    let away = PublishError::Unavailable(Cause("away".to_owned()));
    let topic = Topic::answering([Ok(failed()), Err(away)]);
    let tally = shop().replay(&topic, &since(at(0)), going()).await.unwrap();
    assert_eq!(tally.into_ending().unwrap(), Ending::Done);
}

#[tokio::test]
async fn says_what_was_not_published() {
    let refused = PublishOutcome::Refused(Cause("no".to_owned()));
    let topic = Topic::answering([Ok(refused)]);
    let tally = shop().replay(&topic, &since(at(0)), going()).await.unwrap();
    let failure = tally.into_ending().unwrap_err();
    assert!(matches!(failure, Failure::NotPublished { count: 7, .. }));
    assert_eq!(failure.in_words(), "7 events were not published: no");
}

#[test]
fn has_a_name_of_its_own() {
    let name = |now| Wanted {
        now: at(now),
        ..since(at(0))
    };
    assert_ne!(name(1).name(), name(2).name());
}
