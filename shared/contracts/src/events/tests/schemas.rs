//! One JSON Schema per type, in `schemas/<type>.json`, drawn from the sample events: a field is
//! required when every sample has it. A change that is not an addition shows as a changed line.

use serde_json::{Map, Value, json};

use super::fixtures::{compare, folder, names, type_names};
use super::{EventType, all_events};

/// The schema that all of these values fit.
fn schema(values: &[&Value]) -> Value {
    match values {
        [Value::Object(_), ..] => object(values),
        [Value::Array(_), ..] => {
            let items: Vec<_> = values
                .iter()
                .filter_map(|v| v.as_array())
                .flatten()
                .collect();
            json!({"type": "array", "items": schema(&items)})
        }
        [Value::Number(_), ..] => json!({"type": "integer"}),
        [Value::Bool(_), ..] => json!({"type": "boolean"}),
        [Value::String(_), ..] => json!({"type": "string"}),
        [] | [Value::Null, ..] => json!({}),
    }
}

fn object(values: &[&Value]) -> Value {
    let objects: Vec<_> = values
        .iter()
        .filter_map(|value| value.as_object())
        .collect();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in objects.iter().flat_map(|object| object.keys()) {
        let found: Vec<_> = objects
            .iter()
            .filter_map(|object| object.get(name))
            .collect();
        if !properties.contains_key(name) && found.len() == objects.len() {
            required.push(name.clone());
        }
        let told = format(name).unwrap_or_else(|| schema(&found));
        properties.entry(name.clone()).or_insert(told);
    }
    json!({"type": "object", "required": required, "properties": properties})
}

/// What the name of a field says beyond its type.
fn format(name: &str) -> Option<Value> {
    match name {
        "time" | "completed_at" | "ends_at" | "registered_at" => {
            Some(json!({"type": "string", "format": "date-time"}))
        }
        "order_id" => Some(json!({"type": "string", "format": "uuid"})),
        "specversion" => Some(json!({"const": "1.0"})),
        "source" => Some(json!({"const": "/cartwright"})),
        "datacontenttype" => Some(json!({"const": "application/json"})),
        "sequence" => Some(json!({"type": "integer", "minimum": 1})),
        "quantity" | "available" | "put_in" | "minor" | "unit_price_minor"
        | "total_amount_minor" => Some(json!({"type": "integer", "minimum": 0})),
        _ => None,
    }
}

fn schema_of(event_type: EventType) -> Value {
    let events: Vec<_> = all_events()
        .iter()
        .filter(|event| event.event_type == event_type.as_str())
        .map(|event| serde_json::to_value(event).unwrap())
        .collect();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_type.as_str(),
    });
    let Value::Object(mut envelope) = schema_of_all(&events) else {
        panic!("an event is an object");
    };
    envelope["properties"]["type"] = json!({"const": event_type.as_str()});
    schema.as_object_mut().unwrap().append(&mut envelope);
    schema
}

/// The extensions are optional in every type.
fn schema_of_all(events: &[Value]) -> Value {
    let mut schema = schema(&events.iter().collect::<Vec<_>>());
    let required = schema["required"].as_array_mut().unwrap();
    required.retain(|name| name != "tenant" && name != "traceparent");
    for extension in ["tenant", "traceparent"] {
        schema["properties"][extension] = json!({"type": "string"});
    }
    schema
}

#[test]
fn every_event_has_the_shape_of_its_schema() {
    for event_type in EventType::ALL {
        let path = folder("schemas").join(format!("{}.json", event_type.as_str()));
        compare(&path, &schema_of(*event_type));
    }
}

#[test]
fn every_type_has_a_schema_and_every_schema_a_type() {
    assert_eq!(names(&folder("schemas"), ".json"), type_names());
}
