//! Who made a change, and from where. A store notes it beside the change, for the audit log; no rule
//! of the shop looks at it.

use crate::{CustomerId, TenantId};

/// What kind of principal makes changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorKind {
    /// A person with an account.
    Account,
    /// A program with an API key.
    ApiKey,
    /// The account that the changed thing is of: somebody who registers, signs in or uses a mailed link.
    Owner,
    /// A third party, by a signed call.
    Provider,
    /// Another service, by a command of the queue, by the name that it gave.
    Service,
    /// Somebody at the command line, by the name that they gave.
    Operator,
    /// Somebody who did not say who they are.
    Anybody,
}

impl AuthorKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::ApiKey,
        Self::Owner,
        Self::Provider,
        Self::Service,
        Self::Operator,
        Self::Anybody,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::ApiKey => "api-key",
            Self::Owner => "owner",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Operator => "operator",
            Self::Anybody => "anybody",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// From where a request came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the network, as the door of the shop saw it.
    pub address: Option<String>,
    /// The id of the request.
    pub request: Option<String>,
}

/// Who made a change. Changes that nobody asked for have none: the shop makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// What kind of principal.
    pub kind: AuthorKind,
    /// Whose shop, where they said so.
    pub tenant: Option<TenantId>,
    /// Which one, where they said so.
    pub subject: Option<CustomerId>,
    /// From where.
    pub from: Origin,
}

impl Author {
    /// Somebody of whom only that is known.
    pub fn unnamed(kind: AuthorKind, from: Origin) -> Self {
        Self {
            kind,
            tenant: None,
            subject: None,
            from,
        }
    }

    /// With the owner's name, where the thing that was changed is its author's own.
    #[must_use]
    pub fn of_owner(mut self, owner: Option<&CustomerId>) -> Self {
        if let (AuthorKind::Owner, Some(owner)) = (self.kind, owner) {
            self.kind = AuthorKind::Account;
            self.subject = Some(owner.clone());
        }
        self
    }
}
