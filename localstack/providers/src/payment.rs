//! The payment provider's rules: what a command does to an intent, as pure functions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::book::Entry;
use crate::intent::{Intent, Intents, Phase, Terms};
use crate::party::{Moment, Outcome, Party};
use crate::webhook::Notice;
use crate::{payment_wire, webhook_wire};

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    Create(Terms),
    Capture {
        intent: String,
        amount: Option<i64>,
    },
    Cancel {
        intent: String,
        reason: Option<String>,
    },
    Refund {
        intent: String,
        amount: Option<i64>,
        #[serde(default)]
        metadata: BTreeMap<String, String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    Created {
        intent: String,
        terms: Terms,
        declined: Option<String>,
    },
    Captured {
        intent: String,
        amount: i64,
    },
    Cancelled {
        intent: String,
        reason: Option<String>,
    },
    Refunded {
        intent: String,
        refund: String,
        amount: i64,
        #[serde(default)]
        metadata: BTreeMap<String, String>,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum Query {
    Intent(String),
    /// Of one intent.
    Refunds(String),
    /// Intents with all of this metadata that are at least `lag` milliseconds old.
    Intents {
        metadata: BTreeMap<String, String>,
        lag: i64,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchIntent {
        id: String,
        named_in_path: bool,
    },
    NoSuchMethod {
        id: String,
    },
    UnexpectedState {
        intent: Box<Intent>,
        verb: &'static str,
    },
    CaptureTooLarge {
        capturable: i64,
    },
    RefundTooLarge {
        refundable: i64,
    },
    AlreadyRefunded,
    Declined {
        code: String,
        intent: Box<Intent>,
    },
}

/// What `command` does to the book. `decline` makes the provider say no where it can;
/// `fresh` is the unique part of a new id.
pub(crate) fn decide(
    intents: &Intents,
    command: &Command,
    decline: Option<&str>,
    fresh: &str,
) -> Result<Effect, Refusal> {
    match command {
        Command::Create(terms) => create(terms, decline, fresh),
        Command::Capture { intent, amount } => {
            let found = intents.need(intent, true)?;
            capture(found, *amount, decline)
        }
        Command::Cancel { intent, reason } => {
            let found = intents.need(intent, true)?;
            cancel(found, reason.as_ref())
        }
        Command::Refund {
            intent,
            amount,
            metadata,
        } => {
            let found = intents.need(intent, false)?;
            refund(found, *amount, metadata, (decline, fresh))
        }
    }
}

fn create(terms: &Terms, decline: Option<&str>, fresh: &str) -> Result<Effect, Refusal> {
    let card = match terms.payment_method.as_str() {
        "pm_card_visa" => None,
        "pm_card_declined" => Some("generic_decline"),
        "pm_card_insufficient" => Some("insufficient_funds"),
        "pm_card_authenticationRequired" => Some("authentication_required"),
        other => {
            return Err(Refusal::NoSuchMethod {
                id: other.to_owned(),
            });
        }
    };
    Ok(Effect::Created {
        intent: format!("pi_{fresh}"),
        terms: terms.clone(),
        declined: decline.or(card).map(str::to_owned),
    })
}

fn capture(intent: &Intent, amount: Option<i64>, decline: Option<&str>) -> Result<Effect, Refusal> {
    if intent.phase != Phase::Authorised {
        return Err(unexpected(intent, "captured"));
    }
    let capturable = intent.terms.amount;
    let amount = amount.unwrap_or(capturable);
    if amount > capturable {
        return Err(Refusal::CaptureTooLarge { capturable });
    }
    if let Some(code) = decline {
        return Err(declined(intent, code));
    }
    Ok(Effect::Captured {
        intent: intent.id.clone(),
        amount,
    })
}

fn cancel(intent: &Intent, reason: Option<&String>) -> Result<Effect, Refusal> {
    match intent.phase {
        Phase::Authorised | Phase::Declined { .. } => Ok(Effect::Cancelled {
            intent: intent.id.clone(),
            reason: reason.cloned(),
        }),
        Phase::Captured { .. } | Phase::Cancelled { .. } => Err(unexpected(intent, "canceled")),
    }
}

fn refund(
    intent: &Intent,
    amount: Option<i64>,
    metadata: &BTreeMap<String, String>,
    (decline, fresh): (Option<&str>, &str),
) -> Result<Effect, Refusal> {
    let Phase::Captured { captured, refunded } = intent.phase else {
        return Err(unexpected(intent, "refunded"));
    };
    let refundable = captured - refunded;
    if refundable == 0 {
        return Err(Refusal::AlreadyRefunded);
    }
    let amount = amount.unwrap_or(refundable);
    if amount > refundable {
        return Err(Refusal::RefundTooLarge { refundable });
    }
    if let Some(code) = decline {
        return Err(declined(intent, code));
    }
    Ok(Effect::Refunded {
        intent: intent.id.clone(),
        refund: format!("re_{fresh}"),
        amount,
        metadata: metadata.clone(),
    })
}

fn unexpected(intent: &Intent, verb: &'static str) -> Refusal {
    Refusal::UnexpectedState {
        intent: Box::new(intent.clone()),
        verb,
    }
}

fn declined(intent: &Intent, code: &str) -> Refusal {
    Refusal::Declined {
        code: code.to_owned(),
        intent: Box::new(intent.clone()),
    }
}

impl Effect {
    pub(crate) fn intent(&self) -> &str {
        match self {
            Self::Created { intent, .. }
            | Self::Captured { intent, .. }
            | Self::Cancelled { intent, .. }
            | Self::Refunded { intent, .. } => intent,
        }
    }
}

impl Party for Intents {
    type Command = Command;
    type Effect = Effect;
    type Query = Query;

    fn decide(&self, command: &Command, moment: &Moment<'_>) -> Outcome<Effect> {
        let effect = match decide(self, command, moment.decline, moment.fresh) {
            Ok(effect) => effect,
            Err(refusal) => return (None, payment_wire::refusal_answer(&refusal)),
        };
        match self.after(&effect, moment.now) {
            Some(intent) => {
                let answer = payment_wire::effect_answer(&effect, &intent, moment.now);
                (Some(effect), answer)
            }
            None => (None, payment_wire::no_such_intent(effect.intent(), true)),
        }
    }

    fn fold(&mut self, effect: &Effect, entry: &Entry) {
        let Some(mut intent) = self.after(effect, entry.at) else {
            return;
        };
        let key = entry.first_answer.iter().map(|first| &first.key.name);
        intent.keys.extend(key.cloned());
        self.put(intent);
    }

    fn read(&self, query: &Query, now: i64) -> Answer {
        match query {
            Query::Intent(id) => match self.find(id) {
                Some(intent) => Answer::new(200, &payment_wire::intent_json(intent)),
                None => payment_wire::no_such_intent(id, true),
            },
            Query::Refunds(id) => match self.find(id) {
                Some(intent) => Answer::new(200, &payment_wire::refunds_json(intent)),
                None => payment_wire::no_such_intent(id, false),
            },
            Query::Intents { metadata, lag } => {
                let wanted = |intent: &&Intent| {
                    let named = |(name, value)| intent.terms.metadata.get(name) == Some(value);
                    intent.created_at.saturating_add(*lag) <= now && metadata.iter().all(named)
                };
                let newest_first = self.iter().rev().filter(wanted);
                Answer::new(200, &payment_wire::list_json(newest_first))
            }
        }
    }

    fn notice(&self, effect: &Effect, now: i64) -> Option<Notice> {
        let intent = self.find(effect.intent())?;
        webhook_wire::of_payment(effect, intent, now)
    }
}
