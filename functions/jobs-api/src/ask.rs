//! Asking for a job. Its id is made of the `Idempotency-Key`, so that the row itself knows a repeat.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::http::{JobAcceptedBody, NewJob};
use contracts::jobs::LookForJobs;
use domain::ports::{KeepJobs, SaveError, SendMessages};
use domain::{Job, JobId};
use http_edge::{By, Caller, IdempotencyKey, Json, Problem, key_reused, mark_replayed};
use tracing::warn;

use crate::routes::{App, Jobs, PATH};

pub(crate) async fn ask<J: Jobs, Q: SendMessages + Send + Sync, F: Send + Sync>(
    State(app): State<Arc<App<J, Q, F>>>,
    (caller, By(author)): (Caller, By),
    key: IdempotencyKey,
    Json(body): Json<NewJob>,
) -> Result<Response, Problem> {
    let work = body.parse().map_err(Problem::invalid)?;
    let who = &caller.principal;
    if work.is_of_all_shops() && who.tenant != app.home {
        return Err(Problem::forbidden());
    }
    let id = JobId::asked(&who.tenant, &who.subject, key.as_str());
    let whose = (who.tenant.clone(), who.subject.clone());
    let wanted = Job::new(id, whose, work, app.clock.now());
    let (job, is_new) = keep(&app.jobs.by(&author), wanted.clone()).await?;
    if job.work != wanted.work {
        return Err(key_reused());
    }
    if job.due().is_some() {
        wake(&app.queue).await;
    }
    let mut response = accepted(&job);
    if !is_new {
        mark_replayed(&mut response);
    }
    Ok(response)
}

/// Puts a job where none is; what is there, and whether that is new.
async fn keep(jobs: &impl KeepJobs, wanted: Job) -> Result<(Job, bool), Problem> {
    let id = wanted.id;
    match jobs.save_job(wanted).await {
        Ok(job) => Ok((job, true)),
        Err(SaveError::Conflict(Some(stored))) => Ok((*stored, false)),
        Err(SaveError::Conflict(None)) => {
            let stored = jobs.job(id).await?;
            Ok((stored.ok_or_else(Problem::internal)?, false))
        }
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// The row is what counts: a message that is not sent costs the minute until the next look.
async fn wake(queue: &impl SendMessages) {
    if let Err(error) = queue.send(&LookForJobs::letter()).await {
        let error = &error as &dyn std::error::Error;
        warn!(error, "nobody was woken for a job");
    }
}

fn accepted(job: &Job) -> Response {
    let place = [(header::LOCATION, format!("{PATH}/{}", job.id))];
    let body = axum::Json(JobAcceptedBody::from(job));
    (StatusCode::ACCEPTED, place, body).into_response()
}
