//! Events inside an item: `{s: sequence, t: time, k: kind}` and what the kind needs. They carry
//! nothing that the item says already.

use domain::{
    CarrierName, EventRaiser, Failure, FailureCode, Handover, LeaseEvent, OrderEvent, PaymentEvent,
    ProviderReference, Raised, Sequence, ShipmentEvent, TrackingNumber,
};
use serde::{Deserialize, Serialize};

use super::ItemError;
use super::parts::Nanos;
use super::refund::RefundItem;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventItem {
    s: u32,
    t: Nanos,
    k: String,
    /// Stable code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Detail of a failure; reason of a provider; number of a parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What a provider calls it; who has a parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
    /// A refund: all of it where it is granted, its id where it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<RefundItem>,
}

/// What differs between events, beside sequence and time.
#[derive(Default)]
pub(crate) struct Fields {
    kind: &'static str,
    code: Option<String>,
    text: Option<String>,
    reference: Option<String>,
    refund: Option<RefundItem>,
}

impl Fields {
    fn plain(kind: &'static str) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    fn text(kind: &'static str, text: &str) -> Self {
        Self {
            kind,
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }

    fn reference(kind: &'static str, reference: &ProviderReference) -> Self {
        Self {
            kind,
            reference: Some(reference.to_string()),
            ..Self::default()
        }
    }

    fn refund(kind: &'static str, refund: RefundItem) -> Self {
        Self {
            kind,
            refund: Some(refund),
            ..Self::default()
        }
    }

    fn failure(kind: &'static str, failure: &Failure) -> Self {
        let detail = &failure.detail;
        Self {
            kind,
            code: Some(failure.code.name().to_owned()),
            text: (!detail.is_empty()).then(|| detail.clone()),
            ..Self::default()
        }
    }
}

impl EventItem {
    fn failure(&self) -> Result<Failure, ItemError> {
        let code = self.code.as_deref().and_then(FailureCode::from_name);
        let code = code.ok_or_else(|| unreadable("no known failure code"))?;
        Ok(Failure::new(code, self.text.as_deref().unwrap_or_default()))
    }

    fn reference(&self) -> Result<ProviderReference, ItemError> {
        let text = self.r#ref.as_deref().unwrap_or_default();
        ProviderReference::parse(text).map_err(ItemError::of("events"))
    }

    fn handover(&self) -> Result<Handover, ItemError> {
        let carrier = self.r#ref.as_deref().unwrap_or_default();
        Ok(Handover {
            carrier: CarrierName::parse(carrier).map_err(ItemError::of("events"))?,
            tracking_number: self.tracking()?,
        })
    }

    fn refund(&self) -> Result<&RefundItem, ItemError> {
        self.refund.as_ref().ok_or_else(|| unreadable("no refund"))
    }

    fn tracking(&self) -> Result<TrackingNumber, ItemError> {
        let text = self.text.as_deref().unwrap_or_default();
        TrackingNumber::parse(text).map_err(ItemError::of("events"))
    }

    fn reason(&self) -> String {
        self.text.clone().unwrap_or_default()
    }
}

/// An event that is stored inside the item of its aggregate.
pub(crate) trait StoredEvent: Sized {
    fn fields(&self) -> Fields;
    fn read(item: &EventItem) -> Result<Self, ItemError>;
}

pub(crate) fn write_events<E: StoredEvent>(events: &EventRaiser<E>) -> Vec<EventItem> {
    let write = |raised: &Raised<E>| {
        let fields = raised.event.fields();
        EventItem {
            s: raised.sequence.0,
            t: Nanos(raised.at),
            k: fields.kind.to_owned(),
            code: fields.code,
            text: fields.text,
            r#ref: fields.reference,
            refund: fields.refund,
        }
    };
    events.all().iter().map(write).collect()
}

pub(crate) fn read_events<E: StoredEvent>(
    items: &[EventItem],
) -> Result<EventRaiser<E>, ItemError> {
    let read = |item: &EventItem| {
        Ok(Raised {
            sequence: Sequence(item.s),
            at: item.t.0,
            event: E::read(item)?,
        })
    };
    let raised: Result<_, ItemError> = items.iter().map(read).collect();
    Ok(EventRaiser::restored(raised?))
}

fn unreadable(why: impl Into<String>) -> ItemError {
    ItemError::of("events")(why.into())
}

fn unknown<E>(item: &EventItem) -> Result<E, ItemError> {
    Err(unreadable(format!("unknown kind {}", item.k)))
}

impl StoredEvent for OrderEvent {
    fn fields(&self) -> Fields {
        match self {
            Self::Placed => Fields::plain("placed"),
            Self::ChargingDecided => Fields::plain("charging"),
            Self::UnwindingDecided { failure } => Fields::failure("unwinding", failure),
            Self::Completed => Fields::plain("completed"),
            Self::Failed => Fields::plain("failed"),
            Self::Cancelled => Fields::plain("cancelled"),
            Self::AttentionNeeded => Fields::plain("attention"),
            Self::CancelRequested => Fields::plain("cancel-asked"),
            Self::RefundRequested { refund } => Fields::refund("refund-asked", refund.into()),
            Self::Refunded { id, all } => Fields::refund("refunded", RefundItem::done(id, *all)),
            Self::Shipped { tracking } => Fields::text("shipped", tracking.as_str()),
            Self::Delivered => Fields::plain("delivered"),
        }
    }

    fn read(item: &EventItem) -> Result<Self, ItemError> {
        Ok(match item.k.as_str() {
            "placed" => Self::Placed,
            "charging" => Self::ChargingDecided,
            "unwinding" => Self::UnwindingDecided {
                failure: item.failure()?,
            },
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            "attention" => Self::AttentionNeeded,
            "cancel-asked" => Self::CancelRequested,
            "refund-asked" => Self::RefundRequested {
                refund: item.refund()?.read()?,
            },
            "refunded" => Self::Refunded {
                id: item.refund()?.id()?,
                all: item.refund()?.is_everything(),
            },
            "shipped" => Self::Shipped {
                tracking: item.tracking()?,
            },
            "delivered" => Self::Delivered,
            _ => return unknown(item),
        })
    }
}

impl StoredEvent for LeaseEvent {
    fn fields(&self) -> Fields {
        match self {
            Self::Reserved => Fields::plain("reserved"),
            Self::Released => Fields::plain("released"),
            Self::Sold => Fields::plain("sold"),
            Self::Restocked { id, lines } => {
                Fields::refund("restocked", RefundItem::restocked(id, lines))
            }
        }
    }

    fn read(item: &EventItem) -> Result<Self, ItemError> {
        Ok(match item.k.as_str() {
            "reserved" => Self::Reserved,
            "released" => Self::Released,
            "sold" => Self::Sold,
            "restocked" => Self::Restocked {
                id: item.refund()?.id()?,
                lines: item.refund()?.stock_lines()?,
            },
            _ => return unknown(item),
        })
    }
}

impl StoredEvent for PaymentEvent {
    fn fields(&self) -> Fields {
        match self {
            Self::AuthorisationStarted => Fields::plain("authorising"),
            Self::Authorised { reference } => Fields::reference("authorised", reference),
            Self::Declined { reason } => Fields::text("declined", reason),
            Self::CaptureUnheard => Fields::plain("unheard"),
            Self::Captured { reference } => Fields::reference("captured", reference),
            Self::ClosingStarted => Fields::plain("closing"),
            Self::Closed => Fields::plain("closed"),
            Self::RefundStarted { id, amount } => {
                Fields::refund("refunding", RefundItem::money(id, *amount))
            }
            Self::Refunded {
                id,
                amount,
                reference,
            } => Fields {
                refund: Some(RefundItem::money(id, *amount)),
                ..Fields::reference("refunded", reference)
            },
        }
    }

    fn read(item: &EventItem) -> Result<Self, ItemError> {
        Ok(match item.k.as_str() {
            "authorising" => Self::AuthorisationStarted,
            "authorised" => Self::Authorised {
                reference: item.reference()?,
            },
            "declined" => Self::Declined {
                reason: item.reason(),
            },
            "unheard" => Self::CaptureUnheard,
            "captured" => Self::Captured {
                reference: item.reference()?,
            },
            "closing" => Self::ClosingStarted,
            "closed" => Self::Closed,
            "refunding" => Self::RefundStarted {
                id: item.refund()?.id()?,
                amount: item.refund()?.amount()?,
            },
            "refunded" => Self::Refunded {
                id: item.refund()?.id()?,
                amount: item.refund()?.amount()?,
                reference: item.reference()?,
            },
            _ => return unknown(item),
        })
    }
}

impl StoredEvent for ShipmentEvent {
    fn fields(&self) -> Fields {
        match self {
            Self::CreationStarted => Fields::plain("creating"),
            Self::Created { reference } => Fields::reference("created", reference),
            Self::Refused { reason } => Fields::text("refused", reason),
            Self::CancellationStarted => Fields::plain("cancelling"),
            Self::Cancelled => Fields::plain("cancelled"),
            Self::HandedOver { handover } => Fields {
                reference: Some(handover.carrier.to_string()),
                ..Fields::text("handed_over", handover.tracking_number.as_str())
            },
            Self::Delivered => Fields::plain("delivered"),
        }
    }

    fn read(item: &EventItem) -> Result<Self, ItemError> {
        Ok(match item.k.as_str() {
            "creating" => Self::CreationStarted,
            "created" => Self::Created {
                reference: item.reference()?,
            },
            "refused" => Self::Refused {
                reason: item.reason(),
            },
            "cancelling" => Self::CancellationStarted,
            "cancelled" => Self::Cancelled,
            "handed_over" => Self::HandedOver {
                handover: item.handover()?,
            },
            "delivered" => Self::Delivered,
            _ => return unknown(item),
        })
    }
}
