//! The row of subscribers: `SUBSCRIBERS#<tenant>#<row>`, with a set of ids in `who`, which is missing
//! where nobody is left.

use std::collections::BTreeSet;

use domain::CustomerId;
use serde::Deserialize;

use super::{Image, ItemError, expect_entity, read};

/// Entity of a row.
pub(crate) const SUBSCRIBERS: &str = "subscribers";

#[derive(Debug, Deserialize)]
struct SubscribersItem {
    entity: String,
    #[serde(default)]
    who: BTreeSet<String>,
}

pub(crate) fn decode(image: Image) -> Result<BTreeSet<CustomerId>, ItemError> {
    let item: SubscribersItem = read(image)?;
    expect_entity(&item.entity, SUBSCRIBERS)?;
    let who = item.who.iter().map(|id| CustomerId::parse(id));
    who.collect::<Result<_, _>>().map_err(ItemError::of("who"))
}
