//! Every order that was placed in some days, as a sheet: a part for each so many orders.

use domain::ports::{KeepFiles, ListSales, ListedSale};
use domain::{FailureCode, Job, JobProgress, JobStep, Money, OrderId};
use jiff::Timestamp;
use jiff::civil::Date;
use sheets::{more_rows, sheet};

use crate::parts::{self, TOGETHER, broken, part};
use crate::step::{Did, StepError};

/// Orders of a part.
pub(crate) const PART: u16 = 5_000;

const COLUMNS: [&str; 13] = [
    "order_id",
    "placed_at",
    "currency",
    "total_minor",
    "completed_at",
    "charged_minor",
    "tax_minor",
    "failed_at",
    "failure",
    "cancelled_at",
    "units",
    "refunds",
    "refunded_minor",
];

/// Progress is orders.
pub(crate) async fn step(
    sales: &impl ListSales,
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let (number, after) = match job.cursor.as_deref() {
        None => (0, None),
        Some(cursor) => match cursor.strip_prefix(TOGETHER) {
            Some(parts) => return together(files, job, (from, to), parts).await,
            None => place(cursor)?,
        },
    };
    let listed = sales
        .sales_placed(&job.tenant, &(from..=to), (after, PART))
        .await?;
    let rows = more_rows(listed.iter().map(cells))?;
    files.put_file(&part(job, number), rows).await?;
    let count = u64::try_from(listed.len()).unwrap_or_default();
    let cursor = match listed.last().filter(|_| count == u64::from(PART)) {
        Some(last) => format!("{} {} {}", number + 1, last.placed_at, last.order),
        None => format!("{TOGETHER} {}", number + 1),
    };
    let progress = JobProgress {
        done: job.progress.done.saturating_add(count),
        total: None,
    };
    Ok(Did::Step(JobStep { cursor, progress }))
}

/// The number of the part, and the order that it comes after.
fn place(cursor: &str) -> Result<(u32, Option<(Timestamp, OrderId)>), StepError> {
    let mut words = cursor.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (number, at, order) = (word().parse(), word().parse(), OrderId::parse(word()));
    match (number, at, order) {
        (Ok(number), Ok(at), Ok(order)) => Ok((number, Some((at, order)))),
        _ => Err(broken("no order of ours").into()),
    }
}

async fn together(
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
    parts: &str,
) -> Result<Did, StepError> {
    let parts: u32 = parts
        .trim()
        .parse()
        .map_err(|_| broken("no number of parts"))?;
    let mut whole = sheet(COLUMNS, [])?;
    for number in 0..parts {
        whole.extend(parts::get(files, job, number).await?);
    }
    let name = format!("orders-{from}-{to}.csv");
    let file = parts::keep(files, job, (name, whole)).await?;
    Ok(Did::All(job.progress, Some(file)))
}

fn cells(listed: &ListedSale) -> [String; 13] {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let minor = |money: Option<Money>| money.map(|it| it.minor().to_string()).unwrap_or_default();
    let charge = listed.completed.map(|(_, charge)| charge);
    [
        listed.order.to_string(),
        listed.placed_at.to_string(),
        listed.total.currency().code().to_owned(),
        listed.total.minor().to_string(),
        time(listed.completed.map(|(at, _)| at)),
        minor(charge.map(|it| it.total)),
        charge
            .map(|it| it.tax_minor.to_string())
            .unwrap_or_default(),
        time(listed.failed.map(|(at, _)| at)),
        listed
            .failed
            .map(|(_, code)| FailureCode::name(code).to_owned())
            .unwrap_or_default(),
        time(listed.cancelled),
        listed.units.to_string(),
        listed.refunds.to_string(),
        listed.refunded_minor.to_string(),
    ]
}
