//! `bench analytics` and `bench archive`: events of many tenants, beside a bare COPY of the same rows, the same
//! question of the rows themselves, and DuckDB on the archive's files.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio::process::Command;

use crate::BenchError;
use crate::place::Place;
use crate::saying::said;
use crate::table::count;

/// How often DuckDB is asked.
const TIMES: &str = "20";

/// What reports take.
#[derive(Debug, Serialize)]
pub struct Analytics {
    /// What ran it.
    pub machine: String,
    /// Rows, figures and ids of batches.
    pub load: Loaded,
    /// The rows alone, in a table that has nothing else.
    pub bare: Loaded,
    /// The question, of rows and figures.
    pub ask: Asked,
    /// Both at once.
    pub paced: Paced,
    /// The archive, from which DuckDB reads.
    pub archive: Archived,
    /// What DuckDB takes; nothing where it is not installed.
    pub duckdb: Option<DuckDb>,
}

/// Rows that were taken in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Loaded {
    /// How many.
    pub rows: u64,
    /// A second.
    pub per_second: f64,
}

/// Milliseconds for an answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Rows in the table.
    pub rows: u64,
    /// Tenants and days of the answer.
    pub answers: u64,
    /// Of the rows: each time.
    pub raw: Vec<f64>,
    /// Of the figures: half of the answers.
    pub figures_p50: f64,
    /// 99 of 100.
    pub figures_p99: f64,
    /// What the server takes of it.
    pub server: f64,
    /// The farthest that an average is off, as a share. Counts are all the same, or there is no figure.
    pub average_off: f64,
}

/// Milliseconds while events come.
#[derive(Debug, Serialize, Deserialize)]
pub struct Paced {
    /// Events a second.
    pub per_second: f64,
    /// Until a batch counts: half of them.
    pub taken_p50: f64,
    /// 99 of 100.
    pub taken_p99: f64,
    /// How many reports were read.
    pub reports: u64,
    /// Half of them.
    pub report_p50: f64,
    /// 99 of 100.
    pub report_p99: f64,
    /// All.
    pub report_max: f64,
}

/// Months that became files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Archived {
    /// How many months.
    pub months: u64,
    /// How many rows.
    pub rows: u64,
    /// A second: written, read again, compared, and the table gone.
    pub per_second: f64,
    /// Of all files.
    pub bytes_per_row: f64,
    /// A second, of one month on its way back.
    pub restored_per_second: f64,
}

/// What DuckDB takes.
#[derive(Debug, Serialize, Deserialize)]
pub struct DuckDb {
    /// Tenants and days of the answer.
    pub answers: u64,
    /// Events of the answer.
    pub events: u64,
    /// Each time.
    pub millis: Vec<f64>,
}

/// Measures one after the other, on the database of `DATABASE_URL`.
///
/// # Errors
/// When something cannot be measured, or answers differ.
pub async fn run(place: &Place, rows: u64, out: &Path) -> Result<Analytics, BenchError> {
    let folder = empty_folder(out)?;
    let reporting = Reporting::new(place, rows);
    place.progress("a bare copy");
    let bare = reporting.said(&["bare"]).await?;
    place.progress("rows and figures");
    let load = reporting.said(&["load"]).await?;
    place.progress("the question");
    let ask: Asked = reporting.said(&["ask"]).await?;
    place.progress("reports while events come");
    let paced = reporting.said(&["paced"]).await?;
    place.progress("the archive");
    let path = folder.display().to_string();
    let archive = reporting.said(&["archive", &path]).await?;
    let mut duckdb = None;
    if let Some([program, arguments @ ..]) = place.peers.get("duckdb").map(Vec::as_slice) {
        place.progress("duckdb");
        let mut peer = Command::new(program);
        let answer: DuckDb = said(peer.args(arguments).args([&path, TIMES])).await?;
        if answer.answers != ask.answers {
            let wrong = format!(
                "{} answers of DuckDB, {} of ours",
                answer.answers, ask.answers
            );
            return Err(BenchError::Unexpected(wrong));
        }
        duckdb = Some(answer);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(Analytics {
        machine: place.machine.clone(),
        load,
        bare,
        ask,
        paced,
        archive,
        duckdb,
    })
}

/// The archive alone.
///
/// # Errors
/// As [`run`].
pub async fn archive(place: &Place, rows: u64, out: &Path) -> Result<Archived, BenchError> {
    let folder = empty_folder(out)?;
    let reporting = Reporting::new(place, rows);
    place.progress("rows and figures");
    let _: Loaded = reporting.said(&["load"]).await?;
    place.progress("the archive");
    let path = folder.display().to_string();
    let archived = reporting.said(&["archive", &path]).await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(archived)
}

fn empty_folder(out: &Path) -> Result<std::path::PathBuf, BenchError> {
    let folder = out.join("archive");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(std::path::absolute(folder)?)
}

/// The program that measures.
struct Reporting {
    program: std::path::PathBuf,
    rows: String,
}

impl Reporting {
    fn new(place: &Place, rows: u64) -> Self {
        Self {
            program: place.functions.join("reporting"),
            rows: rows.to_string(),
        }
    }

    async fn said<T: for<'a> Deserialize<'a>>(&self, words: &[&str]) -> Result<T, BenchError> {
        let mut program = Command::new(&self.program);
        said(program.args(["--rows", &self.rows]).args(words)).await
    }
}

/// The one in the middle.
fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Analytics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (load, bare, ask, paced) = (&self.load, &self.bare, &self.ask, &self.paced);
        let whole = |number: f64| format!("{number:.0}");
        writeln!(
            f,
            "taken in: {} rows a second, {:.2} of a bare copy ({})",
            whole(load.per_second),
            load.per_second / bare.per_second,
            whole(bare.per_second)
        )?;
        let raw = median(&ask.raw);
        writeln!(
            f,
            "the question, {} rows, {} answers: {:.1} ms (99 % {:.1}, the server's part {:.1}); of the \
             rows {raw:.0} ms, {:.0} times as long; averages {:.1e} off at most",
            count(Some(ask.rows)),
            count(Some(ask.answers)),
            ask.figures_p50,
            ask.figures_p99,
            ask.server,
            raw / ask.figures_p50,
            ask.average_off
        )?;
        if let Some(duckdb) = &self.duckdb {
            let took = median(&duckdb.millis);
            let times = took / ask.figures_p50;
            writeln!(
                f,
                "DuckDB on the archive: {took:.0} ms, {times:.0} times as long"
            )?;
        }
        writeln!(
            f,
            "while {:.0} events a second come: a batch counts after {:.1} ms (99 % {:.1}); a report of \
             a tenant {:.1} ms (99 % {:.1}, longest {:.1}, {} of them)",
            paced.per_second,
            paced.taken_p50,
            paced.taken_p99,
            paced.report_p50,
            paced.report_p99,
            paced.report_max,
            count(Some(paced.reports))
        )?;
        self.archive.fmt(f)
    }
}

impl fmt::Display for Archived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "archived: {} rows of {} months, {:.0} rows a second, {:.1} bytes a row; back {:.0} rows a \
             second",
            count(Some(self.rows)),
            self.months,
            self.per_second,
            self.bytes_per_row,
            self.restored_per_second
        )
    }
}
