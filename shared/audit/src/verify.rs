//! Whether a chain is what was written.

use std::fmt;

use thiserror::Error;

use crate::{Entry, Head, Personal, Shard};

/// What is wrong at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing is there, and the chain goes on, or an anchor says that it did.
    Missing,
    /// What is there belongs to another place.
    Misplaced,
    /// It does not follow from the entry before it.
    Unlinked,
    /// Its hash is not that of what it holds.
    Altered,
    /// A personal value is not what was committed to.
    Unsealed,
    /// An anchor says that another entry was here.
    Unanchored,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the entry is missing",
            Self::Misplaced => "the entry belongs to another place",
            Self::Unlinked => "the entry does not follow from the one before it",
            Self::Altered => "the entry was altered",
            Self::Unsealed => "a personal value was altered",
            Self::Unanchored => "the entry is not the one that was anchored",
        })
    }
}

/// The first position of a chain that is not what was written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("chain {shard}, position {position}: {why}")]
pub struct Bad {
    /// Which chain.
    pub shard: Shard,
    /// Which position.
    pub position: u64,
    /// What is wrong there.
    pub why: Why,
}

/// Goes through a chain from its beginning.
#[derive(Clone, Debug)]
pub struct Verifier {
    head: Head,
    /// Anchors of this chain that lie ahead, the nearest last.
    anchors: Vec<Head>,
}

impl Verifier {
    /// Before the first entry. Anchors of other chains are passed over.
    pub fn new(shard: Shard, anchors: &[Head]) -> Self {
        let own = anchors.iter().filter(|anchor| anchor.shard == shard);
        let mut anchors: Vec<Head> = own.copied().collect();
        anchors.sort_by_key(|anchor| std::cmp::Reverse(anchor.position));
        let head = Head::empty(shard);
        Self { head, anchors }
    }

    /// From a head that is known to be good.
    pub(crate) fn from(head: Head) -> Self {
        let anchors = Vec::new();
        Self { head, anchors }
    }

    /// Position of the next entry.
    pub fn next_position(&self) -> u64 {
        self.head.position.saturating_add(1)
    }

    /// The head of what was good so far.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes the entry of the next position.
    ///
    /// # Errors
    /// [`Bad`]: it is not what was written.
    pub fn push(&mut self, entry: &Entry) -> Result<(), Bad> {
        self.meet_anchors()?;
        let why = if (entry.shard, entry.position) != (self.head.shard, self.next_position()) {
            Some(Why::Misplaced)
        } else if entry.previous != self.head.hash {
            Some(Why::Unlinked)
        } else if entry.hash != entry.computed() {
            Some(Why::Altered)
        } else if !entry.record.personal().all(Personal::holds) {
            Some(Why::Unsealed)
        } else {
            None
        };
        match why {
            Some(why) => Err(self.bad(self.next_position(), why)),
            None => {
                self.head = entry.head();
                self.meet_anchors()
            }
        }
    }

    /// Nothing stands at the next position.
    ///
    /// # Errors
    /// [`Bad`]: an anchor says that the chain went on.
    pub fn end(mut self) -> Result<Head, Bad> {
        self.meet_anchors()?;
        match self.anchors.last() {
            Some(_) => Err(self.missing()),
            None => Ok(self.head),
        }
    }

    /// What is wrong where nothing stands at the next position and the chain goes on.
    pub fn missing(&self) -> Bad {
        self.bad(self.next_position(), Why::Missing)
    }

    /// Whether the entry that the head is of still stands.
    pub(crate) fn still_at(&self, found: Option<&Entry>) -> Result<(), Bad> {
        let why = match found {
            None => Why::Missing,
            Some(entry) if entry.head() != self.head => Why::Unanchored,
            Some(entry) if entry.computed() != entry.hash => Why::Altered,
            Some(_) => return Ok(()),
        };
        Err(self.bad(self.head.position, why))
    }

    fn meet_anchors(&mut self) -> Result<(), Bad> {
        while let Some(anchor) = self.anchors.last().copied() {
            if anchor.position > self.head.position {
                break;
            }
            if anchor.position == self.head.position && anchor.hash != self.head.hash {
                return Err(self.bad(anchor.position, Why::Unanchored));
            }
            self.anchors.pop();
        }
        Ok(())
    }

    fn bad(&self, position: u64, why: Why) -> Bad {
        Bad {
            shard: self.head.shard,
            position,
            why,
        }
    }
}

/// Verifies a whole chain, as it was read position by position.
///
/// # Errors
/// The first position that is bad.
pub fn verify(shard: Shard, entries: &[Option<Entry>], anchors: &[Head]) -> Result<Head, Bad> {
    let mut verifier = Verifier::new(shard, anchors);
    let mut rest = entries;
    while let [first, after @ ..] = rest {
        match first {
            Some(entry) => verifier.push(entry)?,
            None if after.iter().any(Option::is_some) => return Err(verifier.missing()),
            None => break,
        }
        rest = after;
    }
    verifier.end()
}
