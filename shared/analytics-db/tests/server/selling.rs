//! What is sold, counted by many at once and by some who die of it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use analytics_db::AnalyticsDb;
use domain::ports::CountSales;
use futures::future::join_all;
use testkit::build::tenant;
use testkit::must;
use testkit::port_checks::sales::{events, is_as_it_should_be, shuffled};

use crate::schema::empty;

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
