//! Events against reports in memory.

use std::collections::BTreeMap;

use contracts::events::{envelopes_of_order, envelopes_of_payment, envelopes_of_shipment};
use domain::ports::{DayRange, ReadSales};
use domain::{Order, Period, SalesFigures, Sequence, Tariff};
use jiff::tz::TimeZone;
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{a_payment, a_shipment, an_order, at, tenant};
use testkit::fakes::FakeSales;
use testkit::must;

use super::*;

async fn take(reports: &FakeSales, event: &Envelope) -> Result<(), ErrorName> {
    let taken = handle(reports, event).await;
    taken.map_err(|error| error.name())
}

fn today() -> DayRange {
    let day = at(0).to_zoned(TimeZone::UTC).date();
    day..=day
}

async fn by_day(reports: &FakeSales) -> BTreeMap<Period, SalesFigures> {
    let sales = must(reports.sales_by_day(&tenant(), &today()).await);
    let in_euros = |((period, currency), figures): ((_, &str), _)| {
        assert_eq!(currency, "EUR");
        (period, figures)
    };
    sales.into_iter().map(in_euros).collect()
}

/// Three pieces with shipping and tax.
fn kettles() -> Order {
    let tariff: Tariff = must("tax=19 EUR=500".parse());
    an_order()
        .with_line("kettle", 2, 2_000)
        .with_line("mug", 1, 450)
        .at_tariff(&tariff)
        .confirmed()
}

fn events() -> Vec<Envelope> {
    let failed = an_order().number(2).failed(FailureCode::OutOfStock);
    let cancelled = an_order()
        .number(3)
        .failed(FailureCode::CancelledByCustomer);
    let orders = [kettles(), failed, cancelled];
    let all = |order: &Order| envelopes_of_order(order, Sequence::NONE);
    orders.iter().flat_map(all).collect()
}

/// What orders are placed and charged for is what they cost, to the cent.
#[tokio::test]
async fn what_orders_come_to_is_in_the_report_of_their_day() {
    let reports = FakeSales::default();
    for event in events() {
        assert_eq!(take(&reports, &event).await, Ok(()));
    }
    let totals = &kettles().facts.totals;
    assert!(totals.tax().minor() > 0);
    let wanted = SalesFigures {
        placed: 3,
        placed_minor: totals.total().minor() + 2 * 1_200,
        completed: 1,
        units: 3,
        revenue_minor: totals.total().minor(),
        tax_minor: totals.tax().minor(),
        failed: 1,
        cancelled: 1,
        ..SalesFigures::default()
    };
    let day = Period::day_of(at(0));
    assert_eq!(by_day(&reports).await, BTreeMap::from([(day, wanted)]));
    let top = must(reports.top_products(&tenant(), &today(), "EUR", 5).await);
    let top: Vec<_> = top
        .iter()
        .map(|it| {
            (
                it.product.as_str(),
                it.figures.units,
                it.figures.revenue_minor,
            )
        })
        .collect();
    assert_eq!(top, [("kettle", 2, 4_000), ("mug", 1, 450)]);
}

#[tokio::test]
async fn what_comes_in_another_order_or_again_makes_no_other_report() {
    let (straight, other) = (FakeSales::default(), FakeSales::default());
    for event in events() {
        assert_eq!(take(&straight, &event).await, Ok(()));
    }
    for event in events().iter().rev().chain(&events()) {
        assert_eq!(take(&other, event).await, Ok(()));
    }
    assert_eq!(by_day(&other).await, by_day(&straight).await);
}

#[tokio::test]
async fn what_is_about_something_else_is_passed_by() {
    let reports = FakeSales::default();
    let payment = envelopes_of_payment(&a_payment().captured(), Sequence::NONE);
    let shipment = envelopes_of_shipment(&a_shipment().created(), Sequence::NONE);
    assert!(!payment.is_empty() && !shipment.is_empty());
    for event in payment.iter().chain(&shipment) {
        assert_eq!(take(&reports, event).await, Ok(()));
    }
    assert_eq!(must(reports.freshness(&tenant()).await), None);
}

#[tokio::test]
async fn what_cannot_be_goes_back_and_changes_nothing() {
    let reports = FakeSales::default();
    let events = envelopes_of_order(&kettles(), Sequence::NONE);
    let (placed, completed) = (events.first().unwrap(), events.last().unwrap());
    let with = |event: &Envelope, place: &str, value: Value| {
        let mut event = event.clone();
        *event.data.pointer_mut(place).unwrap() = value;
        event
    };
    let nobodys = Envelope {
        tenant: None,
        ..placed.clone()
    };
    let of_nothing = Envelope {
        subject: "an order".to_owned(),
        ..placed.clone()
    };
    for event in [
        with(placed, "/total/currency", json!("doubloons")),
        with(placed, "/total/minor", json!(-1)),
        with(placed, "/lines/0/quantity", json!(0)),
        with(placed, "/lines/0/unit_price_minor", json!(-1)),
        with(placed, "/lines/0/product_id", json!("")),
        with(placed, "/lines", json!(7)),
        with(completed, "/tax_amount_minor", json!(-1)),
        with(completed, "/tax_amount_minor", json!(9_000_000)),
        with(completed, "/currency", json!("")),
        nobodys,
        of_nothing,
    ] {
        let taken = take(&reports, &event).await;
        assert_eq!(taken, Err(ErrorName::BadInput), "{event:?}");
    }
    assert_eq!(must(reports.freshness(&tenant()).await), None);
}

/// A database that is away is nobody's mistake: the message comes again.
#[tokio::test]
async fn while_the_database_is_away_messages_go_back_and_are_counted_later() {
    let reports = FakeSales::default();
    let records = events().into_iter().map(|event| {
        json!({
            "messageId": event.id,
            "body": serde_json::to_string(&event).unwrap(),
            "attributes": {"MessageGroupId": event.group()},
        })
    });
    let batch = json!({"Records": records.collect::<Vec<_>>()});
    let handler = async |event: Envelope| handle(&reports, &event).await;
    reports.set_away(true);
    let answer = queue::answer_of_inbox(|_| true, handler, batch.clone()).await;
    assert_eq!(answer.unwrap().returned().count(), events().len());
    reports.set_away(false);
    let answer = queue::answer_of_inbox(|_| true, handler, batch).await;
    assert_eq!(answer.unwrap().returned().count(), 0);
    assert_eq!(by_day(&reports).await[&Period::day_of(at(0))].placed, 3);
}
