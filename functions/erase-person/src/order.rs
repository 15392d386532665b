//! One order, with its payment, its parcel, and where its messages go.

use audit::KeepChains;
use domain::ports::{
    ChangeError, ForgetMemberships, KeepApiKeys, Load, Save, StoreError, change_from,
};
use domain::{
    Aggregate, AggregateKind, CustomerId, Order, OrderId, OrderRejection, OrderState, Payment,
    Sequence, Shipment,
};
use tracing::info;

use crate::{EraseError, Orders, Stores, Told};

impl<O, P, S, R, A, K> Stores<O, P, S, R, A, K>
where
    O: Orders,
    P: Load<Payment> + Save<Payment>,
    S: Load<Shipment> + Save<Shipment>,
    R: Told,
    A: KeepChains<Error = StoreError>,
    K: KeepApiKeys + ForgetMemberships,
{
    /// Whether nothing of the order says whose it was any more. The order itself is the last: while
    /// it is not blank, all of this is done again.
    pub(crate) async fn blank_order(
        &self,
        person: &CustomerId,
        order: &Order,
    ) -> Result<bool, EraseError> {
        let id = order.facts.id;
        if !order.is_at_rest() {
            info!(order.id = %id, status = order.state.name(), "an order is under way");
            return Ok(false);
        }
        self.blank_beside(id).await?;
        let object = format!("{}/{id}", AggregateKind::Order.name());
        // Whoever hears of the placement later notes the contact again.
        let told = self.realtime.taken(&object).await?.applied > Sequence::NONE;
        self.realtime.forget_contact(id).await?;
        let heard = self.blank_log(person, &object, order).await?;
        if !told || !heard {
            info!(order.id = %id, told, heard, "not everything of an order was heard");
            return Ok(false);
        }
        change(&self.orders, &id, Order::blank).await?;
        Ok(true)
    }

    /// Whether the log has heard everything of the order.
    async fn blank_log(
        &self,
        person: &CustomerId,
        object: &str,
        order: &Order,
    ) -> Result<bool, StoreError> {
        let last = order.events.last_sequence();
        let heard = self.blank_entries(person, object, last.0).await?;
        Ok(self.blank_notes(person, order).await? && heard)
    }

    /// What somebody did that is no event is in the log as a note, by the version of the order that
    /// it made. Whether the log has all of them: who cancels in time is the only one; later it is an
    /// event.
    async fn blank_notes(&self, person: &CustomerId, order: &Order) -> Result<bool, StoreError> {
        let mut noted = order.state != OrderState::Cancelled || order.is_cancel_requested();
        for version in 1..=order.changes.stored_version() {
            let message = format!("note/order-{}/{version}", order.facts.id);
            noted |= self.blank_entry(person, &message).await?;
        }
        Ok(noted)
    }

    /// Parcel and payment.
    async fn blank_beside(&self, id: OrderId) -> Result<(), EraseError> {
        let blank = |it: &mut Shipment| {
            it.blank();
            Ok(())
        };
        change(&self.shipments, &id, blank).await?;
        let blank = |it: &mut Payment| {
            it.blank();
            Ok(())
        };
        Ok(change(&self.payments, &id, blank).await?)
    }
}

/// Changes what is stored; nothing where nothing is.
async fn change<T, S>(
    store: &S,
    id: &T::Id,
    change: impl Fn(&mut T) -> Result<(), OrderRejection>,
) -> Result<(), ChangeError<OrderRejection>>
where
    T: Aggregate + std::fmt::Debug,
    S: Load<T> + Save<T>,
{
    let Some(found) = store.load(id).await? else {
        return Ok(());
    };
    let decide = |stored: Option<T>| {
        let mut it = stored.unwrap_or_else(|| found.clone());
        change(&mut it).map(|()| it)
    };
    change_from(store, id, Some(found.clone()), decide).await?;
    Ok(())
}
