//! Takes jobs up one after another, and each step by step.

use std::time::Duration;

use domain::ports::{Cause, KeepJobs, ListJobs, SaveError, StoreError};
use domain::{Claimed, Job, JobFailure, JobHolder, JobId, JobProgress, JobState, JobWork, NotHeld};
use jiff::{SignedDuration, Timestamp};
use job_steps::{Did, Work};
use lambda_boot::Clock;
use tracing::{error, info, warn};

/// After so long no step is begun: the function has nine minutes, and the longest step four.
const BEGINS_WITHIN: SignedDuration = SignedDuration::from_mins(4);
/// Jobs of one look: somebody else may have the first ones.
const LOOKS_AT: u8 = 10;
/// How often what was done is noted anew when the job was changed meanwhile: somebody cancels it, once.
const MAX_TRIES: u32 = 4;

/// One invocation.
#[derive(Debug)]
pub struct Round<'a, J, W, N> {
    /// The jobs.
    pub jobs: &'a J,
    /// Does their steps.
    pub work: &'a W,
    /// The time.
    pub clock: &'a Clock,
    /// Makes a new id of whoever takes a job up.
    pub new_holder: N,
    /// How long a step may take.
    pub limit: fn(&JobWork) -> SignedDuration,
}

/// Does what is due until nothing is, or the time is over. A job that needs more time goes to the end of
/// the list, so that a long one does not hold up the others; the next minute goes on there.
///
/// # Errors
/// [`StoreError`], where it could not be noted what was done. The job is taken up again when its time is over.
pub async fn handle<J: KeepJobs + ListJobs, W: Work, N: Fn() -> JobHolder>(
    round: &Round<'_, J, W, N>,
) -> Result<(), StoreError> {
    let begun = round.clock.now();
    let until = begun.checked_add(BEGINS_WITHIN).unwrap_or(Timestamp::MAX);
    while round.clock.now() < until {
        let Some(job) = round.take_up().await? else {
            break;
        };
        round.run(job, until).await?;
    }
    Ok(())
}

impl<J: KeepJobs + ListJobs, W: Work, N: Fn() -> JobHolder> Round<'_, J, W, N> {
    /// The first of those that are due which nobody else takes up.
    async fn take_up(&self) -> Result<Option<Job>, StoreError> {
        for id in self.jobs.jobs_due(self.clock.now(), LOOKS_AT).await? {
            match self.claim(id).await {
                Ok(None) => {}
                // One that cannot be read keeps no other waiting.
                Err(StoreError::Broken(Cause(why))) => {
                    error!(job = %id, why, "the job cannot be read")
                }
                taken => return taken,
            }
        }
        Ok(None)
    }

    async fn claim(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        // The list lags: one that is gone, or that somebody has, is left.
        let Some(mut job) = self.jobs.job(id).await? else {
            return Ok(None);
        };
        if job.claim((self.new_holder)(), self.clock.now()) == Claimed::NotDue {
            return Ok(None);
        }
        match self.jobs.save_job(job).await {
            Ok(job) => Ok(Some(job)),
            Err(SaveError::Conflict(_)) => Ok(None),
            Err(SaveError::Store(error)) => Err(error),
        }
    }

    /// Step by step, until it ends, or is somebody else's, or the time is over.
    async fn run(&self, mut job: Job, until: Timestamp) -> Result<(), StoreError> {
        let JobState::Running { holder, .. } = job.state else {
            // It ended when it was taken up.
            tell(&job);
            return Ok(());
        };
        loop {
            let did = self.step(&job).await;
            let now = self.clock.now();
            let goes_on = |job: &mut Job| match &did {
                Ok(Did::Step(step)) => job.advance(holder, step.clone(), (now, now < until)),
                Ok(Did::All(progress, file)) => job
                    .finish(holder, (*progress, file.clone()), now)
                    .map(|()| false),
                Err(why) => job.fail(holder, *why, now).map(|()| false),
            };
            let goes_on = self.note(&mut job, goes_on).await?;
            if goes_on != Some(true) {
                tell(&job);
                return Ok(());
            }
        }
    }

    /// Within its time.
    async fn step(&self, job: &Job) -> Result<Did, JobFailure> {
        let limit = Duration::try_from((self.limit)(&job.work)).unwrap_or_default();
        let (id, kind) = (job.id, job.work.name());
        match tokio::time::timeout(limit, self.work.step(job)).await {
            Ok(Ok(did)) => Ok(did),
            Ok(Err(failed)) => {
                let error = &failed as &dyn std::error::Error;
                warn!(job = %id, kind, error, "step failed");
                Err(failed.why)
            }
            Err(_) => {
                warn!(job = %id, kind, "step took too long");
                Err(JobFailure::Unavailable)
            }
        }
    }

    /// Notes a change of a job that was changed meanwhile perhaps; nothing where it is somebody else's.
    async fn note<T>(
        &self,
        job: &mut Job,
        change: impl Fn(&mut Job) -> Result<T, NotHeld>,
    ) -> Result<Option<T>, StoreError> {
        for _ in 0..MAX_TRIES {
            let mut changed = job.clone();
            let Ok(came_to) = change(&mut changed) else {
                return Ok(None);
            };
            match self.jobs.save_job(changed).await {
                Ok(saved) => {
                    *job = saved;
                    return Ok(Some(came_to));
                }
                Err(SaveError::Conflict(Some(stored))) => *job = *stored,
                Err(SaveError::Conflict(None)) => match self.jobs.job(job.id).await? {
                    Some(stored) => *job = stored,
                    None => return Ok(None),
                },
                Err(SaveError::Store(error)) => return Err(error),
            }
        }
        let cause = Cause(format!("changed by others {MAX_TRIES} times"));
        Err(StoreError::Unavailable(cause))
    }
}

fn tell(job: &Job) {
    let (id, kind, state) = (job.id, job.work.name(), job.state.name());
    let JobProgress { done, total } = job.progress;
    info!(job = %id, kind, state, done, total, "job");
}
