//! The item is the outbox: what a table's stream says, as events and as orders that something has to begin for.

use contracts::events::{
    Envelope, account_changed, account_moved, course_event, envelopes_of_lease, envelopes_of_order,
    envelopes_of_payment, envelopes_of_shipment, product_event, stock_changed,
};
use domain::{Account, AccountEvent, Lease, Order, Payment, Sequence, Shipment};
use serde::Deserialize;
use thiserror::Error;

pub use crate::item::Image;
use crate::item::stock::Shelf;
use crate::item::{ItemError, Stored, account, course, note, product, read};

#[cfg(test)]
mod tests;

/// An image in a stream that is not an item of ours.
#[derive(Debug, Error)]
#[error("the image of {key} cannot be read")]
pub struct UndecodableImage {
    /// Partition key of the item, as far as it is known.
    pub key: String,
    /// Why.
    #[source]
    pub source: ItemError,
}

/// What all items say about themselves.
#[derive(Default, Deserialize)]
pub(crate) struct Head {
    #[serde(default)]
    pub(crate) pk: String,
    #[serde(default)]
    pub(crate) entity: String,
}

impl Head {
    pub(crate) fn of(image: &Image) -> Result<Self, UndecodableImage> {
        read(image.clone()).map_err(|source| UndecodableImage {
            key: "an item without a key".to_owned(),
            source,
        })
    }

    pub(crate) fn unreadable(self) -> impl Fn(ItemError) -> UndecodableImage {
        move |source| UndecodableImage {
            key: self.pk.clone(),
            source,
        }
    }
}

/// The events of a stream record: those of the new image that the old one has not. An insert has
/// no old image, or an empty one. A removal, which has no new image, and items that raise no
/// events have none.
///
/// # Errors
/// [`UndecodableImage`].
pub fn new_events(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, UndecodableImage> {
    let head = Head::of(&new)?;
    let old = old.filter(|image| !image.is_empty());
    let (before, image) = (old.clone(), new.clone());
    let events = match head.entity.as_str() {
        "order" => aggregate_events::<Order>(old, new, envelopes_of_order),
        "lease" => aggregate_events::<Lease>(old, new, envelopes_of_lease),
        "payment" => aggregate_events::<Payment>(old, new, envelopes_of_payment),
        "shipment" => aggregate_events::<Shipment>(old, new, envelopes_of_shipment),
        "stock" => stock_events(old, new),
        product::ENTITY => product_events(old, new),
        course::ENTITY => course_events(old, new),
        account::ENTITY => account_events(old, new),
        _ => Ok(Vec::new()),
    };
    let told = events.and_then(|mut events| {
        events.extend(note::notes(before, image.clone())?);
        signed(events, &image)
    });
    told.map_err(head.unreadable())
}

/// All events of one write have its author.
fn signed(mut events: Vec<Envelope>, image: &Image) -> Result<Vec<Envelope>, ItemError> {
    let owner = events.first().map(|event| event.subject.clone());
    let author = note::author_in(image, owner.as_deref())?;
    for event in &mut events {
        event.author.clone_from(&author);
    }
    Ok(events)
}

/// The order in an image; nothing for any other item.
///
/// # Errors
/// [`UndecodableImage`].
pub fn order_in(image: Image) -> Result<Option<Order>, UndecodableImage> {
    let head = Head::of(&image)?;
    if head.entity != "order" {
        return Ok(None);
    }
    Order::decode(image).map(Some).map_err(head.unreadable())
}

/// Reads an image in DynamoDB's JSON: `{"pk": {"S": "…"}, …}`.
///
/// # Errors
/// [`UndecodableImage`].
pub fn from_stream_json(image: serde_json::Value) -> Result<Image, UndecodableImage> {
    serde_json::from_value(image).map_err(|error| UndecodableImage {
        key: "an item".to_owned(),
        source: ItemError::of("image")(error),
    })
}

type Envelopes<A> = fn(&A, Sequence) -> Vec<Envelope>;

fn aggregate_events<A: Stored>(
    old: Option<Image>,
    new: Image,
    envelopes: Envelopes<A>,
) -> Result<Vec<Envelope>, ItemError> {
    let before = match old {
        Some(image) => A::decode(image)?.events().last_sequence(),
        None => Sequence::NONE,
    };
    Ok(envelopes(&A::decode(new)?, before))
}

fn stock_events(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, ItemError> {
    let before = old.map(Shelf::decode).transpose()?;
    let stock = Shelf::decode(new)?.stock;
    let is_new = before.is_none_or(|before| stock.version > before.stock.version);
    Ok(is_new.then(|| stock_changed(&stock)).into_iter().collect())
}

fn product_events(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, ItemError> {
    let before = old.map(product::decode).transpose()?;
    let product = product::decode(new)?;
    let is_new = before.is_none_or(|before| product.version > before.version);
    Ok(is_new
        .then(|| product_event(&product))
        .into_iter()
        .collect())
}

/// A course never changes: its insert is its event.
fn course_events(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, ItemError> {
    let course = course::decode(new)?;
    let is_new = old.is_none();
    Ok(is_new.then(|| course_event(&course)).into_iter().collect())
}

/// Each write of an account is one event, which says what was done and how everything is now; of
/// another address also which it was before, which is kept nowhere.
fn account_events(old: Option<Image>, new: Image) -> Result<Vec<Envelope>, ItemError> {
    let old = old.map(account::decode).transpose()?;
    let before = old.as_ref().map_or(Sequence::NONE, Account::sequence);
    let account = account::decode(new)?;
    if account.sequence() <= before {
        return Ok(Vec::new());
    }
    Ok(vec![match old {
        Some(old) if account.last == AccountEvent::EmailChanged => {
            account_moved(&account, &old.email)
        }
        _ => account_changed(&account),
    }])
}
