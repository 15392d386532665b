//! The order aggregate: one decision, taken once, and what may follow it.

use jiff::Timestamp;
use thiserror::Error;

use crate::recovery::OPEN_FOR;
use crate::{
    Aggregate, AggregateKind, ChangeTracker, CustomerId, Epoch, EventRaiser, Failure, FailureCode,
    Money, OrderId, ProductId, RequestHash, Sku, TenantId, Traceparent,
};

#[cfg(test)]
mod tests;

/// One line of an order at the price it was placed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// Which product.
    pub product_id: ProductId,
    /// What leaves the warehouse.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
    /// Price of one when the order was placed.
    pub unit_price: Money,
}

/// Where to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
}

/// How the customer wants to be told, when it differs from their account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
}

/// What never changes after placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// The order's id.
    pub id: OrderId,
    /// Whose shop.
    pub tenant: TenantId,
    /// Who ordered.
    pub customer: CustomerId,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// The sum of the lines.
    pub total: Money,
    /// Where to.
    pub ship_to: Address,
    /// The provider's token for the card or account; no card number.
    pub payment_method: String,
    /// How to tell the customer.
    pub contact: Option<Contact>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Hash of the request.
    pub request_hash: RequestHash,
    /// Trace of the request.
    pub traceparent: Option<Traceparent>,
}

/// Where an order is on its way. `pending → charging → confirmed`, or
/// `pending → unwinding → failed | cancelled`; `charging → unwinding` by *close* only.
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
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen by itself.
    pub const fn is_ended(&self) -> bool {
        matches!(
            self,
            Self::Confirmed { .. } | Self::Failed { .. } | Self::Cancelled
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
    /// Everything was taken back.
    Failed,
    /// Everything was taken back because the customer asked.
    Cancelled,
    /// Undo or recovery does not get through; a person must look.
    AttentionNeeded,
}

/// What an order can be asked. Each says for which epoch it acts.
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
}

impl OrderCommand {
    const fn epoch(&self) -> Epoch {
        match self {
            Self::DecideCharging { epoch }
            | Self::DecideUnwinding { epoch, .. }
            | Self::UnwindClosed { epoch }
            | Self::Complete { epoch }
            | Self::Fail { epoch }
            | Self::Flag { epoch } => *epoch,
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
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What never changes.
    pub facts: OrderFacts,
    /// Where it is.
    pub state: OrderState,
    /// The run that is meant to act.
    pub epoch: Epoch,
    /// Until when recovery looks after it, so that the sweeper leaves it alone.
    pub next_look: Option<Timestamp>,
    /// Whether a person must look. Beside the state, never instead of it.
    pub needs_attention: bool,
    /// What has to be stored.
    pub changes: ChangeTracker,
    /// What happened.
    pub events: EventRaiser<OrderEvent>,
}

impl Order {
    /// A new order: pending, with the event that it was placed.
    pub fn place(facts: OrderFacts) -> Self {
        let at = facts.placed_at;
        let mut order = Self {
            facts,
            state: OrderState::Pending,
            epoch: Epoch::FIRST,
            next_look: None,
            needs_attention: false,
            changes: ChangeTracker::default(),
            events: EventRaiser::default(),
        };
        order.changes.note_news();
        order.events.raise(OrderEvent::Placed, at);
        order
    }

    /// From when on the sweeper takes the order over unless it has ended: recovery has been silent
    /// for too long, or nobody has brought it to its end in time.
    pub fn overdue_at(&self) -> Timestamp {
        self.next_look.unwrap_or_else(|| {
            let in_time = self.facts.placed_at.checked_add(OPEN_FOR);
            in_time.unwrap_or(Timestamp::MAX)
        })
    }

    /// What was decided; nothing while it is pending.
    pub const fn decision(&self) -> Option<Decision> {
        match self.state {
            OrderState::Pending => None,
            OrderState::Charging { .. } => Some(Decision::Charging),
            OrderState::Unwinding { .. } => Some(Decision::Unwinding),
            OrderState::Confirmed { .. } | OrderState::Failed { .. } | OrderState::Cancelled => {
                Some(Decision::Ended)
            }
        }
    }

    /// Makes a new epoch, so that whoever acted until now is superseded, and tells the sweeper
    /// to leave the order alone until `next_look`.
    ///
    /// # Errors
    /// [`OrderRejection::Superseded`] when the caller is not the present epoch;
    /// [`OrderRejection::WrongDecision`] when the order has ended.
    pub fn take_over(&mut self, from: Epoch, next_look: Timestamp) -> Result<(), OrderRejection> {
        self.check_epoch(from)?;
        if self.state.is_ended() {
            return Err(self.wrong_decision());
        }
        self.epoch = from.next();
        self.next_look = Some(next_look);
        self.changes.note();
        Ok(())
    }

    /// Notes until when recovery looks after the order.
    ///
    /// # Errors
    /// [`OrderRejection::Superseded`].
    pub fn look_again_at(&mut self, epoch: Epoch, at: Timestamp) -> Result<(), OrderRejection> {
        self.check_epoch(epoch)?;
        self.next_look = Some(at);
        self.changes.note();
        Ok(())
    }

    fn check_epoch(&self, acting: Epoch) -> Result<(), OrderRejection> {
        if acting < self.epoch {
            return Err(OrderRejection::Superseded {
                acting,
                current: self.epoch,
            });
        }
        Ok(())
    }

    const fn wrong_decision(&self) -> OrderRejection {
        OrderRejection::WrongDecision {
            status: self.state.name(),
        }
    }
}

impl Aggregate for Order {
    type Id = OrderId;
    type Command = OrderCommand;
    type Event = OrderEvent;
    type Rejection = OrderRejection;
    const KIND: AggregateKind = AggregateKind::Order;

    fn id(&self) -> OrderId {
        self.facts.id
    }

    /// The first decision holds: asking again, for either, changes nothing and the caller reads
    /// what was decided.
    fn decide(&self, command: &OrderCommand) -> Result<Vec<OrderEvent>, OrderRejection> {
        use OrderCommand as C;
        use OrderState as S;
        self.check_epoch(command.epoch())?;
        Ok(match (&self.state, command) {
            (S::Pending, C::DecideCharging { .. }) => vec![OrderEvent::ChargingDecided],
            (S::Pending, C::DecideUnwinding { failure, .. }) => {
                let failure = failure.clone();
                vec![OrderEvent::UnwindingDecided { failure }]
            }
            (_, C::DecideCharging { .. } | C::DecideUnwinding { .. }) => vec![],
            (S::Charging { .. }, C::UnwindClosed { .. }) => {
                let failure = Failure::new(FailureCode::CaptureRefused, "");
                vec![OrderEvent::UnwindingDecided { failure }]
            }
            (S::Unwinding { .. } | S::Failed { .. } | S::Cancelled, C::UnwindClosed { .. }) => {
                vec![]
            }
            (S::Charging { .. }, C::Complete { .. }) => vec![OrderEvent::Completed],
            (S::Confirmed { .. }, C::Complete { .. }) => vec![],
            (S::Unwinding { failure }, C::Fail { .. }) => vec![end_of(failure.code)],
            (S::Failed { .. } | S::Cancelled, C::Fail { .. }) => vec![],
            (state, C::Flag { .. }) if state.is_ended() || self.needs_attention => vec![],
            (_, C::Flag { .. }) => vec![OrderEvent::AttentionNeeded],
            (_, C::UnwindClosed { .. } | C::Complete { .. } | C::Fail { .. }) => {
                return Err(self.wrong_decision());
            }
        })
    }

    fn is_news(event: &OrderEvent) -> bool {
        use OrderEvent as E;
        !matches!(event, E::ChargingDecided | E::UnwindingDecided { .. })
    }

    fn apply(&mut self, event: &OrderEvent, at: Timestamp) {
        match event {
            OrderEvent::Placed => self.state = OrderState::Pending,
            OrderEvent::ChargingDecided => self.state = OrderState::Charging { since: at },
            OrderEvent::UnwindingDecided { failure } => {
                let failure = failure.clone();
                self.state = OrderState::Unwinding { failure };
            }
            OrderEvent::Completed => self.end(OrderState::Confirmed { at }),
            OrderEvent::Cancelled => self.end(OrderState::Cancelled),
            OrderEvent::Failed => {
                let failure = self.unwinding_failure();
                self.end(OrderState::Failed { failure });
            }
            OrderEvent::AttentionNeeded => self.needs_attention = true,
        }
    }

    fn events(&self) -> &EventRaiser<OrderEvent> {
        &self.events
    }
    fn events_mut(&mut self) -> &mut EventRaiser<OrderEvent> {
        &mut self.events
    }
    fn changes(&self) -> &ChangeTracker {
        &self.changes
    }
    fn changes_mut(&mut self) -> &mut ChangeTracker {
        &mut self.changes
    }
}

impl Order {
    /// A late success still ends a flagged order; nobody needs to look then.
    fn end(&mut self, state: OrderState) {
        self.state = state;
        self.needs_attention = false;
        self.next_look = None;
    }

    fn unwinding_failure(&self) -> Failure {
        match &self.state {
            OrderState::Unwinding { failure } | OrderState::Failed { failure } => failure.clone(),
            _ => Failure::new(FailureCode::Internal, ""),
        }
    }
}

const fn end_of(code: FailureCode) -> OrderEvent {
    match code {
        FailureCode::CancelledByCustomer => OrderEvent::Cancelled,
        _ => OrderEvent::Failed,
    }
}
