//! Months of events that leave the database.

use std::collections::BTreeMap;
use std::future::Future;

use jiff::civil::Date;
use thiserror::Error;

use super::StoreError;
use crate::{ArchivedFile, Archiving, EventsByTenant, MonthState, Plan};

/// Why a month stays where it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LetGoError {
    /// Not every part is noted, or the month is in another state.
    #[error("the month of {0} is not archived as a whole")]
    NotYet(Date),
    /// Rows are missing somewhere. Nobody but a person can tell where.
    #[error(
        "of the month of {month} the archive has {archived} rows, the database {stored}, the figures {counted}"
    )]
    Unequal {
        /// Its first day.
        month: Date,
        /// Rows of all files.
        archived: u64,
        /// Rows of the table.
        stored: u64,
        /// Events that the figures of its days have.
        counted: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The side of the archive that is in the database. What is asked twice is done once.
pub trait ArchiveEvents {
    /// The month that is being archived, else the oldest open one before a day, which takes no more events
    /// from now on; nothing where there is none.
    fn begin_month(
        &self,
        before: Date,
    ) -> impl Future<Output = Result<Option<Archiving>, StoreError>> + Send;

    /// The rows of a part, by what their tenants paid for when the month began to be archived. It has the
    /// same rows each time.
    fn rows_of_part(
        &self,
        month: Date,
        part: u32,
    ) -> impl Future<Output = Result<BTreeMap<Plan, EventsByTenant>, StoreError>> + Send;

    /// Notes that a part is in the archive, in these files.
    fn note_part(
        &self,
        month: Date,
        part: u32,
        files: &[ArchivedFile],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the rows of a month out of the database, if the archive has as many as the database and the
    /// figures.
    fn let_go(&self, month: Date) -> impl Future<Output = Result<(), LetGoError>> + Send;

    /// Where the months are that ever had rows.
    fn months(&self) -> impl Future<Output = Result<Vec<(Date, MonthState)>, StoreError>> + Send;

    /// The files of a month that are noted, by part and plan.
    fn files_of(
        &self,
        month: Date,
    ) -> impl Future<Output = Result<Vec<ArchivedFile>, StoreError>> + Send;

    /// Makes an empty table for the rows of a month that come back; what an earlier one had is gone.
    fn begin_restore(&self, month: Date) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Puts rows of a file into that table.
    fn restore_rows(
        &self,
        month: Date,
        rows: &EventsByTenant,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets the table be read with all others, after it was seen to have what the files have; its parts can be
    /// read before.
    fn end_restore(&self, month: Date) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How many parts the table of a month has now.
    fn parts_of(&self, month: Date) -> impl Future<Output = Result<u32, StoreError>> + Send;
}

/// The side of the archive that has the files.
pub trait KeepFiles {
    /// Puts a file in its place, also where one is.
    fn put_file(
        &self,
        path: &str,
        bytes: Vec<u8>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a file; nothing where none is.
    fn get_file(
        &self,
        path: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
}
