//! The store of claims: three conditional writes.

use std::future::Future;

use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use crate::{Answer, Claim, Key, Stored};

/// Why a claim was not written.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ClaimError<E> {
    /// Something else is stored; here it is, where it still is.
    #[error("the key is taken")]
    Taken(Option<Box<Stored>>),
    /// The store failed.
    #[error(transparent)]
    Store(E),
}

/// Keeps claims, each until it expires.
pub trait KeepClaims {
    /// A store that did not answer, or answered nonsense.
    type Error: std::error::Error + 'static;

    /// Takes the key, if nobody has it or what is stored expired before `now`. With `over`, takes
    /// it from that claim, if that one still holds and has no answer.
    fn claim(
        &self,
        claim: &Claim,
        over: Option<Uuid>,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), ClaimError<Self::Error>>> + Send;

    /// Stores the answer, if this claim still holds and has none.
    fn complete(
        &self,
        claim: &Claim,
        answer: &Answer,
    ) -> impl Future<Output = Result<(), ClaimError<Self::Error>>> + Send;

    /// Forgets this claim, if it still holds and has no answer; nothing happens otherwise.
    fn release(&self, key: Key, id: Uuid) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
