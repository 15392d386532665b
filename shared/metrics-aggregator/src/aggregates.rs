//! What is said of the last minutes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Refusals;
use crate::cell::{Cell, Users};
use crate::spread::Ranks;
use crate::sum::Sum;

/// What is known of the last minutes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Aggregates {
    /// So many minutes, the one that is under way included.
    pub minutes: u32,
    /// By type of event.
    pub types: BTreeMap<String, Aggregate>,
    /// Events that were not counted, since the beginning.
    pub refused: Refusals,
}

/// What is known of the events of one type.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Aggregate {
    /// How many there were. Exact.
    pub count: u64,
    /// Sum of their values: the float next to the true sum, whatever the order of the events; the largest
    /// float where the sum is larger.
    pub sum: f64,
    /// The sum divided by the count.
    pub average: f64,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// Half of the values are not above this, within 2 %. As the others, it may be higher for values that
    /// are less than one 65,000th of the largest of their minute.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// How many users they are of: exact up to some hundred of a minute, then about 3 % off.
    pub users: u64,
}

/// A part of each aggregate, by its name.
type Part = (&'static str, fn(&Aggregate) -> f64);

impl Aggregate {
    /// Of all these cells; nothing of none.
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<Self> {
        let (mut count, mut sum) = (0, Sum::default());
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut ranks, mut users) = (Ranks::default(), Users::default());
        for cell in cells {
            count += cell.count;
            sum.absorb(&cell.sum);
            least = least.min(cell.least);
            most = most.max(cell.most);
            ranks.add(&cell.spread);
            users.absorb(&cell.users);
        }
        // The middle of the values that are counted together may lie beyond all of them.
        let quantile = |part| ranks.quantile(part).clamp(least, most);
        let sum = sum.value().clamp(f64::MIN, f64::MAX);
        (count > 0).then(|| Self {
            count,
            sum,
            average: sum / count as f64,
            least,
            most,
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            users: users.count(),
        })
    }

    /// The parts by name.
    pub const PARTS: [Part; 10] = [
        ("count", |it| it.count as f64),
        ("sum", |it| it.sum),
        ("average", |it| it.average),
        ("least", |it| it.least),
        ("most", |it| it.most),
        ("p50", |it| it.p50),
        ("p90", |it| it.p90),
        ("p95", |it| it.p95),
        ("p99", |it| it.p99),
        ("users", |it| it.users as f64),
    ];
}

impl Aggregates {
    /// Each figure by a name of its own, such as `checkout.p99`.
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        let figures = self.types.iter().flat_map(|(kind, aggregate)| {
            let name = move |part| format!("{kind}.{part}");
            Aggregate::PARTS.map(|(part, of)| (name(part), of(aggregate)))
        });
        figures.collect()
    }
}
