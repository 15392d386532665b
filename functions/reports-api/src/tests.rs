//! The routes inside the edge, with real tokens, against reports in memory.

use axum::Router;
use domain::ports::{CountSales, ReportedSale};
use domain::{Charge, OrderLine, PlacedSale, SaleEvent};
use http_edge::Role;
use lambda_boot::Clock;
use testkit::build::{at, eur, order_id, product_id, sku, tenant};
use testkit::fakes::FakeSales;
use testkit::http::{Answer, Ask, protect, token, token_of_shop};
use testkit::must;
use testkit::port_checks::sales::events;

use super::*;

const REPORTS: &str = "/api/v1/admin/reports";
/// The last of the days on which [`events`] happened, by seconds after the beginning of all tests.
const THEN: i64 = 101 * 3_600;

async fn counted(events: &[ReportedSale]) -> FakeSales {
    let reports = FakeSales::default();
    for event in events {
        must(reports.count_sale(&tenant(), event).await);
    }
    reports
}

fn shop(reports: FakeSales) -> Router {
    protect(api(App {
        reports,
        clock: Clock::fixed(at(THEN)),
    }))
}

async fn ask(path: &str) -> Answer {
    ask_of(&shop(counted(&events()).await), path).await
}

fn pretty(answer: &Answer) -> String {
    must(serde_json::to_string_pretty(&answer.json()))
}

async fn ask_of(shop: &Router, path: &str) -> Answer {
    let token = token("dora", Role::Admin);
    let path = format!("{REPORTS}/{path}");
    Ask::get(&path).with_token(&token).to(shop).await
}

#[tokio::test]
async fn the_daily_report_is_of_the_last_week_and_says_of_what_it_is_made() {
    let answer = ask("daily").await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!(pretty(&answer));
}

#[tokio::test]
async fn the_hours_of_a_day_are_asked_for_by_name() {
    let body = ask("daily?from=2026-07-21&to=2026-07-21&by=hour")
        .await
        .json();
    let rows = body["rows"].as_array().unwrap();
    let hours: Vec<_> = rows
        .iter()
        .map(|row| row["hour"].as_i64().unwrap())
        .collect();
    assert_eq!(hours, [1, 2, 8, 9, 15, 16, 22, 23]);
    let completed: i64 = rows.iter().map(|row| row["orders"].as_i64().unwrap()).sum();
    assert_eq!(completed, 4);
}

#[tokio::test]
async fn a_sheet_has_the_rows_of_the_report_under_their_names() {
    let answer = ask("daily.csv?from=2026-07-20&to=2026-07-20").await;
    let kind = "text/csv; charset=utf-8; header=present";
    assert_eq!((answer.status, answer.header("content-type")), (200, kind));
    let file = "attachment; filename=\"sales-2026-07-20-2026-07-20.csv\"";
    assert_eq!(answer.header("content-disposition"), file);
    insta::assert_snapshot!(answer.body);
    let products = ask("products.csv?currency=EUR").await;
    insta::assert_snapshot!("products_sheet", products.body);
    let failures = ask("failures").await;
    insta::assert_snapshot!("failures", pretty(&failures));
    // Where nothing was sold there are the names.
    let empty = ask_of(&shop(FakeSales::default()), "products.csv?currency=EUR").await;
    assert_eq!(
        empty.body,
        "product_id,orders,units,revenue_minor,returned\n"
    );
}

/// Names that mean something to a spreadsheet are texts there.
#[tokio::test]
async fn no_cell_of_a_sheet_is_a_formula() {
    let line = OrderLine {
        product_id: product_id("-2|cmd"),
        sku: sku("cmd"),
        quantity: 1,
        unit_price: eur(100),
    };
    let placed = PlacedSale {
        total: eur(100),
        lines: vec![line],
    };
    let charge = Charge {
        total: eur(100),
        tax_minor: 0,
    };
    let told = |what| ReportedSale {
        order: order_id(1),
        what,
        at: at(THEN),
        event_id: "order/1/1".to_owned(),
    };
    let events = [
        told(SaleEvent::Placed(placed)),
        told(SaleEvent::Completed(charge)),
    ];
    let shop = shop(counted(&events).await);
    let sheet = ask_of(&shop, "products.csv?currency=EUR").await.body;
    assert_eq!(sheet.lines().nth(1), Some("'-2|cmd,1,1,100,0"));
    let shown = ask_of(&shop, "products?currency=EUR").await.json();
    assert_eq!(shown["rows"][0]["product_id"], "-2|cmd");
}

#[tokio::test]
async fn a_shop_in_which_nothing_happened_has_an_empty_report() {
    let body = ask_of(&shop(FakeSales::default()), "daily").await.json();
    assert_eq!(body.get("as_of"), None);
    assert_eq!(body["rows"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn those_who_run_another_shop_see_nothing_of_this_one() {
    let shop = shop(counted(&events()).await);
    let stranger = token_of_shop("other", "dora", Role::Admin);
    for path in ["daily", "failures", "products?currency=EUR"] {
        let path = format!("{REPORTS}/{path}");
        let answer = Ask::get(&path).with_token(&stranger).to(&shop).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json().get("as_of"), None, "{path}");
        assert_eq!(answer.json()["rows"].as_array().map(Vec::len), Some(0));
    }
    for role in [Role::Customer, Role::Support] {
        let ask = Ask::get(&format!("{REPORTS}/daily"));
        let answer = ask.with_token(&token("mia", role)).to(&shop).await;
        assert_eq!(answer.problem().0, 403);
    }
}

#[tokio::test]
async fn days_that_cannot_be_are_refused() {
    for query in [
        "from=2026-07-21&to=2026-07-20",
        "from=1999-12-31",
        "from=2026-02-30",
        "from=20260720",
        "from=2026-07-20T00:00",
        "from=tomorrow",
        "to=",
        "from=2020-01-01",
        "from=2026-06-01&by=hour",
        "by=minute",
        "day=2026-07-20",
    ] {
        let answer = ask(&format!("daily?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
    let longest = ask("daily?from=2023-07-18&to=2026-07-21").await;
    assert_eq!(longest.status, 200);
    for query in [
        "",
        "?currency=doubloons",
        "?currency=EUR&limit=0",
        "?currency=EUR&by=day",
    ] {
        let answer = ask(&format!("products{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
    assert_eq!(ask("failures?by=day").await.problem().0, 400);
}

#[tokio::test]
async fn while_the_database_is_away_reports_are_unavailable() {
    let reports = counted(&events()).await;
    reports.set_away(true);
    let shop = shop(reports);
    for path in ["daily", "daily.csv", "failures", "products?currency=EUR"] {
        assert_eq!(ask_of(&shop, path).await.problem().0, 503, "{path}");
    }
}
