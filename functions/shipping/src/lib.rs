//! Books and cancels the parcel of an order.
//!
//! | | |
//! |---|---|
//! | trigger | steps of the order saga and of recovery |
//! | reads, writes | the shipping table; the carrier |
//! | emits | `shipment.*`, through the table's stream |
//! | fails with | AddressRejected, ShipmentUnknown, ShipmentCancelled, ShipmentHandedOver, ProviderDown, WrongDecision |
//! | safe to repeat because | the carrier knows the parcel by our reference, and a cancel there is final even before the create arrives |

mod error;

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::{
    DecisionBody, Done, Recalled, ShippingAnswer, ShippingStep, parse_lines, parse_traceparent,
};
use domain::ports::{BookParcels, Cancellation, Load, Parcel, Save, change, change_from};
use domain::{
    Aggregate, OrderId, Shipment, ShipmentCommand, ShipmentRejection, ShipmentState, ShipmentTerms,
    TenantId,
};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use tracing::error;

pub use error::ShippingError;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shipping table.
    pub table: String,
    /// Where the carrier is.
    pub carrier_url: String,
    /// The secret key for it.
    pub carrier_key: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("SHIPPING_TABLE");
        let carrier_url = read.text("CARRIER_URL");
        let carrier_key = read.text("CARRIER_KEY");
        read.finish(|| {
            Some(Self {
                table: table?,
                carrier_url: carrier_url?,
                carrier_key: carrier_key?,
            })
        })
    }
}

/// What the function needs of the shipments.
pub trait Shipments: Load<Shipment> + Save<Shipment> {}
impl<S: Load<Shipment> + Save<Shipment>> Shipments for S {}

/// Carries out one step.
///
/// # Errors
/// [`ShippingError`].
pub async fn handle(
    shipments: &impl Shipments,
    carrier: &impl BookParcels,
    now: Timestamp,
    step: ShippingStep,
) -> Result<ShippingAnswer, ShippingError> {
    match step {
        ShippingStep::Create {
            order_id,
            tenant,
            traceparent,
            ship_to,
            lines,
        } => {
            let terms = ShipmentTerms {
                tenant: TenantId::parse(&tenant).map_err(BadInput::from)?,
                traceparent: parse_traceparent(&traceparent),
                ship_to: ship_to.parse("/ship_to").map_err(BadInput::from)?,
                lines: parse_lines(&lines).map_err(BadInput::from)?,
            };
            create(shipments, carrier, now, OrderId(order_id), terms).await?;
        }
        ShippingStep::Cancel { order_id, decision } => {
            decision.require(DecisionBody::Unwinding)?;
            cancel(shipments, carrier, now, OrderId(order_id)).await?;
        }
        ShippingStep::Recall { order_id, .. } => {
            let returned = match cancel(shipments, carrier, now, OrderId(order_id)).await {
                Ok(()) => true,
                Err(ref refused) if refused.name() == ErrorName::ShipmentHandedOver => {
                    // The field is what the alarm looks for.
                    error!(needs_attention = true, order.id = %order_id, "the parcel left, and its money goes back");
                    false
                }
                Err(error) => return Err(error),
            };
            return Ok(ShippingAnswer::Recalled(Recalled { returned }));
        }
    }
    Ok(ShippingAnswer::Done(Done {}))
}

async fn create(
    shipments: &impl Shipments,
    carrier: &impl BookParcels,
    now: Timestamp,
    order_id: OrderId,
    terms: ShipmentTerms,
) -> Result<(), ShippingError> {
    let begin = |found: Option<Shipment>| {
        let mut shipment = found.unwrap_or_else(|| Shipment::none(order_id));
        shipment.start(terms.clone(), now).map(|()| shipment)
    };
    let shipment = change_from(shipments, &order_id, None, begin).await?;
    if shipment.state != ShipmentState::Creating {
        return Ok(());
    }
    let command = match carrier
        .create(order_id, &terms.ship_to, &terms.lines)
        .await?
    {
        Parcel::Created(reference) => ShipmentCommand::RecordCreated { reference },
        Parcel::Refused(reason) => ShipmentCommand::RecordRefused { reason },
        Parcel::Cancelled => return Err(ShipmentRejection::Cancelled.into()),
    };
    match execute(shipments, now, shipment, &command).await?.state {
        ShipmentState::Refused { reason } => Err(ShipmentRejection::Refused { reason }.into()),
        ShipmentState::Cancelling | ShipmentState::Cancelled => {
            Err(ShipmentRejection::Cancelled.into())
        }
        _ => Ok(()),
    }
}

async fn cancel(
    shipments: &impl Shipments,
    carrier: &impl BookParcels,
    now: Timestamp,
    order_id: OrderId,
) -> Result<(), ShippingError> {
    let begin = |found: Option<Shipment>| {
        let mut shipment = found.unwrap_or_else(|| Shipment::none(order_id));
        shipment.cancel(now).map(|()| shipment)
    };
    let shipment = change(shipments, &order_id, begin).await?;
    if shipment.state == ShipmentState::Cancelled {
        return Ok(());
    }
    match carrier.cancel(order_id).await? {
        Cancellation::Cancelled => {
            execute(shipments, now, shipment, &ShipmentCommand::RecordCancelled).await?;
            Ok(())
        }
        // As if the carrier had told by webhook, which may come late or never.
        Cancellation::HandedOver(handover) => {
            let command = ShipmentCommand::RecordHandedOver { handover };
            execute(shipments, now, shipment, &command).await?;
            Err(ShipmentRejection::HandedOver.into())
        }
    }
}

async fn execute(
    shipments: &impl Shipments,
    now: Timestamp,
    shipment: Shipment,
    command: &ShipmentCommand,
) -> Result<Shipment, ShippingError> {
    let order_id = shipment.order_id;
    let decide = |found: Option<Shipment>| {
        let mut shipment = found.unwrap_or_else(|| Shipment::none(order_id));
        shipment.execute(command, now).map(|()| shipment)
    };
    Ok(change_from(shipments, &order_id, Some(shipment), decide).await?)
}

#[cfg(test)]
mod tests;
