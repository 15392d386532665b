//! What the routes share: the world behind one lock, the faults, the clock and the call counts.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::answer::Answer;
use crate::book::{Book, BookError, Late};
use crate::calls::Calls;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::fresh::fresh_id;
use crate::operation::Operation;
use crate::party::{Call, Query};
use crate::webhook::{self, Courier};
use crate::world::World;

/// A request that changes something; storable, because it may take effect after a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) call: Call,
    pub(crate) key: Option<crate::idempotency::Key>,
}

#[derive(Debug, Clone)]
pub(crate) enum Work {
    Write(Request),
    Read(Query),
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) courier: Arc<Courier>,
    world: Mutex<World>,
}

impl App {
    /// Reads the book back and waits again for what was on its way.
    pub(crate) fn open(folder: Option<&Path>, clock: Clock) -> Result<Arc<Self>, BookError> {
        let (book, entries) = match folder {
            Some(folder) => Book::open(folder)?,
            None => (Book::in_memory(), Vec::new()),
        };
        let (outbox, notices) = mpsc::unbounded_channel();
        let app = Arc::new(Self {
            clock,
            faults: Faults::default(),
            calls: Calls::default(),
            courier: Arc::default(),
            world: Mutex::new(World::new(book, &entries, outbox)),
        });
        tokio::spawn(webhook::send_all(Arc::downgrade(&app), notices));
        let pending: Vec<Late> = app.world().late.values().cloned().collect();
        for late in &pending {
            app.await_arrival(late);
        }
        Ok(app)
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn order_of(&self, intent: &str) -> Option<String> {
        let world = self.world();
        world
            .parties
            .payment
            .find(intent)?
            .order_id()
            .map(str::to_owned)
    }

    /// Whom a message was sent to.
    pub(crate) fn number_of(&self, account: &str, sid: &str) -> Option<String> {
        let world = self.world();
        let sent = world.parties.sms.find(account, sid)?;
        Some(sent.message.text.to.clone())
    }

    /// The answer that needs no work: the key's. Otherwise [`App::run`] is to follow.
    pub(crate) fn claim(&self, work: &Work) -> Option<Answer> {
        match work {
            Work::Read(_) => None,
            Work::Write(request) => self.world().claim(request, self.clock.now()),
        }
    }

    pub(crate) fn run(&self, operation: Operation, work: &Work, decline: Option<&str>) -> Answer {
        let now = self.clock.now();
        let result = match work {
            Work::Read(query) => Ok(self.world().parties.read(query, now)),
            Work::Write(request) => self.world().run(request, decline, now),
        };
        result.unwrap_or_else(|error| unwritable(operation, &error))
    }

    /// Claim and run under one lock, so that two requests with one key never meet half-way.
    pub(crate) fn perform(
        &self,
        operation: Operation,
        work: &Work,
        decline: Option<&str>,
    ) -> Answer {
        let now = self.clock.now();
        let mut world = self.world();
        let result = match work {
            Work::Read(query) => Ok(world.parties.read(query, now)),
            Work::Write(request) => match world.claim(request, now) {
                Some(answer) => Ok(answer),
                None => world.run(request, decline, now),
            },
        };
        result.unwrap_or_else(|error| unwritable(operation, &error))
    }

    /// Lets the request take effect after `ms`, whatever happens to the caller.
    pub(crate) fn postpone(self: &Arc<Self>, request: Request, ms: u64) -> std::io::Result<()> {
        let now = self.clock.now();
        let late = Late {
            id: fresh_id(),
            due: now.saturating_add_unsigned(ms),
            request,
        };
        self.world().postpone(late.clone(), now)?;
        self.await_arrival(&late);
        Ok(())
    }

    /// Holds no part of the app while it waits, so that a stopped one lets go of its book.
    fn await_arrival(self: &Arc<Self>, late: &Late) {
        let (app, clock) = (Arc::downgrade(self), self.clock.clone());
        let (id, due) = (late.id.clone(), late.due);
        tokio::spawn(async move {
            clock.until(due).await;
            let Some(app) = app.upgrade() else {
                return;
            };
            let now = app.clock.now();
            if let Err(error) = app.world().arrive(&id, now) {
                eprintln!("provider-stand-ins: late request {id} is lost until a restart: {error}");
            }
        });
    }
}

fn unwritable(operation: Operation, error: &std::io::Error) -> Answer {
    Answer::broken(
        operation,
        500,
        &format!("the book cannot be written: {error}"),
    )
}
