//! Heavy work that somebody asked for, done off the request path: a step at a time, by whoever holds it.
//!
//! A job waits, runs and ends. Whoever runs it holds it until a time, so that one that dies lets it go;
//! the cursor says what is done already. Nothing here knows what a step is.

use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{CustomerId, TenantId, id_of_request};

#[cfg(test)]
mod tests;

/// Which job. Made of the idempotency key, so that who asks again meets the job that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub Uuid);

impl JobId {
    /// What somebody asks for under an idempotency key.
    pub fn asked(tenant: &TenantId, who: &CustomerId, idempotency_key: &str) -> Self {
        Self(id_of_request((tenant, who), "jobs", idempotency_key))
    }

    /// Takes a text from outside: a hyphenated UUID in lower case, the one form that we write.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        (id.hyphenated().to_string() == text).then_some(Self(id))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Whoever works on a job: a random id of each time that it is taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobHolder(pub Uuid);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobWork {
    /// What was sold each day, as a sheet. Both days are in it.
    SalesReport {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// Every order that was placed in some days, as a sheet. Both days are in it.
    OrderExport {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The figures of reports are made what the orders come to. Both days are in it.
    RebuildFigures {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The months whose events are old leave the database, now and not at the next hour.
    ArchiveEvents,
    /// The index of the search is written anew from the catalogue of the shop.
    RebuildSearch,
}

impl JobWork {
    /// Whether more than one shop is concerned: what only the shop that the deployment is of may ask for.
    pub const fn is_of_all_shops(&self) -> bool {
        match self {
            Self::SalesReport { .. }
            | Self::OrderExport { .. }
            | Self::RebuildFigures { .. }
            | Self::RebuildSearch => false,
            Self::ArchiveEvents => true,
        }
    }

    /// Its name, such as `sales_report`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SalesReport { .. } => "sales_report",
            Self::OrderExport { .. } => "order_export",
            Self::RebuildFigures { .. } => "rebuild_figures",
            Self::ArchiveEvents => "archive_events",
            Self::RebuildSearch => "rebuild_search",
        }
    }

    /// The first day and the last that it is about.
    pub const fn days(&self) -> Option<(Date, Date)> {
        match self {
            Self::SalesReport { from, to }
            | Self::OrderExport { from, to }
            | Self::RebuildFigures { from, to } => Some((*from, *to)),
            Self::ArchiveEvents | Self::RebuildSearch => None,
        }
    }

    /// A step that takes longer is given up.
    pub const fn step_limit(&self) -> SignedDuration {
        match self {
            Self::SalesReport { .. } | Self::RebuildSearch => SignedDuration::from_secs(20),
            // All orders of a month are read, or all parts of a sheet.
            Self::OrderExport { .. } | Self::RebuildFigures { .. } => SignedDuration::from_mins(2),
            // A part of a month may take a minute, with what is written read again.
            Self::ArchiveEvents => SignedDuration::from_mins(4),
        }
    }
}

/// How far a job is, in its own unit: days, orders, entries, events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobProgress {
    /// What is done.
    pub done: u64,
    /// Of how much, where that is known.
    pub total: Option<u64>,
}

/// A file that a job made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// Where it is kept.
    pub path: String,
    /// What it is called when it is downloaded.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u64,
}

/// Why a job failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobFailure {
    /// Whoever had it did not come back, time and again.
    Lost,
    /// What it needs could not be reached, time and again.
    Unavailable,
    /// Something that a person has to look at; it is in the log.
    Internal,
}

impl JobFailure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lost, Self::Unavailable, Self::Internal];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// Where a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It is taken up from this time on.
    Waiting {
        /// From when on.
        due: Timestamp,
    },
    /// Somebody has it.
    Running {
        /// Who.
        holder: JobHolder,
        /// Others take it up from then on.
        until: Timestamp,
    },
    /// It is done.
    Done {
        /// Since when.
        at: Timestamp,
        /// What came of it.
        file: Option<JobFile>,
    },
    /// It failed for good.
    Failed {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: JobFailure,
    },
    /// Nobody wants it any more.
    Cancelled {
        /// Since when.
        at: Timestamp,
    },
}

impl JobState {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "queued",
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// When it ended, if it did.
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Waiting { .. } | Self::Running { .. } => None,
            Self::Done { at, .. } | Self::Failed { at, .. } | Self::Cancelled { at } => Some(*at),
        }
    }
}

/// What became of an attempt to take a job up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Whoever asked has it.
    Held,
    /// It ended instead: it was cancelled, or lost too often.
    Ended,
    /// Somebody else has it, or it is not due, or it has ended.
    NotDue,
}

/// Whoever writes does not have the job, or has it no longer.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("somebody else has the job, or it has ended")]
pub struct NotHeld;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// Whose shop.
    pub tenant: TenantId,
    /// Who asked for it.
    pub asked_by: CustomerId,
    /// When.
    pub asked_at: Timestamp,
    /// What is to be done.
    pub work: JobWork,
    /// Where it is.
    pub state: JobState,
    /// How often the step at the cursor was begun.
    pub tries: u32,
    /// Where the work goes on; nothing at its beginning.
    pub cursor: Option<String>,
    /// How far it is.
    pub progress: JobProgress,
    /// When somebody asked for its end.
    pub cancel_asked_at: Option<Timestamp>,
    /// How often it was stored; 0 for never.
    pub version: u64,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStep {
    /// Where the next one begins.
    pub cursor: String,
    /// How far the job is now.
    pub progress: JobProgress,
}

impl Job {
    /// A step is begun so often at most.
    pub const MOST_TRIES: u32 = 5;
    /// For how long what a job made can be downloaded.
    pub const FILE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
    /// For how long a job is remembered.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
    /// Between the limit of a step and the end of the time for which a job is held.
    const SPARE: SignedDuration = SignedDuration::from_secs(10);
    /// Pause after a step that failed; it doubles.
    const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(15);

    /// A new job, due at once.
    pub fn new(
        id: JobId,
        (tenant, asked_by): (TenantId, CustomerId),
        work: JobWork,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant,
            asked_by,
            asked_at: now,
            work,
            state: JobState::Waiting { due: now },
            tries: 0,
            cursor: None,
            progress: JobProgress::default(),
            cancel_asked_at: None,
            version: 0,
        }
    }

    /// From when on it can be taken up; nothing once it has ended.
    pub const fn due(&self) -> Option<Timestamp> {
        match &self.state {
            JobState::Waiting { due } => Some(*due),
            JobState::Running { until, .. } => Some(*until),
            JobState::Done { .. } | JobState::Failed { .. } | JobState::Cancelled { .. } => None,
        }
    }

    /// When it may be forgotten.
    pub fn kept_until(&self) -> Timestamp {
        let from = self.state.ended_at().or_else(|| self.due());
        later(from.unwrap_or(self.asked_at), Self::KEPT)
    }

    /// What came of it, as long as that can be downloaded.
    pub fn file(&self, now: Timestamp) -> Option<(&JobFile, Timestamp)> {
        let JobState::Done { at, file } = &self.state else {
            return None;
        };
        let until = later(*at, Self::FILE_KEPT);
        file.as_ref()
            .filter(|_| now < until)
            .map(|file| (file, until))
    }

    /// Takes it up where it is due: nobody has it, or whoever had it did not come back. One that was to be
    /// cancelled ends then, and so does one whose step was begun too often.
    pub fn claim(&mut self, holder: JobHolder, now: Timestamp) -> Claimed {
        if self.due().is_none_or(|due| now < due) {
            return Claimed::NotDue;
        }
        if self.cancel_asked_at.is_some() {
            self.state = JobState::Cancelled { at: now };
            return Claimed::Ended;
        }
        if self.tries >= Self::MOST_TRIES {
            let why = JobFailure::Lost;
            self.state = JobState::Failed { at: now, why };
            return Claimed::Ended;
        }
        self.tries += 1;
        self.hold(holder, now);
        Claimed::Held
    }

    /// Notes a step that was done; whether the next one is to be begun. It is not where somebody asked for
    /// the end of the job: then this was its last. Nor is it where whoever has the job has no more time: then
    /// it is put back, and those that wait longer come first.
    ///
    /// # Errors
    /// [`NotHeld`]; then nothing changes.
    pub fn advance(
        &mut self,
        holder: JobHolder,
        step: JobStep,
        (now, has_time): (Timestamp, bool),
    ) -> Result<bool, NotHeld> {
        self.is_held_by(holder)?;
        self.cursor = Some(step.cursor);
        self.progress = step.progress;
        if self.cancel_asked_at.is_some() {
            self.state = JobState::Cancelled { at: now };
            return Ok(false);
        }
        // Of the next step.
        self.tries = u32::from(has_time);
        match has_time {
            true => self.hold(holder, now),
            false => self.state = JobState::Waiting { due: now },
        }
        Ok(has_time)
    }

    /// All steps are done.
    ///
    /// # Errors
    /// As [`Job::advance`].
    pub fn finish(
        &mut self,
        holder: JobHolder,
        (progress, file): (JobProgress, Option<JobFile>),
        now: Timestamp,
    ) -> Result<(), NotHeld> {
        self.is_held_by(holder)?;
        self.progress = progress;
        self.state = JobState::Done { at: now, file };
        Ok(())
    }

    /// A step failed. What passes is tried again later, at most [`Job::MOST_TRIES`] times.
    ///
    /// # Errors
    /// As [`Job::advance`].
    pub fn fail(
        &mut self,
        holder: JobHolder,
        why: JobFailure,
        now: Timestamp,
    ) -> Result<(), NotHeld> {
        self.is_held_by(holder)?;
        let passes = why == JobFailure::Unavailable;
        self.state = if self.cancel_asked_at.is_some() {
            JobState::Cancelled { at: now }
        } else if passes && self.tries < Self::MOST_TRIES {
            let times = 1_i32.checked_shl(self.tries.saturating_sub(1));
            let pause = times.and_then(|times| Self::FIRST_PAUSE.checked_mul(times));
            let due = later(now, pause.unwrap_or(Self::FIRST_PAUSE));
            JobState::Waiting { due }
        } else {
            JobState::Failed { at: now, why }
        };
        Ok(())
    }

    /// Somebody wants it no more; whether that changed something. One that waits ends at once, one that
    /// runs at its next step.
    pub fn cancel(&mut self, now: Timestamp) -> bool {
        let is_over = self.state.ended_at().is_some() || self.cancel_asked_at.is_some();
        if is_over {
            return false;
        }
        self.cancel_asked_at = Some(now);
        if matches!(self.state, JobState::Waiting { .. }) {
            self.state = JobState::Cancelled { at: now };
        }
        true
    }

    fn hold(&mut self, holder: JobHolder, now: Timestamp) {
        let limit = self.work.step_limit();
        let until = later(later(now, limit), Self::SPARE);
        self.state = JobState::Running { holder, until };
    }

    fn is_held_by(&self, holder: JobHolder) -> Result<(), NotHeld> {
        match &self.state {
            JobState::Running { holder: has, .. } if *has == holder => Ok(()),
            _ => Err(NotHeld),
        }
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
