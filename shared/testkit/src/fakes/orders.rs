//! Orders, payments and shipments with their lists.

use std::collections::BTreeSet;

use contracts::events::{
    Envelope, envelopes_of_order, envelopes_of_payment, envelopes_of_shipment,
};
use domain::ports::{
    KeepSweepMark, ListClosing, ListOpenOrders, ListOrders, ListOrdersByDay, OpenOrder, OrderPage,
    StoreError, SweepMark,
};
use domain::{
    CustomerId, Order, OrderId, Payment, PaymentState, Sequence, Shipment, ShipmentState, TenantId,
};
use jiff::Timestamp;

use super::FakeStore;

/// The orders table.
pub type FakeOrders = FakeStore<Order>;
/// The payments table.
pub type FakePayments = FakeStore<Payment>;
/// The shipping table.
pub type FakeShipments = FakeStore<Shipment>;

impl FakeStore<Order> {
    /// All events, as the stream of the table carries them.
    pub fn events(&self) -> Vec<Envelope> {
        let events = |order: &Order| envelopes_of_order(order, Sequence::NONE);
        self.all().iter().flat_map(events).collect()
    }

    fn by_placement(&self, wanted: impl Fn(&Order) -> bool) -> Vec<Order> {
        let mut orders = self.all();
        orders.retain(wanted);
        orders.sort_by_key(|order| (order.facts.placed_at, order.facts.id));
        orders
    }
}

impl FakeStore<Payment> {
    /// All events, as the stream of the table carries them.
    pub fn events(&self) -> Vec<Envelope> {
        let events = |payment: &Payment| envelopes_of_payment(payment, Sequence::NONE);
        self.all().iter().flat_map(events).collect()
    }
}

impl FakeStore<Shipment> {
    /// All events, as the stream of the table carries them.
    pub fn events(&self) -> Vec<Envelope> {
        let events = |shipment: &Shipment| envelopes_of_shipment(shipment, Sequence::NONE);
        self.all().iter().flat_map(events).collect()
    }
}

impl ListOrders for FakeStore<Order> {
    /// The cursor is `<shop>|<customer>|<id of the last order of the page before>`.
    async fn of_customer(
        &self,
        owner: (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> Result<OrderPage, StoreError> {
        let mut orders =
            self.by_placement(|order| (&order.facts.tenant, &order.facts.customer) == owner);
        orders.reverse();
        if let Some(cursor) = after {
            let place = |order: &Order| cursor_of(owner, order.facts.id) == cursor;
            let rest = orders
                .iter()
                .position(place)
                .map_or(orders.len(), |at| at + 1);
            orders.drain(..rest);
        }
        let more = orders.len() > usize::from(limit);
        orders.truncate(limit.into());
        let ids = ids_of(&orders);
        let last = ids.last().filter(|_| more);
        let next = last.map(|id| cursor_of(owner, *id));
        Ok(OrderPage { ids, next })
    }
}

fn cursor_of((tenant, customer): (&TenantId, &CustomerId), id: OrderId) -> String {
    format!("{tenant}|{customer}|{id}")
}

fn ids_of(orders: &[Order]) -> Vec<OrderId> {
    orders.iter().map(|order| order.facts.id).collect()
}

impl ListOpenOrders for FakeStore<Order> {
    async fn overdue(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        let open = self.all().into_iter().filter(|it| !it.is_at_rest());
        let overdue = open.filter_map(|order| Some((order.next_look?, order.facts.id)));
        Ok(due(overdue, before, limit))
    }

    async fn unended(&self, ids: &[OrderId]) -> Result<Vec<OpenOrder>, StoreError> {
        let mut named = BTreeSet::new();
        let open = |id: &OrderId| {
            if !named.insert(*id) {
                return None;
            }
            let order = self.get(*id);
            let ended = order.as_ref().is_some_and(|order| order.is_at_rest());
            (!ended).then(|| OpenOrder {
                id: *id,
                next_look: order.and_then(|order| order.next_look),
            })
        };
        Ok(ids.iter().filter_map(open).collect())
    }
}

impl KeepSweepMark for FakeStore<Order> {
    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError> {
        Ok(self.mark())
    }

    async fn note_swept(&self, mark: &SweepMark, now: Timestamp) -> Result<(), StoreError> {
        let known = self.mark();
        let further = known.is_some_and(|it| it.until > mark.until && !it.is_ahead_of(now));
        if !further {
            self.set_mark(mark.clone());
        }
        Ok(())
    }
}

impl ListOrdersByDay for FakeStore<Order> {
    async fn placed_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        let within = |order: &Order| (from..until).contains(&order.facts.placed_at);
        Ok(ids_of(&self.by_placement(within)))
    }
}

impl ListClosing for FakeStore<Payment> {
    async fn closing_due(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        let closing = self.all().into_iter().filter_map(|payment| {
            let looked_at = payment.next_look?;
            (payment.state == PaymentState::Closing).then_some((looked_at, payment.order_id))
        });
        Ok(due(closing, before, limit))
    }
}

impl ListClosing for FakeStore<Shipment> {
    async fn closing_due(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        let closing = self.all().into_iter().filter_map(|shipment| {
            let looked_at = shipment.next_look?;
            (shipment.state == ShipmentState::Cancelling).then_some((looked_at, shipment.order_id))
        });
        Ok(due(closing, before, limit))
    }
}

fn due(
    closing: impl Iterator<Item = (Timestamp, OrderId)>,
    before: Timestamp,
    limit: u16,
) -> Vec<OrderId> {
    let mut due: Vec<_> = closing.filter(|(look, _)| *look < before).collect();
    due.sort_unstable();
    due.truncate(limit.into());
    due.into_iter().map(|(_, id)| id).collect()
}
