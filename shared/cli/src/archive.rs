//! `cartwright archive`: events that are old, between the database and the bucket of the archive.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use analytics_db::AnalyticsDb;
use clap::{Args, Subcommand};
use domain::ports::{ArchiveEvents, KeepFiles};
use domain::{ArchivedFile, MetricType, MonthState, TenantId, oldest_open_month};
use event_archive::{ArchiveError, Done};
use jiff::civil::Date;
use object_store::{FileBucket, Roots};
use serde::Serialize;
use thiserror::Error;
use tokio::time::sleep;

use crate::aws::sdk_config;
use crate::failure::{Ending, Failure};
use crate::now;
use crate::output::Output;
use crate::settings::Settings;

#[cfg(test)]
mod tests;

/// How often a step is tried before the run ends.
const TRIES: u32 = 10;
/// The wait between two.
const PAUSE: Duration = Duration::from_secs(1);

/// Move old events out of the database, and read them.
#[derive(Debug, Subcommand)]
pub(crate) enum Archive {
    Run(Run),
    /// Say of each month where it is.
    List,
    /// Put the events of a month into the database once more, to be read with all others.
    Restore {
        /// Which, as 2024-01.
        month: Month,
    },
    /// Take the events of a restored month out of the database again.
    Release {
        /// Which, as 2024-01.
        month: Month,
    },
    Query(Query),
}

/// Archive what is old: write its files, read them again, and only then let the table go.
///
/// Whatever ended an earlier run, this one goes on where it was. Two at once do the same twice, and lose
/// nothing.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Months before that of this day. Else those that are more than 23 months before this one.
    #[arg(long, value_name = "DATE")]
    before: Option<Date>,
}

/// Write events of a month as CSV to standard output, from its files.
#[derive(Debug, Args)]
pub(crate) struct Query {
    /// Which, as 2024-01.
    month: Month,
    /// Only those of a tenant.
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Only those of a type.
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<MetricType>,
}

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month(Date);

/// What is no month.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a month such as 2024-01 was meant")]
pub(crate) struct InvalidMonth;

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let first = format!("{text}-01").parse().map_err(|_| InvalidMonth);
        first.map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// What was done, or where a month is.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Said {
    month: String,
    what: &'static str,
    rows: u64,
    bytes: u64,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            month,
            what,
            rows,
            bytes,
        } = self;
        write!(f, "{month} {what}, {rows} rows in {bytes} bytes")
    }
}

fn said(month: Date, what: &'static str, rows: u64, bytes: u64) -> Said {
    let month = Month(month).to_string();
    Said {
        month,
        what,
        rows,
        bytes,
    }
}

/// Rows and bytes of files.
fn size(files: &[ArchivedFile]) -> (u64, u64) {
    let rows = files.iter().map(|file| file.checksums.rows).sum();
    (rows, files.iter().map(|file| file.bytes).sum())
}

impl Archive {
    pub(crate) async fn run(
        &self,
        settings: &Settings,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let [url, bucket] = settings.all(["DATABASE_URL", "EVENT_ARCHIVE"])?;
        let database = AnalyticsDb::connect_patiently(url)?;
        let bucket = FileBucket::archive(&sdk_config(settings).await, &Roots::amazon(), bucket);
        let bucket = bucket.map_err(Failure::ArchiveBucket)?.at(now);
        self.between(&database, &bucket, output).await
    }

    async fn between<D: ArchiveEvents + Clone, F: KeepFiles + Clone>(
        &self,
        database: &D,
        files: &F,
        output: &mut Output<impl Write>,
    ) -> Result<Ending, Failure> {
        let archive = event_archive::Archive::new(database.clone(), files.clone());
        match self {
            Self::Run(run) => {
                let before = run.before.unwrap_or_else(|| oldest_open_month(now()));
                loop {
                    match next(&archive, before).await? {
                        Done::Nothing => break,
                        Done::Part { month, rows, bytes } => {
                            output.say(&said(month, "a part is in the archive", rows, bytes))?;
                        }
                        Done::Month(month) => {
                            let (rows, bytes) = size(&archive.files_of(month).await?);
                            output.say(&said(month, "left the database", rows, bytes))?;
                        }
                    }
                }
            }
            Self::List => {
                for (month, state) in database.months().await? {
                    let (rows, bytes) = match state {
                        MonthState::Open => (0, 0),
                        _ => size(&archive.files_of(month).await?),
                    };
                    output.say(&said(month, in_words(state), rows, bytes))?;
                }
            }
            Self::Restore {
                month: Month(month),
            } => {
                let rows = archive.restore(*month).await?.rows;
                let (_, bytes) = size(&archive.files_of(*month).await?);
                output.say(&said(*month, "is in the database again", rows, bytes))?;
            }
            Self::Release {
                month: Month(month),
            } => {
                archive.release(*month).await?;
                let (rows, bytes) = size(&archive.files_of(*month).await?);
                output.say(&said(*month, "left the database", rows, bytes))?;
            }
            Self::Query(query) => {
                let mut lines = csv::Writer::from_writer(io::stdout().lock());
                query.write(&archive, &mut lines).await?;
            }
        }
        Ok(Ending::Done)
    }
}

/// The next step. What a server still does for whoever was ended before passes.
async fn next<D: ArchiveEvents, F: KeepFiles>(
    archive: &event_archive::Archive<D, F>,
    before: Date,
) -> Result<Done, ArchiveError> {
    for _ in 1..TRIES {
        match archive.step(before).await {
            Err(error) if error.passes() => sleep(PAUSE).await,
            ended => return ended,
        }
    }
    archive.step(before).await
}

const fn in_words(state: MonthState) -> &'static str {
    match state {
        MonthState::Open => "is in the database",
        MonthState::Archiving => "is on its way into the archive",
        MonthState::Archived => "is in the archive",
        MonthState::Restored => "is in the archive and in the database",
    }
}

impl Query {
    async fn write<D: ArchiveEvents, F: KeepFiles>(
        &self,
        archive: &event_archive::Archive<D, F>,
        lines: &mut csv::Writer<impl Write>,
    ) -> Result<(), Failure> {
        let names = [
            "tenant",
            "created_at",
            "event_type",
            "processing_us",
            "payload",
        ];
        lines.write_record(names).map_err(io::Error::from)?;
        for file in archive.files_of(self.month.0).await? {
            for (tenant, events) in archive.read(&file).await? {
                if self.tenant.as_ref().is_some_and(|wanted| *wanted != tenant) {
                    continue;
                }
                let is_wanted = |kind| self.event_type.as_ref().is_none_or(|it| it == kind);
                for event in events.iter().filter(|event| is_wanted(&event.event_type)) {
                    let (at, micros) = (event.at.to_string(), event.took.micros().to_string());
                    let payload = event.payload.as_deref().unwrap_or_default();
                    let kind = event.event_type.as_str();
                    let line = [tenant.as_str(), &at, kind, &micros, payload];
                    lines.write_record(line).map_err(io::Error::from)?;
                }
            }
        }
        Ok(lines.flush()?)
    }
}
