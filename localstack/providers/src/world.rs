//! Everything the stand-ins know, as the fold of the book.

use std::collections::BTreeMap;
use std::io;

use tokio::sync::mpsc::UnboundedSender;

use crate::answer::Answer;
use crate::app::{Call, Query, Request};
use crate::book::{Book, Effect, Entry, FirstAnswer, Late};
use crate::carrier::{self, Shipments};
use crate::fresh::fresh_id;
use crate::idempotency::{Claim, Keys};
use crate::intent::{Intent, Intents};
use crate::payment;
use crate::payment_wire;
use crate::webhook::Notice;
use crate::webhook_wire;

#[derive(Debug)]
pub(crate) struct World {
    book: Book,
    pub(crate) intents: Intents,
    pub(crate) shipments: Shipments,
    /// Requests that are still on their way, by their id.
    pub(crate) late: BTreeMap<String, Late>,
    keys: Keys,
    /// What others are to be told of.
    outbox: UnboundedSender<Notice>,
}

impl World {
    pub(crate) fn new(book: Book, entries: &[Entry], outbox: UnboundedSender<Notice>) -> Self {
        let mut world = Self {
            book,
            intents: Intents::default(),
            shipments: Shipments::default(),
            late: BTreeMap::new(),
            keys: Keys::default(),
            outbox,
        };
        for entry in entries {
            world.fold(entry);
        }
        world
    }

    /// The answer that the request's key already has; otherwise the key is now in use and
    /// [`World::run`] is to follow.
    pub(crate) fn claim(&mut self, request: &Request, now: i64) -> Option<Answer> {
        match self.keys.claim(request.key.as_ref()?, now) {
            Claim::Fresh => None,
            Claim::Answered(answer) => Some(answer),
        }
    }

    /// Carries out a claimed request: decides, writes one line, then changes the state.
    pub(crate) fn run(
        &mut self,
        request: &Request,
        decline: Option<&str>,
        now: i64,
    ) -> io::Result<Answer> {
        self.settle(request, decline, None, now)
    }

    /// Lets a late request arrive. One whose key was used meanwhile has no effect.
    pub(crate) fn arrive(&mut self, id: &str, now: i64) -> io::Result<()> {
        let Some(late) = self.late.get(id).cloned() else {
            return Ok(());
        };
        if self.claim(&late.request, now).is_some() {
            let absorbed = Entry {
                arrived: Some(late.id),
                ..empty(now)
            };
            return self.record(&absorbed);
        }
        self.settle(&late.request, None, Some(late.id), now)
            .map(drop)
    }

    pub(crate) fn postpone(&mut self, late: Late, now: i64) -> io::Result<()> {
        self.record(&Entry {
            late: Some(late),
            ..empty(now)
        })
    }

    pub(crate) fn read(&self, query: &Query, now: i64) -> Answer {
        match query {
            Query::Intent(id) => match self.intents.find(id) {
                Some(intent) => Answer::new(200, &payment_wire::intent_json(intent)),
                None => payment_wire::no_such_intent(id, true),
            },
            Query::Refunds(id) => match self.intents.find(id) {
                Some(intent) => Answer::new(200, &payment_wire::refunds_json(intent)),
                None => payment_wire::no_such_intent(id, false),
            },
            Query::Intents { metadata, lag } => {
                let wanted = |intent: &&Intent| {
                    let named = |(name, value)| intent.terms.metadata.get(name) == Some(value);
                    intent.created_at.saturating_add(*lag) <= now && metadata.iter().all(named)
                };
                let newest_first = self.intents.iter().rev().filter(wanted);
                Answer::new(200, &payment_wire::list_json(newest_first))
            }
            Query::Shipment(reference) => match self.shipments.get(reference) {
                Some(shipment) => Answer::new(200, &carrier::shipment_json(reference, shipment)),
                None => carrier::refusal_answer(carrier::Refusal::NotFound),
            },
        }
    }

    fn settle(
        &mut self,
        request: &Request,
        decline: Option<&str>,
        arrived: Option<String>,
        now: i64,
    ) -> io::Result<Answer> {
        let (effect, answer) = self.decide(&request.call, decline, now);
        let first_answer = request.key.clone().map(|key| FirstAnswer {
            key,
            answer: answer.clone(),
        });
        let entry = Entry {
            effect,
            first_answer,
            arrived,
            ..empty(now)
        };
        let recorded = self.record(&entry);
        if let (Err(_), Some(key)) = (&recorded, &request.key) {
            self.keys.release(key);
        }
        if recorded.is_ok() {
            self.tell(entry.effect.as_ref(), now);
        }
        recorded.map(|()| answer)
    }

    /// Hands the courier what there is to tell. One that is gone delivers nothing any more.
    fn tell(&self, effect: Option<&Effect>, now: i64) {
        let notice = match effect {
            Some(Effect::Payment(effect)) => self
                .intents
                .find(effect.intent())
                .and_then(|intent| webhook_wire::of_payment(effect, intent, now)),
            Some(Effect::Shipment(effect)) => self
                .shipments
                .get(&effect.reference)
                .and_then(|shipment| webhook_wire::of_parcel(effect, shipment, now)),
            None => None,
        };
        if let Some(notice) = notice {
            drop(self.outbox.send(notice));
        }
    }

    fn decide(&self, call: &Call, decline: Option<&str>, now: i64) -> (Option<Effect>, Answer) {
        let fresh = fresh_id();
        match call {
            Call::Payment(command) => {
                match payment::decide(&self.intents, command, decline, &fresh) {
                    Ok(effect) => self.paid(effect, now),
                    Err(refusal) => (None, payment_wire::refusal_answer(&refusal)),
                }
            }
            Call::Carrier(command) => {
                match carrier::decide(&self.shipments, command, decline.is_some(), &fresh) {
                    Ok(effect) => self.shipped(command, effect),
                    Err(refusal) => {
                        let reference = &command.reference;
                        let found = self.shipments.get(reference);
                        let answer = carrier::refused_answer(refusal, reference, found);
                        (None, answer)
                    }
                }
            }
        }
    }

    fn paid(&self, effect: payment::Effect, now: i64) -> (Option<Effect>, Answer) {
        match self.intents.after(&effect, now) {
            Some(intent) => {
                let answer = payment_wire::effect_answer(&effect, &intent, now);
                (Some(Effect::Payment(effect)), answer)
            }
            None => (None, payment_wire::no_such_intent(effect.intent(), true)),
        }
    }

    fn shipped(
        &self,
        command: &carrier::Command,
        effect: Option<carrier::Effect>,
    ) -> (Option<Effect>, Answer) {
        let found = self.shipments.get(&command.reference);
        let after = match (&effect, found) {
            (Some(effect), _) => carrier::after(found, &effect.change),
            (None, Some(shipment)) => shipment.clone(),
            (None, None) => {
                return (None, carrier::refusal_answer(carrier::Refusal::NotFound));
            }
        };
        let answer = carrier::done_answer(command, &after, effect.is_some());
        (effect.map(Effect::Shipment), answer)
    }

    /// Writes the line first: what is not on disk has not happened.
    fn record(&mut self, entry: &Entry) -> io::Result<()> {
        if *entry != empty(entry.at) {
            self.book.append(entry)?;
            self.fold(entry);
        }
        Ok(())
    }

    fn fold(&mut self, entry: &Entry) {
        match &entry.effect {
            Some(Effect::Payment(effect)) => self.fold_payment(entry, effect),
            Some(Effect::Shipment(effect)) => {
                let after = carrier::after(self.shipments.get(&effect.reference), &effect.change);
                self.shipments.insert(effect.reference.clone(), after);
            }
            None => {}
        }
        if let Some(first) = &entry.first_answer {
            self.keys.finish(&first.key, first.answer.clone(), entry.at);
        }
        if let Some(late) = &entry.late {
            self.late.insert(late.id.clone(), late.clone());
        }
        if let Some(id) = &entry.arrived {
            self.late.remove(id);
        }
    }

    fn fold_payment(&mut self, entry: &Entry, effect: &payment::Effect) {
        let Some(mut intent) = self.intents.after(effect, entry.at) else {
            return;
        };
        intent.keys.extend(
            entry
                .first_answer
                .iter()
                .map(|first| first.key.name.clone()),
        );
        self.intents.put(intent);
    }
}

fn empty(at: i64) -> Entry {
    Entry {
        at,
        effect: None,
        first_answer: None,
        late: None,
        arrived: None,
    }
}
