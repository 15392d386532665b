//! The lists of orders, and how far the sweeper has gone through them.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::ports::{
    KeepSweepMark, ListOpenOrders, ListOrders, ListOrdersByDay, ListPlaced, OpenOrder, OrderPage,
    ReadOrders, StoreError, SweepMark,
};
use domain::{CustomerId, Order, OrderId, TenantId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::answer::{broken, classify};
use crate::batch::{BATCH, KeyMap};
use crate::item::parts::Nanos;
use crate::item::{Stored, read, write};
use crate::key::{Key, Shard, customer_key, day_of, parse_placed_key, time_key};
use crate::query::{Entry, Part, Query};
use crate::schema::{BY_CUSTOMER, BY_DAY, LOOKED_AFTER, PK};
use crate::table::{CAPACITY, Orders, Table, number, text};

/// Entries of a page when all are wanted.
const WHOLE_PAGE: i32 = 1_000;

impl ListOrders for Table<Orders> {
    async fn of_customer(
        &self,
        (tenant, customer): (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> Result<OrderPage, StoreError> {
        let partition = customer_key(tenant, customer);
        let after = after.map(entry_at).transpose()?;
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
        let next = last.map(|entry| entry.sort.clone());
        let ids: Result<_, _> = page.entries.iter().map(Entry::order_id).collect();
        Ok(OrderPage { ids: ids?, next })
    }
}

/// A place in a customer's list is the sort key of an order.
fn entry_at(place: &str) -> Result<Entry, StoreError> {
    let (_, id) = parse_placed_key(place).map_err(|error| broken(&error))?;
    Ok(Entry {
        pk: Key::Order(id).pk(),
        sort: place.to_owned(),
    })
}

impl ListOpenOrders for Table<Orders> {
    async fn overdue(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        self.due((LOOKED_AFTER, Shard::look), before, limit).await
    }

    /// An item that cannot be read has not ended for all we know: who acts on it reads it again.
    async fn unended(&self, ids: &[OrderId]) -> Result<Vec<OpenOrder>, StoreError> {
        // A batch that names one twice is refused.
        let mut named = HashSet::new();
        let ids: Vec<OrderId> = ids.iter().copied().filter(|id| named.insert(*id)).collect();
        let mut open = Vec::new();
        for ids in ids.chunks(BATCH) {
            let key = |id: &OrderId| KeyMap::from([(PK.to_owned(), text(Key::Order(*id).pk()))]);
            let keys: Vec<KeyMap> = ids.iter().map(key).collect();
            let stored = self.batch(&keys).await?.into_iter();
            let orders = stored.filter_map(|image| Order::decode(image).ok());
            let known: HashMap<OrderId, Order> =
                orders.map(|order| (order.facts.id, order)).collect();
            let unended = |id: &OrderId| {
                let order = known.get(id);
                let ended = order.is_some_and(|order| order.is_at_rest());
                (!ended).then(|| OpenOrder {
                    id: *id,
                    next_look: order.and_then(|order| order.next_look),
                })
            };
            open.extend(ids.iter().filter_map(unended));
        }
        Ok(open)
    }
}

#[derive(Deserialize, Serialize)]
struct MarkItem {
    pk: String,
    entity: String,
    until: Nanos,
    left: Vec<String>,
}

impl KeepSweepMark for Table<Orders> {
    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError> {
        let Some(image) = self.get(&Key::Sweep).await? else {
            return Ok(None);
        };
        let item: MarkItem = read(image).map_err(|error| broken(&error))?;
        let left = item.left.iter().map(|id| OrderId::parse(id));
        Ok(Some(SweepMark {
            until: item.until.0,
            left: left
                .collect::<Result<_, _>>()
                .map_err(|error| broken(&error))?,
        }))
    }

    async fn note_swept(&self, mark: &SweepMark, now: Timestamp) -> Result<(), StoreError> {
        let item = MarkItem {
            pk: Key::Sweep.pk(),
            entity: "sweep".to_owned(),
            until: Nanos(mark.until),
            left: mark.left.iter().map(ToString::to_string).collect(),
        };
        let image = write(item).map_err(|error| broken(&error))?;
        let ahead = now.checked_add(SweepMark::AHEAD).unwrap_or(Timestamp::MAX);
        let noted = self
            .client
            .put_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .set_item(Some(image.into()))
            .condition_expression(
                "attribute_not_exists(#until) OR #until <= :until OR #until > :ahead",
            )
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":until", number(mark.until.as_nanosecond()))
            .expression_attribute_values(":ahead", number(ahead.as_nanosecond()))
            .send()
            .await;
        match noted {
            Ok(_) => Ok(()),
            // Another sweep has come further.
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(classify(error)),
        }
    }
}

fn is_refused(error: &SdkError<PutItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(PutItemError::is_conditional_check_failed_exception)
}

impl ReadOrders for Table<Orders> {
    async fn orders(&self, ids: &[OrderId]) -> Result<Vec<Order>, StoreError> {
        // A batch that names one twice is refused.
        let mut named = HashSet::new();
        let once = ids.iter().filter(|id| named.insert(**id));
        let key = |id: &OrderId| KeyMap::from([(PK.to_owned(), text(Key::Order(*id).pk()))]);
        let keys: Vec<KeyMap> = once.map(key).collect();
        let images = self.all_of(&keys).await?.into_iter();
        let orders: Result<Vec<Order>, _> = images.map(Order::decode).collect();
        let orders = orders.map_err(|error| broken(&error))?;
        let mut known: HashMap<OrderId, Order> =
            orders.into_iter().map(|it| (it.facts.id, it)).collect();
        Ok(ids.iter().filter_map(|id| known.remove(id)).collect())
    }
}

impl ListPlaced for Table<Orders> {
    /// Day by day from the newest: a query per shard and day, until the page is full.
    async fn placed_page(
        &self,
        (from, until): (Timestamp, Timestamp),
        after: Option<&str>,
        limit: u8,
    ) -> Result<OrderPage, StoreError> {
        let (mut end, mut day) = (time_key(until), day_of(until));
        if let Some(place) = after {
            let (at, _) = parse_placed_key(place).map_err(|error| broken(&error))?;
            (end, day) = (place.to_owned(), day_of(at));
        }
        // A range that goes on with the clock has left the page before it behind.
        if end < time_key(from) {
            return Ok(OrderPage::default());
        }
        let full = usize::from(limit.max(1));
        let mut found: Vec<Entry> = Vec::new();
        while found.len() <= full && day >= day_of(from) {
            let mut of_day = self.placed_before(day, (from, &end), full).await?;
            of_day.retain(|entry| after != Some(&entry.sort));
            found.extend(of_day);
            match day.yesterday() {
                Ok(before) => day = before,
                Err(_) => break,
            }
        }
        let more = found.len() > full;
        found.truncate(full);
        let next = found.last().filter(|_| more).map(|it| it.sort.clone());
        let ids: Result<_, _> = found.iter().map(Entry::order_id).collect();
        Ok(OrderPage { ids: ids?, next })
    }
}

impl Table<Orders> {
    /// The newest of a day, two more than a page has: one may be the last of the page before.
    async fn placed_before(
        &self,
        day: Date,
        (from, end): (Timestamp, &str),
        page: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let most = page.saturating_add(2);
        let mut found: Vec<Entry> = Vec::new();
        for shard in Shard::ALL {
            let query = Query {
                index: BY_DAY,
                partition: shard.day(day),
                part: Part::Between(time_key(from), end.to_owned()),
                newest_first: true,
                limit: i32::try_from(most).unwrap_or(i32::MAX),
                after: None,
            };
            found.extend(self.entries(query, most).await?);
        }
        found.sort_by(|one, other| other.sort.cmp(&one.sort));
        Ok(found)
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
