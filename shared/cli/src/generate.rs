//! `cartwright gen`: data to try things out with.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use analytics_db::AnalyticsDb;
use clap::{Args, Subcommand};
use domain::MetricBatch;
use domain::ports::{BatchTaken, KeepPlans, StoreError, TakeMetrics, TakeMetricsError};
use event_samples::{Plan, Samples};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;
use tokio::time::sleep;

use crate::bar::Bar;
use crate::failure::{Ending, Failure};
use crate::now;
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// Chunks on their way at once: as many as the database is asked for at a time.
const AT_ONCE: usize = 2;
/// How often a chunk is sent before the run ends. It counts once, whichever of them arrived.
const TRIES: u32 = 5;
/// The first wait between two.
const PAUSE: Duration = Duration::from_millis(200);

/// Make data to try things out with.
#[derive(Debug, Subcommand)]
pub(crate) enum Generate {
    Events(Events),
}

/// Make events of many tenants, skewed as real ones are, and put them into the database.
///
/// The same numbers make the same events and the same batches: a run that was stopped goes on where it was,
/// and one that ended has nothing left to do.
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// How many; 10k and 100M are numbers, too.
    #[arg(long, default_value = "1M", value_name = "COUNT")]
    rows: Count,
    /// Of how many tenants.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    tenants: u32,
    /// Another number makes other events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// When the first ones happen.
    #[arg(long, default_value = "2024-01-01T00:00:00Z", value_name = "TIME")]
    from: Timestamp,
    /// When all have happened.
    #[arg(long, default_value = "2026-01-01T00:00:00Z", value_name = "TIME")]
    until: Timestamp,
    /// Write them as CSV to standard output; no database is asked.
    #[arg(long)]
    csv: bool,
}

/// A number with a `k` or an `M` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count(u64);

/// What is no number.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a number from 1 to 10000M was meant, such as 5000, 10k or 100M")]
struct InvalidCount;

impl FromStr for Count {
    type Err = InvalidCount;

    fn from_str(text: &str) -> Result<Self, InvalidCount> {
        let units = [('k', 1_000), ('M', 1_000_000)];
        let ends = |(unit, factor): (char, u64)| Some((text.strip_suffix(unit)?, factor));
        let (digits, factor) = units.into_iter().find_map(ends).unwrap_or((text, 1));
        let number: u64 = digits.parse().map_err(|_| InvalidCount)?;
        let count = number.checked_mul(factor).ok_or(InvalidCount)?;
        match count {
            1..=10_000_000_000 => Ok(Self(count)),
            _ => Err(InvalidCount),
        }
    }
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Made {
    /// Events that are counted now.
    events: usize,
    /// Events that were counted before.
    known: usize,
    /// How long it took.
    seconds: f64,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            events,
            known,
            seconds,
        } = self;
        write!(f, "{events} events in {seconds:.1} s, {known} were there")
    }
}

impl Generate {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let Self::Events(events) = self;
        let samples = events.samples()?;
        if events.csv {
            return write(&samples, io::stdout().lock());
        }
        let database = AnalyticsDb::connect(settings.one("DATABASE_URL")?)?;
        let done = put(&samples, &database).await?;
        output.say(&done)?;
        Ok(Ending::Done)
    }
}

impl Events {
    fn samples(&self) -> Result<Samples, Failure> {
        if self.until <= self.from {
            return Err(Failure::Time);
        }
        Ok(Samples::new(Plan {
            seed: self.seed,
            rows: self.rows.0,
            tenants: self.tenants,
            from: self.from,
            until: self.until,
        }))
    }
}

/// Puts all of them into a store.
async fn put(samples: &Samples, store: &(impl TakeMetrics + KeepPlans)) -> Result<Made, Failure> {
    let begun = now();
    for (tenant, plan) in samples.tenants() {
        store.put_plan(tenant, plan).await?;
    }
    let mut made = Made::default();
    let mut bar = Bar::new();
    let (mut done, all) = (0, samples.chunks().count());
    let taking = samples
        .chunks()
        .map(|chunk| take(samples.chunk(chunk), store));
    let mut taking = stream::iter(taking).buffer_unordered(AT_ONCE);
    while let Some((events, known)) = taking.try_next().await? {
        made.events += events;
        made.known += known;
        done += 1;
        bar.show(done, all, "chunks")?;
    }
    bar.wipe()?;
    made.seconds = now().duration_since(begun).as_secs_f64();
    Ok(made)
}

/// How many events of a chunk are new, and how many are not.
async fn take(
    batches: Vec<MetricBatch>,
    store: &impl TakeMetrics,
) -> Result<(usize, usize), Failure> {
    let taken = again(|| store.take_metrics(&batches, now())).await?;
    let (mut new, mut known) = (0, 0);
    for (batch, taken) in batches.iter().zip(taken) {
        match taken {
            BatchTaken::New => new += batch.events.len(),
            BatchTaken::Known => known += batch.events.len(),
        }
    }
    Ok((new, known))
}

/// Tries again while the store is away.
async fn again<T>(
    work: impl AsyncFn() -> Result<T, TakeMetricsError>,
) -> Result<T, TakeMetricsError> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match work().await {
            Err(TakeMetricsError::Store(StoreError::Unavailable(_))) => sleep(pause).await,
            ended => return ended,
        }
        pause *= 2;
    }
    work().await
}

/// Writes all of them, a line each.
fn write(samples: &Samples, sink: impl Write) -> Result<Ending, Failure> {
    let mut lines = csv::Writer::from_writer(sink);
    let names = [
        "batch_id",
        "tenant",
        "created_at",
        "event_type",
        "processing_us",
    ];
    lines.write_record(names).map_err(io::Error::from)?;
    for chunk in samples.chunks() {
        for batch in samples.chunk(chunk) {
            let id = batch.id.to_string();
            for event in &batch.events {
                let (at, micros) = (event.at.to_string(), event.took.micros().to_string());
                let line = [
                    &id,
                    batch.tenant.as_str(),
                    &at,
                    event.event_type.as_str(),
                    &micros,
                ];
                lines.write_record(line).map_err(io::Error::from)?;
            }
        }
    }
    lines.flush()?;
    Ok(Ending::Done)
}
