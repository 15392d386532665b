//! The routes inside the edge, with real tokens, against a catalogue in memory.

mod once;
mod refusals;

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::FakeClock;
use testkit::build::{a_product, tenant};
use testkit::fakes::{FakeCatalogue, FakeClaims};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};
use uuid::Uuid;

use super::*;

/// As good as random: no two are equal.
fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(7);
    Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())
}

/// The whole function, what it stored, and its clock.
struct Shop {
    routes: Router,
    catalogue: FakeCatalogue,
    claims: FakeClaims,
    clock: FakeClock,
}

impl Shop {
    fn open() -> Self {
        let (catalogue, clock) = (FakeCatalogue::default(), FakeClock::default());
        let claims = FakeClaims::default();
        let now = clock.clone();
        let app = App {
            store: catalogue.clone(),
            claims: claims.clone(),
            cursors: cursors(),
            tenant: tenant(),
            clock: Clock::driven(move || now.now()),
            new_id,
        };
        Self {
            routes: protect(api(app)),
            catalogue,
            claims,
            clock,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.routes).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Ask::get(&format!("/api/v1{path}"))).await
    }

    async fn admin(&self, ask: Ask) -> Answer {
        self.ask(ask.with_token(&token("dora", Role::Admin))).await
    }

    async fn create(&self, kind: &str, body: &Value) -> Answer {
        self.admin(Ask::post(&format!("/api/v1/{kind}"), body))
            .await
    }

    async fn update(&self, id: &str, seen: &str, body: &Value) -> Answer {
        let ask = Ask::put(&format!("/api/v1/products/{id}"), body);
        self.admin(ask.with("if-match", seen)).await
    }

    fn later(&self, seconds: i64) {
        self.clock.advance(jiff::SignedDuration::from_secs(seconds));
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn tea() -> Value {
    json!({
        "product_id": "tea", "sku": "sku-tea", "name": "Tea", "description": "Black.",
        "price": {"minor": 1200, "currency": "EUR"},
    })
}

fn dearer() -> Value {
    json!({
        "sku": "sku-tea", "name": "Tea", "description": "Black.", "status": "active",
        "price": {"minor": 1300, "currency": "EUR"},
    })
}

#[tokio::test]
async fn who_runs_the_shop_creates_a_product_and_everybody_sees_it() {
    let shop = Shop::open();
    let created = shop.create("products", &tea()).await;
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    assert_eq!(created.header("location"), "/api/v1/products/tea");
    insta::assert_snapshot!(pretty(&created.json()), @r#"
    {
      "product_id": "tea",
      "sku": "sku-tea",
      "name": "Tea",
      "description": "Black.",
      "price": {
        "minor": 1200,
        "currency": "EUR"
      },
      "status": "active",
      "created_at": "2026-07-20T12:00:00Z",
      "changed_at": "2026-07-20T12:00:00Z",
      "version": 1
    }
    "#);
    let seen = shop.get("/products/tea").await;
    assert_eq!((seen.status, seen.header("etag")), (200, "\"1\""));
    assert_eq!(seen.json(), created.json());
}

#[tokio::test]
async fn what_has_no_id_gets_one() {
    let shop = Shop::open();
    let mut body = tea();
    body.as_object_mut().unwrap().remove("product_id");
    let course = json!({"title": "Soldering", "price": {"minor": 0, "currency": "EUR"}});
    for (kind, field, body) in [
        ("products", "product_id", body),
        ("courses", "course_id", course),
    ] {
        let created = shop.create(kind, &body).await.json();
        let id = created[field].as_str().unwrap();
        assert!(Uuid::try_parse(id).is_ok(), "{id}");
        assert_eq!(shop.get(&format!("/{kind}/{id}")).await.json(), created);
        // Without a key, the same again is another.
        let again = shop.create(kind, &body).await;
        assert_eq!(
            (again.status, again.header("idempotency-replayed")),
            (201, "")
        );
        assert_ne!(again.json()[field], id);
    }
    assert_eq!(shop.claims.all(), []);
}

#[tokio::test]
async fn a_product_is_changed_from_the_version_that_was_seen() {
    let shop = Shop::open();
    shop.create("products", &tea()).await;
    shop.later(5);
    let changed = shop.update("tea", "\"1\"", &dearer()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    assert_eq!(changed.json()["price"]["minor"], 1300);
    assert_eq!(changed.json()["changed_at"], "2026-07-20T12:00:05Z");
    assert_eq!(shop.get("/products/tea").await.json(), changed.json());
    // The same again changes nothing; from the old version it is refused.
    let same = shop.update("tea", "\"2\"", &dearer()).await;
    assert_eq!(same.header("etag"), "\"2\"");
    let stale = shop.update("tea", "\"1\"", &dearer()).await;
    assert_eq!(stale.problem(), (412, "precondition-failed".to_owned()));
    let unseen = Ask::put("/api/v1/products/tea", dearer());
    let unseen = shop.admin(unseen).await;
    assert_eq!(unseen.problem(), (428, "precondition-required".to_owned()));
}

/// A shop with five products, a second apart, the last of them withdrawn.
async fn a_full_shop() -> Shop {
    let shop = Shop::open();
    for (number, name) in ["mug", "Tea", "cup", "apron", "hat"].iter().enumerate() {
        let mut body = tea();
        body["product_id"] = json!(format!("p{number}"));
        body["name"] = json!(name);
        if *name == "hat" {
            body["status"] = json!("withdrawn");
        }
        assert_eq!(shop.create("products", &body).await.status, 201);
        shop.later(1);
    }
    shop
}

async fn names(shop: &Shop, query: &str) -> Vec<String> {
    let mut pages = Vec::new();
    let mut path = format!("/products?{query}");
    loop {
        let answer = shop.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body = answer.json();
        let products = body["products"].as_array().unwrap().iter();
        let names: Vec<_> = products.map(|it| it["name"].as_str().unwrap()).collect();
        pages.push(names.join(" "));
        let Some(cursor) = body["next_cursor"].as_str() else {
            return pages;
        };
        path = format!("/products?{query}&cursor={cursor}");
    }
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_goes_on_page_by_page() {
    let shop = a_full_shop().await;
    assert_eq!(names(&shop, "limit=3").await, ["apron cup Tea", "mug"]);
    assert_eq!(
        names(&shop, "limit=2&sort=name").await,
        ["apron cup", "mug Tea"]
    );
    assert_eq!(names(&shop, "status=withdrawn&sort=newest").await, ["hat"]);
    assert_eq!(names(&shop, "status=active").await, ["apron cup Tea mug"]);
}

#[tokio::test]
async fn a_course_is_created_shown_and_listed() {
    let shop = Shop::open();
    let body = json!({
        "course_id": "soldering", "title": "Soldering", "description": "Two evenings.",
        "price": {"minor": 9900, "currency": "EUR"},
    });
    let created = shop.create("courses", &body).await;
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    assert_eq!(created.header("location"), "/api/v1/courses/soldering");
    let shown = shop.get("/courses/soldering").await;
    insta::assert_snapshot!(pretty(&shown.json()), @r#"
    {
      "course_id": "soldering",
      "title": "Soldering",
      "description": "Two evenings.",
      "price": {
        "minor": 9900,
        "currency": "EUR"
      },
      "status": "active",
      "created_at": "2026-07-20T12:00:00Z",
      "version": 1
    }
    "#);
    let listed = shop.get("/courses").await.json();
    assert_eq!(listed, json!({"courses": [shown.json()]}));
    assert_eq!(shop.get("/products").await.json(), json!({"products": []}));
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "CATALOG_TABLE",
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
        "CURSOR_KEY",
        "HOME_TENANT",
    ];
    assert_eq!(names, all);
}
