//! What a seed makes, and what a second one changes.

use std::collections::BTreeSet;

use clap::ValueEnum;
use domain::ports::{ReadCatalogue, StockShelves};
use testkit::build::at;
use testkit::fakes::{FakeCatalogue, FakeInventory};

use super::{Seed, Seeded, Size, sample};

fn seed(size: Size, restock: bool) -> Seed {
    Seed {
        size,
        stock: 7,
        restock,
    }
}

#[test]
fn makes_the_same_products_every_time_and_larger_sizes_hold_the_smaller() {
    let large = sample::products(Size::Large.products(), "main", at(0)).unwrap();
    for size in Size::value_variants() {
        let count = size.products();
        let products = sample::products(count, "main", at(0)).unwrap();
        assert_eq!(products.len(), usize::from(count));
        assert_eq!(products[..], large[..usize::from(count)]);
    }
}

#[test]
fn makes_products_that_differ_and_cost_something() {
    let products = sample::products(1_000, "main", at(0)).unwrap();
    let ids: BTreeSet<_> = products.iter().map(|product| &product.id).collect();
    let skus: BTreeSet<_> = products.iter().map(|product| &product.sku).collect();
    let names: BTreeSet<_> = products.iter().map(|product| &product.name).collect();
    assert_eq!((ids.len(), skus.len(), names.len()), (1_000, 1_000, 1_000));
    for product in &products {
        assert!(product.price.minor() > 500, "{product:?}");
        assert_eq!(product.price.currency().code(), "EUR");
        assert!(product.is_on_sale());
    }
    assert_eq!(products[0].name, "Blue mug");
    assert_eq!(products[0].price.to_string(), "12.90 EUR");
    assert_eq!(products[999].name, "Dotted brown vase");
}

#[tokio::test]
async fn a_second_seed_adds_no_stock_and_restock_does() {
    let (catalogue, inventory) = (FakeCatalogue::default(), FakeInventory::default());
    let sku = sample::products(1, "main", at(0)).unwrap()[0].sku.clone();
    let seeds = [(false, 10, 7), (false, 0, 7), (true, 10, 14)];
    for (seconds, (restock, stocked, available)) in (1..).zip(seeds) {
        let seed = seed(Size::Small, restock);
        let seeded = seed
            .seed(&catalogue, &inventory, ("main", at(seconds)))
            .await
            .unwrap();
        let expected = Seeded {
            products: 10,
            stocked,
            pieces_each: 7,
        };
        assert_eq!(seeded, expected);
        assert_eq!(inventory.available(&sku).await.unwrap(), Some(available));
    }
}

#[tokio::test]
async fn a_larger_seed_stocks_only_what_is_new() {
    let (catalogue, inventory) = (FakeCatalogue::default(), FakeInventory::default());
    let mut stocked = Vec::new();
    for size in [Size::Small, Size::Medium] {
        let seeded = seed(size, false)
            .seed(&catalogue, &inventory, ("main", at(1)))
            .await;
        stocked.push(seeded.unwrap().stocked);
    }
    assert_eq!(stocked, [10, 90]);
    let ids: Vec<_> = sample::products(100, "main", at(0)).unwrap();
    let ids: Vec<_> = ids.into_iter().map(|product| product.id).collect();
    assert_eq!(catalogue.products(&ids).await.unwrap().len(), 100);
}

#[test]
fn says_what_it_did() {
    let mut seeded = Seeded {
        products: 10,
        stocked: 10,
        pieces_each: 7,
    };
    assert_eq!(
        seeded.to_string(),
        "10 products; 7 pieces of each of 10 put on the shelf"
    );
    seeded.stocked = 0;
    assert_eq!(seeded.to_string(), "10 products; stock left as it was");
}
