//! `bench order`: one order after the other through every function, each a process of its own:
//! how many calls, instructions and bytes of memory an invocation takes.

mod recording;

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::BenchError;
use crate::callgrind::{Callgrind, Profile};
use crate::figures::Milliseconds;
use crate::instance::Instance;
use crate::journey::prepare;
use crate::place::Place;
use crate::table::{Column, Table, count, mebibytes, milliseconds};
use recording::{Recorded, Recording};

/// Orders of which the instructions are counted: more change nothing, and take long.
const COUNTED: usize = 11;

/// What an invocation of one function takes.
#[derive(Clone, Debug, Serialize)]
pub struct Invocations {
    /// Which.
    pub name: String,
    /// How many were measured.
    pub invocations: usize,
    /// Calls of AWS in a warm one, on average.
    pub aws_calls: f64,
    /// The first one.
    pub first_ms: f64,
    /// All later ones, with answers of AWS that take no time.
    pub warm_ms: Option<Milliseconds>,
    /// Instructions of the first one; none where they were not counted.
    pub first_instructions: Option<u64>,
    /// Instructions of a later one, on average.
    pub warm_instructions: Option<u64>,
    /// Those of them in crates of this repository.
    pub own_instructions: Option<u64>,
    /// Most memory until after the last, in bytes.
    pub rss_bytes: Option<u64>,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    /// What ran it.
    pub machine: String,
    /// How many orders were placed.
    pub orders: usize,
    /// Calls of AWS before the reply to a placement, with prices in the cache.
    pub aws_calls_before_reply: f64,
    /// One for each function.
    pub rows: Vec<Invocations>,
}

/// Sends orders through all functions, then the same events once more under the counter.
///
/// # Errors
/// When a function fails.
pub async fn run(place: &Place, orders: usize) -> Result<Order, BenchError> {
    let recording = Recording::make(place, orders).await?;
    let mut rows = Vec::new();
    for (name, recorded) in &recording.functions {
        place.progress(format!("instructions of {name}"));
        let counted = match &place.callgrind {
            Some(counter) => Some(counted(place, counter, name, &recording).await?),
            None => None,
        };
        rows.push(row(name, recorded, counted.as_ref()));
    }
    let placing = rows.iter().find(|row| row.name == "place-order");
    Ok(Order {
        machine: place.machine.clone(),
        orders,
        aws_calls_before_reply: placing.map_or(f64::NAN, |row| row.aws_calls),
        rows,
    })
}

/// Instructions of a first and of a later invocation.
struct Counted {
    first: u64,
    warm: Profile,
}

fn row(name: &str, recorded: &Recorded, counted: Option<&Counted>) -> Invocations {
    let (first, later) = recorded.took.split_first().unzip();
    Invocations {
        name: name.to_owned(),
        invocations: recorded.took.len(),
        aws_calls: recorded.aws_calls,
        first_ms: first.map_or(f64::NAN, |first| first.as_secs_f64() * 1e3),
        warm_ms: later.and_then(Milliseconds::of),
        first_instructions: counted.map(|counted| counted.first),
        warm_instructions: counted.map(|counted| counted.warm.total()),
        own_instructions: counted.map(|counted| counted.warm.own()),
        rss_bytes: recorded.rss_bytes,
    }
}

/// Three runs with everything around the function new: without an event, with the first, with all.
async fn counted(
    place: &Place,
    counter: &Callgrind,
    name: &str,
    recording: &Recording,
) -> Result<Counted, BenchError> {
    let events = recording.events_of(name, COUNTED);
    let first = events.get(..1).unwrap_or_default();
    let none = profile(place, counter, (name, &[]), recording).await?;
    let one = profile(place, counter, (name, first), recording).await?;
    let all = profile(place, counter, (name, &events), recording).await?;
    let later = events.len().saturating_sub(1) as u64;
    Ok(Counted {
        first: one.total().saturating_sub(none.total()),
        warm: all.since(&one).divided_by(later),
    })
}

async fn profile(
    place: &Place,
    counter: &Callgrind,
    (name, events): (&str, &[Value]),
    recording: &Recording,
) -> Result<Profile, BenchError> {
    let around = place.surroundings().await?;
    prepare(&around).await?;
    if name != "place-order" {
        recording.restore(&around.backend)?;
    }
    let program = place.function(name, &around);
    let mut instance = Instance::start(&program.under(counter.runner())).await?;
    for event in events {
        instance.invoke(event).await?;
    }
    instance.stop().await?;
    Ok(counter.profile()?)
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("function"),
            Column::right("invocations"),
            Column::right("AWS calls"),
            Column::right("first, ms"),
            Column::right("warm, ms"),
            Column::right("first, instructions"),
            Column::right("warm, instructions"),
            Column::right("ours"),
            Column::right("memory"),
        ]);
        for row in &self.rows {
            table.row([
                row.name.clone(),
                row.invocations.to_string(),
                format!("{:.2}", row.aws_calls),
                format!("{:.2}", row.first_ms),
                milliseconds(row.warm_ms.map(|time| time.median)),
                count(row.first_instructions),
                count(row.warm_instructions),
                count(row.own_instructions),
                mebibytes(row.rss_bytes),
            ]);
        }
        writeln!(f, "{table}")?;
        let calls = self.aws_calls_before_reply;
        writeln!(f, "{calls:.2} calls of AWS before the reply to a placement")
    }
}
