//! What is going on in a shop, as figures: how many orders came in, where they are, what was earned
//! and what went wrong. Each order is counted by what happened to it, each thing once, in whatever
//! order it is heard of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::{CourseId, Currency, FailureCode, Money, RefundId};

#[cfg(test)]
mod tests;

/// Where an order is, as far as others are told: what was decided is nobody else's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Placed, not ended.
    Open,
    /// Charged, sold, on its way.
    Confirmed,
    /// The carrier has the parcel.
    Shipped,
    /// The customer has the parcel.
    Delivered,
    /// All of the money went back.
    Refunded,
    /// Everything was taken back.
    Failed,
    /// Everything was taken back because the customer asked.
    Cancelled,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Confirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Refunded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Refunded => "refunded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What happened to an order, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It was placed, for so much.
    Placed(Money),
    /// It was charged, so much.
    Completed(Money),
    /// The carrier has the parcel.
    Shipped,
    /// The customer has the parcel.
    Delivered,
    /// So much went back, as this refund.
    Refunded(RefundId, Money),
    /// Everything was taken back, for this reason.
    Failed(FailureCode),
    /// Everything was taken back because the customer asked.
    Cancelled,
}

/// When something is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// As things stand.
    Now,
    /// A day, in UTC.
    Day(Date),
    /// An hour of a day, in UTC; 0 to 23.
    Hour(Date, i8),
}

impl Period {
    /// The day of a time.
    pub fn day_of(at: Timestamp) -> Self {
        Self::Day(at.to_zoned(TimeZone::UTC).date())
    }

    /// The hour of a time.
    pub fn hour_of(at: Timestamp) -> Self {
        let at = at.to_zoned(TimeZone::UTC);
        Self::Hour(at.date(), at.hour())
    }

    /// The day that it is in; as things stand is in none.
    #[must_use]
    pub const fn day(self) -> Self {
        match self {
            Self::Hour(date, _) => Self::Day(date),
            Self::Day(_) | Self::Now => self,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Figure {
    /// Orders that stand so.
    Standing(Standing),
    /// Orders placed in this minute of an hour; 0 to 59.
    Placed(i8),
    /// What was charged, in minor units.
    Revenue(Currency),
    /// What went back, in minor units.
    Refunds(Currency),
    /// Orders that failed for this reason.
    Failures(FailureCode),
}

/// By how much a figure of a period changes, or how much it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Of when.
    pub period: Period,
    /// Of what.
    pub figure: Figure,
    /// How many, or how much.
    pub by: i64,
}

/// What was counted of one order. Nothing of it is taken back: where the order stands follows from
/// all that was heard, so the order of hearing does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedOrder {
    /// How it stood, by everything that was told of it but refunds.
    pub passed: BTreeSet<Standing>,
    /// What it costs, once that was told.
    pub total: Option<Money>,
    /// What went back.
    pub refunds: BTreeMap<RefundId, Money>,
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
}

impl CountedOrder {
    /// Counts what happened, and tells which figures change by it: none where it was counted.
    pub fn count(&mut self, what: &Counting, at: Timestamp) -> Vec<Tally> {
        let before = self.standing();
        let mut tallies = match what.clone() {
            Counting::Placed(total) => {
                self.total = Some(total);
                let minute = at.to_zoned(TimeZone::UTC).minute();
                let placed = (Period::hour_of(at), Figure::Placed(minute), 1);
                self.pass(Standing::Open, Some(placed))
            }
            Counting::Completed(total) => {
                self.total = Some(total);
                let figure = Figure::Revenue(total.currency());
                let earned = (Period::day_of(at), figure, total.minor());
                self.pass(Standing::Confirmed, Some(earned))
            }
            Counting::Failed(code) => {
                let failed = (Period::day_of(at), Figure::Failures(code), 1);
                self.pass(Standing::Failed, Some(failed))
            }
            Counting::Refunded(id, amount) => match self.refunds.insert(id, amount) {
                Some(_) => Vec::new(),
                None => {
                    let figure = Figure::Refunds(amount.currency());
                    vec![tally((Period::day_of(at), figure, amount.minor()))]
                }
            },
            Counting::Shipped => self.pass(Standing::Shipped, None),
            Counting::Delivered => self.pass(Standing::Delivered, None),
            Counting::Cancelled => self.pass(Standing::Cancelled, None),
        };
        let after = self.standing();
        if before != after {
            let moved = |standing, by| tally((Period::Now, Figure::Standing(standing), by));
            tallies.extend(before.map(|standing| moved(standing, -1)));
            tallies.extend(after.map(|standing| moved(standing, 1)));
        }
        tallies
    }

    /// Where the order stands: the furthest that was told of; refunded once all of its money went
    /// back. Nothing where nothing was told.
    pub fn standing(&self) -> Option<Standing> {
        let furthest = self.passed.last().copied();
        match self.is_refunded() {
            true => Some(Standing::Refunded),
            false => furthest,
        }
    }

    fn is_refunded(&self) -> bool {
        let back: i64 = self.refunds.values().map(|it| it.minor()).sum();
        let all = self.total.is_some_and(|total| back >= total.minor());
        all && !self.refunds.is_empty()
    }

    /// It came this far. What goes with it is counted the first time.
    fn pass(&mut self, standing: Standing, counted: Option<(Period, Figure, i64)>) -> Vec<Tally> {
        match self.passed.insert(standing) {
            true => counted.map(tally).into_iter().collect(),
            false => Vec::new(),
        }
    }
}

fn tally((period, figure, by): (Period, Figure, i64)) -> Tally {
    Tally { period, figure, by }
}

/// A course, as those who run the shop see that it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCourse {
    /// Which.
    pub id: CourseId,
    /// What the customer reads first.
    pub title: String,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
}

/// The newest courses of a shop, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewestCourses {
    /// At most [`NewestCourses::MOST`].
    pub courses: Vec<NewCourse>,
    /// Number of the last write; 0 where nothing is stored.
    pub version: u64,
}

impl NewestCourses {
    /// Most that are kept.
    pub const MOST: usize = 10;

    /// Takes a course in; whether that changed anything. In whatever order and however often courses
    /// come, the newest of all are left.
    pub fn take(&mut self, course: NewCourse) -> bool {
        if self.courses.iter().any(|known| known.id == course.id) {
            return false;
        }
        let before = self.courses.clone();
        self.courses.push(course);
        let age = |it: &NewCourse| (it.created_at, it.id.clone());
        self.courses.sort_by_key(|it| std::cmp::Reverse(age(it)));
        self.courses.truncate(Self::MOST);
        self.courses != before
    }
}
