//! The route inside the edge, with real tokens, against stores in memory.

use axum::Router;
use domain::ports::{
    Cause, CountMessages, CountOrders, Depth, KeepDestinations, KeepNewest, KeepStock, StoreError,
};
use domain::{
    CountedOrder, Counting, CourseId, DestinationName, DestinationState, FailureCode, NewCourse,
};
use http_edge::Role;
use lambda_boot::{Clock, Env};
use serde_json::{Value, json};
use testkit::build::{at, eur, order_id, pieces, sku, tenant};
use testkit::fakes::{FakeCopies, FakeFigures, FakeInventory};
use testkit::http::{Answer, Ask, protect, token, token_of_shop};

use super::*;

const PATH: &str = "/api/v1/admin/dashboard";

/// A queue with so many messages, or one that does not say.
#[derive(Clone, Debug)]
struct Letters(Option<u64>);

impl CountMessages for Letters {
    async fn depth(&self) -> Result<Depth, StoreError> {
        let silent = || StoreError::Unavailable(Cause("no answer".to_owned()));
        let waiting = self.0.ok_or_else(silent)?;
        Ok(Depth { waiting, hidden: 1 })
    }
}

/// An order that failed, one that is confirmed and of which a part went back, and a course.
async fn figures() -> FakeFigures {
    let figures = FakeFigures::default();
    let refund = domain::RefundId::of_cancel();
    let lives = [
        vec![
            Counting::Placed(eur(700)),
            Counting::Failed(FailureCode::OutOfStock),
        ],
        vec![
            Counting::Placed(eur(1_200)),
            Counting::Completed(eur(1_200)),
            Counting::Refunded(refund, eur(200)),
        ],
    ];
    for (number, life) in (1..).zip(lives) {
        let mut order = CountedOrder::default();
        let tallies: Vec<_> = life
            .iter()
            .flat_map(|what| order.count(what, at(30)))
            .collect();
        let id = order_id(number);
        let saved = figures.save_counted(&tenant(), id, order, &tallies).await;
        saved.unwrap();
    }
    let mut newest = figures.newest(&tenant()).await.unwrap();
    newest.take(NewCourse {
        id: CourseId::parse("soldering").unwrap(),
        title: "Soldering".to_owned(),
        created_at: at(1),
    });
    figures.save_newest(&tenant(), newest).await.unwrap();
    figures
}

/// Of two SKUs one is low, of two services one is away, and of two queues one does not say.
async fn shop() -> Router {
    let stock = FakeInventory::default()
        .with_stock(&pieces("sku-tea", 10))
        .with_stock(&pieces("sku-mug", 10));
    stock.set_low_at(&sku("sku-tea"), 10, at(0)).await.unwrap();
    let copies = FakeCopies::default();
    let service = |name: &str, failing_since| DestinationState {
        name: DestinationName::parse(name).unwrap(),
        behind: 0,
        failing_since,
        per_minute: 60,
        as_of: at(60),
    };
    let states = [service("crm", Some(at(40))), service("news", None)];
    copies.save_destinations(&states).await.unwrap();
    let queue = |name: &str, messages| Queue {
        name: name.to_owned(),
        letters: Letters(messages),
    };
    let app = App {
        figures: figures().await,
        stock,
        copies,
        queues: vec![queue("notify", Some(2)), queue("write-audit", None)],
        tenant: tenant(),
        clock: Clock::fixed(at(90)),
    };
    protect(api(app))
}

async fn ask(token: &str) -> Answer {
    Ask::get(PATH).with_token(token).to(&shop().await).await
}

fn of(list: &Value, name: &str, value: &str, wanted: &str) -> Value {
    let list = list.as_array().unwrap();
    let found = list.iter().find(|it| it[name] == wanted);
    found.map_or(Value::Null, |it| it[value].clone())
}

#[tokio::test]
async fn those_who_run_the_shop_see_what_goes_on() {
    let answer = ask(&token("dora", Role::Admin)).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let eur = |minor: i64| json!([{"minor": minor, "currency": "EUR"}]);
    assert_eq!(body["today"], "2026-07-20");
    assert_eq!(body["revenue_today"], eur(1_200));
    assert_eq!(body["refunds_today"], eur(200));
    let failures = json!([{"reason": "out_of_stock", "orders": 1}]);
    assert_eq!(body["failures_today"], failures);
    let placed = body["placed_per_minute"].as_array().unwrap();
    assert_eq!((placed.len(), &placed[58]["placed"]), (60, &json!(2)));
    let standing = |name| of(&body["orders_by_status"], "status", "orders", name);
    assert_eq!(
        ["open", "confirmed", "failed"].map(standing),
        [json!(0), json!(1), json!(1)]
    );
    assert_eq!(body["newest_courses"][0]["title"], "Soldering");
    let low = json!({"skus": [{"sku": "sku-tea", "available": 10, "low_at": 10}], "more": false});
    assert_eq!(body["stock_alerts"], low);
    let away = json!([{"name": "profiles-crm", "since": at(40)}]);
    assert_eq!(body["open_breakers"], away);
}

/// Messages that somebody is looking at are dead letters all the same.
#[tokio::test]
async fn a_queue_that_does_not_say_is_shown_without_a_number() {
    let body = ask(&token("dora", Role::Admin)).await.json();
    let letters = json!([{"queue": "notify", "messages": 3}, {"queue": "write-audit"}]);
    assert_eq!(body["dead_letters"], letters);
}

#[tokio::test]
async fn those_of_another_shop_see_nothing_of_this_one() {
    let body = ask(&token_of_shop("other", "dora", Role::Admin)).await;
    let body = body.json();
    for field in ["stock_alerts", "dead_letters", "open_breakers"] {
        assert_eq!(body.get(field), None, "{field}");
    }
    assert_eq!(body["newest_courses"], json!([]));
    let confirmed = of(&body["orders_by_status"], "status", "orders", "confirmed");
    assert_eq!(confirmed, 0);
}

#[tokio::test]
async fn only_those_who_run_the_shop_look() {
    for role in [Role::Customer, Role::Support] {
        assert_eq!(ask(&token("carol", role)).await.status, 403);
    }
    assert_eq!(Ask::get(PATH).to(&shop().await).await.status, 401);
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    for name in ["INVENTORY_TABLE", "DEAD_LETTERS", "HOME_TENANT"] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn queues_are_read_by_name() {
    let read = "notify=https://sqs/a write-audit=https://sqs/b".parse::<DeadLetterQueues>();
    let pair = |name: &str, url: &str| (name.to_owned(), url.to_owned());
    let wanted = [
        pair("notify", "https://sqs/a"),
        pair("write-audit", "https://sqs/b"),
    ];
    assert_eq!(read.unwrap().0, wanted);
    assert!("notify".parse::<DeadLetterQueues>().is_err());
}
