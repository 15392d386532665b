//! The figures of a day beside those that its orders come to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::{Added, FailureCode, Period, ProductFigures, ProductId, SalesFigures, SalesKey};

#[cfg(test)]
mod tests;

/// Which figure of a day. By hour where it is of one; the whole day comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayFigure {
    /// The hour, 0 to 23; none for a figure of the whole day.
    pub hour: Option<i8>,
    /// The currency by its code; none for orders that failed.
    pub currency: Option<&'static str>,
    /// The product that it is of, where it is of one.
    pub product: Option<ProductId>,
    /// Its name, such as `units`; of orders that failed, why.
    pub name: &'static str,
}

/// A figure that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miscounted {
    /// Which.
    pub figure: DayFigure,
    /// What it was.
    pub counted: i64,
    /// What the orders come to.
    pub wanted: i64,
}

/// All figures of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedDay {
    /// What was sold in its hours.
    pub hours: BTreeMap<SalesKey, SalesFigures>,
    /// What was sold in all of it.
    pub day: BTreeMap<SalesKey, SalesFigures>,
    /// The same by product.
    pub products: BTreeMap<(SalesKey, ProductId), ProductFigures>,
    /// Orders that failed for a reason.
    pub failures: BTreeMap<(Period, FailureCode), i64>,
}

impl CountedDay {
    /// Takes in what something adds on a day; what it adds on others is left out.
    pub fn take(&mut self, added: &Added, day: Date) {
        let is_of = |period: Period| period.day() == Period::Day(day);
        for (key, figures) in &added.sales {
            if is_of(key.0) {
                for (kept, key) in [
                    (&mut self.hours, *key),
                    (&mut self.day, (key.0.day(), key.1)),
                ] {
                    let known = kept.entry(key).or_default();
                    *known = known.plus(*figures);
                }
            }
        }
        for (key, figures) in &added.products {
            if is_of(key.0.0) {
                let known = self.products.entry(key.clone()).or_default();
                *known = known.plus(*figures);
            }
        }
        for (key, orders) in &added.failures {
            if is_of(key.0) {
                *self.failures.entry(*key).or_default() += orders;
            }
        }
    }

    /// Where the figures are not those that are wanted, in one order.
    pub fn differs(&self, wanted: &Self) -> Vec<Miscounted> {
        let mut both = BTreeMap::<DayFigure, (i64, i64)>::new();
        self.each(|figure, value| both.entry(figure).or_default().0 = value);
        wanted.each(|figure, value| both.entry(figure).or_default().1 = value);
        let differs = |(figure, (counted, wanted))| {
            (counted != wanted).then_some(Miscounted {
                figure,
                counted,
                wanted,
            })
        };
        both.into_iter().filter_map(differs).collect()
    }

    fn each(&self, mut figure: impl FnMut(DayFigure, i64)) {
        let hour = |period| match period {
            Period::Hour(_, hour) => Some(hour),
            Period::Day(_) | Period::Now => None,
        };
        let mut row = |key: SalesKey, product: Option<&ProductId>, names: &[&'static str], of| {
            for (name, value) in names.iter().zip::<Vec<i64>>(of) {
                let of = DayFigure {
                    hour: hour(key.0),
                    currency: Some(key.1),
                    product: product.cloned(),
                    name,
                };
                figure(of, value);
            }
        };
        for (key, figures) in self.hours.iter().chain(&self.day) {
            row(*key, None, SalesFigures::NAMES, figures.values());
        }
        for ((key, product), figures) in &self.products {
            row(*key, Some(product), ProductFigures::NAMES, figures.values());
        }
        for ((_, code), orders) in &self.failures {
            let of = DayFigure {
                hour: None,
                currency: None,
                product: None,
                name: code.name(),
            };
            figure(of, *orders);
        }
    }
}
