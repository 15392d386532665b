//! Groups and who belongs to them.

use std::future::Future;

use jiff::Timestamp;

use super::{Listed, Reader, StoreError};
use crate::{Announcement, CustomerId, Group, GroupId, TenantId};

/// Which group of which shop.
pub type GroupOf<'a> = (&'a TenantId, GroupId);

/// Reads groups, as they are now.
pub trait ReadGroups {
    /// The group, if it is there and has not ended.
    fn group(
        &self,
        group: GroupOf<'_>,
    ) -> impl Future<Output = Result<Option<Group>, StoreError>> + Send;

    /// The groups that somebody belongs to, in the order of their ids, ended ones not among them.
    fn groups_of(
        &self,
        person: Reader<'_>,
    ) -> impl Future<Output = Result<Vec<Group>, StoreError>> + Send;

    /// The ids of the groups that somebody belongs to, those that have ended among them.
    fn group_ids_of(
        &self,
        person: Reader<'_>,
    ) -> impl Future<Output = Result<Vec<GroupId>, StoreError>> + Send;

    /// Whether somebody belongs to a group that has not ended.
    fn is_member(
        &self,
        person: Reader<'_>,
        group: GroupId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Why a group was not made.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum GroupError {
    /// There was, or is, a group with this id and another name.
    #[error("there is a group with this id already")]
    Taken,
    /// The shop has as many as it can.
    #[error("the shop has too many groups")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps groups.
pub trait KeepGroups: ReadGroups {
    /// Makes it; and again.
    fn create_group(&self, group: &Group) -> impl Future<Output = Result<(), GroupError>> + Send;

    /// Ends it for good: nobody belongs to it any more; and again. Answers whether there ever was one.
    fn end_group(
        &self,
        group: GroupOf<'_>,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Up to `limit` groups of a shop, after a place that an earlier page told, in the order of their
    /// ids.
    fn groups(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> impl Future<Output = Result<Listed<Group>, StoreError>> + Send;
}

/// Keeps who belongs to which group.
pub trait KeepMembers: ReadGroups {
    /// Somebody belongs to it from now on; and again. Answers whether there is such a group.
    fn add_member(
        &self,
        person: Reader<'_>,
        group: GroupId,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Somebody does not belong to it any more; and again.
    fn remove_member(
        &self,
        person: Reader<'_>,
        group: GroupId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Up to `limit` members, after a place that an earlier page told. Whoever belongs to it all the
    /// time is on one page, in whatever way others come and go meanwhile.
    fn members(
        &self,
        group: GroupOf<'_>,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Listed<CustomerId>, StoreError>> + Send;
}

/// Forgets what somebody belonged to.
pub trait ForgetMemberships {
    /// Takes them out of every group; and again.
    fn forget_memberships(
        &self,
        person: Reader<'_>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Notes for the audit log that those who run a shop said something.
pub trait NoteAnnouncements {
    /// Notes it once; and again.
    fn note_announcement(
        &self,
        said: &Announcement,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
