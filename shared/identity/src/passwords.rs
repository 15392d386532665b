//! Passwords and what is kept of them.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::PasswordHash;
use domain::ports::{Cause, StoreError};
use thiserror::Error;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Turns passwords into what is kept of them. Each call costs one hash, whatever comes of it.
pub trait HashPasswords {
    /// What is kept of a password; `salt` is random.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the hash cannot be made.
    fn hash(&self, password: &str, salt: Uuid) -> Result<PasswordHash, StoreError>;

    /// Whether it is the password that this was kept of. It takes what the hash says that it took
    /// to make.
    fn verify(&self, kept: &PasswordHash, password: &str) -> bool;

    /// What no password fits and what takes as long to verify as a hash that is made now: for an
    /// account that does not exist.
    fn nobody(&self) -> &PasswordHash;
}

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordParams {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often it is gone through.
    pub passes: u32,
}

impl Default for PasswordParams {
    /// OWASP's password storage cheat sheet, read in 2026: at least 19 MiB and two passes.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

/// The parameters are out of Argon2's bounds, or below OWASP's.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a password's hash takes at least 19456 KiB and two passes")]
pub struct PasswordParamsError;

/// Argon2id with one lane.
#[derive(Clone, Debug)]
pub struct Argon2Passwords {
    argon2: Argon2<'static>,
    /// Of no password, with the same parameters: what is verified where there is no account.
    nobody: PasswordHash,
}

/// 16 bytes of salt and 32 of hash, all zero, in base64: no password that anybody knows has them.
const NOBODY: &str = "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Argon2Passwords {
    /// Hashes nothing yet.
    ///
    /// # Errors
    /// [`PasswordParamsError`].
    pub fn new(params: PasswordParams) -> Result<Self, PasswordParamsError> {
        let least = PasswordParams::default();
        if params.memory_kib < least.memory_kib || params.passes < least.passes {
            return Err(PasswordParamsError);
        }
        let PasswordParams { memory_kib, passes } = params;
        let params = Params::new(memory_kib, passes, 1, None);
        let params = params.map_err(|_| PasswordParamsError)?;
        let nobody = format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${NOBODY}");
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            nobody: PasswordHash(nobody),
        })
    }
}

impl HashPasswords for Argon2Passwords {
    fn hash(&self, password: &str, salt: Uuid) -> Result<PasswordHash, StoreError> {
        let hash = self
            .argon2
            .hash_password_with_salt(password.as_bytes(), salt.as_bytes());
        let hash: Phc =
            hash.map_err(|error| StoreError::Broken(Cause(format!("no hash: {error}"))))?;
        Ok(PasswordHash(hash.to_string()))
    }

    fn verify(&self, kept: &PasswordHash, password: &str) -> bool {
        Phc::new(&kept.0).is_ok_and(|hash| {
            let verified = self.argon2.verify_password(password.as_bytes(), &hash);
            verified.is_ok()
        })
    }

    fn nobody(&self) -> &PasswordHash {
        &self.nobody
    }
}
