//! Writing to a chain. There is no stored head that could disagree with the chain: positions have no
//! gaps, so the last one is found by search, and a writer remembers it.

use thiserror::Error;

use crate::{AppendError, Entry, Head, KeepChains, Record};

/// How often a writer looks for the end of a chain that others write to.
const MAX_ROUNDS: u32 = 8;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is the last entry; here is the head after it.
    Now(Head),
    /// Its message had an entry already.
    Before,
}

/// Why a record has no entry.
#[derive(Debug, Error)]
pub enum WriteError<E: std::error::Error + 'static> {
    /// Others kept writing to the chain.
    #[error("others wrote to the chain {MAX_ROUNDS} times in a row")]
    Contended,
    /// The store failed; the entry may have been written.
    #[error(transparent)]
    Store(#[from] E),
}

/// Appends a record to its chain, from the head that the writer knows. Where somebody else wrote
/// meanwhile, from the head after that: of two writers one has a position, and none is lost.
///
/// # Errors
/// [`WriteError`].
pub async fn append<S: KeepChains>(
    store: &S,
    known: Head,
    record: &Record,
) -> Result<Appended, WriteError<S::Error>> {
    let mut head = known;
    for _ in 0..MAX_ROUNDS {
        let entry = Entry::after(&head, record.clone());
        match store.append(&entry).await {
            Ok(()) => return Ok(Appended::Now(entry.head())),
            Err(AppendError::Recorded) => return Ok(Appended::Before),
            Err(AppendError::Taken) => head = last(store, head).await?,
            Err(AppendError::Store(error)) => return Err(error.into()),
        }
    }
    Err(WriteError::Contended)
}

/// The head of a chain that is at least as long as the one that is known: by steps that double, and
/// then by halves.
///
/// # Errors
/// When the store fails.
pub async fn last<S: KeepChains>(store: &S, known: Head) -> Result<Head, S::Error> {
    let mut found = known;
    let mut step = 1_u64;
    let mut free = loop {
        let next = found.position.saturating_add(step);
        match entry_at(store, found, next).await? {
            Some(head) => found = head,
            None => break next,
        }
        step = step.saturating_mul(2);
    };
    while free.saturating_sub(found.position) > 1 {
        let middle = found.position.midpoint(free);
        match entry_at(store, found, middle).await? {
            Some(head) => found = head,
            None => free = middle,
        }
    }
    Ok(found)
}

async fn entry_at<S: KeepChains>(
    store: &S,
    chain: Head,
    position: u64,
) -> Result<Option<Head>, S::Error> {
    let entries = store.entries(chain.shard, position, 1).await?;
    Ok(entries
        .into_iter()
        .flatten()
        .next()
        .map(|entry| entry.head()))
}
