//! Faults that tests switch on: which requests they hit and what they do to them.

use std::cmp::Reverse;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::operation::{Operation, Subject};

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The third party says no: a card decline, an address, number or profile refused.
    Decline { code: String },
    /// Effect and answer come after this long, also when the caller has left.
    Slow { ms: u64 },
    /// Nothing happens until the fault is removed.
    Hang,
    /// 500 and no effect.
    Error500,
    /// 503 and no effect.
    Down,
    /// The connection ends without an answer and without effect.
    Drop,
    /// The effect, but no answer.
    AppliedNoAnswer { answer: Lost },
    /// No answer now, the effect after this long.
    LateEffect { ms: u64, answer: Lost },
    /// Lists do not show intents younger than this.
    LookupLag { ms: u64 },
    /// A webhook comes so many times, among forged ones and others that are ten minutes old.
    Repeat {
        genuine: u32,
        forged: u32,
        aged: u32,
    },
    /// A webhook waits until the next one of its order has been delivered.
    Swap,
}

/// What the caller sees instead of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lost {
    /// The connection ends without a byte.
    #[default]
    Cut,
    Error500,
}

/// An operation by its name, all whose names begin alike (`payment`, `destination.crm`), or `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Target(String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    #[serde(skip)]
    id: u64,
    pub(crate) target: Target,
    #[serde(flatten)]
    pub(crate) kind: Kind,
    #[serde(rename = "match")]
    pub(crate) matching: Option<String>,
    pub(crate) times: Option<u64>,
    pub(crate) hits: u64,
}

#[derive(Debug)]
pub(crate) struct Faults {
    table: Mutex<Vec<Fault>>,
    /// Raised with every change, for those who wait for a removal; counts the ids as well.
    changes: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            table: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }
}

impl Faults {
    /// Switches a fault on, in place of the one with the same target and match.
    pub(crate) fn put(&self, mut fault: Fault) -> Fault {
        let mut table = self.table();
        table.retain(|old| old.target != fault.target || old.matching != fault.matching);
        self.changes.send_modify(|changes| *changes += 1);
        fault.id = *self.changes.borrow();
        table.push(fault.clone());
        fault
    }

    /// Switches off what stands on a target, all of it or the fault with this match.
    pub(crate) fn remove(&self, target: &Target, matching: Option<&str>) -> usize {
        self.keep(|fault| {
            fault.target != *target || (matching.is_some() && fault.matching.as_deref() != matching)
        })
    }

    /// Switches everything off, or everything with this match.
    pub(crate) fn clear(&self, matching: Option<&str>) -> usize {
        self.keep(|fault| matching.is_some() && fault.matching.as_deref() != matching)
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.table().clone()
    }

    /// The fault this request meets, which counts as a hit.
    pub(crate) fn take(&self, subject: &Subject) -> Option<(u64, Kind)> {
        let mut table = self.table();
        let place = choose(&table, subject)?;
        let fault = table.get_mut(place)?;
        fault.hits += 1;
        Some((fault.id, fault.kind.clone()))
    }

    /// How old an intent must be to be listed, in milliseconds.
    pub(crate) fn lookup_lag(&self, subject: &Subject) -> i64 {
        let table = self.table();
        let lags = table
            .iter()
            .filter(|fault| fault.covers(subject))
            .map(|fault| match fault.kind {
                Kind::LookupLag { ms } => i64::try_from(ms).unwrap_or(i64::MAX),
                _ => 0,
            });
        lags.max().unwrap_or(0)
    }

    /// Ready once the fault is switched off or replaced.
    pub(crate) async fn removed(&self, id: u64) {
        let mut changes = self.changes.subscribe();
        while self.table().iter().any(|fault| fault.id == id) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn keep(&self, stays: impl Fn(&Fault) -> bool) -> usize {
        let mut table = self.table();
        let before = table.len();
        table.retain(stays);
        self.changes.send_modify(|changes| *changes += 1);
        before - table.len()
    }

    fn table(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The narrowest fault with hits left: with a match before without, then one operation before all
/// of a party before all; among equals the first.
fn choose(table: &[Fault], subject: &Subject) -> Option<usize> {
    let hitting = table.iter().enumerate().filter(|(_, fault)| {
        fault.covers(subject) && fault.kind.hits(subject.operation) && fault.has_hits_left()
    });
    hitting
        .min_by_key(|(_, fault)| (fault.matching.is_none(), Reverse(fault.target.depth())))
        .map(|(place, _)| place)
}

impl Fault {
    pub(crate) fn new(
        target: Target,
        kind: Kind,
        matching: Option<String>,
        times: Option<u64>,
    ) -> Self {
        Self {
            id: 0,
            target,
            kind,
            matching,
            times,
            hits: 0,
        }
    }

    fn covers(&self, subject: &Subject) -> bool {
        let Some(text) = &self.matching else {
            return self.target.includes(subject.operation);
        };
        let named = [&subject.about, &subject.intent]
            .into_iter()
            .any(|name| name.as_ref() == Some(text));
        let keyed = subject
            .key
            .as_ref()
            .is_some_and(|key| key.starts_with(text.as_str()));
        self.target.includes(subject.operation) && (named || keyed)
    }

    fn has_hits_left(&self) -> bool {
        self.times.is_none_or(|times| self.hits < times)
    }
}

impl Kind {
    fn hits(&self, operation: Operation) -> bool {
        match self {
            Self::Decline { .. } => operation.can_decline(),
            Self::LookupLag { .. } => false,
            Self::Repeat { .. } | Self::Swap => operation.is_webhook(),
            Self::Slow { .. } | Self::Drop => true,
            _ => !operation.is_webhook(),
        }
    }
}

impl Target {
    fn includes(&self, operation: Operation) -> bool {
        let name = operation.name();
        if name == self.0 {
            return true;
        }
        let begins = || {
            let rest = name.strip_prefix(&self.0);
            self.0 == "*" || rest.is_some_and(|rest| rest.starts_with('.'))
        };
        // Webhooks are aimed at by name: what is done to requests is not done to them.
        !operation.is_webhook() && begins()
    }

    /// How many words of an operation's name it gives.
    fn depth(&self) -> usize {
        if self.0 == "*" {
            return 0;
        }
        self.0.split('.').count()
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let target = Self(text.to_owned());
        if Operation::ALL.iter().any(|one| target.includes(*one)) {
            return Ok(target);
        }
        Err(format!("there is no operation called '{text}'"))
    }
}
