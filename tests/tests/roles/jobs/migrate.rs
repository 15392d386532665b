//! The role of what brings the schema of the database up to date.

use serde_json::json;
use testkit::must;
use tests::emulator::aws::invoke;
use tests::emulator::shop::Shop;

use super::done;
use crate::policy::each_is_needed;

/// It asks nothing of AWS but its lines of the log: the database lets it in by the address. Whoever deployed
/// has run everything, so there is nothing left.
#[tokio::test]
async fn migrate_needs_its_role_and_does_nothing_twice() {
    let shop = Shop::alone("role-migrate").await;
    let run = async || invoke(&shop.stack, "migrate", &json!({})).await;
    let answer = must(run().await);
    assert_eq!(answer["run"], json!([]), "{answer}");
    assert!(answer["version"].as_i64() >= Some(7), "{answer}");
    each_is_needed(&shop.stack, "migrate", async || done(run().await)).await;
}
