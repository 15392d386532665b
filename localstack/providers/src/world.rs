//! Everything the stand-ins know, as the fold of the book.

use std::collections::BTreeMap;
use std::io;

use tokio::sync::mpsc::UnboundedSender;

use crate::answer::Answer;
use crate::app::Request;
use crate::book::{Book, Entry, FirstAnswer, Late};
use crate::fresh::fresh_id;
use crate::idempotency::{Claim, Keys};
use crate::party::{Effect, Moment, Parties};
use crate::webhook::Notice;

#[derive(Debug)]
pub(crate) struct World {
    book: Book,
    pub(crate) parties: Parties,
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
            parties: Parties::default(),
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

    fn settle(
        &mut self,
        request: &Request,
        decline: Option<&str>,
        arrived: Option<String>,
        now: i64,
    ) -> io::Result<Answer> {
        let moment = Moment {
            now,
            fresh: &fresh_id(),
            decline,
        };
        let (effect, answer) = self.parties.decide(&request.call, &moment);
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
        if let Some(notice) = effect.and_then(|effect| self.parties.notice(effect, now)) {
            drop(self.outbox.send(notice));
        }
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
        if let Some(effect) = &entry.effect {
            self.parties.fold(effect, entry);
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
