//! Facts, kept by many at once and by some who die of it.

use analytics_db::AnalyticsDb;
use domain::ports::{CountSales, KeepFacts, ReadFacts};
use domain::{Fact, LeaseStep, OrderFact, OrderPart, StockLine};
use futures::future::{join, join_all};
use testkit::build::{at, order_id, sku, tenant};
use testkit::must;
use testkit::port_checks::facts::{facts, is_kept, keep_all, parts};
use testkit::port_checks::sales::{events, shuffled};

use crate::schema::{empty, fresh, run};
use crate::selling::for_steps;

/// More than there are connections for one of them.
const BESIDE_EACH_OTHER: usize = 5;
/// How often two hold the same things at once, and how many: they meet in a circle sooner or later.
const ROUNDS: u64 = 20;
const THINGS: usize = 200;

#[tokio::test]
async fn those_who_keep_beside_each_other_keep_each_thing_once() {
    let (database, url) = empty("keeping").await;
    must(database.migrate().await);
    let keep = async |seed: usize| {
        let database = must(AnalyticsDb::connect(&url));
        keep_all(&database, &shuffled(&facts(), seed)).await;
    };
    join_all((0..BESIDE_EACH_OTHER).map(keep)).await;
    is_kept(&database).await;
}

/// Orders that are counted and the rest that is known of them are about the same rows.
#[tokio::test]
async fn those_who_keep_beside_those_who_count_wait_for_nobody_in_a_circle() {
    let (database, url) = empty("both").await;
    must(database.migrate().await);
    let keep = async |seed: usize| {
        let database = must(AnalyticsDb::connect(&url));
        keep_all(&database, &shuffled(&facts(), seed)).await;
    };
    let count = async |seed: usize| {
        let database = must(AnalyticsDb::connect(&url));
        for event in shuffled(&events(), seed) {
            must(database.count_sale(&tenant(), &event).await);
        }
    };
    join(
        join_all((0..BESIDE_EACH_OTHER).map(keep)),
        join_all((0..BESIDE_EACH_OTHER).map(count)),
    )
    .await;
    testkit::port_checks::sales::is_as_it_should_be(&database).await;
    for number in 1..=5 {
        let known = must(database.facts_of(&tenant(), order_id(number)).await);
        assert_eq!(known, parts(number), "{number}");
    }
}

/// Stock is held for two orders at once, of many things of which nobody told yet, and each names them in a
/// sequence of its own.
#[tokio::test]
async fn those_who_hold_the_same_things_wait_for_nobody_in_a_circle() {
    let (database, url) = empty("circle").await;
    must(database.migrate().await);
    let other = must(AnalyticsDb::connect(&url));
    for round in 0..ROUNDS {
        let things = (0..THINGS).map(|number| sku(&format!("thing-{round}-{number}")));
        let there: Vec<_> = things.map(|sku| StockLine { sku, quantity: 1 }).collect();
        let back: Vec<_> = there.iter().rev().cloned().collect();
        let hold = async |database: &AnalyticsDb, order, lines| {
            let lease = Fact::OfOrder(OrderFact {
                order: order_id(order),
                what: OrderPart::Lease(LeaseStep::Held, lines),
                at: at(0),
            });
            must(database.keep_fact(&tenant(), &lease).await);
        };
        let (first, second) = (2 * round + 1, 2 * round + 2);
        join(hold(&database, first, there), hold(&other, second, back)).await;
        for order in [first, second] {
            let known = must(database.facts_of(&tenant(), order_id(order)).await);
            assert_eq!(known.lines.len(), THINGS);
        }
    }
}

/// Somebody is ended in the midst of it, earlier or later each time; whoever comes after them is told the
/// same once more.
#[tokio::test]
async fn what_was_kept_in_part_is_not_kept() {
    let database = fresh("kept_in_part").await;
    let mut ended = 0;
    for fact in shuffled(&facts(), 1) {
        let mut steps = 0;
        let kept = loop {
            match for_steps(steps, database.keep_fact(&tenant(), &fact)).await {
                Some(kept) => break kept,
                None => (ended, steps) = (ended + 1, steps + 1),
            }
        };
        must(kept);
        must(database.keep_fact(&tenant(), &fact).await);
    }
    assert!(ended > 20, "{ended} were ended");
    is_kept(&database).await;
}

/// What comes before its parent has one that is not known yet, and no fact is without one.
#[tokio::test]
async fn a_parent_that_nobody_told_of_is_not_known() {
    let (database, url) = empty("parents").await;
    must(database.migrate().await);
    let mut backwards = facts();
    backwards.reverse();
    keep_all(&database, &backwards).await;
    let schema = url.rsplit("%3D").next().unwrap_or_default();
    run(&format!(
        "SET search_path = {schema};
         DO $$ BEGIN
            ASSERT (SELECT count(*) FROM orders WHERE NOT known) = 4;
            ASSERT (SELECT array_agg(sku) FROM stock WHERE NOT known) = ARRAY['old-kettle'];
            ASSERT (SELECT count(*) FROM payments WHERE NOT known) = 0;
         END $$"
    ))
    .await;
    for event in events() {
        must(database.count_sale(&tenant(), &event).await);
    }
    run(&format!(
        "SET search_path = {schema};
         DO $$ BEGIN ASSERT (SELECT count(*) FROM orders WHERE NOT known) = 0; END $$"
    ))
    .await;
}
