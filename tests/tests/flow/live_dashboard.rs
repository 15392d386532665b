//! The dashboard over a socket, from the change of a figure to the frame: whenever orders come, those who
//! look see each soon, and the last one too; seldom enough, and nothing while nothing happens.

use std::time::Duration;

use contracts::sockets::FiguresChanged;
use domain::ports::{CountOrders, KeepSockets, ReceiveMessages};
use domain::{CountedOrder, Counting, Socket, Topic};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{Clock, StreamFailure, queue, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::build::{a_socket, eur, order_id, tenant};
use testkit::fakes::{FakeFigures, FakeInventory, FakeQueue, FakeRealtime, FakeSockets};
use testkit::http::cursors;
use testkit::stream::{ItemChange, stream_event};
use testkit::{FakeClock, must, must_have};

const TICK: SignedDuration = SignedDuration::from_millis(500);
/// After a change: the queue's delay, and the tick in which it is looked at.
const SOON: SignedDuration = SignedDuration::from_millis(5_500);

/// A shop, and somebody who looks.
struct Live {
    clock: FakeClock,
    figures: FakeFigures,
    rows: FakeRealtime,
    gateway: FakeSockets,
    dashboards: FakeQueue,
    socket: Socket,
}

impl Live {
    async fn new() -> Self {
        let clock = FakeClock::default();
        let live = Self {
            dashboards: FakeQueue::at(&clock),
            clock,
            figures: FakeFigures::default(),
            rows: FakeRealtime::default(),
            gateway: FakeSockets::default(),
            socket: a_socket(1),
        };
        let topic = Topic::Dashboard(tenant());
        assert!(must(live.rows.join(&topic, &live.socket).await));
        live.gateway.open(&live.socket.id);
        live
    }

    fn time(&self) -> Clock {
        let clock = self.clock.clone();
        Clock::driven(move || clock.now())
    }

    /// An order is counted, and the stream tells of it.
    async fn place(&self, number: u64) {
        let mut order = CountedOrder::default();
        let tallies = order.count(&Counting::Placed(eur(100)), self.clock.now());
        let (shop, id) = (tenant(), order_id(number));
        let saved = self.figures.save_counted(&shop, id, order, &tallies);
        must(saved.await);
        let app = push_updates::App {
            sockets: self.rows.clone(),
            slices: FakeQueue::default(),
            dashboards: self.dashboards.clone(),
            tenant: tenant(),
            gateway: self.gateway.clone(),
            cursors: cursors(),
            clock: self.time(),
            pause: Duration::ZERO,
        };
        let image = json!({"pk": {"S": "FIGURES#main#now#0"}, "entity": {"S": "figures"}});
        let change = stream_event(&[ItemChange::modified(image.clone(), image)]);
        let handler = async |records| push_updates::handle(&app, records).await;
        let answer = stream::answer(handler, change, StreamFailure::Items).await;
        assert_eq!(must(answer), json!({"batchItemFailures": []}));
    }

    /// The queue hands on what it has held long enough.
    async fn hand_on(&self) {
        let app = push_dashboard::App {
            sockets: self.rows.clone(),
            figures: self.figures.clone(),
            stock: FakeInventory::default(),
            gateway: self.gateway.clone(),
            tenant: tenant(),
            clock: self.time(),
            pause: Duration::ZERO,
        };
        for message in must(self.dashboards.receive(Duration::from_secs(60)).await) {
            let held = self.clock.now().duration_since(message.sent_at);
            if held < SignedDuration::from_secs(FiguresChanged::DELAY) {
                must(self.dashboards.give_back(&message).await);
                continue;
            }
            let record =
                json!({"messageId": message.id, "body": message.letter.body, "attributes": {}});
            let handler = async |changed| push_dashboard::handle(&app, changed).await;
            let answer = queue::answer(handler, json!({"Records": [record]})).await;
            assert_eq!(must(answer).returned().count(), 0);
            must(self.dashboards.delete(&message).await);
        }
    }

    async fn tick(&self) {
        self.clock.advance(TICK);
        self.hand_on().await;
    }

    /// When each frame was looked at, and how many orders it shows.
    fn shown(&self) -> Vec<(Timestamp, i64)> {
        let frames = self.gateway.received(&self.socket.id).into_iter();
        let frame = |text: String| {
            let frame: Value = must(serde_json::from_str(&text));
            let shown = &frame["dashboard"];
            let at = must(must_have(shown["as_of"].as_str()).parse());
            (
                at,
                must_have(shown["orders_by_status"][0]["orders"].as_i64()),
            )
        };
        frames.map(frame).collect()
    }
}

async fn live(placed: &[bool]) {
    let live = Live::new().await;
    let mut orders: Vec<Timestamp> = Vec::new();
    for is_placed in placed {
        if *is_placed {
            live.place(orders.len() as u64).await;
            orders.push(live.clock.now());
        }
        live.tick().await;
    }
    for _ in 0..11 {
        live.tick().await;
    }
    let shown = live.shown();
    for (number, at) in (1..).zip(&orders) {
        let has_it = |it: &&(Timestamp, i64)| it.1 >= number;
        let (seen, _) = must_have(shown.iter().find(has_it));
        assert!(
            seen.duration_since(*at) <= SOON,
            "order {number}: {shown:?}"
        );
    }
    assert!(shown.len() <= placed.len() / 8 + 2, "too many: {shown:?}");
    for _ in 0..20 {
        live.tick().await;
    }
    assert_eq!(live.shown(), shown, "nothing happened since");
    assert_eq!(shown.is_empty(), orders.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_order_is_seen_soon_and_frames_are_few(
        placed in prop_oneof![vec(any::<bool>(), 1..120), vec(prop::bool::weighted(0.05), 1..120)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(live(&placed));
    }
}

/// A thousand a minute: seventeen in each second.
#[tokio::test]
async fn a_rush_is_one_frame_in_four_seconds() {
    let shop = Live::new().await;
    for number in 0..1_000 {
        shop.place(number).await;
        if number % 8 == 7 {
            shop.tick().await;
        }
    }
    for _ in 0..11 {
        shop.tick().await;
    }
    let shown = shop.shown();
    assert!((15..=17).contains(&shown.len()), "{shown:?}");
    assert_eq!(shown.last().map(|it| it.1), Some(1_000));
}
