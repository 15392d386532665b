//! The small items of the consumer `notify`: contacts and deliveries. Deliveries have no version:
//! their counter is what a write is conditional on.

use domain::ports::{Delivery, DeliveryOutcome};
use domain::{Contact, OrderId};
use serde::{Deserialize, Serialize};

use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

/// Entity of a contact.
const CONTACT: &str = "contact";
/// Entity of a delivery.
pub(crate) const DELIVERY: &str = "delivery";
/// Most tries without a known outcome.
pub(crate) const MOST: u32 = 2;

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

#[derive(Debug, Deserialize)]
struct DeliveryItem {
    pk: String,
    entity: String,
    /// Tries that were not given back, one or two; absent before the first.
    tries: Option<u32>,
    #[serde(default)]
    sent: bool,
    /// Why it can never be sent.
    refused: Option<String>,
}

/// Which message an item is of, and what became of it; nothing where no try was ever made.
pub(crate) fn read_outcome(image: Image) -> Result<Option<(String, DeliveryOutcome)>, ItemError> {
    let item: DeliveryItem = read(image)?;
    let Key::Mail(message) = Key::parse(&item.pk).map_err(ItemError::of("pk"))? else {
        return Err(ItemError::of("pk")("the key names no message"));
    };
    let outcome = match (item.refused, item.sent, item.tries) {
        (Some(cause), _, _) => DeliveryOutcome::Refused(cause),
        (None, true, _) => DeliveryOutcome::Sent,
        (None, false, Some(MOST..)) => DeliveryOutcome::Unknown,
        (None, false, Some(_)) => DeliveryOutcome::Open,
        (None, false, None) => return Ok(None),
    };
    Ok(Some((message, outcome)))
}

/// What a claim found: the item after it, or the item that refused it.
pub(crate) fn read_delivery(image: Image, claimed: bool) -> Result<Delivery, ItemError> {
    let item: DeliveryItem = read(image)?;
    expect_entity(&item.entity, DELIVERY)?;
    Ok(match (item.refused, item.sent, claimed, item.tries) {
        (Some(_), _, _, _) => Delivery::Refused,
        (None, true, _, _) => Delivery::Sent,
        (None, false, false, _) => Delivery::GivenUp,
        (None, false, true, Some(1)) => Delivery::First,
        (None, false, true, _) => Delivery::Second,
    })
}
