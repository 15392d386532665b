//! What is kept of a key: who claimed it for which request, and the answer.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Which request. Equal keys are repeats of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// SHA-256 over the length-prefixed parts: whose key it is, for what, and the key that was
    /// sent. Parts that run together differently are different keys, and nothing of them can be
    /// read back.
    pub fn of(parts: &[&str]) -> Self {
        Self(digest(parts.iter().map(|part| part.as_bytes())))
    }
}

/// What was asked for. A key that comes with another one was used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// SHA-256 over the length-prefixed parts of what was asked for.
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(digest(parts.iter().copied()))
    }
}

fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// What a request was answered. Small: a store keeps it in one item (DynamoDB: 400 KB).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its own headers, in their order.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Who takes a key, and until when nobody else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub key: Key,
    /// Tells this run from every other.
    pub id: Uuid,
    /// What is asked for.
    pub fingerprint: Fingerprint,
    /// When whoever claimed it is taken for dead. Longer than the work can take.
    pub deadline: Timestamp,
    /// When the key is forgotten and means another request.
    pub expires: Timestamp,
}

/// How far a claimed request has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Claimed and not answered.
    Running,
    /// Answered.
    Done(Answer),
}

/// What is stored under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The claim that holds.
    pub claim: Claim,
    /// How far it has come.
    pub progress: Progress,
}
