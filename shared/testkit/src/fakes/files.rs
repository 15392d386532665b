//! The bucket of the archive, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::ports::{KeepFiles, StoreError};

use crate::lock;

/// Files by their paths.
#[derive(Clone, Debug, Default)]
pub struct FakeFiles(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl FakeFiles {
    /// The paths of all files.
    pub fn paths(&self) -> Vec<String> {
        lock(&self.0).keys().cloned().collect()
    }

    /// Changes what a file has.
    pub fn change(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(file) = lock(&self.0).get_mut(path) {
            change(file);
        }
    }
}

impl KeepFiles for FakeFiles {
    async fn put_file(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        lock(&self.0).insert(path.to_owned(), bytes);
        Ok(())
    }

    async fn get_file(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(lock(&self.0).get(path).cloned())
    }
}

#[cfg(test)]
mod tests {
    crate::check_files!(async { super::FakeFiles::default() });
}
