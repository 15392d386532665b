//! The days that a report is of.

use domain::ports::DayRange;
use http_edge::Problem;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// No shop is older.
const FIRST: Date = date(2000, 1, 1);
/// How many days are shown where nobody says which.
const USUAL: i32 = 7;
/// Most days of a report by day: three years.
pub const MOST_DAYS: i32 = 1_100;
/// Most days of a report by hour.
pub const MOST_BY_HOUR: i32 = 31;

/// From one day to another, both with it: the last week where nobody says. At most so many.
///
/// # Errors
/// 400, with what is wrong.
pub fn days_of(
    (from, to): (Option<&str>, Option<&str>),
    now: Timestamp,
    most: i32,
) -> Result<DayRange, Problem> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let to = to.map_or(Ok(today), |to| day_of("to", to))?;
    let from = match from {
        Some(from) => day_of("from", from)?,
        None => to.saturating_sub((USUAL - 1).days()).max(FIRST),
    };
    if from > to {
        return Err(Problem::bad_request("from is after to"));
    }
    let asked = from.until(to).map_or(i32::MAX, |span| span.get_days());
    match asked < most {
        true => Ok(from..=to),
        false => Err(Problem::bad_request(format!(
            "a report of this kind has at most {most} days"
        ))),
    }
}

fn day_of(name: &str, text: &str) -> Result<Date, Problem> {
    let day = || text.parse::<Date>().ok();
    let is_plain = text.len() == 10;
    let day = is_plain.then(day).flatten().filter(|day| *day >= FIRST);
    day.ok_or_else(|| {
        Problem::bad_request(format!(
            "{name} is a day such as 2026-07-20, not before {FIRST}"
        ))
    })
}
