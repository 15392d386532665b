//! A key by which another service uses the API. Its secret is shown once and kept as a hash; what
//! is no key of ours is told by its checksum, without asking anybody.

use std::fmt;
use std::hint::black_box;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{CustomerId, Role, TenantId};

#[cfg(test)]
mod tests;

/// A key. Its id alone grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKeyId(pub Uuid);

impl ApiKeyId {
    /// Takes a text from outside: a hyphenated UUID in lower case, the one form that we write.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        (id.hyphenated().to_string() == text).then_some(Self(id))
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What is kept of a secret: its SHA-256. A secret of 256 random bits needs no slow hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Takes as long for a hash that is almost the same as for any other.
    fn is(&self, other: &Self) -> bool {
        let differ = |(one, other): (&u8, &u8)| one ^ other;
        let pairs = self.0.iter().zip(&other.0).map(differ);
        black_box(pairs.fold(0, |all, bits| black_box(all | bits))) == 0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// A key as its bearer has it: `cwk_`, the id, the secret and a checksum of both, in hexadecimal
/// digits. Whoever looks for secrets that lie about knows it by its beginning.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret {
    id: ApiKeyId,
    secret: [u8; 32],
}

/// What every key begins with.
const PREFIX: &str = "cwk_";
/// Digits of the id, of each half of the secret, and of the checksum.
const DIGITS: [usize; 4] = [32, 32, 32, 8];

impl ApiKeySecret {
    /// Whether a text means to be a key.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// A new key. Three random ids have 366 random bits; their hash has 256.
    pub fn new(id: ApiKeyId, random: [Uuid; 3]) -> Self {
        let mut hash = Sha256::new();
        for part in random {
            hash.update(part.as_bytes());
        }
        let secret = hash.finalize().into();
        Self { id, secret }
    }

    /// Which key it is.
    pub fn id(&self) -> ApiKeyId {
        self.id
    }

    /// What is kept of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }

    /// What its bearer sends.
    pub fn text(&self) -> String {
        let mut digits = self.id.0.simple().to_string();
        for byte in self.secret {
            digits.push_str(&format!("{byte:02x}"));
        }
        let check = checksum(&digits);
        format!("{PREFIX}{digits}{check:08x}")
    }

    /// Reads what a bearer sent; nothing for a text that no key of ours can be.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if body.len() != DIGITS.iter().sum() || !body.bytes().all(digit) {
            return None;
        }
        let [id, half, _, check] = DIGITS;
        let (digits, last) = body.split_at_checked(body.len().checked_sub(check)?)?;
        if u32::from_str_radix(last, 16).ok()? != checksum(digits) {
            return None;
        }
        let (first, rest) = digits.split_at_checked(id)?;
        let (upper, lower) = rest.split_at_checked(half)?;
        let number = |digits: &str| u128::from_str_radix(digits, 16).ok();
        let mut secret = [0; 32];
        let halves = [number(upper)?, number(lower)?];
        let bytes = halves.into_iter().flat_map(u128::to_be_bytes);
        for (place, byte) in secret.iter_mut().zip(bytes) {
            *place = byte;
        }
        let id = ApiKeyId(Uuid::from_u128(number(first)?));
        Some(Self { id, secret })
    }
}

/// It does not show.
impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeySecret")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn checksum(digits: &str) -> u32 {
    let hash: [u8; 32] = Sha256::digest(digits).into();
    let first = hash.first_chunk().copied();
    u32::from_be_bytes(first.unwrap_or_default())
}

/// A key as we have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Which.
    pub id: ApiKeyId,
    /// Whose shop.
    pub tenant: TenantId,
    /// What it is for, in words.
    pub name: String,
    /// What its bearer may do.
    pub roles: Vec<Role>,
    /// What is kept of its secret.
    pub hash: SecretHash,
    /// Who made it.
    pub created_by: CustomerId,
    /// When.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// How often it was stored; 0 for never.
    pub version: u64,
}

impl ApiKey {
    /// Most keys of a shop that were not taken back.
    pub const MOST: usize = 100;

    /// Takes it back for good; answers whether it was not before.
    pub fn revoke(&mut self, now: Timestamp) -> bool {
        let live = self.revoked_at.is_none();
        self.revoked_at.get_or_insert(now);
        live
    }

    /// Whether whoever sent this has it, and it was not taken back.
    pub fn admits(&self, sent: &ApiKeySecret) -> bool {
        self.id == sent.id && self.hash.is(&sent.hash()) && self.revoked_at.is_none()
    }

    /// Who its bearer is: no account has an id like this.
    pub fn subject(&self) -> CustomerId {
        CustomerId::of_key(self.id)
    }
}
