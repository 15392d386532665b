//! Events inside an item: `{s: sequence, t: time, k: kind}` and what the kind needs. They carry
//! nothing that the item says already.

use domain::{
    CarrierName, EventRaiser, Failure, FailureCode, Handover, LeaseEvent, OrderEvent, PaymentEvent,
    ProviderReference, Raised, Sequence, ShipmentEvent,
};
use serde::{Deserialize, Serialize};

use super::ItemError;
use super::parts::Nanos;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventItem {
    s: u32,
    t: Nanos,
    k: String,
    /// Stable code of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Detail of a failure; reason of a provider; name of a carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What a provider calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#ref: Option<String>,
}

/// What differs between events, beside sequence and time.
#[derive(Default)]
pub(crate) struct Fields {
    kind: &'static str,
    code: Option<String>,
    text: Option<String>,
    reference: Option<String>,
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

    fn failure(kind: &'static str, failure: &Failure) -> Self {
        let detail = &failure.detail;
        Self {
            kind,
            code: Some(failure.code.name().to_owned()),
            text: (!detail.is_empty()).then(|| detail.clone()),
            reference: None,
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
        let carrier = self.text.as_deref().unwrap_or_default();
        Ok(Handover {
            carrier: CarrierName::parse(carrier).map_err(ItemError::of("events"))?,
            tracking_number: self.reference()?,
        })
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
            _ => return unknown(item),
        })
    }
}

impl StoredEvent for LeaseEvent {
    fn fields(&self) -> Fields {
        Fields::plain(match self {
            Self::Reserved => "reserved",
            Self::Released => "released",
            Self::Sold => "sold",
        })
    }

    fn read(item: &EventItem) -> Result<Self, ItemError> {
        Ok(match item.k.as_str() {
            "reserved" => Self::Reserved,
            "released" => Self::Released,
            "sold" => Self::Sold,
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
                text: Some(handover.carrier.to_string()),
                ..Fields::reference("handed_over", &handover.tracking_number)
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
