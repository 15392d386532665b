//! The row of a breaker: `BREAKER#<third party>`.

use breaker::{Open, Row, State, Tally};
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const BREAKER: &str = "breaker";

#[derive(Debug, Serialize, Deserialize)]
struct BreakerItem {
    pk: String,
    entity: String,
    version: u64,
    /// Since when it is counted, or since when it is open.
    since: Nanos,
    /// Only of one that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Nanos>,
    /// Calls while it is closed, probes while it is open.
    good: u32,
    bad: u32,
}

/// The item of its next version.
pub(crate) fn encode(name: &str, row: &Row) -> Result<Image, ItemError> {
    let (since, until, good, bad) = match &row.state {
        State::Closed(tally) => (tally.since, None, tally.good, tally.bad),
        State::Open(open) => (open.since, Some(open.until), open.passed, open.failed),
    };
    write(BreakerItem {
        pk: Key::Breaker(name.to_owned()).pk(),
        entity: BREAKER.to_owned(),
        version: row.version.saturating_add(1),
        since: Nanos(since),
        until: until.map(Nanos),
        good,
        bad,
    })
}

pub(crate) fn decode(image: Image) -> Result<Row, ItemError> {
    let item: BreakerItem = read(image)?;
    expect_entity(&item.entity, BREAKER)?;
    let (Nanos(since), good, bad) = (item.since, item.good, item.bad);
    let state = match item.until {
        None => State::Closed(Tally { since, good, bad }),
        Some(Nanos(until)) => State::Open(Open {
            since,
            until,
            failed: bad,
            passed: good,
        }),
    };
    Ok(Row {
        version: item.version,
        state,
    })
}
