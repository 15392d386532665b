//! Products.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{ReadCatalogue, StoreError, WriteCatalogue};
use domain::{Product, ProductId};

use crate::answer::{broken, classify};
use crate::batch::KeyMap;
use crate::item::Image;
use crate::item::product::{ENTITY, decode};
use crate::key::Key;
use crate::schema::{PK, VERSION};
use crate::table::{CAPACITY, Catalog, Table, number, text};

impl ReadCatalogue for Table<Catalog> {
    /// Reads are eventually consistent: a price that changed within the last second may be
    /// either, and it costs half.
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let ids: BTreeSet<&ProductId> = ids.iter().collect();
        let keys: Vec<KeyMap> = ids.into_iter().map(key).collect();
        let mut images = Vec::with_capacity(keys.len());
        match keys.as_slice() {
            [only] => images.extend(self.one(only).await?),
            many => images.extend(self.all_of(many).await?),
        }
        let found = images.into_iter().map(|image| {
            let product = decode(image).map_err(|error| broken(&error))?;
            Ok((product.id.clone(), product))
        });
        found.collect()
    }
}

fn key(id: &ProductId) -> KeyMap {
    KeyMap::from([(PK.to_owned(), text(Key::Product(id.clone()).pk()))])
}

impl Table<Catalog> {
    async fn one(&self, key: &KeyMap) -> Result<Option<Image>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_key(Some(key.clone()))
            .send()
            .await
            .map_err(classify)?;
        Ok(answer.item.map(Image::from))
    }
}

impl WriteCatalogue for Table<Catalog> {
    /// The newest write holds, whatever was stored: a person sets a product up.
    async fn put(&self, product: &Product) -> Result<(), StoreError> {
        let price = product.price;
        self.client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_key(Some(key(&product.id)))
            .update_expression(
                "SET #entity = :entity, sku = :sku, #name = :name, price = :price, \
                 currency = :currency, active = :active ADD #version :one",
            )
            .expression_attribute_names("#entity", crate::schema::ENTITY)
            .expression_attribute_names("#name", "name")
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":entity", text(ENTITY))
            .expression_attribute_values(":sku", text(product.sku.as_str()))
            .expression_attribute_values(":name", text(&product.name))
            .expression_attribute_values(":price", number(price.minor()))
            .expression_attribute_values(":currency", text(price.currency().code()))
            .expression_attribute_values(":active", AttributeValue::Bool(product.active))
            .expression_attribute_values(":one", number(1))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}
