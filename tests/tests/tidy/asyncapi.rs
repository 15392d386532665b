//! The AsyncAPI document against the code it is made from.

use std::collections::BTreeSet;

use contracts::commands::COMMAND_TYPES;
use contracts::events::EventType;
use serde_json::Value;
use testkit::must_have;
use tests::asyncapi::document;

use crate::openapi::assert_written;

/// `make asyncapi` writes it.
#[test]
fn the_document_is_what_the_code_says() {
    let command = ("UPDATE_ASYNCAPI", "make asyncapi");
    assert_written("docs/asyncapi.json", &document(), command);
}

#[test]
fn every_event_and_every_command_is_a_message_of_a_channel() {
    let document = document();
    let channels = must_have(document["channels"].as_object());
    let messages = channels
        .values()
        .filter_map(|it| it["messages"].as_object());
    let told: BTreeSet<&str> = messages
        .flat_map(|it| it.keys())
        .map(String::as_str)
        .collect();
    let events = EventType::ALL.iter().map(|it| it.as_str());
    let known: BTreeSet<&str> = events.chain(COMMAND_TYPES).collect();
    assert!(known.is_subset(&told), "{:?}", known.difference(&told));
}

/// References lead to what is there.
#[test]
fn nothing_refers_to_what_is_not_there() {
    let document = document();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(place)) = fields.get("$ref") {
                    let pointer = must_have(place.strip_prefix('#'));
                    assert!(document.pointer(pointer).is_some(), "{place}");
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}
