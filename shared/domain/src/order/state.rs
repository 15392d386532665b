//! Where an order is, what was decided, and what happened to it.

use jiff::Timestamp;

use super::refund::Refund;
use crate::{Failure, RefundId, TrackingNumber};

/// Where an order is on its way. `pending → charging → confirmed → shipped → delivered`, or
/// `pending → unwinding → failed | cancelled`; `charging → unwinding` by *close* only; from
/// confirmed, shipped and delivered to `refunded` once all of the money went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Placed, not settled.
    Pending,
    /// Settled: it will be charged and fulfilled.
    Charging {
        /// When that was decided.
        since: Timestamp,
    },
    /// Settled: everything will be taken back.
    Unwinding {
        /// Why.
        failure: Failure,
    },
    /// Charged, sold, on its way.
    Confirmed {
        /// When it was completed.
        at: Timestamp,
    },
    /// The carrier has the parcel.
    Shipped {
        /// When it was handed over.
        at: Timestamp,
        /// What the carrier lets the customer follow it by.
        tracking: TrackingNumber,
    },
    /// The customer has the parcel.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// All of the money went back.
    Refunded {
        /// When the last of it did.
        at: Timestamp,
    },
    /// Everything was taken back.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Everything was taken back because the customer asked.
    Cancelled,
}

impl OrderState {
    /// The stable name: stored, published and shown.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Charging { .. } => "charging",
            Self::Unwinding { .. } => "unwinding",
            Self::Confirmed { .. } => "confirmed",
            Self::Shipped { .. } => "shipped",
            Self::Delivered { .. } => "delivered",
            Self::Refunded { .. } => "refunded",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the saga has nothing left to do. Parcels and refunds may still move it.
    pub const fn is_ended(&self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Charging { .. } | Self::Unwinding { .. }
        )
    }

    /// Whether it was charged for good: what follows is refunds, never an undo.
    pub const fn is_fulfilled(&self) -> bool {
        matches!(
            self,
            Self::Confirmed { .. } | Self::Shipped { .. } | Self::Delivered { .. }
        )
    }
}

/// What was decided, as whoever reads the order may act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go forward: capture, commit, complete.
    Charging,
    /// Take back: cancel, void, release.
    Unwinding,
    /// Nothing is left to do.
    Ended,
}

/// What happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// It was placed.
    Placed,
    /// It was decided to charge.
    ChargingDecided,
    /// It was decided to take everything back.
    UnwindingDecided {
        /// Why.
        failure: Failure,
    },
    /// It was charged, sold and handed to shipping.
    Completed,
    /// The customer changed their mind too late for the decision: what was or will be charged
    /// goes back once the order is confirmed.
    CancelRequested,
    /// Money is to go back.
    RefundRequested {
        /// Which part of it, and what becomes of the goods.
        refund: Refund,
    },
    /// It went back.
    Refunded {
        /// Which of the refunds.
        id: RefundId,
        /// Whether all of the order's money has gone back with it.
        all: bool,
    },
    /// The carrier has the parcel.
    Shipped {
        /// What the carrier lets the customer follow it by.
        tracking: TrackingNumber,
    },
    /// The customer has the parcel.
    Delivered,
    /// Everything was taken back.
    Failed,
    /// Everything was taken back because the customer asked.
    Cancelled,
    /// Undo or recovery does not get through; a person must look.
    AttentionNeeded,
}
