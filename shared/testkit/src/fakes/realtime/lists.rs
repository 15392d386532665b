//! Lists of notifications in memory.

use std::collections::BTreeMap;

use domain::ports::{
    ForgetNotifications, Heard, KeepChoices, KeepError, KeepNotifications, ListNews, ListsPage,
    MarkRead, ReadNotifications, Reader, StoreError, WalkLists,
};
use domain::{
    Channel, Choices, CustomerId, Notification, NotificationKind, NotificationList, Reach, TenantId,
};

use super::FakeRealtime;
use crate::invariants;

/// Lists by their reader.
#[derive(Debug, Default)]
pub(super) struct Lists {
    lists: BTreeMap<Whose, List>,
    /// Where each event is.
    told: BTreeMap<String, u64>,
}

type Whose = (TenantId, CustomerId);

#[derive(Debug, Default)]
struct List {
    known: NotificationList,
    heard: u32,
    entries: BTreeMap<u64, Notification>,
}

fn whose((tenant, customer): Reader<'_>) -> Whose {
    (tenant.clone(), customer.clone())
}

impl Lists {
    fn known(&self, reader: Reader<'_>) -> NotificationList {
        let list = self.lists.get(&whose(reader));
        list.map(|list| list.known.clone()).unwrap_or_default()
    }

    /// The list, if it is open.
    fn open(&mut self, reader: Reader<'_>) -> Option<&mut List> {
        let list = self.lists.entry(whose(reader)).or_default();
        (!list.known.closed).then_some(list)
    }

    fn remove(&mut self, reader: Reader<'_>, number: u64) {
        if let Some(list) = self.lists.get_mut(&whose(reader)) {
            list.entries.remove(&number);
        }
    }

    fn keep(
        &mut self,
        reader: Reader<'_>,
        notification: Notification,
    ) -> Result<Notification, KeepError> {
        let id = notification.notice.id.clone();
        if let Some(number) = self.told.get(&id).copied() {
            let list = self.lists.get(&whose(reader));
            let first = list.and_then(|list| list.entries.get(&number).cloned());
            return Ok(first.unwrap_or(Notification {
                number,
                ..notification
            }));
        }
        let number = notification.number;
        let list = self.open(reader).ok_or(KeepError::Moved)?;
        if list.known.last + 1 != number {
            return Err(KeepError::Moved);
        }
        list.known.last = number;
        list.entries.insert(number, notification.clone());
        self.told.insert(id, number);
        Ok(notification)
    }
}

impl FakeRealtime {
    /// Everything in somebody's list, in order.
    pub fn told_to(&self, tenant: &TenantId, customer: &CustomerId) -> Vec<Notification> {
        let inner = self.lock();
        let list = inner.lists.lists.get(&whose((tenant, customer)));
        list.map(|list| list.entries.values().cloned().collect())
            .unwrap_or_default()
    }

    /// All lists.
    pub fn lists(&self) -> BTreeMap<Whose, invariants::List> {
        let inner = self.lock();
        let list = |list: &List| invariants::List {
            closed: list.known.closed,
            entries: list.entries.values().cloned().collect(),
        };
        let lists = inner.lists.lists.iter();
        lists.map(|(whose, it)| (whose.clone(), list(it))).collect()
    }

    /// Removes one, as DynamoDB does some time after its end.
    pub fn expire(&self, reader: Reader<'_>, number: u64) {
        self.lock().lists.remove(reader, number);
    }
}

impl ReadNotifications for FakeRealtime {
    async fn list_of(&self, reader: Reader<'_>) -> Result<NotificationList, StoreError> {
        Ok(self.lock().lists.known(reader))
    }

    async fn notifications(
        &self,
        reader: Reader<'_>,
        from: u64,
        count: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let numbers: Vec<u64> = (from..).take(count.min(100)).collect();
        let inner = self.lock();
        let Some(list) = inner.lists.lists.get(&whose(reader)) else {
            return Ok(Vec::new());
        };
        let found = numbers.iter().filter_map(|it| list.entries.get(it));
        Ok(found.cloned().collect())
    }
}

impl KeepNotifications for FakeRealtime {
    async fn keep(
        &self,
        reader: Reader<'_>,
        notification: Notification,
    ) -> Result<Notification, KeepError> {
        let beaten = self.is_beaten();
        self.write(|inner| match beaten {
            true => Err(KeepError::Moved),
            false => inner.lists.keep(reader, notification),
        })?
    }

    async fn note_reach(
        &self,
        reader: Reader<'_>,
        reach: &Reach,
        version: u32,
    ) -> Result<(), StoreError> {
        self.write(|inner| {
            if let Some(list) = inner.lists.open(reader).filter(|it| it.heard < version) {
                list.known.reach = reach.clone();
                list.heard = version;
            }
        })
    }
}

impl MarkRead for FakeRealtime {
    async fn mark_read(&self, reader: Reader<'_>, numbers: &[u64]) -> Result<Vec<u64>, StoreError> {
        self.write(|inner| {
            let Some(list) = inner.lists.open(reader) else {
                return numbers.to_vec();
            };
            let mut missing = Vec::new();
            for number in numbers {
                match list.entries.get_mut(number) {
                    Some(it) => it.read = true,
                    None => missing.push(*number),
                }
            }
            missing
        })
    }

    async fn mark_read_up_to(&self, reader: Reader<'_>, number: u64) -> Result<(), StoreError> {
        self.write(|inner| {
            let list = inner.lists.open(reader);
            if let Some(list) = list.filter(|it| it.known.last >= number) {
                list.known.read_up_to = list.known.read_up_to.max(number);
            }
        })
    }
}

impl KeepChoices for FakeRealtime {
    async fn choose(
        &self,
        reader: Reader<'_>,
        channel: Channel,
        choices: &Choices,
    ) -> Result<(), StoreError> {
        self.write(|inner| {
            if let Some(list) = inner.lists.open(reader) {
                let chosen = match channel {
                    Channel::Email => &mut list.known.email,
                    Channel::Sms => &mut list.known.sms,
                };
                *chosen = chosen.clone().and(choices);
            }
        })
    }

    async fn switch_off(
        &self,
        reader: Reader<'_>,
        kind: NotificationKind,
    ) -> Result<(), StoreError> {
        self.write(|inner| {
            if let Some(list) = inner.lists.open(reader) {
                list.known.email = list.known.email.clone().with(kind, false);
            }
        })
    }
}

impl ForgetNotifications for FakeRealtime {
    /// A write for the list, and one for each that is in it, the oldest first: each may go wrong.
    async fn forget_notifications(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        let left = self.write(|inner| {
            let list = inner.lists.lists.entry(whose(reader)).or_default();
            list.known = NotificationList {
                last: list.known.last,
                closed: true,
                ..NotificationList::default()
            };
            list.entries.keys().copied().collect::<Vec<_>>()
        })?;
        for number in left {
            self.write(|inner| inner.lists.remove(reader, number))?;
        }
        Ok(())
    }
}

/// A page for each list.
impl WalkLists for FakeRealtime {
    async fn all_lists(&self, from: Option<&str>) -> Result<ListsPage, StoreError> {
        let place = |(tenant, reader): &Whose| format!("{tenant}/{reader}");
        let inner = self.lock();
        let mut lists = inner.lists.lists.iter();
        let next = lists.find(|(whose, _)| from.is_none_or(|from| place(whose).as_str() > from));
        let Some((whose, list)) = next else {
            return Ok(ListsPage::default());
        };
        let heard = |news| Heard {
            tenant: whose.0.clone(),
            reader: whose.1.clone(),
            news,
        };
        let told = list.entries.values().cloned().map(ListNews::Told);
        let closed = list.known.closed.then_some(ListNews::Closed);
        Ok(ListsPage {
            heard: told.chain(closed).map(heard).collect(),
            unreadable: 0,
            next: Some(place(whose)),
        })
    }
}
