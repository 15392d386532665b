//! What goes on in a shop, for those who run it.

use std::collections::BTreeMap;

use domain::ports::Listed;
use domain::{
    Currency, DestinationState, Figure, NewCourse, NewestCourses, Period, Standing, Stock, Tally,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::AmountBody;

#[cfg(test)]
mod tests;

/// How many minutes are shown.
const MINUTES: i32 = 60;

/// Answer to `GET /api/v1/admin/dashboard`. Days and hours are those of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DashboardBody {
    /// When it was looked at.
    pub as_of: Timestamp,
    /// The day that is called today.
    pub today: String,
    /// Orders placed in each of the last 60 minutes, the oldest first; the last one is not over.
    pub placed_per_minute: Vec<PerMinuteBody>,
    /// How many orders stand how, all that were ever placed.
    pub orders_by_status: Vec<StandingBody>,
    /// What was charged today, by currency.
    pub revenue_today: Vec<AmountBody>,
    /// What went back today, by currency.
    pub refunds_today: Vec<AmountBody>,
    /// Orders that failed today, by reason.
    pub failures_today: Vec<FailuresBody>,
    /// The newest courses, the newest first, ten at most.
    pub newest_courses: Vec<NewCourseBody>,
    /// What is low. Missing for those who run another shop than the one that the stock is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock_alerts: Option<StockAlertsBody>,
    /// Messages that nobody could take in, by queue. Missing like `stock_alerts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<Vec<LettersBody>>,
    /// Services that are not called but for single probes, as of the last minute. Missing like
    /// `stock_alerts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_breakers: Option<Vec<OpenBreakerBody>>,
}

/// Orders placed in a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PerMinuteBody {
    /// When it began.
    pub minute: Timestamp,
    /// How many.
    pub placed: i64,
}

/// Orders that stand so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandingBody {
    /// `open` (pending, charging or unwinding), `confirmed`, `shipped`, `delivered`, `refunded`,
    /// `failed`, `cancelled`.
    pub status: String,
    /// How many.
    pub orders: i64,
}

/// Orders that failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailuresBody {
    /// Stable reason, such as `out_of_stock`.
    pub reason: String,
    /// How many.
    pub orders: i64,
}

/// A course that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewCourseBody {
    /// Which.
    pub course_id: String,
    /// Title.
    pub title: String,
    /// When.
    pub created_at: Timestamp,
}

/// What is low.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockAlertsBody {
    /// SKUs at their threshold or below, by name, 50 at most.
    pub skus: Vec<LowSkuBody>,
    /// Whether there are more: `GET /api/v1/admin/inventory/low-stock` has all.
    pub more: bool,
}

impl StockAlertsBody {
    /// Most SKUs that are shown.
    pub const MOST: u8 = 50;

    /// Of the first [`StockAlertsBody::MOST`] that are low.
    pub fn of(low: &Listed<Stock>) -> Self {
        Self {
            skus: low.items.iter().map(Into::into).collect(),
            more: low.next.is_some(),
        }
    }
}

/// A SKU that is low.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LowSkuBody {
    /// Which.
    pub sku: String,
    /// Pieces that can be sold now.
    pub available: u32,
    /// It is low at so many pieces and fewer.
    pub low_at: u32,
}

impl From<&Stock> for LowSkuBody {
    fn from(stock: &Stock) -> Self {
        Self {
            sku: stock.sku.to_string(),
            available: stock.available,
            low_at: stock.low_at,
        }
    }
}

/// The dead letters of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LettersBody {
    /// Whose they are.
    pub queue: String,
    /// How many, roughly. Missing where the queue did not say in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
}

/// A service that is not called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenBreakerBody {
    /// Which.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

impl OpenBreakerBody {
    /// Of a service that is told of profiles; nothing of one that is called.
    pub fn of(state: &DestinationState) -> Option<Self> {
        Some(Self {
            name: format!("profiles-{}", state.name),
            since: state.failing_since?,
        })
    }
}

impl From<&NewCourse> for NewCourseBody {
    fn from(course: &NewCourse) -> Self {
        Self {
            course_id: course.id.to_string(),
            title: course.title.clone(),
            created_at: course.created_at,
        }
    }
}

impl DashboardBody {
    /// The periods whose figures are shown at a time.
    pub fn periods(now: Timestamp) -> Vec<Period> {
        let mut periods = vec![
            Period::Now,
            Period::day_of(now),
            Period::hour_of(earlier(now, MINUTES - 1)),
            Period::hour_of(now),
        ];
        periods.dedup();
        periods
    }

    /// What was counted, of [`DashboardBody::periods`]; the rest is not known yet.
    pub fn of(tallies: &[Tally], newest: &NewestCourses, now: Timestamp) -> Self {
        let day = Period::day_of(now);
        Self {
            as_of: now,
            today: now.to_zoned(TimeZone::UTC).date().to_string(),
            placed_per_minute: per_minute(tallies, now),
            orders_by_status: Standing::ALL.map(|it| standing(tallies, it)).into(),
            revenue_today: amounts(tallies, day, |figure| match figure {
                Figure::Revenue(currency) => Some(currency),
                _ => None,
            }),
            refunds_today: amounts(tallies, day, |figure| match figure {
                Figure::Refunds(currency) => Some(currency),
                _ => None,
            }),
            failures_today: failures(tallies, day),
            newest_courses: newest.courses.iter().map(Into::into).collect(),
            stock_alerts: None,
            dead_letters: None,
            open_breakers: None,
        }
    }
}

fn earlier(now: Timestamp, minutes: i32) -> Timestamp {
    let by = SignedDuration::from_mins(minutes.into());
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn count(tallies: &[Tally], period: Period, figure: Figure) -> i64 {
    let mut of = tallies.iter();
    let found = of.find(|it| it.period == period && it.figure == figure);
    found.map_or(0, |it| it.by)
}

fn per_minute(tallies: &[Tally], now: Timestamp) -> Vec<PerMinuteBody> {
    let placed = |ago: i32| {
        let at = earlier(now, ago);
        let minute = at.to_zoned(TimeZone::UTC).minute();
        let begin = at.as_second() - at.as_second().rem_euclid(60);
        PerMinuteBody {
            minute: Timestamp::from_second(begin).unwrap_or(at),
            placed: count(tallies, Period::hour_of(at), Figure::Placed(minute)),
        }
    };
    (0..MINUTES).rev().map(placed).collect()
}

fn standing(tallies: &[Tally], standing: Standing) -> StandingBody {
    StandingBody {
        status: standing.name().to_owned(),
        orders: count(tallies, Period::Now, Figure::Standing(standing)),
    }
}

/// Sums of a day, by currency.
fn amounts(
    tallies: &[Tally],
    day: Period,
    currency_of: fn(Figure) -> Option<Currency>,
) -> Vec<AmountBody> {
    let of_today = tallies.iter().filter(|it| it.period == day && it.by != 0);
    let sums = of_today.filter_map(|it| Some((currency_of(it.figure)?.code(), it.by)));
    let sums: BTreeMap<_, _> = sums.collect();
    let amount = |(code, minor): (&str, i64)| AmountBody {
        minor,
        currency: code.to_owned(),
    };
    sums.into_iter().map(amount).collect()
}

fn failures(tallies: &[Tally], day: Period) -> Vec<FailuresBody> {
    let of_today = tallies.iter().filter(|it| it.period == day && it.by != 0);
    let reason = |it: &Tally| match it.figure {
        Figure::Failures(code) => Some((code.name(), it.by)),
        _ => None,
    };
    let sums: BTreeMap<_, _> = of_today.filter_map(reason).collect();
    let body = |(reason, orders): (&str, i64)| FailuresBody {
        reason: reason.to_owned(),
        orders,
    };
    sums.into_iter().map(body).collect()
}
