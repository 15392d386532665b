//! The role of what moves old events.

use std::sync::atomic::{AtomicI8, Ordering};

use analytics_db::AnalyticsDb;
use domain::MetricEvent;
use domain::ports::TakeMetrics;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::json;
use testkit::must;
use testkit::port_checks::metrics::{batch, event};
use tests::emulator::aws::invoke;
use tests::emulator::shop::Shop;

use super::done;
use crate::policy::each_is_needed;

/// Each time there is another month to move: what is archived already takes no right.
#[tokio::test]
async fn archive_analytics_needs_its_role() {
    static MONTHS: AtomicI8 = AtomicI8::new(0);
    let shop = Shop::alone("role-archive").await;
    let database = must(AnalyticsDb::connect(shop.stack.get("DATABASE_URL")));
    each_is_needed(&shop.stack, "archive-analytics", async || {
        let number = MONTHS.fetch_add(1, Ordering::Relaxed);
        let month = date(2010 + i16::from(number / 12), number % 12 + 1, 1);
        let at = must(month.to_zoned(TimeZone::UTC)).timestamp();
        let event = MetricEvent {
            at,
            ..event(0, 1.0)
        };
        let id = u128::try_from(number).unwrap_or_default();
        let batch = batch(shop.name(), 2_010_000 + id, vec![event]);
        must(database.take_metrics(&[batch], at).await);
        done(invoke(&shop.stack, "archive-analytics", &json!({})).await)
    })
    .await;
}
