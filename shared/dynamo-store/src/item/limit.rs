//! The row of a limit: `held`, and for each end `u<seconds since 1970>` with how much is held until
//! then. Seldom more than fifty of them; an item of a kilobyte has room for sixty.

use limits::{End, Row};
use serde_dynamo::AttributeValue;

use super::{Image, ItemError, expect_entity};

/// Entity of a row.
pub(crate) const ENTITY: &str = "limit";

/// The attribute of an end.
pub(crate) fn attribute(end: End) -> String {
    format!("u{}", end.0)
}

fn end(name: &str) -> Option<End> {
    name.strip_prefix('u')?.parse().ok().map(End)
}

pub(crate) fn decode(image: Image) -> Result<Row, ItemError> {
    let (mut row, mut entity) = (Row::default(), String::new());
    for (name, value) in image.into_inner() {
        match (end(&name), value) {
            (Some(end), value) => {
                row.ends.insert(end, read("u", &value)?);
            }
            (None, AttributeValue::S(text)) if name == crate::schema::ENTITY => entity = text,
            (None, value) if name == "held" => row.held = read("held", &value)?,
            _ => {}
        }
    }
    expect_entity(&entity, ENTITY)?;
    Ok(row)
}

fn read(attribute: &'static str, value: &AttributeValue) -> Result<u32, ItemError> {
    match value {
        AttributeValue::N(number) => number.parse().map_err(ItemError::of(attribute)),
        _ => Err(ItemError::of(attribute)("no number")),
    }
}
