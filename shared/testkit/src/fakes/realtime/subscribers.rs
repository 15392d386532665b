//! Who wants to hear of new courses.

use domain::ports::{KeepSubscribers, ListSubscribers, Listed, Reader, StoreError};
use domain::{CustomerId, TenantId};

use super::FakeRealtime;

fn owned((shop, customer): Reader<'_>) -> (TenantId, CustomerId) {
    (shop.clone(), customer.clone())
}

impl KeepSubscribers for FakeRealtime {
    async fn subscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        self.write(|inner| {
            inner.subscribers.insert(owned(reader));
        })
    }

    async fn unsubscribe(&self, reader: Reader<'_>) -> Result<(), StoreError> {
        self.write(|inner| {
            inner.subscribers.remove(&owned(reader));
        })
    }

    async fn is_subscribed(&self, reader: Reader<'_>) -> Result<bool, StoreError> {
        Ok(self.lock().subscribers.contains(&owned(reader)))
    }
}

/// A place is the last of the page before.
impl ListSubscribers for FakeRealtime {
    async fn subscribers(
        &self,
        shop: &TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Listed<CustomerId>, StoreError> {
        let inner = self.lock();
        let own = inner.subscribers.iter().filter(|(owner, _)| owner == shop);
        let own = own.map(|(_, customer)| customer.clone());
        let mut rest = own.filter(|it| after.is_none_or(|after| it.as_str() > after));
        let items: Vec<_> = rest.by_ref().take(limit.max(1).into()).collect();
        let next = rest.next().and(items.last()).map(ToString::to_string);
        Ok(Listed { items, next })
    }
}
