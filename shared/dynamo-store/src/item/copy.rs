//! The item of what a service has of a profile: `COPY#<destination>#<account>`.

use domain::{DestinationName, DestinationState, ProfileCopy, Sequence};
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Key, copies_of, parse_time_key, time_key};

const COPY: &str = "profile-copy";

#[derive(Debug, Serialize, Deserialize)]
struct CopyItem {
    pk: String,
    entity: String,
    version: u64,
    wanted: u32,
    done: u32,
    #[serde(default)]
    failed: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    /// The index `copies` has the items with this and the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    copies_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_try: Option<String>,
}

/// The item of how all services stand: `SYNC#profiles`.
#[derive(Debug, Serialize, Deserialize)]
struct DestinationsItem {
    pk: String,
    entity: String,
    services: Vec<DestinationPart>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DestinationPart {
    name: String,
    behind: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Nanos>,
    per_minute: u16,
    at: Nanos,
}

const DESTINATIONS: &str = "destinations";

pub(crate) fn encode_destinations(states: &[DestinationState]) -> Result<Image, ItemError> {
    let part = |state: &DestinationState| DestinationPart {
        name: state.name.to_string(),
        behind: state.behind,
        failing: state.failing_since.map(Nanos),
        per_minute: state.per_minute,
        at: Nanos(state.as_of),
    };
    write(DestinationsItem {
        pk: Key::Destinations.pk(),
        entity: DESTINATIONS.to_owned(),
        services: states.iter().map(part).collect(),
    })
}

pub(crate) fn decode_destinations(image: Image) -> Result<Vec<DestinationState>, ItemError> {
    let item: DestinationsItem = read(image)?;
    expect_entity(&item.entity, DESTINATIONS)?;
    let state = |part: DestinationPart| {
        let name = DestinationName::parse(&part.name).map_err(ItemError::of("name"))?;
        Ok(DestinationState {
            name,
            behind: part.behind,
            failing_since: part.failing.map(|Nanos(since)| since),
            per_minute: part.per_minute,
            as_of: part.at.0,
        })
    };
    item.services.into_iter().map(state).collect()
}

/// The item of its next version.
pub(crate) fn encode(copy: &ProfileCopy) -> Result<Image, ItemError> {
    write(CopyItem {
        pk: Key::Copy(copy.destination.clone(), copy.owner.clone()).pk(),
        entity: COPY.to_owned(),
        version: copy.version.saturating_add(1),
        wanted: copy.wanted.0,
        done: copy.done.0,
        failed: copy.failed,
        refusal: copy.refusal.clone(),
        copies_of: copy.next_try.map(|_| copies_of(&copy.destination)),
        next_try: copy.next_try.map(time_key),
    })
}

pub(crate) fn decode(image: Image) -> Result<ProfileCopy, ItemError> {
    let item: CopyItem = read(image)?;
    expect_entity(&item.entity, COPY)?;
    let key = Key::parse(&item.pk).map_err(ItemError::of("pk"))?;
    let Key::Copy(destination, owner) = key else {
        return Err(ItemError::of("pk")("the key is of no copy"));
    };
    let next_try = item.next_try.as_deref().map(parse_time_key).transpose();
    Ok(ProfileCopy {
        destination,
        owner,
        wanted: Sequence(item.wanted),
        done: Sequence(item.done),
        next_try: next_try.map_err(ItemError::of("next_try"))?,
        failed: item.failed,
        refusal: item.refusal,
        version: item.version,
    })
}
