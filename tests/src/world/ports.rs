//! Every port, by way of a [`Wire`].

use std::collections::BTreeMap;

use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, BookParcels, Cancellation, Cause,
    CountDeliveries, Delivery, DeliveryOutcome, HoldError, HoldStock, Inbox, KeepContacts,
    KeepError, KeepNotifications, KeepSendings, KeepSubscribers, KeepSweepMark, ListClosing,
    ListOpenOrders, ListOrdersByDay, ListSendings, Load, Mail, MailError, OpenOrder, Parcel,
    ProviderError, ReadCatalogue, ReadDeliveries, ReadNotifications, ReadSendings, Reader,
    RefundPayment, RefundRequest, Save, SaveError, SendMail, SettlePayment, Settled, StartError,
    StartRecovery, StartSaga, StoreError, SweepMark,
};
use domain::{
    Address, Aggregate, AggregateKind, Attempt, Channel, Contact, CustomerId, Epoch, Lease,
    Notification, NotificationList, Order, OrderId, Product, ProductId, ProviderReference, Reach,
    Sending, StockLine, Taken, TenantId,
};
use jiff::Timestamp;

use super::wire::Wire;

/// Something on the other end of a wire.
#[derive(Clone, Debug)]
pub(crate) struct Far<S> {
    /// What is there.
    pub end: S,
    /// The way there.
    pub wire: Wire,
}

/// What can be at the other end.
pub(crate) trait End: Clone + Send + Sync + 'static {}
impl<S: Clone + Send + Sync + 'static> End for S {}

const fn load_port(kind: AggregateKind) -> &'static str {
    match kind {
        AggregateKind::Order => "orders.load",
        AggregateKind::Lease => "leases.load",
        AggregateKind::Payment => "payments.load",
        AggregateKind::Shipment => "shipments.load",
        AggregateKind::Stock => "stock.load",
        AggregateKind::Product | AggregateKind::Course => "catalogue.load",
        AggregateKind::Account | AggregateKind::Note => "accounts.load",
    }
}

const fn save_port(kind: AggregateKind) -> &'static str {
    match kind {
        AggregateKind::Order => "orders.save",
        AggregateKind::Lease => "leases.save",
        AggregateKind::Payment => "payments.save",
        AggregateKind::Shipment => "shipments.save",
        AggregateKind::Stock => "stock.save",
        AggregateKind::Product | AggregateKind::Course => "catalogue.save",
        AggregateKind::Account | AggregateKind::Note => "accounts.save",
    }
}

impl<A, S> Load<A> for Far<S>
where
    A: Aggregate + 'static,
    A::Id: 'static,
    S: Load<A> + End,
{
    async fn load(&self, id: &A::Id) -> Result<Option<A>, StoreError> {
        let (end, id) = (self.end.clone(), id.clone());
        let work = async move { end.load(&id).await };
        self.wire.call(load_port(A::KIND), work).await
    }
}

impl<A, S> Save<A> for Far<S>
where
    A: Aggregate + std::fmt::Debug + 'static,
    S: Save<A> + End,
{
    async fn save(&self, aggregate: A) -> Result<A, SaveError<A>> {
        let end = self.end.clone();
        let work = async move { end.save(aggregate).await };
        self.wire.call(save_port(A::KIND), work).await
    }
}

impl<S: HoldStock + End> HoldStock for Far<S> {
    async fn hold(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        let end = self.end.clone();
        let work = async move { end.hold(lease, now).await };
        self.wire.call("stock.hold", work).await
    }

    async fn give_back(&self, lease: Lease, now: Timestamp) -> Result<Lease, HoldError> {
        let end = self.end.clone();
        let work = async move { end.give_back(lease, now).await };
        self.wire.call("stock.give-back", work).await
    }
}

impl<S: ReadCatalogue + End> ReadCatalogue for Far<S> {
    async fn products(
        &self,
        ids: &[ProductId],
    ) -> Result<BTreeMap<ProductId, Product>, StoreError> {
        let (end, ids) = (self.end.clone(), ids.to_vec());
        let work = async move { end.products(&ids).await };
        self.wire.call("catalogue.products", work).await
    }
}

impl<S: ListOpenOrders + End> ListOpenOrders for Far<S> {
    async fn overdue(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.overdue(before, limit).await };
        self.wire.call("orders.overdue", work).await
    }

    async fn unended(&self, ids: &[OrderId]) -> Result<Vec<OpenOrder>, StoreError> {
        let (end, ids) = (self.end.clone(), ids.to_vec());
        let work = async move { end.unended(&ids).await };
        self.wire.call("orders.unended", work).await
    }
}

impl<S: ListOrdersByDay + End> ListOrdersByDay for Far<S> {
    async fn placed_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<OrderId>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.placed_between(from, until).await };
        self.wire.call("orders.placed", work).await
    }
}

impl<S: KeepSweepMark + End> KeepSweepMark for Far<S> {
    async fn sweep_mark(&self) -> Result<Option<SweepMark>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.sweep_mark().await };
        self.wire.call("orders.mark", work).await
    }

    async fn note_swept(&self, mark: &SweepMark, now: Timestamp) -> Result<(), StoreError> {
        let (end, mark) = (self.end.clone(), mark.clone());
        let work = async move { end.note_swept(&mark, now).await };
        self.wire.call("orders.note", work).await
    }
}

impl<S: ListClosing + End> ListClosing for Far<S> {
    async fn closing_due(&self, before: Timestamp, limit: u16) -> Result<Vec<OrderId>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.closing_due(before, limit).await };
        self.wire.call("closing.due", work).await
    }
}

impl<S: AuthorisePayment + End> AuthorisePayment for Far<S> {
    async fn authorise(
        &self,
        request: &AuthorisationRequest,
    ) -> Result<Authorisation, ProviderError> {
        let (end, request) = (self.end.clone(), request.clone());
        let work = async move { end.authorise(&request).await };
        self.wire.call("provider.authorise", work).await
    }

    async fn look_up(
        &self,
        order_id: OrderId,
        attempt: Attempt,
    ) -> Result<Option<Authorisation>, ProviderError> {
        let end = self.end.clone();
        let work = async move { end.look_up(order_id, attempt).await };
        self.wire.call("provider.look-up", work).await
    }
}

impl<S: SettlePayment + End> SettlePayment for Far<S> {
    async fn outcome(
        &self,
        reference: &ProviderReference,
    ) -> Result<Option<Settled>, ProviderError> {
        let (end, reference) = (self.end.clone(), reference.clone());
        let work = async move { end.outcome(&reference).await };
        self.wire.call("provider.outcome", work).await
    }

    async fn capture(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let (end, reference) = (self.end.clone(), reference.clone());
        let work = async move { end.capture(order_id, attempt, &reference).await };
        self.wire.call("provider.capture", work).await
    }

    async fn cancel(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> Result<Settled, ProviderError> {
        let (end, reference) = (self.end.clone(), reference.clone());
        let work = async move { end.cancel(order_id, attempt, &reference).await };
        self.wire.call("provider.cancel", work).await
    }
}

impl<S: RefundPayment + End> RefundPayment for Far<S> {
    async fn refund(&self, request: &RefundRequest) -> Result<ProviderReference, ProviderError> {
        let (end, request) = (self.end.clone(), request.clone());
        let work = async move { end.refund(&request).await };
        self.wire.call("provider.refund", work).await
    }

    async fn look_up_refund(
        &self,
        request: &RefundRequest,
    ) -> Result<Option<ProviderReference>, ProviderError> {
        let (end, request) = (self.end.clone(), request.clone());
        let work = async move { end.look_up_refund(&request).await };
        self.wire.call("provider.refunds", work).await
    }
}

impl<S: BookParcels + End> BookParcels for Far<S> {
    async fn create(
        &self,
        order_id: OrderId,
        ship_to: &Address,
        lines: &[StockLine],
    ) -> Result<Parcel, ProviderError> {
        let (end, ship_to, lines) = (self.end.clone(), ship_to.clone(), lines.to_vec());
        let work = async move { end.create(order_id, &ship_to, &lines).await };
        self.wire.call("carrier.create", work).await
    }

    async fn cancel(&self, order_id: OrderId) -> Result<Cancellation, ProviderError> {
        let end = self.end.clone();
        let work = async move { end.cancel(order_id).await };
        self.wire.call("carrier.cancel", work).await
    }
}

impl<S: KeepContacts + End> KeepContacts for Far<S> {
    async fn put_contact(&self, order_id: OrderId, contact: &Contact) -> Result<(), StoreError> {
        let (end, contact) = (self.end.clone(), contact.clone());
        let work = async move { end.put_contact(order_id, &contact).await };
        self.wire.call("contacts.put", work).await
    }

    async fn contact(&self, order_id: OrderId) -> Result<Option<Contact>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.contact(order_id).await };
        self.wire.call("contacts.get", work).await
    }
}

impl<S: Inbox + End> Inbox for Far<S> {
    async fn taken(&self, aggregate: &str) -> Result<Taken, StoreError> {
        let (end, aggregate) = (self.end.clone(), aggregate.to_owned());
        let work = async move { end.taken(&aggregate).await };
        self.wire.call("inbox.taken", work).await
    }

    async fn save_taken(&self, aggregate: &str, taken: Taken) -> Result<Taken, SaveError<Taken>> {
        let (end, aggregate) = (self.end.clone(), aggregate.to_owned());
        let work = async move { end.save_taken(&aggregate, taken).await };
        self.wire.call("inbox.save", work).await
    }
}

impl<S: CountDeliveries + End> CountDeliveries for Far<S> {
    async fn claim(&self, message: &str) -> Result<Delivery, StoreError> {
        let (end, message) = (self.end.clone(), message.to_owned());
        let work = async move { end.claim(&message).await };
        self.wire.call("deliveries.claim", work).await
    }

    async fn sent(&self, message: &str) -> Result<(), StoreError> {
        let (end, message) = (self.end.clone(), message.to_owned());
        let work = async move { end.sent(&message).await };
        self.wire.call("deliveries.sent", work).await
    }

    async fn refused(&self, message: &str, cause: &Cause) -> Result<(), StoreError> {
        let (end, message) = (self.end.clone(), message.to_owned());
        let cause = cause.clone();
        let work = async move { end.refused(&message, &cause).await };
        self.wire.call("deliveries.refused", work).await
    }

    async fn given_up(&self, message: &str) -> Result<(), StoreError> {
        let (end, message) = (self.end.clone(), message.to_owned());
        let work = async move { end.given_up(&message).await };
        self.wire.call("deliveries.given-up", work).await
    }

    async fn not_sent(&self, message: &str) -> Result<(), StoreError> {
        let (end, message) = (self.end.clone(), message.to_owned());
        let work = async move { end.not_sent(&message).await };
        self.wire.call("deliveries.not-sent", work).await
    }
}

fn whose((tenant, customer): Reader<'_>) -> (TenantId, CustomerId) {
    (tenant.clone(), customer.clone())
}

impl<S: ReadDeliveries + End> ReadDeliveries for Far<S> {
    async fn deliveries(
        &self,
        messages: &[String],
    ) -> Result<Vec<(String, DeliveryOutcome)>, StoreError> {
        let (end, messages) = (self.end.clone(), messages.to_vec());
        let work = async move { end.deliveries(&messages).await };
        self.wire.call("deliveries.read", work).await
    }
}

impl<S: KeepSubscribers + End> KeepSubscribers for Far<S> {
    async fn subscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.subscribe((&tenant, &customer)).await };
        self.wire.call("subscribers.put", work).await
    }

    async fn unsubscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.unsubscribe((&tenant, &customer)).await };
        self.wire.call("subscribers.remove", work).await
    }

    async fn is_subscribed(&self, reader: Reader<'_>) -> Result<bool, StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.is_subscribed((&tenant, &customer)).await };
        self.wire.call("subscribers.read", work).await
    }
}

impl<S: ReadNotifications + End> ReadNotifications for Far<S> {
    async fn list_of(&self, reader: Reader<'_>) -> Result<NotificationList, StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.list_of((&tenant, &customer)).await };
        self.wire.call("notifications.list", work).await
    }

    async fn notifications(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.notifications((&tenant, &customer), from, count).await };
        self.wire.call("notifications.read", work).await
    }
}

impl<S: KeepNotifications + End> KeepNotifications for Far<S> {
    async fn keep(
        &self,
        reader: Reader<'_>,
        notification: Notification,
    ) -> Result<Notification, KeepError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let work = async move { end.keep((&tenant, &customer), notification).await };
        self.wire.call("notifications.keep", work).await
    }

    async fn note_reach(
        &self,
        reader: Reader<'_>,
        reach: &Reach,
        version: u32,
    ) -> Result<(), StoreError> {
        let (end, (tenant, customer)) = (self.end.clone(), whose(reader));
        let reach = reach.clone();
        let work = async move {
            let reader = (&tenant, &customer);
            end.note_reach(reader, &reach, version).await
        };
        self.wire.call("notifications.reach", work).await
    }
}

impl<S: ReadSendings + End> ReadSendings for Far<S> {
    async fn sendings(
        &self,
        channel: Channel,
        messages: &[String],
    ) -> Result<Vec<Sending>, StoreError> {
        let (end, messages) = (self.end.clone(), messages.to_vec());
        let work = async move { end.sendings(channel, &messages).await };
        self.wire.call("sendings.read", work).await
    }
}

impl<S: KeepSendings + End> KeepSendings for Far<S> {
    async fn save_sending(&self, sending: Sending) -> Result<Sending, SaveError<Sending>> {
        let end = self.end.clone();
        let work = async move { end.save_sending(sending).await };
        self.wire.call("sendings.save", work).await
    }
}

impl<S: ListSendings + End> ListSendings for Far<S> {
    async fn sendings_due(
        &self,
        channel: Channel,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<String>, StoreError> {
        let end = self.end.clone();
        let work = async move { end.sendings_due(channel, before, limit).await };
        self.wire.call("sendings.due", work).await
    }
}

impl<S: SendMail + End> SendMail for Far<S> {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let (end, mail) = (self.end.clone(), mail.clone());
        let work = async move { end.send(&mail).await };
        self.wire.call("mail.send", work).await
    }
}

impl<S: StartSaga + End> StartSaga for Far<S> {
    async fn start_saga(&self, order: &Order) -> Result<(), StartError> {
        let (end, order) = (self.end.clone(), order.clone());
        let work = async move { end.start_saga(&order).await };
        self.wire.call("workflow.start", work).await
    }
}

impl<S: StartRecovery + End> StartRecovery for Far<S> {
    async fn start_recovery(
        &self,
        order_id: OrderId,
        epoch: Epoch,
        occasion: Option<&str>,
    ) -> Result<(), StartError> {
        let (end, occasion) = (self.end.clone(), occasion.map(str::to_owned));
        let work = async move {
            end.start_recovery(order_id, epoch, occasion.as_deref())
                .await
        };
        self.wire.call("workflow.start", work).await
    }
}

impl<S: PublishEvents + End> PublishEvents for Far<S> {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        let (end, events) = (self.end.clone(), events.to_vec());
        let work = async move { end.publish(&events).await };
        self.wire.call("topic.publish", work).await
    }
}
