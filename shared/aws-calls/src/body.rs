//! What is sent.

use std::sync::Arc;

use hyper::body::Bytes;

use crate::signature::{hash, push_hex};

/// A body with its hash, taken once however often it is sent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Body {
    bytes: Bytes,
    /// In hexadecimal digits.
    hash: Arc<str>,
}

impl Body {
    /// With this text, or these bytes.
    pub fn new(what: impl Into<Bytes>) -> Self {
        let bytes = what.into();
        let mut hex = String::with_capacity(64);
        push_hex(&mut hex, hash(&bytes).as_ref());
        Self {
            bytes,
            hash: Arc::from(hex),
        }
    }

    /// Whether it is this text.
    pub fn is(&self, text: &str) -> bool {
        self.bytes == text.as_bytes()
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    pub(crate) fn hash(&self) -> Arc<str> {
        Arc::clone(&self.hash)
    }
}
