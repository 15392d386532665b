//! The search index, which the newest state of a product wins, and the audit log, which keeps each
//! event that it hears.

use audit::Salt;
use contracts::events::{Envelope, envelopes_of_order, product_event};
use domain::ports::StoreError;
use domain::{ProductDetails, Sequence};
use jiff::Timestamp;
use lambda_boot::queue::{self, BatchAnswer};
use serde_json::Value;
use testkit::build::{a_product, an_order, at, eur, order_id};
use testkit::fakes::{FakeChains, FakeIndex, Fault};
use write_audit::Writer;

use super::Consumer;

pub(super) struct IndexSearch(FakeIndex);

fn id(number: u64) -> String {
    format!("product{number}")
}

impl Consumer for IndexSearch {
    const HOLDS: bool = false;

    async fn fresh() -> Self {
        Self(FakeIndex::default())
    }

    fn life(number: u64) -> Vec<Envelope> {
        let mut product = a_product(&id(number), 1_000);
        let mut events = Vec::new();
        for version in 1..=3 {
            if version > 1 {
                let price = eur(1_000 + version);
                let details = ProductDetails {
                    price,
                    ..product.details()
                };
                assert!(product.update(details, at(version)));
            }
            product.version = version.unsigned_abs();
            events.push(product_event(&product));
        }
        events
    }

    async fn work(&self, batch: Value, _: Timestamp) -> BatchAnswer {
        let handle = |event: Envelope| async move { index_search::handle(&self.0, &event).await };
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let all = self.0.all();
        let own = all.iter().filter(|it| it.id.as_str() == id(number));
        Ok(own
            .map(|it| format!("{} {}", it.version, it.price))
            .collect())
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.0.fail_after(after, fault);
    }
}

pub(super) struct WriteAudit {
    chains: FakeChains,
    writer: Writer<FakeChains>,
}

impl Consumer for WriteAudit {
    const HOLDS: bool = false;

    async fn fresh() -> Self {
        let chains = FakeChains::default();
        let writer = Writer::new(chains.clone());
        Self { chains, writer }
    }

    fn life(number: u64) -> Vec<Envelope> {
        let order = an_order().number(number).confirmed_late();
        envelopes_of_order(&order, Sequence::NONE)
    }

    async fn work(&self, batch: Value, _: Timestamp) -> BatchAnswer {
        let salt = || Salt([7; 16]);
        let handle =
            |message| async move { write_audit::handle(&self.writer, &salt, message).await };
        queue::answer(handle, batch).await.unwrap()
    }

    /// One entry for each event, wherever it is in the chain.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let object = format!("order/{}", order_id(number));
        let all = self.chains.all();
        let own = all.iter().filter(|it| it.record.object == object);
        let mut seen: Vec<String> = own.map(|it| it.record.message.clone()).collect();
        seen.sort();
        Ok(seen)
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.chains.fail_write_after(after, fault);
    }
}
