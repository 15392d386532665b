//! The carrier's rules as pure functions. A cancellation is final even before the create
//! arrives: it leaves a tombstone that the create then meets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::book::Entry;
use crate::party::{Moment, Outcome, Party};
use crate::webhook::Notice;
use crate::webhook_wire;

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shipment {
    Created(Parcel),
    Shipped(Parcel),
    Delivered(Parcel),
    /// Without a parcel it is a tombstone: cancelled before it was created.
    Cancelled(Option<Parcel>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) tracking_number: String,
    pub(crate) ship_to: Value,
    pub(crate) lines: Value,
}

/// What the carrier calls itself.
const CARRIER: &str = "parcelwise";

pub(crate) type Shipments = BTreeMap<String, Shipment>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) reference: String,
    pub(crate) action: Action,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Create { ship_to: Value, lines: Value },
    Cancel,
    Ship,
    Deliver,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Effect {
    pub(crate) reference: String,
    pub(crate) change: Change,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Created(Parcel),
    Cancelled,
    Shipped,
    Delivered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    AddressRejected,
    Cancelled,
    HandedOver,
    NotFound,
    NotShipped,
    ReferenceReused,
}

/// What `command` does to the book; none when it was done before. `reject` refuses the address.
pub(crate) fn decide(
    shipments: &Shipments,
    command: &Command,
    reject: bool,
    fresh: &str,
) -> Result<Option<Effect>, Refusal> {
    let found = shipments.get(&command.reference);
    let change = match &command.action {
        Action::Create { ship_to, lines } => {
            let parcel = Parcel {
                tracking_number: format!("CW{fresh}"),
                ship_to: ship_to.clone(),
                lines: lines.clone(),
            };
            create(found, parcel, reject)?
        }
        Action::Cancel => cancel(found)?,
        Action::Ship => ship(found)?,
        Action::Deliver => deliver(found)?,
    };
    Ok(change.map(|change| Effect {
        reference: command.reference.clone(),
        change,
    }))
}

fn create(
    found: Option<&Shipment>,
    parcel: Parcel,
    reject: bool,
) -> Result<Option<Change>, Refusal> {
    match found {
        Some(Shipment::Cancelled(_)) => Err(Refusal::Cancelled),
        Some(Shipment::Created(old) | Shipment::Shipped(old) | Shipment::Delivered(old)) => {
            let same = old.ship_to == parcel.ship_to && old.lines == parcel.lines;
            if same {
                Ok(None)
            } else {
                Err(Refusal::ReferenceReused)
            }
        }
        None if reject || !serves(&parcel.ship_to) => Err(Refusal::AddressRejected),
        None => Ok(Some(Change::Created(parcel))),
    }
}

fn cancel(found: Option<&Shipment>) -> Result<Option<Change>, Refusal> {
    match found {
        None | Some(Shipment::Created(_)) => Ok(Some(Change::Cancelled)),
        Some(Shipment::Cancelled(_)) => Ok(None),
        Some(Shipment::Shipped(_) | Shipment::Delivered(_)) => Err(Refusal::HandedOver),
    }
}

fn ship(found: Option<&Shipment>) -> Result<Option<Change>, Refusal> {
    match found {
        None => Err(Refusal::NotFound),
        Some(Shipment::Cancelled(_)) => Err(Refusal::Cancelled),
        Some(Shipment::Created(_)) => Ok(Some(Change::Shipped)),
        Some(Shipment::Shipped(_) | Shipment::Delivered(_)) => Ok(None),
    }
}

fn deliver(found: Option<&Shipment>) -> Result<Option<Change>, Refusal> {
    match found {
        None => Err(Refusal::NotFound),
        Some(Shipment::Cancelled(_)) => Err(Refusal::Cancelled),
        Some(Shipment::Created(_)) => Err(Refusal::NotShipped),
        Some(Shipment::Shipped(_)) => Ok(Some(Change::Delivered)),
        Some(Shipment::Delivered(_)) => Ok(None),
    }
}

/// Nobody lives in country `ZZ` or where the postcode starts with `000`.
fn serves(ship_to: &Value) -> bool {
    let text = |name: &str| {
        ship_to
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    text("country") != "ZZ" && !text("postcode").starts_with("000")
}

/// The shipment after `change`. A change that cannot follow is one the rules above never make.
pub(crate) fn after(found: Option<&Shipment>, change: &Change) -> Shipment {
    let parcel = found.and_then(Shipment::parcel).cloned();
    match (change, parcel) {
        (Change::Created(parcel), _) => Shipment::Created(parcel.clone()),
        (Change::Shipped, Some(parcel)) => Shipment::Shipped(parcel),
        (Change::Delivered, Some(parcel)) => Shipment::Delivered(parcel),
        (Change::Cancelled, parcel) => Shipment::Cancelled(parcel),
        (Change::Shipped | Change::Delivered, None) => Shipment::Cancelled(None),
    }
}

impl Shipment {
    pub(crate) fn parcel(&self) -> Option<&Parcel> {
        match self {
            Self::Created(parcel) | Self::Shipped(parcel) | Self::Delivered(parcel) => Some(parcel),
            Self::Cancelled(parcel) => parcel.as_ref(),
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Shipped(_) => "shipped",
            Self::Delivered(_) => "delivered",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

impl Party for Shipments {
    type Command = Command;
    type Effect = Effect;
    /// The reference of a shipment.
    type Query = String;

    fn decide(&self, command: &Command, moment: &Moment<'_>) -> Outcome<Effect> {
        let found = self.get(&command.reference);
        let effect = match decide(self, command, moment.decline.is_some(), moment.fresh) {
            Ok(effect) => effect,
            Err(refusal) => return (None, refused_answer(refusal, &command.reference, found)),
        };
        let after = match (&effect, found) {
            (Some(effect), _) => after(found, &effect.change),
            (None, Some(shipment)) => shipment.clone(),
            (None, None) => return (None, refusal_answer(Refusal::NotFound)),
        };
        let answer = done_answer(command, &after, effect.is_some());
        (effect, answer)
    }

    fn fold(&mut self, effect: &Effect, _entry: &Entry) {
        let after = after(self.get(&effect.reference), &effect.change);
        self.insert(effect.reference.clone(), after);
    }

    fn read(&self, reference: &String, _now: i64) -> Answer {
        match self.get(reference) {
            Some(shipment) => Answer::new(200, &shipment_json(reference, shipment)),
            None => refusal_answer(Refusal::NotFound),
        }
    }

    fn notice(&self, effect: &Effect, now: i64) -> Option<Notice> {
        let shipment = self.get(&effect.reference)?;
        webhook_wire::of_parcel(effect, shipment, now)
    }
}

/// The answer to a command that was carried out, now or before.
fn done_answer(command: &Command, shipment: &Shipment, is_new: bool) -> Answer {
    let tracking_number = shipment.parcel().map(|parcel| &parcel.tracking_number);
    let body = |status: &str| {
        json!({
            "reference": command.reference,
            "status": status,
            "tracking_number": tracking_number,
        })
    };
    match &command.action {
        // The first answer again, whatever happened to the parcel since.
        Action::Create { .. } => Answer::new(if is_new { 201 } else { 200 }, &body("created")),
        Action::Cancel | Action::Ship | Action::Deliver => {
            Answer::new(200, &body(shipment.status()))
        }
    }
}

fn refusal_answer(refusal: Refusal) -> Answer {
    let (status, code, message) = match refusal {
        Refusal::AddressRejected => (422, "address_rejected", "we do not deliver there"),
        Refusal::Cancelled => (409, "cancelled", "this shipment is cancelled for good"),
        Refusal::HandedOver => (409, "handed_over", "the parcel has left already"),
        Refusal::NotFound => (404, "not_found", "there is no such shipment"),
        Refusal::NotShipped => (409, "not_shipped", "the parcel has not left yet"),
        Refusal::ReferenceReused => (409, "reference_reused", "the reference has another parcel"),
    };
    Answer::new(
        status,
        &json!({"error": {"code": code, "message": message}}),
    )
}

/// What is said to a command that was refused: where the parcel has left, also which it is.
fn refused_answer(refusal: Refusal, reference: &str, found: Option<&Shipment>) -> Answer {
    match (refusal, found) {
        (Refusal::HandedOver, Some(shipment)) => Answer::new(
            409,
            &json!({"error": {
                "code": "handed_over",
                "message": "the parcel has left already",
                "shipment": parcel_json(reference, shipment),
            }}),
        ),
        _ => refusal_answer(refusal),
    }
}

/// A parcel as the carrier tells of it.
pub(crate) fn parcel_json(reference: &str, shipment: &Shipment) -> Value {
    json!({
        "reference": reference,
        "status": shipment.status(),
        "carrier": CARRIER,
        "tracking_number": shipment.parcel().map(|parcel| &parcel.tracking_number),
    })
}

/// The whole shipment, as look-ups show it.
pub(crate) fn shipment_json(reference: &str, shipment: &Shipment) -> Value {
    let parcel = shipment.parcel();
    json!({
        "reference": reference,
        "status": shipment.status(),
        "tracking_number": parcel.map(|parcel| &parcel.tracking_number),
        "ship_to": parcel.map(|parcel| &parcel.ship_to),
        "lines": parcel.map(|parcel| &parcel.lines),
    })
}
