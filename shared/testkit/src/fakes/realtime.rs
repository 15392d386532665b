//! Contacts, inboxes, deliveries, lists of notifications, tickets and sockets.

mod lists;
mod presence;
mod sendings;
mod subscribers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::ports::{
    Cause, CountDeliveries, Delivery, DeliveryOutcome, ForgetContacts, Inbox, KeepContacts,
    ListGaps, ReadDeliveries, SaveError, StoreError,
};
use domain::{Contact, CustomerId, OrderId, Sequence, Taken, TenantId};
use jiff::Timestamp;

use self::lists::Lists;
use self::presence::Presence;
use self::sendings::Sendings;
use super::inbox::Inboxes;
use super::{Fault, unavailable};
use crate::lock;

/// The realtime table.
#[derive(Clone, Debug, Default)]
pub struct FakeRealtime(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    contacts: BTreeMap<OrderId, Contact>,
    inboxes: Inboxes,
    deliveries: BTreeMap<String, Tries>,
    lists: Lists,
    sendings: Sendings,
    subscribers: BTreeSet<(TenantId, CustomerId)>,
    presence: Presence,
    faults: VecDeque<Option<Fault>>,
}

#[derive(Clone, Debug, Default)]
struct Tries {
    open: u32,
    sent: bool,
    refused: Option<String>,
}

impl FakeRealtime {
    /// Keeps a contact that a test begins with.
    #[must_use]
    pub fn with_contact(self, order_id: OrderId, email: &str) -> Self {
        let email = email.to_owned();
        self.lock().contacts.insert(order_id, Contact { email });
        self
    }

    /// The last sequence applied of an aggregate.
    pub fn applied_of(&self, aggregate: &str) -> Sequence {
        self.lock().inboxes.taken(aggregate).applied
    }

    /// Lets the next write go wrong; several queue up. A conflict counts for
    /// inboxes, lists and sendings only.
    pub fn fail_next_write(&self, fault: Fault) {
        self.fail_write_after(0, fault);
    }

    /// Lets a write go wrong after so many that do not.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        self.lock().faults.extend(good.chain([Some(fault)]));
    }

    /// Whether the next write meets somebody who was faster.
    fn is_beaten(&self) -> bool {
        self.lock().faults.front() == Some(&Some(Fault::Conflict))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    /// One write, around which a fault may strike.
    fn write<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> Result<T, StoreError> {
        let mut inner = self.lock();
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable()),
            Some(Fault::AppliedButError) => {
                change(&mut inner);
                Err(unavailable())
            }
            Some(Fault::Conflict) | None => Ok(change(&mut inner)),
        }
    }
}

impl KeepContacts for FakeRealtime {
    async fn put_contact(&self, order_id: OrderId, contact: &Contact) -> Result<(), StoreError> {
        self.write(|inner| {
            inner.contacts.insert(order_id, contact.clone());
        })
    }

    async fn contact(&self, order_id: OrderId) -> Result<Option<Contact>, StoreError> {
        Ok(self.lock().contacts.get(&order_id).cloned())
    }
}

impl ForgetContacts for FakeRealtime {
    async fn forget_contact(&self, order_id: OrderId) -> Result<(), StoreError> {
        self.write(|inner| {
            inner.contacts.remove(&order_id);
        })
    }
}

impl ReadDeliveries for FakeRealtime {
    async fn deliveries(
        &self,
        messages: &[String],
    ) -> Result<Vec<(String, DeliveryOutcome)>, StoreError> {
        let inner = self.lock();
        let told = |message: &String| {
            let tries = inner.deliveries.get(message)?;
            let outcome = match (&tries.refused, tries.sent, tries.open) {
                (Some(cause), _, _) => DeliveryOutcome::Refused(cause.clone()),
                (None, true, _) => DeliveryOutcome::Sent,
                (None, false, 2..) => DeliveryOutcome::Unknown,
                (None, false, _) => DeliveryOutcome::Open,
            };
            Some((message.clone(), outcome))
        };
        Ok(messages.iter().filter_map(told).collect())
    }
}

impl Inbox for FakeRealtime {
    async fn taken(&self, aggregate: &str) -> Result<Taken, StoreError> {
        Ok(self.lock().inboxes.taken(aggregate))
    }

    async fn save_taken(&self, aggregate: &str, taken: Taken) -> Result<Taken, SaveError<Taken>> {
        let beaten = self.is_beaten();
        self.write(|inner| match beaten {
            true => Err(SaveError::Conflict(None)),
            false => inner.inboxes.save(aggregate, taken),
        })?
    }
}

impl ListGaps for FakeRealtime {
    async fn gaps_due(&self, before: Timestamp, limit: u16) -> Result<Vec<String>, StoreError> {
        Ok(self.lock().inboxes.due(before, limit))
    }
}

impl CountDeliveries for FakeRealtime {
    async fn claim(&self, message: &str) -> Result<Delivery, StoreError> {
        self.write(|inner| {
            let tries = inner.deliveries.entry(message.to_owned()).or_default();
            match tries {
                Tries {
                    refused: Some(_), ..
                } => Delivery::Refused,
                Tries { sent: true, .. } => Delivery::Sent,
                Tries { open: 0, .. } => {
                    tries.open = 1;
                    Delivery::First
                }
                Tries { open: 1, .. } => {
                    tries.open = 2;
                    Delivery::Second
                }
                Tries { .. } => Delivery::GivenUp,
            }
        })
    }

    async fn sent(&self, message: &str) -> Result<(), StoreError> {
        self.write(|inner| {
            let tries = inner.deliveries.entry(message.to_owned()).or_default();
            tries.sent = true;
        })
    }

    async fn refused(&self, message: &str, cause: &Cause) -> Result<(), StoreError> {
        self.write(|inner| {
            let tries = inner.deliveries.entry(message.to_owned()).or_default();
            tries.refused = Some(cause.0.clone());
        })
    }

    async fn given_up(&self, message: &str) -> Result<(), StoreError> {
        self.write(|inner| {
            let tries = inner.deliveries.entry(message.to_owned()).or_default();
            tries.open = 2;
        })
    }

    async fn not_sent(&self, message: &str) -> Result<(), StoreError> {
        self.write(|inner| {
            let tries = inner.deliveries.entry(message.to_owned()).or_default();
            if !tries.sent {
                tries.open = tries.open.saturating_sub(1);
            }
        })
    }
}
