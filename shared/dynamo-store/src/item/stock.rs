//! The item of the stock of one SKU: `STOCK#<sku>`. Its version is the sequence of its event:
//! each write is one event that carries the whole state. It is only ever changed in place.

use domain::{Sku, Stock};
use serde::Deserialize;

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read};
use crate::key::Key;

/// Entity of a stock item.
pub(crate) const ENTITY: &str = "stock";

#[derive(Debug, Deserialize)]
struct StockItem {
    pk: String,
    entity: String,
    version: u32,
    available: u32,
    /// Items of before count from their next movement on.
    #[serde(default)]
    put_in: u32,
    #[serde(default)]
    low_at: u32,
    /// `available - low_at`, so that a condition can tell whether a write makes the stock low.
    spare: Option<i64>,
    /// There where it is in the index of what is low.
    low_sku: Option<String>,
    changed_at: Nanos,
}

/// The stock of one SKU, and how the index of what is low is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) stock: Stock,
    pub(crate) spare: Option<i64>,
    pub(crate) is_listed: bool,
}

impl Shelf {
    pub(crate) fn decode(image: Image) -> Result<Self, ItemError> {
        let item: StockItem = read(image)?;
        expect_entity(&item.entity, ENTITY)?;
        Ok(Self {
            stock: Stock {
                sku: sku_of(&item.pk)?,
                available: item.available,
                put_in: item.put_in,
                low_at: item.low_at,
                version: item.version,
                changed_at: item.changed_at.0,
            },
            spare: item.spare,
            is_listed: item.low_sku.is_some(),
        })
    }
}

fn sku_of(pk: &str) -> Result<Sku, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Stock(sku) => Ok(sku),
        _ => Err(ItemError::of("pk")("the key names no SKU")),
    }
}
