//! What can be bought.

use crate::{Money, ProductId, Sku};

/// An entry of the catalogue as placement needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its id in the catalogue.
    pub id: ProductId,
    /// What leaves the warehouse when it is sold.
    pub sku: Sku,
    /// What the customer reads.
    pub name: String,
    /// Price of one.
    pub price: Money,
    /// Whether it is on sale now.
    pub active: bool,
}
