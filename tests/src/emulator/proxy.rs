//! The proxy between the functions and AWS: what it counted, and what it is told to break. It
//! breaks calls for everybody, so whoever tells it anything runs alone (`Shop::alone`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_proxy::Sum;
use serde_json::Value;
use testkit::must;

use super::stack::Stack;
use super::wait::until;

/// So many equal looks, a tenth of a second apart, are rest: longer than a stream waits.
const QUIET: u32 = 20;
/// What was left behind by others has come to rest within this.
const REST: Duration = Duration::from_secs(240);

/// What DynamoDB does and the emulator does not: overlapping transactions are refused, and one
/// item takes a thousand write units a second
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub fn dynamodb() -> Value {
    serde_json::json!({"transaction_conflicts": true, "item_write_units_per_second": 1000})
}

/// At most this many attempts for each call that was answered, on average.
pub const ATTEMPTS: f64 = 3.0;

/// How many attempts a call took on average: those that the proxy refused are repeated.
pub fn attempts(calls: u64, refused: u64) -> f64 {
    let answered = calls.saturating_sub(refused).max(1);
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let ratio = calls as f64 / answered as f64;
    ratio
}

/// Waits until nothing more is called but by the sweeper, which the clock calls.
///
/// # Panics
/// When there is no rest.
pub async fn rest(stack: &Stack) {
    let last = Mutex::new((Vec::new(), 0));
    let quiet = || async {
        let mut now = trace(stack).await;
        now.retain(|sum| sum.caller != "sweep");
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.1 = if now == last.0 { last.1 + 1 } else { 0 };
        last.0 = now;
        (last.1 >= QUIET).then_some(())
    };
    until("the functions rest", REST, quiet).await;
}

/// Has it behave and break nothing, whatever a test before left behind.
pub async fn reset(stack: &Stack) {
    heal(stack).await;
    play(stack, &serde_json::json!({})).await;
}

fn url(stack: &Stack, path: &str) -> String {
    format!("{}/_proxy/{path}", stack.get("PROXY_URL"))
}

async fn ask(request: reqwest::RequestBuilder) -> String {
    let answer = must(request.send().await);
    let status = answer.status();
    let text = must(answer.text().await);
    assert!(status.is_success(), "{status} {text}");
    text
}

/// Everything that was called since it was last told to forget.
pub async fn trace(stack: &Stack) -> Vec<Sum> {
    must(serde_json::from_str(
        &ask(stack.http.get(url(stack, "trace"))).await,
    ))
}

/// ARNs of the executions that were started since it was last told to forget.
pub async fn executions(stack: &Stack) -> Vec<String> {
    let calls: Value = must(serde_json::from_str(
        &ask(stack.http.get(url(stack, "calls"))).await,
    ));
    let calls = calls["calls"].as_array().cloned().unwrap_or_default();
    let arn = |call: &Value| call["execution"]["arn"].as_str().map(str::to_owned);
    calls.iter().filter_map(arn).collect()
}

/// Makes it forget what it counted.
pub async fn forget(stack: &Stack) {
    ask(stack.http.delete(url(stack, "trace"))).await;
}

/// Has it behave like DynamoDB, or, by `{}`, not any more.
pub async fn play(stack: &Stack, physics: &Value) {
    ask(stack.http.put(url(stack, "physics")).json(physics)).await;
}

/// Has it break calls by these rules, and by no others.
pub async fn break_calls(stack: &Stack, rules: &Value) {
    ask(stack.http.put(url(stack, "faults")).json(rules)).await;
}

/// Heals all that it was told to break.
pub async fn heal(stack: &Stack) {
    ask(stack.http.delete(url(stack, "faults"))).await;
}
