//! Those that follow accounts: the newest event says everything.

use audit::{Head, Record, Shard};
use breaker::Time;
use contracts::events::{Envelope, account_changed};
use domain::ports::{Inbox, KeepAccounts, ReadNotifications, StoreError};
use domain::{Account, CustomerId, DestinationName};
use erase_person::Stores;
use jiff::Timestamp;
use lambda_boot::queue::{self, BatchAnswer};
use profile_sync::Destination;
use serde_json::Value;
use testkit::FakeClock;
use testkit::build::{
    a_payment, a_shipment, an_account, an_audit_record, an_order, at, customer, order_id, tenant,
};
use testkit::fakes::{
    FakeAccounts, FakeBreakers, FakeChains, FakeCopies, FakeDestination, FakeOrders, FakePayments,
    FakeRealtime, FakeShipments, Fault,
};

use super::{AGGREGATES, Consumer};

fn name(number: u64) -> String {
    format!("user{number}")
}

/// What the account was at each of its first three writes.
fn history(number: u64) -> Vec<Account> {
    let mut account = an_account(&name(number));
    let mut all = Vec::new();
    for version in 1..=3 {
        if version > 1 {
            let mut profile = account.profile.clone();
            profile.name = format!("{} {version}", name(number));
            assert!(account.update(profile, at(version)));
        }
        account.version = version.unsigned_abs();
        all.push(account.clone());
    }
    all
}

pub(super) struct SyncProfile {
    accounts: FakeAccounts,
    copies: FakeCopies,
    service: FakeDestination,
    destinations: [Destination<FakeBreakers, FakeDestination>; 1],
    time: FakeClock,
}

impl Consumer for SyncProfile {
    const HOLDS: bool = false;

    async fn fresh() -> Self {
        let accounts = FakeAccounts::default();
        for number in AGGREGATES {
            for mut account in history(number) {
                account.version -= 1;
                match account.version {
                    0 => drop(accounts.register(account).await.unwrap()),
                    _ => drop(accounts.save_account(account).await.unwrap()),
                }
            }
        }
        let (service, crm) = (FakeDestination::default(), DestinationName::parse("crm"));
        let breakers = FakeBreakers::default();
        let crm = Destination::new(crm.unwrap(), 600, breakers, service.clone());
        Self {
            accounts,
            copies: FakeCopies::default(),
            service,
            destinations: [crm],
            time: FakeClock::default(),
        }
    }

    fn life(number: u64) -> Vec<Envelope> {
        history(number).iter().map(account_changed).collect()
    }

    async fn work(&self, batch: Value, now: Timestamp) -> BatchAnswer {
        self.time.advance(now.duration_since(Time::now(&self.time)));
        let handle = |event| {
            let (accounts, copies) = (&self.accounts, &self.copies);
            sync_profile::handle(accounts, copies, &self.destinations, event, &self.time)
        };
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    /// What the service has.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let took = self.service.took(&customer(&name(number)));
        assert!(took.is_sorted(), "{took:?}");
        Ok(took.last().map(ToString::to_string).into_iter().collect())
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.copies.fail_write_after(after, fault);
    }
}

type Everything =
    Stores<FakeOrders, FakePayments, FakeShipments, FakeRealtime, FakeChains, FakeAccounts>;

pub(super) struct ErasePerson(Everything);

/// Whoever has the account.
fn person(number: u64) -> CustomerId {
    customer(&name(number))
}

async fn hear(chains: &FakeChains, object: &str, last: u32) {
    for sequence in 1..=last {
        let record = Record {
            object: object.to_owned(),
            ..an_audit_record(&format!("{object}/{sequence}"))
        };
        let head = Head::empty(Shard::of(object));
        let end = audit::last(chains, head).await.unwrap();
        audit::append(chains, end, &record).await.unwrap();
    }
}

impl Consumer for ErasePerson {
    const HOLDS: bool = false;

    /// Each has an account of which the audit log heard, and a parcel that is on its way.
    async fn fresh() -> Self {
        let mut stores = Stores {
            orders: FakeOrders::default(),
            payments: FakePayments::default(),
            shipments: FakeShipments::default(),
            realtime: FakeRealtime::default(),
            audit: FakeChains::default(),
            keys: FakeAccounts::default(),
        };
        for number in AGGREGATES {
            let id = order_id(number);
            let order = an_order().number(number).by(person(number)).confirmed();
            stores = Stores {
                orders: stores.orders.with(order),
                payments: stores.payments.with(a_payment().of(id).captured()),
                shipments: stores.shipments.with(a_shipment().of(id).created()),
                ..stores
            };
            hear(&stores.audit, &format!("account/{}", person(number)), 4).await;
            let object = format!("order/{id}");
            let last = stores.orders.get(id).unwrap().events.last_sequence();
            hear(&stores.audit, &object, last.0).await;
            let mut taken = stores.realtime.taken(&object).await.unwrap();
            taken.advance(at(0));
            stores.realtime.save_taken(&object, taken).await.unwrap();
        }
        Self(stores)
    }

    fn life(number: u64) -> Vec<Envelope> {
        let mut all = history(number);
        let mut erased = all.last().unwrap().clone();
        erased.erase(at(9)).unwrap();
        erased.version += 1;
        all.push(erased);
        all.iter().map(account_changed).collect()
    }

    async fn work(&self, batch: Value, now: Timestamp) -> BatchAnswer {
        let handle = |event: Envelope| async move { self.0.handle(&event, now).await };
        queue::answer(handle, batch).await.unwrap()
    }

    /// What is blank.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let (person, tenant) = (person(number), tenant());
        let list = self.0.realtime.list_of((&tenant, &person)).await?;
        let order = self.0.orders.get(order_id(number)).unwrap();
        let mut seen = Vec::new();
        if list.closed {
            seen.push("the list is closed".to_owned());
        }
        if order.is_blank() {
            seen.push("the order is blank".to_owned());
        }
        Ok(seen)
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        match after % 4 {
            0 => self.0.orders.fail_write_after(after / 4, fault),
            1 => self.0.payments.fail_write_after(after / 4, fault),
            2 => self.0.shipments.fail_write_after(after / 4, fault),
            _ => self.0.realtime.fail_write_after(after / 4, fault),
        }
    }
}
