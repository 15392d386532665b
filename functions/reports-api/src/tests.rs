//! The routes inside the edge, with real tokens, against reports in memory.

use answer_cache::Answers;
use axum::Router;
use domain::ports::{CountSales, KeepFacts, ReportedSale};
use domain::{
    Charge, Fact, FailureCode, LeaseStep, ListedProduct, OrderFact, OrderLine, OrderPart,
    PlacedSale, SaleEvent, Sequence, StockLevel, TenantId,
};
use http_edge::Role;
use lambda_boot::Clock;
use serde_json::json;
use testkit::build::{at, eur, order_id, pieces, product_id, sku, tenant};
use testkit::fakes::{FakeAnswers, FakeSales};
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
        answers: Answers::<FakeAnswers>::new(None),
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

/// A shop with what was sold in [`events`], and the stock of these products and SKUs.
async fn stocked(levels: &[(&str, u32)]) -> FakeSales {
    let reports = counted(&events()).await;
    for (name, available) in levels {
        let level = Fact::Stock(StockLevel {
            sku: sku(name),
            available: *available,
            put_in: 100,
            low: *available < 5,
            sequence: Sequence(7),
            at: at(60),
        });
        let listed = Fact::Product(ListedProduct {
            product: product_id(name),
            sku: sku(name),
            on_sale: true,
            sequence: Sequence(1),
        });
        let held = Fact::OfOrder(OrderFact {
            order: order_id(9),
            what: OrderPart::Lease(LeaseStep::Held, vec![pieces("mug", 2)]),
            at: at(70),
        });
        for fact in [level, listed, held] {
            must(reports.keep_fact(&tenant(), &fact).await);
        }
    }
    reports
}

/// Eight kettles and twelve mugs in 28 days.
#[tokio::test]
async fn the_report_of_stock_says_what_is_gone_first_and_of_what_it_is_made() {
    let levels = [("kettle", 16), ("mug", 4), ("pot", 0)];
    let shop = shop(stocked(&levels).await);
    let answer = ask_of(&shop, "stock").await;
    assert_eq!(answer.status, 200);
    insta::assert_snapshot!("stock", pretty(&answer));
    let sheet = ask_of(&shop, "stock.csv").await;
    let file = "attachment; filename=\"stock-2026-07-24.csv\"";
    assert_eq!(sheet.header("content-disposition"), file);
    insta::assert_snapshot!("stock_sheet", sheet.body);
    for (query, wanted) in [
        ("below=9", 0),
        ("below=10", 1),
        ("below=57", 2),
        ("limit=1", 1),
    ] {
        let body = ask_of(&shop, &format!("stock?{query}")).await.json();
        let rows = body["rows"].as_array().map(Vec::len);
        assert_eq!(rows, Some(wanted), "{query}");
    }
    for query in ["below=-1", "below=soon", "limit=0", "from=2026-07-20"] {
        let answer = ask_of(&shop, &format!("stock?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn no_cell_of_the_sheet_of_stock_is_a_formula() {
    let shop = shop(stocked(&[("-2|cmd", 3)]).await);
    let sheet = ask_of(&shop, "stock.csv").await.body;
    let row = sheet.lines().nth(1).unwrap_or_default();
    assert!(
        row.starts_with("'-2|cmd,'-2|cmd,3,0,true,0,,2026-"),
        "{row}"
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
    let shop = shop(stocked(&[("mug", 4)]).await);
    let stranger = token_of_shop("other", "dora", Role::Admin);
    for path in ["daily", "failures", "products?currency=EUR", "stock"] {
        let path = format!("{REPORTS}/{path}");
        let answer = Ask::get(&path).with_token(&stranger).to(&shop).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json().get("as_of"), None, "{path}");
        assert_eq!(answer.json()["rows"].as_array().map(Vec::len), Some(0));
    }
    for (role, path) in [
        (Role::Customer, "daily"),
        (Role::Support, "daily"),
        (Role::Support, "stock"),
        (Role::Support, "stock.csv"),
    ] {
        let ask = Ask::get(&format!("{REPORTS}/{path}"));
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
    for path in [
        "daily",
        "daily.csv",
        "failures",
        "products?currency=EUR",
        "stock",
    ] {
        assert_eq!(ask_of(&shop, path).await.problem().0, 503, "{path}");
    }
}

/// A sale and a failure at a shop. However they are, they are as many changes, and the last of them has the same name.
async fn sold(reports: &FakeSales, shop: &TenantId, cents: i64, code: FailureCode) {
    let line = OrderLine {
        product_id: product_id("mug"),
        sku: sku("mug"),
        quantity: 1,
        unit_price: eur(cents),
    };
    let placed = PlacedSale {
        total: eur(cents),
        lines: vec![line],
    };
    let charge = Charge {
        total: eur(cents),
        tax_minor: 0,
    };
    let events = [
        (1, SaleEvent::Placed(placed)),
        (1, SaleEvent::Completed(charge)),
        (2, SaleEvent::Failed(code)),
    ];
    for (sequence, (order, what)) in (1..).zip(events) {
        count(reports, shop, (order, sequence), what).await;
    }
}

async fn count(reports: &FakeSales, shop: &TenantId, event: (u64, u64), what: SaleEvent) {
    let (order, sequence) = event;
    let told = ReportedSale {
        order: order_id(order),
        what,
        at: at(THEN),
        event_id: format!("order/{order}/{sequence}"),
    };
    must(reports.count_sale(shop, &told).await);
}

const KEPT: [&str; 4] = [
    "daily",
    "daily?by=hour",
    "products?currency=EUR",
    "failures",
];

/// A shop over these figures and these answers.
fn sharing(reports: &FakeSales, answers: &FakeAnswers) -> Router {
    protect(api(App {
        reports: reports.clone(),
        answers: Answers::new(Some(answers.clone())),
        clock: Clock::fixed(at(THEN)),
    }))
}

/// The figures behind are other ones with the same version: who is told the first was not told what is counted now.
#[tokio::test]
async fn what_was_answered_is_not_asked_for_again_until_there_is_more() {
    let [reports, changed] = [FakeSales::default(), FakeSales::default()];
    sold(&reports, &tenant(), 1_000, FailureCode::OutOfStock).await;
    sold(&changed, &tenant(), 2_000, FailureCode::PaymentDeclined).await;
    let answers = FakeAnswers::default();
    let (one, other) = (sharing(&reports, &answers), sharing(&changed, &answers));
    let unshared = shop(changed.clone());
    for (number, path) in (1..).zip(KEPT) {
        let first = ask_of(&one, path).await;
        assert_eq!(first.status, 200, "{path}");
        assert_eq!(ask_of(&other, path).await.json(), first.json(), "{path}");
        assert_ne!(ask_of(&unshared, path).await.json(), first.json(), "{path}");
        assert_eq!(answers.kept(), number, "{path}");
    }
    // The sheet is made of the same answer.
    let sheet = ask_of(&other, "daily.csv").await.body;
    assert_eq!(sheet, ask_of(&one, "daily.csv").await.body);
    assert_eq!(answers.kept(), KEPT.len());
    count(&changed, &tenant(), (77, 1), SaleEvent::Cancelled).await;
    for path in KEPT {
        let (now, wanted) = (ask_of(&other, path).await, ask_of(&unshared, path).await);
        assert_eq!(now.json(), wanted.json(), "{path}");
    }
    assert_eq!(answers.kept(), 2 * KEPT.len());
}

/// Whoever restores the database, or counts anew, may get to the same number of changes another way.
#[tokio::test]
async fn as_many_changes_by_another_last_event_are_other_figures() {
    let [reports, anew] = [FakeSales::default(), FakeSales::default()];
    sold(&reports, &tenant(), 1_000, FailureCode::OutOfStock).await;
    sold(&anew, &tenant(), 2_000, FailureCode::PaymentDeclined).await;
    count(&reports, &tenant(), (77, 1), SaleEvent::Cancelled).await;
    count(&anew, &tenant(), (78, 1), SaleEvent::Cancelled).await;
    let answers = FakeAnswers::default();
    let (before, after) = (sharing(&reports, &answers), sharing(&anew, &answers));
    let unshared = shop(anew);
    for path in KEPT {
        assert_eq!(ask_of(&before, path).await.status, 200, "{path}");
        let (now, wanted) = (ask_of(&after, path).await, ask_of(&unshared, path).await);
        assert_eq!(now.json(), wanted.json(), "{path}");
    }
}

/// Of both shops as much is known, by events of the same names.
#[tokio::test]
async fn no_shop_is_told_what_was_answered_to_another() {
    let reports = FakeSales::default();
    let other = must(TenantId::parse("other"));
    sold(&reports, &tenant(), 1_000, FailureCode::OutOfStock).await;
    sold(&reports, &other, 2_000, FailureCode::PaymentDeclined).await;
    let shop = sharing(&reports, &FakeAnswers::default());
    let stranger = token_of_shop("other", "dora", Role::Admin);
    let told = [
        ("daily", "revenue_minor", json!(1_000), json!(2_000)),
        ("daily?by=hour", "revenue_minor", json!(1_000), json!(2_000)),
        (KEPT[2], "revenue_minor", json!(1_000), json!(2_000)),
        (
            "failures",
            "reason",
            json!("out_of_stock"),
            json!("payment_declined"),
        ),
    ];
    for (path, field, own, of_other) in told {
        let first = ask_of(&shop, path).await.json();
        assert_eq!(first["rows"][0][field], own, "{path}");
        let path = format!("{REPORTS}/{path}");
        let second = Ask::get(&path).with_token(&stranger).to(&shop).await.json();
        assert_eq!(second["rows"][0][field], of_other, "{path}");
        assert_eq!(second["as_of"], first["as_of"], "{path}");
    }
}
