//! What is due, from an index that is spread over shards.

use domain::OrderId;
use domain::ports::{ListClosing, StoreError};
use jiff::Timestamp;

use crate::key::{Shard, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{CLOSING, Index};
use crate::table::{Payments, Shipping, Table};

impl<S> Table<S> {
    /// Up to `limit` orders whose sort key is before this time, earliest first.
    pub(crate) async fn due(
        &self,
        (index, partition): (Index, fn(Shard) -> String),
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<OrderId>, StoreError> {
        let mut found: Vec<Entry> = Vec::new();
        for shard in Shard::ALL {
            let query = Query {
                index,
                partition: partition(shard),
                part: Part::Before(time_key(before)),
                newest_first: false,
                limit: i32::from(limit).max(1),
                after: None,
            };
            found.extend(self.entries(query, limit.into()).await?);
        }
        found.sort_by(|one, other| one.sort.cmp(&other.sort));
        found.truncate(limit.into());
        found.iter().map(Entry::order_id).collect()
    }
}

impl ListClosing for Table<Payments> {
    async fn closing_due(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        self.due((CLOSING, Shard::closing), before, limit).await
    }
}

impl ListClosing for Table<Shipping> {
    async fn closing_due(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        self.due((CLOSING, Shard::closing), before, limit).await
    }
}
