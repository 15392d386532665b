//! Stock and leases, moved together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use contracts::events::{Envelope, envelopes_of_lease, stock_changed};
use domain::ports::{HoldError, HoldStock, Load, Save, SaveError, StockShelves, StoreError};
use domain::{Lease, OrderId, Sequence, Sku, StockLine};
use jiff::Timestamp;

use super::store::WriteError;
use super::{FakeStore, Fault};
use crate::lock;

/// The inventory table.
#[derive(Clone, Debug, Default)]
pub struct FakeInventory {
    leases: FakeStore<Lease>,
    shelves: Arc<Mutex<Shelves>>,
}

#[derive(Debug, Default)]
struct Shelves {
    stock: BTreeMap<Sku, Stock>,
    events: Vec<Envelope>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stock {
    available: u32,
    put_in: u64,
    sequence: u32,
}

impl Shelves {
    fn set(&mut self, sku: &Sku, stock: Stock, now: Timestamp) {
        let sequence = stock.sequence + 1;
        let stock = Stock { sequence, ..stock };
        let event = stock_changed(sku, stock.available, Sequence(sequence), now);
        self.events.push(event);
        self.stock.insert(sku.clone(), stock);
    }

    fn take(&mut self, lines: &[StockLine], now: Timestamp) -> Result<(), HoldError> {
        for line in lines {
            self.left_after(line)?;
        }
        for line in lines {
            let stock = self.left_after(line)?;
            self.set(&line.sku, stock, now);
        }
        Ok(())
    }

    fn left_after(&self, line: &StockLine) -> Result<Stock, HoldError> {
        let unknown = || HoldError::UnknownSku(line.sku.clone());
        let stock = *self.stock.get(&line.sku).ok_or_else(unknown)?;
        match stock.available.checked_sub(line.quantity) {
            Some(available) => Ok(Stock { available, ..stock }),
            None => Err(HoldError::OutOfStock {
                sku: line.sku.clone(),
                wanted: line.quantity,
                available: stock.available,
            }),
        }
    }

    fn add(&mut self, line: &StockLine, now: Timestamp) {
        let mut stock = self.stock.get(&line.sku).copied().unwrap_or_default();
        stock.available += line.quantity;
        self.set(&line.sku, stock, now);
    }
}

impl FakeInventory {
    /// Puts pieces on the shelf that a test begins with.
    #[must_use]
    pub fn with_stock(self, line: &StockLine) -> Self {
        self.put_in(line, crate::build::at(0));
        self
    }

    /// Stores a lease that a test begins with; takes nothing from stock.
    #[must_use]
    pub fn with_lease(self, lease: Lease) -> Self {
        let leases = self.leases.with(lease);
        Self { leases, ..self }
    }

    /// The leases, with their faults and their history.
    pub fn leases(&self) -> &FakeStore<Lease> {
        &self.leases
    }

    /// The lease of an order.
    pub fn lease(&self, id: OrderId) -> Option<Lease> {
        self.leases.get(id)
    }

    /// Pieces available, and pieces ever put in, per SKU.
    pub fn stock(&self) -> Vec<(Sku, u32, u64)> {
        let shelves = lock(&self.shelves);
        let row = |(sku, stock): (&Sku, &Stock)| (sku.clone(), stock.available, stock.put_in);
        shelves.stock.iter().map(row).collect()
    }

    /// How many are available; 0 for an unknown SKU.
    pub fn on_shelf(&self, sku: &str) -> u32 {
        let shelves = lock(&self.shelves);
        let mut stock = shelves.stock.iter();
        stock
            .find(|(known, _)| known.as_str() == sku)
            .map_or(0, |(_, stock)| stock.available)
    }

    /// Lets the next write go wrong; several queue up.
    pub fn fail_next_write(&self, fault: Fault) {
        self.leases.fail_next_write(fault);
    }

    /// All events of leases and stock, as the stream of the table carries them.
    pub fn events(&self) -> Vec<Envelope> {
        let events = |lease: &Lease| envelopes_of_lease(lease, Sequence::NONE);
        let mut all: Vec<Envelope> = self.leases.all().iter().flat_map(events).collect();
        all.extend(lock(&self.shelves).events.iter().cloned());
        all
    }

    fn put_in(&self, line: &StockLine, now: Timestamp) {
        let mut shelves = lock(&self.shelves);
        let mut stock = shelves.stock.get(&line.sku).copied().unwrap_or_default();
        stock.put_in += u64::from(line.quantity);
        stock.available += line.quantity;
        shelves.set(&line.sku, stock, now);
    }
}

impl Load<Lease> for FakeInventory {
    async fn load(&self, id: &OrderId) -> Result<Option<Lease>, StoreError> {
        self.leases.load(id).await
    }
}

impl Save<Lease> for FakeInventory {
    async fn save(&self, lease: Lease) -> Result<Lease, SaveError<Lease>> {
        self.leases.save(lease).await
    }
}

impl HoldStock for FakeInventory {
    async fn hold(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        self.move_stock(lease, |shelves, lease| {
            if lease.takes_stock() {
                shelves.take(&lease.lines, now)?;
            }
            Ok(())
        })
    }

    async fn give_back(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        self.move_stock(lease, |shelves, lease| {
            for line in lease.given_back() {
                shelves.add(line, now);
            }
            Ok(())
        })
    }
}

impl FakeInventory {
    fn move_stock(
        &self,
        lease: Lease,
        change: impl FnOnce(&mut Shelves, &Lease) -> Result<(), HoldError>,
    ) -> Result<Lease, HoldError> {
        if !lease.changes.is_changed() {
            return Ok(lease);
        }
        let mut shelves = lock(&self.shelves);
        let written = self
            .leases
            .write(lease, |lease| change(&mut shelves, lease));
        written.map_err(|error| match error {
            WriteError::Beside(error) => error,
            WriteError::Save(SaveError::Conflict(stored)) => HoldError::Conflict(stored),
            WriteError::Save(SaveError::Store(error)) => HoldError::Store(error),
        })
    }
}

impl StockShelves for FakeInventory {
    async fn restock(&self, line: &StockLine, now: Timestamp) -> Result<(), StoreError> {
        self.put_in(line, now);
        Ok(())
    }

    async fn available(&self, sku: &Sku) -> Result<Option<u32>, StoreError> {
        let shelves = lock(&self.shelves);
        Ok(shelves.stock.get(sku).map(|stock| stock.available))
    }
}
