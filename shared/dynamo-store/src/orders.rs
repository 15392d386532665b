//! The lists of orders.

use domain::ports::{ListOpenOrders, ListOrders, ListOrdersByDay, OrderPage, StoreError};
use domain::{CustomerId, OrderId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::key::{Key, Shard, customer_key, day_of, parse_placed_key, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{BY_CUSTOMER, BY_DAY, OPEN};
use crate::table::{Orders, Table};

/// Entries of a page when all are wanted.
const WHOLE_PAGE: i32 = 1_000;

impl ListOrders for Table<Orders> {
    /// A cursor of another customer, or one that is not ours, finds nothing.
    async fn of_customer(
        &self,
        (tenant, customer): (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> Result<OrderPage, StoreError> {
        let partition = customer_key(tenant, customer);
        let after = match after.map(|cursor| read_cursor(cursor, &partition)) {
            Some(None) => return Ok(empty_page()),
            Some(entry) => entry,
            None => None,
        };
        let query = Query {
            index: BY_CUSTOMER,
            partition,
            part: Part::Whole,
            newest_first: true,
            limit: i32::from(limit.max(1)),
            after,
        };
        let page = self.page(&query).await?;
        let last = page.entries.last().filter(|_| page.more);
        let next = last.map(|entry| write_cursor(&entry.sort, &query.partition));
        let ids: Result<_, _> = page.entries.iter().map(Entry::order_id).collect();
        Ok(OrderPage { ids: ids?, next })
    }
}

fn empty_page() -> OrderPage {
    OrderPage {
        ids: Vec::new(),
        next: None,
    }
}

/// `<place in the list>.<seal of place and customer>`, so that a cursor works for its customer
/// only. Not a secret: the list itself is the customer's in any case.
fn write_cursor(place: &str, partition: &str) -> String {
    format!("{}.{}", hex::encode(place), seal(place, partition))
}

fn read_cursor(cursor: &str, partition: &str) -> Option<Entry> {
    let (place, sealed) = cursor.split_once('.')?;
    let place = String::from_utf8(hex::decode(place).ok()?).ok()?;
    let (_, id) = parse_placed_key(&place).ok()?;
    (seal(&place, partition) == sealed).then(|| Entry {
        pk: Key::Order(id).pk(),
        sort: place,
    })
}

fn seal(place: &str, partition: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(partition);
    hash.update([0]);
    hash.update(place);
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl ListOpenOrders for Table<Orders> {
    async fn overdue(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        self.due((OPEN, Shard::open), before, limit).await
    }
}

impl ListOrdersByDay for Table<Orders> {
    async fn placed_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        let mut ids = Vec::new();
        let mut day = day_of(from);
        while from < until && day <= day_of(until) {
            ids.extend(self.placed_on(day, from, until).await?);
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        Ok(ids)
    }
}

impl Table<Orders> {
    async fn placed_on(
        &self,
        day: Date,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        let mut found: Vec<Entry> = Vec::new();
        for shard in Shard::ALL {
            let query = Query {
                index: BY_DAY,
                partition: shard.day(day),
                // A key is longer than its time, so one at `until` itself sorts after it.
                part: Part::Between(time_key(from), time_key(until)),
                newest_first: false,
                limit: WHOLE_PAGE,
                after: None,
            };
            found.extend(self.entries(query, usize::MAX).await?);
        }
        found.sort_by(|one, other| one.sort.cmp(&other.sort));
        found.iter().map(Entry::order_id).collect()
    }
}
