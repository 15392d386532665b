//! Taking a job back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::http::JobBody;
use domain::JobState;
use domain::ports::{Cause, SaveError, StoreError};
use http_edge::{By, Caller, Problem};

use crate::routes::{App, Jobs, find};

/// Whoever runs the job writes now and then.
const MAX_TRIES: u32 = 5;

/// One that waits ends at once, one that runs at its next step. A second time answers as the first.
pub(crate) async fn cancel<J: Jobs, Q: Send + Sync, F: Send + Sync>(
    State(app): State<Arc<App<J, Q, F>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
) -> Result<axum::Json<JobBody>, Problem> {
    let now = app.clock.now();
    let store = app.jobs.by(&author);
    for _ in 0..MAX_TRIES {
        let mut job = find(&app.jobs, &caller, &id).await?;
        if !job.cancel(now) {
            return match &job.state {
                JobState::Done { .. } | JobState::Failed { .. } => Err(ended(&job.state)),
                _ => Ok(axum::Json(JobBody::of(&job, now))),
            };
        }
        match store.save_job(job).await {
            Ok(job) => return Ok(axum::Json(JobBody::of(&job, now))),
            Err(SaveError::Conflict(_)) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
        }
    }
    let cause = Cause(format!("changed by others {MAX_TRIES} times"));
    Err(StoreError::Unavailable(cause).into())
}

fn ended(state: &JobState) -> Problem {
    Problem::new(StatusCode::CONFLICT, "job-ended", "Job ended")
        .detail(format!("the job is {}", state.name()))
}
