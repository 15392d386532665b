//! The chains of the audit log. Two items say one thing: the mark of a message, at which position its
//! entry is, and the entry. Neither is put where another is, and no transaction ties them together: the
//! mark goes first, and moves only from a position that another message took for good. So a message
//! has an entry at the position of its mark or nowhere, at half the price.

use std::collections::HashMap;

use audit::{AppendError, Entry, KeepChains, Shard};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::ports::StoreError;

use crate::answer::{broken, classify};
use crate::item::ItemError;
use crate::item::audit::{Mark, PERSONAL, decode, decode_mark, encode, encode_mark};
use crate::key::Key;
use crate::schema::PK;
use crate::table::{Audit, CAPACITY, PutError, Table, number, put_error, text};

/// What a mark says of the position that its message asks for.
enum Marked {
    /// The message may go there.
    Here,
    /// It may go somewhere else only.
    Elsewhere(Mark),
}

impl KeepChains for Table<Audit> {
    type Error = StoreError;

    /// After an answer that was lost, the same call finds the message recorded.
    async fn append(&self, entry: &Entry) -> Result<(), AppendError<StoreError>> {
        let wanted = Mark::of(entry);
        if let Marked::Elsewhere(mark) = self.mark(&wanted, None).await? {
            match self.entry_at(mark.shard, mark.position).await? {
                Some(there) if there.record.message == wanted.message => {
                    return Err(AppendError::Recorded);
                }
                // Somebody else took that position: it is never this message's.
                Some(_) => match self.mark(&wanted, Some(&mark)).await? {
                    Marked::Here => {}
                    Marked::Elsewhere(_) => return Err(AppendError::Taken),
                },
                // It may be written there at this moment, and the chain goes on from there.
                None => return Err(AppendError::Taken),
            }
        }
        match self.put(broken_or(encode(entry))?, 0).await {
            Ok(()) => Ok(()),
            Err(PutError::Store(error)) => Err(error.into()),
            Err(PutError::Refused(stored)) => {
                let there = stored.map(decode).transpose();
                let there = there.map_err(|error| broken(&error))?;
                let told = there.is_some_and(|it| it.record.message == wanted.message);
                Err(match told {
                    true => AppendError::Recorded,
                    false => AppendError::Taken,
                })
            }
        }
    }

    async fn entries(
        &self,
        shard: Shard,
        first: u64,
        count: usize,
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let places: Vec<u64> = (first..).take(count.min(Self::PAGE)).collect();
        let key = |position: &u64| {
            let pk = Key::Audit(shard, *position).pk();
            HashMap::from([(PK.to_owned(), text(pk))])
        };
        let keys: Vec<_> = places.iter().map(key).collect();
        let mut found = HashMap::new();
        for image in self.batch_now(&keys).await? {
            let entry = decode(image).map_err(|error| broken(&error))?;
            found.insert(entry.position, entry);
        }
        Ok(places.iter().map(|place| found.remove(place)).collect())
    }

    async fn place_of(&self, message: &str) -> Result<Option<(Shard, u64)>, StoreError> {
        let mark = self.get(&Key::Audited(message.to_owned())).await?;
        let mark = mark.map(decode_mark).transpose();
        let Some(mark) = mark.map_err(|error| broken(&error))? else {
            return Ok(None);
        };
        // A mark goes first: another message may have the position, or none has it yet.
        let there = KeepChains::entries(self, mark.shard, mark.position, 1).await?;
        let is_its = |entry: Option<Entry>| entry.is_some_and(|it| it.record.message == message);
        let found = there.into_iter().any(is_its);
        Ok(found.then_some((mark.shard, mark.position)))
    }

    async fn erase(&self, shard: Shard, position: u64) -> Result<(), StoreError> {
        let [who, address] = PERSONAL;
        let erased = self
            .client
            .update_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(Key::Audit(shard, position).pk()))
            .update_expression("REMOVE #who, #address")
            .condition_expression("attribute_exists(#key)")
            .expression_attribute_names("#key", PK)
            .expression_attribute_names("#who", who)
            .expression_attribute_names("#address", address)
            .send()
            .await;
        match erased {
            Ok(_) => Ok(()),
            Err(error) if was_refused(&error) => Ok(()),
            Err(error) => Err(classify(error)),
        }
    }
}

impl Table<Audit> {
    /// Notes where the entry of a message is to be, if nothing else was noted, or only what is known
    /// to be of no use any more.
    async fn mark(&self, wanted: &Mark, useless: Option<&Mark>) -> Result<Marked, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(broken_or(encode_mark(wanted))?.into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let known = useless.unwrap_or(wanted);
        let put = put
            .condition_expression(
                "attribute_not_exists(#key) OR #shard = :shard AND #position = :position",
            )
            .expression_attribute_names("#key", PK)
            .expression_attribute_names("#shard", "shard")
            .expression_attribute_names("#position", "position")
            .expression_attribute_values(":shard", number(known.shard.number()))
            .expression_attribute_values(":position", number(known.position));
        match put.send().await.map_err(put_error) {
            Ok(_) => Ok(Marked::Here),
            Err(PutError::Store(error)) => Err(error),
            Err(PutError::Refused(stored)) => {
                let stored = stored.unwrap_or_default();
                Ok(Marked::Elsewhere(broken_or(decode_mark(stored))?))
            }
        }
    }

    async fn entry_at(&self, shard: Shard, position: u64) -> Result<Option<Entry>, StoreError> {
        let entries = KeepChains::entries(self, shard, position, 1).await?;
        Ok(entries.into_iter().flatten().next())
    }
}

fn broken_or<T>(item: Result<T, ItemError>) -> Result<T, StoreError> {
    item.map_err(|error| broken(&error))
}

fn was_refused(error: &SdkError<UpdateItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
