//! The figures of reports, to which each thing that happens to an order is added once, in whatever order
//! it comes.

use contracts::events::{Envelope, envelopes_of_order};
use domain::Sequence;
use domain::ports::{ReadSales, StoreError};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use lambda_boot::queue::{self, BatchAnswer};
use serde_json::Value;
use testkit::build::{an_order, at, tenant};
use testkit::fakes::{FakeSales, Fault};

use super::Consumer;

pub(super) struct ProjectAnalytics(FakeSales);

/// Each order is placed, and charged, on a day of its own.
fn placed(number: u64) -> Timestamp {
    at(0) + SignedDuration::from_hours(24 * i64::try_from(number).unwrap())
}

impl Consumer for ProjectAnalytics {
    const HOLDS: bool = false;

    async fn fresh() -> Self {
        Self(FakeSales::default())
    }

    /// Two that are reported: the suite asks for events each of which is missed.
    fn life(number: u64) -> Vec<Envelope> {
        let order = an_order().number(number).placed_at(placed(number));
        envelopes_of_order(&order.confirmed(), Sequence::NONE)
    }

    async fn work(&self, batch: Value, _: Timestamp) -> BatchAnswer {
        let handle = |event: Envelope| async move {
            project_analytics::handle(&self.0, &tenant(), &event).await
        };
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    /// The figures of the order's day, and what was sold on it.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let day = placed(number).to_zoned(TimeZone::UTC).date();
        let days = day..=day;
        let sales = self.0.sales_by_hour(&tenant(), &days).await?;
        let top = self.0.top_products(&tenant(), &days, "EUR", 10).await?;
        let sales = sales.iter().map(|it| format!("{it:?}"));
        Ok(sales
            .chain(top.iter().map(|it| format!("{it:?}")))
            .collect())
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.0.fail_write_after(after, fault);
    }
}
