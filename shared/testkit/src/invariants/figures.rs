//! I15: what is reported is what was published, added up: each event once, to the cent.

use std::collections::{BTreeMap, BTreeSet};

use contracts::events::{Envelope, EventType, OrderCompleted, OrderPlaced, OrderRefund};
use domain::ProductFigures;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Findings, Violation, World};
use crate::must;

/// A product of a shop on a day, in a currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SoldOn {
    /// Whose.
    pub tenant: String,
    /// When, in UTC.
    pub day: Date,
    /// ISO 4217.
    pub currency: String,
    /// Which.
    pub product_id: String,
}

/// What the reports have of products.
pub type Reported = BTreeMap<SoldOn, ProductFigures>;

/// I15 at rest, where reports were looked at.
pub(super) fn reported(world: &World) -> Vec<Violation> {
    let mut findings = Findings::of("I15");
    for what in &world.miscounted {
        findings.check(false, || what.clone());
    }
    let Some(reported) = &world.reported else {
        return findings.found;
    };
    let wanted = added_up(&world.published);
    let known: BTreeSet<&SoldOn> = wanted.keys().chain(reported.keys()).collect();
    for sold in known {
        let figures = |of: &Reported| of.get(sold).copied().unwrap_or_default();
        let (wanted, reported) = (figures(&wanted), figures(reported));
        findings.check(wanted == reported, || {
            format!("{sold:?}: {reported:?} reported, {wanted:?} published")
        });
    }
    findings.found
}

/// By other code than reports are made by: order by order, when all of an order's events are known.
fn added_up(published: &[Envelope]) -> Reported {
    let mut orders: BTreeMap<&str, BTreeMap<u32, &Envelope>> = BTreeMap::new();
    for event in published.iter().filter(|it| it.aggregate_kind() == "order") {
        let events = orders.entry(&event.subject).or_default();
        events.insert(event.sequence, event);
    }
    let mut figures = Reported::new();
    for events in orders.values() {
        add(&mut figures, events.values().copied());
    }
    figures
}

fn add<'a>(figures: &mut Reported, events: impl Iterator<Item = &'a Envelope>) {
    let mut lines = Vec::new();
    for event in events {
        let tenant = event.tenant.clone().unwrap_or_default();
        let sold = |day, currency: &str, product_id: &str| SoldOn {
            tenant: tenant.clone(),
            day,
            currency: currency.to_owned(),
            product_id: product_id.to_owned(),
        };
        let day = event.time.to_zoned(TimeZone::UTC).date();
        match EventType::parse(&event.event_type) {
            Some(EventType::OrderPlaced) => lines = must(event.data::<OrderPlaced>()).lines,
            Some(EventType::OrderCompleted) => {
                let currency = must(event.data::<OrderCompleted>()).currency;
                let mut counted = BTreeSet::new();
                for line in &lines {
                    let of = figures.entry(sold(day, &currency, &line.product_id));
                    let of = of.or_default();
                    of.orders += i64::from(counted.insert(&line.product_id));
                    of.units += i64::from(line.quantity);
                    of.revenue_minor += i64::from(line.quantity) * line.unit_price_minor;
                }
            }
            Some(EventType::OrderRefunded) => {
                let refund = must(event.data::<OrderRefund>()).refund;
                for line in &refund.lines {
                    let sold = sold(day, &refund.amount.currency, &line.product_id);
                    figures.entry(sold).or_default().returned += i64::from(line.quantity);
                }
            }
            _ => {}
        }
    }
}
