//! The whole of one corner of the shop: its rows of all tables, both providers' books, and what
//! was published, put together for the invariants.

use std::collections::BTreeSet;
use std::time::Duration;

use analytics_db::AnalyticsDb;
use domain::ports::{KeepStock, ReadHistory, ReadNotifications, Reader};
use domain::{CustomerId, OrderId, Stock, TenantId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use testkit::invariants::{
    CarrierEntry, Heard, List, Message, Place, ProviderEntry, Reported, StockCount, World, Written,
    concerned,
};
use testkit::must;

use super::aws;
use super::chains;
use super::database;
use super::mails::mails;
use super::probe;
use super::shop::{Noted, Shop};
use super::stack::Stack;
use super::wait::within;

/// How long what follows an order's end may take: events, the last rounds of recovery, the audit
/// log, which tells of everybody's in turn.
const REST: Duration = Duration::from_secs(240);

/// More orders than this are a crowd.
const CROWD: usize = 200;

/// So many notifications are read at once.
const PAGE: usize = 100;

/// An entry of the payment provider's book.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    /// For which order.
    pub order_id: Option<String>,
    /// Minor units.
    pub authorised: i64,
    /// Minor units.
    pub captured: i64,
    /// Minor units.
    pub refunded: i64,
    /// Minor units still held.
    pub open: i64,
}

/// An entry of the carrier's book.
#[derive(Clone, Debug, Deserialize)]
pub struct ParcelEntry {
    /// For which order.
    pub order_id: Option<String>,
    /// `created`, `cancelled`, `shipped`, `delivered`.
    pub status: String,
    /// Whether it was ever more than a cancellation.
    pub was_created: bool,
}

async fn book<T: DeserializeOwned>(stack: &Stack, name: &str) -> Vec<T> {
    let url = format!("{}/book/{name}", stack.get("PROVIDERS_URL"));
    let answer = must(stack.http.get(url).send().await);
    must(answer.json().await)
}

fn of_order(text: Option<&String>) -> Option<OrderId> {
    text.and_then(|text| OrderId::parse(text).ok())
}

impl Shop {
    /// The payment provider's entries for one order.
    pub async fn intents(&self, order: OrderId) -> Vec<Intent> {
        let all: Vec<Intent> = book(&self.stack, "payments").await;
        let wanted = |entry: &Intent| of_order(entry.order_id.as_ref()) == Some(order);
        all.into_iter().filter(wanted).collect()
    }

    /// The carrier's entries for one order.
    pub async fn parcels(&self, order: OrderId) -> Vec<ParcelEntry> {
        let all: Vec<ParcelEntry> = book(&self.stack, "shipments").await;
        let wanted = |entry: &ParcelEntry| of_order(entry.order_id.as_ref()) == Some(order);
        all.into_iter().filter(wanted).collect()
    }

    /// The corner as it is now.
    pub async fn world(&self) -> World {
        let noted: Noted = self.noted().clone();
        let customers = format!("c-{}-", self.name());
        let mut ids: BTreeSet<OrderId> = noted.orders.iter().copied().collect();
        // Those of its own customers, asked for or not, and those of accounts.
        let mut orders = self.tables.orders_of(&customers).await;
        let known: BTreeSet<OrderId> = orders.iter().map(|order| order.facts.id).collect();
        orders.extend(self.tables.some_orders(&(&ids - &known)).await);
        ids.extend(known);
        let mut world = World {
            orders,
            leases: self.tables.leases(&ids).await,
            payments: self.tables.payments(&ids).await,
            shipments: self.tables.shipments(&ids).await,
            stock: self.stock(&noted).await,
            published: self.published(&ids, &noted.accounts).await,
            seen: noted.seen.into_iter().collect(),
            replies: noted.replies,
            access: noted.access,
            secrets: noted.secrets.into_iter().collect(),
            audit: Some(chains::read(&self.tables.audit).await),
            reported: self.reported(ids.len()).await,
            miscounted: database::miscounted(&self.stack).await,
            ..World::default()
        };
        world.heard = Some(self.heard(concerned(&world)).await);
        world.provider = self.provider(&ids).await;
        world.carrier = self.carrier(&ids).await;
        world
    }

    /// What the reports have of the corner's products. A crowd is not waited for: its thousands of events
    /// are counted one by one, while others want to know.
    async fn reported(&self, orders: usize) -> Option<Reported> {
        match orders > CROWD {
            true => None,
            false => Some(database::sold_of(&self.stack, &self.product_id("")).await),
        }
    }

    async fn heard(&self, readers: BTreeSet<(TenantId, CustomerId)>) -> Heard {
        let mut heard = Heard::default();
        for (tenant, customer) in readers {
            let list = self.list_of((&tenant, &customer)).await;
            heard.lists.insert((tenant, customer), list);
        }
        for (to, subjects) in mails(&self.stack).await {
            let message = |title| Message {
                to: to.clone(),
                title,
            };
            heard.messages.extend(subjects.into_iter().map(message));
        }
        heard
    }

    /// What is in somebody's list, and what has left it for the history; a test makes it no longer
    /// than a page of that.
    async fn list_of(&self, reader: Reader<'_>) -> List {
        let realtime = &self.tables.realtime;
        let known = must(realtime.list_of(reader).await);
        let mut list = List {
            closed: known.closed,
            ..List::default()
        };
        let mut from = 1;
        while from <= known.last {
            let page = must(realtime.notifications(reader, from, PAGE).await);
            list.entries.extend(page);
            from += PAGE as u64;
        }
        if !list.closed && list.entries.len() as u64 != known.last {
            let history = must(AnalyticsDb::connect(self.stack.get("DATABASE_URL")));
            list.entries = must(history.remembered(reader, 1, PAGE).await);
        }
        list
    }

    async fn stock(&self, noted: &Noted) -> Vec<StockCount> {
        let mut counts = Vec::new();
        for (sku, put_in) in &noted.stock {
            let stock = must(self.tables.inventory.stock(sku).await);
            let count = |count: fn(&Stock) -> u32| u64::from(stock.as_ref().map_or(0, count));
            counts.push(StockCount {
                sku: sku.clone(),
                put_in: *put_in,
                adjusted: noted.adjusted.get(sku).copied().unwrap_or_default(),
                available: count(|stock| stock.available),
                stored_put_in: count(|stock| stock.put_in),
            });
        }
        counts
    }

    async fn published(
        &self,
        ids: &BTreeSet<OrderId>,
        accounts: &BTreeSet<String>,
    ) -> Vec<contracts::events::Envelope> {
        let mut texts: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
        texts.extend(accounts.iter().cloned());
        probe::published(&self.stack, |subject| texts.contains(subject)).await
    }

    async fn provider(&self, ids: &BTreeSet<OrderId>) -> Vec<ProviderEntry> {
        let all: Vec<Intent> = book(&self.stack, "payments").await;
        let entry = |intent: Intent| {
            let order_id = of_order(intent.order_id.as_ref())?;
            ids.contains(&order_id).then_some(ProviderEntry {
                order_id,
                authorised: intent.authorised,
                captured: intent.captured,
                refunded: intent.refunded,
                open: intent.open > 0,
            })
        };
        all.into_iter().filter_map(entry).collect()
    }

    async fn carrier(&self, ids: &BTreeSet<OrderId>) -> Vec<CarrierEntry> {
        let all: Vec<ParcelEntry> = book(&self.stack, "shipments").await;
        let entry = |parcel: ParcelEntry| {
            let order_id = of_order(parcel.order_id.as_ref())?;
            ids.contains(&order_id).then_some(CarrierEntry {
                order_id,
                open: parcel.status != "cancelled",
            })
        };
        all.into_iter().filter_map(entry).collect()
    }

    /// Waits until everything has come to rest, and checks every invariant.
    ///
    /// # Panics
    /// With what is broken.
    pub async fn check(&self) {
        let violations = || async { self.world().await.violations_at_rest() };
        let at_rest = || async { violations().await.is_empty().then_some(()) };
        if within(REST, at_rest).await.is_none() {
            let found = violations().await;
            assert!(found.is_empty(), "{}: {found:#?}", self.name());
        }
        let found = self.written_down().await.violations();
        assert!(found.is_empty(), "{}: {found:#?}", self.name());
    }

    /// What was logged since the corner was opened, and what was published about it, with its
    /// secrets.
    async fn written_down(&self) -> World {
        let noted: Noted = self.noted().clone();
        let ids: BTreeSet<OrderId> = noted.orders.iter().copied().collect();
        let events = self.published(&ids, &noted.accounts).await;
        let event = |event| Written {
            place: Place::Event,
            text: must(serde_json::to_string(&event)),
        };
        let mut written: Vec<_> = events.into_iter().map(event).collect();
        let since = i64::try_from(self.opened_ms()).unwrap_or_default();
        for group in aws::log_groups(&self.stack).await {
            let lines = aws::log_lines(&self.stack, &group, since).await;
            let line = |text| Written {
                place: Place::Log,
                text,
            };
            written.extend(lines.into_iter().map(line));
        }
        World {
            written,
            secrets: noted.secrets.into_iter().collect(),
            ..World::default()
        }
    }
}
