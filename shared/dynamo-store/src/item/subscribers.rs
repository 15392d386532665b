//! Rows of people: `SUBSCRIBERS#<tenant>#<row>`, `MEMBERS#<tenant>#<group>#<row>`, with a set of ids in
//! `who`, which is missing where nobody is left.

use std::collections::BTreeSet;

use domain::CustomerId;
use serde::Deserialize;

use super::{Image, ItemError, expect_entity, read};

/// Entity of a row of those who want to hear of new courses.
pub(crate) const SUBSCRIBERS: &str = "subscribers";
/// Entity of a row of those who belong to a group.
pub(crate) const MEMBERS: &str = "members";

#[derive(Debug, Deserialize)]
struct PeopleItem {
    entity: String,
    #[serde(default)]
    who: BTreeSet<String>,
}

pub(crate) fn decode(
    image: Image,
    entity: &'static str,
) -> Result<BTreeSet<CustomerId>, ItemError> {
    let item: PeopleItem = read(image)?;
    expect_entity(&item.entity, entity)?;
    let who = item.who.iter().map(|id| CustomerId::parse(id));
    who.collect::<Result<_, _>>().map_err(ItemError::of("who"))
}
