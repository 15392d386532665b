//! The routes inside the edge, with real tokens, against stores in memory.

use axum::Router;
use domain::{Aggregate, FailureCode, Order, OrderCommand};
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{a_lease, a_payment, a_shipment, an_order, at, order_id};
use testkit::fakes::{FakeInventory, FakeOrders, FakePayments, FakeShipments};
use testkit::http::{Answer, Ask, cursors, protect, token, token_of_shop};

use super::*;

struct World {
    orders: FakeOrders,
    routes: Router,
}

fn world(orders: impl IntoIterator<Item = Order>) -> World {
    world_with(orders, FakeInventory::default(), FakePayments::default())
}

fn world_with(
    orders: impl IntoIterator<Item = Order>,
    inventory: FakeInventory,
    payments: FakePayments,
) -> World {
    let orders = orders
        .into_iter()
        .fold(FakeOrders::default(), FakeOrders::with);
    let app = App {
        orders: orders.clone(),
        books: Books {
            leases: inventory,
            payments,
            shipments: FakeShipments::default().with(a_shipment().created()),
        },
        cursors: cursors(),
        clock: Clock::fixed(at(60)),
    };
    let routes = protect(api(app));
    World { orders, routes }
}

impl World {
    async fn admin(&self, ask: Ask) -> Answer {
        let token = token("carol", Role::Admin);
        ask.with_token(&token).to(&self.routes).await
    }

    async fn refund(&self, key: &str, body: Value) -> Answer {
        let ask = Ask::post(&of(1, "/refunds"), body);
        self.admin(ask.with("idempotency-key", key)).await
    }

    async fn set(&self, body: Value) -> Answer {
        self.admin(Ask::put(&of(1, "/status"), body)).await
    }

    fn order(&self) -> Order {
        self.orders.get(order_id(1)).unwrap()
    }
}

fn of(number: u64, tail: &str) -> String {
    format!("/api/v1/admin/orders/{}{tail}", order_id(number))
}

fn conflict(slug: &str) -> (u16, String) {
    (409, slug.to_owned())
}

#[tokio::test]
async fn a_refund_is_granted_once_per_key() {
    let world = world([an_order().confirmed()]);
    let first = world.refund("key-1", json!({"restock": true})).await;
    assert_eq!(
        (first.status, first.header("idempotency-replayed")),
        (201, "")
    );
    let again = world.refund("key-1", json!({"restock": true})).await;
    assert_eq!(again.body, first.body);
    assert_eq!(
        (again.status, again.header("idempotency-replayed")),
        (201, "true")
    );
    assert_eq!(world.order().refunds().len(), 1);
    assert_eq!(first.json()["refund"]["amount"]["minor"], 1_200);
    assert_eq!(first.json()["refund"]["goods"], "recalled");
}

#[tokio::test]
async fn a_key_that_was_used_for_another_refund_is_refused() {
    let world = world([an_order().confirmed()]);
    world.refund("key-1", json!({})).await;
    let lines = json!({"lines": [{"product_id": "tea", "quantity": 1}]});
    for body in [lines, json!({"restock": true})] {
        let other = world.refund("key-1", body).await;
        assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    }
    assert_eq!(world.order().refunds().len(), 1);
}

#[tokio::test]
async fn the_same_key_of_somebody_else_is_a_refund_of_their_own() {
    let world = world([an_order().confirmed()]);
    let mine = world.refund("key-1", json!({})).await;
    assert_eq!(mine.status, 201);
    let theirs = Ask::post(&of(1, "/refunds"), json!({})).with("idempotency-key", "key-1");
    let theirs = theirs.with_token(&token("dora", Role::Admin));
    let answer = theirs.to(&world.routes).await;
    assert_eq!(answer.problem(), conflict("nothing-to-refund"));
}

#[tokio::test]
async fn a_refund_needs_a_key_and_a_body_that_can_be() {
    let world = world([an_order().confirmed()]);
    let keyless = world.admin(Ask::post(&of(1, "/refunds"), json!({}))).await;
    assert_eq!(keyless.problem(), (400, "idempotency-key".to_owned()));
    let piece = |product: &str, quantity: i64| json!({"lines": [{"product_id": product, "quantity": quantity}]});
    let unexpected = (400, "unexpected-body".to_owned());
    let invalid = (422, "invalid-body".to_owned());
    let refused = (422, "refund-refused".to_owned());
    for (body, problem) in [
        (json!({"amount": 5}), &unexpected),
        (piece("tea", 0), &invalid),
        (piece("tea", -1), &invalid),
        (piece("tea", i64::MAX), &invalid),
        (piece("%00", 1), &invalid),
        (piece("tea", 2), &refused),
        (piece("cup", 1), &refused),
        (json!({"lines": []}), &refused),
    ] {
        let answer = world.refund("key-1", body.clone()).await;
        assert_eq!(answer.problem(), *problem, "{body}");
    }
    assert!(world.order().refunds().is_empty());
}

#[tokio::test]
async fn nothing_is_refunded_that_was_not_charged_or_is_gone() {
    for order in [an_order().pending(), an_order().charging()] {
        let world = world([order]);
        let answer = world.refund("key-1", json!({})).await;
        assert_eq!(answer.problem(), conflict("nothing-to-refund"));
    }
    let world = world([an_order().confirmed()]);
    world.refund("key-1", json!({})).await;
    let answer = world.refund("key-2", json!({})).await;
    assert_eq!(answer.problem(), conflict("nothing-to-refund"));
}

#[tokio::test]
async fn only_those_who_run_the_shop_refund_and_set() {
    let world = world([an_order().confirmed()]);
    for role in [Role::Customer, Role::Support] {
        let token = token("alice", role);
        let refund = Ask::post(&of(1, "/refunds"), json!({})).with_token(&token);
        let set = Ask::put(&of(1, "/status"), json!({"status": "delivered"}));
        let set = set.with_token(&token);
        assert_eq!(refund.to(&world.routes).await.status, 403);
        assert_eq!(set.to(&world.routes).await.status, 403);
    }
    let elsewhere = token_of_shop("other", "carol", Role::Admin);
    let ask = Ask::post(&of(1, "/refunds"), json!({})).with("idempotency-key", "k");
    let foreign = ask.with_token(&elsewhere).to(&world.routes).await;
    assert_eq!(foreign.problem(), (404, "not-found".to_owned()));
    assert!(world.order().refunds().is_empty());
}

#[tokio::test]
async fn an_order_is_shipped_and_delivered_by_hand() {
    let world = world([an_order().confirmed()]);
    let early = world.set(json!({"status": "delivered"})).await;
    assert_eq!(early.problem(), conflict("wrong-status"));
    let shipped = json!({"status": "shipped", "tracking_number": "JD0002"});
    for _ in 0..2 {
        let answer = world.set(shipped.clone()).await;
        assert_eq!(answer.json()["status"], "shipped");
    }
    let corrected = json!({"status": "shipped", "tracking_number": "JD0003"});
    let answer = world.set(corrected.clone()).await;
    assert_eq!(answer.problem(), conflict("wrong-status"));
    let answer = world.set(json!({"status": "delivered"})).await;
    assert_eq!(answer.json()["status"], "delivered");
    let answer = world.set(shipped).await;
    assert_eq!(answer.problem(), conflict("wrong-status"));
}

#[tokio::test]
async fn a_status_that_nobody_gives_is_refused() {
    let world = world([an_order().confirmed()]);
    for body in [
        json!({"status": "refunded"}),
        json!({"status": "pending"}),
        json!({"status": "shipped"}),
        json!({"status": "shipped", "tracking_number": "<script>"}),
        json!({"status": "delivered", "tracking_number": "JD0002"}),
    ] {
        let answer = world.set(body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid-body".to_owned()), "{body}");
    }
}

fn flagged(mut order: Order) -> Order {
    let epoch = order.epoch;
    order
        .execute(&OrderCommand::Flag { epoch }, at(50))
        .unwrap();
    order
}

#[tokio::test]
async fn an_order_that_needs_attention_is_confirmed_where_all_of_it_was_answered() {
    let sold = FakeInventory::default().with_lease(a_lease().sold());
    let captured = FakePayments::default().with(a_payment().captured());
    let done = world_with(
        [flagged(an_order().charging())],
        sold.clone(),
        captured.clone(),
    );
    let body = json!({"status": "confirmed"});
    assert_eq!(done.set(body.clone()).await.json()["status"], "confirmed");
    for (inventory, payments) in [
        (FakeInventory::default(), captured.clone()),
        (sold.clone(), FakePayments::default()),
    ] {
        let open = world_with([flagged(an_order().charging())], inventory, payments);
        let answer = open.set(body.clone()).await;
        assert_eq!(answer.problem(), conflict("wrong-status"));
    }
    let unflagged = world_with([an_order().charging()], sold, captured);
    let answer = unflagged.set(body).await;
    assert_eq!(answer.problem(), conflict("wrong-status"));
}

#[tokio::test]
async fn an_order_is_not_taken_back_by_hand_while_something_is_not_answered() {
    let released = FakeInventory::default().with_lease(a_lease().released());
    let closed = FakePayments::default().with(a_payment().closed());
    let order = flagged(an_order().unwinding(FailureCode::Internal));
    // The shipment of this world is not cancelled.
    let world = world_with([order], released, closed);
    for status in ["failed", "cancelled", "confirmed"] {
        let answer = world.set(json!({"status": status})).await;
        assert_eq!(answer.problem(), conflict("wrong-status"), "{status}");
    }
}

#[tokio::test]
async fn the_list_has_all_orders_of_the_shop_newest_first_by_page_and_status() {
    let orders = (1..=5).map(|number| {
        let order = an_order().number(number);
        let order = order.placed_at(at(i64::try_from(number).unwrap()));
        if number % 2 == 0 {
            order.confirmed()
        } else {
            order.pending()
        }
    });
    let world = world(orders);
    let numbers = |answer: &Answer| -> String {
        let body = answer.json();
        let listed = body["orders"].as_array().unwrap().iter();
        let last = |it: &Value| it["order"]["order_id"].as_str().unwrap().chars().last();
        listed.filter_map(last).collect()
    };
    let first = world.admin(Ask::get("/api/v1/admin/orders?limit=3")).await;
    assert_eq!(numbers(&first), "543");
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/orders?limit=3&cursor={cursor}");
    assert_eq!(numbers(&world.admin(Ask::get(&path)).await), "21");
    let other = format!("/api/v1/admin/orders?limit=3&status=pending&cursor={cursor}");
    assert_eq!(world.admin(Ask::get(&other)).await.status, 400);
    let confirmed = Ask::get("/api/v1/admin/orders?status=confirmed");
    assert_eq!(numbers(&world.admin(confirmed).await), "42");
}

#[tokio::test]
async fn a_list_of_another_shop_is_empty_and_customers_have_none() {
    let world = world([an_order().confirmed()]);
    let list = || Ask::get("/api/v1/admin/orders");
    let elsewhere = token_of_shop("other", "carol", Role::Admin);
    let foreign = list().with_token(&elsewhere).to(&world.routes).await;
    assert_eq!(foreign.json(), json!({"orders": []}));
    assert_eq!(list().by("alice").to(&world.routes).await.status, 403);
}

#[tokio::test]
async fn a_range_that_cannot_be_is_refused() {
    let world = world([]);
    for query in [
        "from=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z",
        "from=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z",
        "from=yesterday",
        "status=gone",
        "limit=0",
        "page=2",
    ] {
        let ask = Ask::get(&format!("/api/v1/admin/orders?{query}"));
        assert_eq!(world.admin(ask).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn the_timeline_tells_what_all_services_did_to_those_whose_order_it_is() {
    let sold = FakeInventory::default().with_lease(a_lease().sold());
    let captured = FakePayments::default().with(a_payment().captured());
    let world = world_with([an_order().confirmed()], sold, captured);
    let path = format!("/api/v1/orders/{}/timeline", order_id(1));
    let answer = Ask::get(&path).by("alice").to(&world.routes).await;
    let body = answer.json();
    let events = body["events"].as_array().unwrap();
    let mut kinds: Vec<&str> = events
        .iter()
        .filter_map(|it| it["type"].as_str()?.split('.').nth(1))
        .collect();
    let times: Vec<&str> = events.iter().filter_map(|it| it["at"].as_str()).collect();
    assert!(times.is_sorted(), "{times:?}");
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, ["lease", "order", "payment", "shipment"]);
    let foreign = Ask::get(&path).by("bob").to(&world.routes).await;
    assert_eq!(foreign.problem(), (404, "not-found".to_owned()));
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "ORDERS_TABLE",
        "INVENTORY_TABLE",
        "PAYMENTS_TABLE",
        "SHIPPING_TABLE",
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
