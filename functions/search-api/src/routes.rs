//! The route, and what it works with.

use std::sync::Arc;

use domain::TenantId;
use domain::ports::SearchCatalogue;
use http_edge::{Api, Cursors, Policy};

use crate::list::list;

/// What is searched.
pub trait Index: SearchCatalogue + Send + Sync + 'static {}
impl<S: SearchCatalogue + Send + Sync + 'static> Index for S {}

/// What the route works with.
#[derive(Debug)]
pub struct App<S> {
    /// The index.
    pub index: S,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The shop whose catalogue it is.
    pub tenant: TenantId,
}

/// The route at work.
pub fn api<S: Index>(app: App<S>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The route.
pub fn routes<S: Index>() -> Api<Arc<App<S>>> {
    Api::default().get("/api/v1/search", Policy::Anybody, list::<S>)
}
