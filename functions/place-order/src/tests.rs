//! The route inside the edge, with real tokens, against orders and catalogue in memory.

use axum::Router;
use domain::ports::{KeepApiKeys, WriteCatalogue};
use domain::{Order, Product, SaleStatus, Tariff};
use dynamo_store::CachedCatalogue;
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{a_product, address, an_api_key, at, order_id};
use testkit::fakes::{FakeAccounts, FakeCatalogue, FakeOrders, Fault};
use testkit::http::{Answer, Ask, protect, protect_with_keys, token_of_shop};

use super::*;

mod limited;
mod refusals;

const PATH: &str = "/api/v1/orders";

/// A shop that sells tea and cups; hats are not on sale.
struct Shop {
    orders: FakeOrders,
    catalogue: FakeCatalogue,
    router: Router,
}

impl Shop {
    fn open() -> Self {
        Self::open_at("tax=0")
    }

    fn open_at(tariff: &str) -> Self {
        let orders = FakeOrders::default();
        let hat = Product {
            status: SaleStatus::Withdrawn,
            ..a_product("hat", 9_900)
        };
        let catalogue = FakeCatalogue::default()
            .with(a_product("tea", 1_200))
            .with(a_product("cup", 350))
            .with(hat);
        let app = App {
            orders: orders.clone(),
            catalogue: catalogue.clone(),
            tariff: tariff.parse().unwrap(),
            clock: Clock::fixed(at(0)),
        };
        Self {
            orders,
            catalogue,
            router: protect(api(app)),
        }
    }

    async fn place(&self, key: &str, body: &Value) -> Answer {
        Ask::post(PATH, body)
            .by("alice")
            .with("idempotency-key", key)
            .to(&self.router)
            .await
    }

    fn only_order(&self) -> Order {
        let orders = self.orders.all();
        assert_eq!(orders.len(), 1);
        orders[0].clone()
    }
}

/// Two teas and a cup.
fn a_basket() -> Value {
    let to = address();
    json!({
        "lines": [
            {"product_id": "tea", "quantity": 2},
            {"product_id": "cup", "quantity": 1},
        ],
        "ship_to": {
            "name": to.name, "street": to.street, "city": to.city, "postcode": to.postcode,
            "country": to.country,
        },
        "payment_method": "pm_card_visa",
    })
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[tokio::test]
async fn a_placed_order_is_pending_at_the_prices_of_the_catalogue() {
    let shop = Shop::open();
    let answer = shop.place("key-1", &a_basket()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = shop.only_order().facts.id;
    assert_eq!(answer.header("location"), format!("/api/v1/orders/{id}"));
    assert_eq!(answer.header("idempotency-replayed"), "");
    insta::assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "order_id": "815ad120-4567-80ca-b357-3fb505a3b288",
      "status": "pending",
      "lines": [
        {
          "product_id": "tea",
          "sku": "sku-tea",
          "quantity": 2,
          "unit_price_minor": 1200
        },
        {
          "product_id": "cup",
          "sku": "sku-cup",
          "quantity": 1,
          "unit_price_minor": 350
        }
      ],
      "subtotal": {
        "minor": 2750,
        "currency": "EUR"
      },
      "shipping": {
        "minor": 0,
        "currency": "EUR"
      },
      "tax": {
        "minor": 0,
        "currency": "EUR"
      },
      "total": {
        "minor": 2750,
        "currency": "EUR"
      },
      "placed_at": "2026-07-20T12:00:00Z"
    }
    "#);
}

#[tokio::test]
async fn the_order_knows_who_asked_under_which_trace() {
    let shop = Shop::open();
    shop.place("key-1", &a_basket()).await;
    let facts = shop.only_order().facts;
    assert_eq!(facts.tenant.as_str(), "main");
    assert_eq!(facts.customer.as_str(), "alice");
    assert_eq!(facts.contact.unwrap().email, "alice@example.org");
    assert_eq!(facts.placed_at, at(0));
    assert!(facts.traceparent.is_some());
    let author = shop.orders.authors().pop().flatten().unwrap();
    assert_eq!(author.kind, domain::AuthorKind::Account);
    assert_eq!(author.subject.unwrap().as_str(), "alice");
    assert!(author.from.request.is_some());
}

#[tokio::test]
async fn a_contact_of_the_body_goes_before_the_one_of_the_token() {
    let shop = Shop::open();
    let mut body = a_basket();
    body["contact"] = json!({"email": "else@example.org"});
    shop.place("key-1", &body).await;
    let contact = shop.only_order().facts.contact.unwrap();
    assert_eq!(contact.email, "else@example.org");
}

#[tokio::test]
async fn one_write_and_no_read_with_a_warm_catalogue() {
    let shop = Shop::open();
    let app = App {
        orders: shop.orders.clone(),
        catalogue: CachedCatalogue::new(shop.catalogue.clone(), || at(0)),
        tariff: Tariff::default(),
        clock: Clock::fixed(at(0)),
    };
    let shop = Shop {
        router: protect(api(app)),
        ..shop
    };
    for (number, key) in ["key-1", "key-2", "key-3"].into_iter().enumerate() {
        assert_eq!(shop.place(key, &a_basket()).await.status, 201);
        assert_eq!(shop.orders.writes(), number + 1);
    }
    assert_eq!(shop.catalogue.reads(), 1);
    assert_eq!(shop.orders.reads(), 0);
}

#[tokio::test]
async fn lines_of_one_product_are_merged() {
    let shop = Shop::open();
    let mut body = a_basket();
    body["lines"] = json!([
        {"product_id": "tea", "quantity": 2},
        {"product_id": "tea", "quantity": 3},
    ]);
    let answer = shop.place("key-1", &body).await.json();
    assert_eq!(answer["lines"].as_array().unwrap().len(), 1);
    assert_eq!(answer["lines"][0]["quantity"], 5);
    assert_eq!(answer["total"]["minor"], 6_000);
}

/// A repeat is answered byte for byte as the first time, and says that it is one.
async fn assert_replays(shop: &Shop, first: &Answer) {
    let again = shop.place("key-1", &a_basket()).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(shop.orders.writes(), 1);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    assert_replays(&shop, &first).await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_after_prices_changed() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    shop.catalogue.put(&a_product("tea", 1_500)).await.unwrap();
    assert_replays(&shop, &first).await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_after_a_product_was_withdrawn() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    let withdrawn = Product {
        status: SaleStatus::Withdrawn,
        ..a_product("tea", 1_200)
    };
    shop.catalogue.put(&withdrawn).await.unwrap();
    assert_replays(&shop, &first).await;
    let other = shop.place("key-2", &a_basket()).await;
    assert_eq!(other.problem(), (422, "product-not-on-sale".to_owned()));
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_while_the_catalogue_is_down() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    shop.catalogue.fail_next_read();
    assert_replays(&shop, &first).await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_after_the_order_moved_on() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    let mut order = shop.only_order();
    let epoch = order.epoch;
    let charging = domain::OrderCommand::DecideCharging { epoch };
    domain::Aggregate::execute(&mut order, &charging, at(5)).unwrap();
    domain::ports::Save::save(&shop.orders, order)
        .await
        .unwrap();
    let again = shop.place("key-1", &a_basket()).await;
    assert_eq!((again.status, again.body), (201, first.body));
}

#[tokio::test]
async fn a_repeat_whose_json_is_written_otherwise_is_the_same() {
    let shop = Shop::open();
    let first = shop.place("key-1", &a_basket()).await;
    let again = Ask::post(PATH, pretty(&a_basket()))
        .by("alice")
        .with("idempotency-key", "key-1")
        .to(&shop.router)
        .await;
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_by_the_repeat() {
    let shop = Shop::open();
    shop.orders.fail_next_write(Fault::AppliedButError);
    let lost = shop.place("key-1", &a_basket()).await;
    assert_eq!(lost.problem(), (503, "unavailable".to_owned()));
    let again = shop.place("key-1", &a_basket()).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(shop.orders.all().len(), 1);
}

#[tokio::test]
async fn one_key_of_two_customers_or_shops_makes_two_orders() {
    let shop = Shop::open();
    let mut ids = Vec::new();
    for token in [
        token_of_shop("main", "alice", Role::Customer),
        token_of_shop("main", "bob", Role::Customer),
        token_of_shop("other", "alice", Role::Customer),
    ] {
        let answer = Ask::post(PATH, a_basket())
            .with_token(&token)
            .with("idempotency-key", "key-1")
            .to(&shop.router)
            .await;
        ids.push(answer.json()["order_id"].to_string());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn the_total_that_the_customer_was_shown_is_held_against_the_prices() {
    let shop = Shop::open();
    let mut body = a_basket();
    body["expected_total"] = json!({"minor": 2_700, "currency": "EUR"});
    let refused = shop.place("key-1", &body).await;
    assert_eq!(refused.problem(), (409, "total-differs".to_owned()));
    assert_eq!(refused.json()["total_minor"], 2_750);
    assert_eq!(shop.orders.writes(), 0);
    body["expected_total"]["minor"] = json!(2_750);
    assert_eq!(shop.place("key-1", &body).await.status, 201);
}

#[tokio::test]
async fn shipping_and_tax_are_added_and_the_customer_agrees_to_the_whole() {
    let shop = Shop::open_at("tax=1900 EUR=490/5000");
    let mut body = a_basket();
    body["expected_total"] = json!({"minor": 2_750, "currency": "EUR"});
    let refused = shop.place("key-1", &body).await;
    assert_eq!(refused.problem(), (409, "total-differs".to_owned()));
    assert_eq!(refused.json()["total_minor"], 3_856);
    body["expected_total"]["minor"] = json!(3_856);
    let placed = shop.place("key-1", &body).await.json();
    let sums = ["subtotal", "shipping", "tax", "total"].map(|part| placed[part]["minor"].as_i64());
    assert_eq!(sums, [2_750, 490, 616, 3_856].map(Some));
    assert_eq!(shop.only_order().facts.totals.total().minor(), 3_856);
}

/// A request as API Gateway hands it to the function.
#[tokio::test]
async fn answers_api_gateway_through_the_runner() {
    let shop = Shop::open();
    let mut event: Value =
        serde_json::from_str(include_str!("../fixtures/post-order.json")).unwrap();
    let token = testkit::http::token("alice", Role::Customer);
    event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    let mut answer = lambda_boot::http::answer(&shop.router, event)
        .await
        .unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["order_id"], shop.only_order().facts.id.to_string());
    answer["body"] = json!("…");
    insta::assert_snapshot!(pretty(&answer), @r#"
    {
      "statusCode": 201,
      "headers": {
        "content-type": "application/json",
        "location": "/api/v1/orders/741e4fe0-b8db-8080-9f91-6f1187240434",
        "x-request-id": "00000000-0000-0000-0000-000000000001",
        "traceparent": "00-00000000000000000000000000000001-0000000000000001-01",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=63072000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "content-length": "347"
      },
      "multiValueHeaders": {},
      "body": "…",
      "isBase64Encoded": false,
      "cookies": []
    }
    "#);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ORDERS_TABLE",
        "CATALOG_TABLE",
        "TARIFF",
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
    ];
    assert_eq!(names, all);
}

/// A service is its own customer: nobody else's orders are its.
#[tokio::test]
async fn a_service_places_orders_of_its_own_with_its_key() {
    let shop = Shop::open();
    let (key, text) = an_api_key(1);
    let keys = FakeAccounts::default();
    let subject = keys.save_api_key(key).await.unwrap().subject();
    let app = App {
        orders: shop.orders.clone(),
        catalogue: shop.catalogue.clone(),
        tariff: Tariff::default(),
        clock: Clock::fixed(at(0)),
    };
    let router = protect_with_keys(api(app), keys);
    let ask = |key: &str| Ask::post(PATH, a_basket()).with("x-api-key", key);
    let placed = ask(&text).with("idempotency-key", "k1").to(&router).await;
    assert_eq!(placed.status, 201, "{}", placed.body);
    let facts = shop.only_order().facts;
    assert_eq!((facts.customer, facts.contact), (subject, None));
    // The same function without keys knows none.
    let refused = ask(&text).with("idempotency-key", "k2").to(&shop.router);
    assert_eq!(refused.await.problem(), (401, "unauthorised".to_owned()));
}
