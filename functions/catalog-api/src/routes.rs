//! The routes, and what they work with.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::TenantId;
use domain::ports::{KeepCourses, KeepProducts, NoteAuthor};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use lambda_boot::Clock;
use uuid::Uuid;

use crate::{courses, products};

/// Where products and courses are kept.
pub trait Store: KeepProducts + KeepCourses + NoteAuthor + Send + Sync + 'static {}
impl<S: KeepProducts + KeepCourses + NoteAuthor + Send + Sync + 'static> Store for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S> {
    /// The catalogue.
    pub store: S,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The shop whose catalogue it is.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

impl<S> App<S> {
    /// Refuses those who run another shop.
    pub(crate) fn must_run_this_shop(&self, caller: &Caller) -> Result<(), Problem> {
        if caller.principal.tenant == self.tenant {
            return Ok(());
        }
        Err(Problem::forbidden())
    }
}

const ADMIN: Policy = Policy::Only(&[Role::Admin]);

/// The routes at work.
pub fn api<S: Store>(app: App<S>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<S: Store>() -> Api<Arc<App<S>>> {
    use Policy::Anybody;
    Api::default()
        .get("/api/v1/products", Anybody, products::list::<S>)
        .get("/api/v1/products/{id}", Anybody, products::show::<S>)
        .post("/api/v1/products", ADMIN, products::create::<S>)
        .put("/api/v1/products/{id}", ADMIN, products::update::<S>)
        .get("/api/v1/courses", Anybody, courses::list::<S>)
        .get("/api/v1/courses/{id}", Anybody, courses::show::<S>)
        .post("/api/v1/courses", ADMIN, courses::create::<S>)
}

/// 409: another entry has the id.
pub(crate) fn id_taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "id-taken", "Id taken")
        .detail("there is an entry with this id; choose another")
}
