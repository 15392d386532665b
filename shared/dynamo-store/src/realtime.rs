//! What the consumer `notify` keeps beside its inbox: where messages go, what it tried to send.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::ports::{
    Cause, CountDeliveries, Delivery, DeliveryOutcome, ForgetContacts, KeepContacts,
    ReadDeliveries, StoreError,
};
use domain::{Contact, OrderId};

use crate::answer::{broken, classify};
use crate::batch::{BATCH, KeyMap};
use crate::item::Image;
use crate::item::realtime::{
    DELIVERY, MOST, read_contact, read_delivery, read_outcome, write_contact,
};
use crate::key::Key;
use crate::schema::PK;
use crate::table::{CAPACITY, Realtime, Table, number, refusal, text};

impl KeepContacts for Table<Realtime> {
    async fn put_contact(&self, order_id: OrderId, contact: &Contact) -> Result<(), StoreError> {
        let image = write_contact(order_id, contact).map_err(|error| broken(&error))?;
        // Unconditional: the one event that carries a contact always carries the same.
        self.replace(image).await
    }

    async fn contact(&self, order_id: OrderId) -> Result<Option<Contact>, StoreError> {
        let image = self.get(&Key::Contact(order_id)).await?;
        let contact = image.map(read_contact).transpose();
        contact.map_err(|error| broken(&error))
    }
}

impl ForgetContacts for Table<Realtime> {
    async fn forget_contact(&self, order_id: OrderId) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Contact(order_id).pk()))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}

impl ReadDeliveries for Table<Realtime> {
    async fn deliveries(
        &self,
        messages: &[String],
    ) -> Result<Vec<(String, DeliveryOutcome)>, StoreError> {
        let key = |message: &String| {
            let pk = Key::Mail(message.clone()).pk();
            KeyMap::from([(PK.to_owned(), text(pk))])
        };
        let keys: Vec<KeyMap> = messages.iter().take(BATCH).map(key).collect();
        let images = self.all_of(&keys).await?.into_iter();
        let found = images.filter_map(|image| read_outcome(image).transpose());
        let found: Result<HashMap<String, DeliveryOutcome>, _> = found.collect();
        let mut found = found.map_err(|error| broken(&error))?;
        let told = |message: &String| found.remove_entry(message);
        Ok(messages.iter().filter_map(told).collect())
    }
}

impl CountDeliveries for Table<Realtime> {
    /// A claim whose answer was lost has been counted: the next one is the second.
    async fn claim(&self, message: &str) -> Result<Delivery, StoreError> {
        let claim = self
            .update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity ADD tries :one")
            .condition_expression(
                "attribute_not_exists(tries) OR \
                 (tries < :most AND attribute_not_exists(sent) AND attribute_not_exists(refused))",
            )
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(MOST))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let claimed = claim.is_ok();
        let image = match claim {
            Ok(answer) => answer.attributes.map(Image::from),
            Err(error) => refusal(error)?,
        };
        let delivery = read_delivery(image.unwrap_or_default(), claimed);
        delivery.map_err(|error| broken(&error))
    }

    async fn sent(&self, message: &str) -> Result<(), StoreError> {
        self.update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, sent = :sent ADD tries :none")
            .expression_attribute_values(":sent", AttributeValue::Bool(true))
            .expression_attribute_values(":none", number(0))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    async fn refused(&self, message: &str, cause: &Cause) -> Result<(), StoreError> {
        self.update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, refused = :cause ADD tries :none")
            .expression_attribute_values(":cause", text(&cause.0))
            .expression_attribute_values(":none", number(0))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    /// As if the last try had been made.
    async fn given_up(&self, message: &str) -> Result<(), StoreError> {
        self.update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, tries = :tries")
            .expression_attribute_values(":tries", number(MOST))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    /// Nothing happens where no try is open.
    async fn not_sent(&self, message: &str) -> Result<(), StoreError> {
        let give_back = self
            .update(&Key::Mail(message.to_owned()), DELIVERY)
            .update_expression("SET #entity = :entity, tries = tries - :one")
            .condition_expression("tries >= :one AND attribute_not_exists(sent)")
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        match give_back {
            Ok(_) => Ok(()),
            Err(error) => refusal(error).map(|_| ()),
        }
    }
}
