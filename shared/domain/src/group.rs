//! People who are told the same. A group has one list, in which each message is once, however many
//! read it: the list of a reader who is nobody, `group:<id>`.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{CustomerId, TenantId};

#[cfg(test)]
mod tests;

/// What the reader of a group's list is called by, and nobody else: no bearer of a token may be.
const PREFIX: &str = "group:";

/// A group. Its id alone grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub Uuid);

impl GroupId {
    /// Takes a text from outside: a hyphenated UUID in lower case, the one form that we write.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        (id.hyphenated().to_string() == text).then_some(Self(id))
    }

    /// Reads `group:<id>`, as a list and a topic are called.
    pub fn parse_list(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix(PREFIX)?)
    }

    /// What its list and its topic are called: `group:<id>`.
    pub fn list(self) -> String {
        format!("{PREFIX}{self}")
    }

    /// Who its list belongs to.
    pub fn reader(self) -> CustomerId {
        CustomerId::of_group(self)
    }

    /// The group whose list it is; nothing where it is a person's.
    pub fn of_reader(reader: &CustomerId) -> Option<Self> {
        Self::parse_list(reader.as_str())
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl CustomerId {
    /// Whether it is kept for lists of groups. Whoever was called so would read what a group is told.
    pub fn is_of_groups(&self) -> bool {
        self.as_str().starts_with(PREFIX)
    }
}

/// What is known of a group beside its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Whose shop.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ended: nobody belongs to it any more.
    pub ended_at: Option<Timestamp>,
}

impl Group {
    /// Most groups of a shop that are there at one time: their ids stand in one row.
    pub const MOST: usize = 1_000;
    /// Longest name, in characters.
    pub const LONGEST_NAME: usize = 100;

    /// A group that is made now.
    pub fn new(id: GroupId, tenant: &TenantId, name: String, now: Timestamp) -> Self {
        Self {
            id,
            tenant: tenant.clone(),
            name,
            created_at: now,
            ended_at: None,
        }
    }

    /// Whether it is there.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// That those who run a shop said something: to a group, or to some people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The id of what was said; who says it again under the same key has the same.
    pub id: Uuid,
    /// Whose shop.
    pub tenant: TenantId,
    /// The group; nothing where some people were named.
    pub group: Option<GroupId>,
    /// When.
    pub at: Timestamp,
}
