//! What all routes of reports have in common: the days that are asked for, the name of an answer, and a sheet as
//! a file.

mod days;
mod sheet;

use answer_cache::Question;
use contracts::http::AsOfBody;
use domain::TenantId;
use domain::ports::{DayRange, ShareAnswers};
use http_edge::Problem;
use jiff::Timestamp;
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
}

/// What is asked, of figures that are as new as this.
pub fn question<'a>(tenant: &'a TenantId, as_of: Option<&AsOfBody>, what: String) -> Question<'a> {
    let version = as_of.map_or(0, |it| it.changes);
    Question {
        tenant,
        what,
        version,
    }
}
