//! From a change of the catalogue over its event and the index to what anybody finds; and what becomes
//! of all that while the database is away.

use std::time::Duration;

use reqwest::Method;
use testkit::must_have;
use tests::emulator::database;
use tests::emulator::shop::{Answer, SOON, Shop, stamp};
use tests::emulator::wait::until;

/// A new product is found this soon.
const FOUND_WITHIN: Duration = Duration::from_secs(5);
/// A message that failed comes back after a minute.
const CAUGHT_UP_WITHIN: Duration = Duration::from_secs(120);

/// A word that nothing else is called, of letters only.
fn word() -> String {
    let digits = stamp();
    let letter = |digit: char| must_have(char::from_u32(must_have(digit.to_digit(16)) + 97));
    digits.chars().map(letter).collect()
}

/// The word with a letter left out.
fn with_a_slip(word: &str) -> String {
    let (before, after) = word.split_at(word.len() / 2);
    format!("{before}{}", &after[1..])
}

async fn search(shop: &Shop, text: &str) -> Answer {
    let request = shop.request(Method::GET, "/search").query(&[("q", text)]);
    shop.ask(request).await
}

/// Whether the product of this name is found.
async fn is_found(shop: &Shop, text: &str, name: &str) -> bool {
    let answer = search(shop, text).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let results = must_have(body["results"].as_array());
    results.iter().any(|it| it["name"] == name)
}

async fn comes_to_be_found(shop: &Shop, name: &str, wanted: bool, limit: Duration) {
    let look = || async { (is_found(shop, name, name).await == wanted).then_some(()) };
    until(&format!("{name} found: {wanted}"), limit, look).await;
}

#[tokio::test]
async fn a_new_product_is_found_within_five_seconds_also_with_a_slip_until_it_is_withdrawn() {
    let shop = Shop::alone("search").await;
    // The first one starts the functions.
    let warm = word();
    shop.list(&warm, 1_200, "EUR", true).await;
    comes_to_be_found(&shop, &warm, true, SOON).await;
    let name = word();
    shop.list(&name, 1_200, "EUR", true).await;
    comes_to_be_found(&shop, &name, true, FOUND_WITHIN).await;
    assert!(is_found(&shop, &with_a_slip(&name), &name).await);
    assert!(is_found(&shop, &name[..name.len() - 3], &name).await);
    shop.list(&name, 1_200, "EUR", false).await;
    comes_to_be_found(&shop, &name, false, SOON).await;
    assert!(is_found(&shop, &warm, &warm).await);
    shop.check().await;
}

#[tokio::test]
async fn while_the_database_is_away_only_search_is_and_it_catches_up() {
    let shop = Shop::alone("search-away").await;
    let (before, meanwhile) = (word(), format!("{}x", word()));
    shop.list(&before, 1_200, "EUR", true).await;
    comes_to_be_found(&shop, &before, true, SOON).await;
    database::close(&shop.stack).await;
    let searches = [search(&shop, &before).await, search(&shop, &before).await];
    shop.list(&meanwhile, 1_200, "EUR", true).await;
    let path = format!("/products/{}", shop.product_id(&meanwhile));
    let shown = shop.ask(shop.request(Method::GET, &path)).await;
    // Before anything is asserted: others need it.
    database::open(&shop.stack).await;
    for answer in searches {
        assert_eq!(
            (answer.status, answer.retry_after),
            (503, Some(1)),
            "{}",
            answer.body
        );
    }
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(is_found(&shop, &before, &before).await);
    comes_to_be_found(&shop, &meanwhile, true, CAUGHT_UP_WITHIN).await;
    shop.check().await;
}
