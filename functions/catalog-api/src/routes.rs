//! The routes, and what they work with.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::ports::{KeepCourses, KeepProducts, NoteAuthor, StoreError};
use domain::{Course, Product, TenantId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use idempotency::KeepClaims;
use lambda_boot::Clock;
use uuid::Uuid;

use crate::create::{Entry, create};
use crate::{courses, products};

/// Where products and courses are kept.
pub trait Store: KeepProducts + KeepCourses + NoteAuthor + Send + Sync + 'static {}
impl<S: KeepProducts + KeepCourses + NoteAuthor + Send + Sync + 'static> Store for S {}

/// Where idempotency keys are kept.
pub trait Claims: KeepClaims<Error = StoreError> + Send + Sync + 'static {}
impl<C: KeepClaims<Error = StoreError> + Send + Sync + 'static> Claims for C {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, C> {
    /// The catalogue.
    pub store: S,
    /// Who asked for what under which key, and what they were answered.
    pub claims: C,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The shop whose catalogue it is.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
    /// Random ids.
    pub new_id: fn() -> Uuid,
}

impl<S, C> App<S, C> {
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
pub fn api<S: Store, C: Claims>(app: App<S, C>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<S: Store, C: Claims>() -> Api<Arc<App<S, C>>> {
    use Policy::Anybody;
    Api::default()
        .get("/api/v1/products", Anybody, products::list::<S, C>)
        .get("/api/v1/products/{id}", Anybody, products::show::<S, C>)
        .post(Product::PATH, ADMIN, create::<S, C, Product>)
        .put("/api/v1/products/{id}", ADMIN, products::update::<S, C>)
        .get("/api/v1/courses", Anybody, courses::list::<S, C>)
        .get("/api/v1/courses/{id}", Anybody, courses::show::<S, C>)
        .post(Course::PATH, ADMIN, create::<S, C, Course>)
}

/// 409: another entry has the id.
pub(crate) fn id_taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "id-taken", "Id taken")
        .detail("there is an entry with this id; choose another")
}
