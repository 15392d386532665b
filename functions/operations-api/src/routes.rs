//! The route, and what it works with.

use std::sync::Arc;

use domain::TenantId;
use domain::ports::{CountMessages, KeepDestinations, KeepNewest, KeepStock, ReadFigures};
use http_edge::{Api, Policy, Role};
use lambda_boot::Clock;

use crate::dashboard::show;

/// Where it is counted.
pub trait Figures: ReadFigures + KeepNewest + Send + Sync + 'static {}
impl<S: ReadFigures + KeepNewest + Send + Sync + 'static> Figures for S {}

/// Where stock is kept.
pub trait Stocked: KeepStock + Send + Sync + 'static {}
impl<S: KeepStock + Send + Sync + 'static> Stocked for S {}

/// Where it stands how services are.
pub trait Copies: KeepDestinations + Send + Sync + 'static {}
impl<S: KeepDestinations + Send + Sync + 'static> Copies for S {}

/// What tells how many messages it has.
pub trait Queues: CountMessages + Send + Sync + 'static {}
impl<S: CountMessages + Send + Sync + 'static> Queues for S {}

/// The dead letters of a consumer.
#[derive(Clone, Debug)]
pub struct Queue<Q> {
    /// Whose.
    pub name: String,
    /// The letters.
    pub letters: Q,
}

/// What the route works with.
#[derive(Debug)]
pub struct App<F, S, C, Q> {
    /// What was counted.
    pub figures: F,
    /// The stock.
    pub stock: S,
    /// How services stand.
    pub copies: C,
    /// The dead letters of every consumer.
    pub queues: Vec<Queue<Q>>,
    /// The shop whose stock and queues these are.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
}

/// The route at work.
pub fn api<F: Figures, S: Stocked, C: Copies, Q: Queues>(app: App<F, S, C, Q>) -> Api {
    routes().with_state(Arc::new(app))
}

/// `GET /api/v1/admin/dashboard`
pub fn routes<F: Figures, S: Stocked, C: Copies, Q: Queues>() -> Api<Arc<App<F, S, C, Q>>> {
    let admin = Policy::Only(&[Role::Admin]);
    Api::default().get("/api/v1/admin/dashboard", admin, show::<F, S, C, Q>)
}
