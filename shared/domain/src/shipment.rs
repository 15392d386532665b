//! The shipment of one order. Its undo works before the call that it undoes: the carrier keeps a
//! cancel by our reference as final, even where the create arrives later.

use jiff::Timestamp;
use thiserror::Error;

use crate::recovery::next_closing_look;
use crate::{
    Address, Aggregate, AggregateKind, CarrierName, ChangeTracker, EventRaiser, OrderId,
    ProviderReference, StockLine, TenantId, Traceparent, TrackingNumber,
};

#[cfg(test)]
mod tests;

/// What is to be shipped and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentTerms {
    /// Whose shop.
    pub tenant: TenantId,
    /// Trace of the order.
    pub traceparent: Option<Traceparent>,
    /// Where to.
    pub ship_to: Address,
    /// What is in the parcel.
    pub lines: Vec<StockLine>,
}

/// Where a shipment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentState {
    /// Nothing was ever sent to the carrier.
    None,
    /// A create was, or is about to be, sent.
    Creating,
    /// The carrier will collect the parcel.
    Created,
    /// The carrier does not deliver there.
    Refused {
        /// The carrier's reason.
        reason: String,
    },
    /// The carrier is being asked to cancel.
    Cancelling,
    /// The carrier answered: cancelled for good; or nothing was ever sent.
    Cancelled,
    /// The carrier has the parcel, and it is on its way.
    HandedOver {
        /// How it is followed.
        handover: Handover,
    },
    /// The parcel is where it was to go.
    Delivered {
        /// How it was followed.
        handover: Handover,
    },
}

/// Who has a parcel, and by which number it is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Name of the carrier.
    pub carrier: CarrierName,
    /// What the carrier calls the parcel.
    pub tracking_number: TrackingNumber,
}

impl ShipmentState {
    /// The stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Creating => "creating",
            Self::Created => "created",
            Self::Refused { .. } => "refused",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::HandedOver { .. } => "handed_over",
            Self::Delivered { .. } => "delivered",
        }
    }
}

/// What happened to a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentEvent {
    /// A create is about to be sent.
    CreationStarted,
    /// The carrier will collect the parcel.
    Created {
        /// What the carrier calls it.
        reference: ProviderReference,
    },
    /// The carrier does not deliver there.
    Refused {
        /// The carrier's reason.
        reason: String,
    },
    /// No create will start any more.
    CancellationStarted,
    /// It will not be shipped.
    Cancelled,
    /// The carrier has the parcel.
    HandedOver {
        /// How it is followed.
        handover: Handover,
    },
    /// The parcel is where it was to go.
    Delivered,
}

/// What a shipment can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShipmentCommand {
    /// Note that a create is about to be sent.
    StartCreation,
    /// The carrier answered: created.
    RecordCreated {
        /// What the carrier calls it.
        reference: ProviderReference,
    },
    /// The carrier answered: refused.
    RecordRefused {
        /// The carrier's reason.
        reason: String,
    },
    /// Let no create start any more.
    StartCancellation,
    /// The carrier answered: cancelled for good.
    RecordCancelled,
    /// The carrier says: it has the parcel.
    RecordHandedOver {
        /// How it is followed.
        handover: Handover,
    },
    /// The carrier says: delivered. It had the parcel then, told or not.
    RecordDelivered {
        /// How it was followed.
        handover: Handover,
    },
}

/// Why a shipment refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ShipmentRejection {
    /// The carrier refused the address.
    #[error("the carrier does not deliver to this address")]
    Refused {
        /// The carrier's reason.
        reason: String,
    },
    /// A create came after the cancel.
    #[error("the shipment is cancelled")]
    Cancelled,
    /// A cancel came after the parcel had left.
    #[error("the parcel is handed over")]
    HandedOver,
    /// The news is of another parcel than the one that was booked.
    #[error("that is another parcel")]
    OtherParcel,
    /// An answer came that nothing was sent for.
    #[error("a shipment that is {status} cannot do that")]
    OutOfTurn {
        /// Name of the present state.
        status: &'static str,
    },
}

/// The shipment of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// The order; also the shipment's key and our reference at the carrier.
    pub order_id: OrderId,
    /// What and where to; nothing where no create was ever stored.
    pub terms: Option<ShipmentTerms>,
    /// What the carrier calls it, once it answered.
    pub reference: Option<ProviderReference>,
    /// Where it is.
    pub state: ShipmentState,
    /// When a shipment that is still cancelling is looked at again.
    pub next_look: Option<Timestamp>,
    /// What has to be stored.
    pub changes: ChangeTracker,
    /// What happened.
    pub events: EventRaiser<ShipmentEvent>,
}

impl Shipment {
    /// The shipment of an order for which nothing was sent yet.
    pub fn none(order_id: OrderId) -> Self {
        Self {
            order_id,
            terms: None,
            reference: None,
            state: ShipmentState::None,
            next_look: None,
            changes: ChangeTracker::default(),
            events: EventRaiser::default(),
        }
    }

    /// Notes that a create on these terms is about to be sent; one that was is left as it is.
    ///
    /// # Errors
    /// [`ShipmentRejection::Refused`], [`ShipmentRejection::Cancelled`].
    pub fn start(&mut self, terms: ShipmentTerms, now: Timestamp) -> Result<(), ShipmentRejection> {
        self.execute(&ShipmentCommand::StartCreation, now)?;
        self.terms.get_or_insert(terms);
        Ok(())
    }

    /// Lets no create start any more.
    ///
    /// # Errors
    /// [`ShipmentRejection::HandedOver`].
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), ShipmentRejection> {
        self.execute(&ShipmentCommand::StartCancellation, now)?;
        if self.state == ShipmentState::Cancelling {
            let next_look = Some(next_closing_look(self.next_look, now));
            if self.next_look != next_look {
                self.next_look = next_look;
                self.changes.note();
            }
        }
        Ok(())
    }

    const fn out_of_turn(&self) -> ShipmentRejection {
        ShipmentRejection::OutOfTurn {
            status: self.state.name(),
        }
    }
}

impl Aggregate for Shipment {
    type Id = OrderId;
    type Command = ShipmentCommand;
    type Event = ShipmentEvent;
    type Rejection = ShipmentRejection;
    const KIND: AggregateKind = AggregateKind::Shipment;

    fn id(&self) -> OrderId {
        self.order_id
    }

    fn decide(&self, command: &ShipmentCommand) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        match command {
            ShipmentCommand::StartCreation => self.start_creation(),
            ShipmentCommand::RecordCreated { reference } => self.record_created(reference),
            ShipmentCommand::RecordRefused { reason } => self.record_refused(reason),
            ShipmentCommand::StartCancellation => self.start_cancellation(),
            ShipmentCommand::RecordCancelled => self.record_cancelled(),
            ShipmentCommand::RecordHandedOver { handover } => self.record_handed_over(handover),
            ShipmentCommand::RecordDelivered { handover } => self.record_delivered(handover),
        }
    }

    fn is_news(event: &ShipmentEvent) -> bool {
        use ShipmentEvent as E;
        !matches!(event, E::CreationStarted | E::CancellationStarted)
    }

    fn apply(&mut self, event: &ShipmentEvent, _at: Timestamp) {
        self.state = match event {
            ShipmentEvent::CreationStarted => ShipmentState::Creating,
            ShipmentEvent::Created { reference } => {
                self.reference = Some(reference.clone());
                ShipmentState::Created
            }
            ShipmentEvent::Refused { reason } => ShipmentState::Refused {
                reason: reason.clone(),
            },
            ShipmentEvent::CancellationStarted => ShipmentState::Cancelling,
            ShipmentEvent::Cancelled => {
                self.next_look = None;
                ShipmentState::Cancelled
            }
            ShipmentEvent::HandedOver { handover } => {
                self.next_look = None;
                ShipmentState::HandedOver {
                    handover: handover.clone(),
                }
            }
            ShipmentEvent::Delivered => self.state.clone().delivered(),
        };
    }

    fn events(&self) -> &EventRaiser<ShipmentEvent> {
        &self.events
    }
    fn events_mut(&mut self) -> &mut EventRaiser<ShipmentEvent> {
        &mut self.events
    }
    fn changes(&self) -> &ChangeTracker {
        &self.changes
    }
    fn changes_mut(&mut self) -> &mut ChangeTracker {
        &mut self.changes
    }
}

impl ShipmentState {
    /// Only what was handed over is delivered; anything else stays what it is.
    fn delivered(self) -> Self {
        match self {
            Self::HandedOver { handover } => Self::Delivered { handover },
            other => other,
        }
    }

    /// How the parcel is followed, once the carrier has it.
    pub const fn handover(&self) -> Option<&Handover> {
        match self {
            Self::HandedOver { handover } | Self::Delivered { handover } => Some(handover),
            _ => None,
        }
    }
}

type Decided = Result<Vec<ShipmentEvent>, ShipmentRejection>;

impl Shipment {
    fn start_creation(&self) -> Decided {
        use ShipmentState as S;
        match &self.state {
            S::None => Ok(vec![ShipmentEvent::CreationStarted]),
            S::Creating | S::Created | S::HandedOver { .. } | S::Delivered { .. } => Ok(vec![]),
            S::Refused { reason } => Err(ShipmentRejection::Refused {
                reason: reason.clone(),
            }),
            S::Cancelling | S::Cancelled => Err(ShipmentRejection::Cancelled),
        }
    }

    fn record_created(&self, reference: &ProviderReference) -> Decided {
        use ShipmentState as S;
        match &self.state {
            S::Creating => Ok(vec![ShipmentEvent::Created {
                reference: reference.clone(),
            }]),
            S::Created | S::HandedOver { .. } | S::Delivered { .. } => Ok(vec![]),
            S::Cancelling | S::Cancelled => Err(ShipmentRejection::Cancelled),
            S::None | S::Refused { .. } => Err(self.out_of_turn()),
        }
    }

    fn record_refused(&self, reason: &str) -> Decided {
        use ShipmentState as S;
        match &self.state {
            S::Creating => Ok(vec![ShipmentEvent::Refused {
                reason: reason.to_owned(),
            }]),
            S::Refused { .. } | S::Cancelling | S::Cancelled => Ok(vec![]),
            S::None | S::Created | S::HandedOver { .. } | S::Delivered { .. } => {
                Err(self.out_of_turn())
            }
        }
    }

    fn start_cancellation(&self) -> Decided {
        use ShipmentState as S;
        match &self.state {
            S::None => Ok(vec![ShipmentEvent::Cancelled]),
            S::Creating | S::Created | S::Refused { .. } => {
                Ok(vec![ShipmentEvent::CancellationStarted])
            }
            S::Cancelling | S::Cancelled => Ok(vec![]),
            S::HandedOver { .. } | S::Delivered { .. } => Err(ShipmentRejection::HandedOver),
        }
    }

    fn record_cancelled(&self) -> Decided {
        use ShipmentState as S;
        match &self.state {
            S::Cancelling => Ok(vec![ShipmentEvent::Cancelled]),
            S::Cancelled => Ok(vec![]),
            S::HandedOver { .. } | S::Delivered { .. } => Err(ShipmentRejection::HandedOver),
            S::None | S::Creating | S::Created | S::Refused { .. } => Err(self.out_of_turn()),
        }
    }

    /// The carrier's word overrides a cancel that it has not answered. What it answered is final.
    fn record_handed_over(&self, handover: &Handover) -> Decided {
        use ShipmentState as S;
        self.check_parcel(handover)?;
        match &self.state {
            S::Creating | S::Created | S::Cancelling => Ok(self.handed_over(handover)),
            S::HandedOver { .. } | S::Delivered { .. } => Ok(vec![]),
            S::Cancelled => Err(ShipmentRejection::Cancelled),
            S::None | S::Refused { .. } => Err(self.out_of_turn()),
        }
    }

    /// News come in any order: what is delivered was handed over.
    fn record_delivered(&self, handover: &Handover) -> Decided {
        if matches!(self.state, ShipmentState::Delivered { .. }) {
            return self.record_handed_over(handover);
        }
        let mut events = self.record_handed_over(handover)?;
        events.push(ShipmentEvent::Delivered);
        Ok(events)
    }

    /// Where the answer to the create was lost, the parcel says that it was created.
    fn handed_over(&self, handover: &Handover) -> Vec<ShipmentEvent> {
        let created = self.reference.is_none().then(|| ShipmentEvent::Created {
            reference: (&handover.tracking_number).into(),
        });
        let handed_over = ShipmentEvent::HandedOver {
            handover: handover.clone(),
        };
        created.into_iter().chain([handed_over]).collect()
    }

    fn check_parcel(&self, handover: &Handover) -> Result<(), ShipmentRejection> {
        let booked = self.reference.as_ref();
        let same = booked
            .is_none_or(|booked| *booked == ProviderReference::from(&handover.tracking_number))
            && self.state.handover().is_none_or(|told| told == handover);
        if same {
            Ok(())
        } else {
            Err(ShipmentRejection::OtherParcel)
        }
    }
}
