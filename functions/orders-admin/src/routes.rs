//! The routes. What is another shop's is not there.

use std::sync::Arc;

use axum::extract::{Path, State};
use contracts::http::TimelineBody;
use domain::ports::{ListPlaced, Load, NoteAuthor, ReadOrders, Save};
use domain::{Order, OrderId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role};
use lambda_boot::Clock;

use crate::books::ReadBooks;
use crate::list::list;
use crate::refunds::refund;
use crate::status::set_status;

/// What the routes need of the orders.
pub trait Orders:
    Load<Order> + Save<Order> + NoteAuthor + ListPlaced + ReadOrders + Send + Sync
{
}
impl<S> Orders for S where
    S: Load<Order> + Save<Order> + NoteAuthor + ListPlaced + ReadOrders + Send + Sync
{
}

/// What the routes work with.
#[derive(Debug)]
pub struct App<O, B> {
    /// The orders.
    pub orders: O,
    /// What the other services know of them.
    pub books: B,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
}

const STAFF: Policy = Policy::Only(&[Role::Support, Role::Admin]);
/// Money and truth are for those who run the shop.
const ADMIN: Policy = Policy::Only(&[Role::Admin]);
const OWN_OR_STAFF: Policy = Policy::Owner(&[Role::Support, Role::Admin]);

/// The routes at work.
pub fn api<O: Orders + 'static, B: ReadBooks + 'static>(app: App<O, B>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<O: Orders + 'static, B: ReadBooks + 'static>() -> Api<Arc<App<O, B>>> {
    Api::default()
        .get("/api/v1/admin/orders", STAFF, list::<O, B>)
        .put(
            "/api/v1/admin/orders/{id}/status",
            ADMIN,
            set_status::<O, B>,
        )
        .post("/api/v1/admin/orders/{id}/refunds", ADMIN, refund::<O, B>)
        .get("/api/v1/orders/{id}/timeline", OWN_OR_STAFF, story::<O, B>)
}

async fn story<O: Orders, B: ReadBooks>(
    State(app): State<Arc<App<O, B>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<TimelineBody>, Problem> {
    let order = find(&app.orders, &caller, &id).await?;
    let known = app.books.of(order.facts.id).await?;
    let known = (
        known.lease.as_ref(),
        known.payment.as_ref(),
        known.shipment.as_ref(),
    );
    Ok(axum::Json(TimelineBody::of(&order, known)))
}

pub(crate) async fn find(
    orders: &impl Load<Order>,
    caller: &Caller,
    id: &str,
) -> Result<Order, Problem> {
    let id = OrderId::parse(id).map_err(|_| Problem::not_found())?;
    http_edge::note_order(id);
    let order = orders.load(&id).await?;
    order
        .filter(|order| caller.may_have(&order.facts.tenant, &order.facts.customer))
        .ok_or_else(Problem::not_found)
}
