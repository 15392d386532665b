//! The events that the tables keep: the durable copy of all that were ever told.

use std::str::FromStr;

use contracts::events::{
    Envelope, envelopes_of_lease, envelopes_of_order, envelopes_of_payment, envelopes_of_shipment,
};
use domain::ports::{Load, StoreError};
use domain::{AggregateKind, Lease, Order, OrderId, Payment, Sequence, Shipment};
use dynamo_store::{InventoryTable, OrdersTable, PaymentsTable, ShippingTable};
use thiserror::Error;

use crate::aws::sdk_config;
use crate::settings::{Settings, SettingsError};

/// An aggregate that keeps its events in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(super) kind: AggregateKind,
    pub(super) id: OrderId,
}

/// A text that names none.
#[derive(Debug, Error)]
#[error("it is no order/ID, lease/ID, payment/ID or shipment/ID")]
pub(crate) struct InvalidSubject;

impl Subject {
    /// Others tell their whole state with every event: the newest is enough.
    pub(super) const KINDS: [AggregateKind; 4] = [
        AggregateKind::Order,
        AggregateKind::Lease,
        AggregateKind::Payment,
        AggregateKind::Shipment,
    ];

    /// What keeps its events in order.
    pub(super) fn group(self) -> String {
        format!("{}/{}", self.kind.name(), self.id)
    }
}

impl FromStr for Subject {
    type Err = InvalidSubject;

    fn from_str(text: &str) -> Result<Self, InvalidSubject> {
        let (kind, id) = text.split_once('/').ok_or(InvalidSubject)?;
        let known = Self::KINDS.into_iter().find(|known| known.name() == kind);
        Ok(Self {
            kind: known.ok_or(InvalidSubject)?,
            id: OrderId::parse(id).map_err(|_| InvalidSubject)?,
        })
    }
}

/// Where the events are.
#[derive(Debug)]
pub(super) struct Sources<O, L, P, S> {
    pub(super) orders: O,
    pub(super) leases: L,
    pub(super) payments: P,
    pub(super) shipments: S,
}

/// The tables of the stack.
pub(super) type Tables = Sources<OrdersTable, InventoryTable, PaymentsTable, ShippingTable>;

impl Tables {
    /// Those that the settings name.
    pub(super) async fn connect(settings: &Settings) -> Result<Self, SettingsError> {
        let [orders, inventory, payments, shipping] = settings.all([
            "ORDERS_TABLE",
            "INVENTORY_TABLE",
            "PAYMENTS_TABLE",
            "SHIPPING_TABLE",
        ])?;
        let aws = sdk_config(settings).await;
        Ok(Self {
            orders: OrdersTable::connect(&aws, orders),
            leases: InventoryTable::connect(&aws, inventory),
            payments: PaymentsTable::connect(&aws, payments),
            shipments: ShippingTable::connect(&aws, shipping),
        })
    }
}

impl<O, L, P, S> Sources<O, L, P, S>
where
    O: Load<Order>,
    L: Load<Lease>,
    P: Load<Payment>,
    S: Load<Shipment>,
{
    /// All events of an aggregate, oldest first; none where there is no such aggregate.
    pub(super) async fn events(&self, subject: Subject) -> Result<Vec<Envelope>, StoreError> {
        let (id, all) = (&subject.id, Sequence::NONE);
        let events = match subject.kind {
            AggregateKind::Lease => {
                let lease = self.leases.load(id).await?;
                lease.map(|lease| envelopes_of_lease(&lease, all))
            }
            AggregateKind::Payment => {
                let payment = self.payments.load(id).await?;
                payment.map(|payment| envelopes_of_payment(&payment, all))
            }
            AggregateKind::Shipment => {
                let shipment = self.shipments.load(id).await?;
                shipment.map(|shipment| envelopes_of_shipment(&shipment, all))
            }
            _ => {
                let order = self.orders.load(id).await?;
                order.map(|order| envelopes_of_order(&order, all))
            }
        };
        Ok(events.unwrap_or_default())
    }
}
