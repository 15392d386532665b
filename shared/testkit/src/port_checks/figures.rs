//! Checks of [`CountOrders`], [`ReadFigures`] and [`KeepNewest`].

use domain::ports::{CountOrders, KeepNewest, ReadFigures, SaveError};
use domain::{
    CountedOrder, Counting, CourseId, FailureCode, Figure, NewCourse, NewestCourses, Period,
    RefundId, Standing, Tally, TenantId,
};
use futures::future::join_all;

use crate::build::{at, eur, order_id, tenant};
use crate::{must, must_fail};

fn refund(minor: i64) -> Counting {
    Counting::Refunded(must(RefundId::parse("one")), eur(minor))
}

/// Counts what happened to an order, and what is stored of it then.
async fn count(store: &impl CountOrders, number: u64, what: &Counting) -> CountedOrder {
    let order = order_id(number);
    let mut counted = must(store.counted(order).await);
    let tallies = counted.count(what, at(0));
    let (shop, version) = (tenant(), counted.version + 1);
    must(
        store
            .save_counted(&shop, order, counted.clone(), &tallies)
            .await,
    );
    let stored = must(store.counted(order).await);
    assert_eq!(stored, CountedOrder { version, ..counted });
    stored
}

/// Every figure that is something.
async fn all(store: &impl ReadFigures, shop: &TenantId) -> Vec<(String, i64)> {
    let periods = [Period::Now, Period::day_of(at(0)), Period::hour_of(at(0))];
    let found = must(store.figures(shop, &periods).await);
    let named = |tally: &Tally| (format!("{:?} {:?}", tally.period, tally.figure), tally.by);
    let mut found: Vec<_> = found.iter().map(named).filter(|it| it.1 != 0).collect();
    found.sort();
    found
}

fn is(period: Period, figure: Figure, by: i64) -> (String, i64) {
    (format!("{period:?} {figure:?}"), by)
}

/// Everything that can be counted of an order is read back, with its figures.
pub async fn reads_back_what_was_counted(store: &(impl CountOrders + ReadFigures)) {
    assert_eq!(
        must(store.counted(order_id(1)).await),
        CountedOrder::default()
    );
    assert_eq!(all(store, &tenant()).await, []);
    for what in [
        Counting::Completed(eur(1_200)),
        Counting::Placed(eur(1_200)),
        Counting::Delivered,
        Counting::Shipped,
        refund(200),
    ] {
        count(store, 1, &what).await;
    }
    count(store, 2, &Counting::Failed(FailureCode::OutOfStock)).await;
    count(store, 3, &Counting::Cancelled).await;
    let (now, day) = (Period::Now, Period::day_of(at(0)));
    let currency = eur(0).currency();
    let mut wanted = vec![
        is(day, Figure::Failures(FailureCode::OutOfStock), 1),
        is(day, Figure::Refunds(currency), 200),
        is(day, Figure::Revenue(currency), 1_200),
        is(Period::hour_of(at(0)), Figure::Placed(0), 1),
        is(now, Figure::Standing(Standing::Cancelled), 1),
        is(now, Figure::Standing(Standing::Delivered), 1),
        is(now, Figure::Standing(Standing::Failed), 1),
    ];
    wanted.sort();
    assert_eq!(all(store, &tenant()).await, wanted);
    assert_eq!(all(store, &must(TenantId::parse("other"))).await, []);
}

/// Of two who read the same, one counts; the other is told what is stored, and nothing changes.
pub async fn counts_an_order_once_of_two(store: &(impl CountOrders + ReadFigures)) {
    for what in [Counting::Placed(eur(1_200)), refund(200)] {
        let read = must(store.counted(order_id(1)).await);
        let stored = count(store, 1, &what).await;
        let before = all(store, &tenant()).await;
        let mut late = read;
        let tallies = late.count(&what, at(0));
        let saved = store
            .save_counted(&tenant(), order_id(1), late, &tallies)
            .await;
        match must_fail(saved) {
            SaveError::Conflict(Some(told)) => assert_eq!(*told, stored),
            other => panic!("a conflict that tells what is stored, not {other}"),
        }
        assert_eq!(all(store, &tenant()).await, before);
    }
}

/// Orders that come at once are all counted.
pub async fn counts_orders_at_once(store: &(impl CountOrders + ReadFigures)) {
    let placed = Counting::Placed(eur(1_200));
    join_all((0..40).map(|number| count(store, number, &placed))).await;
    let mut wanted = [
        is(Period::hour_of(at(0)), Figure::Placed(0), 40),
        is(Period::Now, Figure::Standing(Standing::Open), 40),
    ];
    wanted.sort();
    assert_eq!(all(store, &tenant()).await, wanted);
}

/// The newest courses are read back; of two who read the same, one writes.
pub async fn keeps_the_newest_courses(store: &impl KeepNewest) {
    let shop = tenant();
    for number in 1..=2 {
        let mut newest = must(store.newest(&shop).await);
        let stale = newest.clone();
        assert!(newest.take(NewCourse {
            id: must(CourseId::parse(&format!("course{number}"))),
            title: "Soldering".to_owned(),
            created_at: at(number),
        }));
        must(store.save_newest(&shop, newest.clone()).await);
        let version = stale.version + 1;
        let written = NewestCourses { version, ..newest };
        assert_eq!(must(store.newest(&shop).await), written);
        match must_fail(store.save_newest(&shop, stale).await) {
            SaveError::Conflict(Some(told)) => assert_eq!(*told, written),
            other => panic!("a conflict that tells what is stored, not {other}"),
        }
    }
}
