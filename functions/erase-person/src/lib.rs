//! Takes a person out of everything that the shop has to keep, after their account was erased.
//!
//! | | |
//! |---|---|
//! | trigger | queue of `account.erased` |
//! | reads | orders of the account; the inbox of `notify`; marks of the audit log; API keys |
//! | writes | orders, payments, shipments (blank), contacts, notifications and the wish to hear of courses (removed; the history in PostgreSQL follows by `keep-history`), audit entries (personal values removed), API keys (taken back), memberships of groups (removed) |
//! | emits | – |
//! | fails with | Conflict (an order is under way, something of it was not heard yet, or a token of theirs may still be good), BadInput, Unavailable; the message goes back to the queue |
//! | safe to repeat because | every write takes something out and is conditional on what was read; an order is blank last, so whatever is not is gone through again |

mod order;

use audit::{KeepChains, Personal, Record};
use contracts::edge::EdgeError;
use contracts::errors::ErrorName;
use contracts::events::{Envelope, EventType};
use domain::ports::{
    ChangeError, ForgetContacts, ForgetMemberships, ForgetNotifications, Inbox, KeepApiKeys,
    KeepSubscribers, ListOrders, Load, ReadOrders, Save, SaveError, StoreError,
};
use domain::{CustomerId, InvalidId, Order, OrderRejection, Payment, Shipment, TenantId};
use jiff::{SignedDuration, Timestamp};
use lambda_boot::{ConfigError, Env};

/// How long after the erasure an order may still be placed or cancelled, and be missing in the list
/// of the person's orders: an access token is good for ten minutes, and an index lags behind. Nothing
/// is blank before, or what they do then would stay.
pub const SETTLES: SignedDuration = SignedDuration::from_mins(15);
/// Orders of one read.
const PAGE: u8 = 100;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts table.
    pub accounts: String,
    /// The audit table.
    pub audit: String,
    /// The orders table.
    pub orders: String,
    /// The payments table.
    pub payments: String,
    /// The realtime table.
    pub realtime: String,
    /// The shipping table.
    pub shipping: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let accounts = read.text("ACCOUNTS_TABLE");
        let audit = read.text("AUDIT_TABLE");
        let orders = read.text("ORDERS_TABLE");
        let payments = read.text("PAYMENTS_TABLE");
        let realtime = read.text("REALTIME_TABLE");
        let shipping = read.text("SHIPPING_TABLE");
        read.finish(|| {
            Some(Self {
                accounts: accounts?,
                audit: audit?,
                orders: orders?,
                payments: payments?,
                realtime: realtime?,
                shipping: shipping?,
            })
        })
    }
}

/// Everything that is kept of a person beside their account.
#[derive(Clone, Debug)]
pub struct Stores<O, P, S, R, A, K> {
    /// Orders.
    pub orders: O,
    /// Payments.
    pub payments: P,
    /// Shipments.
    pub shipments: S,
    /// Contacts, what `notify` heard, and what people were told.
    pub realtime: R,
    /// The audit log.
    pub audit: A,
    /// API keys, and which groups people belong to.
    pub keys: K,
}

/// What the function needs of the orders.
pub trait Orders: Load<Order> + Save<Order> + ListOrders + ReadOrders {}
impl<S: Load<Order> + Save<Order> + ListOrders + ReadOrders> Orders for S {}

/// What the function needs of the realtime table.
pub trait Told: ForgetContacts + ForgetNotifications + Inbox + KeepSubscribers {}
impl<S: ForgetContacts + ForgetNotifications + Inbox + KeepSubscribers> Told for S {}

/// Why the message goes back.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The event says of nobody that they were erased.
    #[error("the event names no account of a shop")]
    Nobody,
    /// The account is no id of ours.
    #[error("the event names no account of a shop")]
    Id(#[from] InvalidId),
    /// There is something left that will be possible later.
    #[error("{0} orders are under way, or not everything of them was heard")]
    Waits(usize),
    /// What happened to the account was not heard by the audit log yet.
    #[error("the audit log has not heard everything of the account")]
    Unheard,
    /// The person may still do something.
    #[error("an access token of theirs may still be good")]
    Early,
    /// What was to be blank is not.
    #[error(transparent)]
    Change(#[from] ChangeError<OrderRejection>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EdgeError for EraseError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Nobody | Self::Id(_) => ErrorName::BadInput,
            Self::Waits(_) | Self::Unheard | Self::Early => ErrorName::Conflict,
            Self::Change(error) => error.name(),
            Self::Store(error) => error.name(),
        }
    }
}

impl<O, P, S, R, A, K> Stores<O, P, S, R, A, K>
where
    O: Orders,
    P: Load<Payment> + Save<Payment>,
    S: Load<Shipment> + Save<Shipment>,
    R: Told,
    A: KeepChains<Error = StoreError>,
    K: KeepApiKeys + ForgetMemberships,
{
    /// Takes the person out of everything that can be blank by now.
    ///
    /// # Errors
    /// [`EraseError`]; what is left is done when the message comes again.
    pub async fn handle(&self, event: &Envelope, now: Timestamp) -> Result<(), EraseError> {
        if event.event_type != EventType::AccountErased.as_str() {
            return Ok(());
        }
        let tenant = event.tenant.as_deref().ok_or(EraseError::Nobody)?;
        let person = (TenantId::parse(tenant)?, CustomerId::parse(&event.subject)?);
        self.take_keys_back(&person, now).await?;
        let settled = event.time.checked_add(SETTLES);
        if settled.is_ok_and(|settled| now < settled) {
            return Err(EraseError::Early);
        }
        // Closed for good: what is heard of later orders is told nobody.
        let list = (&person.0, &person.1);
        self.realtime.forget_notifications(list).await?;
        self.realtime.unsubscribe(list).await?;
        self.keys.forget_memberships(list).await?;
        let left = self.blank_orders(&person).await?;
        let object = event.group();
        let heard = self.blank_entries(&person.1, &object, event.sequence);
        let heard = heard.await?;
        match (left, heard) {
            (1.., _) => Err(EraseError::Waits(left)),
            (_, false) => Err(EraseError::Unheard),
            _ => Ok(()),
        }
    }

    /// Who made a key may know it.
    async fn take_keys_back(
        &self,
        (tenant, person): &(TenantId, CustomerId),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let keys = self.keys.api_keys(tenant).await?.into_iter();
        for mut key in keys.filter(|key| key.created_by == *person) {
            key.revoke(now);
            match self.keys.save_api_key(key).await {
                // Nothing else is ever changed of a key.
                Ok(_) | Err(SaveError::Conflict(_)) => {}
                Err(SaveError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// How many orders are left.
    async fn blank_orders(
        &self,
        (tenant, person): &(TenantId, CustomerId),
    ) -> Result<usize, EraseError> {
        let (mut left, mut after) = (0, None);
        loop {
            let owner = (tenant, person);
            let page = self.orders.of_customer(owner, after.as_deref(), PAGE);
            let page = page.await?;
            for order in self.orders.orders(&page.ids).await? {
                if !order.is_blank() && !self.blank_order(person, &order).await? {
                    left += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(left);
            }
        }
    }

    /// Whether the log has heard everything of an object up to a sequence; what it has heard does not
    /// say any more that it was the person who did it, nor from where.
    async fn blank_entries(
        &self,
        person: &CustomerId,
        object: &str,
        last: u32,
    ) -> Result<bool, StoreError> {
        let mut heard = true;
        for sequence in 1..=last {
            let message = format!("{object}/{sequence}");
            heard &= self.blank_entry(person, &message).await?;
        }
        Ok(heard)
    }

    /// Whether the log has an entry of this message.
    async fn blank_entry(&self, person: &CustomerId, message: &str) -> Result<bool, StoreError> {
        let Some((shard, position)) = self.audit.place_of(message).await? else {
            return Ok(false);
        };
        let entries = self.audit.entries(shard, position, 1).await?;
        let mut entries = entries.iter().flatten();
        if entries.any(|entry| is_by(&entry.record, person)) {
            self.audit.erase(shard, position).await?;
        }
        Ok(true)
    }
}

/// What somebody else did stays theirs.
fn is_by(record: &Record, person: &CustomerId) -> bool {
    let subject = record.actor.subject.as_ref();
    subject.and_then(Personal::value) == Some(person.as_str())
}

#[cfg(test)]
mod tests;
