//! The figures of shops.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use domain::ports::{CountOrders, KeepNewest, ReadFigures, SaveError, StoreError};
use domain::{CountedOrder, Figure, NewestCourses, OrderId, Period, Tally, TenantId};

use super::{Fault, unavailable};
use crate::lock;

/// Figures of the operations table.
#[derive(Clone, Debug, Default)]
pub struct FakeFigures(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    counted: BTreeMap<OrderId, CountedOrder>,
    figures: HashMap<(TenantId, Period, Figure), i64>,
    newest: BTreeMap<TenantId, NewestCourses>,
    faults: VecDeque<Option<Fault>>,
}

impl FakeFigures {
    /// Lets a write go wrong after so many that do not.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }

    /// One write, around which a fault may strike.
    fn write<T: std::fmt::Debug>(
        &self,
        change: impl FnOnce(&mut Inner) -> Result<(), SaveError<T>>,
    ) -> Result<(), SaveError<T>> {
        let mut inner = lock(&self.0);
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable().into()),
            Some(Fault::AppliedButError) => {
                change(&mut inner)?;
                Err(unavailable().into())
            }
            Some(Fault::Conflict) => Err(SaveError::Conflict(None)),
            None => change(&mut inner),
        }
    }
}

impl CountOrders for FakeFigures {
    async fn counted(&self, order: OrderId) -> Result<CountedOrder, StoreError> {
        let inner = lock(&self.0);
        Ok(inner.counted.get(&order).cloned().unwrap_or_default())
    }

    async fn save_counted(
        &self,
        shop: &TenantId,
        order: OrderId,
        counted: CountedOrder,
        tallies: &[Tally],
    ) -> Result<(), SaveError<CountedOrder>> {
        self.write(|inner| {
            let stored = inner.counted.entry(order).or_default();
            if stored.version != counted.version {
                return Err(SaveError::Conflict(Some(Box::new(stored.clone()))));
            }
            *stored = counted;
            stored.version += 1;
            for tally in tallies {
                let key = (shop.clone(), tally.period, tally.figure);
                *inner.figures.entry(key).or_default() += tally.by;
            }
            Ok(())
        })
    }
}

impl ReadFigures for FakeFigures {
    async fn figures(&self, shop: &TenantId, periods: &[Period]) -> Result<Vec<Tally>, StoreError> {
        let inner = lock(&self.0);
        let known = inner.figures.iter();
        let wanted =
            known.filter(|((owner, period, _), _)| owner == shop && periods.contains(period));
        Ok(wanted
            .map(|((_, period, figure), by)| Tally {
                period: *period,
                figure: *figure,
                by: *by,
            })
            .collect())
    }
}

impl KeepNewest for FakeFigures {
    async fn newest(&self, shop: &TenantId) -> Result<NewestCourses, StoreError> {
        let inner = lock(&self.0);
        Ok(inner.newest.get(shop).cloned().unwrap_or_default())
    }

    async fn save_newest(
        &self,
        shop: &TenantId,
        newest: NewestCourses,
    ) -> Result<(), SaveError<NewestCourses>> {
        self.write(|inner| {
            let stored = inner.newest.entry(shop.clone()).or_default();
            if stored.version != newest.version {
                return Err(SaveError::Conflict(Some(Box::new(stored.clone()))));
            }
            *stored = newest;
            stored.version += 1;
            Ok(())
        })
    }
}
