//! What was sold each day, over years: a part of the sheet for each year, and all of them together at the
//! end. A part that is written again is overwritten, and nothing is counted twice.

use contracts::http::SalesRowBody;
use domain::ports::{Cause, KeepFiles, ReadSales, StoreError};
use domain::{Job, JobFailure, JobFile, JobProgress, JobStep};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sheets::{SheetError, more_rows, sheet};

use crate::run::{Did, StepError};

/// The cursor behind the last day.
const TOGETHER: &str = "together";

impl From<SheetError> for StepError {
    fn from(error: SheetError) -> Self {
        Self {
            why: JobFailure::Internal,
            source: error.into(),
        }
    }
}

/// Progress is days.
pub(crate) async fn step(
    reports: &impl ReadSales,
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let begin = match job.cursor.as_deref() {
        None => from,
        Some(TOGETHER) => return together(files, job, (from, to)).await,
        Some(day) => day
            .parse()
            .map_err(|_| broken("no day of ours".to_owned()))?,
    };
    let end = date(begin.year(), 12, 31).min(to);
    let sales = reports.sales_by_day(&job.tenant, &(begin..=end)).await?;
    let rows = SalesRowBody::all(&sales);
    let rows = more_rows(rows.iter().map(SalesRowBody::cells))?;
    files.put_file(&part(job, begin.year()), rows).await?;
    let cursor = match end < to {
        true => end.saturating_add(1.day()).to_string(),
        false => TOGETHER.to_owned(),
    };
    let progress = JobProgress {
        done: days(from, end),
        total: Some(days(from, to)),
    };
    Ok(Did::Step(JobStep { cursor, progress }))
}

/// Puts the parts under the names of the columns.
async fn together(
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let mut whole = sheet(SalesRowBody::COLUMNS, [])?;
    for year in from.year()..=to.year() {
        let part = files.get_file(&part(job, year)).await?;
        whole.extend(part.ok_or_else(|| broken(format!("the part of {year} is not there")))?);
    }
    let file = JobFile {
        path: format!("jobs/{}/result", job.id),
        name: format!("sales-{from}-{to}.csv"),
        bytes: u64::try_from(whole.len()).unwrap_or(u64::MAX),
    };
    files.put_file(&file.path, whole).await?;
    Ok(Did::All(job.progress, Some(file)))
}

fn broken(words: String) -> StoreError {
    StoreError::Broken(Cause(words))
}

fn part(job: &Job, year: i16) -> String {
    format!("jobs/{}/{year}", job.id)
}

/// Both days are in it.
fn days(from: Date, to: Date) -> u64 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u64::from(days.unsigned_abs()) + 1
}
