//! The routes, and what they work with. What is another shop's is not there.

use std::sync::Arc;

use domain::ports::{KeepJobs, LinkFiles, ListJobs, NoteAuthor, SendMessages};
use domain::{Job, JobId, TenantId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use lambda_boot::Clock;

use crate::ask::ask;
use crate::cancel::cancel;
use crate::show::{list, show};

/// Where jobs are.
pub(crate) const PATH: &str = "/api/v1/admin/jobs";
/// It moves data of a whole shop.
const ADMIN: Policy = Policy::Only(&[Role::Admin]);

/// What the routes need of jobs.
pub trait Jobs: KeepJobs + ListJobs + NoteAuthor + Send + Sync + 'static {}
impl<S: KeepJobs + ListJobs + NoteAuthor + Send + Sync + 'static> Jobs for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<J, Q, F> {
    /// The jobs.
    pub jobs: J,
    /// Wakes those who do them.
    pub queue: Q,
    /// What they made.
    pub files: F,
    /// The shop that the deployment is of.
    pub home: TenantId,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
}

/// The routes at work.
pub fn api<J, Q, F>(app: App<J, Q, F>) -> Api
where
    J: Jobs,
    Q: SendMessages + Send + Sync + 'static,
    F: LinkFiles + Send + Sync + 'static,
{
    routes().with_state(Arc::new(app))
}

/// All routes.
pub fn routes<J, Q, F>() -> Api<Arc<App<J, Q, F>>>
where
    J: Jobs,
    Q: SendMessages + Send + Sync + 'static,
    F: LinkFiles + Send + Sync + 'static,
{
    Api::default()
        .get(PATH, ADMIN, list::<J, Q, F>)
        .post(PATH, ADMIN, ask::<J, Q, F>)
        .get("/api/v1/admin/jobs/{id}", ADMIN, show::<J, Q, F>)
        .post("/api/v1/admin/jobs/{id}/cancel", ADMIN, cancel::<J, Q, F>)
}

pub(crate) async fn find(jobs: &impl KeepJobs, caller: &Caller, id: &str) -> Result<Job, Problem> {
    let id = JobId::parse(id).ok_or_else(Problem::not_found)?;
    let job = jobs.job(id).await?;
    job.filter(|job| caller.may_have(&job.tenant, &job.asked_by))
        .ok_or_else(Problem::not_found)
}
