//! A service that keeps copies of profiles.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::ports::{ProviderError, SendProfile};
use domain::{Account, CustomerId, Sequence};

use super::cause;
use crate::lock;

/// How a service answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It takes what is newer.
    #[default]
    Well,
    /// It cannot be reached; nothing happens.
    Down,
    /// It takes it, and nobody hears of it.
    Mute,
    /// It takes nothing, and says so.
    Refusing,
}

/// A service that takes a profile if it is newer than what it has.
#[derive(Clone, Debug, Default)]
pub struct FakeDestination(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    mood: Mood,
    asked: u32,
    took: BTreeMap<CustomerId, Vec<Sequence>>,
}

impl FakeDestination {
    /// Lets it answer so from now on.
    pub fn feel(&self, mood: Mood) {
        lock(&self.0).mood = mood;
    }

    /// How often it was called.
    pub fn asked(&self) -> u32 {
        lock(&self.0).asked
    }

    /// Every version that it took of a profile, in that order.
    pub fn took(&self, owner: &CustomerId) -> Vec<Sequence> {
        lock(&self.0).took.get(owner).cloned().unwrap_or_default()
    }
}

impl SendProfile for FakeDestination {
    async fn send_profile(&self, account: &Account) -> Result<Sequence, ProviderError> {
        let mut inner = lock(&self.0);
        inner.asked += 1;
        let mood = inner.mood;
        match mood {
            Mood::Down => return Err(ProviderError::Down(cause("its mood"))),
            Mood::Refusing => return Err(ProviderError::Refused(cause("its mood"))),
            Mood::Well | Mood::Mute => {}
        }
        let version = account.sequence();
        let took = inner.took.entry(account.id.clone()).or_default();
        if took.last().is_none_or(|last| *last < version) {
            took.push(version);
        }
        let has = took.last().copied().unwrap_or(version);
        match mood {
            Mood::Mute => Err(ProviderError::Unknown(cause("its mood"))),
            _ => Ok(has),
        }
    }
}
