//! The routes inside the edge, with real tokens, against what the tests say of the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use cloudwatch::{Series, Window};
use domain::ports::{Cause, StoreError};
use http_edge::Role;
use lambda_boot::{Clock, Env};
use testkit::FakeClock;
use testkit::http::{Answer, Ask, protect, token};

use super::*;

/// A shop whose orders table may be down, and what was asked of it.
#[derive(Clone, Default)]
struct Played {
    down: bool,
    asked: Arc<AtomicU32>,
}

impl Dependencies for Played {
    async fn check(&self) -> Vec<Check> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let check = |name: &str, up| Check {
            name: name.to_owned(),
            up,
            took_ms: 3,
        };
        vec![check("catalogue", true), check("orders", !self.down)]
    }
}

impl ReadMetrics for Played {
    async fn read(&self, _: Window) -> Result<Vec<Series>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down {
            return Err(StoreError::Unavailable(Cause("down".to_owned())));
        }
        let series = |name: &str, statistic, value| Series {
            name: name.to_owned(),
            dimensions: [("route", "/a\"\\\n"), ("status", "2xx")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            statistic,
            value,
        };
        Ok(vec![
            series("http_requests", "Sum", 12.0),
            series("http_request_duration_ms", "p50", 4.5),
            series("http_request_duration_ms", "p99", 31.0),
        ])
    }
}

struct Shop {
    routes: Router,
    played: Played,
    clock: FakeClock,
}

impl Shop {
    fn open(down: bool) -> Self {
        let played = Played {
            down,
            ..Played::default()
        };
        let clock = FakeClock::default();
        let now = clock.clone();
        let clock_of_app = Clock::driven(move || now.now());
        let app = App::new(played.clone(), played.clone(), clock_of_app);
        Self {
            routes: protect(api(app)),
            played,
            clock,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        ask.to(&self.routes).await
    }

    async fn metrics(&self, role: Role) -> Answer {
        let ask = Ask::get("/metrics").with_token(&token("dora", role));
        self.ask(ask).await
    }

    fn asked(&self) -> u32 {
        self.played.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_shop_is_well_when_everything_answers() {
    let shop = Shop::open(false);
    let answer = shop.ask(Ask::get("/health")).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["status"], "up");
    assert_eq!(body["dependencies"][1]["name"], "orders");
    assert_eq!(body["dependencies"][1]["status"], "up");
}

#[tokio::test]
async fn one_table_that_does_not_answer_is_named() {
    let answer = Shop::open(true).ask(Ask::get("/health")).await;
    assert_eq!(answer.status, 503);
    let body = answer.json();
    assert_eq!(
        body["type"],
        "https://cartwright.example/problems/unhealthy"
    );
    assert_eq!(body["dependencies"][0]["status"], "up");
    assert_eq!(body["dependencies"][1]["status"], "down");
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_crowd_that_asks_costs_one_look_in_five_seconds() {
    let shop = Shop::open(false);
    for _ in 0..10 {
        shop.ask(Ask::get("/health")).await;
    }
    assert_eq!(shop.asked(), 1);
    shop.clock.advance(jiff::SignedDuration::from_secs(5));
    shop.ask(Ask::get("/health")).await;
    assert_eq!(shop.asked(), 2);
}

#[tokio::test]
async fn metrics_are_shown_as_prometheus_reads_them() {
    let shop = Shop::open(false);
    let answer = shop.metrics(Role::Admin).await;
    assert_eq!(answer.status, 200);
    let kind = answer.headers.get("content-type").unwrap();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "# TYPE cartwright_http_requests gauge",
        r#"cartwright_http_requests{route="/a\"\\\n",status="2xx"} 12"#,
        r#"cartwright_http_request_duration_ms{route="/a\"\\\n",status="2xx",quantile="0.5"} 4.5"#,
        r#"cartwright_http_request_duration_ms{route="/a\"\\\n",status="2xx",quantile="0.99"} 31"#,
        "cartwright_window_seconds 300",
    ] {
        assert!(
            answer.body.lines().any(|it| it == line),
            "{line}\n{}",
            answer.body
        );
    }
    shop.metrics(Role::Admin).await;
    assert_eq!(shop.asked(), 1, "read twice in one minute");
}

#[tokio::test]
async fn metrics_are_for_those_who_run_the_shop() {
    let shop = Shop::open(false);
    assert_eq!(shop.metrics(Role::Support).await.status, 403);
    assert_eq!(shop.ask(Ask::get("/metrics")).await.status, 401);
    assert_eq!(shop.asked(), 0);
    assert_eq!(Shop::open(true).metrics(Role::Admin).await.status, 503);
}

#[tokio::test]
async fn what_no_function_has_is_404_and_a_method_that_a_path_has_not_405() {
    let shop = Shop::open(false);
    let unknown = shop.ask(Ask::get("/api/v0/orders")).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json()["title"], "Not Found");
    let wrong = shop.ask(Ask::delete("/api/v1/orders")).await;
    assert_eq!(wrong.status, 405);
    assert_eq!(wrong.headers.get("allow").unwrap(), "GET,POST");
}

#[test]
fn says_everything_that_its_environment_lacks() {
    let lacking = Config::from_env(&Env::default()).unwrap_err();
    let names: Vec<_> = lacking.names().collect();
    let all = [
        "CATALOG_TABLE",
        "INVENTORY_TABLE",
        "ORDERS_TABLE",
        "PAYMENTS_TABLE",
        "SHIPPING_TABLE",
        "ACCOUNTS_TABLE",
        "OPERATIONS_TABLE",
        "LIMITS",
        "TOKEN_JWKS",
        "TOKEN_ISSUER",
        "TOKEN_AUDIENCE",
        "METRICS_NAMESPACE",
    ];
    assert_eq!(names, all);
}
