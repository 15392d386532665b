//! Checks of [`KeepFacts`], [`ReadFacts`] and [`ReadStock`]. What is expected is read off the facts by
//! themselves, by other code than any store uses.

use std::collections::BTreeMap;

use domain::ports::{
    CountSales, CoverAsked, KeepFacts, ReadFacts, ReadStock, StockCover, StockNews,
};
use domain::{
    Fact, LeaseStep, ListedProduct, OrderFact, OrderPart, OrderParts, ParcelStep, PaymentStep,
    RefundId, Sequence, StockLevel, StockLine, TenantId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::sales::{events, ever, shuffled};
use crate::build::{at, eur, order_id, product_id, sku, tenant};
use crate::must;

/// Tests what keeps facts for reports; give a future of one without any.
#[macro_export]
macro_rules! check_facts {
    ($fresh:expr) => {
        $crate::each_check!(
            facts,
            $fresh,
            [
                knows_nothing_at_first,
                keeps_what_happened,
                keeps_each_thing_once_in_any_order,
                keeps_the_first_time_and_the_newest_state,
                a_shop_knows_nothing_of_another,
                what_is_gone_first_comes_first,
                what_was_sold_in_other_days_does_not_count,
                products_of_one_stock_are_sold_from_it_together,
                what_is_not_on_sale_or_not_known_is_left_out,
            ]
        );
    };
}

/// All that a store of facts does.
pub trait Facts: CountSales + KeepFacts + ReadFacts + ReadStock {}
impl<S: CountSales + KeepFacts + ReadFacts + ReadStock> Facts for S {}

/// Everything.
const ALL: CoverAsked = CoverAsked {
    below: None,
    limit: 100,
};

fn of(number: u64, seconds: i64, what: OrderPart) -> Fact {
    Fact::OfOrder(OrderFact {
        order: order_id(number),
        what,
        at: at(seconds),
    })
}

fn lines() -> Vec<StockLine> {
    let line = |name, quantity| StockLine {
        sku: sku(name),
        quantity,
    };
    vec![line("kettle", 2), line("mug", 3)]
}

fn level(name: &str, sequence: u32, seconds: i64, available: u32) -> Fact {
    Fact::Stock(StockLevel {
        sku: sku(name),
        available,
        put_in: 100,
        low: available <= 5,
        sequence: Sequence(sequence),
        at: at(seconds),
    })
}

fn listed(name: &str, sequence: u32, stock: &str, on_sale: bool) -> Fact {
    Fact::Product(ListedProduct {
        product: product_id(name),
        sku: sku(stock),
        on_sale,
        sequence: Sequence(sequence),
    })
}

fn refund(number: u8) -> RefundId {
    must(RefundId::parse(&format!("refund-{number}")))
}

/// What happened: an order that went well and came back in part, one whose money was never taken, and one
/// for which pieces are held still.
pub fn facts() -> Vec<Fact> {
    use OrderPart::{Lease, Parcel, Payment, Refunded};
    let amount = Some(eur(5_850));
    vec![
        listed("kettle", 1, "old-kettle", true),
        level("kettle", 1, 0, 20),
        level("mug", 1, 0, 9),
        of(1, 10, Lease(LeaseStep::Held, lines())),
        level("kettle", 2, 10, 18),
        level("mug", 2, 10, 6),
        of(1, 11, Payment(PaymentStep::Authorised, amount)),
        of(1, 12, Parcel(ParcelStep::Booked)),
        of(1, 13, Payment(PaymentStep::Captured, amount)),
        of(1, 14, Lease(LeaseStep::Sold, lines())),
        listed("kettle", 2, "kettle", true),
        listed("mug", 1, "mug", true),
        of(2, 20, Lease(LeaseStep::Held, lines())),
        of(2, 21, Payment(PaymentStep::Declined, Some(eur(990)))),
        of(2, 22, Payment(PaymentStep::Closed, Some(eur(990)))),
        of(2, 23, Parcel(ParcelStep::Cancelled)),
        of(2, 24, Lease(LeaseStep::Released, lines())),
        of(1, 30, Parcel(ParcelStep::HandedOver)),
        of(1, 31, Parcel(ParcelStep::Delivered)),
        of(1, 32, Refunded(refund(1), eur(450))),
        of(1, 33, Refunded(refund(2), eur(70))),
        of(3, 40, Lease(LeaseStep::Held, lines())),
        level("mug", 3, 40, 3),
        of(4, 41, Parcel(ParcelStep::Refused)),
    ]
}

/// What is to be known of an order of [`facts`].
pub fn parts(number: u64) -> OrderParts {
    let held = BTreeMap::from([(sku("kettle"), 2), (sku("mug"), 3)]);
    match number {
        1 => OrderParts {
            payment: [
                (PaymentStep::Authorised, at(11)),
                (PaymentStep::Captured, at(13)),
            ]
            .into(),
            amount: Some(eur(5_850)),
            refunds: [
                (refund(1), (at(32), eur(450))),
                (refund(2), (at(33), eur(70))),
            ]
            .into(),
            parcel: [
                (ParcelStep::Booked, at(12)),
                (ParcelStep::HandedOver, at(30)),
                (ParcelStep::Delivered, at(31)),
            ]
            .into(),
            lease: [(LeaseStep::Held, at(10)), (LeaseStep::Sold, at(14))].into(),
            lines: held,
        },
        2 => OrderParts {
            payment: [
                (PaymentStep::Declined, at(21)),
                (PaymentStep::Closed, at(22)),
            ]
            .into(),
            amount: Some(eur(990)),
            parcel: [(ParcelStep::Cancelled, at(23))].into(),
            lease: [(LeaseStep::Held, at(20)), (LeaseStep::Released, at(24))].into(),
            lines: held,
            ..OrderParts::default()
        },
        3 => OrderParts {
            lease: [(LeaseStep::Held, at(40))].into(),
            lines: held,
            ..OrderParts::default()
        },
        4 => OrderParts {
            parcel: [(ParcelStep::Refused, at(41))].into(),
            ..OrderParts::default()
        },
        _ => OrderParts::default(),
    }
}

fn cover(
    name: &str,
    available: u32,
    (reserved, sold): (i64, i64),
    changed: Timestamp,
) -> StockCover {
    StockCover {
        product: product_id(name),
        sku: sku(name),
        available,
        reserved,
        low: available <= 5,
        sold,
        changed_at: changed,
    }
}

/// Keeps all of them, one after the other.
pub async fn keep_all(store: &impl KeepFacts, facts: &[Fact]) {
    for fact in facts {
        must(store.keep_fact(&tenant(), fact).await);
    }
}

/// Fails where anything is not as [`facts`] are.
pub async fn is_kept(store: &impl Facts) {
    let shop = tenant();
    for number in 1..=5 {
        let known = must(store.facts_of(&shop, order_id(number)).await);
        assert_eq!(known, parts(number), "{number}");
    }
    let news = StockNews {
        sku: sku("mug"),
        sequence: 3,
        at: at(40),
    };
    assert_eq!(must(store.stock_news(&shop).await), Some(news));
    let known = must(store.stock_cover(&shop, &ever(), ALL).await);
    let wanted = [
        cover("mug", 3, (3, 0), at(40)),
        cover("kettle", 18, (2, 0), at(10)),
    ];
    assert_eq!(known, wanted);
}

/// A shop in which nothing happened.
pub async fn knows_nothing_at_first(store: &impl Facts) {
    let shop = tenant();
    assert_eq!(
        must(store.facts_of(&shop, order_id(1)).await),
        OrderParts::default()
    );
    assert_eq!(must(store.stock_news(&shop).await), None);
    assert!(must(store.stock_cover(&shop, &ever(), ALL).await).is_empty());
}

/// All of it is known, to the cent and the piece.
pub async fn keeps_what_happened(store: &impl Facts) {
    keep_all(store, &facts()).await;
    is_kept(store).await;
}

/// The same, whatever comes late and whatever comes twice, a thing before its parent with it.
pub async fn keeps_each_thing_once_in_any_order(store: &impl Facts) {
    let mut backwards = facts();
    backwards.reverse();
    keep_all(store, &backwards).await;
    is_kept(store).await;
    for seed in 0..4 {
        keep_all(store, &shuffled(&facts(), seed)).await;
        is_kept(store).await;
    }
}

/// A thing that is told of with two times has the first, and a state that comes late is none.
pub async fn keeps_the_first_time_and_the_newest_state(store: &impl Facts) {
    let later = |fact: &Fact| match fact {
        Fact::OfOrder(OrderFact { order, what, .. }) => Fact::OfOrder(OrderFact {
            order: *order,
            what: what.clone(),
            at: at(999),
        }),
        other => other.clone(),
    };
    let refunds = |fact: &&Fact| {
        let what = |what: &OrderPart| matches!(what, OrderPart::Refunded(..));
        matches!(fact, Fact::OfOrder(fact) if what(&fact.what))
    };
    let late: Vec<Fact> = facts()
        .iter()
        .filter(|it| !refunds(it))
        .map(later)
        .collect();
    keep_all(store, &late).await;
    keep_all(store, &facts()).await;
    keep_all(store, &late).await;
    is_kept(store).await;
    keep_all(
        store,
        &[level("mug", 2, 900, 77), listed("kettle", 1, "mug", false)],
    )
    .await;
    is_kept(store).await;
}

/// Neither of what is kept there, nor of what is held of a SKU with the same name.
pub async fn a_shop_knows_nothing_of_another(store: &impl Facts) {
    let other = must(TenantId::parse("other"));
    for fact in facts() {
        must(store.keep_fact(&other, &fact).await);
    }
    knows_nothing_at_first(store).await;
    keep_all(
        store,
        &[level("mug", 1, 5, 8), listed("mug", 1, "mug", true)],
    )
    .await;
    let known = must(store.stock_cover(&tenant(), &ever(), ALL).await);
    assert_eq!(known, [cover("mug", 8, (0, 0), at(5))]);
}

/// By whole days, then by pieces; what was not sold lasts for ever.
pub async fn what_is_gone_first_comes_first(store: &impl Facts) {
    let shop = tenant();
    for event in shuffled(&events(), 2) {
        must(store.count_sale(&shop, &event).await);
    }
    // In eleven days eight kettles and twelve mugs were sold.
    let (days, kettles, mugs) = (ever(), 8, 12);
    assert_eq!(must(days.start().until(*days.end())).get_days(), 10);
    keep_all(
        store,
        &[
            level("kettle", 1, 0, 16),
            level("mug", 1, 0, 23),
            level("pot", 1, 0, 0),
            listed("pot", 1, "pot", true),
            listed("mug", 1, "mug", true),
            listed("kettle", 1, "kettle", true),
        ],
    )
    .await;
    // 16 * 11 / 8 is 22 days, 23 * 11 / 12 is 21 and a twelfth.
    let (mug, kettle, pot) = (
        cover("mug", 23, (0, mugs), at(0)),
        cover("kettle", 16, (0, kettles), at(0)),
        cover("pot", 0, (0, 0), at(0)),
    );
    let known = must(store.stock_cover(&shop, &days, ALL).await);
    assert_eq!(known, [mug.clone(), kettle.clone(), pot]);
    let asked = |below, limit| CoverAsked { below, limit };
    for (asked, wanted) in [
        (asked(Some(21), 100), vec![]),
        (asked(Some(22), 100), vec![mug.clone()]),
        (asked(Some(23), 100), vec![mug.clone(), kettle]),
        (asked(None, 1), vec![mug]),
    ] {
        let known = must(store.stock_cover(&shop, &days, asked).await);
        assert_eq!(known, wanted, "{asked:?}");
    }
}

/// Only the days that are asked for, the first and the last with them.
pub async fn what_was_sold_in_other_days_does_not_count(store: &impl Facts) {
    let shop = tenant();
    keep_all(
        store,
        &[
            level("kettle", 1, 0, 16),
            listed("kettle", 1, "kettle", true),
        ],
    )
    .await;
    for event in events() {
        must(store.count_sale(&shop, &event).await);
    }
    // All were charged on one day.
    let day = at(13 * 3_600).to_zoned(TimeZone::UTC).date();
    let (before, after) = (must(day.yesterday()), must(day.tomorrow()));
    for (days, pieces) in [
        (before..=before, 0),
        (before..=day, 8),
        (day..=day, 8),
        (day..=after, 8),
        (after..=after, 0),
    ] {
        let known = must(store.stock_cover(&shop, &days, ALL).await);
        assert_eq!(known, [cover("kettle", 16, (0, pieces), at(0))], "{days:?}");
    }
}

/// Whatever they are called, and the one that was withdrawn for another with them.
pub async fn products_of_one_stock_are_sold_from_it_together(store: &impl Facts) {
    let shop = tenant();
    for event in events() {
        must(store.count_sale(&shop, &event).await);
    }
    keep_all(
        store,
        &[
            level("mug", 1, 0, 40),
            level("kettle", 1, 0, 7),
            listed("kettle", 1, "kettle", true),
            listed("mug", 1, "mug", true),
            listed("kettle", 2, "mug", true),
            listed("mug", 2, "mug", false),
            listed("cup", 1, "mug", true),
        ],
    )
    .await;
    // Eight were sold as kettles and twelve as mugs, which lasts 40 * 11 / 20 days.
    let of_mugs = |name| StockCover {
        sku: sku("mug"),
        ..cover(name, 40, (0, 20), at(0))
    };
    let (days, wanted) = (ever(), [of_mugs("cup"), of_mugs("kettle")]);
    for (below, wanted) in [(None, &wanted[..]), (Some(23), &wanted), (Some(22), &[])] {
        let asked = CoverAsked { below, ..ALL };
        let known = must(store.stock_cover(&shop, &days, asked).await);
        assert_eq!(known, wanted, "{below:?}");
    }
}

/// A product that was withdrawn, and one of whose stock nobody told.
pub async fn what_is_not_on_sale_or_not_known_is_left_out(store: &impl Facts) {
    keep_all(
        store,
        &[
            level("mug", 1, 0, 9),
            listed("mug", 1, "mug", true),
            listed("mug", 2, "mug", false),
            listed("pot", 1, "pot", true),
            of(1, 10, OrderPart::Lease(LeaseStep::Held, lines())),
            listed("kettle", 1, "kettle", true),
        ],
    )
    .await;
    let shop = tenant();
    assert!(must(store.stock_cover(&shop, &ever(), ALL).await).is_empty());
    assert_eq!(must(store.stock_news(&shop).await), None);
}
