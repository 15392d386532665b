//! Those that follow orders and parcels: each event in its turn.

use breaker::Machine;
use contracts::events::{Envelope, envelopes_of_order, envelopes_of_shipment};
use domain::ports::StoreError;
use domain::{Order, Sequence};
use identity::LinkTokens;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::queue::{self, BatchAnswer};
use serde_json::Value;
use telling::{LaterMails, Links, Mails, send_due};
use testkit::FakeClock;
use testkit::build::{a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeAccounts, FakeBreakers, FakeMailer, FakeOrders, FakeRealtime, Fault};

use super::Consumer;

fn address(number: u64) -> String {
    format!("buyer{number}@example.org")
}

fn order(number: u64) -> Order {
    let order = an_order().number(number).with_contact(&address(number));
    order.confirmed_late()
}

pub(super) struct Notify {
    realtime: FakeRealtime,
    breakers: FakeBreakers,
    mailer: FakeMailer,
}

impl Notify {
    /// Of a process that knows nothing yet.
    fn mails(&self) -> Mails<FakeBreakers, FakeMailer, FakeClock> {
        let tokens = LinkTokens::new(&"0".repeat(64)).unwrap();
        let links = Links::new(tokens, "https://shop.example", "https://api.shop.example");
        let (breakers, mailer) = (self.breakers.clone(), self.mailer.clone());
        Mails::new(breakers, mailer, links, FakeClock::default())
    }

    /// What waits goes out in the end.
    async fn send_later(&self) {
        let later = at(0) + SignedDuration::from_hours(24 * 20);
        let mails = LaterMails::new(self.mails(), FakeAccounts::default());
        let time = Machine(|| later);
        let sent = send_due(&self.realtime, &mails, &time, Timestamp::MAX).await;
        sent.unwrap();
    }
}

impl Consumer for Notify {
    const HOLDS: bool = true;

    async fn fresh() -> Self {
        Self {
            realtime: FakeRealtime::default(),
            breakers: FakeBreakers::default(),
            mailer: FakeMailer::default(),
        }
    }

    fn life(number: u64) -> Vec<Envelope> {
        envelopes_of_order(&order(number), Sequence::NONE)
    }

    async fn work(&self, batch: Value, now: Timestamp) -> BatchAnswer {
        let mails = self.mails();
        let handle = |event| notify::handle(&self.realtime, &mails, event, now);
        let answer = queue::answer_of_inbox(notify::has_inbox, handle, batch).await;
        answer.unwrap()
    }

    /// Notices, each as often as it is in the list, and what was mailed: twice at most where it is
    /// not known whether it was.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        self.send_later().await;
        let facts = order(number).facts;
        let own = format!("order/{}/", order_id(number));
        let list = self.realtime.told_to(&facts.tenant, &facts.customer);
        let notices = list.iter().map(|it| &it.notice);
        let notices = notices.filter(|it| it.id.starts_with(&own));
        let mut seen: Vec<String> = notices
            .map(|it| format!("{} {}", it.id, it.title))
            .collect();
        let sent = self.mailer.sent();
        let mails = sent.iter().filter(|mail| mail.to == address(number));
        let mut mails: Vec<&str> = mails.map(|mail| mail.subject.as_str()).collect();
        mails.sort_unstable();
        let twice = mails.windows(3).any(|same| same[0] == same[2]);
        assert!(!twice, "{mails:?}");
        mails.dedup();
        seen.extend(mails.into_iter().map(|mail| format!("mail: {mail}")));
        Ok(seen)
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.realtime.fail_write_after(after, fault);
    }
}

pub(super) struct TrackShipments {
    orders: FakeOrders,
}

impl Consumer for TrackShipments {
    const HOLDS: bool = true;

    async fn fresh() -> Self {
        let orders = super::AGGREGATES.map(order);
        let with = |store: FakeOrders, order| store.with(order);
        Self {
            orders: orders.into_iter().fold(FakeOrders::default(), with),
        }
    }

    fn life(number: u64) -> Vec<Envelope> {
        let shipment = a_shipment().of(order_id(number)).delivered();
        envelopes_of_shipment(&shipment, Sequence::NONE)
    }

    async fn work(&self, batch: Value, now: Timestamp) -> BatchAnswer {
        let handle = |event| track_shipments::handle(&self.orders, event, now);
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    /// Every event of the order: what the parcel did to it, once each.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let order = self.orders.get(order_id(number)).unwrap();
        let events = envelopes_of_order(&order, Sequence::NONE);
        let seen = events
            .iter()
            .map(|it| format!("{} {}", it.id, it.event_type));
        Ok(seen.collect())
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.orders.fail_write_after(after, fault);
    }
}
