//! The mails that the emulator took, for nobody to read but us.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::must;

use super::stack::Stack;

/// Subjects of the mails sent to this address, oldest first.
pub async fn mails_to(stack: &Stack, address: &str) -> Vec<String> {
    let mut mails = mails(stack).await;
    mails.remove(address).unwrap_or_default()
}

/// Subjects of all mails by address, oldest first.
pub async fn mails(stack: &Stack) -> BTreeMap<String, Vec<String>> {
    fields(stack, "Subject").await
}

/// Texts of the mails sent to this address, oldest first.
pub async fn texts_to(stack: &Stack, address: &str) -> Vec<String> {
    let mut texts = fields(stack, "BodyText").await;
    texts.remove(address).unwrap_or_default()
}

/// One field of all mails by address, oldest first.
async fn fields(stack: &Stack, field: &str) -> BTreeMap<String, Vec<String>> {
    let url = format!("{}/_ministack/ses/messages", stack.get("AWS_ENDPOINT_URL"));
    let answer = must(stack.http.get(url).send().await);
    let answer: Value = must(answer.json().await);
    let mut found = BTreeMap::new();
    collect(&answer, field, &mut found);
    found
}

/// The emulator groups messages by account; a message is an object with its addressees.
fn collect(value: &Value, field: &str, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(fields) if fields.contains_key("To") => {
            let text = fields.get(field).and_then(Value::as_str);
            let to = fields["To"].as_array().into_iter().flatten();
            for address in to.filter_map(Value::as_str) {
                let texts = found.entry(address.to_owned()).or_default();
                texts.push(text.unwrap_or_default().to_owned());
            }
        }
        Value::Object(fields) => fields.values().for_each(|it| collect(it, field, found)),
        Value::Array(items) => items.iter().for_each(|it| collect(it, field, found)),
        _ => {}
    }
}
