//! Lists of notifications. Numbers have no gaps, so a page is a batch of keys that are known: no
//! index, and nothing that lags behind. A notification, the end of its list and the mark that its
//! event was told change in one transaction.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};
use domain::ports::{
    Cause, ForgetNotifications, KeepChoices, KeepError, KeepNotifications, MarkRead,
    ReadNotifications, Reader, StoreError,
};
use domain::{Channel, Choices, Notification, NotificationKind, NotificationList, Reach};

use crate::answer::{broken, classify};
use crate::batch::{BATCH, KeyMap};
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::item::notification::{LIST, decode, decode_list, decode_mark, encode};
use crate::item::realtime::DELIVERY;
use crate::key::Key;
use crate::schema::{ENTITY, EXPIRES, PK};
use crate::table::{CAPACITY, Realtime, Table, number, refusal, text};

/// How often an update is sent that keeps meeting transactions; the SDK does not repeat it.
const MAX_UPDATES: u32 = 5;

/// Who was overtaken waits as after so many tries: up to 200 ms.
const AFTER_MOVED: u32 = 3;

/// What the newest version of an account says.
const HEARD: &str = "SET #entity = :entity, takes_mail = :takes, heard = :version";

/// The list is open.
const OPEN: &str = "attribute_not_exists(closed)";

fn list_key((tenant, customer): Reader<'_>) -> Key {
    Key::Notifications(tenant.clone(), customer.clone())
}

fn place((tenant, customer): Reader<'_>, number: u64) -> KeyMap {
    let key = Key::Notification(tenant.clone(), customer.clone(), number);
    KeyMap::from([(PK.to_owned(), text(key.pk()))])
}

impl ReadNotifications for Table<Realtime> {
    async fn list_of(&self, reader: Reader<'_>) -> Result<NotificationList, StoreError> {
        let image = self.get(&list_key(reader)).await?;
        let list = image.map(decode_list).transpose();
        Ok(list.map_err(|error| broken(&error))?.unwrap_or_default())
    }

    async fn notifications(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let numbers = (from..).take(count.min(BATCH));
        let keys: Vec<KeyMap> = numbers.map(|number| place(reader, number)).collect();
        let images = self.batch_now(&keys).await?.into_iter();
        let found: Result<Vec<_>, _> = images.map(decode).collect();
        let mut found = found.map_err(|error| broken(&error))?;
        found.sort_by_key(|it| it.number);
        Ok(found)
    }
}

impl KeepNotifications for Table<Realtime> {
    async fn keep(
        &self,
        reader: Reader<'_>,
        notification: Notification,
    ) -> Result<Notification, KeepError> {
        let image = encode(reader, &notification).map_err(|error| broken(&error))?;
        let writes = vec![
            self.mark_told(&notification)?,
            self.advance(reader, notification.number)?,
            self.writing(image, 0)?,
        ];
        for tried in 1..=MAX_TRIES {
            let Err(error) = self.transact(writes.clone()).await else {
                return Ok(notification);
            };
            match outcome(error)? {
                Outcome::Told(number) => return self.told(reader, notification, number).await,
                Outcome::Moved => {
                    // Whoever decides anew at once meets those who were faster again.
                    let token = format!("{} {}", notification.notice.id, notification.number);
                    step_aside(&token, AFTER_MOVED).await;
                    return Err(KeepError::Moved);
                }
                Outcome::Met if tried < MAX_TRIES => {
                    step_aside(&notification.notice.id, tried).await;
                }
                Outcome::Met => break,
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }

    async fn note_reach(
        &self,
        reader: Reader<'_>,
        reach: &Reach,
        version: u32,
    ) -> Result<(), StoreError> {
        let noted = self.update(&list_key(reader), LIST);
        let noted = match &reach.texts_to {
            None => noted.update_expression(format!("{HEARD} REMOVE texts_to")),
            Some(phone) => noted
                .update_expression(format!("{HEARD}, texts_to = :phone"))
                .expression_attribute_values(":phone", text(phone)),
        };
        let noted = noted
            .condition_expression(format!(
                "(attribute_not_exists(heard) OR heard < :version) AND {OPEN}"
            ))
            .expression_attribute_values(":takes", AttributeValue::Bool(reach.takes_mail))
            .expression_attribute_values(":version", number(version));
        unless_refused(noted).await
    }
}

impl MarkRead for Table<Realtime> {
    async fn mark_read(&self, reader: Reader<'_>, numbers: &[u64]) -> Result<Vec<u64>, StoreError> {
        let mut missing = Vec::new();
        for it in numbers {
            let mark = self
                .client
                .update_item()
                .table_name(&self.name)
                .return_consumed_capacity(CAPACITY)
                .set_key(Some(place(reader, *it)))
                .update_expression("SET #read = :read")
                .condition_expression("attribute_exists(#key)")
                .expression_attribute_names("#read", "read")
                .expression_attribute_names("#key", PK)
                .expression_attribute_values(":read", AttributeValue::Bool(true));
            if !is_made(mark).await? {
                missing.push(*it);
            }
        }
        Ok(missing)
    }

    async fn mark_read_up_to(&self, reader: Reader<'_>, up_to: u64) -> Result<(), StoreError> {
        let marked = self
            .update(&list_key(reader), LIST)
            .update_expression("SET #entity = :entity, read_up_to = :up_to")
            .condition_expression(format!(
                "#last >= :up_to AND (attribute_not_exists(read_up_to) OR read_up_to < :up_to) \
                 AND {OPEN}"
            ))
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":up_to", number(up_to));
        unless_refused(marked).await
    }
}

impl KeepChoices for Table<Realtime> {
    async fn choose(
        &self,
        reader: Reader<'_>,
        channel: Channel,
        choices: &Choices,
    ) -> Result<(), StoreError> {
        self.switch(reader, channel, &choices.on, true).await?;
        self.switch(reader, channel, &choices.off, false).await
    }

    async fn switch_off(
        &self,
        reader: Reader<'_>,
        kind: NotificationKind,
    ) -> Result<(), StoreError> {
        let kinds = BTreeSet::from([kind]);
        self.switch(reader, Channel::Email, &kinds, false).await
    }
}

impl ForgetNotifications for Table<Realtime> {
    /// The oldest first: who is interrupted leaves the newest, where the next run begins to look.
    async fn forget_notifications(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        self.close(reader).await?;
        for number in self.left(reader).await? {
            self.delete(place(reader, number)).await?;
        }
        Ok(())
    }
}

impl Table<Realtime> {
    /// Nobody is told twice of one event: where it was tried to be mailed, too.
    fn mark_told(&self, notification: &Notification) -> Result<TransactWriteItem, StoreError> {
        let key = Key::Mail(notification.notice.id.clone());
        let mut set = "SET #entity = :entity, #number = :number".to_owned();
        let mut update = self
            .updating(&key, DELIVERY)
            .condition_expression("attribute_not_exists(#number)")
            .expression_attribute_names("#number", "number")
            .expression_attribute_values(":number", number(notification.number))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some(until) = notification.known_until() {
            set.push_str(", #expires = :expires");
            update = update
                .expression_attribute_names("#expires", EXPIRES)
                .expression_attribute_values(":expires", number(until.as_second()));
        }
        let update = update
            .update_expression(set)
            .build()
            .map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Moves the end of the list to a number, from the one before it.
    fn advance(&self, reader: Reader<'_>, to: u64) -> Result<TransactWriteItem, StoreError> {
        let update = self
            .updating(&list_key(reader), LIST)
            .update_expression("SET #entity = :entity, #last = :to")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":to", number(to));
        let update = match to {
            ..=1 => update.condition_expression(format!("attribute_not_exists(#last) AND {OPEN}")),
            _ => update
                .condition_expression(format!("#last = :before AND {OPEN}"))
                .expression_attribute_values(":before", number(to - 1)),
        };
        let update = update.build().map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn updating(
        &self,
        key: &Key,
        entity: &str,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .key(PK, text(key.pk()))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(entity))
    }

    async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<(), SdkError<TransactWriteItemsError>> {
        self.client
            .transact_write_items()
            .return_consumed_capacity(CAPACITY)
            .set_transact_items(Some(writes))
            .send()
            .await
            .map(|_| ())
    }

    /// What was kept of the event when it was first told.
    async fn told(
        &self,
        reader: Reader<'_>,
        again: Notification,
        number: u64,
    ) -> Result<Notification, KeepError> {
        let (tenant, customer) = reader;
        let key = Key::Notification(tenant.clone(), customer.clone(), number);
        let first = self.get(&key).await?.map(decode).transpose();
        let first = first.map_err(|error| broken(&error))?;
        Ok(first.unwrap_or(Notification { number, ..again }))
    }

    /// Switches some kinds on, or off, for a channel, and leaves all others.
    async fn switch(
        &self,
        reader: Reader<'_>,
        channel: Channel,
        kinds: &BTreeSet<NotificationKind>,
        wanted: bool,
    ) -> Result<(), StoreError> {
        // There are no empty sets.
        if kinds.is_empty() {
            return Ok(());
        }
        let (on, off) = match channel {
            Channel::Email => ("mail_on", "mail_off"),
            Channel::Sms => ("sms_on", "sms_off"),
        };
        let (into, out_of) = if wanted { (on, off) } else { (off, on) };
        let change = format!("SET #entity = :entity ADD {into} :kinds DELETE {out_of} :kinds");
        let switched = self
            .update(&list_key(reader), LIST)
            .update_expression(change)
            .condition_expression(OPEN)
            .expression_attribute_values(":kinds", names(kinds));
        unless_refused(switched).await
    }

    /// The numbers of what is left of a list, in order. What expired is gone from the oldest on, give
    /// or take a few days: where a whole batch is empty, nothing is in front of it that will not be
    /// gone soon.
    async fn left(&self, reader: Reader<'_>) -> Result<BTreeSet<u64>, StoreError> {
        let (mut left, mut end) = (BTreeSet::new(), self.list_of(reader).await?.last);
        while end > 0 {
            let from = end.saturating_sub(BATCH as u64 - 1).max(1);
            let found = self.notifications(reader, from, BATCH).await?;
            end = match found.is_empty() {
                true => 0,
                false => from - 1,
            };
            left.extend(found.iter().map(|it| it.number));
        }
        Ok(left)
    }

    async fn close(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        let closed = self
            .update(&list_key(reader), LIST)
            .update_expression(
                "SET #entity = :entity, closed = :closed \
                 REMOVE read_up_to, mail_on, mail_off, sms_on, sms_off, takes_mail, texts_to, heard",
            )
            .expression_attribute_values(":closed", AttributeValue::Bool(true));
        unless_refused(closed).await
    }

    async fn delete(&self, key: KeyMap) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_key(Some(key))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}

/// What a cancelled transaction means.
enum Outcome {
    /// The event is in the list, under this number.
    Told(u64),
    /// The list is another.
    Moved,
    /// It met another transaction.
    Met,
}

fn outcome(error: SdkError<TransactWriteItemsError>) -> Result<Outcome, StoreError> {
    let cancelled = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            return Ok(Outcome::Met);
        }
        _ => return Err(classify(error)),
    };
    let reasons = cancelled.cancellation_reasons();
    match reasons {
        [mark, ..] if failed_condition(mark) => {
            let image = mark.item.clone().unwrap_or_default();
            let number = decode_mark(image.into()).map_err(|error| broken(&error))?;
            Ok(Outcome::Told(number))
        }
        // A conflict says nothing of the conditions.
        _ if reasons.iter().any(passes) => Ok(Outcome::Met),
        [_, list, _] if failed_condition(list) => Ok(Outcome::Moved),
        _ => {
            let codes: Vec<_> = reasons.iter().map(CancellationReason::code).collect();
            Err(StoreError::Broken(Cause(format!("cancelled: {codes:?}"))))
        }
    }
}

/// Makes an update; one that was refused changes nothing, as it should.
async fn unless_refused(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    is_made(update).await.map(drop)
}

/// Whether an update was made; otherwise it was refused. One that met a transaction, such as another
/// notification that came in, is sent again.
async fn is_made(update: UpdateItemFluentBuilder) -> Result<bool, StoreError> {
    let key = format!("{:?}", update.get_key());
    let mut tried = 1;
    loop {
        match update.clone().send().await {
            Ok(_) => return Ok(true),
            Err(error) if tried < MAX_UPDATES && met(&error) => step_aside(&key, tried).await,
            Err(error) => return refusal(error).map(|_| false),
        }
        tried += 1;
    }
}

/// Whether a transaction was at the same item.
fn met(error: &SdkError<UpdateItemError>) -> bool {
    let error = error.as_service_error();
    error.is_some_and(UpdateItemError::is_transaction_conflict_exception)
}

fn names(kinds: &BTreeSet<NotificationKind>) -> AttributeValue {
    let names = kinds.iter().map(|kind| kind.name().to_owned());
    AttributeValue::Ss(names.collect())
}
