//! The states of a breaker. Pure: times come in as arguments.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Terms;

/// What all processes know of a third party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
    /// Whether calls go through.
    pub state: State,
}

/// Whether calls go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// They do.
    Closed(Tally),
    /// They do not, but for single probes.
    Open(Open),
}

/// What went wrong lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Since when it is counted.
    pub since: Timestamp,
    /// What went well beside it, as far as it was told.
    pub good: u32,
    /// What went wrong.
    pub bad: u32,
}

/// How long it stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Since when.
    pub since: Timestamp,
    /// Nobody calls before.
    pub until: Timestamp,
    /// Probes in a row that failed.
    pub failed: u32,
    /// Probes in a row that went well.
    pub passed: u32,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(Tally::new(Timestamp::UNIX_EPOCH))
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Call.
    Pass,
    /// Call, if nobody else takes the probe first.
    Probe,
    /// Not call before this time.
    Shut(Timestamp),
}

impl Row {
    /// What a caller may do.
    pub fn gate(&self, now: Timestamp) -> Gate {
        match &self.state {
            State::Closed(_) => Gate::Pass,
            State::Open(open) if open.until > now => Gate::Shut(open.until),
            State::Open(_) => Gate::Probe,
        }
    }

    /// Since when no calls go through.
    pub fn open_since(&self) -> Option<Timestamp> {
        match &self.state {
            State::Closed(_) => None,
            State::Open(open) => Some(open.since),
        }
    }

    /// Somebody takes the probe: nobody else calls until it is answered, or must be lost.
    pub fn probing(&mut self, now: Timestamp, terms: &Terms) {
        if let State::Open(open) = &mut self.state {
            open.until = later(now, terms.probe);
        }
    }

    /// A probe was answered.
    pub fn probed(&mut self, good: bool, now: Timestamp, terms: &Terms) {
        let State::Open(open) = &mut self.state else {
            return;
        };
        if good {
            open.passed = open.passed.saturating_add(1);
            open.until = now;
        } else {
            open.passed = 0;
            open.failed = open.failed.saturating_add(1);
            open.until = later(now, pause(open.failed, terms));
        }
        if open.passed >= terms.closes_after {
            self.state = State::Closed(Tally::new(now));
        }
    }

    /// Counts a call that went wrong, and the good ones that were not told before; opens where that
    /// is too much. One that is open stays so.
    pub fn count(&mut self, good: u32, now: Timestamp, terms: &Terms) {
        let State::Closed(tally) = &mut self.state else {
            return;
        };
        if now >= later(tally.since, terms.window) {
            *tally = Tally::new(now);
        }
        tally.bad = tally.bad.saturating_add(1);
        tally.good = tally.good.saturating_add(good);
        if tally.bad >= terms.failures && tally.bad >= tally.good {
            self.state = State::Open(Open {
                since: now,
                until: later(now, terms.pause),
                failed: 0,
                passed: 0,
            });
        }
    }
}

impl Tally {
    const fn new(since: Timestamp) -> Self {
        Self {
            since,
            good: 0,
            bad: 0,
        }
    }
}

/// Twice as long for each probe that failed.
fn pause(failed: u32, terms: &Terms) -> Duration {
    let times = 1_u32.checked_shl(failed).unwrap_or(u32::MAX);
    terms.pause.saturating_mul(times).min(terms.longest_pause)
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}
