//! Checks of the ports of the catalogue.

use domain::ports::{KeepCourses, KeepProducts, ReadCatalogue, SaveError, WriteCatalogue};
use domain::{
    CatalogueQuery, CatalogueSort, MAX_LINES, Product, ProductDetails, ProductId, SaleStatus,
    TenantId,
};

use crate::build::{a_course, a_product, at, eur, product_id, tenant};
use crate::{must, must_fail, must_have};

fn stored(product: &Product) -> Product {
    Product {
        version: 1,
        ..product.clone()
    }
}

/// Pieces of expressions of DynamoDB and of SQL.
pub(super) const HOSTILE_TEXTS: [&str; 7] = [
    "attribute_not_exists(#key) OR #version = :version",
    ":now",
    "#pk",
    "' OR '1'='1",
    "'; DROP TABLE orders; --",
    "{\"S\": \"x\"}",
    "$.items[0] \\ \" \u{2028}",
];

/// Unknown ids are left out.
pub async fn finds_the_products_that_exist(store: &(impl ReadCatalogue + WriteCatalogue)) {
    let tea = a_product("tea", 1_200);
    let mug = Product {
        status: SaleStatus::Withdrawn,
        ..a_product("mug", 900)
    };
    must(store.put(&tea).await);
    must(store.put(&mug).await);
    let one = must(store.products(&[product_id("tea")]).await);
    assert_eq!(one.get(&tea.id), Some(&stored(&tea)));
    assert_eq!(one.len(), 1);
    let ids = ["tea", "yeti", "mug", "tea"].map(product_id);
    let found = must(store.products(&ids).await);
    let both = [stored(&mug), stored(&tea)];
    assert_eq!(found.into_values().collect::<Vec<_>>(), both);
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

/// Text that means something to a query is text like any other, in what is kept, sought and listed.
pub async fn takes_text_for_text(store: &impl KeepProducts) {
    for (number, name) in (0..).zip(HOSTILE_TEXTS) {
        let details = ProductDetails {
            name: name.to_owned(),
            description: name.to_owned(),
            ..a_product("p", 100).details()
        };
        let id = product_id(&format!("p{number}"));
        let product = Product::create(id.clone(), tenant(), details, at(number));
        let saved = must(store.save_product(product).await);
        assert_eq!(must(store.product(&id).await), Some(saved));
    }
    let query = all(SaleStatus::Active, CatalogueSort::Newest, 100);
    let listed = must(store.list_products(&query).await).items;
    let mut names: Vec<&str> = listed.iter().map(|it| it.name.as_str()).collect();
    names.reverse();
    assert_eq!(names, HOSTILE_TEXTS);
}

/// What is set up again takes the details, and nothing where nothing differs.
pub async fn sets_a_product_up_again(store: &(impl KeepProducts + WriteCatalogue)) {
    let tea = a_product("tea", 1_200);
    must(store.put(&tea).await);
    must(store.put(&tea).await);
    assert_eq!(must(store.product(&tea.id).await), Some(stored(&tea)));
    let dearer = ProductDetails {
        price: eur(1_300),
        ..tea.details()
    };
    let dearer = Product::create(tea.id.clone(), tenant(), dearer, at(9));
    must(store.put(&dearer).await);
    let found = must_have(must(store.product(&tea.id).await));
    assert_eq!((found.version, found.price), (2, eur(1_300)));
    assert_eq!((found.created_at, found.changed_at), (at(0), at(9)));
}

/// A change is stored from the version that was read, and is read back wholly.
pub async fn saves_a_product_from_the_version_that_was_read(store: &impl KeepProducts) {
    let tea = must(store.save_product(a_product("tea", 1_200)).await);
    assert_eq!(tea.version, 1);
    let twin = Product {
        name: "Twin".to_owned(),
        ..a_product("tea", 1)
    };
    let taken = must_fail(store.save_product(twin).await);
    assert_eq!(taken, SaveError::Conflict(Some(Box::new(tea.clone()))));
    let mut changed = tea.clone();
    let details = ProductDetails {
        description: "First line\nand second".to_owned(),
        status: SaleStatus::Withdrawn,
        ..tea.details()
    };
    assert!(changed.update(details, at(7)));
    let changed = must(store.save_product(changed).await);
    assert_eq!(changed.version, 2);
    assert_eq!(must(store.product(&tea.id).await), Some(changed.clone()));
    let mut stale = tea.clone();
    stale.update(a_product("mug", 900).details(), at(8));
    let refused = must_fail(store.save_product(stale).await);
    assert_eq!(refused, SaveError::Conflict(Some(Box::new(changed))));
}

/// A write whose answer was lost and that is sent again is no conflict.
pub async fn knows_its_own_product_again(store: &impl KeepProducts) {
    let tea = must(store.save_product(a_product("tea", 1_200)).await);
    let again = must(store.save_product(a_product("tea", 1_200)).await);
    assert_eq!(again, tea);
}

fn all(status: SaleStatus, sort: CatalogueSort, limit: u8) -> CatalogueQuery {
    CatalogueQuery {
        tenant: tenant(),
        status,
        sort,
        after: None,
        limit,
    }
}

async fn listed(store: &impl KeepProducts, mut query: CatalogueQuery) -> Vec<String> {
    let mut pages = Vec::new();
    loop {
        let page = must(store.list_products(&query).await);
        let ids: Vec<&str> = page.items.iter().map(|it| it.id.as_str()).collect();
        if !ids.is_empty() {
            pages.push(ids.join(" "));
        }
        query.after = page.next;
        if query.after.is_none() {
            return pages;
        }
    }
}

/// Each list has what is of its shop and its status, in its order, page by page.
pub async fn lists_products_by_status_in_order(store: &impl KeepProducts) {
    let named = [
        ("a", "mug"),
        ("b", "Tea"),
        ("c", "cup"),
        ("d", "Ähre"),
        ("e", "apron"),
    ];
    for (seconds, (id, name)) in (0..).zip(named) {
        let details = ProductDetails {
            name: name.to_owned(),
            status: match id {
                "e" => SaleStatus::Withdrawn,
                _ => SaleStatus::Active,
            },
            ..a_product(id, 100).details()
        };
        let product = Product::create(product_id(id), tenant(), details, at(seconds));
        must(store.save_product(product).await);
    }
    let elsewhere = must(TenantId::parse("elsewhere"));
    let foreign = Product {
        tenant: elsewhere,
        ..a_product("x", 100)
    };
    must(store.save_product(foreign).await);
    use CatalogueSort::{Name, Newest};
    use SaleStatus::{Active, Withdrawn};
    assert_eq!(listed(store, all(Active, Newest, 3)).await, ["d c b", "a"]);
    assert_eq!(listed(store, all(Active, Name, 3)).await, ["c a b", "d"]);
    assert_eq!(listed(store, all(Withdrawn, Name, 3)).await, ["e"]);
}

/// What is withdrawn moves from one list to the other.
pub async fn moves_a_product_between_lists(store: &impl KeepProducts) {
    let mut tea = must(store.save_product(a_product("tea", 1_200)).await);
    let details = ProductDetails {
        status: SaleStatus::Withdrawn,
        ..tea.details()
    };
    tea.update(details, at(1));
    must(store.save_product(tea).await);
    let of = |status| all(status, CatalogueSort::Newest, 10);
    assert!(listed(store, of(SaleStatus::Active)).await.is_empty());
    assert_eq!(listed(store, of(SaleStatus::Withdrawn)).await, ["tea"]);
}

/// Courses are kept and listed apart from products.
pub async fn keeps_courses_apart_from_products(store: &(impl KeepCourses + KeepProducts)) {
    must(store.save_product(a_product("tea", 1_200)).await);
    let course = must(store.save_course(a_course("tea", 0)).await);
    assert_eq!(course.version, 1);
    assert_eq!(must(store.course(&course.id).await), Some(course.clone()));
    let twin = must_fail(store.save_course(a_course("tea", 5)).await);
    assert_eq!(twin, SaveError::Conflict(Some(Box::new(course.clone()))));
    must(store.save_course(a_course("soldering", 9_900)).await);
    let query = all(SaleStatus::Active, CatalogueSort::Name, 1);
    let first = must(store.list_courses(&query).await);
    assert_eq!(first.items.len(), 1);
    let query = CatalogueQuery {
        after: Some(must_have(first.next)),
        ..query
    };
    let second = must(store.list_courses(&query).await);
    assert_eq!(second.items, [course]);
}
