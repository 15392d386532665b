//! What an order adds to the reports of its shop. All that is told of it is kept, each thing once, in
//! whatever order it is heard of; what the order adds follows from everything that is known. So what an
//! event changes in the reports is the difference of what the order adds with it and without it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Currency, FailureCode, Money, OrderLine, Period, ProductId, RefundId, ReturnedLine};

#[cfg(test)]
mod tests;

/// What happened to an order, as far as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaleEvent {
    /// It was placed.
    Placed(PlacedSale),
    /// It was charged.
    Completed(Charge),
    /// Everything was taken back, for this reason.
    Failed(FailureCode),
    /// Everything was taken back because the customer asked.
    Cancelled,
    /// Some of the money went back.
    Refunded(RefundId, RefundedSale),
}

/// What was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedSale {
    /// What it costs.
    pub total: Money,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
}

/// What was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// All of it.
    pub total: Money,
    /// The tax in it, in minor units.
    pub tax_minor: i64,
}

/// What went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundedSale {
    /// How much.
    pub amount: Money,
    /// Which pieces it pays back.
    pub lines: Vec<ReturnedLine>,
}

/// What is known of one order, and when it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sale {
    /// That it was placed.
    pub placed: Option<(Timestamp, PlacedSale)>,
    /// That it was charged.
    pub completed: Option<(Timestamp, Charge)>,
    /// That it failed.
    pub failed: Option<(Timestamp, FailureCode)>,
    /// That it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// What went back.
    pub refunds: BTreeMap<RefundId, (Timestamp, RefundedSale)>,
}

impl Sale {
    /// Takes in what happened; whether it is news. What is known is not changed by what comes later.
    pub fn take(&mut self, what: SaleEvent, at: Timestamp) -> bool {
        let before = self.parts();
        match what {
            SaleEvent::Placed(placed) => set(&mut self.placed, (at, placed)),
            SaleEvent::Completed(charge) => set(&mut self.completed, (at, charge)),
            SaleEvent::Failed(code) => set(&mut self.failed, (at, code)),
            SaleEvent::Cancelled => set(&mut self.cancelled, at),
            SaleEvent::Refunded(id, refund) => {
                self.refunds.entry(id).or_insert((at, refund));
            }
        }
        self.parts() != before
    }

    /// How many things are known of it.
    fn parts(&self) -> usize {
        let parts = [
            self.placed.is_some(),
            self.completed.is_some(),
            self.failed.is_some(),
            self.cancelled.is_some(),
        ];
        parts.into_iter().filter(|known| *known).count() + self.refunds.len()
    }

    /// What it adds to the reports. What was sold is not known before both what was ordered and that it
    /// was charged; nor is it known in which currency an order failed that nobody knows to be placed.
    pub fn adds(&self) -> Added {
        let mut added = Added::default();
        if let Some((at, placed)) = &self.placed {
            let sales = added.sales(*at, placed.total.currency());
            sales.placed += 1;
            sales.placed_minor += placed.total.minor();
        }
        if let Some((at, charge)) = &self.completed {
            let sales = added.sales(*at, charge.total.currency());
            sales.completed += 1;
            sales.revenue_minor += charge.total.minor();
            sales.tax_minor += charge.tax_minor;
        }
        if let (Some((at, charge)), Some((_, placed))) = (&self.completed, &self.placed) {
            added.sold(*at, charge.total.currency(), &placed.lines);
        }
        for (at, refund) in self.refunds.values() {
            added.went_back(*at, refund);
        }
        if let Some((at, code)) = self.failed {
            *added
                .failures
                .entry((Period::day_of(at), code))
                .or_default() += 1;
        }
        if let Some((_, placed)) = &self.placed {
            let currency = placed.total.currency();
            if let Some((at, _)) = self.failed {
                added.sales(at, currency).failed += 1;
            }
            if let Some(at) = self.cancelled {
                added.sales(at, currency).cancelled += 1;
            }
        }
        added
    }
}

fn set<T>(known: &mut Option<T>, told: T) {
    known.get_or_insert(told);
}

/// Figures that add up, each known by its name.
macro_rules! summable {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name { $($(#[$of])* pub $field: i64,)* }

        impl $name {
            /// The names of all figures, in the order of [`Self::values`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];

            /// All figures.
            pub fn values(&self) -> Vec<i64> {
                vec![$(self.$field),*]
            }

            /// Those with these values, in the order of [`Self::NAMES`]; what is missing is nothing.
            pub fn of(values: impl IntoIterator<Item = i64>) -> Self {
                let mut values = values.into_iter();
                Self { $($field: values.next().unwrap_or_default(),)* }
            }

            /// Both together.
            #[must_use]
            pub const fn plus(self, other: Self) -> Self {
                Self { $($field: self.$field.saturating_add(other.$field),)* }
            }

            /// What is more than in another.
            #[must_use]
            pub const fn minus(self, other: Self) -> Self {
                Self { $($field: self.$field.saturating_sub(other.$field),)* }
            }
        }
    };
}

summable! {
    /// What was sold in one currency in some time; amounts in minor units.
    SalesFigures {
        /// Orders that were placed.
        placed,
        /// What they cost.
        placed_minor,
        /// Orders that were charged.
        completed,
        /// Pieces of these.
        units,
        /// What was charged, tax and shipping with it.
        revenue_minor,
        /// The tax in it.
        tax_minor,
        /// Refunds that were paid.
        refunds,
        /// What went back.
        refunded_minor,
        /// Orders that failed.
        failed,
        /// Orders that were cancelled.
        cancelled,
    }
}

summable! {
    /// What was sold of one product in one currency on a day.
    ProductFigures {
        /// Orders that were charged.
        orders,
        /// Pieces.
        units,
        /// What these cost, net, in minor units.
        revenue_minor,
        /// Pieces that were paid back.
        returned,
    }
}

/// A day or an hour, and a currency by its code.
pub type SalesKey = (Period, &'static str);

/// What is added to the reports, or is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// By hour. The figures of a day are the sum of its hours.
    pub sales: BTreeMap<SalesKey, SalesFigures>,
    /// By day.
    pub products: BTreeMap<(SalesKey, ProductId), ProductFigures>,
    /// By day: orders that failed for a reason.
    pub failures: BTreeMap<(Period, FailureCode), i64>,
}

impl Added {
    /// What is more than in another, of which nothing is less here; what is the same in both is left out.
    #[must_use]
    pub fn minus(self, other: &Self) -> Self {
        Self {
            sales: less(self.sales, &other.sales, SalesFigures::minus),
            products: less(self.products, &other.products, ProductFigures::minus),
            failures: less(self.failures, &other.failures, |more, less| more - less),
        }
    }

    /// The figures by day.
    pub fn days(&self) -> BTreeMap<SalesKey, SalesFigures> {
        let mut days = BTreeMap::<SalesKey, SalesFigures>::new();
        for ((period, currency), figures) in &self.sales {
            let day = days.entry((period.day(), *currency)).or_default();
            *day = day.plus(*figures);
        }
        days
    }

    fn sales(&mut self, at: Timestamp, currency: Currency) -> &mut SalesFigures {
        let key = (Period::hour_of(at), currency.code());
        self.sales.entry(key).or_default()
    }

    fn product(
        &mut self,
        at: Timestamp,
        currency: Currency,
        product: &ProductId,
    ) -> &mut ProductFigures {
        let day = (Period::day_of(at), currency.code());
        self.products.entry((day, product.clone())).or_default()
    }

    fn sold(&mut self, at: Timestamp, currency: Currency, lines: &[OrderLine]) {
        for line in lines {
            let units = i64::from(line.quantity);
            self.sales(at, currency).units += units;
            let product = self.product(at, currency, &line.product_id);
            // An order has each product in one line.
            product.orders += 1;
            product.units += units;
            product.revenue_minor += line.unit_price.minor().saturating_mul(units);
        }
    }

    fn went_back(&mut self, at: Timestamp, refund: &RefundedSale) {
        let currency = refund.amount.currency();
        let sales = self.sales(at, currency);
        sales.refunds += 1;
        sales.refunded_minor += refund.amount.minor();
        for line in &refund.lines {
            let product = self.product(at, currency, &line.product_id);
            product.returned += i64::from(line.quantity);
        }
    }
}

/// What is more in one, entry by entry.
fn less<K: Ord, F: Copy + Default + PartialEq>(
    more: BTreeMap<K, F>,
    other: &BTreeMap<K, F>,
    minus: impl Fn(F, F) -> F,
) -> BTreeMap<K, F> {
    let without = |(key, figures): (K, F)| {
        let known = other.get(&key).copied().unwrap_or_default();
        let left = minus(figures, known);
        (left != F::default()).then_some((key, left))
    };
    more.into_iter().filter_map(without).collect()
}
