//! The routes, and what they work with.

use std::sync::Arc;

use domain::ports::{KeepStock, NoteAuthor, ReadCatalogue};
use domain::{Sku, TenantId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use lambda_boot::Clock;

use crate::{movements, stock};

/// Where stock is kept.
pub trait Store: KeepStock + NoteAuthor + Send + Sync + 'static {}
impl<S: KeepStock + NoteAuthor + Send + Sync + 'static> Store for S {}

/// Where products are found.
pub trait Catalogue: ReadCatalogue + Send + Sync + 'static {}
impl<C: ReadCatalogue + Send + Sync + 'static> Catalogue for C {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<S, C> {
    /// The stock.
    pub stock: S,
    /// The products.
    pub catalogue: C,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The shop whose stock it is.
    pub tenant: TenantId,
    /// The time.
    pub clock: Clock,
}

impl<S, C> App<S, C> {
    /// The SKU in a path. Those of another shop find none.
    pub(crate) fn sku(&self, caller: &Caller, text: &str) -> Result<Sku, Problem> {
        self.must_be_of_this_shop(caller)?;
        Sku::parse(text).map_err(|_| Problem::not_found())
    }

    pub(crate) fn must_be_of_this_shop(&self, caller: &Caller) -> Result<(), Problem> {
        if caller.principal.tenant == self.tenant {
            return Ok(());
        }
        Err(Problem::not_found())
    }
}

/// Who looks at stock.
const STAFF: Policy = Policy::Only(&[Role::Support, Role::Admin]);
/// Who changes it.
const ADMIN: Policy = Policy::Only(&[Role::Admin]);

/// The routes at work.
pub fn api<S: Store, C: Catalogue>(app: App<S, C>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<S: Store, C: Catalogue>() -> Api<Arc<App<S, C>>> {
    const ANYBODY: Policy = Policy::Anybody;
    let product = "/api/v1/products/{id}/inventory";
    let low = "/api/v1/admin/inventory/low-stock";
    let one = "/api/v1/admin/inventory/{sku}";
    let threshold = "/api/v1/admin/inventory/{sku}/threshold";
    let restock = "/api/v1/admin/inventory/{sku}/restock";
    let adjust = "/api/v1/admin/inventory/{sku}/adjust";
    Api::default()
        .get(product, ANYBODY, stock::of_product::<S, C>)
        .get(low, STAFF, stock::low::<S, C>)
        .get(one, STAFF, stock::show::<S, C>)
        .put(threshold, ADMIN, stock::set_threshold::<S, C>)
        .post(restock, ADMIN, movements::restock::<S, C>)
        .post(adjust, ADMIN, movements::adjust::<S, C>)
}
