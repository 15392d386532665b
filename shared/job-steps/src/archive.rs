//! Old months leave the database, as `archive-analytics` lets them every hour: a part, or a month, a step.
//! Where one is ended is noted in the database.

use domain::ports::{ArchiveEvents, KeepFiles};
use domain::{Job, JobFailure, JobProgress, JobStep, oldest_open_month};
use event_archive::{Archive, Done};

use crate::step::{Did, StepError};

/// Progress is rows that are in the archive.
pub(crate) async fn step(
    archive: &Archive<impl ArchiveEvents, impl KeepFiles>,
    job: &Job,
) -> Result<Did, StepError> {
    let before = oldest_open_month(job.asked_at);
    let done = archive.step(before).await.map_err(|error| StepError {
        why: match error.passes() {
            true => JobFailure::Unavailable,
            false => JobFailure::Internal,
        },
        source: error.into(),
    })?;
    let rows = match done {
        Done::Nothing => return Ok(Did::All(job.progress, None)),
        Done::Part { rows, .. } => rows,
        Done::Month(_) => 0,
    };
    Ok(Did::Step(JobStep {
        cursor: "goes on".to_owned(),
        progress: JobProgress {
            done: job.progress.done.saturating_add(rows),
            total: None,
        },
    }))
}
