//! Groups, in the table of accounts: who belongs to what is about people, and its stream tells the audit
//! log. What somebody belongs to and the row that lists them change in one transaction; what somebody
//! belongs to is what counts.

use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, TransactWriteItem, Update,
};
use domain::ports::{
    Cause, ForgetMemberships, GroupError, GroupOf, KeepGroups, KeepMembers, Listed,
    NoteAnnouncements, ReadGroups, Reader, StoreError,
};
use domain::{Announcement, CustomerId, Group, GroupId, TenantId};
use jiff::Timestamp;

use crate::accounts::{is_refused, read};
use crate::answer::{broken, classify};
use crate::batch::{BATCH, KeyMap};
use crate::item::group::{
    Belongs, Change, GROUPS, decode_group, decode_ids, decode_memberships, encode_group,
    encode_memberships, encode_said,
};
use crate::item::subscribers::MEMBERS;
use crate::key::Key;
use crate::rows::row_of;
use crate::schema::{ENTITY, PK};
use crate::table::{Accounts, CAPACITY, PutError, Table, number, text};

/// How often a change is made anew because somebody else changed the same person meanwhile.
const MAX_ROUNDS: u32 = 5;

impl ReadGroups for Table<Accounts> {
    async fn group(&self, (tenant, id): GroupOf<'_>) -> Result<Option<Group>, StoreError> {
        let stored = self.stored_group((tenant, id)).await?;
        Ok(stored.filter(Group::is_open))
    }

    async fn groups_of(&self, person: Reader<'_>) -> Result<Vec<Group>, StoreError> {
        let belongs = self.memberships(person).await?;
        self.open_groups(person.0, belongs.groups).await
    }

    async fn group_ids_of(&self, person: Reader<'_>) -> Result<Vec<GroupId>, StoreError> {
        let belongs = self.memberships(person).await?;
        Ok(belongs.groups.into_iter().collect())
    }

    async fn is_member(&self, person: Reader<'_>, group: GroupId) -> Result<bool, StoreError> {
        if !self.memberships(person).await?.groups.contains(&group) {
            return Ok(false);
        }
        Ok(self.group((person.0, group)).await?.is_some())
    }
}

impl KeepGroups for Table<Accounts> {
    async fn create_group(&self, group: &Group) -> Result<(), GroupError> {
        let image = encode_group(group).map_err(|error| broken(&error))?;
        let most = "attribute_not_exists(ids) OR size(ids) < :most";
        let ids = self
            .set_change(
                &Key::Groups(group.tenant.clone()),
                GROUPS,
                ("ADD ids", &group.id.to_string()),
            )
            .condition_expression(most)
            .expression_attribute_values(":most", number(Group::MOST));
        let writes = vec![self.writing(self.signed(image)?, 0)?, update(ids)?];
        let made = self
            .settle(writes, (&group.id.reader(), None), creation)
            .await;
        if made != Err(GroupError::Taken) {
            return made;
        }
        // The answer to an earlier request for the same may have been lost.
        let stored = self.group((&group.tenant, group.id)).await?;
        match stored.is_some_and(|stored| stored.name == group.name) {
            true => Ok(()),
            false => Err(GroupError::Taken),
        }
    }

    async fn end_group(&self, group: GroupOf<'_>, at: Timestamp) -> Result<bool, StoreError> {
        let (tenant, id) = group;
        let stored = match self.stored_group(group).await? {
            None => return Ok(false),
            Some(ended) if !ended.is_open() => return Ok(true),
            Some(open) => open,
        };
        let ended = Group {
            ended_at: Some(at),
            ..stored
        };
        let image = encode_group(&ended).map_err(|error| broken(&error))?;
        let ids = self.set_change(
            &Key::Groups(tenant.clone()),
            GROUPS,
            ("DELETE ids", &id.to_string()),
        );
        let writes = vec![self.writing(self.signed(image)?, 1)?, update(ids)?];
        match self.settle(writes, (&id.reader(), None), changed).await {
            // Nothing else ever becomes of a group.
            Ok(()) | Err(Unmade::Changed | Unmade::NoGroup) => Ok(true),
            Err(Unmade::Store(error)) => Err(error),
        }
    }

    async fn groups(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Group>, StoreError> {
        let row = self.get(&Key::Groups(tenant.clone())).await?;
        let ids = read(row, decode_ids)?.unwrap_or_default();
        let after = after.and_then(GroupId::parse);
        let mut rest = ids
            .into_iter()
            .filter(|id| after.is_none_or(|after| *id > after));
        let page: Vec<GroupId> = rest.by_ref().take(limit.max(1).into()).collect();
        let next = rest.next().and(page.last()).map(ToString::to_string);
        let items = self.open_groups(tenant, page).await?;
        Ok(Listed { items, next })
    }
}

impl KeepMembers for Table<Accounts> {
    async fn add_member(
        &self,
        person: Reader<'_>,
        group: GroupId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let joins = true;
        self.change_member(person, Change { group, joins, at })
            .await
    }

    async fn remove_member(
        &self,
        person: Reader<'_>,
        group: GroupId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let joins = false;
        self.change_member(person, Change { group, joins, at })
            .await
            .map(drop)
    }

    async fn members(
        &self,
        (tenant, id): GroupOf<'_>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Listed<CustomerId>, StoreError> {
        let key = |row| Key::Members(tenant.clone(), id, row);
        self.page_of_people((key, MEMBERS), after, limit).await
    }
}

impl ForgetMemberships for Table<Accounts> {
    /// The rows that list them first: while it is known what they belong to, all of this is done again.
    async fn forget_memberships(&self, person: Reader<'_>) -> Result<(), StoreError> {
        let (tenant, customer) = person;
        for group in self.memberships(person).await?.groups {
            let row = Key::Members(tenant.clone(), group, row_of(customer));
            let taken_out = self
                .update(&row, MEMBERS)
                .update_expression("SET #entity = :entity DELETE who :one")
                .expression_attribute_values(":one", one(customer.as_str()));
            taken_out.send().await.map_err(classify)?;
        }
        let memberships = Key::Memberships(tenant.clone(), customer.clone());
        self.client
            .delete_item()
            .table_name(&self.name)
            .return_consumed_capacity(CAPACITY)
            .key(PK, text(memberships.pk()))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}

impl NoteAnnouncements for Table<Accounts> {
    async fn note_announcement(&self, said: &Announcement) -> Result<(), StoreError> {
        let image = encode_said(said).map_err(|error| broken(&error))?;
        match self.put(image, 0).await {
            Ok(()) | Err(PutError::Refused(_)) => Ok(()),
            Err(PutError::Store(error)) => Err(error),
        }
    }
}

/// Why a transaction was not made.
enum Unmade {
    /// Somebody else changed the same meanwhile.
    Changed,
    /// There is no such group, or none any more.
    NoGroup,
    Store(StoreError),
}

impl From<StoreError> for Unmade {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Table<Accounts> {
    async fn stored_group(&self, (tenant, id): GroupOf<'_>) -> Result<Option<Group>, StoreError> {
        let image = self.get(&Key::Group(tenant.clone(), id)).await?;
        read(image, decode_group)
    }

    async fn memberships(&self, (tenant, person): Reader<'_>) -> Result<Belongs, StoreError> {
        let key = Key::Memberships(tenant.clone(), person.clone());
        let found = read(self.get(&key).await?, decode_memberships)?;
        Ok(found.unwrap_or_default())
    }

    /// Those of these that have not ended, in the order of their ids.
    async fn open_groups(
        &self,
        tenant: &TenantId,
        ids: impl IntoIterator<Item = GroupId>,
    ) -> Result<Vec<Group>, StoreError> {
        let key = |id| KeyMap::from([(PK.to_owned(), text(Key::Group(tenant.clone(), id).pk()))]);
        let keys: Vec<KeyMap> = ids.into_iter().map(key).collect();
        let mut groups = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let images = self.batch_now(keys).await?.into_iter();
            let found: Result<Vec<Group>, _> = images.map(decode_group).collect();
            groups.extend(found.map_err(|error| broken(&error))?);
        }
        groups.retain(Group::is_open);
        groups.sort_by_key(|group| group.id);
        Ok(groups)
    }

    /// Answers whether there is such a group.
    async fn change_member(&self, person: Reader<'_>, change: Change) -> Result<bool, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let before = self.memberships(person).await?;
            if before.groups.contains(&change.group) == change.joins {
                return Ok(self.group((person.0, change.group)).await?.is_some());
            }
            let writes = self.membership_writes(person, &before, change)?;
            match self.settle(writes, (person.1, None), changed).await {
                Ok(()) => return Ok(true),
                Err(Unmade::NoGroup) => return Ok(false),
                Err(Unmade::Changed) => {}
                Err(Unmade::Store(error)) => return Err(error),
            }
        }
        let cause = Cause(format!("changed by others {MAX_ROUNDS} times"));
        Err(StoreError::Unavailable(cause))
    }

    /// What somebody belongs to, the row that lists them, and for who joins a look at the group: nobody
    /// joins one that has ended.
    fn membership_writes(
        &self,
        person: Reader<'_>,
        before: &Belongs,
        change: Change,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (tenant, customer) = person;
        let image = encode_memberships(person, before, change).map_err(|error| broken(&error))?;
        let key = Key::Members(tenant.clone(), change.group, row_of(customer));
        let verb = if change.joins {
            "ADD who"
        } else {
            "DELETE who"
        };
        let row = self.set_change(&key, MEMBERS, (verb, customer.as_str()));
        let mut writes = vec![
            self.writing(self.signed(image)?, before.version)?,
            update(row)?,
        ];
        if change.joins {
            let group = Key::Group(tenant.clone(), change.group);
            writes.push(self.is_open(&group)?);
        }
        Ok(writes)
    }

    fn is_open(&self, group: &Key) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .key(PK, text(group.pk()))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(ended_at)")
            .build()
            .map_err(|error| broken(&error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Adds one text to a set of an item, or takes it out.
    fn set_change(
        &self,
        key: &Key,
        entity: &str,
        (change, what): (&str, &str),
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .key(PK, text(key.pk()))
            .update_expression(format!("SET #entity = :entity {change} :one"))
            .expression_attribute_names("#entity", ENTITY)
            .expression_attribute_values(":entity", text(entity))
            .expression_attribute_values(":one", one(what))
    }
}

fn update(
    update: aws_sdk_dynamodb::types::builders::UpdateBuilder,
) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| broken(&error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn one(what: &str) -> AttributeValue {
    AttributeValue::Ss(vec![what.to_owned()])
}

/// The first write is the group's, the second that of the shop's ids.
fn creation(reasons: &[CancellationReason]) -> Option<GroupError> {
    let full = is_refused(reasons, 1).then_some(GroupError::TooMany);
    is_refused(reasons, 0).then_some(GroupError::Taken).or(full)
}

/// The first write is of what changes, the third looks at the group.
fn changed(reasons: &[CancellationReason]) -> Option<Unmade> {
    let gone = is_refused(reasons, 2).then_some(Unmade::NoGroup);
    gone.or(is_refused(reasons, 0).then_some(Unmade::Changed))
}
