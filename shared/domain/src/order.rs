//! The order aggregate: one decision, taken once, and what may follow it.

mod command;
mod facts;
mod refund;
mod state;

use jiff::Timestamp;

pub use self::command::{OrderCommand, OrderRejection};
pub use self::facts::{Address, Contact, OrderFacts, OrderLine};
pub use self::refund::{
    Goods, GrantedRefund, MAX_REFUNDS, Refund, RefundOf, RefundRejection, RefundWanted,
    ReturnedLine,
};
pub use self::state::{Decision, OrderEvent, OrderState};
use crate::recovery::{OPEN_FOR, REFUND_WITHIN};
use crate::{
    Aggregate, AggregateKind, ChangeTracker, Epoch, EventRaiser, Failure, FailureCode, OrderId,
    RefundId, TrackingNumber,
};

#[cfg(test)]
mod tests;

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
            OrderState::Confirmed { .. }
            | OrderState::Shipped { .. }
            | OrderState::Delivered { .. }
            | OrderState::Refunded { .. }
            | OrderState::Failed { .. }
            | OrderState::Cancelled => Some(Decision::Ended),
        }
    }

    /// What the parcel can be followed by, once the carrier has it.
    pub fn tracking(&self) -> Option<&TrackingNumber> {
        let mut events = self.events.all().iter();
        events.find_map(|raised| match &raised.event {
            OrderEvent::Shipped { tracking } => Some(tracking),
            _ => None,
        })
    }

    /// Makes a new epoch, so that whoever acted until now is superseded, and tells the sweeper
    /// to leave the order alone until `next_look`.
    ///
    /// # Errors
    /// [`OrderRejection::Superseded`] when the caller is not the present epoch;
    /// [`OrderRejection::WrongDecision`] when the order is at rest.
    pub fn take_over(&mut self, from: Epoch, next_look: Timestamp) -> Result<(), OrderRejection> {
        self.check_epoch(from)?;
        if self.is_at_rest() {
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
        if let Some(epoch) = command.epoch() {
            self.check_epoch(epoch)?;
        }
        match command {
            C::RequestCancel => self.request_cancel(),
            C::RequestRefund { id, wanted } => Ok(self.request_refund(id, wanted)?),
            C::RecordRefunded { id } => Ok(self.record_refunded(id)?),
            C::RecordShipped { tracking } => self.record_shipped(tracking),
            C::RecordDelivered => self.record_delivered(),
            of_a_run => self.decide_for_a_run(of_a_run),
        }
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
            OrderEvent::CancelRequested => {}
            OrderEvent::RefundRequested { .. } => {
                let started_by = at.checked_add(REFUND_WITHIN);
                self.next_look = Some(started_by.unwrap_or(Timestamp::MAX));
            }
            OrderEvent::Refunded { all, .. } => {
                self.needs_attention = false;
                if *all {
                    self.end(OrderState::Refunded { at });
                }
            }
            OrderEvent::Shipped { tracking } => {
                let tracking = tracking.clone();
                self.state = OrderState::Shipped { at, tracking };
            }
            OrderEvent::Delivered => self.state = OrderState::Delivered { at },
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

type Decided = Result<Vec<OrderEvent>, OrderRejection>;

impl Order {
    fn decide_for_a_run(&self, command: &OrderCommand) -> Decided {
        use OrderCommand as C;
        use OrderState as S;
        Ok(match (&self.state, command) {
            (S::Pending, C::DecideCharging { .. }) => vec![OrderEvent::ChargingDecided],
            (S::Pending, C::DecideUnwinding { failure, .. }) => {
                let failure = failure.clone();
                vec![OrderEvent::UnwindingDecided { failure }]
            }
            (_, C::DecideCharging { .. } | C::DecideUnwinding { .. }) => vec![],
            (S::Charging { .. }, C::UnwindClosed { .. }) => vec![self.closed()],
            (S::Unwinding { .. } | S::Failed { .. } | S::Cancelled, C::UnwindClosed { .. }) => {
                vec![]
            }
            (S::Charging { .. }, C::Complete { .. }) => self.complete()?,
            (state, C::Complete { .. }) if state.is_fulfilled() => vec![],
            (S::Refunded { .. }, C::Complete { .. }) => vec![],
            (S::Unwinding { failure }, C::Fail { .. }) => vec![end_of(failure.code)],
            (S::Failed { .. } | S::Cancelled, C::Fail { .. }) => vec![],
            (_, C::Flag { .. }) if self.is_at_rest() || self.needs_attention => vec![],
            (_, C::Flag { .. }) => vec![OrderEvent::AttentionNeeded],
            _ => return Err(self.wrong_decision()),
        })
    }

    /// Nothing was charged: a customer who asked for that reads that it was cancelled.
    fn closed(&self) -> OrderEvent {
        let code = match self.is_cancel_requested() {
            true => FailureCode::CancelledByCustomer,
            false => FailureCode::CaptureRefused,
        };
        let failure = Failure::new(code, "");
        OrderEvent::UnwindingDecided { failure }
    }

    fn complete(&self) -> Decided {
        let mut events = vec![OrderEvent::Completed];
        if self.is_cancel_requested() {
            events.push(self.all_back()?);
        }
        Ok(events)
    }

    fn request_cancel(&self) -> Decided {
        use OrderState as S;
        let status = self.state.name();
        Ok(match &self.state {
            S::Pending => {
                let failure = Failure::new(FailureCode::CancelledByCustomer, "");
                vec![OrderEvent::UnwindingDecided { failure }]
            }
            S::Charging { .. } | S::Confirmed { .. } if self.is_cancel_requested() => vec![],
            S::Charging { .. } => vec![OrderEvent::CancelRequested],
            S::Confirmed { .. } => match self.all_back() {
                Ok(refund) => vec![OrderEvent::CancelRequested, refund],
                // All of it goes back already.
                Err(RefundRejection::NothingLeft) => vec![OrderEvent::CancelRequested],
                Err(error) => return Err(error.into()),
            },
            S::Shipped { .. } | S::Delivered { .. } => {
                return Err(OrderRejection::TooLate { status });
            }
            S::Unwinding { .. } | S::Failed { .. } | S::Cancelled | S::Refunded { .. } => vec![],
        })
    }

    fn all_back(&self) -> Result<OrderEvent, RefundRejection> {
        let wanted = RefundWanted {
            of: RefundOf::Everything,
            restock: true,
        };
        let refund = self.grant(&RefundId::of_cancel(), &wanted)?;
        Ok(OrderEvent::RefundRequested { refund })
    }

    fn request_refund(
        &self,
        id: &RefundId,
        wanted: &RefundWanted,
    ) -> Result<Vec<OrderEvent>, RefundRejection> {
        if self.granted(id, wanted)? {
            return Ok(vec![]);
        }
        if matches!(self.state, OrderState::Refunded { .. }) {
            return Err(RefundRejection::NothingLeft);
        }
        if !self.state.is_fulfilled() {
            let status = self.state.name();
            return Err(RefundRejection::NotCharged { status });
        }
        let refund = self.grant(id, wanted)?;
        Ok(vec![OrderEvent::RefundRequested { refund }])
    }

    fn record_refunded(&self, id: &RefundId) -> Result<Vec<OrderEvent>, RefundRejection> {
        let granted = self.refunds().into_iter().find(|it| it.refund.id == *id);
        let granted = granted.ok_or(RefundRejection::Unknown)?;
        if granted.done_at.is_some() {
            return Ok(vec![]);
        }
        let back = self.refunded_minor() + granted.refund.amount.minor();
        let (id, all) = (id.clone(), back == self.facts.totals.total().minor());
        Ok(vec![OrderEvent::Refunded { id, all }])
    }

    /// News of a parcel changes nothing about an order whose money went back.
    fn record_shipped(&self, tracking: &TrackingNumber) -> Decided {
        use OrderState as S;
        let tracking = tracking.clone();
        match self.state {
            S::Confirmed { .. } => Ok(vec![OrderEvent::Shipped { tracking }]),
            S::Shipped { .. } | S::Delivered { .. } | S::Refunded { .. } => Ok(vec![]),
            _ => Err(self.wrong_decision()),
        }
    }

    fn record_delivered(&self) -> Decided {
        use OrderState as S;
        match self.state {
            S::Shipped { .. } => Ok(vec![OrderEvent::Delivered]),
            S::Delivered { .. } | S::Refunded { .. } => Ok(vec![]),
            _ => Err(self.wrong_decision()),
        }
    }
}

const fn end_of(code: FailureCode) -> OrderEvent {
    match code {
        FailureCode::CancelledByCustomer => OrderEvent::Cancelled,
        _ => OrderEvent::Failed,
    }
}
