//! The figures of the dashboard, which count each thing that happens to an order once, in whatever
//! order it comes.

use contracts::events::{Envelope, envelopes_of_order};
use domain::ports::{CountOrders, ReadFigures, StoreError};
use domain::{Period, Sequence};
use jiff::Timestamp;
use lambda_boot::queue::{self, BatchAnswer};
use serde_json::Value;
use testkit::build::{an_order, at, order_id, tenant};
use testkit::fakes::{FakeFigures, Fault};

use super::Consumer;

pub(super) struct ProjectDashboard(FakeFigures);

/// Each order is placed, and charged, in an hour of its own.
fn placed(number: u64) -> Timestamp {
    at(i64::try_from(number).unwrap() * 3_600)
}

impl Consumer for ProjectDashboard {
    const HOLDS: bool = false;

    async fn fresh() -> Self {
        Self(FakeFigures::default())
    }

    fn life(number: u64) -> Vec<Envelope> {
        let order = an_order().number(number).placed_at(placed(number));
        envelopes_of_order(&order.confirmed_late(), Sequence::NONE)
    }

    async fn work(&self, batch: Value, _: Timestamp) -> BatchAnswer {
        let handle =
            |event: Envelope| async move { project_dashboard::handle(&self.0, &event).await };
        let answer = queue::answer_of_inbox(|_| true, handle, batch).await;
        answer.unwrap()
    }

    /// What was counted of the order; its hour; and where all of them stand with what they brought,
    /// once this one is known.
    async fn seen(&self, number: u64) -> Result<Vec<String>, StoreError> {
        let counted = self.0.counted(order_id(number)).await?;
        let Some(standing) = counted.standing() else {
            return Ok(Vec::new());
        };
        let hour = Period::hour_of(placed(number));
        let figures = self.0.figures(&tenant(), &[hour]).await?;
        let figures = figures.iter().filter(|it| it.by != 0);
        let figures = figures.map(|it| format!("{:?} {}", it.figure, it.by));
        let stands = format!("{standing:?} {:?}", counted.total);
        Ok(std::iter::once(stands).chain(figures).collect())
    }

    fn fail_write(&self, after: usize, fault: Fault) {
        self.0.fail_write_after(after, fault);
    }
}

/// The sums of all orders, which no single one shows.
#[tokio::test]
async fn what_comes_twice_is_in_the_sums_once() {
    let dashboard = ProjectDashboard::fresh().await;
    for _ in 0..2 {
        for event in super::lives::<ProjectDashboard>().iter().rev() {
            project_dashboard::handle(&dashboard.0, event)
                .await
                .unwrap();
        }
    }
    let periods = [Period::Now, Period::day_of(placed(1))];
    let figures = dashboard.0.figures(&tenant(), &periods).await.unwrap();
    let figures = figures.iter().filter(|it| it.by != 0);
    let mut sums: Vec<_> = figures
        .map(|it| format!("{:?} {}", it.figure, it.by))
        .collect();
    sums.sort();
    assert_eq!(sums.len(), 2, "{sums:?}");
    assert!(
        sums[0].starts_with("Revenue") && sums[0].ends_with(" 3600"),
        "{sums:?}"
    );
    assert_eq!(sums[1], "Standing(Confirmed) 3");
}
