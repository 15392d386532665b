//! Checks of [`ReadCatalogue`] and [`WriteCatalogue`].

use domain::ports::{ReadCatalogue, WriteCatalogue};
use domain::{MAX_LINES, Product, ProductId};

use crate::build::{a_product, product_id};
use crate::must;

/// Unknown ids are left out.
pub async fn finds_the_products_that_exist(store: &(impl ReadCatalogue + WriteCatalogue)) {
    let tea = a_product("tea", 1_200);
    let mug = Product {
        active: false,
        ..a_product("mug", 900)
    };
    must(store.put(&tea).await);
    must(store.put(&mug).await);
    let one = must(store.products(&[product_id("tea")]).await);
    assert_eq!(one.get(&tea.id), Some(&tea));
    assert_eq!(one.len(), 1);
    let ids = ["tea", "yeti", "mug", "tea"].map(product_id);
    let found = must(store.products(&ids).await);
    assert_eq!(found.into_values().collect::<Vec<_>>(), [mug, tea]);
    let none = must(store.products(&[product_id("yeti")]).await);
    assert!(none.is_empty());
}

/// No question, no answer, no call that fails.
pub async fn finds_nothing_among_no_ids(store: &impl ReadCatalogue) {
    assert!(must(store.products(&[]).await).is_empty());
}

/// A full order is priced at once.
pub async fn finds_as_many_products_as_an_order_can_have(
    store: &(impl ReadCatalogue + WriteCatalogue),
) {
    let mut ids: Vec<ProductId> = Vec::new();
    for number in 0..MAX_LINES {
        let product = a_product(&format!("p{number}"), 100);
        must(store.put(&product).await);
        ids.push(product.id);
    }
    assert_eq!(must(store.products(&ids).await).len(), MAX_LINES);
}

/// The newest write holds.
pub async fn replaces_a_product(store: &(impl ReadCatalogue + WriteCatalogue)) {
    must(store.put(&a_product("tea", 1_200)).await);
    let dearer = a_product("tea", 1_300);
    must(store.put(&dearer).await);
    let found = must(store.products(&[product_id("tea")]).await);
    assert_eq!(found.into_values().collect::<Vec<_>>(), [dearer]);
}
