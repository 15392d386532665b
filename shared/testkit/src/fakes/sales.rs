//! What is sold, for reports, and what is known beside it, in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    CountSales, DayRange, Freshness, ListSales, ListedSale, ReadSales, RecountSales, ReportedSale,
    StoreError, TopProduct,
};
use domain::{
    Added, FailureCode, Miscounted, Money, OrderId, Period, ProductFigures, ProductId, Sale,
    SalesFigures, SalesKey, TenantId,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Fault, unavailable};
use crate::lock;

mod facts;

/// The reports of all shops.
#[derive(Clone, Debug, Default)]
pub struct FakeSales(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    away: bool,
    orders: BTreeMap<(TenantId, OrderId), Sale>,
    heard: BTreeMap<TenantId, Freshness>,
    wrong: BTreeMap<(TenantId, Date), Vec<Miscounted>>,
    facts: BTreeMap<TenantId, facts::Facts>,
    faults: VecDeque<Option<Fault>>,
}

impl FakeSales {
    /// From now on the database is away, or back.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// Lets a write go wrong after so many that do not.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }

    /// From now on some figures of a day are wrong, until they are recounted.
    pub fn miscount(&self, shop: &TenantId, day: Date, wrong: Vec<Miscounted>) {
        lock(&self.0).wrong.insert((shop.clone(), day), wrong);
    }

    fn write(&self, write: impl FnOnce(&mut Inner)) -> Result<(), StoreError> {
        let mut inner = self.up()?;
        let fault = inner.faults.pop_front().flatten();
        if !matches!(fault, Some(Fault::FailBefore | Fault::Conflict)) {
            write(&mut inner);
        }
        fault.map_or(Ok(()), |_| Err(unavailable()))
    }

    fn up(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let inner = lock(&self.0);
        match inner.away {
            true => Err(unavailable()),
            false => Ok(inner),
        }
    }
}

impl Inner {
    fn count(&mut self, shop: &TenantId, told: &ReportedSale) {
        let sale = self.orders.entry((shop.clone(), told.order)).or_default();
        if !sale.take(told.what.clone(), told.at) {
            return;
        }
        let known = self.heard.get(shop);
        let heard = Freshness {
            changes: known.map_or(0, |it| it.changes) + 1,
            last_event: told.event_id.clone(),
            newest: known.map_or(told.at, |it| it.newest.max(told.at)),
        };
        self.heard.insert(shop.clone(), heard);
    }

    /// Everything that the orders of a shop add.
    fn added(&self, shop: &TenantId) -> Vec<Added> {
        let of_shop = self.orders.iter().filter(|((owner, _), _)| owner == shop);
        of_shop.map(|(_, sale)| sale.adds()).collect()
    }
}

fn is_within(period: Period, days: &DayRange) -> bool {
    matches!(period.day(), Period::Day(day) if days.contains(&day))
}

impl CountSales for FakeSales {
    async fn count_sale(&self, shop: &TenantId, told: &ReportedSale) -> Result<(), StoreError> {
        self.write(|inner| inner.count(shop, told))
    }
}

impl ReadSales for FakeSales {
    async fn freshness(&self, shop: &TenantId) -> Result<Option<Freshness>, StoreError> {
        Ok(self.up()?.heard.get(shop).cloned())
    }

    async fn sales_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        let added = self.up()?.added(shop);
        Ok(sum(added.iter().flat_map(Added::days), days))
    }

    async fn sales_by_hour(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<SalesKey, SalesFigures>, StoreError> {
        let added = self.up()?.added(shop);
        Ok(sum(added.into_iter().flat_map(|it| it.sales), days))
    }

    async fn top_products(
        &self,
        shop: &TenantId,
        days: &DayRange,
        currency: &str,
        limit: u8,
    ) -> Result<Vec<TopProduct>, StoreError> {
        let mut products = BTreeMap::<ProductId, ProductFigures>::new();
        for (((period, of), product), figures) in self
            .up()?
            .added(shop)
            .into_iter()
            .flat_map(|it| it.products)
        {
            if of == currency && is_within(period, days) {
                let known = products.entry(product).or_default();
                *known = known.plus(figures);
            }
        }
        let top = |(product, figures)| TopProduct { product, figures };
        let mut top: Vec<TopProduct> = products.into_iter().map(top).collect();
        top.sort_by_key(|it| std::cmp::Reverse(it.figures.revenue_minor));
        top.truncate(limit.into());
        Ok(top)
    }

    async fn failures_by_day(
        &self,
        shop: &TenantId,
        days: &DayRange,
    ) -> Result<BTreeMap<(Period, FailureCode), i64>, StoreError> {
        let mut failures = BTreeMap::new();
        for (key, orders) in self
            .up()?
            .added(shop)
            .into_iter()
            .flat_map(|it| it.failures)
        {
            if is_within(key.0, days) {
                *failures.entry(key).or_default() += orders;
            }
        }
        Ok(failures)
    }
}

fn sum(
    added: impl Iterator<Item = (SalesKey, SalesFigures)>,
    days: &DayRange,
) -> BTreeMap<SalesKey, SalesFigures> {
    let mut sums = BTreeMap::<SalesKey, SalesFigures>::new();
    for (key, figures) in added.filter(|(key, _)| is_within(key.0, days)) {
        let known = sums.entry(key).or_default();
        *known = known.plus(figures);
    }
    sums
}

impl RecountSales for FakeSales {
    async fn miscounted(&self, shop: &TenantId, day: Date) -> Result<Vec<Miscounted>, StoreError> {
        let wrong = self.up()?.wrong.get(&(shop.clone(), day)).cloned();
        Ok(wrong.unwrap_or_default())
    }

    async fn recount(&self, shop: &TenantId, day: Date) -> Result<(), StoreError> {
        self.write(|inner| drop(inner.wrong.remove(&(shop.clone(), day))))
    }
}

impl ListSales for FakeSales {
    async fn sales_placed(
        &self,
        shop: &TenantId,
        days: &DayRange,
        (after, limit): (Option<(Timestamp, OrderId)>, u16),
    ) -> Result<Vec<ListedSale>, StoreError> {
        let inner = self.up()?;
        let of_shop = inner.orders.iter().filter(|((owner, _), _)| owner == shop);
        let mut listed: Vec<_> = of_shop
            .filter_map(|((_, id), sale)| listed(*id, sale))
            .collect();
        listed.retain(|it| is_within(Period::day_of(it.placed_at), days));
        listed.sort_by_key(|it| (it.placed_at, it.order));
        listed.retain(|it| after.is_none_or(|after| (it.placed_at, it.order) > after));
        listed.truncate(limit.into());
        Ok(listed)
    }
}

fn listed(order: OrderId, sale: &Sale) -> Option<ListedSale> {
    let (placed_at, placed) = sale.placed.as_ref()?;
    let charged_in = sale.completed.map(|(_, charge)| charge.total.currency());
    let in_it = |amount: &Money| Some(amount.currency()) == charged_in;
    let back = sale.refunds.values().map(|(_, refund)| refund.amount);
    Some(ListedSale {
        order,
        placed_at: *placed_at,
        total: placed.total,
        completed: sale.completed,
        failed: sale.failed,
        cancelled: sale.cancelled,
        units: placed.lines.iter().map(|it| i64::from(it.quantity)).sum(),
        refunds: i64::try_from(sale.refunds.len()).unwrap_or_default(),
        refunded_minor: back.filter(in_it).map(Money::minor).sum(),
    })
}
