//! The item of a product: `PRODUCT#<id>`.

use domain::{Product, ProductId, Sku};
use serde::{Deserialize, Serialize};

use super::parts::{read_currency, read_money};
use super::{Image, ItemError, expect_entity, read};
use crate::key::Key;

/// Entity of a product item.
pub(crate) const ENTITY: &str = "product";

#[derive(Debug, Serialize, Deserialize)]
struct ProductItem {
    pk: String,
    entity: String,
    version: u64,
    sku: String,
    name: String,
    price: i64,
    currency: String,
    active: bool,
}

pub(crate) fn decode(image: Image) -> Result<Product, ItemError> {
    let item: ProductItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    Ok(Product {
        id: id_of(&item.pk)?,
        sku: Sku::parse(&item.sku).map_err(ItemError::of("sku"))?,
        name: item.name,
        price: read_money(item.price, read_currency(&item.currency)?)?,
        active: item.active,
    })
}

fn id_of(pk: &str) -> Result<ProductId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Product(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no product")),
    }
}
