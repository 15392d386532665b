//! The routes inside the edge, with real tokens, against orders in memory.

use axum::Router as Routes;
use domain::ports::KeepApiKeys;
use domain::{FailureCode, Order};
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{an_api_key, an_order, at, customer, order_id};
use testkit::fakes::{FakeAccounts, FakeOrders};
use testkit::http::{Answer, Ask, cursors, protect, protect_with_keys, token, token_of_shop};

use super::*;

fn showing(orders: impl IntoIterator<Item = Order>) -> Routes {
    let none = FakeOrders::default();
    let orders = orders.into_iter().fold(none, FakeOrders::with);
    protect(api(App {
        orders,
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    }))
}

fn path(number: u64) -> String {
    format!("/api/v1/orders/{}", order_id(number))
}

async fn alice_gets(routes: &Routes, path: &str) -> Answer {
    Ask::get(path).by("alice").to(routes).await
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn not_found() -> (u16, String) {
    (404, "not-found".to_owned())
}

fn bad_request() -> (u16, String) {
    (400, "bad-request".to_owned())
}

#[tokio::test]
async fn a_customer_sees_their_order() {
    let routes = showing([an_order().confirmed()]);
    let answer = alice_gets(&routes, &path(1)).await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "order_id": "00000000-0000-8000-8000-000000000001",
      "status": "confirmed",
      "version": 1,
      "needs_attention": false,
      "lines": [
        {
          "product_id": "tea",
          "sku": "sku-tea",
          "quantity": 1,
          "unit_price_minor": 1200
        }
      ],
      "subtotal": {
        "minor": 1200,
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
        "minor": 1200,
        "currency": "EUR"
      },
      "ship_to": {
        "name": "Ada Lovelace",
        "street": "12 St James's Square",
        "city": "London",
        "postcode": "SW1Y 4JH",
        "country": "GB"
      },
      "placed_at": "2026-07-20T12:00:00Z",
      "history": [
        {
          "sequence": 1,
          "type": "cartwright.order.placed.v1",
          "at": "2026-07-20T12:00:00Z"
        },
        {
          "sequence": 2,
          "type": "cartwright.order.completed.v1",
          "at": "2026-07-20T12:00:02Z"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_failed_order_says_why() {
    let routes = showing([an_order().failed(FailureCode::OutOfStock)]);
    let answer = alice_gets(&routes, &format!("{}/status", path(1))).await;
    insta::assert_snapshot!(pretty(&answer.json()), @r#"
    {
      "order_id": "00000000-0000-8000-8000-000000000001",
      "status": "failed",
      "version": 1,
      "failure": {
        "code": "out_of_stock",
        "detail": "as a test wants it"
      },
      "ended": true
    }
    "#);
}

#[tokio::test]
async fn an_order_of_somebody_else_is_not_found() {
    let routes = showing([an_order().by(customer("bob")).pending()]);
    for path in [path(1), format!("{}/status", path(1))] {
        assert_eq!(alice_gets(&routes, &path).await.problem(), not_found());
    }
}

#[tokio::test]
async fn nobody_can_tell_a_foreign_order_from_an_unknown_one() {
    let routes = showing([an_order().by(customer("bob")).pending()]);
    let foreign = alice_gets(&routes, &path(1)).await;
    let unknown = alice_gets(&routes, &path(2)).await;
    assert_eq!(foreign.body, unknown.body);
}

#[tokio::test]
async fn staff_see_every_order_of_their_shop() {
    let routes = showing([an_order().pending()]);
    for role in [Role::Support, Role::Admin] {
        let staff = Ask::get(&path(1)).with_token(&token("carol", role));
        assert_eq!(staff.to(&routes).await.status, 200);
        let elsewhere = token_of_shop("other", "carol", role);
        let stranger = Ask::get(&path(1)).with_token(&elsewhere);
        assert_eq!(stranger.to(&routes).await.problem(), not_found());
    }
}

#[tokio::test]
async fn a_customer_of_another_shop_with_the_same_name_sees_nothing() {
    let routes = showing([an_order().pending()]);
    let namesake = token_of_shop("other", "alice", Role::Customer);
    let answer = Ask::get(&path(1)).with_token(&namesake).to(&routes).await;
    assert_eq!(answer.problem(), not_found());
}

#[tokio::test]
async fn what_is_no_order_id_is_not_found() {
    let routes = showing([an_order().pending()]);
    let shouted = order_id(0xabcdef).to_string().to_uppercase();
    for id in ["x", "1", shouted.as_str(), "%00", "..%2f"] {
        let answer = alice_gets(&routes, &format!("/api/v1/orders/{id}")).await;
        assert_eq!(answer.problem(), not_found(), "{id}");
    }
}

/// Five orders of alice's, a second apart, and one of bob's.
fn a_busy_shop() -> Routes {
    let alices = (1..=5).map(|number| {
        let seconds = i64::try_from(number).unwrap();
        an_order().number(number).placed_at(at(seconds)).pending()
    });
    let bobs = an_order().number(9).by(customer("bob")).pending();
    showing(alices.chain([bobs]))
}

fn numbers(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let orders = body["orders"].as_array().unwrap();
    let last = |order: &Value| {
        let id = order["order_id"].as_str().unwrap();
        id[id.len() - 1..].to_owned()
    };
    orders.iter().map(last).collect()
}

#[tokio::test]
async fn the_list_has_the_customer_s_own_orders_newest_first() {
    let routes = a_busy_shop();
    let answer = alice_gets(&routes, "/api/v1/orders").await;
    assert_eq!(numbers(&answer), ["5", "4", "3", "2", "1"]);
    assert_eq!(answer.json().get("next_cursor"), None);
}

#[tokio::test]
async fn staff_get_a_list_of_their_own_orders_too() {
    let routes = a_busy_shop();
    let staff = Ask::get("/api/v1/orders").with_token(&token("carol", Role::Admin));
    assert_eq!(numbers(&staff.to(&routes).await), Vec::<String>::new());
}

#[tokio::test]
async fn the_list_goes_on_page_by_page_without_gap_or_repeat() {
    let routes = a_busy_shop();
    let mut path = "/api/v1/orders?limit=2".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = alice_gets(&routes, &path).await;
        pages.push(numbers(&answer).concat());
        let body = answer.json();
        let Some(cursor) = body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/orders?limit=2&cursor={cursor}");
    }
    assert_eq!(pages, ["54", "32", "1"]);
}

#[tokio::test]
async fn a_cursor_of_somebody_else_or_of_nobody_is_refused() {
    let routes = a_busy_shop();
    let first = alice_gets(&routes, "/api/v1/orders?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/api/v1/orders?cursor={cursor}");
    assert_eq!(alice_gets(&routes, &path).await.status, 200);
    let bobs = Ask::get(&path).by("bob").to(&routes).await;
    assert_eq!(bobs.problem(), bad_request());
    let namesake = token_of_shop("other", "alice", Role::Customer);
    let elsewhere = Ask::get(&path).with_token(&namesake).to(&routes).await;
    assert_eq!(elsewhere.problem(), bad_request());
    let made_up = format!("/api/v1/orders?cursor={}", order_id(9));
    assert_eq!(alice_gets(&routes, &made_up).await.problem(), bad_request());
    let none = alice_gets(&routes, "/api/v1/orders?cursor=").await;
    assert_eq!(none.problem(), bad_request());
}

#[tokio::test]
async fn limits_out_of_bounds_and_unknown_parameters_are_refused() {
    let routes = a_busy_shop();
    for query in [
        "limit=0",
        "limit=101",
        "limit=256",
        "limit=-1",
        "limit=x",
        "limit=",
        "page=2",
        "limit=1&limit=2",
    ] {
        let answer = alice_gets(&routes, &format!("/api/v1/orders?{query}")).await;
        assert_eq!(answer.problem(), bad_request(), "{query}");
    }
    for limit in [1, 100] {
        let path = format!("/api/v1/orders?limit={limit}");
        assert_eq!(alice_gets(&routes, &path).await.status, 200);
    }
}

async fn alice_cancels(routes: &Routes) -> Answer {
    let path = format!("{}/cancel", path(1));
    Ask::put(&path, "").by("alice").to(routes).await
}

/// Status of the answer, where the order is, and what becomes of it.
#[tokio::test]
async fn a_cancel_is_answered_from_the_decision() {
    let code = FailureCode::OutOfStock;
    for (order, status, place, outcome) in [
        (an_order().pending(), 202, "unwinding", "cancelled"),
        (an_order().charging(), 202, "charging", "refund_follows"),
        (an_order().confirmed(), 202, "confirmed", "refund_follows"),
        (an_order().unwinding(code), 202, "unwinding", "failed"),
        (an_order().failed(code), 200, "failed", "failed"),
    ] {
        let routes = showing([order]);
        for _ in 0..2 {
            let answer = alice_cancels(&routes).await;
            let body = answer.json();
            assert_eq!((answer.status, &body["status"]), (status, &json!(place)));
            assert_eq!(body["outcome"], outcome, "{place}");
        }
    }
}

#[tokio::test]
async fn whoever_cancels_is_noted_with_it() {
    let orders = FakeOrders::default().with(an_order().confirmed());
    let app = App {
        orders: orders.clone(),
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    };
    let routes = protect(api(app));
    let path = format!("{}/cancel", path(1));
    let ask = Ask::put(&path, "").by("alice").from_address("192.0.2.77");
    assert_eq!(ask.to(&routes).await.status, 202);
    let author = orders.authors().pop().flatten().unwrap();
    assert_eq!(author.subject.unwrap().as_str(), "alice");
    assert_eq!(author.from.address.as_deref(), Some("192.0.2.77"));
}

#[tokio::test]
async fn what_is_on_its_way_is_not_cancelled() {
    let mut order = an_order().confirmed();
    let tracking = domain::TrackingNumber::parse("JD0002").unwrap();
    let shipped = domain::OrderCommand::RecordShipped { tracking };
    domain::Aggregate::execute(&mut order, &shipped, at(20)).unwrap();
    let routes = showing([order]);
    let answer = alice_cancels(&routes).await;
    assert_eq!(answer.problem(), (409, "too-late".to_owned()));
}

/// F15: as an order that is not there, and nothing changes.
#[tokio::test]
async fn nobody_cancels_the_order_of_somebody_else() {
    let orders = FakeOrders::default().with(an_order().by(customer("bob")).pending());
    let app = App {
        orders: orders.clone(),
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    };
    let routes = protect(api(app));
    assert_eq!(alice_cancels(&routes).await.problem(), not_found());
    assert_eq!(orders.get(order_id(1)).unwrap().state.name(), "pending");
}

#[tokio::test]
async fn the_list_can_be_of_one_status() {
    let orders = [
        an_order().number(1).pending(),
        an_order().number(2).confirmed(),
    ];
    let routes = showing(orders);
    let answer = alice_gets(&routes, "/api/v1/orders?status=confirmed").await;
    assert_eq!(numbers(&answer), ["2"]);
    assert_eq!(answer.json()["orders"][0]["status"], "confirmed");
    let unknown = alice_gets(&routes, "/api/v1/orders?status=gone").await;
    assert_eq!(unknown.problem(), bad_request());
}

#[tokio::test]
async fn nothing_is_shown_without_a_good_token() {
    let routes = showing([an_order().pending()]);
    for path in ["/api/v1/orders".to_owned(), path(1)] {
        let nobody = Ask::get(&path).to(&routes).await;
        let forger = Ask::get(&path).with_token("forged").to(&routes).await;
        assert_eq!((nobody.status, forger.status), (401, 401));
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_unavailable() {
    let orders = FakeOrders::default().with(an_order().pending());
    let app = App {
        orders: orders.clone(),
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    };
    let routes = protect(api(app));
    orders.fail_next_read();
    let answer = alice_gets(&routes, &path(1)).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert_eq!(alice_gets(&routes, &path(1)).await.status, 200);
}

#[tokio::test]
async fn a_service_sees_what_its_key_may_see() {
    let keys = FakeAccounts::default();
    let (support, support_text) = an_api_key(1);
    let (mut customer, customer_text) = an_api_key(2);
    customer.roles = vec![Role::Customer];
    for key in [support, customer] {
        keys.save_api_key(key).await.unwrap();
    }
    let orders = FakeOrders::default().with(an_order().pending());
    let app = App {
        orders,
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    };
    let routes = protect_with_keys(api(app), keys);
    let get = async |key: &str, path: &str| Ask::get(path).with_token(key).to(&routes).await;
    assert_eq!(get(&support_text, &path(1)).await.status, 200);
    assert_eq!(get(&customer_text, &path(1)).await.problem(), not_found());
    let own = get(&customer_text, "/api/v1/orders").await;
    assert_eq!(own.json()["orders"], json!([]));
}

/// A request as API Gateway hands it to the function.
#[tokio::test]
async fn answers_api_gateway_through_the_runner() {
    let routes = showing([an_order().charging()]);
    let fixture = include_str!("../fixtures/get-status.json");
    let mut event: Value = serde_json::from_str(fixture).unwrap();
    let token = token("alice", Role::Customer);
    event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    let answer = lambda_boot::http::answer(&routes, event).await.unwrap();
    insta::assert_snapshot!(pretty(&answer), @r#"
    {
      "statusCode": 200,
      "headers": {
        "content-type": "application/json",
        "x-request-id": "00000000-0000-0000-0000-000000000001",
        "traceparent": "00-00000000000000000000000000000001-0000000000000001-01",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=63072000; includeSubDomains",
        "x-content-type-options": "nosniff",
        "content-length": "97"
      },
      "multiValueHeaders": {},
      "body": "{\"order_id\":\"00000000-0000-8000-8000-000000000001\",\"status\":\"charging\",\"version\":1,\"ended\":false}",
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
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
        "CURSOR_KEY",
    ];
    assert_eq!(names, all);
}
