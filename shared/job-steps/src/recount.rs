//! The figures of reports, made what the orders come to: a month a step. The sheet says which were something else.

use domain::ports::{KeepFiles, RecountSales};
use domain::{DayFigure, Job, JobProgress, JobStep, Miscounted};
use jiff::civil::Date;
use sheets::{more_rows, sheet};
use tracing::warn;

use crate::parts::{self, TOGETHER, days, part};
use crate::step::{Did, StepError};

const COLUMNS: [&str; 7] = [
    "day",
    "hour",
    "currency",
    "product_id",
    "figure",
    "counted",
    "orders_say",
];

/// Progress is days.
pub(crate) async fn step(
    figures: &impl RecountSales,
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let begin = match job.cursor.as_deref() {
        None => from,
        Some(TOGETHER) => return together(files, job, (from, to)).await,
        Some(day) => parts::day(day)?,
    };
    let end = begin.last_of_month().min(to);
    let (mut wrong, mut rows) = (Vec::new(), Vec::new());
    let of_month = begin.series(jiff::Span::new().days(1));
    for day in of_month.take_while(|day| *day <= end) {
        let found = figures.miscounted(&job.tenant, day).await?;
        if !found.is_empty() {
            warn!(job = %job.id, %day, figures = found.len(), "the figures are not what the orders come to");
            wrong.push(day);
        }
        rows.extend(found.iter().map(|it| cells(day, it)));
    }
    let path = part(job, month(begin));
    // Whoever was ended in the midst of it has told already what was wrong at first.
    if !wrong.is_empty() && files.get_file(&path).await?.is_none() {
        files.put_file(&path, more_rows(rows)?).await?;
    }
    for day in wrong {
        figures.recount(&job.tenant, day).await?;
    }
    let cursor = match end < to {
        true => end.tomorrow().unwrap_or(Date::MAX).to_string(),
        false => TOGETHER.to_owned(),
    };
    let progress = JobProgress {
        done: days(from, end),
        total: Some(days(from, to)),
    };
    Ok(Did::Step(JobStep { cursor, progress }))
}

/// What was wrong in all months; no file where nothing was.
async fn together(
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let mut rows = Vec::new();
    let months = from.first_of_month().series(jiff::Span::new().months(1));
    for day in months.take_while(|day| *day <= to) {
        let told = files.get_file(&part(job, month(day))).await?;
        rows.extend(told.unwrap_or_default());
    }
    if rows.is_empty() {
        return Ok(Did::All(job.progress, None));
    }
    let mut whole = sheet(COLUMNS, [])?;
    whole.extend(rows);
    let name = format!("miscounted-{from}-{to}.csv");
    let file = parts::keep(files, job, (name, whole)).await?;
    Ok(Did::All(job.progress, Some(file)))
}

fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

fn cells(day: Date, wrong: &Miscounted) -> [String; 7] {
    let DayFigure {
        hour,
        currency,
        product,
        name,
    } = &wrong.figure;
    [
        day.to_string(),
        hour.map(|hour| hour.to_string()).unwrap_or_default(),
        currency.map(str::to_owned).unwrap_or_default(),
        product
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        (*name).to_owned(),
        wrong.counted.to_string(),
        wrong.wanted.to_string(),
    ]
}
