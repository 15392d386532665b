//! Signs how far the chains of the audit log go, and keeps that where nobody can change it.
//!
//! | | |
//! |---|---|
//! | trigger | every minute |
//! | reads | the newest anchor; of each chain the entry that it names, and all that came since |
//! | writes | the bucket of anchors, one object |
//! | emits | – |
//! | fails with | Internal, where a chain is not what was anchored or the anchor is not ours, until a person has looked; Unavailable |
//! | safe to repeat because | an anchor says what is true of the chains, and a second one of a minute is not kept |

use audit::{
    Anchor, AnchorError, Bad, ExtendError, KeepAnchors, KeepChains, KeyError, SigningKey,
    anchor_name, extend,
};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::StoreError;
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};
use serde::Serialize;

/// New entries of one chain that one anchor takes in: 100 reads, a few seconds.
const MOST_ENTRIES: u64 = 10_000;

/// What the function is told by its environment.
#[derive(Debug)]
pub struct Config {
    /// The audit table.
    pub table: String,
    /// The bucket of anchors.
    pub bucket: String,
    /// What anchors are signed with.
    pub key: SigningKey,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("AUDIT_TABLE");
        let bucket = read.text("AUDIT_ANCHORS");
        let seed = read.parsed("AUDIT_KEY");
        read.finish(|| {
            let Seed(key) = seed?;
            Some(Self {
                table: table?,
                bucket: bucket?,
                key,
            })
        })
    }
}

struct Seed(SigningKey);

impl std::str::FromStr for Seed {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        SigningKey::parse(text).map(Self)
    }
}

/// What was anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Anchored {
    /// Entries of all chains.
    pub entries: u64,
    /// How many of them the anchor before did not know.
    pub new: u64,
}

/// Why nothing was anchored.
#[derive(Debug, thiserror::Error)]
pub enum AnchorAuditError {
    /// The newest anchor is none of ours.
    #[error("the newest anchor cannot be used")]
    Anchor(#[from] AnchorError),
    /// A chain is not what was written.
    #[error("the audit log is not what was written")]
    Bad(#[source] Bad),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for AnchorAuditError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Anchor(_) | Self::Bad(_) => ErrorName::Internal,
            Self::Store(error) => error.name(),
        }
    }
}

/// Makes the next anchor, and only that: it continues the newest one or is not made.
///
/// # Errors
/// [`AnchorAuditError`].
pub async fn handle(
    chains: &impl KeepChains<Error = StoreError>,
    anchors: &impl KeepAnchors<Error = StoreError>,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Anchored, AnchorAuditError> {
    let before = match anchors.newest().await? {
        Some(text) => Anchor::read(&text, &key.public())?,
        None => Anchor::beginning(),
    };
    let next = extend(chains, &before, now, MOST_ENTRIES).await;
    let next = next.map_err(|error| match error {
        ExtendError::Bad(bad) => AnchorAuditError::Bad(bad),
        ExtendError::Store(error) => error.into(),
    })?;
    anchors.keep(&anchor_name(now), &next.sign(key)).await?;
    let entries = entries(&next);
    Ok(Anchored {
        entries,
        new: entries.saturating_sub(self::entries(&before)),
    })
}

fn entries(anchor: &Anchor) -> u64 {
    anchor.heads.iter().map(|head| head.position).sum()
}

#[cfg(test)]
mod tests;
