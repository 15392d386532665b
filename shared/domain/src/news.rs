//! What third parties tell on their own account, by webhook, and what it does to what we know.
//! News come late, twice and in any order, beside the answers to our own calls: each is told to the
//! aggregate by the same commands, under the same rules.

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    Aggregate, Attempt, Handover, Money, NewsId, OrderId, Payment, PaymentCommand, PaymentEvent,
    PaymentState, ProviderReference, Shipment, ShipmentCommand, ShipmentRejection,
};

#[cfg(test)]
mod tests;

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<T> {
    /// What the third party calls it; a repeat has the same.
    pub id: NewsId,
    /// What it tells; nothing where it is none of our business.
    pub told: Option<T>,
}

/// What the payment provider tells of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOfPayment {
    /// Of which order.
    pub order_id: OrderId,
    /// Which attempt.
    pub attempt: Attempt,
    /// What the provider calls it.
    pub reference: ProviderReference,
    /// How much it is about: taken, or asked for where nothing was taken.
    pub amount: Money,
    /// What happened.
    pub happened: PaymentHappened,
}

/// What happened to a payment at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentHappened {
    /// The money is ours.
    Captured,
    /// Refused.
    Declined {
        /// The provider's reason.
        reason: String,
    },
    /// Closed for good, nothing was taken.
    Cancelled,
    /// Money that had gone back came to us again: the bank did not take it.
    RefundFailed,
}

/// What the carrier tells of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOfParcel {
    /// Of which order.
    pub order_id: OrderId,
    /// Who has it, and its number.
    pub handover: Handover,
    /// What happened.
    pub happened: ParcelHappened,
}

/// What happened to a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParcelHappened {
    /// The carrier has it.
    HandedOver,
    /// It is where it was to go.
    Delivered,
}

/// Why a person must look: genuine news that do not fit what we know. Nothing was changed by them.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Concern {
    /// Money was taken, or a parcel left, for an order of which we know none.
    #[error("there is no such payment or shipment")]
    Unknown,
    /// The amount or the currency is not ours.
    #[error("the amount is not that of the payment")]
    OtherAmount,
    /// Money was taken by another attempt, or under another reference, than the one we know.
    #[error("that is another payment than ours")]
    OtherPayment,
    /// A refund did not reach its customer, who was told of it.
    #[error("a refund came back")]
    RefundFailed,
    /// It is another parcel than the one that was booked.
    #[error("that is another parcel than ours")]
    OtherParcel,
    /// It cannot have happened in the state that we know.
    #[error("that cannot be while it is {status}")]
    OutOfTurn {
        /// Name of the present state.
        status: &'static str,
    },
}

impl Payment {
    /// Takes in what the provider told. What is known already, or says nothing new, changes
    /// nothing.
    ///
    /// # Errors
    /// [`Concern`]; the payment is unchanged then.
    pub fn hear(&mut self, told: &ToldOfPayment, now: Timestamp) -> Result<(), Concern> {
        if told.happened == PaymentHappened::RefundFailed {
            return Err(Concern::RefundFailed);
        }
        let captured = told.happened == PaymentHappened::Captured;
        let Some(terms) = &self.terms else {
            return if captured {
                Err(Concern::Unknown)
            } else {
                Ok(())
            };
        };
        if terms.amount != told.amount {
            return Err(Concern::OtherAmount);
        }
        let known = self.reference.as_ref();
        let same = told.attempt == self.attempt && known.is_none_or(|it| *it == told.reference);
        if !same {
            return if captured {
                Err(Concern::OtherPayment)
            } else {
                Ok(())
            };
        }
        let heard = self.command_for(told).map(|it| self.execute(&it, now));
        match heard {
            Some(Err(_)) if captured => Err(Concern::OutOfTurn {
                status: self.state.name(),
            }),
            // A decline or a cancel that the present state has left behind costs nobody anything.
            _ => Ok(()),
        }
    }

    /// A cancel closes the one attempt that there is; one under a reference that nobody knows may
    /// be another's.
    fn command_for(&self, told: &ToldOfPayment) -> Option<PaymentCommand> {
        let reference = told.reference.clone();
        match &told.happened {
            PaymentHappened::Captured => Some(PaymentCommand::RecordCaptured { reference }),
            PaymentHappened::Declined { reason } => Some(PaymentCommand::RecordDeclined {
                reason: reason.clone(),
            }),
            PaymentHappened::Cancelled => {
                let only = self.attempt == Attempt::FIRST && self.reference.is_some();
                only.then_some(PaymentCommand::RecordClosed)
            }
            PaymentHappened::RefundFailed => None,
        }
    }

    /// Whether money was taken after every attempt had been answered closed. Nobody looks after the
    /// order any more then.
    pub fn is_captured_after_close(&self) -> bool {
        let mut events = self.events.all().iter();
        self.state == PaymentState::Captured
            && events.any(|raised| raised.event == PaymentEvent::Closed)
    }
}

impl Shipment {
    /// Takes in what the carrier told. What is known already changes nothing.
    ///
    /// # Errors
    /// [`Concern`]; the shipment is unchanged then.
    pub fn hear(&mut self, told: &ToldOfParcel, now: Timestamp) -> Result<(), Concern> {
        let handover = told.handover.clone();
        let command = match told.happened {
            ParcelHappened::HandedOver => ShipmentCommand::RecordHandedOver { handover },
            ParcelHappened::Delivered => ShipmentCommand::RecordDelivered { handover },
        };
        self.execute(&command, now)
            .map_err(|refused| match refused {
                ShipmentRejection::OtherParcel => Concern::OtherParcel,
                _ => Concern::OutOfTurn {
                    status: self.state.name(),
                },
            })
    }
}
