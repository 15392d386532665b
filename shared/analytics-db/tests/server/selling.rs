//! What is sold, counted by many at once and by some who die of it.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use analytics_db::AnalyticsDb;
use domain::ports::{CountSales, ReadSales, RecountSales, ReportedSale};
use futures::future::join_all;
use futures::join;
use jiff::tz::TimeZone;
use testkit::build::{order_id, tenant};
use testkit::port_checks::sales::{events, ever, is_as_it_should_be, shuffled};
use testkit::{must, must_have};

use crate::schema::{empty, run_at};

/// More than there are connections for one of them.
const BESIDE_EACH_OTHER: usize = 5;

#[tokio::test]
async fn those_who_count_beside_each_other_count_each_thing_once() {
    let (database, url) = empty("beside").await;
    must(database.migrate().await);
    let count = async |seed: usize| {
        let database = must(AnalyticsDb::connect(&url));
        for event in shuffled(&events(), seed) {
            must(database.count_sale(&tenant(), &event).await);
        }
    };
    join_all((0..BESIDE_EACH_OTHER).map(count)).await;
    is_as_it_should_be(&database).await;
}

/// Somebody is ended in the midst of it, earlier or later each time; whoever comes after them is told the
/// same once more.
#[tokio::test]
async fn what_was_counted_in_part_is_not_counted() {
    let (database, _) = empty("in_part").await;
    must(database.migrate().await);
    let mut ended = 0;
    for event in shuffled(&events(), 1) {
        // A step further each time, until it is done.
        let mut steps = 0;
        let counted = loop {
            match for_steps(steps, database.count_sale(&tenant(), &event)).await {
                Some(counted) => break counted,
                None => (ended, steps) = (ended + 1, steps + 1),
            }
        };
        must(counted);
        must(database.count_sale(&tenant(), &event).await);
    }
    assert!(ended > 20, "{ended} were ended");
    is_as_it_should_be(&database).await;
}

/// Whatever is wrong with the figures is found, told and put right; nobody is given an answer of before.
#[tokio::test]
async fn figures_that_are_wrong_are_counted_anew() {
    let (database, url) = empty("recount").await;
    must(database.migrate().await);
    for event in events() {
        must(database.count_sale(&tenant(), &event).await);
    }
    let spoil = [
        "UPDATE sales_hours SET units = units + 1 WHERE units > 0",
        "DELETE FROM sales_days",
        "INSERT INTO sales_days VALUES ('main', '2026-07-22', 'JPY', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)",
        "UPDATE product_days SET product_id = 'nothing' WHERE product_id = 'mug'",
        "UPDATE failure_days SET orders = 7",
        "DELETE FROM failure_days; DELETE FROM product_days; DELETE FROM sales_days; DELETE FROM sales_hours",
    ];
    for spoil in spoil {
        run_at(&url, spoil).await;
        let heard = must_have(must(database.freshness(&tenant()).await)).changes;
        let (mut wrong, mut day) = (0, *ever().start());
        while day <= *ever().end() {
            wrong += must(database.miscounted(&tenant(), day).await).len();
            must(database.recount(&tenant(), day).await);
            assert_eq!(must(database.miscounted(&tenant(), day).await), []);
            day = must(day.tomorrow());
        }
        assert!(wrong > 0, "{spoil}");
        is_as_it_should_be(&database).await;
        let now = must_have(must(database.freshness(&tenant()).await)).changes;
        assert!(now > heard, "{spoil}");
    }
}

/// Of each figure what it was and what it is.
#[tokio::test]
async fn what_is_wrong_is_told_as_it_was_and_as_it_should_be() {
    let (database, url) = empty("miscounted").await;
    must(database.migrate().await);
    for event in events() {
        must(database.count_sale(&tenant(), &event).await);
    }
    run_at(
        &url,
        "UPDATE sales_hours SET placed = placed + 4 WHERE placed > 0",
    )
    .await;
    let told = must(database.miscounted(&tenant(), *ever().start()).await);
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.figure.name, it.counted, it.wanted))
        .collect();
    assert!(!told.is_empty());
    assert!(told.iter().all(|it| *it == ("placed", 5, 1)), "{told:?}");
}

/// Nothing is wrong at any moment, so nothing is ever found, while others count orders of the same day.
#[tokio::test]
async fn who_recounts_beside_those_who_count_sees_each_order_with_what_it_added() {
    const ORDERS: usize = 60;
    let (database, url) = empty("recount_beside").await;
    must(database.migrate().await);
    let first = events().swap_remove(0);
    let counting = Cell::new(BESIDE_EACH_OTHER);
    let count = async |who: usize| {
        let database = must(AnalyticsDb::connect(&url));
        for number in 0..ORDERS {
            let number = u64::try_from(who * ORDERS + number).unwrap_or_default();
            let placed = ReportedSale {
                order: order_id(number + 100),
                ..first.clone()
            };
            must(database.count_sale(&tenant(), &placed).await);
        }
        counting.set(counting.get() - 1);
    };
    let day = first.at.to_zoned(TimeZone::UTC).date();
    let recount = async {
        let other = must(AnalyticsDb::connect(&url));
        while counting.get() > 0 {
            assert_eq!(must(other.miscounted(&tenant(), day).await), []);
            must(other.recount(&tenant(), day).await);
        }
    };
    join!(join_all((0..BESIDE_EACH_OTHER).map(count)), recount);
    let days = must(database.sales_by_day(&tenant(), &(day..=day)).await);
    let placed: Vec<_> = days.values().map(|it| it.placed).collect();
    let all = i64::try_from(BESIDE_EACH_OTHER * ORDERS).unwrap_or_default();
    assert_eq!(placed, [all]);
}

/// The server keeps every character but one; what tells of an event is not lost for it.
#[tokio::test]
async fn an_event_is_counted_whatever_its_id_is() {
    let (database, _) = empty("any_id").await;
    must(database.migrate().await);
    for (number, mut event) in events().into_iter().enumerate() {
        event.event_id = format!("'); DROP TABLE orders; --\0{number}");
        must(database.count_sale(&tenant(), &event).await);
    }
    is_as_it_should_be(&database).await;
}

/// What a piece of work comes to, unless it is dropped after so many steps.
pub(crate) async fn for_steps<T>(steps: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
