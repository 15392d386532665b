//! The figures of reports, made what the orders come to. Days are looked at, some a step. A day that is wrong is told
//! first, as a part of the sheet, and the step after that puts it right; so it is told also where somebody is
//! ended between the two.

use domain::ports::{KeepFiles, RecountSales, StoreError};
use domain::{DayFigure, Job, JobProgress, JobStep, Miscounted};
use jiff::civil::Date;
use sheets::{more_rows, sheet};
use tracing::warn;

use crate::parts::{self, TOGETHER, broken, days, part};
use crate::step::{Did, StepError};

/// Days that a step looks at.
const LOOKS_AT: u64 = 10;

const COLUMNS: [&str; 7] = [
    "day",
    "hour",
    "currency",
    "product_id",
    "figure",
    "counted",
    "orders_say",
];

/// What is next, the day that it is about, and how many days were wrong so far.
struct Place {
    next: Next,
    day: Date,
    wrong: u32,
}

#[derive(Clone, Copy)]
enum Next {
    Look,
    Mend,
    Together,
}

impl Place {
    fn read(cursor: Option<&str>, from: Date) -> Result<Self, StoreError> {
        let Some(cursor) = cursor else {
            let (next, day, wrong) = (Next::Look, from, 0);
            return Ok(Self { next, day, wrong });
        };
        let mut words = cursor.split(' ');
        let next = match words.next() {
            Some("look") => Next::Look,
            Some("mend") => Next::Mend,
            Some(TOGETHER) => Next::Together,
            _ => return Err(broken("no step of ours")),
        };
        let day = parts::day(words.next().unwrap_or_default())?;
        let wrong = words.next().and_then(|count| count.parse().ok());
        let wrong = wrong.ok_or_else(|| broken("no number of days"))?;
        Ok(Self { next, day, wrong })
    }

    fn text(&self) -> String {
        let next = match self.next {
            Next::Look => "look",
            Next::Mend => "mend",
            Next::Together => TOGETHER,
        };
        format!("{next} {} {}", self.day, self.wrong)
    }
}

/// Progress is days.
pub(crate) async fn step(
    figures: &impl RecountSales,
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
) -> Result<Did, StepError> {
    let place = Place::read(job.cursor.as_deref(), from)?;
    let next = match place.next {
        Next::Look => look(figures, files, job, (place, to)).await?,
        Next::Mend => {
            figures.recount(&job.tenant, place.day).await?;
            behind(place, to)
        }
        Next::Together => return together(files, job, (from, to), place.wrong).await,
    };
    let done = match next.next {
        Next::Together => days(from, to),
        Next::Look | Next::Mend => days(from, next.day) - 1,
    };
    let progress = JobProgress {
        done,
        total: Some(days(from, to)),
    };
    let cursor = next.text();
    Ok(Did::Step(JobStep { cursor, progress }))
}

/// Goes from day to day until one is wrong, and tells what is.
async fn look(
    figures: &impl RecountSales,
    files: &impl KeepFiles,
    job: &Job,
    (mut place, to): (Place, Date),
) -> Result<Place, StepError> {
    for _ in 0..LOOKS_AT {
        let Place { day, wrong, .. } = place;
        let found = figures.miscounted(&job.tenant, day).await?;
        if !found.is_empty() {
            warn!(job = %job.id, %day, figures = found.len(), "the figures are not what the orders come to");
            let rows = more_rows(found.iter().map(|it| cells(day, it)))?;
            files.put_file(&part(job, wrong), rows).await?;
            let (next, wrong) = (Next::Mend, wrong + 1);
            return Ok(Place { next, day, wrong });
        }
        place = behind(place, to);
        if matches!(place.next, Next::Together) {
            break;
        }
    }
    Ok(place)
}

/// The day after; behind the last day, the end.
fn behind(place: Place, to: Date) -> Place {
    let Place { day, wrong, .. } = place;
    match day.tomorrow() {
        Ok(day) if day <= to => Place {
            next: Next::Look,
            day,
            wrong,
        },
        _ => Place {
            next: Next::Together,
            day,
            wrong,
        },
    }
}

/// All that was wrong; no file where nothing was.
async fn together(
    files: &impl KeepFiles,
    job: &Job,
    (from, to): (Date, Date),
    wrong: u32,
) -> Result<Did, StepError> {
    if wrong == 0 {
        return Ok(Did::All(job.progress, None));
    }
    let mut whole = sheet(COLUMNS, [])?;
    for number in 0..wrong {
        whole.extend(parts::get(files, job, number).await?);
    }
    let name = format!("miscounted-{from}-{to}.csv");
    let file = parts::keep(files, job, (name, whole)).await?;
    Ok(Did::All(job.progress, Some(file)))
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
