//! What all routes of reports have in common: the days that are asked for, the name of an answer, and a sheet as
//! a file.

mod days;
mod sheet;

use answer_cache::Question;
use contracts::http::AsOfBody;
use domain::TenantId;
use domain::ports::{DayRange, ShareAnswers};
use http_edge::Problem;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

pub use days::{MOST_BY_HOUR, MOST_DAYS, days_of};
pub use sheet::sheet;

/// Where answers are shared.
pub trait Shared: ShareAnswers + Send + Sync + 'static {}
impl<C: ShareAnswers + Send + Sync + 'static> Shared for C {}

/// Query of a report by time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByTime {
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    by: By,
}

/// A row for each of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Days of UTC.
    #[default]
    Day,
    /// Hours of UTC.
    Hour,
}

impl By {
    /// Most days of a report.
    const fn most(self) -> i32 {
        match self {
            Self::Day => MOST_DAYS,
            Self::Hour => MOST_BY_HOUR,
        }
    }

    /// Names the rows of these days.
    pub fn of(self, days: &DayRange) -> String {
        let by = match self {
            Self::Day => "day",
            Self::Hour => "hour",
        };
        format!("{}/{}/{by}", days.start(), days.end())
    }
}

impl ByTime {
    /// What it takes.
    pub const KNOWN: &str = "from, to and by only; by is day or hour";

    /// The rows that are asked for.
    ///
    /// # Errors
    /// 400 for days that cannot be, or are too many.
    pub fn rows(&self, now: Timestamp) -> Result<(By, DayRange), Problem> {
        let asked = (self.from.as_deref(), self.to.as_deref());
        let days = days_of(asked, now, self.by.most())?;
        Ok((self.by, days))
    }

    /// The same where there are no hours of days that are more than so many back.
    ///
    /// # Errors
    /// 400 for these, too.
    pub fn rows_of_last(
        &self,
        days_by_hour: i8,
        now: Timestamp,
    ) -> Result<(By, DayRange), Problem> {
        let (by, days) = self.rows(now)?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let oldest = today.saturating_sub(days_by_hour.days());
        match by == By::Hour && *days.start() < oldest {
            true => Err(Problem::bad_request(format!(
                "there are hours of the last {days_by_hour} days only, from {oldest} on"
            ))),
            false => Ok((by, days)),
        }
    }
}

/// What is asked, of figures that are as new as this. A number of changes alone may come again with other
/// figures: after a failover, or when they are counted anew.
pub fn question<'a>(tenant: &'a TenantId, as_of: Option<&AsOfBody>, what: String) -> Question<'a> {
    let version = as_of.map(|it| format!("{}/{}", it.changes, it.event));
    Question {
        tenant,
        what,
        version: version.unwrap_or_default(),
    }
}
