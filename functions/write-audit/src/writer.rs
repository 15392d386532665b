//! The writer of all chains in one process.

use audit::{Appended, Head, KeepChains, Record, Shard, WriteError, append, last};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use domain::ports::StoreError;
use thiserror::Error;
use tokio::sync::Mutex;

use crate::InvalidEvent;

/// Why an event has no entry.
#[derive(Debug, Error)]
pub enum WriteAuditError {
    /// It cannot be told.
    #[error(transparent)]
    Event(#[from] InvalidEvent),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] WriteError<StoreError>),
}

impl EdgeError for WriteAuditError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Event(_) => ErrorName::BadInput,
            Self::Write(WriteError::Contended) => ErrorName::Conflict,
            Self::Write(WriteError::Store(error)) => error.name(),
        }
    }
}

/// Writes chain by chain, one entry of a chain at a time, and remembers how far each goes. Another
/// process that writes to the same chain takes positions, and no entry.
#[derive(Debug)]
pub struct Writer<S> {
    store: S,
    /// By the number of the chain; nothing where its end was not looked for.
    heads: [Mutex<Option<Head>>; Shard::COUNT as usize],
}

impl<S: KeepChains<Error = StoreError>> Writer<S> {
    /// A writer that knows no chain yet.
    pub fn new(store: S) -> Self {
        let heads = Default::default();
        Self { store, heads }
    }

    /// Appends the record to the chain of its object, if its message has no entry.
    ///
    /// # Errors
    /// [`WriteAuditError`]; it may have been written, and may be written again.
    pub async fn write(&self, record: &Record) -> Result<(), WriteAuditError> {
        let shard = Shard::of(&record.object);
        let own = self.heads.iter().zip(Shard::all());
        for (head, _) in own.filter(|(_, of)| *of == shard) {
            let mut known = head.lock().await;
            let from = match *known {
                Some(head) => head,
                None => self.end_of(shard).await?,
            };
            let appended = append(&self.store, from, record).await?;
            *known = Some(match appended {
                Appended::Now(head) => head,
                Appended::Before => from,
            });
        }
        Ok(())
    }

    async fn end_of(&self, shard: Shard) -> Result<Head, WriteAuditError> {
        let end = last(&self.store, Head::empty(shard)).await;
        end.map_err(|error| WriteError::Store(error).into())
    }
}
