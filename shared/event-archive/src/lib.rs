//! Events that are old leave the database month by month: each part of a month becomes files, the files are
//! read again and compared, and only when all parts are there, and as many rows as the database and the
//! figures have, the table goes. Every step is noted in the database and can be done again: whoever is ended
//! at any point leaves nothing behind that the next one does not find.

mod checksums;
mod file;

use domain::ports::{ArchiveEvents, Cause, KeepFiles, LetGoError, StoreError};
use domain::{ArchivedFile, Archiving, Checksums, EventsByTenant, MonthState, Plan};
use jiff::civil::Date;
use thiserror::Error;

pub use checksums::{checksums, together};
pub use file::{FileError, decode, encode};

#[cfg(test)]
mod tests;

/// Why a step was not done.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// A file is not what was put there.
    #[error("the archive's file {path} is not what was written")]
    Spoiled {
        /// Which.
        path: String,
    },
    /// There is nothing to restore, or it is there.
    #[error("the month of {0} is not in the archive alone")]
    NotArchived(Date),
    /// What was put back is not what was archived.
    #[error("the month of {0} is not what was archived")]
    Unequal(Date),
    /// A file cannot be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rows are missing somewhere.
    #[error(transparent)]
    LetGo(#[from] LetGoError),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ArchiveError {
    /// Whether the same may succeed in a while.
    pub const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Unavailable(_))
                | Self::LetGo(
                    // Who else works at the same month was quicker, or is about to note a part.
                    LetGoError::NotYet(_) | LetGoError::Store(StoreError::Unavailable(_))
                )
        )
    }
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing: no month is old enough.
    Nothing,
    /// A part is in the archive.
    Part {
        /// Of which month.
        month: Date,
        /// How many rows it has.
        rows: u64,
        /// How long its files are together, in bytes.
        bytes: u64,
    },
    /// A month left the database.
    Month(Date),
}

/// Moves events between a database and a bucket.
#[derive(Clone, Debug)]
pub struct Archive<D, F> {
    database: D,
    files: F,
}

impl<D: ArchiveEvents, F: KeepFiles> Archive<D, F> {
    /// Between these.
    pub const fn new(database: D, files: F) -> Self {
        Self { database, files }
    }

    /// Does what comes next of the months before that of a day: a part, or letting a month go whose parts are
    /// all there.
    ///
    /// # Errors
    /// [`ArchiveError`]; the step can be done again.
    pub async fn step(&self, before: Date) -> Result<Done, ArchiveError> {
        let before = before.first_of_month();
        let Some(begun) = self.database.begin_month(before).await? else {
            return Ok(Done::Nothing);
        };
        let Archiving { month, next } = begun;
        match next {
            Some(part) => self.part(month, part).await,
            None => {
                self.database.let_go(month).await?;
                Ok(Done::Month(month))
            }
        }
    }

    /// Writes the files of a part, and notes them once they have been read.
    async fn part(&self, month: Date, part: u32) -> Result<Done, ArchiveError> {
        let mut files = Vec::new();
        for (plan, mut rows) in self.database.rows_of_part(month, part).await? {
            rows.values_mut()
                .for_each(|events| events.sort_by_key(|event| event.at));
            files.push(self.write(month, part, plan, &rows).await?);
        }
        self.database.note_part(month, part, &files).await?;
        Ok(Done::Part {
            month,
            rows: files.iter().map(|file| file.checksums.rows).sum(),
            bytes: files.iter().map(|file| file.bytes).sum(),
        })
    }

    async fn write(
        &self,
        month: Date,
        part: u32,
        plan: Plan,
        rows: &EventsByTenant,
    ) -> Result<ArchivedFile, ArchiveError> {
        let bytes = encode(rows)?;
        let file = ArchivedFile {
            month,
            part,
            plan,
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            checksums: checksums(rows),
        };
        self.files.put_file(&file.path(), bytes).await?;
        self.read(&file).await?;
        Ok(file)
    }

    /// The rows of a file, which are those that were written.
    ///
    /// # Errors
    /// [`ArchiveError::Spoiled`] where they are not.
    pub async fn read(&self, file: &ArchivedFile) -> Result<EventsByTenant, ArchiveError> {
        let path = file.path();
        let spoiled = || ArchiveError::Spoiled { path: path.clone() };
        let bytes = self.files.get_file(&path).await?.ok_or_else(spoiled)?;
        let rows = decode(bytes).map_err(|_| spoiled())?;
        match checksums(&rows) == file.checksums {
            true => Ok(rows),
            false => Err(spoiled()),
        }
    }

    /// The files of a month.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn files_of(&self, month: Date) -> Result<Vec<ArchivedFile>, ArchiveError> {
        Ok(self.database.files_of(month).await?)
    }

    /// Puts the rows of a month into the database once more, to be read with all others, and sees that they
    /// are those that were archived.
    ///
    /// # Errors
    /// [`ArchiveError`]; nothing of it can be read then.
    pub async fn restore(&self, month: Date) -> Result<Checksums, ArchiveError> {
        self.is_archived(month).await?;
        let files = self.database.files_of(month).await?;
        if let Err(error) = self.database.begin_restore(month).await {
            // Somebody else may have been quicker.
            self.is_archived(month).await?;
            return Err(error.into());
        }
        let mut archived = Checksums::default();
        for file in &files {
            let rows = self.read(file).await?;
            self.database.restore_rows(month, &rows).await?;
            archived = together(archived, file.checksums);
        }
        let restored = self.checksums_of(month).await?;
        if restored != archived {
            return Err(ArchiveError::Unequal(month));
        }
        self.database.end_restore(month).await?;
        Ok(restored)
    }

    /// Sees that a month is in the archive alone.
    async fn is_archived(&self, month: Date) -> Result<(), ArchiveError> {
        let months = self.database.months().await?;
        match months.contains(&(month, MonthState::Archived)) {
            true => Ok(()),
            false => Err(ArchiveError::NotArchived(month)),
        }
    }

    /// The checksums of a month's rows that are in the database.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn checksums_of(&self, month: Date) -> Result<Checksums, ArchiveError> {
        let mut all = Checksums::default();
        for part in 0..self.database.parts_of(month).await? {
            for rows in self.database.rows_of_part(month, part).await?.values() {
                all = together(all, checksums(rows));
            }
        }
        Ok(all)
    }

    /// Takes the rows of a restored month out of the database again.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub async fn release(&self, month: Date) -> Result<(), ArchiveError> {
        let months = self.database.months().await?;
        if !months.contains(&(month, MonthState::Restored)) {
            let cause = Cause("the month is not restored".to_owned());
            return Err(StoreError::Broken(cause).into());
        }
        Ok(self.database.let_go(month).await?)
    }
}
