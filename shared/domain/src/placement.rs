//! From a request to an order: merge the lines, price them from the catalogue, derive the id.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::ids::hashed;
use crate::{CustomerId, Money, MoneyError, OrderId, OrderLine, Product, ProductId, TenantId};

#[cfg(test)]
mod tests;

/// Most lines of one order, after lines of one product are merged.
pub const MAX_LINES: usize = 50;
/// Most pieces of one product in one order.
pub const MAX_QUANTITY: u32 = 1_000;

/// One line as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedLine {
    /// Which product.
    pub product_id: ProductId,
    /// How many, 1 or more.
    pub quantity: u32,
}

/// SHA-256 of the request in its canonical form: tells a repeat from a reused key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHash(pub [u8; 32]);

impl RequestHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

/// Why an order cannot be placed as asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PlacementError {
    /// No line at all.
    #[error("an order needs at least one line")]
    NoLines,
    /// Too many different products.
    #[error("an order has at most {MAX_LINES} lines")]
    TooManyLines,
    /// Zero, or more than [`MAX_QUANTITY`].
    #[error("the quantity of {0} must be 1 to {MAX_QUANTITY}")]
    Quantity(ProductId),
    /// Not in the catalogue.
    #[error("there is no product {0}")]
    UnknownProduct(ProductId),
    /// In the catalogue, but not on sale.
    #[error("product {0} is not on sale")]
    InactiveProduct(ProductId),
    /// The sum cannot be made.
    #[error("the order cannot be added up")]
    Money(#[from] MoneyError),
}

/// Merges lines of one product, in the order of their first mention.
///
/// # Errors
/// [`PlacementError`] for no lines, too many, or a quantity out of bounds.
pub fn merge_lines(lines: &[RequestedLine]) -> Result<Vec<RequestedLine>, PlacementError> {
    let mut merged: Vec<RequestedLine> = Vec::new();
    let mut place: HashMap<&ProductId, usize> = HashMap::new();
    for line in lines {
        let at = *place.entry(&line.product_id).or_insert(merged.len());
        match merged.get_mut(at) {
            Some(first) => first.quantity = first.quantity.saturating_add(line.quantity),
            None => merged.push(line.clone()),
        }
    }
    match merged.len() {
        0 => return Err(PlacementError::NoLines),
        1..=MAX_LINES => {}
        _ => return Err(PlacementError::TooManyLines),
    }
    let zero = lines.iter().find(|line| line.quantity == 0);
    let beyond = merged.iter().find(|line| line.quantity > MAX_QUANTITY);
    match zero.or(beyond) {
        Some(line) => Err(PlacementError::Quantity(line.product_id.clone())),
        None => Ok(merged),
    }
}

/// Prices merged lines from the catalogue and adds them up. The client's prices are never asked.
///
/// # Errors
/// [`PlacementError`] for unknown or inactive products, mixed currencies or overflow.
pub fn price_lines(
    lines: &[RequestedLine],
    catalogue: &BTreeMap<ProductId, Product>,
) -> Result<(Vec<OrderLine>, Money), PlacementError> {
    let mut priced = Vec::with_capacity(lines.len());
    let mut total: Option<Money> = None;
    for line in lines {
        let product = catalogue
            .get(&line.product_id)
            .ok_or_else(|| PlacementError::UnknownProduct(line.product_id.clone()))?;
        if !product.is_on_sale() {
            return Err(PlacementError::InactiveProduct(line.product_id.clone()));
        }
        let amount = product.price.times(line.quantity)?;
        total = Some(match total {
            Some(sum) => sum.plus(amount)?,
            None => amount,
        });
        priced.push(OrderLine {
            product_id: line.product_id.clone(),
            sku: product.sku.clone(),
            quantity: line.quantity,
            unit_price: product.price,
        });
    }
    Ok((priced, total.ok_or(PlacementError::NoLines)?))
}

/// The order's id: a hash of tenant, customer and idempotency key. The same key of the same
/// customer is the same order.
pub fn order_id(tenant: &TenantId, customer: &CustomerId, idempotency_key: &str) -> OrderId {
    OrderId(hashed([
        tenant.as_str(),
        customer.as_str(),
        idempotency_key,
    ]))
}
