//! The chains of the audit log: an entry and the mark of its message go in together, and neither is
//! ever replaced.

use std::collections::HashMap;

use audit::{AppendError, Entry, KeepChains, Shard};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::ports::{Cause, StoreError};

use crate::answer::{broken, classify};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::item::audit::{PERSONAL, decode, encode, encode_message};
use crate::item::{Image, ItemError};
use crate::key::Key;
use crate::schema::PK;
use crate::table::{Audit, CAPACITY, Table, text};

impl KeepChains for Table<Audit> {
    type Error = StoreError;

    /// After an answer that was lost, the same call finds the message recorded.
    async fn append(&self, entry: &Entry) -> Result<(), AppendError<StoreError>> {
        let put = |image: Result<Image, ItemError>| {
            image
                .map_err(|error| broken(&error))
                .and_then(|image| self.put_only(image))
        };
        let writes = vec![put(encode(entry))?, put(encode_message(entry))?];
        let token = &entry.record.message;
        for tried in 1..=MAX_TRIES {
            let sent = self
                .client
                .transact_write_items()
                .return_consumed_capacity(CAPACITY)
                .set_transact_items(Some(writes.clone()))
                .send()
                .await;
            let Err(error) = sent else {
                return Ok(());
            };
            match refusal(error) {
                None if tried < MAX_TRIES => step_aside(token, tried).await,
                None => break,
                Some(refusal) => return Err(refusal),
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
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
    fn put_only(&self, image: Image) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(image.into()))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", PK)
            .build()
            .map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn was_refused(error: &SdkError<UpdateItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

/// Why an entry was not appended; nothing when it met another transaction. The first write is the
/// entry's, the second its message's.
fn refusal(error: SdkError<TransactWriteItemsError>) -> Option<AppendError<StoreError>> {
    let reasons = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => return Some(classify(error).into()),
    };
    if reasons.get(1).is_some_and(failed_condition) {
        return Some(AppendError::Recorded);
    }
    if reasons.first().is_some_and(failed_condition) {
        return Some(AppendError::Taken);
    }
    if reasons.iter().any(passes) {
        return None;
    }
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
    Some(StoreError::Broken(Cause(format!("cancelled: {codes:?}"))).into())
}
