//! What a payload may be: what PostgreSQL can keep, short there too, and readable wherever it goes.

use domain::MAX_PAYLOAD;
use serde_json::{Map, Number, Value};

/// Most objects and lists within each other, the payload with them. Who reads a message takes 128.
const MAX_DEPTH: usize = 32;

/// A payload as it is kept.
pub(super) fn text_of(payload: &Map<String, Value>) -> Result<String, String> {
    let zeroes = zeroes_of_fields(payload, 0)?;
    let text = serde_json::to_string(payload).map_err(|_| "it cannot be written".to_owned())?;
    match text.len() + zeroes <= MAX_PAYLOAD {
        true => Ok(text),
        false => Err(format!("it is longer than {MAX_PAYLOAD} bytes")),
    }
}

/// How many digits PostgreSQL adds, at most, to an object within so many others: it writes `1e308` with 309.
fn zeroes_of_fields(fields: &Map<String, Value>, depth: usize) -> Result<usize, String> {
    let depth = deeper(depth)?;
    let each = fields.iter().map(|(name, value)| {
        without_nul(name)?;
        zeroes_of(value, depth)
    });
    each.sum()
}

fn zeroes_of(value: &Value, depth: usize) -> Result<usize, String> {
    match value {
        Value::String(text) => without_nul(text).map(|()| 0),
        Value::Number(number) => Ok(exponent_of(number)),
        Value::Array(values) => {
            let depth = deeper(depth)?;
            values.iter().map(|value| zeroes_of(value, depth)).sum()
        }
        Value::Object(fields) => zeroes_of_fields(fields, depth),
        Value::Null | Value::Bool(_) => Ok(0),
    }
}

fn deeper(depth: usize) -> Result<usize, String> {
    match depth < MAX_DEPTH {
        true => Ok(depth + 1),
        false => Err(format!("it is nested more than {MAX_DEPTH} deep")),
    }
}

/// PostgreSQL keeps no such character in JSON.
fn without_nul(text: &str) -> Result<(), String> {
    match text.contains('\0') {
        true => Err("it has a character U+0000".to_owned()),
        false => Ok(()),
    }
}

/// That of a number as it is written, without a sign.
fn exponent_of(number: &Number) -> usize {
    let text = number.to_string();
    let exponent = text.split_once('e').map(|(_, exponent)| exponent);
    let exponent: i16 = exponent.map_or(0, |it| it.parse().unwrap_or_default());
    exponent.unsigned_abs().into()
}
