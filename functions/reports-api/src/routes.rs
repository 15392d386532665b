//! The routes, and what they work with.

use std::sync::Arc;

use answer_cache::Answers;
use domain::ports::{ReadSales, ReadStock};
use http_edge::{Api, Policy, Role};
use lambda_boot::Clock;
use report_pages::Shared;

use crate::show::{daily, daily_sheet, failures, products, products_sheet};
use crate::stock::{stock, stock_sheet};

/// Where it is counted.
pub trait Reports: ReadSales + ReadStock + Send + Sync + 'static {}
impl<S: ReadSales + ReadStock + Send + Sync + 'static> Reports for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, C> {
    /// What was counted.
    pub reports: S,
    /// What was answered.
    pub answers: Answers<C>,
    /// The time, for the days that nobody names.
    pub clock: Clock,
}

/// The routes at work.
pub fn api<S: Reports, C: Shared>(app: App<S, C>) -> Api {
    routes().with_state(Arc::new(app))
}

/// All routes.
pub fn routes<S: Reports, C: Shared>() -> Api<Arc<App<S, C>>> {
    let admin = || Policy::Only(&[Role::Admin]);
    Api::default()
        .get("/api/v1/admin/reports/daily", admin(), daily::<S, C>)
        .get(
            "/api/v1/admin/reports/daily.csv",
            admin(),
            daily_sheet::<S, C>,
        )
        .get("/api/v1/admin/reports/products", admin(), products::<S, C>)
        .get(
            "/api/v1/admin/reports/products.csv",
            admin(),
            products_sheet::<S, C>,
        )
        .get("/api/v1/admin/reports/failures", admin(), failures::<S, C>)
        .get("/api/v1/admin/reports/stock", admin(), stock::<S, C>)
        .get(
            "/api/v1/admin/reports/stock.csv",
            admin(),
            stock_sheet::<S, C>,
        )
}
