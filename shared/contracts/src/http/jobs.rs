//! Bodies of jobs: heavy work that is done off the request path.

use domain::{Job, JobFile, JobState, JobWork};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::InvalidBody;

#[cfg(test)]
mod tests;

/// No shop is older.
const FIRST: Date = date(2000, 1, 1);
/// Most days of a report that a job makes: thirty years.
const MOST_DAYS: i32 = 11_000;
/// Most days of an export, a row for each order: a year.
const MOST_DAYS_OF_ORDERS: i32 = 366;

/// Body of `POST /api/v1/admin/jobs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// What is to be done: `sales_report` is what was sold each day, as a sheet; `order_export` every order that
    /// was placed, as a sheet; `rebuild_figures` makes the figures of reports what the orders come to, with a
    /// sheet of those that were something else; `archive_events` moves the events of old months into the
    /// archive now; `rebuild_search` writes the index of the search anew.
    pub kind: String,
    /// The first day of a report, an export or figures, such as `2020-01-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl NewJob {
    /// What is to be done.
    ///
    /// # Errors
    /// [`InvalidBody`] with the pointer of the first field that is wrong.
    pub fn parse(&self) -> Result<JobWork, InvalidBody> {
        match self.kind.as_str() {
            "sales_report" => {
                let (from, to) = self.days(MOST_DAYS)?;
                Ok(JobWork::SalesReport { from, to })
            }
            "order_export" => {
                let (from, to) = self.days(MOST_DAYS_OF_ORDERS)?;
                Ok(JobWork::OrderExport { from, to })
            }
            "rebuild_figures" => {
                let (from, to) = self.days(MOST_DAYS)?;
                Ok(JobWork::RebuildFigures { from, to })
            }
            "archive_events" => self.without_days(JobWork::ArchiveEvents),
            "rebuild_search" => self.without_days(JobWork::RebuildSearch),
            _ => Err(InvalidBody::at(
                "/kind",
                "sales_report, order_export, rebuild_figures, archive_events or rebuild_search",
            )),
        }
    }

    /// Both days are in it; at most so many.
    fn days(&self, most: i32) -> Result<(Date, Date), InvalidBody> {
        let from = day("/from", self.from.as_deref())?;
        let to = day("/to", self.to.as_deref())?;
        if from > to {
            return Err(InvalidBody::at("/from", "it is after to"));
        }
        let days = from.until(to).map_or(i32::MAX, |span| span.get_days());
        match days < most {
            true => Ok((from, to)),
            false => Err(InvalidBody::at("/to", format!("at most {most} days"))),
        }
    }

    fn without_days(&self, work: JobWork) -> Result<JobWork, InvalidBody> {
        let given = [("/from", &self.from), ("/to", &self.to)];
        match given.into_iter().find(|(_, day)| day.is_some()) {
            Some((pointer, _)) => Err(InvalidBody::at(pointer, "this kind has no days")),
            None => Ok(work),
        }
    }
}

fn day(pointer: &str, text: Option<&str>) -> Result<Date, InvalidBody> {
    let plain = text.filter(|text| text.len() == 10);
    let day = plain.and_then(|text| text.parse::<Date>().ok());
    let problem = || format!("a day such as 2020-01-01, not before {FIRST}");
    day.filter(|day| *day >= FIRST)
        .ok_or_else(|| InvalidBody::at(pointer, problem()))
}

/// Answer to `POST /api/v1/admin/jobs`: nothing that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobAcceptedBody {
    /// Its id; the job itself is at `/api/v1/admin/jobs/{job_id}`.
    pub job_id: String,
    /// What is to be done.
    pub kind: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobBody {
    /// Its id.
    pub job_id: String,
    /// What is to be done.
    pub kind: String,
    /// The first day, where it is about days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day, where it is about days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// How far it is.
    pub progress: JobProgressBody,
    /// Whether somebody asked for its end: one that runs ends at its next step.
    pub cancel_requested: bool,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it failed: `lost` where whoever worked on it did not come back, `unavailable` where what it needs
    /// could not be reached, `internal` where a person has to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What came of it, as long as that can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<JobResultBody>,
}

/// How far a job is. A report counts days, as figures that are rebuilt do; an export orders, the index of the
/// search entries, the archive events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobProgressBody {
    /// What is done.
    pub done: u64,
    /// Of how much; missing where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// A file that a job made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobResultBody {
    /// What it is called.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Until when it can be had.
    pub kept_until: Timestamp,
    /// Where it is, for whoever has this address, for five minutes; missing in lists. Asking again gives
    /// another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Answer to `GET /api/v1/admin/jobs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JobListBody {
    /// The newest first.
    pub jobs: Vec<JobBody>,
    /// Where the list goes on; missing on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&Job> for JobAcceptedBody {
    fn from(job: &Job) -> Self {
        Self {
            job_id: job.id.to_string(),
            kind: job.work.name().to_owned(),
            requested_at: job.asked_at,
        }
    }
}

impl JobBody {
    /// A job as it stands at a time, without a link.
    pub fn of(job: &Job, now: Timestamp) -> Self {
        let days = job.work.days();
        let (from, to) = days
            .map(|(from, to)| (from.to_string(), to.to_string()))
            .unzip();
        let failure = match &job.state {
            JobState::Failed { why, .. } => Some(why.name().to_owned()),
            _ => None,
        };
        let result = |(file, kept_until): (&JobFile, Timestamp)| JobResultBody {
            name: file.name.clone(),
            bytes: file.bytes,
            kept_until,
            link: None,
        };
        Self {
            job_id: job.id.to_string(),
            kind: job.work.name().to_owned(),
            from,
            to,
            state: job.state.name().to_owned(),
            progress: JobProgressBody {
                done: job.progress.done,
                total: job.progress.total,
            },
            cancel_requested: job.cancel_asked_at.is_some(),
            requested_by: job.asked_by.to_string(),
            requested_at: job.asked_at,
            ended_at: job.state.ended_at(),
            failure,
            result: job.file(now).map(result),
        }
    }
}
