//! What happens at tenants, from the API by the queue and the database to the report.

use http_edge::Role;
use lambda_boot::new_id;
use reqwest::Method;
use serde_json::{Value, json};
use tests::emulator::shop::{Answer, SOON, Shop, now};
use tests::emulator::wait::until;

/// Who runs a tenant of their own.
pub(crate) fn admin_of(shop: &Shop, tenant: &str) -> String {
    let mut admin = shop.claims("metrics-admin");
    admin.tenant = tenant.to_owned();
    admin.roles = vec![Role::Admin];
    shop.sign(&admin)
}

/// A batch of events that happen now, each of which took as many microseconds.
pub(crate) fn batch(micros: &[i64]) -> Value {
    let event = |micros: &i64| {
        let millis = *micros as f64 / 1_000.0;
        json!({"type": "page.viewed", "at": now().to_string(), "processing_ms": millis})
    };
    let events: Vec<Value> = micros.iter().map(event).collect();
    json!({"batch_id": new_id().to_string(), "events": events})
}

pub(crate) async fn send(shop: &Shop, token: &str, batch: &Value) -> Answer {
    let request = shop.request(Method::POST, "/metrics/events").json(batch);
    shop.ask(request.bearer_auth(token)).await
}

/// How many events count, and how long they took.
pub(crate) async fn counted(shop: &Shop, token: &str) -> (i64, i64) {
    let request = shop.request(Method::GET, "/admin/reports/events?by=hour");
    let answer = shop.ask(request.bearer_auth(token)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    let rows = body["rows"].as_array().cloned().unwrap_or_default();
    let sum = |field| {
        rows.iter()
            .filter_map(|row: &Value| row[field].as_i64())
            .sum()
    };
    (sum("events"), sum("processing_us"))
}

/// A batch that comes twice counts once, one that is refused leaves nothing, and nobody reads or
/// writes the figures of another tenant.
#[tokio::test]
async fn batches_are_in_the_report_of_their_tenant_once_and_in_no_other() {
    let shop = Shop::open("metrics").await;
    let (one, other) = (
        format!("{}-one", shop.name()),
        format!("{}-other", shop.name()),
    );
    let (mine, theirs) = (admin_of(&shop, &one), admin_of(&shop, &other));
    let good = batch(&[1_500, 250, 0]);
    for _ in 0..2 {
        let taken = send(&shop, &mine, &good).await;
        assert_eq!(taken.status, 202, "{}", taken.body);
        assert_eq!(
            taken.json(),
            json!({"batch_id": good["batch_id"], "events": 3})
        );
    }
    let mut wrong = batch(&[7, 7]);
    wrong["events"][1]["at"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(send(&shop, &mine, &wrong).await.status, 422);
    // The id of one tenant's batch is nothing to another.
    let mut same = batch(&[40]);
    same["batch_id"] = good["batch_id"].clone();
    assert_eq!(send(&shop, &theirs, &same).await.status, 202);
    let look = || async { (counted(&shop, &mine).await == (3, 1_750)).then_some(()) };
    until("the batch counts", SOON, look).await;
    let look = || async { (counted(&shop, &theirs).await == (1, 40)).then_some(()) };
    until("the other tenant's counts", SOON, look).await;
    // All that was sent before it was looked at, so the repeat counts nothing.
    let last = batch(&[1]);
    assert_eq!(send(&shop, &mine, &last).await.status, 202);
    let look = || async { (counted(&shop, &mine).await == (4, 1_751)).then_some(()) };
    until("the last batch counts", SOON, look).await;
    let sheet = shop.request(Method::GET, "/admin/reports/events.csv");
    let sheet = shop.ask(sheet.bearer_auth(&theirs)).await;
    let rows: Vec<_> = sheet.body.lines().collect();
    assert_eq!(rows[0], "day,hour,events,processing_us,average_ms");
    assert_eq!(rows.len(), 2, "{}", sheet.body);
    assert!(rows[1].ends_with(",,1,40,0.04"), "{}", sheet.body);
    shop.check().await;
}
