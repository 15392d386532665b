//! API keys at the door. A text that can be no key of ours is refused without asking anybody; a key
//! is looked up, and what was found is believed for a minute at most, also that there is none.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::ports::{LookUpApiKey, StoreError};
use domain::{ApiKey, ApiKeyId, ApiKeySecret};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::Principal;
use crate::token::PrincipalKind;

#[cfg(test)]
mod tests;

/// For how long what was found is believed: a key that was taken back is refused this late.
const BELIEVED: SignedDuration = SignedDuration::from_secs(60);
/// Most keys kept.
const CAPACITY: usize = 1_000;

/// Where keys are found, whatever it is.
trait Source: Send + Sync {
    fn find(&self, id: ApiKeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>>;
}

impl<L: LookUpApiKey + Send + Sync> Source for L {
    fn find(&self, id: ApiKeyId) -> BoxFuture<'_, Result<Option<ApiKey>, StoreError>> {
        self.api_key(id).boxed()
    }
}

/// Why a key was refused: for the log, never for the caller.
#[derive(Debug, Error)]
pub(crate) enum KeyRefusal {
    /// No key of ours looks like this.
    #[error("not a key")]
    Malformed,
    /// There is none, it was taken back, or its secret is another.
    #[error("no such key")]
    Unknown,
    /// Nobody can tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// When something was found, and what.
type Kept = (Timestamp, Option<ApiKey>);

/// The keys that a function takes.
pub(crate) struct Keyring {
    source: Box<dyn Source>,
    kept: Mutex<HashMap<ApiKeyId, Kept>>,
}

impl Keyring {
    pub(crate) fn new(source: impl LookUpApiKey + Send + Sync + 'static) -> Self {
        Self {
            source: Box::new(source),
            kept: Mutex::default(),
        }
    }

    /// Who has this key.
    pub(crate) async fn admit(&self, text: &str, now: Timestamp) -> Result<Principal, KeyRefusal> {
        let sent = ApiKeySecret::parse(text).ok_or(KeyRefusal::Malformed)?;
        let key = match self.recall(sent.id(), now) {
            Some(found) => found,
            None => self.look_up(sent.id(), now).await?,
        };
        let key = key.filter(|key| key.admits(&sent));
        let key = key.ok_or(KeyRefusal::Unknown)?;
        Ok(Principal {
            subject: key.subject(),
            kind: PrincipalKind::ApiKey,
            tenant: key.tenant,
            roles: key.roles,
            email: None,
            session: None,
        })
    }

    fn recall(&self, id: ApiKeyId, now: Timestamp) -> Option<Option<ApiKey>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, found) = kept.get(&id)?;
        let age = now.duration_since(*at);
        (!age.is_negative() && age < BELIEVED).then(|| found.clone())
    }

    /// It is as old as the question, not as the answer.
    async fn look_up(&self, id: ApiKeyId, now: Timestamp) -> Result<Option<ApiKey>, StoreError> {
        let found = self.source.find(id).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= CAPACITY {
            kept.clear();
        }
        kept.insert(id, (now, found.clone()));
        Ok(found)
    }
}
