//! Events against reports in memory.

use std::collections::BTreeMap;

use contracts::events::{
    envelopes_of_lease, envelopes_of_order, envelopes_of_payment, envelopes_of_shipment,
    product_event, stock_changed,
};
use domain::ports::{CoverAsked, DayRange, ReadFacts, ReadSales, ReadStock, StockCover};
use domain::{
    Course, FailureCode, LeaseStep, Order, OrderParts, ParcelStep, PaymentStep, Period, Product,
    SaleStatus, SalesFigures, Sequence, Stock, Tariff,
};
use jiff::tz::TimeZone;
use lambda_boot::queue;
use serde_json::{Value, json};
use testkit::build::{
    a_course, a_lease, a_payment, a_product, a_shipment, an_order, at, order_id, pieces,
    product_id, sku, tenant,
};
use testkit::fakes::FakeSales;
use testkit::must;

use super::*;

/// The shop of the deployment. Orders are of another one.
fn home() -> TenantId {
    must(TenantId::parse("harbour"))
}

async fn take(reports: &FakeSales, event: &Envelope) -> Result<(), ErrorName> {
    let taken = handle(reports, &home(), event).await;
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

fn stock(version: u32, available: u32) -> Stock {
    Stock {
        sku: sku("kettle"),
        available,
        put_in: 10,
        low_at: 7,
        version,
        changed_at: at(i64::from(version)),
    }
}

fn product(version: u64, status: SaleStatus) -> Product {
    Product {
        version,
        status,
        sku: sku("kettle"),
        tenant: home(),
        ..a_product("kettle", 2_000)
    }
}

/// Everything that is told beside an order, and of the stock at home: some of it is held for an order there.
fn beside() -> Vec<Envelope> {
    let payment = envelopes_of_payment(&a_payment().captured(), Sequence::NONE);
    let shipment = envelopes_of_shipment(&a_shipment().created(), Sequence::NONE);
    let held = a_lease().of_pieces(&[pieces("kettle", 2)]).held();
    let lease = envelopes_of_lease(&held, Sequence::NONE);
    let gone = a_lease().of(order_id(2)).of_pieces(&[pieces("kettle", 1)]);
    let gone = envelopes_of_lease(&gone.released(), Sequence::NONE);
    let at_home = a_lease().of(order_id(3)).of_pieces(&[pieces("kettle", 3)]);
    let mut at_home = envelopes_of_lease(&at_home.held(), Sequence::NONE);
    at_home
        .iter_mut()
        .for_each(|event| event.tenant = Some(home().to_string()));
    let states = [
        product_event(&product(1, SaleStatus::Active)),
        stock_changed(&stock(1, 9)),
        stock_changed(&stock(2, 7)),
    ];
    [payment, shipment, lease, gone, at_home, states.into()].concat()
}

async fn parts(reports: &FakeSales) -> OrderParts {
    must(reports.facts_of(&tenant(), order_id(1)).await)
}

async fn cover(reports: &FakeSales, shop: &TenantId) -> Vec<StockCover> {
    let all = CoverAsked {
        below: None,
        limit: 10,
    };
    must(reports.stock_cover(shop, &today(), all).await)
}

/// What it comes to is the same in whatever order it comes; figures of sales are none of its business.
#[tokio::test]
async fn payments_parcels_and_stock_are_kept_beside_the_figures() {
    let (straight, other) = (FakeSales::default(), FakeSales::default());
    for event in beside() {
        assert_eq!(take(&straight, &event).await, Ok(()), "{}", event.id);
    }
    for event in beside().iter().rev().chain(&beside()) {
        assert_eq!(take(&other, event).await, Ok(()));
    }
    for reports in [&straight, &other] {
        let parts = parts(reports).await;
        let steps: Vec<_> = parts.payment.keys().copied().collect();
        assert_eq!(steps, [PaymentStep::Authorised, PaymentStep::Captured]);
        assert_eq!(
            parts.amount,
            a_payment().captured().terms.map(|it| it.amount)
        );
        assert!(parts.parcel.contains_key(&ParcelStep::Booked));
        assert!(parts.lease.contains_key(&LeaseStep::Held));
        let wanted = StockCover {
            product: product_id("kettle"),
            sku: sku("kettle"),
            available: 7,
            reserved: 3,
            low: true,
            sold: 0,
            changed_at: at(2),
        };
        assert_eq!(cover(reports, &home()).await, [wanted]);
        assert_eq!(must(reports.freshness(&tenant()).await), None);
    }
}

/// Stock, of which events name no shop, is that of home. All else is of the shop that its event names, also
/// a product that is called the same.
#[tokio::test]
async fn home_has_the_stock_and_every_shop_what_is_told_of_it() {
    let reports = FakeSales::default();
    let elsewhere = product_event(&Product {
        tenant: tenant(),
        ..product(1, SaleStatus::Active)
    });
    for event in events().iter().chain(&beside()).chain([&elsewhere]) {
        assert_eq!(take(&reports, event).await, Ok(()));
    }
    assert!(must(reports.freshness(&tenant()).await).is_some());
    assert_eq!(must(reports.freshness(&home()).await), None);
    for (shop, orders) in [(tenant(), [1, 2]), (home(), [3, 3])] {
        for number in 1..=3 {
            let known = must(reports.facts_of(&shop, order_id(number)).await);
            let is_its_own = orders.contains(&number);
            assert_eq!(
                known != OrderParts::default(),
                is_its_own,
                "{shop} {number}"
            );
        }
    }
    assert!(must(reports.stock_news(&home()).await).is_some());
    assert_eq!(must(reports.stock_news(&tenant()).await), None);
    assert!(cover(&reports, &tenant()).await.is_empty());
}

#[tokio::test]
async fn what_was_withdrawn_is_on_sale_no_more() {
    let reports = FakeSales::default();
    for event in beside() {
        assert_eq!(take(&reports, &event).await, Ok(()));
    }
    let withdrawn = product_event(&Product {
        event: domain::ProductEvent::Updated(vec![domain::ProductField::Status]),
        ..product(2, SaleStatus::Withdrawn)
    });
    assert_eq!(take(&reports, &withdrawn).await, Ok(()));
    assert!(cover(&reports, &home()).await.is_empty());
}

/// Nothing was asked of anybody: its end is of no shop, and of no interest.
#[tokio::test]
async fn what_never_began_is_passed_by_and_so_is_what_is_about_something_else() {
    let reports = FakeSales::default();
    let mut never = envelopes_of_payment(&a_payment().captured(), Sequence::NONE);
    never.iter_mut().for_each(|event| event.tenant = None);
    let course = contracts::events::course_event(&Course {
        version: 1,
        ..a_course("tea", 100)
    });
    for event in never.iter().chain([&course]) {
        assert_eq!(take(&reports, event).await, Ok(()));
    }
    for shop in [tenant(), home()] {
        let known = must(reports.facts_of(&shop, order_id(1)).await);
        assert_eq!(known, OrderParts::default());
        assert_eq!(must(reports.freshness(&shop).await), None);
    }
}

#[tokio::test]
async fn a_fact_that_cannot_be_goes_back_and_changes_nothing() {
    let reports = FakeSales::default();
    let events = beside();
    let of = |kind: &str| {
        events
            .iter()
            .find(|event| event.event_type.contains(kind))
            .unwrap()
    };
    let with = |kind: &str, place: &str, value: Value| {
        let mut event = of(kind).clone();
        *event.data.pointer_mut(place).unwrap() = value;
        event
    };
    let nothing = Envelope {
        subject: "an order".to_owned(),
        ..of(".shipment.").clone()
    };
    for event in [
        with(".payment.", "/amount/currency", json!("doubloons")),
        with(".payment.", "/amount/minor", json!(-1)),
        with(".lease.", "/lines/0/quantity", json!(0)),
        with(".lease.", "/lines/0/sku", json!("")),
        with(".stock.", "/available", json!(-1)),
        with(".product.", "/status", json!("lost")),
        with(".product.", "/sku", json!("")),
        nothing,
    ] {
        let taken = take(&reports, &event).await;
        assert_eq!(taken, Err(ErrorName::BadInput), "{event:?}");
    }
    assert_eq!(parts(&reports).await, OrderParts::default());
    assert!(cover(&reports, &home()).await.is_empty());
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
    let handler = async |event: Envelope| handle(&reports, &home(), &event).await;
    reports.set_away(true);
    let answer = queue::answer_of_inbox(|_| true, handler, batch.clone()).await;
    assert_eq!(answer.unwrap().returned().count(), events().len());
    reports.set_away(false);
    let answer = queue::answer_of_inbox(|_| true, handler, batch).await;
    assert_eq!(answer.unwrap().returned().count(), 0);
    assert_eq!(by_day(&reports).await[&Period::day_of(at(0))].placed, 3);
}
