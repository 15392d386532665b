//! The item of a lease: `LEASE#<order uuid>`.

use domain::{ChangeTracker, Lease, LeaseState, OrderId};
use serde::{Deserialize, Serialize};

use super::event::{EventItem, read_events, write_events};
use super::parts::{Nanos, StockLineItem, read_lines, read_tenant, read_trace, write_lines};
use super::{Image, ItemError, Stored, expect_entity, order_of, read, write_next};
use crate::key::Key;
use crate::table::Inventory;

const ENTITY: &str = "lease";

#[derive(Debug, Serialize, Deserialize)]
struct LeaseItem {
    pk: String,
    entity: String,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    lines: Vec<StockLineItem>,
    status: String,
    /// Present while held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Nanos>,
    events: Vec<EventItem>,
}

impl From<&Lease> for LeaseItem {
    fn from(lease: &Lease) -> Self {
        let until = match lease.state {
            LeaseState::Held { until } => Some(Nanos(until)),
            LeaseState::None | LeaseState::Released | LeaseState::Sold => None,
        };
        Self {
            pk: Key::Lease(lease.order_id).pk(),
            entity: ENTITY.to_owned(),
            version: lease.changes.next_version(),
            tenant: lease.tenant.as_ref().map(ToString::to_string),
            trace: lease.traceparent.as_ref().map(ToString::to_string),
            lines: write_lines(&lease.lines),
            status: lease.state.name().to_owned(),
            until,
            events: write_events(&lease.events),
        }
    }
}

impl TryFrom<LeaseItem> for Lease {
    type Error = ItemError;

    fn try_from(item: LeaseItem) -> Result<Self, ItemError> {
        expect_entity(&item.entity, ENTITY)?;
        Ok(Self {
            order_id: order_of(&item.pk)?,
            tenant: item.tenant.as_deref().map(read_tenant).transpose()?,
            traceparent: read_trace(item.trace.as_ref())?,
            lines: read_lines(&item.lines)?,
            state: state(&item.status, item.until)?,
            changes: ChangeTracker::stored_at(item.version),
            events: read_events(&item.events)?,
        })
    }
}

fn state(status: &str, until: Option<Nanos>) -> Result<LeaseState, ItemError> {
    match (status, until) {
        ("none", _) => Ok(LeaseState::None),
        ("held", Some(until)) => Ok(LeaseState::Held { until: until.0 }),
        ("released", _) => Ok(LeaseState::Released),
        ("sold", _) => Ok(LeaseState::Sold),
        _ => Err(ItemError::of("status")(format!("{status}, or no time"))),
    }
}

impl Stored for Lease {
    type Service = Inventory;

    fn key(id: &OrderId) -> Key {
        Key::Lease(*id)
    }

    fn encode(&self) -> Result<Image, ItemError> {
        write_next(self, LeaseItem::from(self))
    }

    fn decode(image: Image) -> Result<Self, ItemError> {
        read::<LeaseItem>(image)?.try_into()
    }
}
