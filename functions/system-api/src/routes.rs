//! The routes, and what they work with.

use std::sync::Arc;

use http_edge::{Api, Policy, Role};
use lambda_boot::Clock;

use crate::health::{self, Dependencies};
use crate::metrics::{self, ReadMetrics};
use crate::paths::PATHS;

/// What the routes work with.
#[derive(Debug)]
pub struct App<D, M> {
    /// What the shop needs.
    pub dependencies: D,
    /// What was counted.
    pub counted: M,
    /// The time.
    pub clock: Clock,
    pub(crate) health: health::Last,
    pub(crate) metrics: metrics::Last,
}

impl<D, M> App<D, M> {
    /// Of these, at work.
    pub fn new(dependencies: D, counted: M, clock: Clock) -> Self {
        Self {
            dependencies,
            counted,
            clock,
            health: health::Last::default(),
            metrics: metrics::Last::default(),
        }
    }
}

/// The routes at work.
pub fn api<D: Dependencies, M: ReadMetrics>(app: App<D, M>) -> Api {
    routes().with_state(Arc::new(app)).elsewhere(&PATHS)
}

/// The routes.
pub fn routes<D: Dependencies, M: ReadMetrics>() -> Api<Arc<App<D, M>>> {
    Api::default()
        .get("/health", Policy::Anybody, health::show::<D, M>)
        .get(
            "/metrics",
            Policy::Only(&[Role::Admin]),
            metrics::show::<D, M>,
        )
}
