//! What was sold each day, over years: a part of the sheet for each year, and all of them together at the
//! end. A part that is written again is overwritten, and nothing is counted twice.

use contracts::http::SalesRowBody;
use domain::ports::{KeepFiles, ReadSales};
use domain::{Job, JobProgress, JobStep};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sheets::{more_rows, sheet};

use crate::parts::{self, TOGETHER, days, part};
use crate::step::{Did, StepError};

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
        Some(day) => parts::day(day)?,
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
        whole.extend(parts::get(files, job, year).await?);
    }
    let name = format!("sales-{from}-{to}.csv");
    let file = parts::keep(files, job, (name, whole)).await?;
    Ok(Did::All(job.progress, Some(file)))
}
