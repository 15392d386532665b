//! Lists over stores, and what goes through them.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use super::StoreError;
use crate::{CustomerId, Order, OrderId, TenantId};

/// One page of a customer's orders, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders of this page.
    pub ids: Vec<OrderId>,
    /// The place of the last of them, where the list goes on after it.
    pub next: Option<String>,
}

/// Lists a customer's orders.
pub trait ListOrders {
    /// Up to `limit` orders of this customer of this shop after a place that an earlier page told.
    /// A place is not to be taken from outside: it says nothing of whose it is.
    fn of_customer(
        &self,
        owner: (&TenantId, &CustomerId),
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<OrderPage, StoreError>> + Send;
}

/// Reads many orders at once.
pub trait ReadOrders {
    /// Those of these that exist, as they were about a second ago, in the same order.
    fn orders(
        &self,
        ids: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Order>, StoreError>> + Send;
}

/// Lists the orders of all shops by the time of their placement.
pub trait ListPlaced {
    /// Up to `limit` orders placed from the first time on and before the second, newest first,
    /// after a place that an earlier page told.
    fn placed_page(
        &self,
        between: (Timestamp, Timestamp),
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<OrderPage, StoreError>> + Send;
}

/// An order that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    /// Which.
    pub id: OrderId,
    /// Until when recovery looks after it; nothing where it never did.
    pub next_look: Option<Timestamp>,
}

/// Lists orders that have not ended.
pub trait ListOpenOrders {
    /// Up to `limit` open orders that recovery was to look at again before this time
    /// ([`next_look`](crate::Order::next_look)), the most overdue first. What recovery never looked
    /// after is not among them.
    fn overdue(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<OrderId>, StoreError>> + Send;

    /// Those of these that had not ended about a second ago, each once, in the same order.
    fn unended(
        &self,
        ids: &[OrderId],
    ) -> impl Future<Output = Result<Vec<OpenOrder>, StoreError>> + Send;
}

/// How far the sweeper has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepMark {
    /// All orders were looked at that by then had come to one of their ages.
    pub until: Timestamp,
    /// Those of them that could not be handed over, in the order of their ids.
    pub left: Vec<OrderId>,
}

impl SweepMark {
    /// How far ahead of a clock it may be: those of two sweeps differ a little.
    pub const AHEAD: SignedDuration = SignedDuration::from_mins(1);

    /// Whether a clock that went wrong has set it.
    pub fn is_ahead_of(&self, now: Timestamp) -> bool {
        now.checked_add(Self::AHEAD)
            .is_ok_and(|last| self.until > last)
    }
}

/// Keeps how far the sweeper has come.
pub trait KeepSweepMark {
    /// Nothing before the first sweep.
    fn sweep_mark(&self) -> impl Future<Output = Result<Option<SweepMark>, StoreError>> + Send;

    /// Replaces it, unless another sweep has come further. One that is ahead of `now`
    /// ([`SweepMark::is_ahead_of`]) is replaced in any case.
    fn note_swept(
        &self,
        mark: &SweepMark,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Lists payments, or shipments, that are still closing.
pub trait ListClosing {
    /// Up to `limit` orders whose next look is before this time.
    fn closing_due(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<OrderId>, StoreError>> + Send;
}

/// Lists orders by the day on which they were placed, for replays.
pub trait ListOrdersByDay {
    /// All orders placed from the first time on and before the second, oldest first.
    fn placed_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Vec<OrderId>, StoreError>> + Send;
}
