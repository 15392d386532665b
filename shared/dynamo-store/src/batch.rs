//! Many items by their keys. Reads are eventually consistent, which costs half. A batch answers with
//! a part when DynamoDB is busy, and names what it left out: that is asked for again.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::ports::{Cause, StoreError};

use crate::answer::{broken, classify};
use crate::item::Image;
use crate::table::{CAPACITY, Table};

/// Most keys of one batch.
pub(crate) const BATCH: usize = 100;
/// How often what a batch left out is asked for again.
const MAX_ROUNDS: u32 = 4;
/// First wait before asking again; doubled each time.
const FIRST_PAUSE_MS: u64 = 20;

pub(crate) type KeyMap = HashMap<String, AttributeValue>;

impl<S> Table<S> {
    /// Those of these that exist, in any order.
    pub(crate) async fn all_of(&self, keys: &[KeyMap]) -> Result<Vec<Image>, StoreError> {
        let mut images = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            images.extend(self.batch(keys).await?);
        }
        Ok(images)
    }

    /// As [`Table::all_of`], of at most [`BATCH`].
    pub(crate) async fn batch(&self, keys: &[KeyMap]) -> Result<Vec<Image>, StoreError> {
        self.rounds(keys, false).await
    }

    /// As [`Table::batch`], as they are now, at twice the price.
    pub(crate) async fn batch_now(&self, keys: &[KeyMap]) -> Result<Vec<Image>, StoreError> {
        self.rounds(keys, true).await
    }

    async fn rounds(&self, keys: &[KeyMap], now: bool) -> Result<Vec<Image>, StoreError> {
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
            let (found, unprocessed) = self.part(left, now).await?;
            images.extend(found);
            left = unprocessed;
        }
        if left.is_empty() {
            return Ok(images);
        }
        let cause = Cause(format!("{} items were left out", left.len()));
        Err(StoreError::Unavailable(cause))
    }

    async fn part(
        &self,
        keys: Vec<KeyMap>,
        now: bool,
    ) -> Result<(Vec<Image>, Vec<KeyMap>), StoreError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(now)
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
