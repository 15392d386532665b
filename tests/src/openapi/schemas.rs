//! The schemas of the bodies: drawn from their types, with the bounds of their fields.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::bounds;

/// Where they are in the document.
const PLACE: &str = "/components/schemas";

/// A generator whose references lead into the document.
pub(crate) fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            settings.definitions_path = PLACE.into();
            settings.meta_schema = None;
        })
        .into_generator()
}

/// All that were asked for, by name.
pub(crate) fn finished(mut generator: SchemaGenerator) -> Map<String, Value> {
    let mut drawn: Vec<_> = generator.take_definitions(true).into_iter().collect();
    drawn.sort_by(|(one, _), (other, _)| one.cmp(other));
    let bounded = drawn.into_iter().map(|(name, mut schema)| {
        bound(&name, &mut schema);
        (name, schema)
    });
    bounded.collect()
}

fn bound(name: &str, schema: &mut Value) {
    match schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        Some(kinds) => kinds.iter_mut().for_each(|kind| bound_fields(name, kind)),
        None => bound_fields(name, schema),
    }
    if let Some(whole) = bounds::of_whole(name) {
        extend(schema, whole);
    }
}

fn bound_fields(name: &str, schema: &mut Value) {
    let is_request = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (field, property) in fields.into_iter().flatten() {
        if !is_request {
            never_null(property);
        }
        extend(property, bounds::of(name, field));
    }
}

fn extend(schema: &mut Value, more: Value) {
    let (Some(schema), Value::Object(more)) = (schema.as_object_mut(), more) else {
        return;
    };
    // What a type says by itself, such as the format of a number, is less than what is known of it.
    if more.contains_key("minimum") {
        schema.remove("format");
    }
    if more.contains_key("anyOf") {
        schema.remove("$ref");
    }
    schema.extend(more);
}

/// What an answer does not have is left out of it.
fn never_null(property: &mut Value) {
    let Some(property) = property.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = property.get("type") {
        let first = types.first().cloned().unwrap_or_default();
        property.insert("type".to_owned(), first);
    }
    let Some(Value::Array(options)) = property.remove("anyOf") else {
        return;
    };
    for option in options {
        if let Value::Object(option) = option
            && option.contains_key("$ref")
        {
            property.extend(option);
        }
    }
}
