//! The carrier. Our reference, the order id, is the key of everything: a repeat is safe, and a
//! cancel is final even before the create arrives.

use contracts::AddressBody;
use contracts::saga::StockLineBody;
use domain::ports::{BookParcels, Cancellation, Parcel, ProviderError};
use domain::{Address, Handover, OrderId, ProviderReference, StockLine};
use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::{Caller, ClientError, Limits, Reply, word};

mod news;

#[cfg(test)]
mod tests;

pub use news::{PARCEL_SIGNATURE, parcel_news};

const SHIPMENTS: &str = "shipments";

/// Books parcels over HTTP.
#[derive(Clone, Debug)]
pub struct HttpCarrier {
    caller: Caller,
}

impl HttpCarrier {
    /// A client for the API below `base_url`, with a bearer key. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] for an address or a key that cannot be.
    pub fn new(base_url: &str, key: &str, limits: Limits) -> Result<Self, ClientError> {
        let caller = Caller::new(base_url, key, limits)?;
        Ok(Self { caller })
    }
}

#[derive(Serialize)]
struct NewShipment {
    ship_to: AddressBody,
    lines: Vec<StockLineBody>,
}

#[derive(Deserialize)]
struct Shipment {
    reference: String,
    status: String,
    #[serde(default)]
    tracking_number: Option<String>,
}

#[derive(Deserialize)]
struct Failed {
    error: Refusal,
}

/// Its message is not read: it may quote the address.
#[derive(Deserialize)]
struct Refusal {
    code: String,
    /// Where it is the parcel that stands against it.
    #[serde(default)]
    shipment: Option<news::Parcel>,
}

impl BookParcels for HttpCarrier {
    async fn create(
        &self,
        order_id: OrderId,
        ship_to: &Address,
        lines: &[StockLine],
    ) -> Result<Parcel, ProviderError> {
        let body = NewShipment {
            ship_to: ship_to.into(),
            lines: lines.iter().map(Into::into).collect(),
        };
        let reference = order_id.to_string();
        let request = self
            .caller
            .request(Method::PUT, &[SHIPMENTS, &reference])
            .json(&body);
        let reply = self.caller.send("shipment create", request).await?;
        if reply.is_success() {
            return created(&reply, &reference);
        }
        match (reply.status, code(&reply).as_str()) {
            (422, "address_rejected") => Ok(Parcel::Refused("address_rejected".to_owned())),
            (409, "cancelled") => Ok(Parcel::Cancelled),
            (_, code) => Err(reply.unexpected(code)),
        }
    }

    async fn cancel(&self, order_id: OrderId) -> Result<Cancellation, ProviderError> {
        let reference = order_id.to_string();
        let path = [SHIPMENTS, reference.as_str(), "cancel"];
        let request = self.caller.request(Method::POST, &path);
        let reply = self.caller.send("shipment cancel", request).await?;
        if !reply.is_success() {
            return match (reply.status, code(&reply).as_str()) {
                (409, "handed_over") => left(&reply, &reference).map(Cancellation::HandedOver),
                (_, code) => Err(reply.unexpected(code)),
            };
        }
        let shipment = shipment_of(&reply, &reference)?;
        match shipment.status.as_str() {
            "cancelled" => Ok(Cancellation::Cancelled),
            _ => Err(reply.unexpected("with a shipment that is not cancelled")),
        }
    }
}

fn created(reply: &Reply, reference: &str) -> Result<Parcel, ProviderError> {
    let shipment = shipment_of(reply, reference)?;
    match shipment.status.as_str() {
        "created" => {
            let number = shipment.tracking_number.unwrap_or_default();
            ProviderReference::parse(&number)
                .map(Parcel::Created)
                .map_err(|_| reply.unexpected("with a tracking number that cannot be"))
        }
        "cancelled" => Ok(Parcel::Cancelled),
        _ => Err(reply.unexpected("with a shipment that is not created")),
    }
}

/// The parcel that a refusal to cancel is about.
fn left(reply: &Reply, reference: &str) -> Result<Handover, ProviderError> {
    let failed: Failed = reply.json()?;
    let parcel = failed.error.shipment;
    let parcel = parcel.filter(|parcel| parcel.reference == reference);
    let handover = parcel.and_then(|parcel| parcel.handover().ok());
    handover.ok_or_else(|| reply.unexpected("with a parcel that has left and cannot be"))
}

fn shipment_of(reply: &Reply, reference: &str) -> Result<Shipment, ProviderError> {
    let shipment: Shipment = reply.json()?;
    if shipment.reference == reference {
        Ok(shipment)
    } else {
        Err(reply.unexpected("with another shipment"))
    }
}

fn code(reply: &Reply) -> String {
    let failed: Option<Failed> = reply.json_if_any();
    failed.map_or_else(String::new, |failed| word(&failed.error.code))
}
