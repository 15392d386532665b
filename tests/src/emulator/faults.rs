//! The fault switches of the provider stand-ins, set for one order at a time, so that a fault
//! hits nobody else's test.

use domain::OrderId;
use serde_json::{Map, Value, json};
use testkit::must;

use super::stack::Stack;

/// A fault in the making.
#[derive(Clone, Debug)]
pub struct Fault {
    target: String,
    settings: Map<String, Value>,
}

impl Fault {
    /// A kind of fault at a target, such as `hang` at `payment.create`.
    pub fn new(target: &str, kind: &str) -> Self {
        let mut settings = Map::new();
        settings.insert("kind".to_owned(), kind.into());
        let target = target.to_owned();
        Self { target, settings }
    }

    /// Hits so many requests only.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        self.with("times", times)
    }

    /// Delays by so many milliseconds.
    #[must_use]
    pub fn ms(self, ms: u32) -> Self {
        self.with("ms", ms)
    }

    /// A setting of its own.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// Switches it on for one order.
    pub async fn on(self, stack: &Stack, order: OrderId) {
        let url = format!("{}/faults/{}", stack.get("PROVIDERS_URL"), self.target);
        let settings = Value::Object(self.settings);
        let body = self_with_match(settings, order);
        let answer = must(stack.http.put(url).json(&body).send().await);
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{body}: {status} {text}");
    }
}

fn self_with_match(mut settings: Value, order: OrderId) -> Value {
    settings["match"] = json!(order.to_string());
    settings
}

/// Switches every fault of one order off.
pub async fn heal(stack: &Stack, order: OrderId) {
    let url = format!("{}/faults", stack.get("PROVIDERS_URL"));
    let order = order.to_string();
    let sent = stack.http.delete(url).query(&[("match", order.as_str())]);
    let answer = must(sent.send().await);
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// How often each operation was called for one order, such as `payment.create`.
pub async fn calls(stack: &Stack, order: OrderId) -> Map<String, Value> {
    let url = format!("{}/book/calls", stack.get("PROVIDERS_URL"));
    let order = order.to_string();
    let sent = stack.http.get(url).query(&[("order_id", order.as_str())]);
    let answer = must(sent.send().await);
    must(answer.json().await)
}
