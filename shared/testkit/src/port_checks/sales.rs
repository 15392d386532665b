//! Checks of [`CountSales`], [`ReadSales`], [`RecountSales`] and [`ListSales`]. What is expected is added up from the events by themselves,
//! by other code than any store uses.

use std::collections::BTreeMap;

use domain::ports::{
    CountSales, DayRange, ListSales, ListedSale, ReadSales, RecountSales, ReportedSale,
};
use domain::{
    Charge, FailureCode, OrderLine, Period, PlacedSale, ProductFigures, RefundId, RefundedSale,
    ReturnedLine, SaleEvent, SalesFigures, SalesKey, TenantId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::build::{at, eur, order_id, product_id, sku, tenant};
use crate::must;

/// Tests what counts sales for reports; give a future of one without any.
#[macro_export]
macro_rules! check_sales {
    ($fresh:expr) => {
        $crate::each_check!(
            sales,
            $fresh,
            [
                reports_nothing_at_first,
                reports_what_happened,
                reports_each_thing_once_in_any_order,
                reports_the_shop_and_the_days_that_are_asked_for,
                the_top_is_what_brought_most,
                tells_of_what_the_figures_are,
                who_recounts_what_is_right_changes_nothing,
                lists_the_orders_of_some_days_page_by_page,
            ]
        );
    };
}

/// All that a store of reports does.
pub trait Reports: CountSales + ListSales + ReadSales + RecountSales {}
impl<S: CountSales + ListSales + ReadSales + RecountSales> Reports for S {}

const HOUR: i64 = 3_600;

/// Every day that the tests are about.
pub fn ever() -> DayRange {
    let day = |seconds| at(seconds).to_zoned(TimeZone::UTC).date();
    day(0)..=day(240 * HOUR)
}

fn line(product: &str, quantity: u32, cents: i64) -> OrderLine {
    OrderLine {
        product_id: product_id(product),
        sku: sku(product),
        quantity,
        unit_price: eur(cents),
    }
}

fn told(number: u64, sequence: u32, seconds: i64, what: SaleEvent) -> ReportedSale {
    let order = order_id(number);
    ReportedSale {
        order,
        what,
        at: at(seconds),
        event_id: format!("order/{order}/{sequence}"),
    }
}

fn placed(number: u64, seconds: i64, lines: Vec<OrderLine>) -> ReportedSale {
    let each = |line: &OrderLine| line.unit_price.minor() * i64::from(line.quantity);
    let total = eur(lines.iter().map(each).sum::<i64>() + 500);
    told(
        number,
        1,
        seconds,
        SaleEvent::Placed(PlacedSale { total, lines }),
    )
}

fn charged(number: u64, seconds: i64, cents: i64) -> ReportedSale {
    let charge = Charge {
        total: eur(cents),
        tax_minor: cents / 10,
    };
    told(number, 2, seconds, SaleEvent::Completed(charge))
}

fn refunded(number: u64, sequence: u32, seconds: i64, cents: i64) -> ReportedSale {
    let id = must(RefundId::parse(&format!("refund-{sequence}")));
    let refund = RefundedSale {
        amount: eur(cents),
        lines: vec![ReturnedLine {
            product_id: product_id("mug"),
            quantity: 1,
        }],
    };
    told(number, sequence, seconds, SaleEvent::Refunded(id, refund))
}

/// What happened in a shop: days with more than one order, orders that go over midnight, every end.
pub fn events() -> Vec<ReportedSale> {
    let kettles = || vec![line("kettle", 2, 2_000), line("mug", 3, 450)];
    let mut events = Vec::new();
    for number in 1..=6_u64 {
        let begun = i64::try_from(number).unwrap_or_default() * 7 * HOUR;
        events.push(placed(number, begun, kettles()));
        events.push(match number {
            5 => {
                let out = SaleEvent::Failed(FailureCode::OutOfStock);
                told(number, 2, begun + 60, out)
            }
            6 => told(number, 2, begun + 6 * HOUR, SaleEvent::Cancelled),
            _ => charged(number, begun + 6 * HOUR, 5_850),
        });
    }
    events.push(refunded(1, 3, 100 * HOUR, 450));
    events.push(refunded(1, 4, 101 * HOUR, 450));
    events.push(refunded(2, 3, 101 * HOUR, 1_000));
    events
}

/// The same in another sequence, with some of them twice.
pub fn shuffled<T: Clone>(events: &[T], seed: usize) -> Vec<T> {
    // A step that has no factor in common with the length meets each place once.
    let count = events.len();
    let divides = |of: &usize, step: usize| step.is_multiple_of(*of) && count.is_multiple_of(*of);
    let coprime = |step: &usize| !(2..=*step).any(|of| divides(&of, *step));
    let step = (seed + 2..).find(coprime).unwrap_or(1);
    let places = (0..count + count / 2).map(|turn| (seed + turn * step) % count);
    places
        .filter_map(|place| events.get(place).cloned())
        .collect()
}

/// The figures of each period, from the events one by one.
fn by(
    period: fn(Timestamp) -> Period,
    events: &[ReportedSale],
) -> BTreeMap<SalesKey, SalesFigures> {
    let mut sums = BTreeMap::<SalesKey, SalesFigures>::new();
    for event in events {
        let figures = sums.entry((period(event.at), "EUR")).or_default();
        match &event.what {
            SaleEvent::Placed(placed) => {
                figures.placed += 1;
                figures.placed_minor += placed.total.minor();
            }
            SaleEvent::Completed(charge) => {
                figures.completed += 1;
                // Each order of `events` has two kettles and three mugs.
                figures.units += 5;
                figures.revenue_minor += charge.total.minor();
                figures.tax_minor += charge.tax_minor;
            }
            SaleEvent::Failed(_) => figures.failed += 1,
            SaleEvent::Cancelled => figures.cancelled += 1,
            SaleEvent::Refunded(_, refund) => {
                figures.refunds += 1;
                figures.refunded_minor += refund.amount.minor();
            }
        }
    }
    sums
}

async fn count_all(store: &impl Reports, events: &[ReportedSale]) {
    for event in events {
        must(store.count_sale(&tenant(), event).await);
    }
}

/// A shop in which nothing happened has no figures.
pub async fn reports_nothing_at_first(store: &impl Reports) {
    let shop = tenant();
    assert_eq!(must(store.freshness(&shop).await), None);
    assert!(must(store.sales_by_day(&shop, &ever()).await).is_empty());
    assert!(must(store.sales_by_hour(&shop, &ever()).await).is_empty());
    assert!(must(store.failures_by_day(&shop, &ever()).await).is_empty());
    let top = store.top_products(&shop, &ever(), "EUR", 10).await;
    assert!(must(top).is_empty());
}

/// The figures are those of the events, to the cent, in their hours and their days.
pub async fn reports_what_happened(store: &impl Reports) {
    count_all(store, &events()).await;
    is_as_it_should_be(store).await;
}

/// Fails where the figures are not those of [`events`].
pub async fn is_as_it_should_be(store: &impl Reports) {
    let shop = tenant();
    let days = must(store.sales_by_day(&shop, &ever()).await);
    assert_eq!(days, by(Period::day_of, &events()));
    let hours = must(store.sales_by_hour(&shop, &ever()).await);
    assert_eq!(hours, by(Period::hour_of, &events()));
    let failures = must(store.failures_by_day(&shop, &ever()).await);
    let of_the_fifth = Period::day_of(at(35 * HOUR));
    let wanted = BTreeMap::from([((of_the_fifth, FailureCode::OutOfStock), 1)]);
    assert_eq!(failures, wanted);
    let top = must(store.top_products(&shop, &ever(), "EUR", 10).await);
    let top: Vec<_> = top
        .iter()
        .map(|it| (it.product.as_str(), it.figures))
        .collect();
    let figures = |units, revenue_minor, returned| ProductFigures {
        orders: 4,
        units,
        revenue_minor,
        returned,
    };
    let wanted = [
        ("kettle", figures(8, 16_000, 0)),
        ("mug", figures(12, 5_400, 3)),
    ];
    assert_eq!(top, wanted);
}

/// The same, whatever comes late and whatever comes twice.
pub async fn reports_each_thing_once_in_any_order(store: &impl Reports) {
    for seed in 0..4 {
        count_all(store, &shuffled(&events(), seed)).await;
        is_as_it_should_be(store).await;
    }
    let mut backwards = events();
    backwards.reverse();
    count_all(store, &backwards).await;
    is_as_it_should_be(store).await;
}

/// A shop sees nothing of another's, and days outside of what is asked for are left out.
pub async fn reports_the_shop_and_the_days_that_are_asked_for(store: &impl Reports) {
    count_all(store, &events()).await;
    let other = must(TenantId::parse("other"));
    assert!(must(store.sales_by_day(&other, &ever()).await).is_empty());
    assert_eq!(must(store.freshness(&other).await), None);
    must(
        store
            .count_sale(&other, &placed(1, 0, vec![line("mug", 1, 450)]))
            .await,
    );
    is_as_it_should_be(store).await;
    let last = *ever().end();
    assert!(must(store.sales_by_day(&tenant(), &(last..=last)).await).is_empty());
    let day = at(28 * HOUR).to_zoned(TimeZone::UTC).date();
    let one = must(store.sales_by_day(&tenant(), &(day..=day)).await);
    let mut wanted = by(Period::day_of, &events());
    wanted.retain(|key, _| key.0 == Period::Day(day));
    assert!(!wanted.is_empty());
    assert_eq!(one, wanted);
}

/// Of many products those that brought most, in one currency.
pub async fn the_top_is_what_brought_most(store: &impl Reports) {
    let lines = vec![
        line("mug", 9, 100),
        line("kettle", 1, 2_000),
        line("pot", 1, 950),
    ];
    count_all(store, &[placed(1, 0, lines), charged(1, 60, 4_350)]).await;
    let shop = tenant();
    let top = must(store.top_products(&shop, &ever(), "EUR", 2).await);
    let names: Vec<_> = top.iter().map(|it| it.product.as_str()).collect();
    assert_eq!(names, ["kettle", "pot"]);
    let none = must(store.top_products(&shop, &ever(), "JPY", 2).await);
    assert!(none.is_empty());
}

/// What the figures are made of is told; what changes nothing is no change.
pub async fn tells_of_what_the_figures_are(store: &impl Reports) {
    let shop = tenant();
    let (first, late) = (
        charged(1, 900, 5_850),
        placed(1, 60, vec![line("mug", 1, 450)]),
    );
    count_all(store, &[first.clone(), late.clone(), late.clone(), first]).await;
    let Some(heard) = must(store.freshness(&shop).await) else {
        panic!("two things were heard");
    };
    assert_eq!((heard.changes, heard.newest), (2, at(900)));
    assert_eq!(heard.last_event, late.event_id);
}

/// Days of which every figure is that of its orders, days without any, and another shop's.
pub async fn who_recounts_what_is_right_changes_nothing(store: &impl Reports) {
    count_all(store, &shuffled(&events(), 2)).await;
    let heard = must(store.freshness(&tenant()).await);
    let mut day = *ever().start();
    while day <= *ever().end() {
        for shop in [tenant(), must(TenantId::parse("other"))] {
            assert_eq!(must(store.miscounted(&shop, day).await), [], "{day}");
            must(store.recount(&shop, day).await);
        }
        day = must(day.tomorrow());
    }
    is_as_it_should_be(store).await;
    assert_eq!(must(store.freshness(&tenant()).await), heard);
}

/// Each order once, as it stands, the oldest first; none of another shop, none that nobody placed.
pub async fn lists_the_orders_of_some_days_page_by_page(store: &impl Reports) {
    count_all(store, &shuffled(&events(), 3)).await;
    // At the moment of another one; and one of which only the end is known.
    let beside = placed(9, 7 * HOUR, vec![line("mug", 1, 450)]);
    count_all(store, &[beside, charged(10, 8 * HOUR, 1_000)]).await;
    let other = must(TenantId::parse("other"));
    let of_other = placed(11, 7 * HOUR, vec![line("mug", 1, 450)]);
    must(store.count_sale(&other, &of_other).await);
    let mut listed = Vec::<ListedSale>::new();
    loop {
        let after = listed.last().map(|it| (it.placed_at, it.order));
        let page = store.sales_placed(&tenant(), &ever(), (after, 2)).await;
        match must(page) {
            page if page.is_empty() => break,
            page => listed.extend(page),
        }
    }
    let mut ids: Vec<_> = (1..=6)
        .chain([9])
        .map(|number| (number, order_id(number)))
        .collect();
    ids.sort_by_key(|(number, id)| (if *number == 9 { 1 } else { *number }, *id));
    let ids: Vec<_> = ids.into_iter().map(|(_, id)| id).collect();
    assert_eq!(listed.iter().map(|it| it.order).collect::<Vec<_>>(), ids);
    let Some(first) = listed.iter().find(|it| it.order == order_id(1)) else {
        panic!("the first is listed");
    };
    let charge = first.completed.map(|(at, charge)| (at, charge.total));
    assert_eq!(charge, Some((at(13 * HOUR), eur(5_850))));
    let sums = (first.units, first.refunds, first.refunded_minor);
    assert_eq!((first.total, sums), (eur(5_850), (5, 2, 900)));
    let out = FailureCode::OutOfStock;
    let failed = listed.iter().filter_map(|it| it.failed);
    assert_eq!(failed.collect::<Vec<_>>(), [(at(35 * HOUR + 60), out)]);
    let cancelled = listed.iter().filter_map(|it| it.cancelled);
    assert_eq!(cancelled.collect::<Vec<_>>(), [at(48 * HOUR)]);
    let first_day = *ever().start();
    let (shop, days) = (tenant(), first_day..=first_day);
    let of_day = must(store.sales_placed(&shop, &days, (None, 9)).await);
    assert!(
        of_day
            .iter()
            .all(|it| Period::day_of(it.placed_at) == Period::Day(first_day))
    );
    assert!(of_day.len() < listed.len() && !of_day.is_empty());
}
