//! Every order that was placed in some days, as a sheet: a part for each so many orders.

use domain::ports::{KeepFiles, ListSales, ListedSale, StoreError};
use domain::{FailureCode, Job, JobProgress, JobStep, Money, OrderId};
use jiff::Timestamp;
use jiff::civil::Date;
use sheets::{more_rows, sheet};

use crate::parts::{self, TOGETHER, broken, part};
use crate::step::{Did, StepError};

/// Orders of a part.
pub(crate) const PART: u16 = 5_000;

const COLUMNS: [&str; 14] = [
    "order_id",
    "placed_at",
    "currency",
    "total_minor",
    "completed_at",
    "charged_in",
    "charged_minor",
    "tax_minor",
    "failed_at",
    "failure",
    "cancelled_at",
    "units",
    "refunds",
    "refunded_minor",
];

/// Where it goes on: the number of the part, the month that is read, and the order that it comes after.
struct Place {
    number: u32,
    month: Date,
    after: Option<(Timestamp, OrderId)>,
}

impl Place {
    fn read(cursor: &str) -> Result<Self, StoreError> {
        let mut words = cursor.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let number = word().parse().map_err(|_| broken("no part of ours"))?;
        let month = parts::day(word())?;
        let after = match (word(), word()) {
            ("", _) => None,
            (at, order) => match (at.parse(), OrderId::parse(order)) {
                (Ok(at), Ok(order)) => Some((at, order)),
                _ => return Err(broken("no order of ours")),
            },
        };
        Ok(Self {
            number,
            month,
            after,
        })
    }
}

/// Progress is orders. A month is read at a time, in parts of so many orders.
pub(crate) async fn step(
    sales: &impl ListSales,
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let place = match job.cursor.as_deref() {
        None => Place {
            number: 0,
            month: from,
            after: None,
        },
        Some(cursor) => match cursor.strip_prefix(TOGETHER) {
            Some(parts) => return together(files, job, (from, to), parts).await,
            None => Place::read(cursor)?,
        },
    };
    let days = place.month..=place.month.last_of_month().min(to);
    let listed = sales
        .sales_placed(&job.tenant, &days, (place.after, PART))
        .await?;
    let rows = more_rows(listed.iter().map(cells))?;
    files.put_file(&part(job, place.number), rows).await?;
    let number = place.number + 1;
    let is_full = listed.len() == usize::from(PART);
    let cursor = match (listed.last().filter(|_| is_full), days.end().tomorrow()) {
        (Some(last), _) => {
            let ListedSale {
                order, placed_at, ..
            } = last;
            format!("{number} {} {placed_at} {order}", place.month)
        }
        (None, Ok(next)) if next <= to => format!("{number} {next}"),
        _ => format!("{TOGETHER} {number}"),
    };
    let count = u64::try_from(listed.len()).unwrap_or_default();
    let progress = JobProgress {
        done: job.progress.done.saturating_add(count),
        total: None,
    };
    Ok(Did::Step(JobStep { cursor, progress }))
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

fn cells(listed: &ListedSale) -> [String; 14] {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let minor = |money: Option<Money>| money.map(|it| it.minor().to_string()).unwrap_or_default();
    let charge = listed.completed.map(|(_, charge)| charge);
    [
        listed.order.to_string(),
        listed.placed_at.to_string(),
        listed.total.currency().code().to_owned(),
        listed.total.minor().to_string(),
        time(listed.completed.map(|(at, _)| at)),
        charge
            .map(|it| it.total.currency().code().to_owned())
            .unwrap_or_default(),
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
