//! The items a call writes.

use serde_json::Value;

use crate::subject::{Content, Subject};
use crate::work;

/// One item of one table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Item {
    pub(crate) table: String,
    /// Its key attributes with their values, in the order of their names.
    key: String,
}

/// A call that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Write {
    Single(Item),
    /// In the order of the request; none for an item whose key cannot be told.
    Transaction(Vec<Option<Item>>),
}

impl Write {
    /// None for a call that writes nothing, and for a batch, which DynamoDB treats otherwise.
    pub(crate) fn of(subject: &Subject, keys: &[String]) -> Option<Self> {
        let Content::Json(body) = &subject.content else {
            return None;
        };
        if subject.service != "dynamodb" {
            return None;
        }
        match subject.operation.as_str() {
            "PutItem" | "UpdateItem" | "DeleteItem" => item(body, keys).map(Self::Single),
            "TransactWriteItems" => {
                let items = work::actions(body).map(|(_, action)| item(action, keys));
                Some(Self::Transaction(items.collect()))
            }
            _ => None,
        }
    }

    /// Whether this is so of each item, in their order.
    pub(crate) fn marked(&self, is_so: impl Fn(&Item) -> bool) -> Vec<bool> {
        match self {
            Self::Single(item) => vec![is_so(item)],
            Self::Transaction(items) => items
                .iter()
                .map(|item| item.as_ref().is_some_and(&is_so))
                .collect(),
        }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        let items = match self {
            Self::Single(item) => vec![item],
            Self::Transaction(items) => items.iter().flatten().collect(),
        };
        items.into_iter()
    }
}

/// A put has the whole item, everything else its key.
fn item(action: &Value, keys: &[String]) -> Option<Item> {
    let attributes = action.get("Key").or_else(|| action.get("Item"))?;
    let mut parts: Vec<String> = keys
        .iter()
        .filter_map(|name| Some(format!("{name}={}", attributes.get(name)?)))
        .collect();
    parts.sort_unstable();
    if parts.is_empty() {
        return None;
    }
    Some(Item {
        table: work::table_name(action)?.to_owned(),
        key: parts.join("&"),
    })
}
