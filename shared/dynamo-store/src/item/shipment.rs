//! The item of a shipment: `SHIPMENT#<order uuid>`.

use domain::{
    ChangeTracker, EventRaiser, OrderId, ProviderReference, Shipment, ShipmentEvent, ShipmentState,
    ShipmentTerms,
};
use serde::{Deserialize, Serialize};

use super::event::{EventItem, read_events, write_events};
use super::parts::{AddressItem, StockLineItem, read_lines, read_tenant, read_trace, write_lines};
use super::{Image, ItemError, Stored, expect_entity, order_of, read, write_next};
use crate::key::{Key, Shard, parse_time_key, time_key};
use crate::table::Shipping;

const ENTITY: &str = "shipment";

#[derive(Debug, Serialize, Deserialize)]
struct ShipmentItem {
    pk: String,
    entity: String,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<TermsItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
    status: String,
    /// With the time of the next look: present only while cancelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_look: Option<String>,
    events: Vec<EventItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TermsItem {
    tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    ship_to: AddressItem,
    lines: Vec<StockLineItem>,
}

impl From<&ShipmentTerms> for TermsItem {
    fn from(terms: &ShipmentTerms) -> Self {
        Self {
            tenant: terms.tenant.to_string(),
            trace: terms.traceparent.as_ref().map(ToString::to_string),
            ship_to: (&terms.ship_to).into(),
            lines: write_lines(&terms.lines),
        }
    }
}

impl TryFrom<TermsItem> for ShipmentTerms {
    type Error = ItemError;

    fn try_from(item: TermsItem) -> Result<Self, ItemError> {
        Ok(Self {
            tenant: read_tenant(&item.tenant)?,
            traceparent: read_trace(item.trace.as_ref())?,
            ship_to: item.ship_to.into(),
            lines: read_lines(&item.lines)?,
        })
    }
}

impl From<&Shipment> for ShipmentItem {
    fn from(shipment: &Shipment) -> Self {
        let cancelling = shipment.state == ShipmentState::Cancelling;
        let next_look = shipment.next_look.filter(|_| cancelling);
        Self {
            pk: Key::Shipment(shipment.order_id).pk(),
            entity: ENTITY.to_owned(),
            version: shipment.changes.next_version(),
            terms: shipment.terms.as_ref().map(TermsItem::from),
            r#ref: shipment.reference.as_ref().map(ToString::to_string),
            status: shipment.state.name().to_owned(),
            closing_shard: next_look.map(|_| Shard::of(shipment.order_id).closing()),
            next_look: next_look.map(time_key),
            events: write_events(&shipment.events),
        }
    }
}

impl TryFrom<ShipmentItem> for Shipment {
    type Error = ItemError;

    fn try_from(item: ShipmentItem) -> Result<Self, ItemError> {
        expect_entity(&item.entity, ENTITY)?;
        let events = read_events(&item.events)?;
        let reference = item.r#ref.as_deref().map(ProviderReference::parse);
        let next_look = item.next_look.as_deref().map(parse_time_key);
        Ok(Self {
            order_id: order_of(&item.pk)?,
            terms: item.terms.map(ShipmentTerms::try_from).transpose()?,
            reference: reference.transpose().map_err(ItemError::of("ref"))?,
            state: state(&item.status, &events)?,
            next_look: next_look.transpose().map_err(ItemError::of("next_look"))?,
            changes: ChangeTracker::stored_at(item.version),
            events,
        })
    }
}

fn state(status: &str, events: &EventRaiser<ShipmentEvent>) -> Result<ShipmentState, ItemError> {
    let refusal = || {
        let mut newest_first = events.all().iter().rev();
        newest_first.find_map(|raised| match &raised.event {
            ShipmentEvent::Refused { reason } => Some(ShipmentState::Refused {
                reason: reason.clone(),
            }),
            _ => None,
        })
    };
    let handover = || {
        let mut newest_first = events.all().iter().rev();
        newest_first.find_map(|raised| match &raised.event {
            ShipmentEvent::HandedOver { handover } => Some(handover.clone()),
            _ => None,
        })
    };
    let state = match status {
        "none" => Some(ShipmentState::None),
        "creating" => Some(ShipmentState::Creating),
        "created" => Some(ShipmentState::Created),
        "refused" => refusal(),
        "cancelling" => Some(ShipmentState::Cancelling),
        "cancelled" => Some(ShipmentState::Cancelled),
        "handed_over" => handover().map(|handover| ShipmentState::HandedOver { handover }),
        "delivered" => handover().map(|handover| ShipmentState::Delivered { handover }),
        _ => None,
    };
    state.ok_or_else(|| ItemError::of("status")(format!("{status} without its event")))
}

impl Stored for Shipment {
    type Service = Shipping;

    fn key(id: &OrderId) -> Key {
        Key::Shipment(*id)
    }

    fn encode(&self) -> Result<Image, ItemError> {
        write_next(self, ShipmentItem::from(self))
    }

    fn decode(image: Image) -> Result<Self, ItemError> {
        read::<ShipmentItem>(image)?.try_into()
    }
}
