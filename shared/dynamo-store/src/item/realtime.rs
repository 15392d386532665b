//! The small items of the consumer `notify`: contacts and deliveries. Deliveries have no version:
//! their counter is what a write is conditional on.

use domain::ports::Delivery;
use domain::{Contact, OrderId};
use serde::{Deserialize, Serialize};

use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

/// Entity of a contact.
const CONTACT: &str = "contact";
/// Entity of a delivery.
pub(crate) const DELIVERY: &str = "delivery";

#[derive(Debug, Serialize, Deserialize)]
struct ContactItem {
    pk: String,
    entity: String,
    email: String,
}

pub(crate) fn write_contact(order_id: OrderId, contact: &Contact) -> Result<Image, ItemError> {
    write(ContactItem {
        pk: Key::Contact(order_id).pk(),
        entity: CONTACT.to_owned(),
        email: contact.email.clone(),
    })
}

pub(crate) fn read_contact(image: Image) -> Result<Contact, ItemError> {
    let item: ContactItem = read(image)?;
    expect_entity(&item.entity, CONTACT)?;
    Ok(Contact { email: item.email })
}

#[derive(Debug, Serialize, Deserialize)]
struct DeliveryItem {
    entity: String,
    /// Tries that were not given back, one or two.
    tries: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sent: bool,
}

#[derive(Debug, Deserialize)]
struct ToldItem {
    pk: String,
    #[serde(default)]
    sent: bool,
}

/// Which message an item is of, and whether that was sent.
pub(crate) fn read_told(image: Image) -> Result<(String, bool), ItemError> {
    let item: ToldItem = read(image)?;
    match Key::parse(&item.pk).map_err(ItemError::of("pk"))? {
        Key::Mail(message) => Ok((message, item.sent)),
        _ => Err(ItemError::of("pk")("the key names no message")),
    }
}

/// What a claim found: the item after it, or the item that refused it.
pub(crate) fn read_delivery(image: Image, claimed: bool) -> Result<Delivery, ItemError> {
    let item: DeliveryItem = read(image)?;
    expect_entity(&item.entity, DELIVERY)?;
    Ok(match (item.sent, claimed, item.tries) {
        (true, _, _) => Delivery::Sent,
        (false, false, _) => Delivery::GivenUp,
        (false, true, 1) => Delivery::First,
        (false, true, _) => Delivery::Second,
    })
}
