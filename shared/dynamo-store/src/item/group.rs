//! Items of groups: the group, `GROUP#<tenant>#<uuid>`; the ids of a shop's groups, `GROUPS#<tenant>`;
//! what somebody belongs to, `MEMBERSHIPS#<tenant>#<customer>`; and that something was said,
//! `SAID#<uuid>`. All but the ids say for the audit log what was done last.

use std::collections::BTreeSet;

use domain::ports::Reader;
use domain::{Announcement, CustomerId, Group, GroupId, TenantId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::note::NoteItem;
use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const GROUP: &str = "group";
/// Entity of the ids of a shop's groups.
pub(crate) const GROUPS: &str = "groups";
/// Entity of what somebody belongs to.
pub(crate) const MEMBERSHIPS: &str = "memberships";
const SAID: &str = "announcement";
/// For how long it is kept that something was said: as long as what was said is in a list.
const SAID_KEPT: SignedDuration = domain::Notification::KEPT;

#[derive(Serialize, Deserialize)]
struct GroupItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    name: String,
    created_at: Nanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Nanos>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<NoteItem>,
    #[serde(default)]
    news: bool,
}

/// A group is written twice at most: when it is made, and when it ends.
pub(crate) fn encode_group(group: &Group) -> Result<Image, ItemError> {
    let (version, action, at) = match group.ended_at {
        None => (1, "group.created", group.created_at),
        Some(at) => (2, "group.ended", at),
    };
    write(GroupItem {
        pk: Key::Group(group.tenant.clone(), group.id).pk(),
        entity: GROUP.to_owned(),
        version,
        tenant: group.tenant.to_string(),
        name: group.name.clone(),
        created_at: Nanos(group.created_at),
        ended_at: group.ended_at.map(Nanos),
        note: Some(NoteItem::new(version, at, action, object(group.id))),
        news: true,
    })
}

pub(crate) fn decode_group(image: Image) -> Result<Group, ItemError> {
    let item: GroupItem = read(image)?;
    expect_entity(&item.entity, GROUP)?;
    let Key::Group(_, id) = Key::parse(&item.pk).map_err(ItemError::of("pk"))? else {
        return Err(ItemError::of("pk")("the key names no group"));
    };
    Ok(Group {
        id,
        tenant: read_tenant(&item.tenant)?,
        name: item.name,
        created_at: item.created_at.0,
        ended_at: item.ended_at.map(|at| at.0),
    })
}

/// What `group` is called in the audit log.
fn object(group: GroupId) -> String {
    format!("group/{group}")
}

/// The attributes of the ids are changed one by one; there are none where no group is left.
#[derive(Debug, Default, Deserialize)]
struct GroupsItem {
    #[serde(default)]
    ids: BTreeSet<String>,
}

pub(crate) fn decode_ids(image: Image) -> Result<BTreeSet<GroupId>, ItemError> {
    let item: GroupsItem = read(image)?;
    ids(&item.ids)
}

fn ids<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<BTreeSet<GroupId>, ItemError> {
    let id = |text: &String| GroupId::parse(text).ok_or_else(|| ItemError::of("ids")("no group"));
    texts.into_iter().map(id).collect()
}

/// What somebody belongs to, ended groups among it, and how often that was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Belongs {
    pub(crate) groups: BTreeSet<GroupId>,
    pub(crate) version: u64,
}

#[derive(Serialize, Deserialize)]
struct MembershipsItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<NoteItem>,
    #[serde(default)]
    news: bool,
}

/// What changed of what somebody belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) group: GroupId,
    pub(crate) joins: bool,
    pub(crate) at: Timestamp,
}

/// The item of the next version, with the change in it.
pub(crate) fn encode_memberships(
    (tenant, person): Reader<'_>,
    before: &Belongs,
    change: Change,
) -> Result<Image, ItemError> {
    let mut groups = before.groups.clone();
    let action = match change.joins {
        true => {
            groups.insert(change.group);
            "group.member-added"
        }
        false => {
            groups.remove(&change.group);
            "group.member-removed"
        }
    };
    let version = before.version.saturating_add(1);
    let note = NoteItem::new(version, change.at, action, object(change.group));
    write(MembershipsItem {
        pk: Key::Memberships(tenant.clone(), person.clone()).pk(),
        entity: MEMBERSHIPS.to_owned(),
        version,
        tenant: tenant.to_string(),
        groups: groups.iter().map(ToString::to_string).collect(),
        note: Some(note),
        news: true,
    })
}

pub(crate) fn decode_memberships(image: Image) -> Result<Belongs, ItemError> {
    let item: MembershipsItem = read(image)?;
    expect_entity(&item.entity, MEMBERSHIPS)?;
    Ok(Belongs {
        groups: ids(&item.groups)?,
        version: item.version,
    })
}

/// Who does not belong any more to groups that they belonged to.
pub(crate) fn left(
    old: Image,
    new: Image,
) -> Result<((TenantId, CustomerId), Vec<GroupId>), ItemError> {
    let item: MembershipsItem = read(new.clone())?;
    let Key::Memberships(tenant, person) = Key::parse(&item.pk).map_err(ItemError::of("pk"))?
    else {
        return Err(ItemError::of("pk")("the key names nobody"));
    };
    let (before, after) = (decode_memberships(old)?, decode_memberships(new)?);
    let left = before.groups.difference(&after.groups).copied().collect();
    Ok(((tenant, person), left))
}

#[derive(Serialize)]
struct SaidItem {
    pk: String,
    entity: &'static str,
    tenant: String,
    note: NoteItem,
    news: bool,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

pub(crate) fn encode_said(said: &Announcement) -> Result<Image, ItemError> {
    let (action, object) = match said.group {
        Some(group) => ("notification.broadcast", object(group)),
        None => ("notification.sent", format!("notification/{}", said.id)),
    };
    let end = said.at.checked_add(SAID_KEPT).unwrap_or(Timestamp::MAX);
    write(SaidItem {
        pk: Key::Said(said.id).pk(),
        entity: SAID,
        tenant: said.tenant.to_string(),
        note: NoteItem::new(1, said.at, action, object),
        news: true,
        expires: end.as_second(),
    })
}
