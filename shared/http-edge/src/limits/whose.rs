//! Whose requests are counted together.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use ring::digest;

use crate::{Principal, PrincipalKind, Rates};

/// Whose, and of what: the key of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Of one customer or member of staff of a shop.
    User(String),
    /// With one API key.
    Key(String),
    /// From one address.
    Address(String),
    /// From one address, at a way in.
    Entry(String),
    /// At one account from one address.
    Guess(String),
    /// At one account.
    Account(String),
    /// Texts to one telephone number.
    Phone(String),
}

impl Whose {
    pub(crate) fn principal(who: &Principal) -> Self {
        let whose = format!("{}#{}", who.tenant, who.subject);
        match who.kind {
            PrincipalKind::User => Self::User(whose),
            PrincipalKind::ApiKey => Self::Key(whose),
        }
    }

    pub(crate) fn guesses_from(address: &str, account: &str) -> Self {
        Self::Guess(format!("{address}#{}", hashed(account)))
    }

    pub(crate) fn guesses_of(account: &str) -> Self {
        Self::Account(hashed(account))
    }

    pub(crate) fn texts_to(phone: &str) -> Self {
        Self::Phone(hashed(phone))
    }

    /// The key of the row.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::User(whose)
            | Self::Key(whose)
            | Self::Address(whose)
            | Self::Entry(whose)
            | Self::Guess(whose)
            | Self::Account(whose)
            | Self::Phone(whose) => format!("{}#{whose}", self.name()),
        }
    }

    /// What the limit is called, in headers and in the log.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Key(_) => "key",
            Self::Address(_) => "address",
            Self::Entry(_) => "entry",
            Self::Guess(_) => "guess",
            Self::Account(_) => "account",
            Self::Phone(_) => "phone",
        }
    }

    pub(crate) const fn limit(&self, rates: &Rates) -> u32 {
        match self {
            Self::User(_) => rates.user,
            Self::Key(_) => rates.key,
            Self::Address(_) => rates.address,
            Self::Entry(_) => rates.entry,
            Self::Guess(_) => rates.guess,
            Self::Account(_) => rates.account,
            // Nobody needs another: it is no setting.
            Self::Phone(_) => 1,
        }
    }

    /// Whether somebody guesses here, or texts strangers, while nobody counts.
    pub(crate) const fn is_way_in(&self) -> bool {
        matches!(
            self,
            Self::Entry(_) | Self::Guess(_) | Self::Account(_) | Self::Phone(_)
        )
    }
}

/// The address that API Gateway saw, as `lambda-boot` hands it on; all requests without one are
/// one. Of an address of version 6 the first half: the other is whatever its owner likes.
pub(crate) fn address(extensions: &Extensions) -> String {
    let Some(ConnectInfo(socket)) = extensions.get::<ConnectInfo<SocketAddr>>() else {
        return "unknown".to_owned();
    };
    match socket.ip().to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

/// Who it is cannot be read from the table.
fn hashed(account: &str) -> String {
    let hash = digest::digest(&digest::SHA256, account.as_bytes());
    hex::encode(hash.as_ref().get(..16).unwrap_or_default())
}
