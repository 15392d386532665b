//! What the outside must be able to do, named by capability, in domain types.
//!
//! Adapters implement these; handlers take them as generic parameters; fakes pass the same
//! checks as the adapters (`testkit::port_checks`).

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    Address, Aggregate, Attempt, Author, Epoch, Handover, Lease, Money, Order, OrderId,
    ProviderReference, RefundId, Refusal, Sku, StockLine,
};

mod accounts;
mod answers;
mod archive;
mod catalogue;
mod copies;
mod facts;
mod figures;
mod groups;
mod history;
mod inbox;
mod jobs;
mod lists;
mod mail;
mod messages;
mod metrics;
mod news;
mod notifications;
mod people;
mod presence;
mod sales;
mod search;
mod sendings;
mod sockets;
mod stock;
mod subscribers;

#[cfg(test)]
mod tests;

pub use accounts::{
    AccountPage, KeepAccounts, KeepApiKeys, KeepSessions, ListAccounts, LookUpApiKey,
    MoveAccountError, RegisterError,
};
pub use answers::ShareAnswers;
pub use archive::{ArchiveEvents, KeepFiles, LetGoError};
pub use catalogue::{KeepCourses, KeepProducts, Listed, ReadCatalogue, WriteCatalogue};
pub use copies::{KeepCopies, KeepDestinations, ListCopies, SendProfile};
pub use facts::{CoverAsked, KeepFacts, ReadFacts, ReadStock, StockCover, StockNews};
pub use figures::{CountOrders, KeepNewest, ReadFigures};
pub use groups::{
    ForgetMemberships, GroupError, GroupOf, KeepGroups, KeepMembers, NoteAnnouncements, ReadGroups,
};
pub use history::{Heard, KeepHistory, ListNews, ListsPage, ReadHistory, WalkLists};
pub use inbox::{Inbox, ListGaps};
pub use jobs::{KeepJobs, LinkFiles, ListJobs};
pub use lists::{
    KeepSweepMark, ListClosing, ListOpenOrders, ListOrders, ListOrdersByDay, ListPlaced, OpenOrder,
    OrderPage, ReadOrders, SweepMark,
};
pub use mail::{CountDeliveries, Delivery, KeepContacts, Mail, MailError, SendMail};
pub use messages::{
    Attribute, CountMessages, Depth, Letter, ReceiveMessages, Received, SendMessages,
};
pub use metrics::{BatchTaken, KeepPlans, ReadMetrics, TakeMetrics, TakeMetricsError, Whose};
pub use news::RememberNews;
pub use notifications::{
    ForgetNotifications, KeepChoices, KeepError, KeepNotifications, MarkRead, ReadNotifications,
    Reader,
};
pub use people::{DeliveryOutcome, ForgetContacts, ReadDeliveries};
pub use presence::{KeepSockets, KeepTickets, MOST_SOCKETS, ReadSlices, TakeTickets};
pub use sales::{
    CountSales, DayRange, Freshness, ListSales, ListedSale, ReadSales, RecountSales, ReportedSale,
    TopProduct,
};
pub use search::{IndexCatalogue, RebuildIndex, SearchCatalogue};
pub use sendings::{FindTexts, KeepSendings, ListSendings, ReadSendings, SendTexts, Text};
pub use sockets::{PostError, PostToSockets};
pub use stock::{KeepStock, MoveError, Moved, StockShelves};
pub use subscribers::{KeepSubscribers, ListSubscribers};

/// A store that did not answer, or answered nonsense.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// Throttled, timed out or unreachable; the write may have happened.
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// Refused, or what is stored cannot be read. Asking again will not help.
    #[error("the store failed")]
    Broken(#[source] Cause),
}

/// The cause of a failure of an adapter, in words that may be logged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Cause(pub String);

/// Why a save did not happen.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SaveError<A: std::fmt::Debug> {
    /// Something else was stored since; here it is, where the store told.
    #[error("changed by somebody else meanwhile")]
    Conflict(Option<Box<A>>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Notes beside each change who made it.
pub trait NoteAuthor {
    /// The same store, for the changes of one request.
    #[must_use]
    fn by(&self, author: &Author) -> Self;
}

/// Keeps refusals until the audit log has heard of them.
pub trait NoteRefusals {
    /// Notes a refusal. Of one [`Refusal::who`] the first of a minute is kept.
    fn note_refusal(
        &self,
        refusal: &Refusal,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Reads an aggregate, consistently.
pub trait Load<A: Aggregate> {
    /// The aggregate as stored; nothing where it never was.
    fn load(&self, id: &A::Id) -> impl Future<Output = Result<Option<A>, StoreError>> + Send;
}

/// Writes an aggregate with the events that it raised, in one conditional write.
pub trait Save<A: Aggregate + std::fmt::Debug> {
    /// Stores the aggregate if what is stored is still what it was read from.
    fn save(&self, aggregate: A) -> impl Future<Output = Result<A, SaveError<A>>> + Send;
}

/// Why stock was not held.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HoldError {
    /// Not enough of it.
    #[error("{sku} ran out: {wanted} ordered, {available} left")]
    OutOfStock {
        /// Which.
        sku: Sku,
        /// How many were asked for.
        wanted: u32,
        /// How many there are.
        available: u32,
    },
    /// Never heard of it.
    #[error("{0} is not stocked")]
    UnknownSku(Sku),
    /// The lease changed meanwhile; here it is, where the store told.
    #[error("the lease was changed by somebody else meanwhile")]
    Conflict(Option<Box<Lease>>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves stock and lease together, or neither.
pub trait HoldStock {
    /// Stores the lease, and takes its lines from stock if it was just reserved.
    fn hold(
        &self,
        lease: Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<Lease, HoldError>> + Send;
    /// Stores the lease, and gives its lines back to stock if it was just released.
    fn give_back(
        &self,
        lease: Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<Lease, HoldError>> + Send;
}

/// What a third party answered, when it was not what was hoped for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// No answer: it may have happened. Look it up, or repeat it with the same key.
    #[error("the provider gave no answer")]
    Unknown(#[source] Cause),
    /// It cannot be reached; nothing happened.
    #[error("the provider is down")]
    Down(#[source] Cause),
    /// It refuses this call for good: nothing happened, and nothing will under its key. What it
    /// held before it may still hold.
    #[error("the provider refused")]
    Refused(#[source] Cause),
    /// It answered something that it never should. Asking again will not help.
    #[error("the provider answered unexpectedly")]
    Unexpected(#[source] Cause),
}

/// What the payment provider says about an authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorisation {
    /// The amount is held.
    Held(ProviderReference),
    /// Refused for good.
    Declined(String),
    /// Cancelled or expired.
    Cancelled(ProviderReference),
    /// Captured already.
    Captured(ProviderReference),
    /// It waits for something that never comes, and has to be cancelled.
    Unfinished(ProviderReference),
}

/// Everything that the provider is told about an attempt. The same attempt is always told the
/// same, under the same key: `{order_id}:authorise:{attempt}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorisationRequest {
    /// For which order.
    pub order_id: OrderId,
    /// Which attempt.
    pub attempt: Attempt,
    /// How much.
    pub amount: Money,
    /// The provider's token for the card or account.
    pub payment_method: String,
}

/// Holds money at the payment provider. One provider call each; no retries inside.
pub trait AuthorisePayment {
    /// Sends the attempt, or sends it again.
    fn authorise(
        &self,
        request: &AuthorisationRequest,
    ) -> impl Future<Output = Result<Authorisation, ProviderError>> + Send;
    /// Looks the attempt up. *Not found* proves nothing: it may still be on its way.
    fn look_up(
        &self,
        order_id: OrderId,
        attempt: Attempt,
    ) -> impl Future<Output = Result<Option<Authorisation>, ProviderError>> + Send;
}

/// How a capture or a cancel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The money is ours.
    Captured,
    /// The authorisation is closed for good and nothing was taken.
    Closed,
}

/// Settles what is held at the payment provider. One provider call each.
pub trait SettlePayment {
    /// What became of it, if that can never change again. Nothing is no answer: a call that is on
    /// its way may land later.
    fn outcome(
        &self,
        reference: &ProviderReference,
    ) -> impl Future<Output = Result<Option<Settled>, ProviderError>> + Send;
    /// Captures the whole amount under the key `{order_id}:capture:{attempt}`.
    fn capture(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> impl Future<Output = Result<Settled, ProviderError>> + Send;
    /// Cancels under the key `{order_id}:cancel:{attempt}`.
    fn cancel(
        &self,
        order_id: OrderId,
        attempt: Attempt,
        reference: &ProviderReference,
    ) -> impl Future<Output = Result<Settled, ProviderError>> + Send;
}

/// Everything that the provider is told about a refund. The same refund is always told the same,
/// under the same key: `{order_id}:refund:{refund_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Of which order.
    pub order_id: OrderId,
    /// Which of its refunds.
    pub refund_id: RefundId,
    /// What the provider calls the captured payment.
    pub payment: ProviderReference,
    /// How much of it goes back.
    pub amount: Money,
}

/// Gives back what was captured at the payment provider. One provider call each.
pub trait RefundPayment {
    /// Sends the refund, or sends it again. Answers with what the provider calls it.
    fn refund(
        &self,
        request: &RefundRequest,
    ) -> impl Future<Output = Result<ProviderReference, ProviderError>> + Send;
    /// Looks the refund up: what the provider calls it, if it was made. A provider forgets keys
    /// after a while; the refunds that it made it does not forget.
    fn look_up_refund(
        &self,
        request: &RefundRequest,
    ) -> impl Future<Output = Result<Option<ProviderReference>, ProviderError>> + Send;
}

/// What the carrier says about a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// It will be collected.
    Created(ProviderReference),
    /// The carrier does not deliver there.
    Refused(String),
    /// It was cancelled before.
    Cancelled,
}

/// What the carrier answers to a cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// Nothing will be shipped.
    Cancelled,
    /// The parcel had left.
    HandedOver(Handover),
}

/// Books parcels at the carrier by our reference, the order id. One call each.
pub trait BookParcels {
    /// Books a parcel, or the same again.
    fn create(
        &self,
        order_id: OrderId,
        ship_to: &Address,
        lines: &[StockLine],
    ) -> impl Future<Output = Result<Parcel, ProviderError>> + Send;
    /// Cancels for good, even before the create arrives.
    fn cancel(
        &self,
        order_id: OrderId,
    ) -> impl Future<Output = Result<Cancellation, ProviderError>> + Send;
}

/// Why an execution was not started.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StartError {
    /// Throttled, timed out or unreachable; it may have started.
    #[error("the workflow service is unavailable")]
    Unavailable(#[source] Cause),
    /// Refused.
    #[error("the workflow service refused")]
    Refused(#[source] Cause),
}

/// Starts the saga of an order. Started before under the same epoch is success.
pub trait StartSaga {
    /// Starts it with the order as it stands.
    fn start_saga(&self, order: &Order) -> impl Future<Output = Result<(), StartError>> + Send;
}

/// Starts recovery of an order. Started before under the same epoch is success.
pub trait StartRecovery {
    /// Starts it; `occasion` tells look-ups of ended orders apart.
    fn start_recovery(
        &self,
        order_id: OrderId,
        epoch: Epoch,
        occasion: Option<&str>,
    ) -> impl Future<Output = Result<(), StartError>> + Send;
}

/// Why a change did not happen.
#[derive(Debug, Error)]
pub enum ChangeError<R: std::error::Error + 'static> {
    /// The rules refused.
    #[error(transparent)]
    Rejected(R),
    /// Others kept changing it.
    #[error("changed by others {MAX_ROUNDS} times in a row")]
    Contended,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often a change is decided anew after a conflict.
const MAX_ROUNDS: u32 = 8;

/// Loads, decides, saves; decides anew on what is stored when somebody else was faster.
///
/// # Errors
/// [`ChangeError`].
pub async fn change<A, S, R>(
    store: &S,
    id: &A::Id,
    decide: impl Fn(Option<A>) -> Result<A, R>,
) -> Result<A, ChangeError<R>>
where
    A: Aggregate + std::fmt::Debug,
    S: Load<A> + Save<A>,
    R: std::error::Error + 'static,
{
    let current = store.load(id).await?;
    change_from(store, id, current, decide).await
}

/// As [`change`], from what the caller has in hand: nothing for an aggregate that is most likely
/// new, which saves the read.
///
/// # Errors
/// [`ChangeError`].
pub async fn change_from<A, S, R>(
    store: &S,
    id: &A::Id,
    mut current: Option<A>,
    decide: impl Fn(Option<A>) -> Result<A, R>,
) -> Result<A, ChangeError<R>>
where
    A: Aggregate + std::fmt::Debug,
    S: Load<A> + Save<A>,
    R: std::error::Error + 'static,
{
    for _ in 0..MAX_ROUNDS {
        let decided = decide(current).map_err(ChangeError::Rejected)?;
        if !decided.changes().is_changed() {
            return Ok(decided);
        }
        current = match store.save(decided).await {
            Ok(saved) => return Ok(saved),
            Err(SaveError::Conflict(Some(stored))) => Some(*stored),
            Err(SaveError::Conflict(None)) => store.load(id).await?,
            Err(SaveError::Store(error)) => return Err(error.into()),
        };
    }
    Err(ChangeError::Contended)
}

/// Has what was found carry out a command, or what it has become meanwhile.
///
/// # Errors
/// [`ChangeError`].
pub async fn execute_on<A, S>(
    store: &S,
    id: &A::Id,
    found: &A,
    (command, now): (&A::Command, Timestamp),
) -> Result<A, ChangeError<A::Rejection>>
where
    A: Aggregate + Clone + std::fmt::Debug,
    A::Rejection: std::error::Error + 'static,
    S: Load<A> + Save<A>,
{
    let decide = |current: Option<A>| {
        let mut aggregate = current.unwrap_or_else(|| found.clone());
        aggregate.execute(command, now)?;
        Ok(aggregate)
    };
    change_from(store, id, Some(found.clone()), decide).await
}
