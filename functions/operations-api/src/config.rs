//! What the function is told by its environment.

use std::str::FromStr;

use domain::TenantId;
use front_door::Callers;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The inventory table.
    pub inventory: String,
    /// About whoever calls.
    pub callers: Callers,
    /// Where dead letters are.
    pub queues: DeadLetterQueues,
    /// The shop whose stock and queues these are.
    pub tenant: TenantId,
}

/// Queues of dead letters: name and URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterQueues(pub Vec<(String, String)>);

/// The list is not one.
#[derive(Debug, thiserror::Error)]
#[error("no list of name=url")]
pub struct InvalidQueues;

impl FromStr for DeadLetterQueues {
    type Err = InvalidQueues;

    fn from_str(text: &str) -> Result<Self, InvalidQueues> {
        let entry = |entry: &str| match entry.split_once('=') {
            Some((name, url)) if !name.is_empty() && !url.is_empty() => {
                Ok((name.to_owned(), url.to_owned()))
            }
            _ => Err(InvalidQueues),
        };
        let entries: Result<_, _> = text.split_whitespace().map(entry).collect();
        entries.map(Self)
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let inventory = read.text("INVENTORY_TABLE");
        let callers = Callers::read(&mut read);
        let queues = read.parsed("DEAD_LETTERS");
        let tenant = read.parsed("HOME_TENANT");
        read.finish(|| {
            Some(Self {
                inventory: inventory?,
                callers: callers?,
                queues: queues?,
                tenant: tenant?,
            })
        })
    }
}
