//! The row that all processes share: what is held, by the end of its being held.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::{Limit, SKEW_MS, Time, WINDOW_MS};

/// When a share ends, in whole seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End(pub u64);

/// Ends within this many milliseconds are a few seconds apart, later ones a minute, so that a row
/// has about fifty of them at most.
const FINE_MS: u64 = 120_000;
const FINE_STEP: u64 = 15;
/// What is spent at once is spent within half a second to one and a half, or not.
const AT_ONCE_MS: u64 = 500;
const COARSE_STEP: u64 = 60;

/// So many ends are forgotten by one change: DynamoDB takes 300 operators in a condition.
const AT_ONCE: usize = 100;

impl End {
    /// The next end at which a share that is to last so long may end.
    pub fn after(now: Time, validity_ms: u64) -> Self {
        let step = if validity_ms <= FINE_MS {
            FINE_STEP
        } else {
            COARSE_STEP
        };
        Self::stepped(now.plus(validity_ms), step)
    }

    /// The end of what is spent at once.
    pub fn at_once(now: Time) -> Self {
        Self::stepped(now.plus(AT_ONCE_MS), 1)
    }

    fn stepped(time: Time, step: u64) -> Self {
        let seconds = time.0.div_ceil(1_000);
        Self(seconds.div_ceil(step).saturating_mul(step))
    }

    /// Nothing is spent from here on.
    pub const fn time(self) -> Time {
        Time(self.0.saturating_mul(1_000))
    }

    /// The row counts it until here: whatever was spent before the end, by a clock that is behind,
    /// has left every window by then, by a clock that is ahead.
    pub const fn forgotten(self) -> Time {
        self.time().plus(WINDOW_MS + SKEW_MS)
    }
}

/// What is held of one limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The sum of all that is held.
    pub held: u32,
    /// How much of it until when.
    pub ends: BTreeMap<End, u32>,
}

/// A change of a row. It is made if everything that it rests on holds, or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// So much will be held.
    pub take: u32,
    /// Until then.
    pub end: End,
    /// So much of it is held already, until this end, and now no longer: there must be as much.
    pub moved: Option<(End, u32)>,
    /// Ends that are to be forgotten, each with the number that must be there.
    pub forget: Vec<(End, u32)>,
    /// No more than this may be held before the change.
    pub at_most: u32,
    /// When it was made; the row can be removed two hours later.
    pub now: Time,
}

impl Update {
    /// What of the row's sum goes away: what moves, and what is forgotten.
    pub fn given_up(&self) -> u32 {
        let forgotten = self.forget.iter().map(|(_, held)| held);
        let forgotten = forgotten.fold(0, |sum: u32, held| sum.saturating_add(*held));
        let moved = self.moved.map_or(0, |(_, held)| held);
        forgotten.saturating_add(moved)
    }

    /// When the row may be removed, in seconds since 1970: after all that it can hold is forgotten.
    pub const fn expires(&self) -> u64 {
        self.now.0 / 1_000 + 7_200
    }
}

impl Row {
    /// Held at this time: without what can be forgotten.
    pub fn counted(&self, now: Time) -> u32 {
        let counted = self.ends.iter().filter(|(end, _)| end.forgotten() > now);
        counted.fold(0, |sum: u32, (_, held)| sum.saturating_add(*held))
    }

    /// What is not held.
    pub fn room(&self, limit: Limit, now: Time) -> u32 {
        limit.get().saturating_sub(self.counted(now))
    }

    /// When the next of it will be forgotten.
    pub fn next_forgotten(&self, now: Time) -> Option<Time> {
        let held = self.ends.iter().filter(|(_, held)| **held > 0);
        held.map(|(end, _)| end.forgotten())
            .find(|time| *time > now)
    }

    /// What can be forgotten by one change: the most first.
    pub fn forgettable(&self, now: Time) -> Vec<(End, u32)> {
        let over = self.ends.iter().filter(|(end, _)| end.forgotten() <= now);
        let mut over: Vec<_> = over.map(|(end, held)| (*end, *held)).collect();
        over.sort_by_key(|(_, held)| Reverse(*held));
        over.truncate(AT_ONCE);
        over
    }

    /// Makes a change, unless something that it rests on does not hold. Whether it was made.
    pub fn make(&mut self, update: &Update) -> bool {
        let held_until = |end: &End| self.ends.get(end).copied();
        let forgotten = |(end, held): &(End, u32)| held_until(end) == Some(*held);
        let movable = |(end, held): (End, u32)| held_until(&end).is_some_and(|it| it >= held);
        let holds = self.held <= update.at_most
            && update.forget.iter().all(forgotten)
            && update.moved.is_none_or(movable);
        if !holds {
            return false;
        }
        self.held = self.held.saturating_add(update.take);
        self.held = self.held.saturating_sub(update.given_up());
        if let Some((end, moved)) = update.moved {
            let held = self.ends.entry(end).or_default();
            *held = held.saturating_sub(moved);
        }
        for (end, _) in &update.forget {
            self.ends.remove(end);
        }
        let held = self.ends.entry(update.end).or_default();
        *held = held.saturating_add(update.take);
        true
    }
}
