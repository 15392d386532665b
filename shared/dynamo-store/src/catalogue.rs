//! Products.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::ports::{Cause, ReadCatalogue, StoreError, WriteCatalogue};
use domain::{Product, ProductId};

use crate::answer::{broken, classify};
use crate::item::Image;
use crate::item::product::{ENTITY, decode};
use crate::key::Key;
use crate::schema::{PK, VERSION};
use crate::table::{CAPACITY, Catalog, Table, number, text};

/// Most keys of one batch.
const BATCH: usize = 100;
/// How often what a batch left out is asked for again.
const MAX_ROUNDS: u32 = 4;
/// First wait before asking again; doubled each time.
const FIRST_PAUSE_MS: u64 = 20;

type KeyMap = HashMap<String, AttributeValue>;

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
            many => {
                for keys in many.chunks(BATCH) {
                    images.extend(self.batch(keys).await?);
                }
            }
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

    /// A batch answers with a part when DynamoDB is busy, and names what it left out.
    async fn batch(&self, keys: &[KeyMap]) -> Result<Vec<Image>, StoreError> {
        let mut images = Vec::with_capacity(keys.len());
        let mut left = keys.to_vec();
        for round in 0..MAX_ROUNDS {
            if left.is_empty() {
                return Ok(images);
            }
            if round > 0 {
                let pause = FIRST_PAUSE_MS << round;
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            let (found, unprocessed) = self.part(left).await?;
            images.extend(found);
            left = unprocessed;
        }
        if left.is_empty() {
            return Ok(images);
        }
        let cause = Cause(format!("{} products were left out", left.len()));
        Err(StoreError::Unavailable(cause))
    }

    async fn part(&self, keys: Vec<KeyMap>) -> Result<(Vec<Image>, Vec<KeyMap>), StoreError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .build()
            .map_err(|error| broken(&error))?;
        let answer = self
            .client
            .batch_get_item()
            .return_consumed_capacity(CAPACITY)
            .request_items(&self.name, wanted)
            .send()
            .await
            .map_err(classify)?;
        let found = answer.responses.unwrap_or_default().into_values().flatten();
        let unprocessed = answer.unprocessed_keys.unwrap_or_default().into_values();
        Ok((
            found.map(Image::from).collect(),
            unprocessed.flat_map(|keys| keys.keys).collect(),
        ))
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
