//! The item of an inbox: `INBOX#<consumer>#<aggregate>`. What is held lies in it, so that it comes
//! with the one read that every event costs.

use std::collections::BTreeMap;

use domain::{Gap, Sequence, Taken};
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Consumer, Key, parse_time_key, time_key};

const INBOX: &str = "inbox";

#[derive(Debug, Serialize, Deserialize)]
struct InboxItem {
    pk: String,
    entity: String,
    version: u64,
    applied: u32,
    /// By sequence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    held: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap_since: Option<Nanos>,
    /// The index `gaps` has the items with this and the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap_look: Option<String>,
}

/// The item of its next version.
pub(crate) fn encode(
    consumer: Consumer,
    aggregate: &str,
    taken: &Taken,
) -> Result<Image, ItemError> {
    let held = taken.held.iter();
    write(InboxItem {
        pk: Key::Inbox(consumer, aggregate.to_owned()).pk(),
        entity: INBOX.to_owned(),
        version: taken.version.saturating_add(1),
        applied: taken.applied.0,
        held: held
            .map(|(at, event)| (at.to_string(), event.clone()))
            .collect(),
        gap_since: taken.gap.map(|gap| Nanos(gap.since)),
        gap_of: taken.gap.map(|_| consumer.gaps()),
        gap_look: taken.gap.map(|gap| time_key(gap.next_look)),
    })
}

pub(crate) fn decode(image: Image) -> Result<Taken, ItemError> {
    let item: InboxItem = read(image)?;
    expect_entity(&item.entity, INBOX)?;
    let gap = item.gap_since.zip(item.gap_look).map(|(since, look)| {
        let next_look = parse_time_key(&look).map_err(ItemError::of("gap_look"))?;
        Ok(Gap {
            since: since.0,
            next_look,
        })
    });
    let held = item.held.into_iter().map(|(at, event)| {
        let at = at.parse().map_err(ItemError::of("held"))?;
        Ok((Sequence(at), event))
    });
    Ok(Taken {
        applied: Sequence(item.applied),
        held: held.collect::<Result<_, ItemError>>()?,
        gap: gap.transpose()?,
        version: item.version,
    })
}
