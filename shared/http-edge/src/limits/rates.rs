//! How many, of what.

use std::str::FromStr;

use thiserror::Error;

/// How many requests may pass in any 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of one customer, or member of staff.
    pub user: u32,
    /// Of one API key.
    pub key: u32,
    /// From one address, at routes that are for anybody.
    pub address: u32,
    /// From one address, at the ways in: signing in and registering.
    pub entry: u32,
    /// Tries at the password of one account from one address.
    pub guess: u32,
    /// Tries at the password of one account from everywhere.
    pub account: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            user: 1_000,
            key: 10_000,
            address: 1_000,
            entry: 20,
            guess: 5,
            account: 50,
        }
    }
}

/// What is wrong with a text of rates.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0} needs a number of at least 1")]
pub struct InvalidRates(&'static str);

/// `user=1000 key=10000 address=1000 entry=20 guess=5 account=50`; all of them are needed.
impl FromStr for Rates {
    type Err = InvalidRates;

    fn from_str(text: &str) -> Result<Self, InvalidRates> {
        let number = |name: &'static str| {
            let mut pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
            let value = pairs.find(|(found, _)| *found == name);
            let number = value.and_then(|(_, number)| number.parse().ok());
            number.filter(|it| *it > 0).ok_or(InvalidRates(name))
        };
        Ok(Self {
            user: number("user")?,
            key: number("key")?,
            address: number("address")?,
            entry: number("entry")?,
            guess: number("guess")?,
            account: number("account")?,
        })
    }
}
