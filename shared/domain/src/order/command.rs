//! What an order can be asked, and why it refuses.

use thiserror::Error;

use super::refund::{RefundRejection, RefundWanted};
use crate::{Epoch, Failure, RefundId, TrackingNumber};

/// What an order can be asked. What a run of the saga or of recovery asks says for which epoch it
/// acts; what people and parcels bring about holds in any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderCommand {
    /// Settle it: go forward.
    DecideCharging {
        /// Epoch of the asking run.
        epoch: Epoch,
    },
    /// Settle it: take back.
    DecideUnwinding {
        /// Epoch of the asking run.
        epoch: Epoch,
        /// Why.
        failure: Failure,
    },
    /// Take back after all, because every attempt was answered closed by the provider.
    UnwindClosed {
        /// Epoch of the asking run.
        epoch: Epoch,
    },
    /// Capture and commit were answered.
    Complete {
        /// Epoch of the asking run.
        epoch: Epoch,
    },
    /// Release, void and shipment cancel were answered.
    Fail {
        /// Epoch of the asking run.
        epoch: Epoch,
    },
    /// Call for a person.
    Flag {
        /// Epoch of the asking run.
        epoch: Epoch,
    },
    /// The customer changed their mind.
    RequestCancel,
    /// Give money back.
    RequestRefund {
        /// Tells it from other refunds of the order: the same again is the same refund.
        id: RefundId,
        /// Which part of it.
        wanted: RefundWanted,
    },
    /// The provider gave the money back, and the goods are where the refund says.
    RecordRefunded {
        /// Which of the refunds.
        id: RefundId,
    },
    /// The carrier has the parcel.
    RecordShipped {
        /// What the carrier lets the customer follow it by.
        tracking: TrackingNumber,
    },
    /// The customer has the parcel.
    RecordDelivered,
}

impl OrderCommand {
    /// Of the run that asks; nothing where no run does.
    pub(super) const fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::DecideCharging { epoch }
            | Self::DecideUnwinding { epoch, .. }
            | Self::UnwindClosed { epoch }
            | Self::Complete { epoch }
            | Self::Fail { epoch }
            | Self::Flag { epoch } => Some(*epoch),
            Self::RequestCancel
            | Self::RequestRefund { .. }
            | Self::RecordRefunded { .. }
            | Self::RecordShipped { .. }
            | Self::RecordDelivered => None,
        }
    }
}

/// Why an order refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OrderRejection {
    /// Another run took the order over.
    #[error("epoch {acting} was superseded by {current}")]
    Superseded {
        /// Epoch of the asking run.
        acting: Epoch,
        /// Epoch of the order.
        current: Epoch,
    },
    /// The command does not follow from the decision.
    #[error("an order that is {status} cannot do that")]
    WrongDecision {
        /// Name of the present state.
        status: &'static str,
    },
    /// The parcel is on its way: send it back, and ask for a refund.
    #[error("an order that is {status} cannot be cancelled")]
    TooLate {
        /// Name of the present state.
        status: &'static str,
    },
    /// The refund cannot be.
    #[error(transparent)]
    Refund(#[from] RefundRejection),
}
