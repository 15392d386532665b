//! Links of a chain. Each is hashed with its place and the hash before it, so that none can be
//! changed, taken out, put in or moved without all that follow.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{Outcome, Personal, Record};

/// What is hashed first; another form of entries gets another number.
const FORM: &str = "cartwright-audit-1";

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Hash {
    /// Reads 64 hexadecimal digits, in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = Self([0; 32]);
        hex::decode_to_slice(text, &mut hash.0).ok()?;
        (hash.to_string() == text).then_some(hash)
    }
}

/// Which chain. All that happens to one object is in one chain, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(u8);

impl Shard {
    /// How many chains there are. Another number would move objects between chains.
    pub const COUNT: u8 = 16;

    /// The chain with this number.
    pub fn new(number: u8) -> Option<Self> {
        (number < Self::COUNT).then_some(Self(number))
    }

    /// All chains.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// The chain of an object: four bits of the SHA-256 of its name.
    pub fn of(object: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(object.as_bytes()).into();
        let [first, ..] = digest;
        Self(first % Self::COUNT)
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How far a chain goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which chain.
    pub shard: Shard,
    /// Position of its last entry; 0 where there is none.
    pub position: u64,
    /// Hash of its last entry.
    pub hash: Hash,
}

impl Head {
    /// Before the first entry. Its hash is the chain's own, so that no entry fits two chains.
    pub fn empty(shard: Shard) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, FORM.as_bytes());
        part(&mut hash, &[shard.number()]);
        Self {
            shard,
            position: 0,
            hash: Hash(hash.finalize().into()),
        }
    }
}

/// A link of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which chain.
    pub shard: Shard,
    /// 1, 2, 3 … without gaps.
    pub position: u64,
    /// Hash of the entry before it.
    pub previous: Hash,
    /// What happened.
    pub record: Record,
    /// Hash of all this.
    pub hash: Hash,
}

impl Entry {
    /// The entry that follows.
    pub fn after(head: &Head, record: Record) -> Self {
        let mut entry = Self {
            shard: head.shard,
            position: head.position.saturating_add(1),
            previous: head.hash,
            record,
            hash: head.hash,
        };
        entry.hash = entry.computed();
        entry
    }

    /// The head of the chain that ends here.
    pub fn head(&self) -> Head {
        Head {
            shard: self.shard,
            position: self.position,
            hash: self.hash,
        }
    }

    /// Its hash, from what it holds. Every part has its length before it, so that no two entries
    /// have the same bytes.
    pub(crate) fn computed(&self) -> Hash {
        let record = &self.record;
        let (actor, from) = (&record.actor, &record.from);
        let mut hash = Sha256::new();
        part(&mut hash, FORM.as_bytes());
        part(&mut hash, &[self.shard.number()]);
        part(&mut hash, &self.position.to_be_bytes());
        part(&mut hash, &self.previous.0);
        part(&mut hash, record.message.as_bytes());
        part(&mut hash, &record.at.as_nanosecond().to_be_bytes());
        part(&mut hash, actor.kind.name().as_bytes());
        optional(&mut hash, actor.tenant.as_deref().map(str::as_bytes));
        optional(&mut hash, committed(actor.subject.as_ref()));
        part(&mut hash, record.action.as_bytes());
        part(&mut hash, record.object.as_bytes());
        optional(&mut hash, committed(from.address.as_ref()));
        optional(&mut hash, from.request.as_deref().map(str::as_bytes));
        let refused = match &record.outcome {
            Outcome::Done => None,
            Outcome::Refused(reason) => Some(reason.as_bytes()),
        };
        optional(&mut hash, refused);
        Hash(hash.finalize().into())
    }
}

fn committed(personal: Option<&Personal>) -> Option<&[u8]> {
    personal.map(|personal| personal.commitment.0.as_slice())
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn optional(hash: &mut Sha256, bytes: Option<&[u8]>) {
    hash.update([u8::from(bytes.is_some())]);
    part(hash, bytes.unwrap_or_default());
}
