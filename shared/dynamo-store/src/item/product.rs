//! The item of a product: `PRODUCT#<id>`. Its version is the sequence of its event: each write is
//! one event that carries the whole state, and `changed` says what the last one was.

use domain::{Product, ProductEvent, ProductField, ProductId, SaleStatus, Sku};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parts::{Nanos, read_currency, read_money, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Key, created_key, name_key, products_key};

/// Entity of a product item.
pub(crate) const ENTITY: &str = "product";

#[derive(Debug, Serialize, Deserialize)]
struct ProductItem {
    pk: String,
    entity: String,
    version: u64,
    /// Every write is told.
    #[serde(default)]
    news: bool,
    /// Items of before say no shop: there was one.
    #[serde(default = "first_shop")]
    tenant: String,
    sku: String,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    price: i64,
    currency: String,
    active: bool,
    #[serde(default = "unknown_time")]
    created_at: Nanos,
    #[serde(default = "unknown_time")]
    changed_at: Nanos,
    /// The parts that the last write changed; none when it created the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
    #[serde(default)]
    list_key: String,
    #[serde(default)]
    created_key: String,
    #[serde(default)]
    name_key: String,
}

fn first_shop() -> String {
    "main".to_owned()
}

fn unknown_time() -> Nanos {
    Nanos(Timestamp::UNIX_EPOCH)
}

/// The item of this version.
pub(crate) fn encode(product: &Product) -> Result<Image, ItemError> {
    let pk = Key::Product(product.id.clone()).pk();
    let changed = match &product.event {
        ProductEvent::Created => &[][..],
        ProductEvent::Updated(fields) => fields,
    };
    write(ProductItem {
        entity: ENTITY.to_owned(),
        version: product.version,
        news: true,
        tenant: product.tenant.to_string(),
        sku: product.sku.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        price: product.price.minor(),
        currency: product.price.currency().code().to_owned(),
        active: product.is_on_sale(),
        created_at: Nanos(product.created_at),
        changed_at: Nanos(product.changed_at),
        changed: changed.iter().map(|it| it.name().to_owned()).collect(),
        list_key: products_key(&product.tenant, product.status),
        created_key: created_key(product.created_at, product.id.as_str()),
        name_key: name_key(&product.name),
        pk,
    })
}

/// The product in an item.
pub(crate) fn decode(image: Image) -> Result<Product, ItemError> {
    let item: ProductItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    Ok(Product {
        id: id_of(&item.pk)?,
        tenant: read_tenant(&item.tenant)?,
        sku: Sku::parse(&item.sku).map_err(ItemError::of("sku"))?,
        name: item.name,
        description: item.description,
        price: read_money(item.price, read_currency(&item.currency)?)?,
        status: match item.active {
            true => SaleStatus::Active,
            false => SaleStatus::Withdrawn,
        },
        created_at: item.created_at.0,
        changed_at: item.changed_at.0,
        event: event_of(&item.changed)?,
        version: item.version,
    })
}

fn event_of(changed: &[String]) -> Result<ProductEvent, ItemError> {
    if changed.is_empty() {
        return Ok(ProductEvent::Created);
    }
    let field = |name: &String| {
        let field = ProductField::from_name(name);
        field.ok_or_else(|| ItemError::of("changed")(format!("unknown part {name}")))
    };
    let fields: Result<_, _> = changed.iter().map(field).collect();
    Ok(ProductEvent::Updated(fields?))
}

fn id_of(pk: &str) -> Result<ProductId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Product(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no product")),
    }
}
