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

    fn order(&self, number: u64) -> Order {
        self.orders.get(order_id(number)).unwrap()
    }
}

fn swept(taken_over: u32, closing: u32) -> Result<Swept, ErrorName> {
    Ok(Swept {
        taken_over,
        closing,
        failed: 0,
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
    /// Whether the item cannot be read.
    torn: bool,
}

impl ListOpenOrders for Lagging<'_> {
    async fn overdue(&self, _before: Timestamp, _limit: u16) -> Result<Vec<OrderId>, StoreError> {
        Ok(vec![order_id(1)])
    }

    async fn unended(&self, _ids: &[OrderId]) -> Result<Vec<OpenOrder>, StoreError> {
        let (id, next_look) = (order_id(1), None);
        Ok(vec![OpenOrder { id, next_look }])
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
    async fn swept_until(&self) -> Result<Option<Timestamp>, StoreError> {
        self.orders.swept_until().await
    }

    async fn note_swept(&self, until: Timestamp) -> Result<(), StoreError> {
        self.orders.note_swept(until).await
    }
}

impl Load<Order> for Lagging<'_> {
    async fn load(&self, id: &OrderId) -> Result<Option<Order>, StoreError> {
        if self.torn {
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
        torn: false,
    };
    let (payments, shipments) = (&world.payments, &world.shipments);
    let done = handle(&orders, payments, shipments, &world.recovery, at(LATE)).await;
    assert_eq!(done.unwrap(), Swept::default());
    assert!(world.recoveries().is_empty());
}

/// Nothing is looked at twice but at its three ages, whatever the sweeper missed.
#[tokio::test]
async fn every_order_is_looked_at_when_it_is_old_enough_however_seldom_the_sweeper_comes() {
    for every in [60, 600, 86_400] {
        let orders = (1..=20_u32).map(|number| {
            let placed = at(i64::from(number) * 3_601);
            an_order().number(number.into()).placed_at(placed).pending()
        });
        let world = World::with(orders);
        let mut taken = 0;
        let mut now = 0;
        while now < 20 * 3_601 + 86_400 {
            now += every;
            taken += world.sweep_at(now).await.unwrap().taken_over;
            let waiting = (1..=20)
                .map(|number| world.order(number))
                .filter(|order| order.epoch == Epoch(1) && order.overdue_at() < at(now));
            assert_eq!(waiting.count(), 0, "after {now} s");
        }
        assert!(taken >= 20);
    }
}

/// The order came into the index after the look at its first age.
#[tokio::test]
async fn an_order_that_was_not_listed_in_time_is_found_at_its_next_age() {
    for (late, found) in [(590, 660), (86_000, 86_460)] {
        let mut world = World::default();
        assert_eq!(world.sweep_at(late).await, swept(0, 0));
        world.orders = world.orders.with(an_order().pending());
        assert_eq!(world.sweep_at(late + 5).await, swept(0, 0));
        assert_eq!(world.sweep_at(found).await, swept(1, 0));
    }
}

#[tokio::test]
async fn what_was_left_out_is_swept_again() {
    let world = World::with([an_order().pending()]);
    world.orders.fail_next_read();
    assert_eq!(world.sweep_at(LATE).await, Err(ErrorName::Unavailable));
    let mark = world.orders.swept_until().await.unwrap();
    assert!(mark < Some(at(LATE)), "{mark:?}");
    assert_eq!(world.sweep_at(LATE + 1).await, swept(1, 0));
    let mark = world.orders.swept_until().await.unwrap();
    assert_eq!(mark, Some(at(LATE + 1)));
}

#[tokio::test]
async fn an_order_that_cannot_be_read_is_told_and_holds_nothing_up() {
    let world = World::with([an_order().pending()]);
    let orders = Lagging {
        orders: &world.orders,
        torn: true,
    };
    let (payments, shipments) = (&world.payments, &world.shipments);
    let done = handle(&orders, payments, shipments, &world.recovery, at(LATE)).await;
    assert_eq!(done.unwrap_err().name(), ErrorName::Unavailable);
    let mark = world.orders.swept_until().await.unwrap();
    assert_eq!(mark, Some(at(LATE)));
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

#[tokio::test]
async fn a_sweep_looks_at_no_more_than_the_oldest() {
    let most = u32::from(MOST_ORDERS);
    let orders = (0..=most).map(|number| {
        let placed = at(i64::from(most - number));
        an_order().number(number.into()).placed_at(placed).pending()
    });
    let world = World::with(orders);
    let late = i64::from(most) + LATE;
    assert_eq!(world.sweep_at(late).await, swept(most, 0));
    assert_eq!(world.order(0).epoch, Epoch(1), "the youngest waits");
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
    let expected = json!({"taken_over": 1, "closing": 0, "failed": 0});
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
