//! Items as they are stored: one serde struct per kind, for writing and for reading. Short
//! names, because every started kilobyte of an item costs another write unit.
//!
//! Times are numbers, nanoseconds since 1970: what is read back is exactly what was written,
//! and DynamoDB does not store trailing zeros.

pub(crate) mod account;
pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod breaker;
pub(crate) mod claim;
pub(crate) mod copy;
pub(crate) mod course;
pub(crate) mod event;
pub(crate) mod figures;
pub(crate) mod group;
pub(crate) mod inbox;
pub(crate) mod job;
mod lease;
pub(crate) mod limit;
pub(crate) mod movement;
pub(crate) mod news;
pub(crate) mod note;
pub(crate) mod notification;
mod order;
pub(crate) mod parts;
mod payment;
mod phone;
pub(crate) mod product;
pub(crate) mod realtime;
mod refund;
pub(crate) mod refusal;
pub(crate) mod sending;
pub(crate) mod session;
mod shipment;
pub(crate) mod socket;
pub(crate) mod stock;
pub(crate) mod subscribers;

#[cfg(test)]
mod tests;

use domain::Aggregate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::AttributeValue;
use thiserror::Error;

use crate::key::Key;
use crate::schema::NEWS;

/// An item as DynamoDB, its streams and Lambda's stream events carry it.
pub type Image = serde_dynamo::Item;

/// An item that is not what we write.
#[derive(Debug, Error)]
pub enum ItemError {
    /// An attribute is missing, or of another type.
    #[error("the attributes do not fit")]
    Shape(#[source] serde_dynamo::Error),
    /// It is another kind of item.
    #[error("it is not of the entity {wanted}")]
    Entity {
        /// The kind that was looked for.
        wanted: &'static str,
    },
    /// An attribute has a value that cannot be.
    #[error("{attribute} cannot be read")]
    Value {
        /// Which attribute.
        attribute: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ItemError {
    /// Says which attribute it was.
    pub(crate) fn of<E>(attribute: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        move |source| Self::Value {
            attribute,
            source: source.into(),
        }
    }
}

/// An aggregate that is stored as one item.
pub trait Stored: Aggregate + std::fmt::Debug {
    /// Marks the table that holds it.
    type Service;

    /// Where it is.
    fn key(id: &Self::Id) -> Key;

    /// The item of its next version.
    ///
    /// # Errors
    /// [`ItemError`] for a time before 1678 or after 2261.
    fn encode(&self) -> Result<Image, ItemError>;

    /// The aggregate in an item.
    ///
    /// # Errors
    /// [`ItemError`].
    fn decode(image: Image) -> Result<Self, ItemError>;
}

/// Writes an item.
pub(crate) fn write(item: impl Serialize) -> Result<Image, ItemError> {
    serde_dynamo::to_item(item).map_err(ItemError::Shape)
}

/// Writes the item of an aggregate's next version, marked where others are told of it.
pub(crate) fn write_next(
    aggregate: &impl Aggregate,
    item: impl Serialize,
) -> Result<Image, ItemError> {
    let mut image = write(item)?;
    if aggregate.changes().is_news() {
        image.insert(NEWS.to_owned(), AttributeValue::Bool(true));
    }
    Ok(image)
}

/// Reads an item.
pub(crate) fn read<T: DeserializeOwned>(image: Image) -> Result<T, ItemError> {
    serde_dynamo::from_item(image).map_err(ItemError::Shape)
}

/// Refuses items of another kind.
pub(crate) fn expect_entity(found: &str, wanted: &'static str) -> Result<(), ItemError> {
    if found == wanted {
        Ok(())
    } else {
        Err(ItemError::Entity { wanted })
    }
}

/// The order in a key of this kind.
pub(crate) fn order_of(pk: &str) -> Result<domain::OrderId, ItemError> {
    let key = Key::parse(pk).map_err(ItemError::of("pk"))?;
    key.order_id()
        .ok_or_else(|| ItemError::of("pk")("the key names no order"))
}
