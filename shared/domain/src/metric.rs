//! What happens at tenants, told in batches: when, of which type, how long it took. Figures of a day are
//! counts and sums of whole microseconds, so they are the same in whatever order they are added up.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use thiserror::Error;
use uuid::Uuid;

use crate::{InvalidId, MetricType, Period, TenantId};

#[cfg(test)]
mod tests;

/// Longest payload, in bytes of its JSON.
pub const MAX_PAYLOAD: usize = 2_048;
/// Most events of one batch.
pub const MAX_BATCH: usize = 1_000;
/// How far ahead of our clock an event may be: clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);
/// How many months back an event may be, that of our clock not counted; older ones are in the archive.
const MONTHS_BACK: i8 = 23;

/// Of how many days, today not counted, there are figures of each hour.
pub const DAYS_BY_HOUR: i8 = 31;

/// A time that nothing takes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a processing time must be 0 to 86400000 milliseconds")]
pub struct InvalidProcessingTime;

/// How long something took: whole microseconds, a day at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessingTime(i64);

impl ProcessingTime {
    /// The longest.
    pub const MAX: Self = Self(86_400_000_000);

    /// So many microseconds.
    ///
    /// # Errors
    /// [`InvalidProcessingTime`] when it is negative or longer than a day.
    pub const fn from_micros(micros: i64) -> Result<Self, InvalidProcessingTime> {
        match micros {
            0..=86_400_000_000 => Ok(Self(micros)),
            _ => Err(InvalidProcessingTime),
        }
    }

    /// So many milliseconds, to the nearest microsecond.
    ///
    /// # Errors
    /// [`InvalidProcessingTime`] when it is negative, longer than a day, or no number.
    pub fn from_millis(millis: f64) -> Result<Self, InvalidProcessingTime> {
        let micros = (millis * 1_000.0).round();
        if !(millis >= 0.0 && micros <= 86_400_000_000.0) {
            return Err(InvalidProcessingTime);
        }
        #[expect(clippy::cast_possible_truncation, reason = "it was compared above")]
        let micros = micros as i64;
        Self::from_micros(micros)
    }

    /// In milliseconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a day has fewer than 2^53 microseconds"
    )]
    pub const fn millis(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// In microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

/// Something that happened at a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricEvent {
    /// What it is.
    pub event_type: MetricType,
    /// When it happened, to the microsecond.
    pub at: Timestamp,
    /// How long it took.
    pub took: ProcessingTime,
    /// What else is told of it: a JSON object as text.
    pub payload: Option<String>,
}

/// Tells a batch of a tenant from its others. Who sends it makes it, and sends the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub Uuid);

impl BatchId {
    /// Takes a text from outside: a hyphenated UUID in lower case.
    ///
    /// # Errors
    /// [`InvalidId`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            kind: "batch id",
            max: 36,
        };
        let id = Uuid::try_parse(text).map_err(|_| invalid.clone())?;
        match id.to_string() == text {
            true => Ok(Self(id)),
            false => Err(invalid),
        }
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Events of one tenant, which count together and once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricBatch {
    /// Whose they are.
    pub tenant: TenantId,
    /// Which batch it is.
    pub id: BatchId,
    /// What happened.
    pub events: Vec<MetricEvent>,
}

/// What a tenant pays for: how long its events can be asked for one by one. Figures are kept for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plan {
    /// As long as they are in the database.
    Free,
    /// Three years more.
    #[default]
    Standard,
    /// Ten years more.
    Enterprise,
}

impl Plan {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Free, Self::Standard, Self::Enterprise];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }

    /// The plan of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.name() == name)
    }
}

/// How many events there were, and how long they took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricFigures {
    /// How many.
    pub events: i64,
    /// Microseconds of all of them.
    pub micros: i64,
}

impl MetricFigures {
    /// These and one event more.
    pub const fn count(&mut self, took: ProcessingTime) {
        self.events = self.events.saturating_add(1);
        self.micros = self.micros.saturating_add(took.micros());
    }

    /// These and others.
    pub const fn add(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.micros = self.micros.saturating_add(other.micros);
    }

    /// How long one took, in milliseconds; nothing where there were none.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an average of more than 2^53 is off by less than a part in 10^15"
    )]
    pub fn average_millis(&self) -> Option<f64> {
        (self.events > 0).then(|| self.micros as f64 / self.events as f64 / 1_000.0)
    }
}

/// Figures by tenant, and by day or hour. Who has none is not there.
pub type FiguresByTenant = BTreeMap<TenantId, BTreeMap<Period, MetricFigures>>;

/// What cannot be when it says.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OutOfTime {
    /// After our clock.
    #[error("it is more than a minute ahead of our clock")]
    Ahead,
    /// Before the months that are open.
    #[error("it is older than the months that take events")]
    Old,
}

/// The oldest month that takes events, by its first day. Those before it belong into the archive.
pub fn oldest_open_month(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.first_of_month().saturating_sub(MONTHS_BACK.months())
}

/// Whether an event of a time can be taken in.
///
/// # Errors
/// [`OutOfTime`].
pub fn in_time(at: Timestamp, now: Timestamp) -> Result<(), OutOfTime> {
    if at.duration_since(now) > AHEAD {
        return Err(OutOfTime::Ahead);
    }
    match at.to_zoned(TimeZone::UTC).date() < oldest_open_month(now) {
        true => Err(OutOfTime::Old),
        false => Ok(()),
    }
}
