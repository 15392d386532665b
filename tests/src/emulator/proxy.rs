//! The proxy between the functions and AWS: what it counted, and what it is told to break. It
//! breaks calls for everybody, so whoever tells it anything runs alone (`Shop::alone`).

use aws_proxy::Sum;
use serde_json::Value;
use testkit::must;

use super::stack::Stack;

/// What DynamoDB does and the emulator does not: overlapping transactions are refused, and one
/// item takes a thousand write units a second
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub fn dynamodb() -> Value {
    serde_json::json!({"transaction_conflicts": true, "item_write_units_per_second": 1000})
}

/// At most this many attempts for each call that was answered, on average.
pub const ATTEMPTS: f64 = 3.0;

/// How many attempts a call took on average: those that the proxy refused are repeated.
pub fn attempts(sum: &Sum) -> f64 {
    let answered = sum.calls - sum.answered_here;
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let ratio = sum.calls as f64 / answered.max(1) as f64;
    ratio
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
