//! What is told of one action.

use jiff::Timestamp;

use crate::Personal;

/// What kind of principal acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A person with an account.
    Account,
    /// A program with an API key.
    ApiKey,
    /// A third party, by a signed call.
    Provider,
    /// Another service, by a command of the queue, by the name that it gave.
    Service,
    /// Somebody at the command line, by the name that they gave.
    Operator,
    /// The shop itself: the saga, the sweeper, recovery.
    System,
    /// Somebody who did not say who they are, or nobody knows any more.
    Unknown,
}

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::ApiKey,
        Self::Provider,
        Self::Service,
        Self::Operator,
        Self::System,
        Self::Unknown,
    ];

    /// Its name, as it is stored and hashed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::ApiKey => "api-key",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Unknown => "unknown",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of principal.
    pub kind: ActorKind,
    /// Whose shop, where that is known.
    pub tenant: Option<String>,
    /// Which principal; the shop itself has no name.
    pub subject: Option<Personal>,
}

/// From where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the network.
    pub address: Option<Personal>,
    /// The request, or its trace.
    pub request: Option<String>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, for this reason.
    Refused(String),
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Id of the message that told of it; one message is one entry, however often it comes.
    pub message: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, such as the type of an event.
    pub action: String,
    /// To which object: `{kind}/{id}`.
    pub object: String,
    /// From where.
    pub from: Origin,
    /// How it ended.
    pub outcome: Outcome,
}

impl Record {
    /// The personal values.
    pub fn personal(&self) -> impl Iterator<Item = &Personal> {
        let subject = self.actor.subject.iter();
        subject.chain(self.from.address.iter())
    }

    /// Takes the personal values out; what the chain is of stays.
    pub fn erase(&mut self) {
        let subject = self.actor.subject.iter_mut();
        for personal in subject.chain(self.from.address.iter_mut()) {
            personal.opened = None;
        }
    }
}
