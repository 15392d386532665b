//! Jobs as they stand, and what came of them.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use contracts::http::{JobBody, JobListBody};
use domain::ports::LinkFiles;
use http_edge::{Caller, Problem, page_size};
use jiff::SignedDuration;
use serde::Deserialize;

use crate::routes::{App, Jobs, find};

/// For how long a link is good.
const LINK_VALID: SignedDuration = SignedDuration::from_mins(5);

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
}

pub(crate) async fn list<J: Jobs, Q: Send + Sync, F: Send + Sync>(
    State(app): State<Arc<App<J, Q, F>>>,
    caller: Caller,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<axum::Json<JobListBody>, Problem> {
    let Query(page) = page.map_err(|_| Problem::bad_request("cursor and limit only"))?;
    let limit = page_size(page.limit)?;
    let shop = &caller.principal.tenant;
    let name = ["jobs", shop.as_str()];
    let after = app.cursors.read(&name, page.cursor.as_deref())?;
    let found = app.jobs.jobs_of(shop, after.as_deref(), limit).await?;
    let now = app.clock.now();
    let jobs = found.items.iter().map(|job| JobBody::of(job, now));
    Ok(axum::Json(JobListBody {
        jobs: jobs.collect(),
        next_cursor: found.next.map(|place| app.cursors.make(&name, &place)),
    }))
}

/// With a new link each time, where there is something to be had.
pub(crate) async fn show<J: Jobs, Q: Send + Sync, F: LinkFiles + Send + Sync>(
    State(app): State<Arc<App<J, Q, F>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<JobBody>, Problem> {
    let job = find(&app.jobs, &caller, &id).await?;
    let now = app.clock.now();
    let mut body = JobBody::of(&job, now);
    if let (Some(result), Some((file, _))) = (&mut body.result, job.file(now)) {
        result.link = Some(app.files.link(file, LINK_VALID).await?);
    }
    Ok(axum::Json(body))
}
