//! What is low, and at how many pieces it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::ports::{Cause, Listed, StoreError};
use domain::{Sku, Stock};
use jiff::Timestamp;

use crate::answer::{broken, classify};
use crate::batch::KeyMap;
use crate::contention::MAX_TRIES;
use crate::item::stock::Shelf;
use crate::key::{Key, LOW};
use crate::query::{Entry, Part, Query};
use crate::schema::{LOW_STOCK, NEWS, PK, VERSION};
use crate::table::{CAPACITY, Inventory, Table, number, text};

impl Table<Inventory> {
    pub(super) async fn shelf(&self, sku: &Sku) -> Result<Option<Shelf>, StoreError> {
        let image = self.get(&Key::Stock(sku.clone())).await?;
        let shelf = image.map(Shelf::decode).transpose();
        shelf.map_err(|error| broken(&error))
    }

    pub(super) async fn change_low_at(
        &self,
        sku: &Sku,
        low_at: u32,
        now: Timestamp,
    ) -> Result<Option<Stock>, StoreError> {
        for _ in 0..MAX_TRIES {
            let Some(shelf) = self.shelf(sku).await? else {
                return Ok(None);
            };
            let low = shelf.stock.available <= low_at;
            if let Some(stock) = self.try_low_at((sku, low_at), low, now).await? {
                return Ok(Some(stock));
            }
        }
        let cause = Cause(format!("met other changes {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause))
    }

    /// Nothing where the stock is not, or is, low against what was thought.
    async fn try_low_at(
        &self,
        (sku, low_at): (&Sku, u32),
        low: bool,
        now: Timestamp,
    ) -> Result<Option<Stock>, StoreError> {
        let (set, remove, condition) = match low {
            true => (
                ", low_shard = :low, low_sku = :sku",
                "",
                "available <= :low_at",
            ),
            false => ("", " REMOVE low_shard, low_sku", "available > :low_at"),
        };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Stock(sku.clone()).pk()))
            .update_expression(format!(
                "SET low_at = :low_at, spare = available - :low_at, changed_at = :now, \
                 #news = :true{set}{remove} ADD #version :one"
            ))
            .condition_expression(condition)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_names("#news", NEWS)
            .expression_attribute_values(":low_at", number(low_at))
            .expression_attribute_values(":now", number(now.as_nanosecond()))
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew);
        if low {
            update = update
                .expression_attribute_values(":low", text(LOW))
                .expression_attribute_values(":sku", text(sku.as_str()));
        }
        match update.send().await {
            Ok(answer) => {
                let image = answer.attributes.unwrap_or_default();
                let shelf = Shelf::decode(image.into()).map_err(|error| broken(&error))?;
                Ok(Some(shelf.stock))
            }
            Err(error) if is_refused(&error) => Ok(None),
            Err(error) => Err(classify(error)),
        }
    }

    /// The index tells which, a batch tells how many. A place is the SKU of the last entry of the
    /// page before.
    pub(super) async fn page_of_low(
        &self,
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Stock>, StoreError> {
        let query = Query {
            index: LOW_STOCK,
            partition: LOW.to_owned(),
            part: Part::Whole,
            newest_first: false,
            limit: i32::from(limit.max(1)),
            after: after.map(entry_at).transpose()?,
        };
        let page = self.page(&query).await?;
        let key = |entry: &Entry| KeyMap::from([(PK.to_owned(), text(&entry.pk))]);
        let keys: Vec<KeyMap> = page.entries.iter().map(key).collect();
        let mut known = HashMap::new();
        for image in self.all_of(&keys).await? {
            let shelf = Shelf::decode(image).map_err(|error| broken(&error))?;
            known.insert(shelf.stock.sku.to_string(), shelf.stock);
        }
        let low = |entry: &Entry| known.remove(&entry.sort).filter(Stock::is_low);
        let last = page.entries.last().filter(|_| page.more);
        Ok(Listed {
            next: last.map(|entry| entry.sort.clone()),
            items: page.entries.iter().filter_map(low).collect(),
        })
    }
}

fn is_refused(error: &SdkError<UpdateItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

fn entry_at(place: &str) -> Result<Entry, StoreError> {
    let sku = Sku::parse(place).map_err(|error| broken(&error))?;
    Ok(Entry {
        pk: Key::Stock(sku).pk(),
        sort: place.to_owned(),
    })
}
