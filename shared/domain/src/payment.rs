//! The payment of one order: an attempt is stored before it is sent, what the provider answered is
//! recorded whatever the epoch.

use jiff::Timestamp;
use thiserror::Error;

use crate::recovery::next_closing_look;
use crate::{
    Aggregate, AggregateKind, Attempt, ChangeTracker, EventRaiser, Money, OrderId,
    ProviderReference, RefundId, TenantId, Traceparent,
};

mod decline;
mod ledger;
mod refund;

pub use self::decline::{ACTION_REQUIRED, decline_in_words};
pub use self::ledger::{LedgerAccount, LedgerEntry};
#[cfg(test)]
mod tests;

/// What is to be paid and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentTerms {
    /// Whose shop.
    pub tenant: TenantId,
    /// Trace of the order.
    pub traceparent: Option<Traceparent>,
    /// How much.
    pub amount: Money,
    /// The provider's token for the card or account.
    pub payment_method: String,
}

/// Where a payment is. `none → authorising → authorised | declined`,
/// `authorised → captured`, by way of `capturing` where a capture was not heard of, any but captured
/// `→ closing → closed`, `closing → captured` when the provider says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Nothing was ever sent.
    None,
    /// An attempt was, or is about to be, sent.
    Authorising,
    /// The provider holds the amount.
    Authorised,
    /// The provider refused.
    Declined {
        /// The provider's reason.
        reason: String,
    },
    /// A capture was sent and its outcome is not known.
    Capturing,
    /// The money is ours.
    Captured,
    /// No capture and no new attempt can start; the provider is being asked to cancel.
    Closing,
    /// Every attempt was answered closed by the provider, or none was ever sent.
    Closed,
}

impl PaymentState {
    /// The stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Authorising => "authorising",
            Self::Authorised => "authorised",
            Self::Declined { .. } => "declined",
            Self::Capturing => "capturing",
            Self::Captured => "captured",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

/// What happened to a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentEvent {
    /// An attempt is about to be sent.
    AuthorisationStarted,
    /// The provider holds the amount.
    Authorised {
        /// What the provider calls it.
        reference: ProviderReference,
    },
    /// The provider refused.
    Declined {
        /// The provider's reason.
        reason: String,
    },
    /// A capture was sent and nobody heard what became of it.
    CaptureUnheard,
    /// The money is ours.
    Captured {
        /// What the provider calls it.
        reference: ProviderReference,
    },
    /// No capture and no attempt will start any more.
    ClosingStarted,
    /// Every attempt is closed.
    Closed,
    /// A refund is about to be sent.
    RefundStarted {
        /// Which of the order's refunds.
        id: RefundId,
        /// How much of what was captured.
        amount: Money,
    },
    /// The money went back.
    Refunded {
        /// Which of the order's refunds.
        id: RefundId,
        /// How much.
        amount: Money,
        /// What the provider calls the refund.
        reference: ProviderReference,
    },
}

/// What a payment can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentCommand {
    /// Note that an attempt is about to be sent.
    StartAuthorisation,
    /// The provider answered: held.
    RecordAuthorised {
        /// What the provider calls it.
        reference: ProviderReference,
    },
    /// The provider answered: refused.
    RecordDeclined {
        /// The provider's reason.
        reason: String,
    },
    /// A capture was sent and nobody heard what became of it.
    RecordCaptureUnheard,
    /// The provider answered: captured.
    RecordCaptured {
        /// What the provider calls it.
        reference: ProviderReference,
    },
    /// Let nothing start any more.
    StartClosing,
    /// The provider answered every attempt closed.
    RecordClosed,
    /// Note that a refund is about to be sent.
    StartRefund {
        /// Which of the order's refunds.
        id: RefundId,
        /// How much of what was captured.
        amount: Money,
    },
    /// The provider answered: the money went back.
    RecordRefunded {
        /// Which of the order's refunds.
        id: RefundId,
        /// What the provider calls the refund.
        reference: ProviderReference,
    },
}

/// Why a payment refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PaymentRejection {
    /// The holder of the card has to confirm the payment, and nobody is there to do it.
    #[error("{}", decline_in_words(ACTION_REQUIRED))]
    ActionRequired,
    /// The provider refused the attempt.
    #[error("{}", decline_in_words(.reason))]
    Declined {
        /// The provider's reason.
        reason: String,
    },
    /// The payment is closing or closed.
    #[error("the payment is closed")]
    Closed,
    /// A close came after the capture.
    #[error("the payment is captured")]
    Captured,
    /// A capture, or an answer, came that nothing was sent for.
    #[error("a payment that is {status} cannot do that")]
    OutOfTurn {
        /// Name of the present state.
        status: &'static str,
    },
    /// More would go back than was captured.
    #[error("a refund of {wanted} is more than is left")]
    RefundTooLarge {
        /// How much was asked for.
        wanted: Money,
    },
    /// The same order was asked to pay something else.
    #[error("the payment was started with other terms")]
    OtherTerms,
}

/// The payment of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The order; also the payment's key.
    pub order_id: OrderId,
    /// What is to be paid; nothing where no attempt was ever stored.
    pub terms: Option<PaymentTerms>,
    /// The newest attempt stored.
    pub attempt: Attempt,
    /// What the provider calls the newest attempt, once it answered.
    pub reference: Option<ProviderReference>,
    /// Where it is.
    pub state: PaymentState,
    /// When a payment that is still closing is looked at again.
    pub next_look: Option<Timestamp>,
    /// What has to be stored.
    pub changes: ChangeTracker,
    /// What happened.
    pub events: EventRaiser<PaymentEvent>,
}

impl Payment {
    /// The payment of an order for which nothing was sent yet.
    pub fn none(order_id: OrderId) -> Self {
        Self {
            order_id,
            terms: None,
            attempt: Attempt::FIRST,
            reference: None,
            state: PaymentState::None,
            next_look: None,
            changes: ChangeTracker::default(),
            events: EventRaiser::default(),
        }
    }

    /// Notes that an attempt on these terms is about to be sent; one that was is left as it is.
    ///
    /// # Errors
    /// [`PaymentRejection::Declined`], [`PaymentRejection::ActionRequired`],
    /// [`PaymentRejection::Closed`],
    /// [`PaymentRejection::OtherTerms`].
    pub fn start(&mut self, terms: PaymentTerms, now: Timestamp) -> Result<(), PaymentRejection> {
        // How it was paid may have been erased since: a step that comes late meets a payment that
        // is done.
        let same = |known: &PaymentTerms| {
            let method = &known.payment_method;
            known.amount == terms.amount && (method.is_empty() || *method == terms.payment_method)
        };
        if !self.terms.as_ref().is_none_or(same) {
            return Err(PaymentRejection::OtherTerms);
        }
        self.execute(&PaymentCommand::StartAuthorisation, now)?;
        self.terms.get_or_insert(terms);
        Ok(())
    }

    /// Whether a capture may be sent. Nothing is stored before it is: the provider takes an
    /// authorisation once, and a close is answered by the provider alone.
    ///
    /// # Errors
    /// [`PaymentRejection::Closed`], [`PaymentRejection::OutOfTurn`].
    pub fn may_capture(&self) -> Result<(), PaymentRejection> {
        use PaymentState as S;
        match &self.state {
            S::Authorised | S::Capturing | S::Captured => Ok(()),
            S::Closing | S::Closed => Err(PaymentRejection::Closed),
            S::None | S::Authorising | S::Declined { .. } => Err(self.out_of_turn()),
        }
    }

    /// Lets no capture and no attempt start any more.
    ///
    /// # Errors
    /// [`PaymentRejection::Captured`].
    pub fn close(&mut self, now: Timestamp) -> Result<(), PaymentRejection> {
        self.execute(&PaymentCommand::StartClosing, now)?;
        if self.state == PaymentState::Closing {
            let next_look = Some(next_closing_look(self.next_look, now));
            if self.next_look != next_look {
                self.next_look = next_look;
                self.changes.note();
            }
        }
        Ok(())
    }

    /// The attempts ever sent.
    pub fn attempts(&self) -> impl Iterator<Item = Attempt> + use<> {
        let sent = if self.terms.is_some() {
            self.attempt.0
        } else {
            0
        };
        (1..=sent).map(Attempt)
    }

    const fn out_of_turn(&self) -> PaymentRejection {
        PaymentRejection::OutOfTurn {
            status: self.state.name(),
        }
    }
}

impl Aggregate for Payment {
    type Id = OrderId;
    type Command = PaymentCommand;
    type Event = PaymentEvent;
    type Rejection = PaymentRejection;
    const KIND: AggregateKind = AggregateKind::Payment;

    fn id(&self) -> OrderId {
        self.order_id
    }

    fn decide(&self, command: &PaymentCommand) -> Result<Vec<PaymentEvent>, PaymentRejection> {
        match command {
            PaymentCommand::StartAuthorisation => self.start_authorisation(),
            PaymentCommand::RecordAuthorised { reference } => self.record_authorised(reference),
            PaymentCommand::RecordDeclined { reason } => self.record_declined(reason),
            PaymentCommand::RecordCaptureUnheard => self.record_capture_unheard(),
            PaymentCommand::RecordCaptured { reference } => self.record_captured(reference),
            PaymentCommand::StartClosing => self.start_closing(),
            PaymentCommand::RecordClosed => self.record_closed(),
            PaymentCommand::StartRefund { id, amount } => self.start_refund(id, *amount),
            PaymentCommand::RecordRefunded { id, reference } => self.record_refunded(id, reference),
        }
    }

    fn is_news(event: &PaymentEvent) -> bool {
        use PaymentEvent as E;
        !matches!(
            event,
            E::AuthorisationStarted
                | E::CaptureUnheard
                | E::ClosingStarted
                | E::RefundStarted { .. }
        )
    }

    fn apply(&mut self, event: &PaymentEvent, _at: Timestamp) {
        self.state = match event {
            PaymentEvent::AuthorisationStarted => PaymentState::Authorising,
            PaymentEvent::Authorised { reference } => {
                self.reference = Some(reference.clone());
                PaymentState::Authorised
            }
            PaymentEvent::Declined { reason } => PaymentState::Declined {
                reason: reason.clone(),
            },
            PaymentEvent::CaptureUnheard => PaymentState::Capturing,
            PaymentEvent::Captured { reference } => {
                self.reference = Some(reference.clone());
                self.next_look = None;
                PaymentState::Captured
            }
            PaymentEvent::ClosingStarted => PaymentState::Closing,
            PaymentEvent::Closed => {
                self.next_look = None;
                PaymentState::Closed
            }
            // How much of it is still ours is in the ledger.
            PaymentEvent::RefundStarted { .. } | PaymentEvent::Refunded { .. } => {
                PaymentState::Captured
            }
        };
    }

    fn events(&self) -> &EventRaiser<PaymentEvent> {
        &self.events
    }
    fn events_mut(&mut self) -> &mut EventRaiser<PaymentEvent> {
        &mut self.events
    }
    fn changes(&self) -> &ChangeTracker {
        &self.changes
    }
    fn changes_mut(&mut self) -> &mut ChangeTracker {
        &mut self.changes
    }
}

type Decided = Result<Vec<PaymentEvent>, PaymentRejection>;

impl Payment {
    fn start_authorisation(&self) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::None => Ok(vec![PaymentEvent::AuthorisationStarted]),
            S::Authorising | S::Authorised | S::Capturing | S::Captured => Ok(vec![]),
            S::Declined { reason } => Err(PaymentRejection::of_decline(reason)),
            S::Closing | S::Closed => Err(PaymentRejection::Closed),
        }
    }

    fn record_authorised(&self, reference: &ProviderReference) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::Authorising => Ok(vec![PaymentEvent::Authorised {
                reference: reference.clone(),
            }]),
            S::Authorised | S::Capturing | S::Captured => Ok(vec![]),
            S::Closing | S::Closed => Err(PaymentRejection::Closed),
            S::None | S::Declined { .. } => Err(self.out_of_turn()),
        }
    }

    fn record_declined(&self, reason: &str) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::Authorising => Ok(vec![PaymentEvent::Declined {
                reason: reason.to_owned(),
            }]),
            S::Declined { .. } | S::Closing | S::Closed => Ok(vec![]),
            S::None | S::Authorised | S::Capturing | S::Captured => Err(self.out_of_turn()),
        }
    }

    fn record_capture_unheard(&self) -> Decided {
        self.may_capture()?;
        let unheard =
            (self.state == PaymentState::Authorised).then_some(PaymentEvent::CaptureUnheard);
        Ok(unheard.into_iter().collect())
    }

    /// The provider's word overrides a close: a capture on its way may land after it.
    fn record_captured(&self, reference: &ProviderReference) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::Authorised | S::Capturing | S::Closing | S::Closed => {
                let reference = reference.clone();
                Ok(vec![PaymentEvent::Captured { reference }])
            }
            S::Captured => Ok(vec![]),
            S::None | S::Authorising | S::Declined { .. } => Err(self.out_of_turn()),
        }
    }

    fn start_closing(&self) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::None => Ok(vec![PaymentEvent::Closed]),
            S::Authorising | S::Authorised | S::Declined { .. } | S::Capturing => {
                Ok(vec![PaymentEvent::ClosingStarted])
            }
            S::Closing | S::Closed => Ok(vec![]),
            S::Captured => Err(PaymentRejection::Captured),
        }
    }

    fn record_closed(&self) -> Decided {
        use PaymentState as S;
        match &self.state {
            S::Closing => Ok(vec![PaymentEvent::Closed]),
            S::Closed => Ok(vec![]),
            S::Captured => Err(PaymentRejection::Captured),
            S::None | S::Authorising | S::Authorised | S::Declined { .. } | S::Capturing => {
                Err(self.out_of_turn())
            }
        }
    }
}
