//! Stock and leases, moved together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use contracts::events::{Envelope, envelopes_of_lease, stock_changed};
use domain::ports::{
    HoldError, HoldStock, KeepStock, Listed, Load, MoveError, Moved, NoteAuthor, Save, SaveError,
    StoreError,
};
use domain::{
    Author, Lease, MovementId, MovementKind, OrderId, Sequence, Sku, Stock, StockLine,
    StockMovement,
};
use jiff::Timestamp;

use super::store::WriteError;
use super::{FakeStore, Fault};
use crate::lock;

/// The inventory table.
#[derive(Clone, Debug, Default)]
pub struct FakeInventory {
    leases: FakeStore<Lease>,
    shelves: Arc<Mutex<Shelves>>,
    author: Option<Author>,
}

#[derive(Debug, Default)]
struct Shelves {
    stock: BTreeMap<Sku, Stock>,
    movements: BTreeMap<MovementId, StockMovement>,
    events: Vec<Envelope>,
    authors: Vec<Option<Author>>,
    failing_reads: u32,
}

fn empty(sku: &Sku) -> Stock {
    Stock {
        sku: sku.clone(),
        available: 0,
        put_in: 0,
        low_at: 0,
        version: 0,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}

impl Shelves {
    fn set(&mut self, mut stock: Stock, now: Timestamp) -> Stock {
        stock.version += 1;
        stock.changed_at = now;
        self.events.push(stock_changed(&stock));
        self.stock.insert(stock.sku.clone(), stock.clone());
        stock
    }

    fn read(&mut self) -> Result<&Self, StoreError> {
        if self.failing_reads > 0 {
            self.failing_reads -= 1;
            return Err(super::unavailable());
        }
        Ok(self)
    }

    fn apply(&mut self, movement: StockMovement) -> Result<Moved, MoveError> {
        if let Some(first) = self.movements.get(&movement.id) {
            return match movement.is_repeat_of(first) {
                true => Ok(Moved {
                    movement: first.clone(),
                    replayed: true,
                }),
                false => Err(MoveError::KeyReused),
            };
        }
        let mut stock = match (self.stock.get(&movement.sku), movement.kind) {
            (Some(stock), _) => stock.clone(),
            (None, MovementKind::Restock) => empty(&movement.sku),
            (None, MovementKind::Adjustment) => {
                return Err(MoveError::UnknownSku(movement.sku));
            }
        };
        let available = stock.available;
        let too_few = MoveError::TooFew { available };
        stock.available = available.checked_add_signed(movement.by).ok_or(too_few)?;
        stock.put_in = stock.put_in.saturating_add_signed(movement.by);
        if stock.put_in > Stock::MAX {
            return Err(MoveError::TooMany);
        }
        self.set(stock, movement.at);
        self.movements.insert(movement.id, movement.clone());
        Ok(Moved {
            movement,
            replayed: false,
        })
    }

    fn take(&mut self, lines: &[StockLine], now: Timestamp) -> Result<(), HoldError> {
        for line in lines {
            self.left_after(line)?;
        }
        for line in lines {
            let stock = self.left_after(line)?;
            self.set(stock, now);
        }
        Ok(())
    }

    fn left_after(&self, line: &StockLine) -> Result<Stock, HoldError> {
        let unknown = || HoldError::UnknownSku(line.sku.clone());
        let stock = self.stock.get(&line.sku).ok_or_else(unknown)?.clone();
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
        let known = self.stock.get(&line.sku).cloned();
        let mut stock = known.unwrap_or_else(|| empty(&line.sku));
        stock.available += line.quantity;
        self.set(stock, now);
    }
}

impl FakeInventory {
    /// Puts pieces on the shelf that a test begins with.
    #[must_use]
    pub fn with_stock(self, line: &StockLine) -> Self {
        let movement = StockMovement::set_up(line, crate::build::at(0));
        crate::must(lock(&self.shelves).apply(movement));
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

    /// The stock of every SKU.
    pub fn all_stock(&self) -> Vec<Stock> {
        lock(&self.shelves).stock.values().cloned().collect()
    }

    /// Who asked for each movement, oldest first.
    pub fn authors(&self) -> Vec<Option<Author>> {
        lock(&self.shelves).authors.clone()
    }

    /// Every movement that was done.
    pub fn movements(&self) -> Vec<StockMovement> {
        lock(&self.shelves).movements.values().cloned().collect()
    }

    /// Lets the next read of stock find the store unavailable.
    pub fn fail_next_stock_read(&self) {
        lock(&self.shelves).failing_reads += 1;
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
}

impl NoteAuthor for FakeInventory {
    fn by(&self, author: &Author) -> Self {
        Self {
            author: Some(author.clone()),
            ..self.clone()
        }
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

impl KeepStock for FakeInventory {
    async fn stock(&self, sku: &Sku) -> Result<Option<Stock>, StoreError> {
        Ok(lock(&self.shelves).read()?.stock.get(sku).cloned())
    }

    async fn move_stock(&self, movement: StockMovement) -> Result<Moved, MoveError> {
        let mut shelves = lock(&self.shelves);
        shelves.authors.push(self.author.clone());
        shelves.apply(movement)
    }

    async fn set_low_at(
        &self,
        sku: &Sku,
        low_at: u32,
        now: Timestamp,
    ) -> Result<Option<Stock>, StoreError> {
        let mut shelves = lock(&self.shelves);
        let stock = shelves.read()?.stock.get(sku).cloned();
        Ok(stock.map(|stock| shelves.set(Stock { low_at, ..stock }, now)))
    }

    async fn list_low(&self, after: Option<&str>, limit: u8) -> Result<Listed<Stock>, StoreError> {
        let mut shelves = lock(&self.shelves);
        let low = shelves.read()?.stock.values().filter(|it| it.is_low());
        let later = |stock: &&Stock| after.is_none_or(|after| stock.sku.as_str() > after);
        let mut items: Vec<Stock> = low.filter(later).cloned().collect();
        let more = items.len() > usize::from(limit);
        items.truncate(limit.into());
        let last = items.last().filter(|_| more);
        let next = last.map(|stock| stock.sku.to_string());
        Ok(Listed { items, next })
    }
}
