//! A product from its creation over listing, restocking and an order to the list of what is low.

use std::time::Duration;

use futures::future::join_all;
use http_edge::Role;
use http_edge::token::Claims;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{must, must_have};
use tests::emulator::probe;
use tests::emulator::shop::{Answer, SOON, Shop};
use tests::emulator::wait::until;

/// Lists lag by about a second.
const LAG: Duration = Duration::from_secs(30);

fn admin(shop: &Shop) -> String {
    shop.sign(&Claims {
        roles: vec![Role::Admin],
        ..shop.claims(&format!("dora-{}", shop.name()))
    })
}

async fn run(
    shop: &Shop,
    method: Method,
    path: &str,
    (header, body): ((&str, &str), &Value),
) -> Answer {
    let request = shop.request(method, path).bearer_auth(admin(shop));
    shop.ask(request.header(header.0, header.1).json(body))
        .await
}

async fn create(shop: &Shop, product: &str, minor: i64) -> Answer {
    let body = json!({
        "product_id": shop.product_id(product).as_str(),
        "sku": shop.sku(product).as_str(),
        "name": format!("{product} of {}", shop.name()),
        "description": "As good as new.",
        "price": {"minor": minor, "currency": "EUR"},
    });
    let plain = ("x-request-id", "test");
    let answer = run(shop, Method::POST, "/products", (plain, &body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

/// Restocks through the API, and counts it.
async fn restock(shop: &Shop, product: &str, key: &str, quantity: u64) -> Answer {
    let path = format!("/admin/inventory/{}/restock", shop.sku(product));
    let body = json!({"quantity": quantity, "reason": "a delivery"});
    let answer = run(shop, Method::POST, &path, (("idempotency-key", key), &body)).await;
    if answer.status == 201 && !answer.replayed {
        *shop.noted().stock.entry(shop.sku(product)).or_default() += quantity;
    }
    answer
}

async fn adjust(shop: &Shop, product: &str, key: &str, by: i64) -> Answer {
    let path = format!("/admin/inventory/{}/adjust", shop.sku(product));
    let body = json!({"by": by, "reason": "counted"});
    let answer = run(shop, Method::POST, &path, (("idempotency-key", key), &body)).await;
    if answer.status == 201 && !answer.replayed {
        *shop.noted().adjusted.entry(shop.sku(product)).or_default() += by;
    }
    answer
}

async fn anybody_gets(shop: &Shop, path: &str) -> Value {
    let answer = shop.ask(shop.request(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

async fn admin_gets(shop: &Shop, path: &str) -> Value {
    let request = shop.request(Method::GET, path).bearer_auth(admin(shop));
    let answer = shop.ask(request).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// Whether a list has an entry, over all its pages.
async fn is_listed(shop: &Shop, base: &str, entries: &str, wanted: (&str, &str)) -> bool {
    let mut path = base.to_owned();
    loop {
        let page = admin_gets(shop, &path).await;
        let found = must_have(page[entries].as_array());
        if found.iter().any(|it| it[wanted.0] == wanted.1) {
            return true;
        }
        let Some(cursor) = page["next_cursor"].as_str() else {
            return false;
        };
        path = format!("{base}&cursor={cursor}");
    }
}

async fn comes_to_be_listed(shop: &Shop, base: &str, entries: &str, wanted: (&str, &str)) {
    let listed = || async { is_listed(shop, base, entries, wanted).await.then_some(()) };
    until(&format!("{wanted:?} in {base}"), LAG, listed).await;
}

#[tokio::test]
async fn a_product_is_created_listed_restocked_bought_and_low() {
    let shop = Shop::open("catalogue").await;
    let (id, sku) = (shop.product_id("lamp"), shop.sku("lamp"));
    let created = create(&shop, "lamp", 4_900).await;
    let path = format!("/products/{id}");
    assert_eq!(anybody_gets(&shop, &path).await, created.json());
    for list in ["/products?limit=100", "/products?limit=100&sort=name"] {
        comes_to_be_listed(&shop, list, "products", ("product_id", id.as_str())).await;
    }
    let first = restock(&shop, "lamp", "delivery-1", 3).await;
    assert_eq!(
        (first.status, first.replayed),
        (201, false),
        "{}",
        first.body
    );
    let again = restock(&shop, "lamp", "delivery-1", 3).await;
    assert_eq!((again.replayed, &again.body), (true, &first.body));
    let threshold = format!("/admin/inventory/{sku}/threshold");
    let body = json!({"low_at": 2});
    let set = run(
        &shop,
        Method::PUT,
        &threshold,
        (("x-request-id", "t"), &body),
    )
    .await;
    assert_eq!((set.status, &set.json()["low"]), (200, &json!(false)));
    let cart = shop.cart(&[("lamp", 1)]);
    shop.place(&cart).await;
    shop.ends(&cart, SOON, "confirmed", None).await;
    let shown = anybody_gets(&shop, &format!("{path}/inventory")).await;
    assert_eq!(shown["available"], 2);
    let stock = admin_gets(&shop, &format!("/admin/inventory/{sku}")).await;
    assert_eq!((&stock["taken"], &stock["low"]), (&json!(1), &json!(true)));
    let low = "/admin/inventory/low-stock?limit=100";
    comes_to_be_listed(&shop, low, "stock", ("sku", sku.as_str())).await;
    let refused = adjust(&shop, "lamp", "count-1", -3).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(adjust(&shop, "lamp", "count-2", -1).await.status, 201);
    shop.check().await;
}

#[tokio::test]
async fn a_price_that_changes_is_told_and_a_withdrawn_product_is_not_sold() {
    let shop = Shop::open("prices").await;
    let created = create(&shop, "pot", 900).await;
    let id = shop.product_id("pot");
    let path = format!("/products/{id}");
    let mut body = json!({
        "sku": shop.sku("pot").as_str(), "name": "Pot", "status": "active",
        "price": {"minor": 1_000, "currency": "EUR"},
    });
    let dearer = run(&shop, Method::PUT, &path, (("if-match", "\"1\""), &body)).await;
    assert_eq!((dearer.status, &dearer.json()["version"]), (200, &json!(2)));
    let stale = run(&shop, Method::PUT, &path, (("if-match", "\"1\""), &body)).await;
    assert_eq!(stale.status, 412, "{}", stale.body);
    body["status"] = json!("withdrawn");
    let gone = run(&shop, Method::PUT, &path, (("if-match", "\"2\""), &body)).await;
    assert_eq!(gone.status, 200, "{}", gone.body);
    comes_to_be_listed(
        &shop,
        "/products?limit=100&status=withdrawn",
        "products",
        ("product_id", id.as_str()),
    )
    .await;
    restock(&shop, "pot", "k", 1).await;
    let refused = shop.post(&shop.cart(&[("pot", 1)])).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let told = || async {
        let events = probe::published(&shop.stack, |subject| subject == id.as_str()).await;
        let last = events.iter().any(|event| event.sequence == 3);
        last.then_some(events)
    };
    let mut events = until("the events of the product", LAG, told).await;
    events.sort_by_key(|event| event.sequence);
    events.dedup_by_key(|event| event.sequence);
    let types: Vec<&str> = events.iter().map(|it| it.event_type.as_str()).collect();
    let updated = "cartwright.product.updated.v1";
    assert_eq!(types, ["cartwright.product.created.v1", updated, updated]);
    assert_eq!(events[0].data["price"], created.json()["price"]);
    assert_eq!(events[2].data["changed"], json!(["status"]));
    shop.check().await;
}

#[tokio::test]
async fn a_course_is_created_listed_and_told() {
    let shop = Shop::open("courses").await;
    let id = format!("c-{}", shop.name());
    let body = json!({
        "course_id": id, "title": "Soldering", "price": {"minor": 9_900, "currency": "EUR"},
    });
    let created = run(
        &shop,
        Method::POST,
        "/courses",
        (("x-request-id", "t"), &body),
    )
    .await;
    assert_eq!(created.status, 201, "{}", created.body);
    let shown = anybody_gets(&shop, &format!("/courses/{id}")).await;
    assert_eq!(shown, created.json());
    comes_to_be_listed(&shop, "/courses?limit=100", "courses", ("course_id", &id)).await;
    let told = || async {
        let events = probe::published(&shop.stack, |subject| subject == id).await;
        events.into_iter().next()
    };
    let event = until("the event of the course", LAG, told).await;
    assert_eq!(event.event_type, "cartwright.course.created.v1");
}

/// A new product without an id, under a key.
async fn create_once(shop: &Shop, key: &str) -> Answer {
    let body = json!({
        "sku": shop.sku("vase").as_str(), "name": format!("Vase of {}", shop.name()),
        "price": {"minor": 2_500, "currency": "EUR"},
    });
    let key = format!("{key}-{}", shop.name());
    run(
        shop,
        Method::POST,
        "/products",
        (("idempotency-key", &key), &body),
    )
    .await
}

#[tokio::test]
async fn sixteen_requests_of_one_key_create_one_product() {
    let shop = Shop::open("vases").await;
    let answers = join_all((0..16).map(|_| create_once(&shop, "k"))).await;
    let created: Vec<_> = answers.iter().filter(|it| it.status == 201).collect();
    let firsts = created.iter().filter(|it| !it.replayed);
    assert_eq!(firsts.count(), 1, "{answers:?}");
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.body, created[0].body);
            continue;
        }
        assert_eq!(answer.status, 409, "{}", answer.body);
        let kind = "https://cartwright.example/problems/idempotency-key-in-use";
        assert_eq!(answer.json()["type"], kind, "{}", answer.body);
        assert!(answer.retry_after.is_some(), "{answer:?}");
    }
    let product = created[0].json();
    let id = must_have(product["product_id"].as_str());
    let path = format!("/products/{id}");
    assert_eq!(anybody_gets(&shop, &path).await, product);
    let dearer = json!({
        "sku": product["sku"], "name": product["name"], "status": "active",
        "price": {"minor": 2_600, "currency": "EUR"},
    });
    let seen = ("if-match", "\"1\"");
    let changed = run(&shop, Method::PUT, &path, (seen, &dearer)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let again = create_once(&shop, "k").await;
    assert_eq!(
        (again.status, again.replayed, &again.body),
        (201, true, &created[0].body)
    );
    // Another key is another product; of the first one there is still one.
    let other = create_once(&shop, "l").await;
    let other = other.json()["product_id"].clone();
    let by_name = "/products?limit=100&sort=name";
    for id in [id, must_have(other.as_str())] {
        comes_to_be_listed(&shop, by_name, "products", ("product_id", id)).await;
    }
    assert_eq!(named(&shop, &product["name"]).await, 2);
    shop.check().await;
}

/// How many of the products on sale have this name, over all pages by name.
async fn named(shop: &Shop, name: &Value) -> usize {
    let base = "/products?limit=100&sort=name";
    let (mut path, mut found) = (base.to_owned(), 0);
    loop {
        let page = admin_gets(shop, &path).await;
        let products = must_have(page["products"].as_array());
        found += products.iter().filter(|it| it["name"] == *name).count();
        let Some(cursor) = page["next_cursor"].as_str() else {
            return found;
        };
        path = format!("{base}&cursor={cursor}");
    }
}

/// Eight requests of one delivery, and eight of others, while orders take pieces.
#[tokio::test]
async fn restocks_and_orders_at_once_lose_no_piece() {
    let shop = Shop::open("restocks").await;
    create(&shop, "cup", 100).await;
    restock(&shop, "cup", "first", 20).await;
    let same = join_all((0..8).map(|_| restock(&shop, "cup", "same", 5)));
    let others = (0..8).map(|number| format!("other-{number}"));
    let others: Vec<String> = others.collect();
    let others = join_all(others.iter().map(|key| restock(&shop, "cup", key, 1)));
    let carts: Vec<_> = (0..8).map(|_| shop.cart(&[("cup", 1)])).collect();
    let orders = join_all(carts.iter().map(|cart| shop.place(cart)));
    let (same, others, _) = futures::join!(same, others, orders);
    for answer in same.iter().chain(&others) {
        assert!([201, 503].contains(&answer.status), "{}", answer.body);
    }
    let last = restock(&shop, "cup", "same", 5).await;
    assert_eq!(last.status, 201, "{}", last.body);
    let all = same.iter().chain([&last]);
    let firsts = all.filter(|it| it.status == 201 && !it.replayed);
    assert!(firsts.count() <= 1, "{same:?}");
    assert!(others.iter().any(|it| it.status == 201), "{others:?}");
    for cart in &carts {
        shop.ends(cart, SOON, "confirmed", None).await;
    }
    let stored =
        must(domain::ports::KeepStock::stock(&shop.tables.inventory, &shop.sku("cup")).await);
    let stored = must_have(stored);
    assert_eq!(stored.taken(), 8, "{stored:?}");
    shop.check().await;
}
