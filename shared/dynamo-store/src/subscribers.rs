//! Who wants to hear of new courses: sets of ids, in rows that a hash of the id chooses.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ports::{KeepSubscribers, ListSubscribers, Listed, Reader, StoreError};
use domain::{CustomerId, TenantId};

use crate::item::subscribers::SUBSCRIBERS;
use crate::key::Key;
use crate::rows::row_of;
use crate::table::{Realtime, Table, refusal};

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
        let key = Key::Subscribers(shop.clone(), row_of(customer));
        let row = self.people_in(&key, SUBSCRIBERS).await?;
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
        let key = |row| Key::Subscribers(shop.clone(), row);
        self.page_of_people((key, SUBSCRIBERS), after, limit).await
    }
}

impl Table<Realtime> {
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
