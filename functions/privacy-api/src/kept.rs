//! What is kept of a person beside their account.

use domain::ports::{
    DeliveryOutcome, KeepSubscribers, ListOrders, Load, ReadDeliveries, ReadNotifications,
    ReadOrders, ReadSendings, Reader, StoreError,
};
use domain::{CustomerId, Notification, NotificationList, Order, Payment, Shipment, TenantId};
use futures::future::try_join3;
use told::Outcomes;

/// How many of the newest of a list are looked at.
const NEWEST: u64 = 100;

/// The stores of the other services.
#[derive(Clone, Debug)]
pub struct Kept<O, P, S, R> {
    /// Orders.
    pub orders: O,
    /// Payments.
    pub payments: P,
    /// Shipments.
    pub shipments: S,
    /// What they were told, and what was mailed.
    pub messages: R,
}

/// What is kept beside an order.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Its money.
    pub payment: Option<Payment>,
    /// Its parcel.
    pub shipment: Option<Shipment>,
    /// What was mailed because of it: which event, and what became of the mail.
    pub messages: Vec<(String, DeliveryOutcome)>,
}

/// What somebody was told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Their list as a whole.
    pub list: NotificationList,
    /// What is there of its newest hundred, newest first; some of it may have ended.
    pub notifications: Vec<Notification>,
    /// What became of them as mails and texts.
    pub outcomes: Outcomes,
    /// Whether they want to hear of new courses.
    pub hears_of_courses: bool,
}

/// Reads what is kept of a person beside their account.
pub trait ReadKept: Send + Sync {
    /// Up to so many orders, newest first, after a place that an earlier page told, and the place of
    /// the last of them where there are more.
    fn orders_of(
        &self,
        owner: (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<(Vec<Order>, Option<String>), StoreError>> + Send;

    /// What is kept beside an order.
    fn beside(&self, order: &Order) -> impl Future<Output = Result<Beside, StoreError>> + Send;

    /// What was mailed because of the events of an object, the newest hundred up to a sequence:
    /// which event, and what became of the mail.
    fn messages_of(
        &self,
        object: &str,
        last: u32,
    ) -> impl Future<Output = Result<Vec<(String, DeliveryOutcome)>, StoreError>> + Send;

    /// What they were told.
    fn told_to(&self, reader: Reader<'_>) -> impl Future<Output = Result<Told, StoreError>> + Send;
}

impl<O, P, S, R> ReadKept for Kept<O, P, S, R>
where
    O: ListOrders + ReadOrders + Send + Sync,
    P: Load<Payment> + Send + Sync,
    S: Load<Shipment> + Send + Sync,
    R: ReadDeliveries + ReadNotifications + ReadSendings + KeepSubscribers + Send + Sync,
{
    async fn orders_of(
        &self,
        owner: (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> Result<(Vec<Order>, Option<String>), StoreError> {
        let page = self.orders.of_customer(owner, after, limit).await?;
        Ok((self.orders.orders(&page.ids).await?, page.next))
    }

    async fn beside(&self, order: &Order) -> Result<Beside, StoreError> {
        let id = order.facts.id;
        let (object, last) = (format!("order/{id}"), order.events.last_sequence());
        let (payment, shipment, messages) = try_join3(
            self.payments.load(&id),
            self.shipments.load(&id),
            self.messages_of(&object, last.0),
        )
        .await?;
        Ok(Beside {
            payment,
            shipment,
            messages,
        })
    }

    async fn messages_of(
        &self,
        object: &str,
        last: u32,
    ) -> Result<Vec<(String, DeliveryOutcome)>, StoreError> {
        let sequences = last.saturating_sub(49).max(1)..=last;
        let of_event = |it| {
            let event = format!("{object}/{it}");
            [format!("{event}/link"), event]
        };
        let events: Vec<_> = sequences.flat_map(of_event).collect();
        self.messages.deliveries(&events).await
    }

    async fn told_to(&self, reader: Reader<'_>) -> Result<Told, StoreError> {
        let list = self.messages.list_of(reader).await?;
        let count = list.last.min(NEWEST);
        let from = list.last - count + 1;
        let count = usize::try_from(count).unwrap_or_default();
        let mut notifications = self.messages.notifications(reader, from, count).await?;
        notifications.reverse();
        let outcomes = Outcomes::read(&self.messages, &notifications).await?;
        Ok(Told {
            list,
            notifications,
            outcomes,
            hears_of_courses: self.messages.is_subscribed(reader).await?,
        })
    }
}
