//! The book on disk: one JSON line per thing that happened, only ever appended to. The state of
//! the program is the fold of its lines.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::app::Request;
use crate::idempotency::Key;
use crate::party::Effect;

#[cfg(test)]
mod tests;

/// One line. An effect and the answer kept for its key are on one line, so that a crash leaves
/// both or neither.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<Effect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_answer: Option<FirstAnswer>,
    /// A request that will take effect later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) late: Option<Late>,
    /// The late request that arrived with this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arrived: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FirstAnswer {
    pub(crate) key: Key,
    pub(crate) answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Late {
    pub(crate) id: String,
    pub(crate) due: i64,
    pub(crate) request: Request,
}

/// Why a book cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The folder or the file cannot be read or written.
    #[error("cannot read or write {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another program writes to it.
    #[error("{path} is in use by another program")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A line before the last is not one of ours.
    #[error("line {line} of {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// The open book; without a file it forgets.
#[derive(Debug)]
pub(crate) struct Book {
    file: Option<File>,
    length: u64,
}

impl Book {
    pub(crate) fn in_memory() -> Self {
        Self {
            file: None,
            length: 0,
        }
    }

    /// Opens or starts the book in `folder` and gives back what it says. A last line that was
    /// torn by a crash is cut off: nobody was told about it.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Vec<Entry>), BookError> {
        let path = folder.join("book.jsonl");
        let failed = |source| BookError::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        lock(&file, &path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        bytes.truncate(whole);
        let entries = read(&bytes, &path)?;
        let mut book = Self {
            file: Some(file),
            length: 0,
        };
        book.cut(bytes.len() as u64).map_err(failed)?;
        Ok((book, entries))
    }

    /// Writes one line, or nothing.
    pub(crate) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let Some(file) = self.file.as_mut() else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        if let Err(error) = file.write_all(&line) {
            // A full disk may have taken half a line.
            self.cut(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if let Some(file) = self.file.as_mut() {
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
        }
        self.length = length;
        Ok(())
    }
}

fn lock(file: &File, path: &Path) -> Result<(), BookError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(BookError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(BookError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

fn read(bytes: &[u8], path: &Path) -> Result<Vec<Entry>, BookError> {
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let mut entries = Vec::new();
    for (place, line) in lines.enumerate() {
        let entry = serde_json::from_slice(line).map_err(|source| BookError::Damaged {
            path: path.to_owned(),
            line: place + 1,
            source,
        })?;
        entries.push(entry);
    }
    Ok(entries)
}
