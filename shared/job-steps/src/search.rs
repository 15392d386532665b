//! The index of the search is written anew, a page a step.

use domain::ports::{KeepCourses, KeepProducts, RebuildIndex};
use domain::{Job, JobProgress, JobStep};
use search_rebuild::Place;

use crate::step::{Did, StepError};

/// Progress is entries that were written, or taken out.
pub(crate) async fn step<C: KeepProducts + KeepCourses>(
    catalogue: &C,
    index: &impl RebuildIndex,
    job: &Job,
) -> Result<Did, StepError> {
    let place: Place = job
        .cursor
        .as_deref()
        .map_or(Ok(Place::default()), str::parse)?;
    let stepped = search_rebuild::step(catalogue, index, &job.tenant, &place).await?;
    let changed = stepped.written.saturating_add(stepped.removed);
    let progress = JobProgress {
        done: job.progress.done.saturating_add(changed),
        total: None,
    };
    Ok(match stepped.next {
        Some(next) => Did::Step(JobStep {
            cursor: next.text(),
            progress,
        }),
        None => Did::All(progress, None),
    })
}
