//! The figures of shops. What was counted of an order and the figures that change by it are written in
//! one transaction, so that nothing is counted twice or not at all. The figures of a period lie in
//! several parts, of which a write takes any: writes at the same time seldom meet.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use domain::ports::{Cause, CountOrders, KeepNewest, ReadFigures, SaveError, StoreError};
use domain::{CountedOrder, Figure, NewestCourses, OrderId, Period, Tally, TenantId};
use sha2::{Digest, Sha256};

use crate::answer::{broken, classify};
use crate::batch::KeyMap;
use crate::contention::{MAX_TRIES, failed_condition, passes, step_aside};
use crate::item::figures::{
    FIGURES, attribute, decode_counted, decode_figures, decode_newest, encode_counted,
    encode_newest, expires,
};
use crate::item::{Image, ItemError};
use crate::key::Key;
use crate::schema::{ENTITY, EXPIRES, PK, VERSION};
use crate::table::{CAPACITY, Operations, PutError, Table, number, text};

/// Parts of the figures of a period. One item takes 1,000 writes a second, and transactions that
/// meet at one refuse each other long before.
const PARTS: u8 = 8;

impl CountOrders for Table<Operations> {
    async fn counted(&self, order: OrderId) -> Result<CountedOrder, StoreError> {
        decoded(self.get(&Key::Counted(order)).await?, decode_counted)
    }

    async fn save_counted(
        &self,
        shop: &TenantId,
        order: OrderId,
        counted: CountedOrder,
        tallies: &[Tally],
    ) -> Result<(), SaveError<CountedOrder>> {
        let image = encode_counted(order, &counted).map_err(|error| broken(&error))?;
        if tallies.is_empty() {
            let put = self.put(image, counted.version).await;
            return put.map_err(|error| refused(error, decode_counted));
        }
        let token = format!("{order} {}", counted.version);
        for tried in 1..=MAX_TRIES {
            let mut writes = vec![self.put_counted(image.clone(), counted.version)?];
            let part = part_of(&token, tried);
            writes.extend(self.tallied(shop, part, tallies)?);
            let transaction = self.client.transact_write_items();
            let transaction = transaction
                .return_consumed_capacity(CAPACITY)
                .set_transact_items(Some(writes));
            let Err(error) = transaction.send().await else {
                return Ok(());
            };
            if !met(error)? {
                break;
            }
            if tried < MAX_TRIES {
                step_aside(&token, tried).await;
            }
        }
        let cause = Cause(format!("met other transactions {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause).into())
    }
}

impl ReadFigures for Table<Operations> {
    async fn figures(&self, shop: &TenantId, periods: &[Period]) -> Result<Vec<Tally>, StoreError> {
        let part = |period: Period| {
            (0..PARTS).map(move |part| Key::Figures(shop.clone(), period, part).pk())
        };
        let keys = periods.iter().flat_map(|period| part(*period));
        let keys: Vec<_> = keys
            .map(|pk| KeyMap::from([(PK.to_owned(), text(pk))]))
            .collect();
        let mut sums: HashMap<(Period, Figure), i64> = HashMap::new();
        for image in self.all_of(&keys).await? {
            for tally in decode_figures(image).map_err(|error| broken(&error))? {
                let sum = sums.entry((tally.period, tally.figure)).or_default();
                *sum = sum.saturating_add(tally.by);
            }
        }
        let tally = |((period, figure), by)| Tally { period, figure, by };
        Ok(sums.into_iter().map(tally).collect())
    }
}

impl KeepNewest for Table<Operations> {
    async fn newest(&self, shop: &TenantId) -> Result<NewestCourses, StoreError> {
        decoded(self.get(&Key::Newest(shop.clone())).await?, decode_newest)
    }

    async fn save_newest(
        &self,
        shop: &TenantId,
        newest: NewestCourses,
    ) -> Result<(), SaveError<NewestCourses>> {
        let image = encode_newest(shop, &newest).map_err(|error| broken(&error))?;
        let put = self.put(image, newest.version).await;
        put.map_err(|error| refused(error, decode_newest))
    }
}

impl Table<Operations> {
    fn put_counted(&self, image: Image, version: u64) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(image.into()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match version {
            0 => put
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", PK),
            version => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", number(version)),
        };
        let put = put.build().map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// One change for each period.
    fn tallied(
        &self,
        shop: &TenantId,
        part: u8,
        tallies: &[Tally],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut periods: Vec<Period> = tallies.iter().map(|tally| tally.period).collect();
        periods.sort_unstable();
        periods.dedup();
        let change = |period: Period| {
            let of = tallies.iter().filter(|tally| tally.period == period);
            self.tally(&Key::Figures(shop.clone(), period, part), period, of)
        };
        periods.into_iter().map(change).collect()
    }

    fn tally<'t>(
        &self,
        key: &Key,
        period: Period,
        tallies: impl Iterator<Item = &'t Tally>,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update = Update::builder()
            .table_name(&self.name)
            .key(PK, text(key.pk()))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(FIGURES));
        let mut set = "SET #entity = :entity".to_owned();
        if let Some(expires) = expires(period).map_err(|error| broken(&error))? {
            set.push_str(", #expires = :expires");
            update = update
                .expression_attribute_names("#expires", EXPIRES)
                .expression_attribute_values(":expires", number(expires));
        }
        let mut adds = Vec::new();
        for (place, tally) in tallies.enumerate() {
            adds.push(format!("#f{place} :f{place}"));
            update = update
                .expression_attribute_names(format!("#f{place}"), attribute(tally.figure))
                .expression_attribute_values(format!(":f{place}"), number(tally.by));
        }
        let update = update.update_expression(format!("{set} ADD {}", adds.join(", ")));
        let update = update.build().map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// Any part will do; another one at each try, so that those who met do not meet again.
fn part_of(token: &str, tried: u32) -> u8 {
    let digest = Sha256::digest(format!("{token} {tried}"));
    digest.first().map_or(0, |byte| byte % PARTS)
}

/// Whether it met another transaction and nothing happened.
fn met(error: SdkError<TransactWriteItemsError>) -> Result<bool, SaveError<CountedOrder>> {
    let cancelled = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => return Ok(true),
        _ => return Err(classify(error).into()),
    };
    let reasons = cancelled.cancellation_reasons();
    match reasons.first().filter(|reason| failed_condition(reason)) {
        Some(reason) => {
            let stored = reason.item.clone().map(Image::from);
            let stored = stored.map(|image| decoded(Some(image), decode_counted));
            Err(SaveError::Conflict(stored.transpose()?.map(Box::new)))
        }
        None if reasons.iter().any(passes) => Ok(true),
        None => {
            let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
            Err(StoreError::Broken(Cause(format!("cancelled: {codes:?}"))).into())
        }
    }
}

type Decode<T> = fn(Image) -> Result<T, ItemError>;

fn decoded<T: Default>(image: Option<Image>, decode: Decode<T>) -> Result<T, StoreError> {
    let known = image.map(decode).transpose();
    Ok(known.map_err(|error| broken(&error))?.unwrap_or_default())
}

fn refused<T: Default + std::fmt::Debug>(error: PutError, decode: Decode<T>) -> SaveError<T> {
    match error {
        PutError::Refused(None) => SaveError::Conflict(None),
        PutError::Refused(stored) => match decoded(stored, decode) {
            Ok(stored) => SaveError::Conflict(Some(Box::new(stored))),
            Err(error) => error.into(),
        },
        PutError::Store(error) => error.into(),
    }
}
