//! Payment intents and their sums, as the fold of the effects on them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::payment::{Effect, Refusal};

/// A payment of one attempt. Amounts are minor units; times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) terms: Terms,
    pub(crate) created_at: i64,
    pub(crate) phase: Phase,
    /// Idempotency keys of the requests that changed it, oldest first.
    pub(crate) keys: Vec<String>,
    /// What went back, oldest first.
    pub(crate) refunds: Vec<Refund>,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What the caller asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) payment_method: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    Declined {
        code: String,
    },
    Authorised,
    Captured {
        captured: i64,
        refunded: i64,
    },
    Cancelled {
        released: i64,
        at: i64,
        reason: Option<String>,
    },
}

impl Intent {
    pub(crate) fn order_id(&self) -> Option<&str> {
        self.terms.metadata.get("order_id").map(String::as_str)
    }

    /// What was held on the card when the intent was created.
    pub(crate) fn authorised(&self) -> i64 {
        match &self.phase {
            Phase::Declined { .. } => 0,
            Phase::Cancelled { released, .. } => *released,
            Phase::Authorised | Phase::Captured { .. } => self.terms.amount,
        }
    }

    pub(crate) fn captured(&self) -> i64 {
        match self.phase {
            Phase::Captured { captured, .. } => captured,
            _ => 0,
        }
    }

    pub(crate) fn refunded(&self) -> i64 {
        match self.phase {
            Phase::Captured { refunded, .. } => refunded,
            _ => 0,
        }
    }

    /// What was held and let go: by cancelling, or by capturing only a part.
    pub(crate) fn cancelled(&self) -> i64 {
        match self.phase {
            Phase::Cancelled { released, .. } => released,
            Phase::Captured { captured, .. } => self.terms.amount - captured,
            _ => 0,
        }
    }

    /// What is still held.
    pub(crate) fn open(&self) -> i64 {
        self.authorised() - self.captured() - self.cancelled()
    }

    pub(crate) fn status(&self) -> &'static str {
        match self.phase {
            Phase::Declined { .. } => "requires_payment_method",
            Phase::Authorised => "requires_capture",
            Phase::Captured { .. } => "succeeded",
            Phase::Cancelled { .. } => "canceled",
        }
    }

    /// The phase after an effect on this intent at `at`.
    fn moved(&self, effect: &Effect, at: i64) -> Phase {
        match effect {
            Effect::Created { .. } => self.phase.clone(),
            Effect::Captured { amount, .. } => Phase::Captured {
                captured: *amount,
                refunded: 0,
            },
            Effect::Cancelled { reason, .. } => Phase::Cancelled {
                released: self.open(),
                at,
                reason: reason.clone(),
            },
            Effect::Refunded { amount, .. } => Phase::Captured {
                captured: self.captured(),
                refunded: self.refunded() + amount,
            },
        }
    }
}

/// Every intent, in the order in which they were created.
#[derive(Debug, Default)]
pub(crate) struct Intents {
    all: Vec<Intent>,
    places: HashMap<String, usize>,
}

impl Intents {
    pub(crate) fn find(&self, id: &str) -> Option<&Intent> {
        self.places.get(id).and_then(|place| self.all.get(*place))
    }

    pub(crate) fn need(&self, id: &str, named_in_path: bool) -> Result<&Intent, Refusal> {
        self.find(id).ok_or_else(|| Refusal::NoSuchIntent {
            id: id.to_owned(),
            named_in_path,
        })
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Intent> {
        self.all.iter()
    }

    /// The intent as it is after `effect`; none if the effect is on one that is not there.
    pub(crate) fn after(&self, effect: &Effect, at: i64) -> Option<Intent> {
        if let Effect::Created {
            intent,
            terms,
            declined,
        } = effect
        {
            let phase = declined
                .clone()
                .map_or(Phase::Authorised, |code| Phase::Declined { code });
            return Some(Intent {
                id: intent.clone(),
                terms: terms.clone(),
                created_at: at,
                phase,
                keys: Vec::new(),
                refunds: Vec::new(),
            });
        }
        let before = self.find(effect.intent())?;
        let phase = before.moved(effect, at);
        let mut refunds = before.refunds.clone();
        if let Effect::Refunded {
            refund,
            amount,
            metadata,
            ..
        } = effect
        {
            refunds.push(Refund {
                id: refund.clone(),
                amount: *amount,
                at,
                metadata: metadata.clone(),
            });
        }
        Some(Intent {
            phase,
            refunds,
            ..before.clone()
        })
    }

    pub(crate) fn put(&mut self, intent: Intent) {
        match self
            .places
            .get(&intent.id)
            .and_then(|place| self.all.get_mut(*place))
        {
            Some(slot) => *slot = intent,
            None => {
                self.places.insert(intent.id.clone(), self.all.len());
                self.all.push(intent);
            }
        }
    }
}
