//! What all third parties have in common, and the one place that lists them.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::book::Entry;
use crate::carrier::{self, Shipments};
use crate::destination::{self, Profiles};
use crate::intent::Intents;
use crate::payment;
use crate::sms::{self, Messages};
use crate::webhook::Notice;

/// A third party: rules over a state that is the fold of its effects.
pub(crate) trait Party {
    /// A request that changes something.
    type Command;
    /// What it changed: a line of the book.
    type Effect;
    /// A request that changes nothing.
    type Query;

    /// What comes of a command, and what the caller is told. Changes nothing yet.
    fn decide(&self, command: &Self::Command, moment: &Moment<'_>) -> Outcome<Self::Effect>;

    /// Takes the effect of an entry into the state.
    fn fold(&mut self, effect: &Self::Effect, entry: &Entry);

    fn read(&self, query: &Self::Query, now: i64) -> Answer;

    /// What others are told of an effect that was folded.
    fn notice(&self, _effect: &Self::Effect, _now: i64) -> Option<Notice> {
        None
    }
}

/// The effect of a command, if it has one, and the answer.
pub(crate) type Outcome<E> = (Option<E>, Answer);

/// What a decision depends on besides the command and the state.
#[derive(Debug)]
pub(crate) struct Moment<'a> {
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    /// The unique part of a new id.
    pub(crate) fresh: &'a str,
    /// The code of a no for good, where a fault says so.
    pub(crate) decline: Option<&'a str>,
}

/// A request that changes something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Payment(payment::Command),
    Carrier(carrier::Command),
    Sms(sms::Text),
    Destination(destination::Command),
}

/// What the book keeps of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    Payment(payment::Effect),
    Shipment(carrier::Effect),
    Message(sms::Message),
    Profile(destination::Applied),
}

/// A request that changes nothing.
#[derive(Debug, Clone)]
pub(crate) enum Query {
    Payment(payment::Query),
    Shipment(String),
    Message(sms::Query),
    Profile(destination::Query),
}

/// The state of every third party.
#[derive(Debug, Default)]
pub(crate) struct Parties {
    pub(crate) payment: Intents,
    pub(crate) carrier: Shipments,
    pub(crate) sms: Messages,
    pub(crate) destinations: Profiles,
}

impl Parties {
    pub(crate) fn decide(&self, call: &Call, moment: &Moment<'_>) -> Outcome<Effect> {
        match call {
            Call::Payment(it) => wrap(self.payment.decide(it, moment), Effect::Payment),
            Call::Carrier(it) => wrap(self.carrier.decide(it, moment), Effect::Shipment),
            Call::Sms(it) => wrap(self.sms.decide(it, moment), Effect::Message),
            Call::Destination(it) => wrap(self.destinations.decide(it, moment), Effect::Profile),
        }
    }

    pub(crate) fn fold(&mut self, effect: &Effect, entry: &Entry) {
        match effect {
            Effect::Payment(it) => self.payment.fold(it, entry),
            Effect::Shipment(it) => self.carrier.fold(it, entry),
            Effect::Message(it) => self.sms.fold(it, entry),
            Effect::Profile(it) => self.destinations.fold(it, entry),
        }
    }

    pub(crate) fn read(&self, query: &Query, now: i64) -> Answer {
        match query {
            Query::Payment(it) => self.payment.read(it, now),
            Query::Shipment(it) => self.carrier.read(it, now),
            Query::Message(it) => self.sms.read(it, now),
            Query::Profile(it) => self.destinations.read(it, now),
        }
    }

    pub(crate) fn notice(&self, effect: &Effect, now: i64) -> Option<Notice> {
        match effect {
            Effect::Payment(it) => self.payment.notice(it, now),
            Effect::Shipment(it) => self.carrier.notice(it, now),
            Effect::Message(it) => self.sms.notice(it, now),
            Effect::Profile(it) => self.destinations.notice(it, now),
        }
    }
}

fn wrap<E>((effect, answer): Outcome<E>, name: fn(E) -> Effect) -> Outcome<Effect> {
    (effect.map(name), answer)
}
