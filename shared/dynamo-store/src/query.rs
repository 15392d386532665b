//! One query of an index, page by page. Indexes project keys only: what comes back is which
//! orders, in the order of the sort key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::OrderId;
use domain::ports::StoreError;
use serde::Deserialize;

use crate::answer::{broken, classify};
use crate::item::{Image, ItemError, order_of, read};
use crate::schema::{Index, PK};
use crate::table::{CAPACITY, Table, text};

/// Which part of a partition.
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// What sorts before this text.
    Before(String),
    /// What sorts at or after the first text and before the second.
    Between(String, String),
}

/// A query of an index.
pub(crate) struct Query {
    pub(crate) index: Index,
    pub(crate) partition: String,
    pub(crate) part: Part,
    pub(crate) newest_first: bool,
    /// Most entries of a page.
    pub(crate) limit: i32,
    /// Start after this entry.
    pub(crate) after: Option<Entry>,
}

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) pk: String,
    pub(crate) sort: String,
}

impl Entry {
    pub(crate) fn order_id(&self) -> Result<OrderId, StoreError> {
        order_of(&self.pk).map_err(|error| broken(&error))
    }
}

/// A page of entries.
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// Whether there may be more.
    pub(crate) more: bool,
}

impl<S> Table<S> {
    /// One page.
    pub(crate) async fn page(&self, query: &Query) -> Result<Page, StoreError> {
        let index = query.index;
        let (condition, bounds) = condition(&query.part);
        let mut ask = self
            .client
            .query()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .index_name(index.name)
            .key_condition_expression(condition)
            .expression_attribute_names("#partition", index.partition)
            .expression_attribute_values(":partition", text(&query.partition))
            .scan_index_forward(!query.newest_first)
            .limit(query.limit)
            .set_exclusive_start_key(query.after.as_ref().map(|entry| start(query, entry)));
        if !bounds.is_empty() {
            ask = ask.expression_attribute_names("#sort", index.sort);
        }
        for (name, bound) in bounds {
            ask = ask.expression_attribute_values(name, text(bound));
        }
        let answer = ask.send().await.map_err(classify)?;
        let more = answer.last_evaluated_key.is_some();
        let images = answer.items.unwrap_or_default().into_iter();
        let entries: Result<_, ItemError> = images
            .map(|image| entry(Image::from(image), index))
            .collect();
        let entries = entries.map_err(|error| broken(&error))?;
        Ok(Page { entries, more })
    }

    /// Up to `limit` entries, over as many pages as it takes.
    pub(crate) async fn entries(
        &self,
        mut query: Query,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found: Vec<Entry> = Vec::new();
        loop {
            let page = self.page(&query).await?;
            found.extend(page.entries);
            if !page.more || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
            query.after = found.last().cloned();
        }
    }
}

fn condition(part: &Part) -> (&'static str, Vec<(&'static str, &str)>) {
    match part {
        Part::Whole => ("#partition = :partition", vec![]),
        Part::Before(end) => (
            "#partition = :partition AND #sort < :end",
            vec![(":end", end)],
        ),
        Part::Between(start, last) => (
            "#partition = :partition AND #sort BETWEEN :start AND :last",
            vec![(":start", start), (":last", last)],
        ),
    }
}

/// An index is continued after an entry by all its keys.
fn start(query: &Query, entry: &Entry) -> HashMap<String, AttributeValue> {
    let index = query.index;
    HashMap::from([
        (PK.to_owned(), text(&entry.pk)),
        (index.partition.to_owned(), text(&query.partition)),
        (index.sort.to_owned(), text(&entry.sort)),
    ])
}

fn entry(image: Image, index: Index) -> Result<Entry, ItemError> {
    let keys: HashMap<String, KeyText> = read(image)?;
    let key = |name: &'static str| {
        let found = keys.get(name).map(|KeyText(text)| text.clone());
        found.ok_or_else(|| ItemError::of(name)("it is missing in the index"))
    };
    Ok(Entry {
        pk: key(PK)?,
        sort: key(index.sort)?,
    })
}

#[derive(Deserialize)]
struct KeyText(String);
