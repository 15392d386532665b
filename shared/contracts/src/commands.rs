//! Commands that other services send to our queue: CloudEvents 1.0 in JSON, like events. What is
//! asked for is read by the same types, and under the same bounds, as what comes by HTTP. Within a
//! version (`v1`) only optional fields are added.

use domain::{
    CarrierName, CustomerId, Handover, InvalidId, NewsId, OrderId, ParcelHappened, RequestHash,
    TenantId, ToldOfParcel, Traceparent, TrackingNumber, id_of_request,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::InvalidBody;
use crate::http::{ParsedPlacement, PlaceOrder, canonical};

#[cfg(test)]
mod tests;

/// Type of a command that places an order; its data are a [`PlaceOrderFor`].
pub const PLACE_ORDER: &str = "cartwright.command.place-order.v1";
/// Type of a command that tells of a parcel; its data are a [`TellParcel`].
pub const TELL_PARCEL: &str = "cartwright.command.tell-parcel.v1";
/// All types of commands.
pub const COMMAND_TYPES: [&str; 2] = [PLACE_ORDER, TELL_PARCEL];
/// Attribute of a dead letter: why the command was refused, in words.
pub const REASON: &str = "reason";
/// Longest id of a command, in characters.
pub const MAX_COMMAND_ID: usize = 255;
/// Largest command that the queue takes, in bytes.
pub const MAX_COMMAND_BYTES: usize = 64 * 1024;

/// A command as it was sent. Fields that we do not know are skipped, as CloudEvents wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Always `1.0`.
    pub specversion: String,
    /// The sender's, visible ASCII: the same command has the same id, another one another.
    pub id: String,
    /// Which service sends it, such as `warehouse` or `urn:acme:warehouse`.
    pub source: String,
    /// One of [`COMMAND_TYPES`].
    #[serde(rename = "type")]
    pub command_type: String,
    /// Whose shop; where it is said, it must be the one that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Trace of the request. One that cannot be read is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What is asked for.
    pub data: Value,
}

/// Data of a command that places an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceOrderFor {
    /// Who orders: the account that the order is of.
    pub customer_id: String,
    /// The body of `POST /api/v1/orders`.
    pub order: PlaceOrder,
}

/// Data of a command that tells of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TellParcel {
    /// Of which order.
    pub order_id: String,
    /// `handed_over` (the carrier has it) or `delivered`.
    pub happened: String,
    /// Who has it.
    pub carrier: String,
    /// What its carrier calls it.
    pub tracking_number: String,
}

/// A command whose content was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub source: CustomerId,
    /// Under which id.
    pub id: String,
    /// Trace of the request.
    pub traceparent: Option<Traceparent>,
    /// For what.
    pub wanted: Wanted,
}

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An order for a customer.
    Order(CustomerId, Box<ParsedPlacement>),
    /// That a shipment moves on.
    Parcel(ToldOfParcel),
}

/// A text that is no command of ours.
#[derive(Debug, Error)]
pub enum InvalidCommand {
    /// Not the JSON of an envelope.
    #[error("no command: {0}")]
    Json(serde_json::Error),
    /// Nobody knows what to do.
    #[error("there is no such type of command")]
    Type,
    /// It is for another shop.
    #[error("it is for another shop")]
    Tenant,
    /// The data have another shape than their type.
    #[error("data: {0}")]
    Data(serde_json::Error),
    /// A field has a content that cannot be.
    #[error(transparent)]
    Content(#[from] InvalidBody),
}

impl Command {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`InvalidCommand::Json`].
    pub fn parse(text: &str) -> Result<Self, InvalidCommand> {
        serde_json::from_str(text).map_err(InvalidCommand::Json)
    }

    /// Checks what it asks of this shop.
    ///
    /// # Errors
    /// [`InvalidCommand`] with the first thing that is wrong.
    pub fn asked_of(&self, shop: &TenantId) -> Result<Asked, InvalidCommand> {
        if self.specversion != "1.0" {
            return Err(InvalidBody::at("/specversion", "must be 1.0").into());
        }
        if self.tenant.as_deref().is_some_and(|it| it != shop.as_str()) {
            return Err(InvalidCommand::Tenant);
        }
        Ok(Asked {
            source: id("/source", CustomerId::parse(&self.source))?,
            id: checked_id(&self.id)?,
            traceparent: self.traceparent.as_deref().and_then(trace),
            wanted: self.wanted()?,
        })
    }

    fn wanted(&self) -> Result<Wanted, InvalidCommand> {
        match self.command_type.as_str() {
            PLACE_ORDER => Ok(self.data::<PlaceOrderFor>()?.parse()?),
            TELL_PARCEL => Ok(self.data::<TellParcel>()?.parse()?),
            _ => Err(InvalidCommand::Type),
        }
    }

    fn data<T: DeserializeOwned>(&self) -> Result<T, InvalidCommand> {
        T::deserialize(&self.data).map_err(InvalidCommand::Data)
    }
}

impl PlaceOrderFor {
    /// The hash is of all of it: an id that comes again for another customer is another command.
    fn parse(&self) -> Result<Wanted, InvalidBody> {
        let customer = id("/data/customer_id", CustomerId::parse(&self.customer_id))?;
        if customer.is_of_groups() {
            let problem = "must be a person or a service";
            return Err(InvalidBody::at("/data/customer_id", problem));
        }
        let within = |error: InvalidBody| {
            InvalidBody::at(format!("/data/order{}", error.pointer), error.problem)
        };
        let placement = ParsedPlacement {
            hash: RequestHash::of(&canonical(self)),
            ..self.order.parse().map_err(within)?
        };
        Ok(Wanted::Order(customer, Box::new(placement)))
    }
}

impl TellParcel {
    fn parse(&self) -> Result<Wanted, InvalidBody> {
        let happened = match self.happened.as_str() {
            "handed_over" => ParcelHappened::HandedOver,
            "delivered" => ParcelHappened::Delivered,
            _ => {
                let problem = "must be handed_over or delivered";
                return Err(InvalidBody::at("/data/happened", problem));
            }
        };
        let number = TrackingNumber::parse(&self.tracking_number);
        Ok(Wanted::Parcel(ToldOfParcel {
            order_id: id("/data/order_id", OrderId::parse(&self.order_id))?,
            handover: Handover {
                carrier: id("/data/carrier", CarrierName::parse(&self.carrier))?,
                tracking_number: id("/data/tracking_number", number)?,
            },
            happened,
        }))
    }
}

impl Asked {
    /// What stands for the `Idempotency-Key`. There is a space in it, as in no key of HTTP: nobody
    /// meets the order of a command by guessing.
    pub fn key(&self) -> String {
        format!("command {}", self.id)
    }

    /// What news under this id are remembered by.
    ///
    /// # Errors
    /// Never: a UUID fits.
    pub fn news_id(&self, shop: &TenantId) -> Result<NewsId, InvalidId> {
        let id = id_of_request((shop, &self.source), TELL_PARCEL, &self.id);
        NewsId::parse(&format!("command:{id}"))
    }
}

fn id<T>(pointer: &str, parsed: Result<T, InvalidId>) -> Result<T, InvalidBody> {
    parsed.map_err(|error| InvalidBody::at(pointer, error))
}

/// A trace in the form of W3C: version, trace, span and flags, in hexadecimal digits.
fn trace(text: &str) -> Option<Traceparent> {
    let is_hex = |part: &str| {
        part.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let parts = text.split('-');
    let fits = parts.clone().all(is_hex) && parts.map(str::len).eq([2, 32, 16, 2]);
    fits.then(|| Traceparent::parse(text).ok()).flatten()
}

fn checked_id(text: &str) -> Result<String, InvalidBody> {
    let fits = (1..=MAX_COMMAND_ID).contains(&text.len());
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    let problem = format!("must be 1 to {MAX_COMMAND_ID} visible ASCII characters");
    Err(InvalidBody::at("/id", problem))
}
