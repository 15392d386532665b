//! Services that keep a copy of profiles. The version is the key: a repeat is safe, and what is
//! older than what they have changes nothing.

use contracts::profiles::{ProfileUpdate, ProfileVersion};
use domain::ports::{ProviderError, SendProfile};
use domain::{Account, Sequence};
use http::Method;
use serde::Deserialize;

use crate::client::{Caller, ClientError, Limits, Reply, word};

#[cfg(test)]
mod tests;

/// Tells one service over HTTP.
#[derive(Clone, Debug)]
pub struct HttpProfiles {
    caller: Caller,
}

impl HttpProfiles {
    /// A client for the API below `base_url`, with a bearer key. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] for an address or a key that cannot be.
    pub fn new(base_url: &str, key: &str, limits: Limits) -> Result<Self, ClientError> {
        let caller = Caller::new(base_url, key, limits)?;
        Ok(Self { caller })
    }
}

#[derive(Deserialize)]
struct Failed {
    error: Refusal,
}

/// Its message is not read: it may quote the profile.
#[derive(Deserialize)]
struct Refusal {
    code: String,
}

impl SendProfile for HttpProfiles {
    async fn send_profile(&self, account: &Account) -> Result<Sequence, ProviderError> {
        let update = ProfileUpdate::from(account);
        let path = ["profiles", account.id.as_str()];
        let request = self.caller.request(Method::PUT, &path).json(&update);
        let reply = self.caller.send("profile put", request).await?;
        match reply.status {
            200..=299 | 409 => has(&reply, update.version),
            400..=499 => Err(reply.refused(&code(&reply))),
            _ => Err(reply.unexpected("to a profile")),
        }
    }
}

/// It must have this version at least.
fn has(reply: &Reply, version: u32) -> Result<Sequence, ProviderError> {
    let ProfileVersion { version: told } = reply.json()?;
    match told >= version {
        true => Ok(Sequence(told)),
        false => Err(reply.refused("with an older version")),
    }
}

fn code(reply: &Reply) -> String {
    let failed: Option<Failed> = reply.json_if_any();
    failed.map_or_else(String::new, |failed| word(&failed.error.code))
}
