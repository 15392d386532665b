//! Who and what is refused.

use super::*;

#[tokio::test]
async fn nobody_else_writes_into_the_catalogue() {
    let shop = Shop::open();
    let writes = || {
        let course = json!({"title": "T", "price": {"minor": 0, "currency": "EUR"}});
        [
            Ask::post("/api/v1/products", tea()),
            Ask::post("/api/v1/courses", course),
            Ask::put("/api/v1/products/tea", dearer()).with("if-match", "\"1\""),
        ]
    };
    for write in writes() {
        let nobody = shop.ask(write.clone()).await;
        assert_eq!(nobody.problem(), (401, "unauthorised".to_owned()));
        let customer = shop.ask(write.clone().by("alice")).await;
        assert_eq!(customer.problem(), (403, "forbidden".to_owned()));
        let support = write.clone().with_token(&token("carol", Role::Support));
        assert_eq!(shop.ask(support).await.status, 403);
        let elsewhere = write.with_token(&token_of_shop("other", "dora", Role::Admin));
        assert_eq!(shop.ask(elsewhere).await.status, 403);
    }
    assert_eq!(shop.get("/products").await.json(), json!({"products": []}));
}

#[tokio::test]
async fn an_id_is_given_once() {
    let shop = Shop::open();
    shop.create("products", &tea()).await;
    shop.later(1);
    let again = shop.create("products", &tea()).await;
    assert_eq!(again.problem(), (409, "id-taken".to_owned()));
    let body = json!({"course_id": "c", "title": "C", "price": {"minor": 0, "currency": "EUR"}});
    shop.create("courses", &body).await;
    shop.later(1);
    let again = shop.create("courses", &body).await;
    assert_eq!(again.problem(), (409, "id-taken".to_owned()));
}

#[tokio::test]
async fn what_is_not_there_or_of_another_shop_is_not_found() {
    let shop = Shop::open();
    let foreign = domain::Product {
        tenant: domain::TenantId::parse("other").unwrap(),
        ..a_product("foreign", 100)
    };
    let shop = Shop {
        catalogue: shop.catalogue.clone().with(foreign),
        ..shop
    };
    for path in [
        "/products/foreign",
        "/products/tea",
        "/products/%00",
        "/courses/tea",
    ] {
        let answer = shop.get(path).await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{path}");
    }
    let changed = shop.update("foreign", "\"1\"", &dearer()).await;
    assert_eq!(changed.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn a_body_that_is_no_product_is_refused_and_nothing_is_stored() {
    let shop = Shop::open();
    for (pointer, value, slug) in [
        ("/price/minor", json!(-1), "invalid-body"),
        (
            "/price/minor",
            json!(9_007_199_254_740_991_i64),
            "invalid-body",
        ),
        ("/price/minor", json!(1.5), "unexpected-body"),
        ("/sku", json!("a b"), "invalid-body"),
        ("/name", json!("x\u{0}"), "invalid-body"),
        ("/status", json!("sold"), "invalid-body"),
        ("/colour", json!("blue"), "unexpected-body"),
    ] {
        let mut body = tea();
        match body.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => body[&pointer[1..]] = value,
        }
        let answer = shop.create("products", &body).await;
        assert_eq!(answer.problem().1, slug, "{body}");
    }
    assert_eq!(shop.get("/products/tea").await.status, 404);
}

#[tokio::test]
async fn queries_that_are_none_are_refused() {
    let shop = a_full_shop().await;
    for query in [
        "limit=0",
        "limit=101",
        "status=sold",
        "status=",
        "sort=price",
        "page=2",
        "sort=name&sort=name",
        "cursor=",
        "cursor=abc",
    ] {
        let answer = shop.get(&format!("/products?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let shop = a_full_shop().await;
    let first = shop.get("/products?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let own = shop.get(&format!("/products?cursor={cursor}")).await;
    assert_eq!(own.status, 200);
    for list in [
        "products?sort=name&",
        "products?status=withdrawn&",
        "courses?",
    ] {
        let other = shop.get(&format!("/{list}cursor={cursor}")).await;
        assert_eq!(other.problem(), (400, "bad-request".to_owned()), "{list}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let shop = Shop::open();
    for path in ["/products", "/products/tea", "/courses", "/courses/tea"] {
        shop.catalogue.fail_next_read();
        let answer = shop.get(path).await;
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()), "{path}");
    }
}
