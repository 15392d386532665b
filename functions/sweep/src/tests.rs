//! Sweeps over orders, payments and shipments in memory.

use domain::ports::{Cause, OpenOrder};
use domain::{FailureCode, Payment};
use serde_json::json;
use testkit::build::{a_payment, a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeOrders, FakePayments, FakeShipments, FakeWorkflow, Fault, Started};

use super::*;

/// Just past three minutes.
const LATE: i64 = 181;

#[derive(Default)]
struct World {
    orders: FakeOrders,
    payments: FakePayments,
    shipments: FakeShipments,
    recovery: FakeWorkflow,
}

impl World {
    fn with(orders: impl IntoIterator<Item = Order>) -> Self {
        let none = FakeOrders::default();
        Self {
            orders: orders.into_iter().fold(none, FakeOrders::with),
            ..Self::default()
        }
    }

    async fn sweep_at(&self, seconds: i64) -> Result<Swept, ErrorName> {
        let swept = handle(
            &self.orders,
            &self.payments,
            &self.shipments,
            &self.recovery,
            at(seconds),
        );
        swept.await.map_err(|error| error.name())
    }

    /// Number of the order, and what the name of the execution says after it.
    fn recoveries(&self) -> Vec<String> {
        let name = |started: Started| match started {
            Started::Recovery { name, input } => {
                assert_eq!(input.tries, 0);
                name.rsplit_once("-00000000000").unwrap().1.to_owned()
            }
            Started::Saga { name, .. } => panic!("the saga {name} was started"),
        };
        self.recovery.started().into_iter().map(name).collect()
    }

    async fn mark(&self) -> SweepMark {
        self.orders.sweep_mark().await.unwrap().unwrap()
    }

    fn order(&self, number: u64) -> Order {
        self.orders.get(order_id(number)).unwrap()
    }
}

fn swept(taken_over: u32, closing: u32) -> Result<Swept, ErrorName> {
    Ok(Swept {
        taken_over,
        closing,
        ..Swept::default()
    })
}

#[tokio::test]
async fn takes_over_an_order_that_is_open_for_too_long() {
    let code = FailureCode::OutOfStock;
    for order in [
        an_order().pending(),
        an_order().charging(),
        an_order().unwinding(code),
    ] {
        let world = World::with([order]);
        assert_eq!(world.sweep_at(180).await, swept(0, 0));
        assert_eq!(world.sweep_at(LATE).await, swept(1, 0));
        assert_eq!(world.recoveries(), ["1-2"]);
        assert_eq!(world.order(1).epoch, Epoch(2));
    }
}

#[tokio::test]
async fn leaves_alone_what_has_ended() {
    let world = World::with([
        an_order().confirmed(),
        an_order().number(2).failed(FailureCode::OutOfStock),
    ]);
    assert_eq!(world.sweep_at(LATE).await, swept(0, 0));
    assert!(world.recoveries().is_empty());
}

#[tokio::test]
async fn leaves_alone_what_recovery_looks_after_until_its_look_is_overdue() {
    let mut order = an_order().pending();
    order.take_over(Epoch(1), at(400)).unwrap();
    let world = World::with([order]);
    assert_eq!(world.sweep_at(400).await, swept(0, 0));
    assert_eq!(world.sweep_at(401).await, swept(1, 0));
    assert_eq!(world.recoveries(), ["1-3"]);
}

/// Lists an order whatever became of it since: an index may lag behind its table.
struct Lagging<'a> {
    orders: &'a FakeOrders,
    /// Whether order 1 is listed.
    listed: bool,
    /// Whether its item cannot be read.
    torn: bool,
}

impl ListOpenOrders for Lagging<'_> {
    async fn overdue(&self, _before: Timestamp, _limit: u16) -> Result<Vec<OrderId>, StoreError> {
        Ok(self.listed.then(|| order_id(1)).into_iter().collect())
    }

    async fn unended(&self, ids: &[OrderId]) -> Result<Vec<OpenOrder>, StoreError> {
        let open = |id: &OrderId| OpenOrder {
            id: *id,
            next_look: None,
        };
        Ok(ids.iter().map(open).collect())
    }
}

impl ListOrdersByDay for Lagging<'_> {
    async fn placed_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        self.orders.placed_between(from, until).await
    }
}

impl KeepSweepMark for Lagging<'_> {
    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError> {
        self.orders.sweep_mark().await
    }

    async fn note_swept(&self, mark: &SweepMark, now: Timestamp) -> Result<(), StoreError> {
        self.orders.note_swept(mark, now).await
    }
}

impl Load<Order> for Lagging<'_> {
    async fn load(&self, id: &OrderId) -> Result<Option<Order>, StoreError> {
        if self.torn && *id == order_id(1) {
            return Err(StoreError::Broken(Cause("torn".to_owned())));
        }
        self.orders.load(id).await
    }
}

impl Save<Order> for Lagging<'_> {
    async fn save(&self, order: Order) -> Result<Order, SaveError<Order>> {
        self.orders.save(order).await
    }
}

#[tokio::test]
async fn an_order_that_a_late_list_still_names_is_left_to_recovery() {
    let mut order = an_order().pending();
    order.take_over(Epoch(1), at(400)).unwrap();
    let world = World::with([order]);
    let orders = Lagging {
        orders: &world.orders,
        listed: true,
        torn: false,
    };
    let (payments, shipments) = (&world.payments, &world.shipments);
    let done = handle(&orders, payments, shipments, &world.recovery, at(LATE)).await;
    assert_eq!(done.unwrap(), Swept::default());
    assert!(world.recoveries().is_empty());
}

#[tokio::test]
async fn every_order_is_taken_over_in_time_however_seldom_the_sweeper_comes() {
    for every in [60, 600, 86_400] {
        let orders = (1..=20_u32).map(|number| {
            let placed = at(i64::from(number) * 3_601);
            an_order().number(number.into()).placed_at(placed).pending()
        });
        let world = World::with(orders);
        let mut now = 0;
        while now < 20 * 3_601 + 86_400 {
            now += every;
            assert!(world.sweep_at(now).await.is_ok());
            let waiting = (1..=20)
                .map(|number| world.order(number))
                .filter(|order| order.epoch == Epoch(1) && order.overdue_at() < at(now));
            assert_eq!(waiting.count(), 0, "after {now} s");
        }
    }
}

/// The order came into the index after the look at its first age.
#[tokio::test]
async fn an_order_that_was_not_listed_in_time_is_found_at_its_next_age() {
    for (late, found) in [(890, 960), (86_000, 86_460)] {
        let mut world = World::default();
        assert_eq!(world.sweep_at(late).await, swept(0, 0));
        world.orders = world.orders.with(an_order().pending());
        assert_eq!(world.sweep_at(late + 5).await, swept(0, 0));
        assert_eq!(world.sweep_at(found).await, swept(1, 0));
    }
}

#[tokio::test]
async fn what_could_not_be_handed_over_is_tried_by_every_sweep_until_it_is() {
    let world = World::with([an_order().pending()]);
    for minute in 0..3 {
        world.orders.fail_next_read();
        let swept = world.sweep_at(LATE + 60 * minute).await;
        assert_eq!(swept, Err(ErrorName::Unavailable));
        let mark = world.mark().await;
        assert_eq!(mark.until, at(LATE + 60 * minute), "all others went on");
        assert_eq!(mark.left, [order_id(1)]);
    }
    assert_eq!(world.sweep_at(LATE + 240).await, swept(1, 0));
    assert!(world.mark().await.left.is_empty());
}

/// Torn for longer than a day, mended, taken over.
#[tokio::test]
async fn an_order_that_cannot_be_read_is_told_every_time_and_holds_nothing_up() {
    let world = World::with([an_order().pending(), an_order().number(2).pending()]);
    let orders = Lagging {
        orders: &world.orders,
        listed: false,
        torn: true,
    };
    let (payments, shipments) = (&world.payments, &world.shipments);
    for hour in 0..30 {
        let now = at(LATE + 3_600 * hour);
        let done = handle(&orders, payments, shipments, &world.recovery, now).await;
        assert!(matches!(done, Err(SweepError::Incomplete(_))), "{done:?}");
        assert_eq!(world.mark().await.until, now);
    }
    assert_eq!(world.order(1).epoch, Epoch(1));
    let taken = world.sweep_at(LATE + 3_600 * 30).await;
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(world.order(1).epoch, Epoch(2));
}

#[tokio::test]
async fn the_mark_stays_where_more_is_left_than_can_be_kept() {
    let orders = (1..=150).map(|number| an_order().number(number).pending());
    let world = World::with(orders);
    for _ in 0..=MOST_LEFT {
        world.orders.fail_next_read();
    }
    assert_eq!(world.sweep_at(LATE).await, Err(ErrorName::Unavailable));
    assert!(world.mark().await.until < at(LATE));
    assert_eq!(world.recovery.started().len(), 49, "they stop no other");
    assert_eq!(world.sweep_at(LATE + 1).await, swept(101, 0));
    assert_eq!(world.mark().await.until, at(LATE + 1));
}

#[tokio::test]
async fn a_mark_that_a_wrong_clock_set_is_told_and_swept_again() {
    let world = World::with([an_order().pending()]);
    let ahead = SweepMark {
        until: at(86_400),
        left: Vec::new(),
    };
    world.orders.note_swept(&ahead, at(86_400)).await.unwrap();
    assert_eq!(world.sweep_at(LATE).await, Err(ErrorName::Unavailable));
    assert_eq!(world.order(1).epoch, Epoch(2));
    assert_eq!(world.mark().await.until, at(LATE));
    assert_eq!(world.sweep_at(LATE + 60).await, swept(0, 0));
}

#[tokio::test]
async fn an_order_just_taken_over_is_left_to_recovery() {
    let world = World::with([an_order().pending()]);
    assert_eq!(world.sweep_at(LATE).await, swept(1, 0));
    assert_eq!(world.sweep_at(LATE + 60).await, swept(0, 0));
    assert_eq!(world.sweep_at(2 * LATE).await, swept(1, 0));
    assert_eq!(world.recoveries(), ["1-2", "1-3"]);
}

#[tokio::test]
async fn two_sweepers_take_an_order_over_once() {
    let world = World::with([an_order().pending()]);
    let mut taken = world.order(1);
    taken.take_over(Epoch(1), at(LATE + 180)).unwrap();
    world.orders.meanwhile(taken);
    assert_eq!(world.sweep_at(LATE).await, swept(0, 0));
    assert!(
        world.recoveries().is_empty(),
        "the other one starts recovery"
    );
    assert_eq!(world.order(1).epoch, Epoch(2));
}

#[tokio::test]
async fn an_order_that_ends_meanwhile_is_left_alone() {
    let world = World::with([an_order().charging()]);
    let mut ended = world.order(1);
    let complete = domain::OrderCommand::Complete { epoch: Epoch(1) };
    domain::Aggregate::execute(&mut ended, &complete, at(LATE)).unwrap();
    world.orders.meanwhile(ended);
    assert_eq!(world.sweep_at(LATE).await, swept(0, 0));
    assert_eq!(world.order(1).state.name(), "confirmed");
}

#[tokio::test]
async fn one_order_that_cannot_be_handed_over_stops_no_other() {
    for break_one in [
        (|world: &World| world.recovery.fail_next(Fault::FailBefore)) as fn(&World),
        |world| world.orders.fail_next_write(Fault::FailBefore),
        |world| world.orders.fail_next_read(),
    ] {
        let orders = (1..=3).map(|number| an_order().number(number).pending());
        let world = World::with(orders);
        break_one(&world);
        assert_eq!(world.sweep_at(LATE).await, Err(ErrorName::Unavailable));
        assert_eq!(world.recoveries(), ["2-2", "3-2"]);
    }
}

#[tokio::test]
async fn an_order_whose_recovery_did_not_start_is_taken_over_once_more() {
    let world = World::with([an_order().pending()]);
    world.recovery.fail_next(Fault::FailBefore);
    assert_eq!(world.sweep_at(LATE).await, Err(ErrorName::Unavailable));
    assert_eq!(world.sweep_at(2 * LATE).await, swept(1, 0));
    assert_eq!(world.recoveries(), ["1-3"]);
}

/// The oldest first, and the next sweep goes on.
#[tokio::test]
async fn a_backlog_is_worked_off_by_one_sweep_after_the_other() {
    let most = u32::from(MOST_ORDERS);
    let all = 2 * most + 10;
    let orders = (0..all).map(|number| {
        let placed = at(20 * i64::from(all - number));
        an_order().number(number.into()).placed_at(placed).pending()
    });
    let world = World::with(orders);
    let late = 20 * i64::from(all) + LATE;
    for (round, taken) in [(0, most), (1, most), (2, 10), (3, 0)] {
        let swept = world.sweep_at(late + round).await.unwrap();
        assert_eq!((swept.taken_over, swept.unfinished), (taken, round < 2));
        let youngest = world.order(0).epoch;
        assert_eq!(youngest, Epoch(if round < 2 { 1 } else { 2 }));
    }
}

/// Orders that recovery cannot end do not take the place of those that it never had.
#[tokio::test]
async fn forgotten_orders_have_room_of_their_own() {
    let most = u64::from(MOST_ORDERS);
    let listed = (1..=most + 1).map(|number| {
        let mut order = an_order().number(number).pending();
        order.take_over(Epoch(1), at(60)).unwrap();
        order
    });
    let forgotten = an_order().number(most + 2).pending();
    let world = World::with(listed.chain([forgotten]));
    let swept = world.sweep_at(LATE).await.unwrap();
    assert_eq!(u64::from(swept.taken_over), most + 1);
    assert_eq!(world.order(most + 2).epoch, Epoch(2));
}

/// A backlog is worked off whatever its size: what recovery has is not read one by one.
#[tokio::test]
async fn what_recovery_looks_after_is_not_read_by_every_sweep() {
    let taken = |number| {
        let mut order = an_order().number(number).pending();
        order.take_over(Epoch(1), at(10_000)).unwrap();
        order
    };
    let world = World::with([taken(1), taken(2), an_order().number(3).pending()]);
    assert_eq!(world.sweep_at(LATE).await, swept(1, 0));
    assert_eq!(world.orders.reads(), 1);
    assert_eq!(world.recoveries(), ["3-2"]);
}

fn ended_while_closing(payment: Payment) -> World {
    let failed = an_order().failed(FailureCode::PaymentDeclined);
    World {
        payments: FakePayments::default().with(payment),
        ..World::with([failed])
    }
}

#[tokio::test]
async fn an_ended_order_whose_payment_still_closes_is_looked_at_once_an_hour() {
    let world = ended_while_closing(a_payment().closing());
    assert_eq!(world.sweep_at(899).await, swept(0, 0));
    for minute in 0..3 {
        assert_eq!(world.sweep_at(901 + 60 * minute).await, swept(0, 1));
    }
    assert_eq!(world.recoveries(), ["1-1-closing-20260720T12"]);
    assert_eq!(world.sweep_at(901 + 3_600).await, swept(0, 1));
    assert_eq!(world.recoveries().len(), 2);
    assert_eq!(world.order(1).epoch, Epoch(1), "no epoch is taken");
}

#[tokio::test]
async fn payment_and_shipment_of_one_order_are_one_look() {
    let world = World {
        shipments: FakeShipments::default().with(a_shipment().cancelling()),
        ..ended_while_closing(a_payment().closing())
    };
    assert_eq!(world.sweep_at(901).await, swept(0, 1));
}

#[tokio::test]
async fn what_closes_for_an_open_order_is_left_to_its_recovery() {
    let mut order = an_order().unwinding(FailureCode::PaymentDeclined);
    order.next_look = Some(at(10_000));
    let world = World {
        payments: FakePayments::default().with(a_payment().closing()),
        ..World::with([order])
    };
    assert_eq!(world.sweep_at(901).await, swept(0, 0));
}

#[tokio::test]
async fn a_payment_without_an_order_stops_nothing() {
    let world = World {
        payments: FakePayments::default().with(a_payment().of(order_id(7)).closing()),
        ..World::with([an_order().pending()])
    };
    assert_eq!(world.sweep_at(901).await, swept(1, 0));
}

#[tokio::test]
async fn answers_the_schedule_through_the_runner() {
    let world = World::with([an_order().pending()]);
    let sweep = async || {
        let World {
            orders,
            payments,
            shipments,
            recovery,
        } = &world;
        handle(orders, payments, shipments, recovery, at(LATE)).await
    };
    let answer = lambda_boot::schedule::answer(sweep).await;
    let expected = json!({"taken_over": 1, "closing": 0, "failed": 0, "unfinished": false});
    assert_eq!(answer, Ok(expected));
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ORDERS_TABLE",
        "PAYMENTS_TABLE",
        "SHIPPING_TABLE",
        "RECOVERY_ARN",
    ];
    assert_eq!(names, all);
}
