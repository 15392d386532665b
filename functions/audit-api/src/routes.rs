//! The route, and what it works with.

use std::sync::Arc;

use audit::KeepChains;
use domain::ports::StoreError;
use http_edge::{Api, Cursors, Policy, Role};

use crate::list::list;

/// Where the chains are kept.
pub trait Chains: KeepChains<Error = StoreError> + Send + Sync + 'static {}
impl<S: KeepChains<Error = StoreError> + Send + Sync + 'static> Chains for S {}

/// What the route works with.
#[derive(Debug)]
pub struct App<S> {
    /// The chains.
    pub chains: S,
    /// Signs where a page ends.
    pub cursors: Cursors,
}

/// The route at work.
pub fn api<S: Chains>(app: App<S>) -> Api {
    routes().with_state(Arc::new(app))
}

/// `GET /api/v1/admin/audit`: by no API key, because it has everybody's addresses.
pub fn routes<S: Chains>() -> Api<Arc<App<S>>> {
    let admin = Policy::InPerson(&[Role::Admin]);
    Api::default().get("/api/v1/admin/audit", admin, list::<S>)
}
