//! Who wants to hear of new courses: sets of ids, in rows that a hash of the id chooses. A row with
//! 1,600 of them, of a shop with 100,000, has sixty kilobytes; it could have six times as many.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{KeepSubscribers, ListSubscribers, Listed, Reader, StoreError};
use domain::{CustomerId, TenantId};
use sha2::{Digest, Sha256};

use crate::answer::broken;
use crate::item::subscribers::{SUBSCRIBERS, decode};
use crate::key::Key;
use crate::table::{Realtime, Table, refusal};

/// Rows of a shop.
const ROWS: u8 = 64;

impl KeepSubscribers for Table<Realtime> {
    async fn subscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        self.change_subscribers(reader, "SET #entity = :entity ADD who :who")
            .await
    }

    async fn unsubscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        self.change_subscribers(reader, "SET #entity = :entity DELETE who :who")
            .await
    }

    async fn is_subscribed(&self, (shop, customer): Reader<'_>) -> Result<bool, StoreError> {
        let row = self.row_of_subscribers(shop, row_of(customer)).await?;
        Ok(row.contains(customer))
    }
}

impl ListSubscribers for Table<Realtime> {
    async fn subscribers(
        &self,
        shop: &TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Listed<CustomerId>, StoreError> {
        let last = after.map(CustomerId::parse).transpose();
        let last = last.map_err(|error| broken(&error))?;
        let first_row = last.as_ref().map_or(0, row_of);
        let mut items: Vec<CustomerId> = Vec::new();
        for row in first_row..ROWS {
            let left = usize::from(limit.max(1)) - items.len();
            let all = self.row_of_subscribers(shop, row).await?;
            let is_next = |it: &CustomerId| {
                last.as_ref()
                    .is_none_or(|last| row_of(last) < row || it > last)
            };
            let mut rest = all.into_iter().filter(is_next);
            items.extend(rest.by_ref().take(left));
            if items.len() >= usize::from(limit.max(1)) && (rest.next().is_some() || row + 1 < ROWS)
            {
                let next = items.last().map(ToString::to_string);
                return Ok(Listed { items, next });
            }
        }
        Ok(Listed { items, next: None })
    }
}

impl Table<Realtime> {
    async fn row_of_subscribers(
        &self,
        shop: &TenantId,
        row: u8,
    ) -> Result<BTreeSet<CustomerId>, StoreError> {
        let image = self.get(&Key::Subscribers(shop.clone(), row)).await?;
        let row = image.map(decode).transpose();
        Ok(row.map_err(|error| broken(&error))?.unwrap_or_default())
    }

    async fn change_subscribers(
        &self,
        (shop, customer): Reader<'_>,
        change: &str,
    ) -> Result<(), StoreError> {
        let key = Key::Subscribers(shop.clone(), row_of(customer));
        let who = AttributeValue::Ss(vec![customer.to_string()]);
        let changed = self
            .update(&key, SUBSCRIBERS)
            .update_expression(change)
            .expression_attribute_values(":who", who)
            .send()
            .await;
        match changed {
            Ok(_) => Ok(()),
            Err(error) => refusal(error).map(drop),
        }
    }
}

fn row_of(customer: &CustomerId) -> u8 {
    let digest = Sha256::digest(customer.as_str());
    digest.first().map_or(0, |byte| byte % ROWS)
}
