//! Groups and who belongs to them.

use std::collections::{BTreeMap, BTreeSet};

use domain::ports::{
    ForgetMemberships, GroupError, GroupOf, KeepGroups, KeepMembers, Listed, NoteAnnouncements,
    ReadGroups, Reader, StoreError,
};
use domain::{Announcement, CustomerId, Group, GroupId, TenantId};
use jiff::Timestamp;

use super::FakeAccounts;
use crate::lock;

/// Groups by shop and id, and their members.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: BTreeMap<(TenantId, GroupId), Group>,
    members: BTreeSet<(TenantId, GroupId, CustomerId)>,
    said: Vec<Announcement>,
}

impl Groups {
    fn open(&self, (tenant, id): GroupOf<'_>) -> Option<Group> {
        let stored = self.groups.get(&(tenant.clone(), id)).cloned();
        stored.filter(Group::is_open)
    }
}

/// A page of what is in order: behind a place, with the place of its last.
fn page<T>(
    mut rest: impl Iterator<Item = T>,
    limit: usize,
    place: impl Fn(&T) -> String,
) -> Listed<T> {
    let items: Vec<T> = rest.by_ref().take(limit.max(1)).collect();
    let next = rest.next().and(items.last()).map(place);
    Listed { items, next }
}

impl FakeAccounts {
    /// What those who run shops said, oldest first.
    pub fn announcements(&self) -> Vec<Announcement> {
        lock(&self.0).groups.said.clone()
    }
}

impl ReadGroups for FakeAccounts {
    async fn group(&self, group: GroupOf<'_>) -> Result<Option<Group>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        Ok(inner.groups.open(group))
    }

    async fn groups_of(&self, (tenant, person): Reader<'_>) -> Result<Vec<Group>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let members = inner.groups.members.iter();
        let own = members.filter(|(shop, _, who)| (shop, who) == (tenant, person));
        let groups = own.filter_map(|(shop, id, _)| inner.groups.open((shop, *id)));
        Ok(groups.collect())
    }

    async fn group_ids_of(&self, (tenant, person): Reader<'_>) -> Result<Vec<GroupId>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let members = inner.groups.members.iter();
        let own = members.filter(|(shop, _, who)| (shop, who) == (tenant, person));
        Ok(own.map(|(_, id, _)| *id).collect())
    }

    async fn is_member(
        &self,
        (tenant, person): Reader<'_>,
        group: GroupId,
    ) -> Result<bool, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let member = (tenant.clone(), group, person.clone());
        Ok(inner.groups.open((tenant, group)).is_some() && inner.groups.members.contains(&member))
    }
}

impl KeepGroups for FakeAccounts {
    async fn create_group(&self, group: &Group) -> Result<(), GroupError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let place = (group.tenant.clone(), group.id);
        if let Some(stored) = inner.groups.groups.get(&place) {
            return match stored.is_open() && stored.name == group.name {
                true => Ok(()),
                false => Err(GroupError::Taken),
            };
        }
        let own = |it: &&Group| it.tenant == group.tenant && it.is_open();
        if inner.groups.groups.values().filter(own).count() >= Group::MOST {
            return Err(GroupError::TooMany);
        }
        inner.groups.groups.insert(place, group.clone());
        inner.authors.push(self.1.clone());
        Ok(())
    }

    async fn end_group(
        &self,
        (tenant, id): GroupOf<'_>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let stored = inner.groups.groups.get_mut(&(tenant.clone(), id));
        let Some(stored) = stored else {
            return Ok(false);
        };
        if stored.is_open() {
            stored.ended_at = Some(at);
            inner.authors.push(self.1.clone());
        }
        Ok(true)
    }

    async fn groups(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Group>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let after = after.and_then(GroupId::parse);
        let open = inner.groups.groups.values().filter(|group| group.is_open());
        let own = open.filter(|group| group.tenant == *tenant);
        let rest = own.filter(|group| after.is_none_or(|after| group.id > after));
        Ok(page(rest.cloned(), limit.into(), |group: &Group| {
            group.id.to_string()
        }))
    }
}

impl KeepMembers for FakeAccounts {
    async fn add_member(
        &self,
        (tenant, person): Reader<'_>,
        group: GroupId,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let is_open = inner.groups.open((tenant, group)).is_some();
        let member = (tenant.clone(), group, person.clone());
        if is_open && inner.groups.members.insert(member) {
            inner.authors.push(self.1.clone());
        }
        Ok(is_open)
    }

    async fn remove_member(
        &self,
        (tenant, person): Reader<'_>,
        group: GroupId,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let member = (tenant.clone(), group, person.clone());
        if inner.groups.members.remove(&member) {
            inner.authors.push(self.1.clone());
        }
        Ok(())
    }

    async fn members(
        &self,
        (tenant, id): GroupOf<'_>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Listed<CustomerId>, StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let members = inner.groups.members.iter();
        let own = members.filter(|(shop, group, _)| (shop, *group) == (tenant, id));
        let own = own.map(|(.., who)| who.clone());
        let rest = own.filter(|it| after.is_none_or(|after| it.as_str() > after));
        Ok(page(rest, limit.into(), ToString::to_string))
    }
}

impl ForgetMemberships for FakeAccounts {
    async fn forget_memberships(&self, (tenant, person): Reader<'_>) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        let members = &mut inner.groups.members;
        members.retain(|(shop, _, who)| (shop, who) != (tenant, person));
        Ok(())
    }
}

impl NoteAnnouncements for FakeAccounts {
    async fn note_announcement(&self, said: &Announcement) -> Result<(), StoreError> {
        let mut inner = lock(&self.0);
        inner.called()?;
        if inner.groups.said.iter().all(|it| it.id != said.id) {
            inner.groups.said.push(said.clone());
            inner.authors.push(self.1.clone());
        }
        Ok(())
    }
}
