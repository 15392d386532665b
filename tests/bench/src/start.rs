//! `bench start`: how a function starts, beside a peer that does the same job.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::BenchError;
use crate::callgrind::Callgrind;
use crate::figures::Milliseconds;
use crate::functions::FUNCTIONS;
use crate::instance::{Instance, Program};
use crate::place::{Place, Surroundings};
use crate::table::{Column, Table, count, mebibytes, milliseconds};

/// How one program starts.
#[derive(Clone, Debug, Serialize)]
pub struct Start {
    /// Which.
    pub name: String,
    /// Whether it is there to be compared with.
    pub peer: bool,
    /// From spawning it to its first request for an event.
    pub first_next_ms: Option<Milliseconds>,
    /// Instructions in that time; none where they were not counted.
    pub start_instructions: Option<u64>,
    /// Calls to AWS in that time: the most of all runs.
    pub aws_calls: Option<u64>,
    /// Most memory in that time, in bytes.
    pub rss_bytes: Option<u64>,
    /// Size of its package, in bytes.
    pub zip_bytes: Option<u64>,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Starts {
    /// What ran it.
    pub machine: String,
    /// One for each program.
    pub rows: Vec<Start>,
}

/// Starts each program several times, one after the other in turns, so that what the machine does
/// beside it meets all alike; then once more under the counter.
///
/// # Errors
/// When one does not start.
pub async fn run(place: &Place, runs: usize) -> Result<Starts, BenchError> {
    let around = place.surroundings().await?;
    let functions = FUNCTIONS
        .iter()
        .map(|name| (false, place.function(name, &around)));
    let peers = place.peers(&around).into_iter().map(|peer| (true, peer));
    let programs: Vec<(bool, Program)> = functions.chain(peers).collect();
    let mut readings = vec![Vec::new(); programs.len()];
    for turn in 1..=runs {
        place.progress(format!("starts, turn {turn} of {runs}"));
        for ((_, program), readings) in programs.iter().zip(&mut readings) {
            readings.push(Reading::take(program, &around).await?);
        }
    }
    let mut rows = Vec::new();
    for ((peer, program), readings) in programs.iter().zip(&readings) {
        place.progress(format!("instructions of {}", program.name));
        let counter = place.callgrind.as_ref().filter(|_| !peer);
        let times: Vec<Duration> = readings.iter().map(|reading| reading.first_next).collect();
        rows.push(Start {
            name: program.name.clone(),
            peer: *peer,
            first_next_ms: Milliseconds::of(&times),
            start_instructions: instructions(counter, program).await?,
            aws_calls: readings.iter().map(|reading| reading.aws_calls).max(),
            rss_bytes: readings
                .iter()
                .filter_map(|reading| reading.rss_bytes)
                .max(),
            zip_bytes: place.package_bytes(&program.name),
        });
    }
    Ok(Starts {
        machine: place.machine.clone(),
        rows,
    })
}

/// One start.
#[derive(Clone, Copy, Debug)]
struct Reading {
    first_next: Duration,
    rss_bytes: Option<u64>,
    aws_calls: u64,
}

impl Reading {
    async fn take(program: &Program, around: &Surroundings) -> Result<Self, BenchError> {
        around.proxy.forget();
        let instance = Instance::start(program).await?;
        Ok(Self {
            first_next: instance.first_next,
            rss_bytes: instance.peak_resident_bytes(),
            aws_calls: around.api_calls(),
        })
    }
}

async fn instructions(
    counter: Option<&Callgrind>,
    program: &Program,
) -> Result<Option<u64>, BenchError> {
    match counter {
        None => Ok(None),
        Some(counter) => Ok(Some(counter.start(program).await?)),
    }
}

impl Starts {
    fn median(&self, name: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        row.first_next_ms.map(|time| time.median)
    }
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("program"),
            Column::right("start, ms"),
            Column::right("least to most"),
            Column::right("instructions"),
            Column::right("AWS calls"),
            Column::right("memory"),
            Column::right("zip"),
        ]);
        for row in &self.rows {
            let time = row.first_next_ms;
            table.row([
                row.name.clone(),
                milliseconds(time.map(|time| time.median)),
                time.map_or_else(String::new, |time| {
                    format!("{:.1}–{:.1}", time.min, time.max)
                }),
                count(row.start_instructions),
                count(row.aws_calls),
                mebibytes(row.rss_bytes),
                mebibytes(row.zip_bytes),
            ]);
        }
        writeln!(f, "{table}")?;
        for peer in self.rows.iter().filter(|row| row.peer) {
            if let (Some(theirs), Some(ours)) =
                (self.median(&peer.name), self.median("place-order"))
            {
                writeln!(
                    f,
                    "place-order starts {:.0} × faster than {}",
                    theirs / ours,
                    peer.name
                )?;
            }
        }
        Ok(())
    }
}
