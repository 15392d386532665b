//! The carrier's webhooks. Only what was signed by the carrier is read here.

use contracts::edge::BadInput;
use domain::{
    CarrierName, Handover, InvalidId, News, NewsId, OrderId, ParcelHappened, ToldOfParcel,
    TrackingNumber,
};
use serde::Deserialize;
use serde_json::Value;

use crate::unreadable;

/// The header with the signature of the carrier's webhooks.
pub const PARCEL_SIGNATURE: &str = "carrier-signature";

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    data: Data,
}

/// Its shape is that of the type.
#[derive(Deserialize)]
struct Data {
    object: Value,
}

#[derive(Deserialize)]
pub(super) struct Parcel {
    pub(super) reference: String,
    carrier: String,
    tracking_number: String,
}

impl Parcel {
    pub(super) fn handover(&self) -> Result<Handover, InvalidId> {
        Ok(Handover {
            carrier: CarrierName::parse(&self.carrier)?,
            tracking_number: TrackingNumber::parse(&self.tracking_number)?,
        })
    }
}

/// Reads one webhook. What is of another kind, or under a reference that no order has, tells
/// nothing.
///
/// # Errors
/// [`BadInput`] for what the carrier would never send.
pub fn parcel_news(body: &[u8]) -> Result<News<ToldOfParcel>, BadInput> {
    let event: Event = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let id = NewsId::parse(&event.id)?;
    let happened = match event.r#type.as_str() {
        "parcel.handed_over" => ParcelHappened::HandedOver,
        "parcel.delivered" => ParcelHappened::Delivered,
        _ => return Ok(News { id, told: None }),
    };
    let parcel: Parcel =
        serde_json::from_value(event.data.object).map_err(|error| unreadable(&error))?;
    let Ok(order_id) = OrderId::parse(&parcel.reference) else {
        return Ok(News { id, told: None });
    };
    let handover = parcel.handover()?;
    let told = Some(ToldOfParcel {
        order_id,
        handover,
        happened,
    });
    Ok(News { id, told })
}
