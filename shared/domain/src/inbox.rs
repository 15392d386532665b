//! What a consumer has taken in of one aggregate, and what it keeps because something before it has
//! not come.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::Sequence;

#[cfg(test)]
mod tests;

/// How long a gap may close by itself before what is missing is asked for.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);
/// Age at which a gap is a person's business.
const OVERDUE: SignedDuration = SignedDuration::from_mins(10);
/// Longest pause between two looks.
const RAREST: SignedDuration = SignedDuration::from_hours(24);

/// A consumer's record of one aggregate: what was applied, and what came too early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The last sequence applied; 0 where nothing was.
    pub applied: Sequence,
    /// Events that came too early, as they came.
    pub held: BTreeMap<Sequence, String>,
    /// There is one as long as something is held.
    pub gap: Option<Gap>,
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
}

/// Something is missing before what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When the first event was held.
    pub since: Timestamp,
    /// When to ask for what is missing.
    pub next_look: Timestamp,
}

/// What is to be done with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing: it was applied.
    Seen,
    /// Apply it.
    Next,
    /// Hold it.
    Early,
}

impl Taken {
    /// What is to be done with the event of this sequence.
    pub fn turn_of(&self, sequence: Sequence) -> Turn {
        if sequence <= self.applied {
            Turn::Seen
        } else if sequence == self.applied.next() {
            Turn::Next
        } else {
            Turn::Early
        }
    }

    /// Keeps an event that came too early; a copy of it changes nothing.
    pub fn hold(&mut self, sequence: Sequence, event: String, now: Timestamp) {
        self.held.entry(sequence).or_insert(event);
        self.gap.get_or_insert(Gap::new(now));
    }

    /// The event that is held and whose turn it is.
    pub fn due(&self) -> Option<&str> {
        self.held.get(&self.applied.next()).map(String::as_str)
    }

    /// The next event was applied. What is held after another gap waits anew.
    pub fn advance(&mut self, now: Timestamp) {
        self.applied = self.applied.next();
        self.held.remove(&self.applied);
        if self.held.is_empty() {
            self.gap = None;
        } else if self.due().is_none() {
            self.gap = Some(Gap::new(now));
        }
    }

    /// Whether the event of this sequence has to come so that what is held goes on: it is missing, or
    /// it is held and could not be applied when its turn came.
    pub fn lacks(&self, sequence: Sequence) -> bool {
        let last = self.held.keys().next_back();
        sequence > self.applied
            && last.is_some_and(|last| sequence <= *last)
            && (sequence == self.applied.next() || !self.held.contains_key(&sequence))
    }

    /// What is missing was asked for: again when the gap is overdue, then at twice its age each
    /// time, once a day at least. What nobody can close is not asked for all the time.
    pub fn asked(&mut self, now: Timestamp) {
        let Some(gap) = &mut self.gap else { return };
        let pause = match gap.age(now) {
            age if gap.was_asked() => age.min(RAREST),
            age => OVERDUE.saturating_sub(age).max(FIRST_LOOK),
        };
        gap.next_look = later(now, pause);
    }
}

impl Gap {
    fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            next_look: later(now, FIRST_LOOK),
        }
    }

    /// Whether what is missing was asked for: the first look is a minute after the beginning.
    fn was_asked(&self) -> bool {
        self.next_look > later(self.since, FIRST_LOOK)
    }

    /// How long it has been open.
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.since)
    }

    /// Whether it did not close although what is missing was asked for.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.was_asked() && self.age(now) >= OVERDUE
    }
}

fn later(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
