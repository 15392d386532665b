//! Events against figures in memory.

use std::collections::BTreeMap;

use contracts::events::{course_event, envelopes_of_order, product_event};
use domain::ports::ReadFigures;
use domain::{
    Aggregate, Course, Figure, Order, OrderCommand, OrderEvent, OrderState, Period, RefundOf,
    RefundWanted, ReturnedLine, Sequence, Standing, TrackingNumber,
};
use lambda_boot::queue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use testkit::build::{a_course, a_product, an_order, at, product_id, tenant};
use testkit::fakes::{FakeFigures, Fault};

use super::*;

/// Figures that are something, by period and name.
type Known = BTreeMap<String, i64>;

fn name(period: Period, figure: Figure) -> String {
    format!("{period:?} {figure:?}")
}

async fn take(figures: &FakeFigures, event: &Envelope) -> Result<(), ErrorName> {
    let taken = handle(figures, event).await;
    taken.map_err(|error| error.name())
}

/// Everything that is shown of the days that lives last.
async fn known(figures: &FakeFigures) -> Known {
    let hours = (0..96).map(|hour| at(hour * 3_600));
    let periods: Vec<Period> = hours
        .flat_map(|at| [Period::day_of(at), Period::hour_of(at)])
        .chain([Period::Now])
        .collect();
    let all = figures.figures(&tenant(), &periods).await.unwrap();
    let all = all.into_iter().filter(|it| it.by != 0);
    all.map(|it| (name(it.period, it.figure), it.by)).collect()
}

/// The same, from the orders themselves.
fn wanted(orders: &[Order]) -> Known {
    let mut sums = Known::new();
    let mut add = |period, figure, by| *sums.entry(name(period, figure)).or_default() += by;
    for order in orders {
        add(Period::Now, Figure::Standing(standing(order)), 1);
        let total = order.facts.totals.total();
        for raised in order.events.all() {
            let (day, hour) = (Period::day_of(raised.at), Period::hour_of(raised.at));
            match &raised.event {
                OrderEvent::Placed => {
                    let minute = raised.at.as_second() / 60 % 60;
                    add(hour, Figure::Placed(i8::try_from(minute).unwrap()), 1);
                }
                OrderEvent::Completed => add(day, Figure::Revenue(total.currency()), total.minor()),
                OrderEvent::Refunded { id, .. } => {
                    let granted = order.refunds().into_iter().map(|it| it.refund);
                    let mut amount = granted.filter(|it| it.id == *id).map(|it| it.amount);
                    let amount = amount.next().unwrap();
                    add(day, Figure::Refunds(amount.currency()), amount.minor());
                }
                OrderEvent::Failed => match &order.state {
                    OrderState::Failed { failure } => add(day, Figure::Failures(failure.code), 1),
                    other => panic!("failed, and {other:?}"),
                },
                _ => {}
            }
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn standing(order: &Order) -> Standing {
    match &order.state {
        OrderState::Pending | OrderState::Charging { .. } | OrderState::Unwinding { .. } => {
            Standing::Open
        }
        ended => Standing::from_name(ended.name()).unwrap(),
    }
}

/// What happens to an order, in an order that may be refused in parts.
fn commands() -> impl Strategy<Value = Vec<OrderCommand>> {
    let epoch = an_order().pending().epoch;
    let failure = domain::Failure::new(FailureCode::OutOfStock, "");
    let refund = |id: &str, of| OrderCommand::RequestRefund {
        id: RefundId::parse(id).unwrap(),
        wanted: RefundWanted { of, restock: false },
    };
    let one = RefundOf::Lines(vec![ReturnedLine {
        product_id: product_id("tea"),
        quantity: 1,
    }]);
    let refunded = |id: &str| OrderCommand::RecordRefunded {
        id: RefundId::parse(id).unwrap(),
    };
    let tracking = TrackingNumber::parse("P1").unwrap();
    let one_of = select(vec![
        OrderCommand::DecideCharging { epoch },
        OrderCommand::DecideCharging { epoch },
        OrderCommand::Complete { epoch },
        OrderCommand::Complete { epoch },
        OrderCommand::DecideUnwinding { epoch, failure },
        OrderCommand::Fail { epoch },
        OrderCommand::Flag { epoch },
        OrderCommand::RequestCancel,
        refund("one", one),
        refunded("one"),
        refund("rest", RefundOf::Everything),
        refunded("rest"),
        refunded("cancel"),
        OrderCommand::RecordShipped { tracking },
        OrderCommand::RecordDelivered,
    ]);
    vec(one_of, 0..24)
}

fn lives() -> impl Strategy<Value = Vec<Order>> {
    let life = (commands(), 0..80_000_i64, 1..7_200_i64);
    vec(life, 1..6).prop_map(|lives| {
        let numbered = (1_u64..).zip(lives);
        let live = |(number, (commands, from, pause)): (u64, (Vec<OrderCommand>, i64, i64))| {
            let placed = an_order().number(number).placed_at(at(from));
            let mut order = placed.with_line("tea", 3, 1_200).pending();
            for (turn, command) in (1..).zip(commands) {
                // What does not fit is refused, and nothing happens.
                drop(order.execute(&command, at(from + turn * pause)));
            }
            order
        };
        numbered.map(live).collect()
    })
}

proptest! {
    /// Any lives of orders, told in any order and some of it twice.
    #[test]
    fn figures_are_those_of_the_orders_themselves(
        orders in lives(),
        seeds in vec(any::<u32>(), 200),
    ) {
        let mut events: Vec<Envelope> = Vec::new();
        for order in &orders {
            events.extend(envelopes_of_order(order, Sequence::NONE));
        }
        let copies: Vec<_> = events.iter().step_by(2).cloned().collect();
        events.extend(copies);
        let mut heard: Vec<_> = seeds.iter().cycle().zip(events).collect();
        heard.sort_by_key(|(seed, _)| **seed);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let figures = FakeFigures::default();
            for (_, event) in heard {
                handle(&figures, &event).await.unwrap();
            }
            known(&figures).await
        });
        prop_assert_eq!(found, wanted(&orders));
    }
}

#[tokio::test]
async fn the_newest_courses_are_listed() {
    let figures = FakeFigures::default();
    let courses = ["soldering", "welding"].map(|id| Course {
        version: 1,
        ..a_course(id, 0)
    });
    for course in [&courses[0], &courses[1], &courses[0]] {
        assert_eq!(take(&figures, &course_event(course)).await, Ok(()));
    }
    let newest = figures.newest(&tenant()).await.unwrap();
    let ids: Vec<_> = newest.courses.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["welding", "soldering"]);
    assert_eq!(newest.courses[0].title, courses[1].details.title);
}

/// Others write the list between reading and writing.
#[tokio::test]
async fn a_course_that_meets_another_is_listed_all_the_same() {
    let figures = FakeFigures::default();
    figures.fail_write_after(0, Fault::Conflict);
    let course = Course {
        version: 1,
        ..a_course("soldering", 0)
    };
    assert_eq!(take(&figures, &course_event(&course)).await, Ok(()));
    assert_eq!(figures.newest(&tenant()).await.unwrap().courses.len(), 1);
}

#[tokio::test]
async fn an_order_that_meets_itself_goes_back() {
    let figures = FakeFigures::default();
    let events = envelopes_of_order(&an_order().confirmed(), Sequence::NONE);
    figures.fail_write_after(0, Fault::Conflict);
    assert_eq!(take(&figures, &events[0]).await, Err(ErrorName::Conflict));
    assert_eq!(known(&figures).await, Known::new());
}

#[tokio::test]
async fn what_is_about_something_else_is_passed_by() {
    let figures = FakeFigures::default();
    let product = domain::Product {
        version: 1,
        ..a_product("tea", 1_200)
    };
    assert_eq!(take(&figures, &product_event(&product)).await, Ok(()));
    assert_eq!(known(&figures).await, Known::new());
}

#[tokio::test]
async fn what_cannot_be_goes_back_and_changes_nothing() {
    let figures = FakeFigures::default();
    let placed = envelopes_of_order(&an_order().pending(), Sequence::NONE).remove(0);
    let failed = an_order().failed(FailureCode::Internal);
    let failed = envelopes_of_order(&failed, Sequence(1)).remove(0);
    let with = |event: &Envelope, field: &str, value: serde_json::Value| {
        let mut event = event.clone();
        event.data[field] = value;
        event
    };
    let nobodys = Envelope {
        tenant: None,
        ..placed.clone()
    };
    let nameless = Envelope {
        subject: "one".to_owned(),
        ..placed.clone()
    };
    for event in [
        with(
            &placed,
            "total",
            json!({"minor": 1, "currency": "doubloons"}),
        ),
        with(&placed, "total", json!(7)),
        with(
            &failed,
            "failure",
            json!({"code": "bad_luck", "detail": ""}),
        ),
        nobodys,
        nameless,
    ] {
        assert_eq!(take(&figures, &event).await, Err(ErrorName::BadInput));
    }
    assert_eq!(known(&figures).await, Known::new());
}

/// As the runner decodes them, with the rest of the group tried behind one that failed.
#[tokio::test]
async fn a_message_that_fails_holds_nothing_back() {
    let figures = FakeFigures::default();
    let events = envelopes_of_order(&an_order().confirmed(), Sequence::NONE);
    let record = |event: &Envelope| {
        json!({
            "messageId": event.id,
            "body": serde_json::to_string(event).unwrap(),
            "attributes": {"MessageGroupId": event.group()},
        })
    };
    let batch = json!({"Records": events.iter().map(record).collect::<Vec<_>>()});
    figures.fail_write_after(0, Fault::FailBefore);
    let handler = async |event: Envelope| handle(&figures, &event).await;
    let answer = queue::answer_of_inbox(|_| true, handler, batch).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.returned().collect::<Vec<_>>(),
        [events[0].id.as_str()]
    );
    let now = name(Period::Now, Figure::Standing(Standing::Confirmed));
    assert_eq!(known(&figures).await.get(&now), Some(&1));
}
