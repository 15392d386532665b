//! The rules of those who keep copies of users' profiles: a copy is replaced by a newer one only.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::book::Entry;
use crate::operation::Operation;
use crate::party::{Moment, Outcome, Party};

#[cfg(test)]
mod tests;

/// Who keeps copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Destination {
    Crm,
    Newsletter,
    Support,
}

/// A copy to be kept; where the profile is null, the user was erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) destination: Destination,
    pub(crate) user: String,
    pub(crate) version: u64,
    pub(crate) profile: Value,
}

/// A copy that was kept in place of the one before.
pub(crate) type Applied = Command;

/// Whose copy is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) destination: Destination,
    pub(crate) user: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Stale { stored: u64 },
    Reused { stored: u64 },
    Rejected,
}

/// Every copy in the order in which they came, and which is the present one.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    history: Vec<Kept>,
    latest: HashMap<(Destination, String), Applied>,
}

/// That a version was kept, and when, in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) at: i64,
    pub(crate) destination: Destination,
    pub(crate) user: String,
    pub(crate) version: u64,
    pub(crate) erased: bool,
}

impl Destination {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "crm" => Some(Self::Crm),
            "newsletter" => Some(Self::Newsletter),
            "support" => Some(Self::Support),
            _ => None,
        }
    }

    pub(crate) fn put(self) -> Operation {
        match self {
            Self::Crm => Operation::CrmPut,
            Self::Newsletter => Operation::NewsletterPut,
            Self::Support => Operation::SupportPut,
        }
    }

    pub(crate) fn retrieve(self) -> Operation {
        match self {
            Self::Crm => Operation::CrmRetrieve,
            Self::Newsletter => Operation::NewsletterRetrieve,
            Self::Support => Operation::SupportRetrieve,
        }
    }
}

impl Profiles {
    /// Every version that was kept, oldest first.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Kept> {
        self.history.iter()
    }

    fn latest(&self, destination: Destination, user: &str) -> Option<&Applied> {
        self.latest.get(&(destination, user.to_owned()))
    }
}

/// Whether the copy takes the place of `stored`. `reject` refuses what would.
pub(crate) fn decide(
    stored: Option<&Applied>,
    command: &Command,
    reject: bool,
) -> Result<bool, Refusal> {
    let compared = stored.map(|it| (command.version.cmp(&it.version), it));
    match compared {
        Some((Ordering::Less, it)) => Err(Refusal::Stale { stored: it.version }),
        Some((Ordering::Equal, it)) if it.profile == command.profile => Ok(false),
        Some((Ordering::Equal, it)) => Err(Refusal::Reused { stored: it.version }),
        Some((Ordering::Greater, _)) | None if reject => Err(Refusal::Rejected),
        Some((Ordering::Greater, _)) | None => Ok(true),
    }
}

impl Party for Profiles {
    type Command = Command;
    type Effect = Applied;
    type Query = Query;

    fn decide(&self, command: &Command, moment: &Moment<'_>) -> Outcome<Applied> {
        let stored = self.latest(command.destination, &command.user);
        match decide(stored, command, moment.decline.is_some()) {
            Ok(is_new) => {
                let answer = Answer::new(200, &json!({"version": command.version}));
                (is_new.then(|| command.clone()), answer)
            }
            Err(refusal) => (None, refusal_answer(&refusal)),
        }
    }

    fn fold(&mut self, applied: &Applied, entry: &Entry) {
        self.history.push(Kept {
            at: entry.at,
            destination: applied.destination,
            user: applied.user.clone(),
            version: applied.version,
            erased: applied.profile.is_null(),
        });
        let whose = (applied.destination, applied.user.clone());
        self.latest.insert(whose, applied.clone());
    }

    fn read(&self, query: &Query, _now: i64) -> Answer {
        match self.latest(query.destination, &query.user) {
            Some(it) => Answer::new(200, &json!({"version": it.version, "profile": it.profile})),
            None => not_found("no copy of this user's profile was ever kept here"),
        }
    }
}

fn refusal_answer(refusal: &Refusal) -> Answer {
    let refused = |status: u16, code: &str, message: &str| {
        Answer::new(
            status,
            &json!({"error": {"code": code, "message": message}}),
        )
    };
    match refusal {
        // The caller needs no reason here, but to know what is kept.
        Refusal::Stale { stored } => Answer::new(409, &json!({"version": stored})),
        Refusal::Reused { stored } => {
            let message = format!("version {stored} has another profile");
            refused(422, "version_reused", &message)
        }
        Refusal::Rejected => refused(422, "profile_rejected", "we do not keep this profile"),
    }
}

pub(crate) fn not_found(message: &str) -> Answer {
    Answer::new(
        404,
        &json!({"error": {"code": "not_found", "message": message}}),
    )
}
