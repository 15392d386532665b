//! Bodies of stock, as everybody and as those who run the shop see it.

use domain::{MovementKind, Product, Stock, StockMovement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::InvalidBody;
use crate::wire::line_of_text;

#[cfg(test)]
mod tests;

/// Most pieces of one movement.
pub const MAX_MOVED: i64 = 1_000_000;

/// Answer to `GET /api/v1/products/{id}/inventory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AvailabilityBody {
    /// The product.
    pub product_id: String,
    /// What leaves the warehouse when it is sold.
    pub sku: String,
    /// Pieces that can be sold now.
    pub available: u32,
}

impl AvailabilityBody {
    /// Of a product; nothing of it where it was never stocked.
    pub fn of(product: &Product, stock: Option<&Stock>) -> Self {
        Self {
            product_id: product.id.to_string(),
            sku: product.sku.to_string(),
            available: stock.map_or(0, |stock| stock.available),
        }
    }
}

/// The stock of one SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockBody {
    /// Which.
    pub sku: String,
    /// Pieces that can be sold now.
    pub available: u32,
    /// Pieces that are held for orders, or sold.
    pub taken: u32,
    /// Pieces ever put in: `available + taken`.
    pub put_in: u32,
    /// It is low at so many pieces and fewer.
    pub low_at: u32,
    /// Whether it is.
    pub low: bool,
    /// When it changed last.
    pub changed_at: Timestamp,
    /// Rises with every change.
    pub version: u32,
}

impl From<&Stock> for StockBody {
    fn from(stock: &Stock) -> Self {
        Self {
            sku: stock.sku.to_string(),
            available: stock.available,
            taken: stock.taken(),
            put_in: stock.put_in,
            low_at: stock.low_at,
            low: stock.is_low(),
            changed_at: stock.changed_at,
            version: stock.version,
        }
    }
}

/// Answer to `GET /api/v1/admin/inventory/low-stock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LowStockBody {
    /// By SKU.
    pub stock: Vec<StockBody>,
    /// Give it as `cursor` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What is asked to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedMovement {
    /// Of what kind.
    pub kind: MovementKind,
    /// How many pieces, less than none where they are taken out.
    pub by: i32,
    /// Why.
    pub reason: String,
}

/// Body of `POST /api/v1/admin/inventory/{sku}/restock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Restock {
    /// Pieces that came in, 1 to 1,000,000.
    pub quantity: i64,
    /// Such as the number of a delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Restock {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<ParsedMovement, InvalidBody> {
        let reason = self.reason.as_deref();
        let reason = reason.map(|text| line_of_text("/reason", text)).transpose();
        Ok(ParsedMovement {
            kind: MovementKind::Restock,
            by: parse_pieces("/quantity", self.quantity, 1)?,
            reason: reason?.unwrap_or_default(),
        })
    }
}

/// Body of `POST /api/v1/admin/inventory/{sku}/adjust`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// By how many pieces the count was wrong: -1,000,000 to 1,000,000, not 0.
    pub by: i64,
    /// Why.
    pub reason: String,
}

impl Adjust {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<ParsedMovement, InvalidBody> {
        Ok(ParsedMovement {
            kind: MovementKind::Adjustment,
            by: parse_pieces("/by", self.by, -MAX_MOVED)?,
            reason: line_of_text("/reason", &self.reason)?,
        })
    }
}

fn parse_pieces(pointer: &str, pieces: i64, least: i64) -> Result<i32, InvalidBody> {
    let fits = pieces != 0 && (least..=MAX_MOVED).contains(&pieces);
    let pieces = i32::try_from(pieces).ok().filter(|_| fits);
    let bounds = format!("a whole number from {least} to {MAX_MOVED}, not 0");
    pieces.ok_or_else(|| InvalidBody::at(pointer, bounds))
}

/// Answer to a movement: what never changes about it, so that a repeat is answered byte for byte as
/// the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovementBody {
    /// Its id.
    pub movement_id: String,
    /// Of what.
    pub sku: String,
    /// `restock` or `adjustment`.
    pub kind: String,
    /// How many pieces.
    pub by: i32,
    /// Why; may be empty.
    pub reason: String,
    /// When it was done.
    pub at: Timestamp,
}

impl From<&StockMovement> for MovementBody {
    fn from(movement: &StockMovement) -> Self {
        Self {
            movement_id: movement.id.to_string(),
            sku: movement.sku.to_string(),
            kind: movement.kind.name().to_owned(),
            by: movement.by,
            reason: movement.reason.clone(),
            at: movement.at,
        }
    }
}

/// Body of `PUT /api/v1/admin/inventory/{sku}/threshold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetThreshold {
    /// It is low at so many pieces and fewer: 0, which is sold out, to 1,000,000.
    pub low_at: i64,
}

impl SetThreshold {
    /// Checks the content.
    ///
    /// # Errors
    /// [`InvalidBody`].
    pub fn parse(self) -> Result<u32, InvalidBody> {
        let fits = (0..=MAX_MOVED).contains(&self.low_at);
        let low_at = u32::try_from(self.low_at).ok().filter(|_| fits);
        let bounds = format!("a whole number from 0 to {MAX_MOVED}");
        low_at.ok_or_else(|| InvalidBody::at("/low_at", bounds))
    }
}
