//! `bench aggregator`: how many events are counted a second, beside two libraries that count, on the same
//! lines; and how long one takes, what a full window holds, and how right it is.

mod statsd;

use std::fmt;
use std::path::Path;
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::BenchError;
use crate::place::Place;
use crate::saying::said;
use crate::table::{Column, Table, count};

/// How many lines there are.
const LINES: &str = "1000000";
/// By how many users.
const USERS: &str = "100000";
/// How often all of them are counted.
const ROUNDS: &str = "7";
/// Types of the two files of lines.
const TYPES: [&str; 2] = ["20", "1000"];

/// How events are counted.
#[derive(Debug, Serialize)]
pub struct Aggregator {
    /// What ran it.
    pub machine: String,
    /// One for each program.
    pub rows: Vec<Row>,
    /// One line at a time, at a rate.
    pub latency: Latency,
    /// An hour that is full.
    pub window: Window,
}

/// Events of one program.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Which, and of how many types.
    pub name: String,
    /// A second of processor time, the median of its rounds; `all cores` is a second of the clock.
    pub per_second: f64,
}

/// Nanoseconds for one line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Latency {
    /// How many came a second.
    pub per_second: f64,
    /// Half of them took no longer.
    pub p50_ns: u64,
    /// 99 of 100.
    pub p99_ns: u64,
    /// 999 of 1,000.
    pub p999_ns: u64,
    /// All.
    pub max_ns: u64,
}

/// An hour that is full.
#[derive(Debug, Serialize, Deserialize)]
pub struct Window {
    /// How many events.
    pub events: u64,
    /// Of how many types.
    pub types: usize,
    /// Memory of the whole process.
    pub resident_mib: f64,
    /// Until all aggregates are there.
    pub ask_ms: f64,
    /// Until it is closed.
    pub close_ms: f64,
    /// The farthest of the percentiles that were held against the values, as a share.
    pub percentile_off: f64,
    /// How far the number of users is off, as a share.
    pub users_off: f64,
}

#[derive(Debug, Deserialize)]
struct Rate {
    per_second: Vec<f64>,
    /// What uses one core has none.
    #[serde(default)]
    together_per_second: Vec<f64>,
}

/// Measures ours, then the peers, one after the other.
///
/// # Errors
/// When something cannot be measured, or not all events are counted.
pub async fn run(place: &Place, out: &Path) -> Result<Aggregator, BenchError> {
    let counting = place.functions.join("counting");
    let mut rows = Vec::new();
    for types in TYPES {
        let file = out.join(format!("events-{types}.jsonl"));
        place.progress(format!("lines of {types} types"));
        write_lines(&counting, types, &file).await?;
        let path = file.display().to_string();
        place.progress(format!("ours, {types} types"));
        let mut ours = Command::new(&counting);
        ours.args(["rate", &path, "--rounds", ROUNDS]);
        let rate: Rate = said(&mut ours).await?;
        rows.push(Row::of(&format!("ours, {types} types"), rate.per_second));
        let name = format!("ours on all cores, {types} types");
        rows.push(Row::of(&name, rate.together_per_second));
        if let Some([program, arguments @ ..]) = place.peers.get("prom-client").map(Vec::as_slice) {
            place.progress(format!("prom-client, {types} types"));
            let mut peer = Command::new(program);
            peer.args(arguments).args([&path, ROUNDS]);
            let rate: Rate = said(&mut peer).await?;
            let name = format!("prom-client, {types} types");
            rows.push(Row::of(&name, rate.per_second));
        }
        if let Some(command) = place.peers.get("statsd") {
            place.progress(format!("statsd, {types} types"));
            let name = format!("statsd, {types} types");
            let per_second = statsd::rate(command, &file, out).await?;
            rows.push(Row { name, per_second });
        }
    }
    place.progress("one line at a time");
    let file = out.join("events-1000.jsonl").display().to_string();
    let latency = said(Command::new(&counting).args(["latency", &file])).await?;
    place.progress("an hour that is full");
    let window = said(Command::new(&counting).arg("window")).await?;
    Ok(Aggregator {
        machine: place.machine.clone(),
        rows,
        latency,
        window,
    })
}

async fn write_lines(counting: &Path, types: &str, file: &Path) -> Result<(), BenchError> {
    let mut lines = Command::new(counting);
    lines.args([
        "lines", "--count", LINES, "--types", types, "--users", USERS,
    ]);
    lines.stdout(Stdio::from(std::fs::File::create(file)?));
    let ended = lines.status().await?;
    match ended.success() {
        true => Ok(()),
        false => Err(BenchError::Unexpected(format!("no lines: {ended}"))),
    }
}

impl Row {
    fn of(name: &str, mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        Self {
            name: name.to_owned(),
            per_second: all.get(all.len() / 2).copied().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Aggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new([
            Column::left("program"),
            Column::right("events a second"),
            Column::right("ours to it"),
            Column::right("all cores to it"),
        ]);
        let types = |row: &Row| row.name.split_once(", ").map(|(_, types)| types.to_owned());
        let times = |ours: &str, row: &Row| {
            let is_ours = |it: &&Row| it.name.starts_with(ours) && types(it) == types(row);
            let ours = self.rows.iter().find(is_ours)?.per_second;
            Some(format!("{:.1}", ours / row.per_second))
        };
        for row in &self.rows {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate is far from both ends"
            )]
            let shown = row.per_second as u64;
            table.row([
                row.name.clone(),
                count(Some(shown)),
                times("ours, ", row).unwrap_or_default(),
                times("ours on all cores, ", row).unwrap_or_default(),
            ]);
        }
        let Latency {
            per_second,
            p50_ns,
            p99_ns,
            p999_ns,
            max_ns,
        } = self.latency;
        let window = &self.window;
        writeln!(f, "{table}")?;
        writeln!(
            f,
            "one line at a time, {per_second:.0} a second: median {p50_ns} ns, 99 % {p99_ns}, \
             99.9 % {p999_ns}, longest {max_ns}"
        )?;
        writeln!(
            f,
            "an hour of {} events, {} types: {:.0} MiB, all aggregates in {:.1} ms, closed in {:.2} ms, \
             percentiles {:.2} % off at most, users {:.2} %",
            count(Some(window.events)),
            window.types,
            window.resident_mib,
            window.ask_ms,
            window.close_ms,
            window.percentile_off * 100.0,
            window.users_off * 100.0
        )
    }
}
