//! Stock, as those who run the shop see and move it.

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;

use super::{Cause, Listed, StoreError};
use crate::{Sku, Stock, StockLine, StockMovement};

/// Why pieces did not move.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MoveError {
    /// The key stands for another movement.
    #[error("the Idempotency-Key was used with another body")]
    KeyReused,
    /// Never heard of it.
    #[error("{0} is not stocked")]
    UnknownSku(Sku),
    /// More would be taken out than can be sold: the others are held for orders, or sold.
    #[error("only {available} pieces are available")]
    TooFew {
        /// How many there are.
        available: u32,
    },
    /// There would be more than [`Stock::MAX`] of it.
    #[error("there would be more than {} pieces", Stock::MAX)]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The movement as it was done first.
    pub movement: StockMovement,
    /// Whether an earlier request did it.
    pub replayed: bool,
}

/// Keeps the stock of every SKU.
pub trait KeepStock {
    /// The stock, consistently; nothing for an unknown SKU.
    fn stock(&self, sku: &Sku) -> impl Future<Output = Result<Option<Stock>, StoreError>> + Send;
    /// Does a movement, once.
    fn move_stock(
        &self,
        movement: StockMovement,
    ) -> impl Future<Output = Result<Moved, MoveError>> + Send;
    /// Sets at how many pieces it is low; nothing for an unknown SKU.
    fn set_low_at(
        &self,
        sku: &Sku,
        low_at: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Stock>, StoreError>> + Send;
    /// What is low, by SKU. The list may lag by about a second, and what is low no longer is left
    /// out.
    fn list_low(
        &self,
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<Listed<Stock>, StoreError>> + Send;
}

/// Sets stock up.
pub trait StockShelves {
    /// Adds pieces to what is available; makes the SKU known.
    fn restock(
        &self,
        line: &StockLine,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// How many are available; nothing for an unknown SKU.
    fn available(&self, sku: &Sku) -> impl Future<Output = Result<Option<u32>, StoreError>> + Send;
}

impl<S: KeepStock + Sync> StockShelves for S {
    async fn restock(&self, line: &StockLine, now: Timestamp) -> Result<(), StoreError> {
        let moved = self.move_stock(StockMovement::set_up(line, now)).await;
        moved.map(drop).map_err(|error| match error {
            MoveError::Store(error) => error,
            other => StoreError::Broken(Cause(other.to_string())),
        })
    }

    async fn available(&self, sku: &Sku) -> Result<Option<u32>, StoreError> {
        Ok(self.stock(sku).await?.map(|stock| stock.available))
    }
}
