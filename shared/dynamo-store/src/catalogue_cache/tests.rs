//! What the cache keeps, and for how long.

use domain::ports::{ReadCatalogue, WriteCatalogue};
use jiff::SignedDuration;
use testkit::build::{a_product, product_id};
use testkit::fakes::FakeCatalogue;
use testkit::{FakeClock, must, must_fail};

use super::CachedCatalogue;

fn cached(
    source: &FakeCatalogue,
    clock: &FakeClock,
) -> CachedCatalogue<FakeCatalogue, impl Fn() -> jiff::Timestamp + use<>> {
    let clock = clock.clone();
    CachedCatalogue::new(source.clone(), move || clock.now())
}

async fn price(catalogue: &impl ReadCatalogue) -> i64 {
    let id = product_id("tea");
    let found = must(catalogue.products(std::slice::from_ref(&id)).await);
    found[&id].price.minor()
}

#[tokio::test]
async fn asks_once_within_the_time() {
    let source = FakeCatalogue::default().with(a_product("tea", 1_200));
    let clock = FakeClock::default();
    let catalogue = cached(&source, &clock);
    assert_eq!(price(&catalogue).await, 1_200);
    must(source.put(&a_product("tea", 1_300)).await);
    clock.advance(SignedDuration::from_secs(29));
    assert_eq!(price(&catalogue).await, 1_200);
    assert_eq!(source.reads(), 1);
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(price(&catalogue).await, 1_300);
}

#[tokio::test]
async fn does_not_keep_what_it_does_not_know() {
    let source = FakeCatalogue::default();
    let catalogue = cached(&source, &FakeClock::default());
    let ids = [product_id("tea")];
    assert!(must(catalogue.products(&ids).await).is_empty());
    must(source.put(&a_product("tea", 1_200)).await);
    assert_eq!(price(&catalogue).await, 1_200);
}

#[tokio::test]
async fn asks_for_what_is_missing_only() {
    let source = FakeCatalogue::default()
        .with(a_product("tea", 1_200))
        .with(a_product("mug", 900));
    let catalogue = cached(&source, &FakeClock::default());
    price(&catalogue).await;
    let both = [product_id("tea"), product_id("mug")];
    assert_eq!(must(catalogue.products(&both).await).len(), 2);
    assert_eq!(must(catalogue.products(&both).await).len(), 2);
    assert_eq!(source.reads(), 2);
}

#[tokio::test]
async fn answers_from_memory_when_the_store_is_down() {
    let source = FakeCatalogue::default().with(a_product("tea", 1_200));
    let catalogue = cached(&source, &FakeClock::default());
    price(&catalogue).await;
    source.fail_next_read();
    assert_eq!(price(&catalogue).await, 1_200);
    must_fail(catalogue.products(&[product_id("mug")]).await);
}

#[tokio::test]
async fn a_clock_that_went_back_does_not_keep_prices_for_ever() {
    let source = FakeCatalogue::default().with(a_product("tea", 1_200));
    let clock = FakeClock::default();
    let catalogue = cached(&source, &clock);
    price(&catalogue).await;
    must(source.put(&a_product("tea", 1_300)).await);
    clock.advance(SignedDuration::from_secs(-1));
    assert_eq!(price(&catalogue).await, 1_300);
}
