//! Values that belong to a person and may have to go.

use sha2::{Digest, Sha256};

use crate::Hash;

/// Random bytes, one set per value, so that nobody finds a value by trying all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

/// A personal value. The chain is of its commitment, SHA-256 over salt and value, and knows it for
/// ever; salt and value go when they must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// What the chain is of.
    pub commitment: Hash,
    /// The value, until it is erased.
    pub opened: Option<Opened>,
}

/// A value that was not erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its salt.
    pub salt: Salt,
    /// The value.
    pub value: String,
}

impl Personal {
    /// Commits to a value.
    pub fn of(value: &str, salt: Salt) -> Self {
        let value = value.to_owned();
        let opened = Opened { salt, value };
        Self {
            commitment: opened.commitment(),
            opened: Some(opened),
        }
    }

    /// The value, where it was not erased.
    pub fn value(&self) -> Option<&str> {
        self.opened.as_ref().map(|opened| opened.value.as_str())
    }

    /// Whether the value, where there still is one, is what was committed to.
    pub(crate) fn holds(&self) -> bool {
        let opened = self.opened.as_ref();
        opened.is_none_or(|opened| opened.commitment() == self.commitment)
    }
}

impl Opened {
    fn commitment(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.salt.0);
        hash.update(self.value.as_bytes());
        Hash(hash.finalize().into())
    }
}
