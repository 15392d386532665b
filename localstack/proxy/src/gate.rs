//! Where every call meets the physics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use http::request::Parts;

use crate::app::App;
use crate::buckets::Buckets;
use crate::holds::{Hold, Holds};
use crate::item::{Item, Write};
use crate::ledger::Interference;
use crate::outcome::Outcome;
use crate::pass::forward;
use crate::physics::Physics;
use crate::reading::{Reading, reads};
use crate::refused::Refused;
use crate::subject::Subject;
use crate::wire::{self, Reason};

#[derive(Debug)]
pub(crate) struct Gate {
    physics: Mutex<Arc<Physics>>,
    holds: Arc<Holds>,
    buckets: Buckets,
    keys: Vec<String>,
}

/// Carries a call out under the physics of the moment.
pub(crate) async fn through(
    app: &App,
    subject: &Subject,
    parts: Parts,
    body: Bytes,
) -> (Outcome, Reading) {
    let (gate, physics) = (&app.gate, app.gate.physics());
    let write = match physics.limits_writes() {
        true => Write::of(subject, &gate.keys),
        false => None,
    };
    let hold = match gate.admit(&physics, write.as_ref(), app.clock.now()) {
        Ok(hold) => hold,
        Err(refusal) => {
            let outcome = refusal.outcome();
            let reading = Reading::of(subject, &outcome);
            return (outcome, reading);
        }
    };
    app.clock.sleep(physics.latency(&subject.service)).await;
    let outcome = forward(app, parts, body).await;
    let reading = Reading::of(subject, &outcome);
    if let (Some(write), Some(rate)) = (&write, physics.item_write_units_per_second)
        && outcome.succeeded()
    {
        let now = app.clock.now();
        for (item, units) in charges(write, subject, &reading) {
            gate.buckets.charge(item, units, rate, now);
        }
    }
    // Charged first, so that the next writer of the item meets the new balance.
    drop(hold);
    (outcome, reading)
}

/// Why a write was not let in.
#[derive(Debug)]
struct Refusal<'a> {
    write: &'a Write,
    /// Which of its items were the reason.
    struck: Vec<bool>,
    reason: Reason,
}

impl Gate {
    pub(crate) fn new(keys: Vec<String>) -> Self {
        Self {
            physics: Mutex::default(),
            holds: Arc::default(),
            buckets: Buckets::default(),
            keys,
        }
    }

    pub(crate) fn physics(&self) -> Arc<Physics> {
        Arc::clone(&self.current())
    }

    /// Replaces the physics. Calls that are on their way keep what they hold.
    pub(crate) fn set(&self, physics: Physics) -> Result<(), Refused> {
        physics.check()?;
        *self.current() = Arc::new(physics);
        self.buckets.fill_all();
        Ok(())
    }

    fn admit<'a>(
        &self,
        physics: &Physics,
        write: Option<&'a Write>,
        now: Duration,
    ) -> Result<Option<Hold>, Refusal<'a>> {
        let Some(write) = write else {
            return Ok(None);
        };
        let refusal = |struck, reason| Refusal {
            write,
            struck,
            reason,
        };
        if let Some(rate) = physics.item_write_units_per_second {
            let struck = write.marked(|item| self.buckets.overdrawn(item, rate, now));
            if struck.contains(&true) {
                return Err(refusal(struck, Reason::Throttling));
            }
        }
        if !physics.transaction_conflicts {
            return Ok(None);
        }
        let taken = self.holds.take(write);
        taken
            .map(Some)
            .map_err(|struck| refusal(struck, Reason::Conflict))
    }

    fn current(&self) -> MutexGuard<'_, Arc<Physics>> {
        self.physics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Refusal<'_> {
    fn outcome(&self) -> Outcome {
        let answer = match (self.write, self.reason) {
            (Write::Single(_), Reason::Conflict) => wire::conflict(),
            (Write::Single(_), Reason::Throttling) => wire::item_throttled(),
            (Write::Transaction(_), reason) => {
                let reasons = self.struck.iter().map(|struck| struck.then_some(reason));
                wire::cancelled(&reasons.collect::<Vec<_>>())
            }
        };
        let interference = match self.reason {
            Reason::Conflict => Interference::TransactionConflict,
            Reason::Throttling => Interference::ItemThrottle,
        };
        Outcome::answered_here(answer, interference)
    }
}

/// The units of each item: what the answer reports for its table, the indexes aside, in equal
/// parts for the items of one table; 1 where it reports nothing.
fn charges<'a>(
    write: &'a Write,
    subject: &'a Subject,
    reading: &'a Reading,
) -> impl Iterator<Item = (&'a Item, f64)> {
    write.items().map(|item| {
        let mut reported = reading.consumed.iter().flatten();
        let Some(table) = reported.find(|consumed| consumed.is_of(&item.table)) else {
            return (item, 1.0);
        };
        let sharing = write.items().filter(|other| other.table == item.table);
        let sharing = u32::try_from(sharing.count()).map_or(1.0, f64::from);
        (item, table.table_part(reads(subject)) / sharing)
    })
}
