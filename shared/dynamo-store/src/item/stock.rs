//! The item of the stock of one SKU: `STOCK#<sku>`. Its version is the sequence of its event:
//! each write is one event that carries the whole state.

use domain::{Sequence, Sku};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read};
use crate::key::Key;

/// Entity of a stock item.
pub(crate) const ENTITY: &str = "stock";

#[derive(Debug, Serialize, Deserialize)]
struct StockItem {
    pk: String,
    entity: String,
    version: u32,
    available: u32,
    changed_at: Nanos,
}

/// The stock of one SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stock {
    pub(crate) sku: Sku,
    pub(crate) available: u32,
    pub(crate) sequence: Sequence,
    pub(crate) changed_at: Timestamp,
}

impl Stock {
    pub(crate) fn decode(image: Image) -> Result<Self, ItemError> {
        let item: StockItem = read(image)?;
        expect_entity(&item.entity, ENTITY)?;
        let Key::Stock(sku) = Key::parse(&item.pk).map_err(ItemError::of("pk"))? else {
            return Err(ItemError::of("pk")("the key names no SKU"));
        };
        Ok(Self {
            sku,
            available: item.available,
            sequence: Sequence(item.version),
            changed_at: item.changed_at.0,
        })
    }
}
