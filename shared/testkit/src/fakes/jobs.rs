//! Jobs in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use domain::ports::{
    Cause, KeepJobs, LinkFiles, ListJobs, Listed, NoteAuthor, SaveError, StoreError,
};
use domain::{Author, Job, JobFile, JobId, TenantId};
use jiff::{SignedDuration, Timestamp};

use super::{Fault, unavailable};
use crate::lock;

/// The jobs of all shops.
#[derive(Clone, Debug, Default)]
pub struct FakeJobs(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    rows: BTreeMap<JobId, Job>,
    faults: VecDeque<Option<Fault>>,
    authors: Vec<Author>,
    damaged: Option<JobId>,
    away: bool,
}

impl Inner {
    fn answers(&self) -> Result<(), StoreError> {
        match self.away {
            true => Err(unavailable()),
            false => Ok(()),
        }
    }

    fn save(&mut self, mut job: Job) -> Result<Job, SaveError<Job>> {
        let stored = self.rows.get(&job.id).cloned();
        let expected = job.version;
        job.version += 1;
        if stored.as_ref() == Some(&job) {
            return Ok(job);
        }
        if stored.as_ref().map_or(0, |stored| stored.version) != expected {
            return Err(SaveError::Conflict(stored.map(Box::new)));
        }
        self.rows.insert(job.id, job.clone());
        Ok(job)
    }
}

impl FakeJobs {
    /// Lets every call find the store unavailable from now on, or no longer.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// Lets a job be written with a fault after so many writes without.
    pub fn fail_write_after(&self, writes: usize, fault: Fault) {
        let good = std::iter::repeat_n(None, writes);
        lock(&self.0).faults.extend(good.chain([Some(fault)]));
    }

    /// Lets the row of a job be none that anybody can read.
    pub fn damage(&self, id: JobId) {
        lock(&self.0).damaged = Some(id);
    }

    /// All jobs.
    pub fn all(&self) -> Vec<Job> {
        lock(&self.0).rows.values().cloned().collect()
    }

    /// Who made writes.
    pub fn authors(&self) -> Vec<Author> {
        lock(&self.0).authors.clone()
    }

    /// Changes a job behind the back of whoever has it.
    pub fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        if let Some(job) = lock(&self.0).rows.get_mut(&id) {
            change(job);
            job.version += 1;
        }
    }
}

impl NoteAuthor for FakeJobs {
    fn by(&self, author: &Author) -> Self {
        lock(&self.0).authors.push(author.clone());
        self.clone()
    }
}

impl KeepJobs for FakeJobs {
    async fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        if inner.damaged == Some(id) {
            return Err(StoreError::Broken(Cause("damaged".to_owned())));
        }
        Ok(inner.rows.get(&id).cloned())
    }

    async fn save_job(&self, job: Job) -> Result<Job, SaveError<Job>> {
        let mut inner = lock(&self.0);
        inner.answers()?;
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(unavailable().into()),
            Some(Fault::AppliedButError) => {
                inner.save(job)?;
                Err(unavailable().into())
            }
            Some(Fault::Conflict) => Err(SaveError::Conflict(None)),
            None => inner.save(job),
        }
    }
}

impl ListJobs for FakeJobs {
    async fn jobs_of(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Job>, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        let mut jobs: Vec<_> = inner
            .rows
            .values()
            .filter(|job| job.tenant == *tenant)
            .collect();
        jobs.sort_by_key(|job| std::cmp::Reverse((job.asked_at, job.id)));
        let place = |job: &Job| format!("{}#{}", job.asked_at, job.id);
        if let Some(after) = after {
            let seen = jobs.iter().position(|job| place(job) == after);
            let seen = seen.ok_or_else(|| StoreError::Broken(Cause("no place".to_owned())))?;
            jobs.drain(..=seen);
        }
        let more = jobs.len() > usize::from(limit);
        jobs.truncate(limit.into());
        let next = jobs.last().filter(|_| more).map(|job| place(job));
        Ok(Listed {
            items: jobs.into_iter().cloned().collect(),
            next,
        })
    }

    async fn jobs_due(&self, now: Timestamp, limit: u8) -> Result<Vec<JobId>, StoreError> {
        let inner = lock(&self.0);
        inner.answers()?;
        let due = |job: &Job| Some((job.due().filter(|due| *due <= now)?, job.id));
        let mut due: Vec<_> = inner.rows.values().filter_map(due).collect();
        due.sort_unstable();
        due.truncate(limit.into());
        Ok(due.into_iter().map(|(_, id)| id).collect())
    }
}

/// Links that say what they are of.
#[derive(Clone, Copy, Debug, Default)]
pub struct FakeLinks;

impl LinkFiles for FakeLinks {
    async fn link(&self, file: &JobFile, valid: SignedDuration) -> Result<String, StoreError> {
        let seconds = valid.as_secs();
        Ok(format!(
            "https://files.example.org/{}?name={}&valid={seconds}",
            file.path, file.name
        ))
    }
}
