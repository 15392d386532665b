//! What goes wrong, where and when. A call of a function is a *visit* of a state; each call that
//! the function makes to a store, a provider or another service is a *port call* of that visit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::kernel::{Kernel, lock};

/// What goes wrong with a port call or with a whole visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Unreachable: nothing happens, and that is known.
    FailBefore,
    /// No answer, and nothing happened.
    LostBefore,
    /// No answer, and it happened.
    AppliedButTimeout,
    /// No answer, and it happens this much later.
    DelayThenApply(Duration),
    /// The function's process dies before the call.
    KillBefore,
    /// The function's process dies after the call.
    KillAfter,
    /// The function stops before the call, is given up by whoever waits, and goes on this much
    /// later: the late Lambda.
    Freeze(Duration),
    /// The whole visit happens twice, the second this much later.
    Duplicate(Duration),
    /// The visit answers this error and does nothing.
    Answer(&'static str),
    /// The visit does its work and answers this error.
    AnswerAfter(&'static str),
    /// The execution is aborted when it enters the state.
    Abort,
}

impl Fault {
    /// Whether it concerns a whole visit.
    pub const fn is_of_visit(&self) -> bool {
        matches!(
            self,
            Self::Duplicate(_) | Self::Answer(_) | Self::AnswerAfter(_) | Self::Abort
        )
    }
}

/// Which port calls of a visit are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The n-th, from 0.
    Nth(u32),
    /// Those whose name begins so.
    Named(&'static str),
    /// All.
    Every,
}

/// One fault at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// State, or `Place`, `Start`, `Publish`, `Notify`, `Sweep`.
    pub state: String,
    /// Which visits of the state, from 1, counted per order.
    pub visits: RangeInclusive<u32>,
    /// Which port calls.
    pub port: Which,
    /// What happens.
    pub fault: Fault,
}

/// Strikes the first visit of a state, at the n-th port call.
pub fn strike(state: &str, port: u32, fault: Fault) -> Strike {
    Strike {
        state: state.to_owned(),
        visits: 1..=1,
        port: Which::Nth(port),
        fault,
    }
}

/// Strikes the first so many visits of a state as a whole.
pub fn strike_visits(state: &str, visits: u32, fault: Fault) -> Strike {
    Strike {
        state: state.to_owned(),
        visits: 1..=visits,
        port: Which::Every,
        fault,
    }
}

/// A port that does not work for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Begin of the names of the ports.
    pub port: &'static str,
    /// First moment.
    pub from: Timestamp,
    /// First moment after it.
    pub until: Timestamp,
    /// What happens to each call.
    pub fault: Fault,
}

/// Random faults until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// First moment after it.
    pub until: Timestamp,
    /// Of a thousand port calls so many go wrong.
    pub per_thousand: u64,
}

/// A visit that is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The state.
    pub state: String,
    /// Of which order, or whatever else is counted by.
    pub subject: String,
    /// Its number among the visits of this state for this subject, from 1.
    pub number: u32,
}

/// A port call that was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The state.
    pub state: String,
    /// Place among the port calls of the visit, from 0.
    pub nth: u32,
    /// The port.
    pub port: &'static str,
}

/// All that goes wrong in one world, and a record of what could have.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    strikes: Vec<Strike>,
    outages: Vec<Outage>,
    storm: Option<Storm>,
    visits: BTreeMap<(String, String), u32>,
    sites: BTreeSet<Site>,
    log: Vec<String>,
}

impl Faults {
    /// Adds a strike.
    pub fn strike(&self, strike: Strike) {
        lock(&self.0).strikes.push(strike);
    }

    /// Adds an outage.
    pub fn outage(&self, outage: Outage) {
        lock(&self.0).outages.push(outage);
    }

    /// Sets the random faults.
    pub fn storm(&self, storm: Storm) {
        lock(&self.0).storm = Some(storm);
    }

    /// Every port call that was made in first visits.
    pub fn sites(&self) -> Vec<Site> {
        lock(&self.0).sites.iter().cloned().collect()
    }

    /// What happened, a line each.
    pub fn log(&self) -> Vec<String> {
        lock(&self.0).log.clone()
    }

    /// Adds a line to the log.
    pub fn note(&self, line: String) {
        lock(&self.0).log.push(line);
    }

    /// How often a state was visited for a subject.
    pub fn visits_of(&self, state: &str, subject: &str) -> u32 {
        let key = (state.to_owned(), subject.to_owned());
        lock(&self.0).visits.get(&key).copied().unwrap_or(0)
    }

    /// Counts a visit.
    pub(super) fn enter(&self, state: &str, subject: &str) -> Visit {
        let key = (state.to_owned(), subject.to_owned());
        let mut inner = lock(&self.0);
        let number = inner.visits.entry(key).or_default();
        *number += 1;
        Visit {
            state: state.to_owned(),
            subject: subject.to_owned(),
            number: *number,
        }
    }

    /// What happens to a visit as a whole.
    pub(super) fn of_visit(&self, visit: &Visit, kernel: &Kernel) -> Option<Fault> {
        let inner = lock(&self.0);
        let mut strikes = inner.strikes.iter();
        let struck = strikes.find(|one| one.fault.is_of_visit() && one.meets(visit));
        let fault = struck.map(|one| one.fault.clone());
        fault.or_else(|| {
            let twice = inner.storms(kernel) && kernel.below(2) == 0;
            twice.then(|| Fault::Duplicate(kernel.between(0, 20_000)))
        })
    }

    /// What happens to a port call.
    pub(super) fn of_call(&self, visit: &Visit, site: &Site, kernel: &Kernel) -> Option<Fault> {
        let mut inner = lock(&self.0);
        if visit.number == 1 {
            inner.sites.insert(site.clone());
        }
        let now = kernel.now();
        let mut outages = inner.outages.iter();
        let out = outages
            .find(|out| site.port.starts_with(out.port) && (out.from..out.until).contains(&now));
        if let Some(out) = out {
            return Some(out.fault.clone());
        }
        let mut strikes = inner.strikes.iter();
        let struck = strikes
            .find(|one| !one.fault.is_of_visit() && one.meets(visit) && one.port.meets(site));
        let fault = struck.map(|one| one.fault.clone());
        fault.or_else(|| {
            let mailing = site.port.starts_with("mail") || site.port.starts_with("deliveries");
            (!mailing && inner.storms(kernel)).then(|| any_fault(kernel))
        })
    }
}

impl Inner {
    fn storms(&self, kernel: &Kernel) -> bool {
        self.storm.is_some_and(|storm| {
            kernel.now() < storm.until && kernel.below(1_000) < storm.per_thousand
        })
    }
}

impl Strike {
    fn meets(&self, visit: &Visit) -> bool {
        self.state == visit.state && self.visits.contains(&visit.number)
    }
}

impl Which {
    fn meets(&self, site: &Site) -> bool {
        match self {
            Self::Nth(nth) => *nth == site.nth,
            Self::Named(begin) => site.port.starts_with(begin),
            Self::Every => true,
        }
    }
}

/// Any fault of a port call; late ones land within a second, or up to an hour later.
fn any_fault(kernel: &Kernel) -> Fault {
    let late = match kernel.below(3) {
        0 => kernel.between(0, 1_000),
        1 => kernel.between(1_000, 60_000),
        _ => kernel.between(60_000, 3_600_000),
    };
    match kernel.below(7) {
        0 => Fault::FailBefore,
        1 => Fault::LostBefore,
        2 => Fault::AppliedButTimeout,
        3 => Fault::DelayThenApply(late),
        4 => Fault::KillBefore,
        5 => Fault::KillAfter,
        _ => Fault::Freeze(late),
    }
}
