//! Payments, parcels and stock, in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::ports::{
    CoverAsked, DayRange, KeepFacts, ReadFacts, ReadStock, StockCover, StockNews, StoreError,
};
use domain::{
    Fact, LeaseStep, ListedProduct, OrderFact, OrderId, OrderPart, OrderParts, ProductId, Sku,
    StockLevel, TenantId, days_of_cover,
};
use jiff::Timestamp;

use super::{FakeSales, Inner, is_within};

/// Those of one shop.
#[derive(Debug, Default)]
pub(super) struct Facts {
    orders: BTreeMap<OrderId, OrderParts>,
    stock: BTreeMap<Sku, StockLevel>,
    products: BTreeMap<ProductId, ListedProduct>,
}

impl Facts {
    fn keep(&mut self, fact: Fact) {
        match fact {
            Fact::OfOrder(fact) => keep_part(self.orders.entry(fact.order).or_default(), fact),
            Fact::Stock(level) => {
                let known = self.stock.get(&level.sku).map(|it| it.sequence);
                if known < Some(level.sequence) {
                    self.stock.insert(level.sku.clone(), level);
                }
            }
            Fact::Product(product) => {
                let known = self.products.get(&product.product).map(|it| it.sequence);
                if known < Some(product.sequence) {
                    self.products.insert(product.product.clone(), product);
                }
            }
        }
    }

    /// What is on sale, with its stock.
    fn shelves(&self) -> impl Iterator<Item = (&ListedProduct, &StockLevel)> {
        let on_sale = self.products.values().filter(|it| it.on_sale);
        on_sale.filter_map(|it| Some((it, self.stock.get(&it.sku)?)))
    }

    fn reserved(&self, sku: &Sku) -> i64 {
        let held = |parts: &&OrderParts| {
            let after = [LeaseStep::Released, LeaseStep::Sold];
            parts.lease.contains_key(&LeaseStep::Held)
                && !after.iter().any(|step| parts.lease.contains_key(step))
        };
        let held = self.orders.values().filter(held);
        held.filter_map(|it| it.lines.get(sku).copied().map(i64::from))
            .sum()
    }
}

fn keep_part(parts: &mut OrderParts, fact: OrderFact) {
    match fact.what {
        OrderPart::Payment(step, amount) => {
            parts.amount = parts.amount.or(amount);
            first(parts.payment.entry(step), fact.at);
        }
        OrderPart::Refunded(id, amount) => {
            parts.refunds.entry(id).or_insert((fact.at, amount));
        }
        OrderPart::Parcel(step) => first(parts.parcel.entry(step), fact.at),
        OrderPart::Lease(step, lines) => {
            first(parts.lease.entry(step), fact.at);
            for line in lines {
                parts.lines.entry(line.sku).or_insert(line.quantity);
            }
        }
    }
}

/// The first time that it happened.
fn first<K: Ord>(known: Entry<'_, K, Timestamp>, at: Timestamp) {
    known
        .and_modify(|known| *known = at.min(*known))
        .or_insert(at);
}

impl Inner {
    /// Of all products that are taken from this stock, those that were withdrawn with them.
    fn sold(&self, shop: &TenantId, facts: &Facts, sku: &Sku, days: &DayRange) -> i64 {
        let added = self.added(shop).into_iter().flat_map(|it| it.products);
        let within = added.filter(|(((period, _), _), _)| is_within(*period, days));
        let is_of_it =
            |product: &ProductId| facts.products.get(product).is_some_and(|it| it.sku == *sku);
        let of_it = within.filter(|((_, product), _)| is_of_it(product));
        of_it.map(|(_, figures)| figures.units).sum()
    }

    fn cover(&self, shop: &TenantId, days: &DayRange) -> Vec<StockCover> {
        let Some(facts) = self.facts.get(shop) else {
            return Vec::new();
        };
        let cover = |(product, level): (&ListedProduct, &StockLevel)| StockCover {
            product: product.product.clone(),
            sku: level.sku.clone(),
            available: level.available,
            reserved: facts.reserved(&level.sku),
            low: level.low,
            sold: self.sold(shop, facts, &level.sku, days),
            changed_at: level.at,
        };
        facts.shelves().map(cover).collect()
    }
}

impl KeepFacts for FakeSales {
    async fn keep_fact(&self, shop: &TenantId, fact: &Fact) -> Result<(), StoreError> {
        self.write(|inner| {
            let facts = inner.facts.entry(shop.clone()).or_default();
            facts.keep(fact.clone());
        })
    }
}

impl ReadFacts for FakeSales {
    async fn facts_of(&self, shop: &TenantId, order: OrderId) -> Result<OrderParts, StoreError> {
        let inner = self.up()?;
        let facts = inner.facts.get(shop);
        Ok(facts
            .and_then(|it| it.orders.get(&order))
            .cloned()
            .unwrap_or_default())
    }
}

impl ReadStock for FakeSales {
    async fn stock_news(&self, shop: &TenantId) -> Result<Option<StockNews>, StoreError> {
        let inner = self.up()?;
        let facts = inner.facts.get(shop);
        let levels = facts
            .into_iter()
            .flat_map(Facts::shelves)
            .map(|(_, level)| level);
        let newest = levels.max_by_key(|level| (level.at, Reverse(&level.sku)));
        Ok(newest.map(|level| StockNews {
            sku: level.sku.clone(),
            sequence: level.sequence.0,
            at: level.at,
        }))
    }

    async fn stock_cover(
        &self,
        shop: &TenantId,
        days: &DayRange,
        asked: CoverAsked,
    ) -> Result<Vec<StockCover>, StoreError> {
        let many = days.start().duration_until(*days.end()).as_hours() / 24 + 1;
        let lasts = |of: &StockCover| days_of_cover(of.available, of.sold, many);
        let mut cover = self.up()?.cover(shop, days);
        if let Some(below) = asked.below {
            cover.retain(|of| lasts(of).is_some_and(|days| days < i64::from(below)));
        }
        cover.sort_by_key(|of| {
            (
                lasts(of).unwrap_or(i64::MAX),
                of.available,
                of.product.clone(),
            )
        });
        cover.truncate(asked.limit.into());
        Ok(cover)
    }
}
