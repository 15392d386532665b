//! The fault switches of the provider stand-ins, set for one order at a time, so that a fault
//! hits nobody else's test.

use domain::OrderId;
use serde::Deserialize;
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
        self.about(stack, &order.to_string()).await;
    }

    /// Switches it on for whatever is about this, such as one user.
    pub async fn about(self, stack: &Stack, matching: &str) {
        let url = format!("{}/faults/{}", stack.get("PROVIDERS_URL"), self.target);
        let settings = Value::Object(self.settings);
        let body = self_with_match(settings, matching);
        let answer = must(stack.http.put(url).json(&body).send().await);
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{body}: {status} {text}");
    }
}

fn self_with_match(mut settings: Value, matching: &str) -> Value {
    settings["match"] = json!(matching);
    settings
}

/// Has the stand-ins tell the API what happens to the payment and the parcel of one order.
pub async fn listen(stack: &Stack, order: OrderId) {
    for (sender, path, secret) in [
        ("payment", "payments", "CARTWRIGHT_PAYMENT_WEBHOOK_SECRET"),
        ("carrier", "shipping", "CARTWRIGHT_CARRIER_WEBHOOK_SECRET"),
    ] {
        let target = json!({
            "url": format!("{}/api/v1/{path}/webhook", stack.get("API_URL")),
            "secret": must(std::fs::read_to_string(stack.get(secret))),
            "match": order.to_string(),
        });
        let url = format!("{}/webhooks/{sender}", stack.get("PROVIDERS_URL"));
        let answer = must(stack.http.put(url).json(&target).send().await);
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

/// Has the carrier do something with the parcel of an order: `ship`, `deliver`.
pub async fn parcel(stack: &Stack, order: OrderId, action: &str) {
    let url = stack.get("PROVIDERS_URL");
    let url = format!("{url}/carrier/shipments/{order}/{action}");
    let answer = must(stack.http.post(url).send().await);
    assert!(
        answer.status().is_success(),
        "{action}: {}",
        answer.status()
    );
}

/// A webhook that was sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivery {
    /// Such as `parcel.delivered`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `genuine`, `forged` or `aged`.
    pub copy: String,
    /// Of the answer.
    pub status: Option<u16>,
}

/// The webhooks that were sent about one order, oldest first.
pub async fn deliveries(stack: &Stack, order: OrderId) -> Vec<Delivery> {
    let url = format!("{}/webhooks/deliveries", stack.get("PROVIDERS_URL"));
    let order = order.to_string();
    let sent = stack.http.get(url).query(&[("order_id", order.as_str())]);
    must(must(sent.send().await).json().await)
}

/// Switches every fault of one order off.
pub async fn heal(stack: &Stack, order: OrderId) {
    heal_about(stack, &order.to_string()).await;
}

/// Switches every fault off that is about this.
pub async fn heal_about(stack: &Stack, matching: &str) {
    let url = format!("{}/faults", stack.get("PROVIDERS_URL"));
    let sent = stack.http.delete(url).query(&[("match", matching)]);
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
