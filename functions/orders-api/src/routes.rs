//! The routes. Whose an order is not does not learn that it exists.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use contracts::http::{OrderBody, OrderListBody, OrderListItem, OrderStatusBody};
use domain::ports::{ListOrders, Load};
use domain::{Order, OrderId};
use http_edge::{Api, Caller, Cursors, Policy, Problem, Role, page_size};
use serde::Deserialize;

/// What the routes need of the orders.
pub trait Orders: Load<Order> + ListOrders {}
impl<S: Load<Order> + ListOrders> Orders for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<O> {
    /// The orders.
    pub orders: O,
    /// Signs where a page ends.
    pub cursors: Cursors,
}

/// What staff may do to anybody's orders, customers do to their own.
const OWN_OR_STAFF: Policy = Policy::Owner(&[Role::Support, Role::Admin]);

/// The routes at work.
pub fn api<O: Orders + Send + Sync + 'static>(app: App<O>) -> Api {
    routes().with_state(Arc::new(app))
}

/// The routes.
pub fn routes<O: Orders + Send + Sync + 'static>() -> Api<Arc<App<O>>> {
    Api::default()
        .get("/api/v1/orders", Policy::Owner(&[]), list::<O>)
        .get("/api/v1/orders/{id}", OWN_OR_STAFF, show::<O>)
        .get("/api/v1/orders/{id}/status", OWN_OR_STAFF, status::<O>)
}

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
}

async fn list<O: Orders>(
    State(app): State<Arc<App<O>>>,
    Caller { principal, .. }: Caller,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<axum::Json<OrderListBody>, Problem> {
    let Query(page) = page.map_err(|_| Problem::bad_request("cursor and limit only"))?;
    let limit = page_size(page.limit)?;
    let owner = (&principal.tenant, &principal.subject);
    let list = ["orders", owner.0.as_str(), owner.1.as_str()];
    let after = app.cursors.read(&list, page.cursor.as_deref())?;
    let listed = app
        .orders
        .of_customer(owner, after.as_deref(), limit)
        .await?;
    let item = |id: OrderId| OrderListItem {
        order_id: id.to_string(),
    };
    Ok(axum::Json(OrderListBody {
        orders: listed.ids.into_iter().map(item).collect(),
        next_cursor: listed.next.map(|place| app.cursors.make(&list, &place)),
    }))
}

async fn show<O: Orders>(
    State(app): State<Arc<App<O>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OrderBody>, Problem> {
    let order = find(&app.orders, &caller, &id).await?;
    Ok(axum::Json(OrderBody::from(&order)))
}

async fn status<O: Orders>(
    State(app): State<Arc<App<O>>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<OrderStatusBody>, Problem> {
    let order = find(&app.orders, &caller, &id).await?;
    Ok(axum::Json(OrderStatusBody::from(&order)))
}

async fn find(orders: &impl Load<Order>, caller: &Caller, id: &str) -> Result<Order, Problem> {
    let id = OrderId::parse(id).map_err(|_| Problem::not_found())?;
    http_edge::note_order(id);
    let order = orders.load(&id).await?;
    order
        .filter(|order| caller.may_have(&order.facts.tenant, &order.facts.customer))
        .ok_or_else(Problem::not_found)
}
