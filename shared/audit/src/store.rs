//! The store of chains.

use std::future::Future;

use thiserror::Error;

use crate::{Entry, Shard};

/// Why an entry was not appended.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AppendError<E> {
    /// The message that tells of it has an entry already.
    #[error("the message has an entry")]
    Recorded,
    /// The position is taken: somebody else wrote to the chain.
    #[error("the position is taken")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] E),
}

/// Keeps the chains. Entries are never changed, but for the erasure of personal values, and never
/// removed.
pub trait KeepChains {
    /// A store that did not answer, or answered nonsense.
    type Error: std::error::Error + 'static;

    /// Puts an entry at its position, if that is free and no entry has its message; both or
    /// nothing. A message that has an entry comes before a position that is taken.
    fn append(
        &self,
        entry: &Entry,
    ) -> impl Future<Output = Result<(), AppendError<Self::Error>>> + Send;

    /// What stands at the positions from `first` on, at most [`KeepChains::PAGE`] of them, as it is
    /// now: nothing for a position that is free.
    fn entries(
        &self,
        shard: Shard,
        first: u64,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Option<Entry>>, Self::Error>> + Send;

    /// Where the entry of a message stands; nothing where it has none.
    fn place_of(
        &self,
        message: &str,
    ) -> impl Future<Output = Result<Option<(Shard, u64)>, Self::Error>> + Send;

    /// Takes the personal values out of an entry; nothing happens where there is none.
    fn erase(
        &self,
        shard: Shard,
        position: u64,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Most entries of one read.
    const PAGE: usize = 100;
}

/// Keeps signed anchors where nobody can change or remove them for a long time.
pub trait KeepAnchors {
    /// A store that did not answer, or answered nonsense.
    type Error: std::error::Error + 'static;

    /// The text of the newest anchor, by name; nothing before the first.
    fn newest(&self) -> impl Future<Output = Result<Option<String>, Self::Error>> + Send;

    /// Keeps a text under a name that sorts before all others, unless there is one of that name.
    fn keep(&self, name: &str, text: &str) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
