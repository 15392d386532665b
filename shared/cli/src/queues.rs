//! The queues of the stack, as one setting names them all.

use messaging::{ConnectError, Letters, Queue, Roots};
use thiserror::Error;

use crate::aws::sdk_config;
use crate::failure::Failure;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// The setting: `name=dead-letters,queue name=dead-letters …`, each a URL.
const SETTING: &str = "DEAD_LETTER_QUEUES";

/// A queue and where its messages go that nobody could take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueueNames {
    /// The consumer's.
    pub(crate) name: String,
    /// URL of the dead letters.
    pub(crate) dead_letters: String,
    /// URL of the queue that they came from; nothing where nothing reads them again.
    pub(crate) source: Option<String>,
}

/// Why there is no such queue.
#[derive(Debug, Error)]
pub(crate) enum QueueError {
    #[error("{SETTING} is no list of queues")]
    Setting,
    #[error("there is no queue {name}; there are {known}")]
    Unknown { name: String, known: String },
    #[error("nothing takes in what is in {0}: there is no queue to send it back to")]
    NoSource(String),
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl QueueNames {
    /// All queues of the settings, in their order.
    pub(crate) fn all(settings: &Settings) -> Result<Vec<Self>, Failure> {
        let text = settings.one(SETTING)?;
        let entries = text.split_whitespace().map(Self::parse);
        let all: Option<Vec<_>> = entries.collect();
        Ok(all.ok_or(QueueError::Setting)?)
    }

    /// The queue of this name.
    pub(crate) fn of(settings: &Settings, name: &str) -> Result<Self, Failure> {
        let all = Self::all(settings)?;
        let names: Vec<_> = all.iter().map(|queue| queue.name.as_str()).collect();
        let known = names.join(", ");
        let found = all.into_iter().find(|queue| queue.name == name);
        let name = name.to_owned();
        Ok(found.ok_or(QueueError::Unknown { name, known })?)
    }

    fn parse(entry: &str) -> Option<Self> {
        let (name, urls) = entry.split_once('=')?;
        let (dead_letters, source) = match urls.split_once(',') {
            Some((dead_letters, source)) => (dead_letters, Some(source)),
            None => (urls, None),
        };
        let is_url = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        let fits = !name.is_empty() && is_url(dead_letters) && source.is_none_or(is_url);
        fits.then(|| Self {
            name: name.to_owned(),
            dead_letters: dead_letters.to_owned(),
            source: source.map(str::to_owned),
        })
    }

    /// URL of the queue that messages can be sent back to.
    pub(crate) fn source(&self) -> Result<&str, QueueError> {
        let source = self.source.as_deref();
        source.ok_or_else(|| QueueError::NoSource(self.name.clone()))
    }
}

/// The way to a queue.
pub(crate) async fn connect(settings: &Settings, url: &str) -> Result<Queue, QueueError> {
    let aws = sdk_config(settings).await;
    Ok(Queue::connect(&aws, &Roots::amazon(), url)?)
}

/// The messages of a queue.
pub(crate) async fn letters(settings: &Settings, url: &str) -> Result<Letters, QueueError> {
    Ok(connect(settings, url).await?.letters(crate::now))
}
