//! Which list is read by whom, and what is in it behind a place.

use contracts::sockets::ListName;
use domain::ports::{KeepAccounts, ReadGroups, ReadNotifications, Reader, StoreError};
use domain::{Account, CustomerId, Notification, NotificationList, Role, Topic};
use jiff::Timestamp;

/// Whose list it is that somebody names: their own, which it is without a name, or that of a group that they belong to, or, for those who
/// run the shop, that of any of its groups. Nothing where there is none for them.
///
/// # Errors
/// [`StoreError`].
pub async fn reader_for(
    groups: &impl ReadGroups,
    (person, runs_the_shop): (Reader<'_>, bool),
    asked: Option<&str>,
) -> Result<Option<CustomerId>, StoreError> {
    let list = asked.map_or(Some(ListName::Own), ListName::parse);
    let is_there = match list {
        None => false,
        Some(ListName::Own) => true,
        Some(ListName::Group(group)) if runs_the_shop => {
            groups.group((person.0, group)).await?.is_some()
        }
        Some(ListName::Group(group)) => groups.is_member(person, group).await?,
    };
    let list = list.filter(|_| is_there);
    Ok(list.map(|list| list.reader(person.1)))
}

/// Whether somebody may be told what a topic is told: of a group, who belongs to it; of the dashboard,
/// who ran the shop when they asked for their ticket, and does now, as far as there is an account that
/// says so.
///
/// # Errors
/// [`StoreError`].
pub async fn may_hear(
    accounts: &(impl ReadGroups + KeepAccounts),
    (person, ran_the_shop): (Reader<'_>, bool),
    topic: &Topic,
) -> Result<bool, StoreError> {
    match topic {
        Topic::Person(..) | Topic::Stock(_) => Ok(true),
        Topic::Group(_, group) => accounts.is_member(person, *group).await,
        Topic::Dashboard(_) if !ran_the_shop => Ok(false),
        Topic::Dashboard(_) => {
            let account = accounts.account(person.1).await?;
            let runs_it = |it: Account| it.is_active() && it.roles.contains(&Role::Admin);
            Ok(account.is_none_or(runs_it))
        }
    }
}

/// A list, and up to `limit` numbers of it behind a place, without what has ended by now.
///
/// # Errors
/// [`StoreError`].
pub async fn get_history(
    lists: &impl ReadNotifications,
    reader: Reader<'_>,
    (place, limit): (u64, u64),
    now: Timestamp,
) -> Result<(NotificationList, Vec<Notification>), StoreError> {
    // The list first: what is in it by then is there to be read.
    let known = lists.list_of(reader).await?;
    let last = place.saturating_add(limit).min(known.last);
    let count = usize::try_from(last.saturating_sub(place)).unwrap_or_default();
    let mut found = match count {
        0 => Vec::new(),
        count => {
            let from = place.saturating_add(1);
            lists.notifications(reader, from, count).await?
        }
    };
    found.retain(|it| now < it.expires_at());
    Ok((known, found))
}
