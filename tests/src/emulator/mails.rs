//! The mails that the emulator took, for nobody to read but us.

use serde_json::Value;
use testkit::must;

use super::stack::Stack;

/// Subjects of the mails sent to this address, oldest first.
pub async fn mails_to(stack: &Stack, address: &str) -> Vec<String> {
    let url = format!("{}/_ministack/ses/messages", stack.get("AWS_ENDPOINT_URL"));
    let answer = must(stack.http.get(url).send().await);
    let answer: Value = must(answer.json().await);
    let mut found = Vec::new();
    collect(&answer, address, &mut found);
    found
}

/// The emulator groups messages by account; a message is an object with its addressees.
fn collect(value: &Value, address: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) if fields.contains_key("To") => {
            let to = fields["To"].as_array().into_iter().flatten();
            if to.filter_map(Value::as_str).any(|it| it == address) {
                let subject = fields.get("Subject").and_then(Value::as_str);
                found.push(subject.unwrap_or_default().to_owned());
            }
        }
        Value::Object(fields) => fields.values().for_each(|it| collect(it, address, found)),
        Value::Array(items) => items.iter().for_each(|it| collect(it, address, found)),
        _ => {}
    }
}
