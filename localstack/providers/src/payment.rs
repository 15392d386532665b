//! The payment provider's rules: what a command does to an intent, as pure functions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::intent::{Intent, Intents, Phase, Terms};

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
