//! What people were told, when it has left their lists: from the stream of the lists into the database,
//! and from there onto their pages; and what becomes of all that while the database is away.

use std::time::Duration;

use domain::ports::ForgetNotifications;
use domain::{CustomerId, TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::cart::Cart;
use tests::emulator::database;
use tests::emulator::inbox::told;
use tests::emulator::shop::{SOON, Shop};
use tests::emulator::wait::until;

/// What failed at the stream comes again after a while.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(120);

/// An order of this cart is placed and confirmed: its reader is told twice.
async fn tell(shop: &Shop, cart: &Cart) {
    shop.place(cart).await;
    shop.ends(cart, SOON, "confirmed", None).await;
    told(shop, cart).await;
}

async fn page(shop: &Shop, reader: &str) -> Value {
    let answer = shop.get(reader, "/notifications").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Number of each on a page, and whether it was read.
fn entries(page: &Value) -> Vec<(u64, bool)> {
    let entry = |it: &Value| Some((it["number"].as_u64()?, it["read"].as_bool()?));
    let entries = must_have(page["notifications"].as_array());
    entries.iter().filter_map(entry).collect()
}

/// Waits until a page has all of these and says that it lacks nothing.
async fn comes_to_show(shop: &Shop, reader: &str, wanted: &[(u64, bool)], limit: Duration) {
    let look = || async {
        let page = page(shop, reader).await;
        (entries(&page) == wanted && page.get("missing").is_none()).then_some(())
    };
    until("the history to have what left the list", limit, look).await;
}

/// Takes one out of a list, as DynamoDB does after its time.
async fn leaves(shop: &Shop, reader: &str, number: u64) {
    shop.tables.remove_notification(reader, number).await;
}

async fn mark(shop: &Shop, reader: &str, numbers: &[u64]) -> u16 {
    let mark = shop.request(Method::POST, "/notifications/read");
    let mark = mark.json(&json!({ "numbers": numbers }));
    shop.ask(mark.bearer_auth(shop.token(reader))).await.status
}

#[tokio::test]
async fn what_has_left_the_list_is_shown_and_marked_in_the_history() {
    let shop = Shop::open("history").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let reader = &cart.customer;
    tell(&shop, &cart).await;
    assert_eq!(mark(&shop, reader, &[2]).await, 204);
    for number in [1, 2] {
        leaves(&shop, reader, number).await;
    }
    comes_to_show(&shop, reader, &[(2, true), (1, false)], SOON).await;
    // Nobody waits for long for a busy database, and marks may come again.
    let marked = || async { (mark(&shop, reader, &[1]).await == 204).then_some(()) };
    until("the mark to be taken", SOON, marked).await;
    comes_to_show(&shop, reader, &[(2, true), (1, true)], SOON).await;
    shop.check().await;
}

#[tokio::test]
async fn while_the_database_is_away_what_the_list_has_is_shown_and_the_rest_comes_back() {
    let shop = Shop::alone("history-away").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    let reader = &cart.customer;
    tell(&shop, &cart).await;
    leaves(&shop, reader, 1).await;
    comes_to_show(&shop, reader, &[(2, false), (1, false)], SOON).await;
    database::close(&shop.stack).await;
    tell(&shop, &cart.clone().under("second")).await;
    let meanwhile = page(&shop, reader).await;
    let marked = mark(&shop, reader, &[1, 2]).await;
    leaves(&shop, reader, 3).await;
    // Before anything is asserted: others need it.
    database::open(&shop.stack).await;
    assert_eq!(entries(&meanwhile), [(4, false), (3, false), (2, false)]);
    assert_eq!(meanwhile["missing"], "unavailable");
    assert_eq!(marked, 503);
    let all = [(4, false), (3, false), (2, true), (1, false)];
    comes_to_show(&shop, reader, &all, CAUGHT_UP_WITHIN).await;
    shop.check().await;
}

#[tokio::test]
async fn nothing_is_left_in_the_history_of_a_list_that_was_closed() {
    let shop = Shop::open("history-closed").await;
    shop.sell("tea", 1_200, 10).await;
    let cart = shop.cart(&[("tea", 1)]);
    tell(&shop, &cart).await;
    let count = async || database::remembered_of(&shop.stack, &cart.customer).await;
    let kept = || async { (count().await == 2).then_some(()) };
    until("the history to have both", SOON, kept).await;
    let reader = must(CustomerId::parse(&cart.customer));
    let tenant = must(TenantId::parse("main"));
    let forget = shop
        .tables
        .realtime
        .forget_notifications((&tenant, &reader));
    must(forget.await);
    let gone = || async { (count().await == 0).then_some(()) };
    until("the history to have neither", SOON, gone).await;
    shop.check().await;
}
