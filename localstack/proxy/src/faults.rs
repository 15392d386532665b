//! Faults that tests switch on: which calls they strike and what they do to them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::refused::Refused;
use crate::subject::Subject;

/// A slip of the pen, not a delay.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// What happens to a call that is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Not passed on; answered as the service answers when it is called too often.
    Throttle,
    /// Not passed on; answered with 500.
    Error500,
    /// Passed on, then the connection is closed without an answer.
    LostAnswer,
    /// Not passed on; the connection is closed.
    Drop,
    /// Passed on at once, answered after `delay_ms`.
    Slow,
}

/// Strikes the calls that fit all its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// As in [`Call`](crate::Call).
    pub service: String,
    /// One operation; any without.
    pub operation: Option<String>,
    /// One resource, or the end of its name, because names have the stack's prefix. A transaction
    /// fits by each of its tables.
    pub resource: Option<String>,
    /// One caller; any without.
    pub caller: Option<String>,
    /// What happens.
    pub kind: Kind,
    /// The share of the fitting calls that are struck, more than 0 and at most 1.
    #[serde(default = "all")]
    pub share: f64,
    /// How many it strikes at most.
    pub times: Option<u64>,
    /// How long it strikes.
    pub for_ms: Option<u64>,
    /// The delay of `slow`.
    pub delay_ms: Option<u64>,
}

/// A rule as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// How many calls it struck.
    pub struck: u64,
}

#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    rules: Mutex<Vec<Active>>,
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    struck: u64,
    /// After this it strikes no more.
    until: Option<Duration>,
    /// Of its own, so that its choices follow only from the order of the calls that fit it.
    dice: Dice,
}

/// What a struck call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) delay: Duration,
}

fn all() -> f64 {
    1.0
}

impl Rule {
    /// Strikes every call to a service.
    pub fn new(service: &str, kind: Kind) -> Self {
        Self {
            service: service.to_owned(),
            operation: None,
            resource: None,
            caller: None,
            kind,
            share: all(),
            times: None,
            for_ms: None,
            delay_ms: None,
        }
    }

    fn check(&self, rule: usize) -> Result<(), Refused> {
        let names = [&self.operation, &self.resource, &self.caller];
        let mut given = names.into_iter().flatten().chain([&self.service]);
        if given.any(String::is_empty) {
            return Err(Refused::Empty { rule });
        }
        if !(self.share > 0.0 && self.share <= 1.0) {
            return Err(Refused::Share { rule });
        }
        if self.times == Some(0) || self.for_ms == Some(0) {
            return Err(Refused::Never { rule });
        }
        let delayed = self.delay_ms.is_some_and(|delay| delay <= LONGEST_MS);
        if delayed != (self.kind == Kind::Slow) || delayed != self.delay_ms.is_some() {
            return Err(Refused::Delay { rule });
        }
        Ok(())
    }

    fn fits(&self, subject: &Subject) -> bool {
        let ends = |wanted: &String| subject.resource.split('+').any(|one| one.ends_with(wanted));
        self.service == subject.service
            && is_any_or(self.operation.as_ref(), &subject.operation)
            && is_any_or(self.caller.as_ref(), &subject.caller)
            && self.resource.as_ref().is_none_or(ends)
    }
}

fn is_any_or(wanted: Option<&String>, name: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == name)
}

impl Active {
    fn strikes(&mut self, subject: &Subject, now: Duration) -> bool {
        let open = self.until.is_none_or(|until| now < until);
        let left = self.rule.times.is_none_or(|times| self.struck < times);
        let struck =
            open && left && self.rule.fits(subject) && self.dice.falls_within(self.rule.share);
        self.struck += u64::from(struck);
        struck
    }
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            rules: Mutex::default(),
        }
    }

    /// Replaces all rules. Their dice start anew.
    pub(crate) fn replace(&self, rules: Vec<Rule>, now: Duration) -> Result<(), Refused> {
        for (place, rule) in rules.iter().enumerate() {
            rule.check(place)?;
        }
        let active = rules.into_iter().zip(0..).map(|(rule, place)| Active {
            until: rule.for_ms.map(|ms| now + Duration::from_millis(ms)),
            dice: Dice::new(self.seed, place),
            struck: 0,
            rule,
        });
        *self.rules() = active.collect();
        Ok(())
    }

    pub(crate) fn heal(&self) {
        self.rules().clear();
    }

    pub(crate) fn list(&self) -> Vec<Standing> {
        let rules = self.rules();
        let standing = rules.iter().map(|active| Standing {
            rule: active.rule.clone(),
            struck: active.struck,
        });
        standing.collect()
    }

    /// The first rule that strikes the call.
    pub(crate) fn strike(&self, subject: &Subject, now: Duration) -> Option<Fault> {
        let mut rules = self.rules();
        let active = rules
            .iter_mut()
            .find_map(|active| active.strikes(subject, now).then_some(active))?;
        Some(Fault {
            kind: active.rule.kind,
            delay: Duration::from_millis(active.rule.delay_ms.unwrap_or(0)),
        })
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Active>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
