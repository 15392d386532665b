//! From orders over their events and the figures to the report; and what becomes of it while the database is
//! away.

use std::time::Duration;

use futures::future::{join, join_all};
use http_edge::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::must_have;
use tests::emulator::cart::TENANT;
use tests::emulator::database;
use tests::emulator::processes::kill;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;
use tokio::time::{Instant, sleep};

use crate::command_line::cartwright;
use crate::metrics::{admin_of, batch, counted, send};

/// A message that failed comes back after a minute.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(120);
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(125);

/// A key by which a service tells of events.
async fn admin_key(shop: &Shop, admin: &str) -> String {
    let body = json!({"name": shop.name(), "roles": ["admin"]});
    let made = shop.request(Method::POST, "/api-keys").bearer_auth(admin);
    let made = shop.ask(made.json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    must_have(made.json()["key"].as_str()).to_owned()
}

async fn report(shop: &Shop, path: &str) -> Answer {
    let mut admin = shop.claims("admin");
    admin.roles = vec![Role::Admin];
    let request = shop.request(Method::GET, &format!("/admin/reports/{path}"));
    shop.ask(request.bearer_auth(shop.sign(&admin))).await
}

async fn rows(shop: &Shop, path: &str) -> Vec<Value> {
    let answer = report(shop, path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    must_have(answer.json()["rows"].as_array()).clone()
}

/// What was sold of a product: pieces and cents.
async fn sold(shop: &Shop, name: &str) -> (i64, i64) {
    let product = shop.product_id(name);
    let rows = rows(shop, "products?currency=EUR&limit=100").await;
    let row = rows
        .iter()
        .find(|row| row["product_id"] == product.as_str());
    let number = |field| row.and_then(|row| row[field].as_i64()).unwrap_or_default();
    (number("units"), number("revenue_minor"))
}

/// A figure of the last week, in euros.
async fn sum(shop: &Shop, field: &str) -> i64 {
    let rows = rows(shop, "daily").await;
    let euros = rows.iter().filter(|row| row["currency"] == "EUR");
    euros.filter_map(|row| row[field].as_i64()).sum()
}

/// Pieces of a SKU that can be sold, that are held and that were sold, as the report of stock has them.
async fn lasting(shop: &Shop, name: &str) -> Option<(i64, i64, i64, Option<i64>)> {
    let product = shop.product_id(name);
    // Those that are gone soonest: other tests sell less of more.
    let rows = rows(shop, "stock?below=400&limit=100").await;
    let row = rows
        .iter()
        .find(|row| row["product_id"] == product.as_str())?;
    let number = |field| row[field].as_i64();
    Some((
        number("available")?,
        number("reserved")?,
        number("units_sold")?,
        number("days_of_cover"),
    ))
}

/// Nine of ten are sold: one lasts three days.
#[tokio::test]
async fn orders_that_are_placed_appear_in_the_report_of_stock() {
    let shop = Shop::open("reports-stock").await;
    shop.sell("pot", 900, 10).await;
    let cart = shop.cart(&[("pot", 9)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let wanted = Some((1, 0, 9, Some(3)));
    let look = || async { (lasting(&shop, "pot").await == wanted).then_some(()) };
    until("what is left lasts three days", SOON, look).await;
    let mut report = must_have(report(&shop, "stock").await.json().as_object().cloned());
    assert!(report.remove("as_of").is_some() && report.remove("stock_as_of").is_some());
    let sheet = self::report(&shop, "stock.csv?below=400").await;
    assert!(
        sheet.body.starts_with("product_id,sku,available,"),
        "{}",
        sheet.body
    );
    shop.check().await;
}

/// Orders of tests before may still end meanwhile, so there may be more.
#[tokio::test]
async fn orders_are_in_the_report_once_they_are_told_of() {
    let shop = Shop::alone("reports").await;
    // Dear, so that they are among the first hundred products.
    shop.sell("tea", 912_000, 10).await;
    shop.sell("mug", 900, 1).await;
    let figures = ["placed", "orders", "revenue_minor", "failed"];
    let mut before = Vec::new();
    for figure in figures {
        before.push(sum(&shop, figure).await);
    }
    let (good, short) = (shop.cart(&[("tea", 2)]), shop.cart(&[("mug", 5)]));
    shop.place(&good).await;
    shop.place(&short).await;
    shop.ends(&good, SOON, "confirmed", None).await;
    shop.ends(&short, SOON, "failed", Some("out_of_stock"))
        .await;
    let look = || async { (sold(&shop, "tea").await == (2, 1_824_000)).then_some(()) };
    until("what was sold is in the report", SOON, look).await;
    for (figure, (before, least)) in figures
        .iter()
        .zip(before.into_iter().zip([2, 1, 1_824_000, 1]))
    {
        let look = || async { (sum(&shop, figure).await >= before + least).then_some(()) };
        until(figure, SOON, look).await;
    }
    let reasons = rows(&shop, "failures").await;
    let short = reasons.iter().find(|row| row["reason"] == "out_of_stock");
    assert!(must_have(short)["orders"].as_i64() >= Some(1));
    let sheet = report(&shop, "daily.csv?by=hour").await;
    assert!(
        sheet.body.starts_with("day,hour,currency,placed,"),
        "{}",
        sheet.body
    );

    shop.check().await;
}

/// What was sold and what happened while the database was away.
#[derive(Default)]
struct Meanwhile {
    units: i64,
    events: (i64, i64),
    answers: Vec<(u16, Option<u64>)>,
}

/// Sells and tells of events until the time is over, and looks at the report after each.
async fn carry_on(shop: &Shop, key: &str, time: Duration) -> Meanwhile {
    let until = Instant::now() + time;
    let mut meanwhile = Meanwhile::default();
    while Instant::now() < until {
        let round = meanwhile.units;
        let (pieces, micros) = (round % 3 + 1, [round + 1, 2 * round]);
        let cart = shop.cart(&[("pot", pieces)]);
        shop.place(&cart).await;
        shop.ends(&cart, SOON, "confirmed", None).await;
        let batch = batch(&micros);
        let sent = [send(shop, key, &batch).await, send(shop, key, &batch).await];
        meanwhile.answers.extend(sent.map(|it| (it.status, None)));
        let away = report(shop, "daily").await;
        meanwhile.answers.push((away.status, away.retry_after));
        meanwhile.units += pieces;
        meanwhile.events.0 += 2;
        meanwhile.events.1 += micros.iter().sum::<i64>();
    }
    meanwhile
}

/// Minutes without the database only delay: orders and batches are accepted all the while, and once it is
/// back everything counts, once.
#[tokio::test]
async fn f36_what_happens_while_the_database_is_away_for_minutes_is_counted_afterwards() {
    let shop = Shop::alone("reports-away").await;
    shop.sell("pot", 914_003, 1_000).await;
    let admin = admin_of(&shop, TENANT);
    let key = admin_key(&shop, &admin).await;
    let before = counted(&shop, &admin).await;
    database::close(&shop.stack).await;
    let meanwhile = carry_on(&shop, &key, AWAY).await;
    // Before anything is asserted: others need it.
    database::open(&shop.stack).await;
    for answers in meanwhile.answers.chunks(3) {
        assert_eq!(answers, [(202, None), (202, None), (503, Some(1))]);
    }
    let wanted = (meanwhile.units, meanwhile.units * 914_003);
    let look = || async { (sold(&shop, "pot").await == wanted).then_some(()) };
    until(
        "what was sold meanwhile is in the report",
        CAUGHT_UP_WITHIN,
        look,
    )
    .await;
    let (events, micros) = meanwhile.events;
    let wanted = (before.0 + events, before.1 + micros);
    let look = || async { (counted(&shop, &admin).await == wanted).then_some(()) };
    until("what happened meanwhile is in it", CAUGHT_UP_WITHIN, look).await;
    shop.check().await;
}

/// Kills whoever counts, over and over, and says how many there were. One that was killed is there again with
/// the next event, and what it had in hand a minute later.
async fn kill_projectors(shop: &Shop) -> usize {
    let mut killed = 0;
    // Steps that have no measure in common, so that they meet its work anywhere.
    for round in 0..450_u64 {
        sleep(Duration::from_millis(60 + round * 37 % 190)).await;
        killed += kill(&shop.stack, "project-analytics");
        if killed >= 5 {
            break;
        }
    }
    killed
}

/// Nothing is lost or counted twice, to the cent, and events that come once more change nothing.
#[tokio::test]
async fn a_projector_that_is_killed_again_and_again_counts_everything_once() {
    let shop = Shop::open("reports-killed").await;
    shop.sell("cup", 913_001, 1_000).await;
    let quantities: Vec<i64> = (1..=16).map(|number| number % 5 + 1).collect();
    let carts: Vec<_> = quantities
        .iter()
        .map(|quantity| shop.cart(&[("cup", *quantity)]))
        .collect();
    let orders = join_all(carts.iter().map(async |cart| {
        shop.place(cart).await;
        shop.ends(cart, SOON, "confirmed", None).await;
    }));
    let (_, killed) = join(orders, kill_projectors(&shop)).await;
    assert!(killed >= 3, "{killed}");
    let units: i64 = quantities.iter().sum();
    let wanted = (units, units * 913_001);
    let look = || async { (sold(&shop, "cup").await == wanted).then_some(()) };
    until("each order is counted", CAUGHT_UP_WITHIN, look).await;
    for cart in carts.iter().take(3) {
        let order = format!("order/{}", cart.id());
        let replay = ["events", "replay", "--aggregate", &order];
        let (code, _) = cartwright(&shop, &replay).await;
        assert_eq!(code, Some(0));
    }
    // What comes after them is counted, so they were looked at.
    let last = shop.cart(&[("cup", 2)]);
    shop.place(&last).await;
    shop.ends(&last, SOON, "confirmed", None).await;
    let wanted = (units + 2, (units + 2) * 913_001);
    let look = || async { (sold(&shop, "cup").await == wanted).then_some(()) };
    until("the last one is counted", CAUGHT_UP_WITHIN, look).await;
    shop.check().await;
}
