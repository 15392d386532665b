//! The routes. Whose an order is not does not learn that it exists.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use contracts::http::{
    CancelBody, OrderBody, OrderListBody, OrderListItem, OrderStatusBody, parse_status,
};
use domain::ports::{ChangeError, ListOrders, Load, NoteAuthor, ReadOrders, Save, execute_on};
use domain::{Order, OrderCommand, OrderId, OrderRejection};
use http_edge::{Api, By, Caller, Cursors, Policy, Problem, Role, page_size};
use lambda_boot::Clock;
use serde::Deserialize;

/// What the routes need of the orders.
pub trait Orders: Load<Order> + Save<Order> + NoteAuthor + ListOrders + ReadOrders {}
impl<S: Load<Order> + Save<Order> + NoteAuthor + ListOrders + ReadOrders> Orders for S {}

/// What the routes work with.
#[derive(Debug)]
pub struct App<O> {
    /// The orders.
    pub orders: O,
    /// Signs where a page ends.
    pub cursors: Cursors,
    /// The time.
    pub clock: Clock,
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
        .put("/api/v1/orders/{id}/cancel", OWN_OR_STAFF, cancel::<O>)
}

/// Query of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    cursor: Option<String>,
    limit: Option<u8>,
    status: Option<String>,
}

async fn list<O: Orders>(
    State(app): State<Arc<App<O>>>,
    Caller { principal, .. }: Caller,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<axum::Json<OrderListBody>, Problem> {
    let Query(page) = page.map_err(|_| Problem::bad_request("cursor, limit and status only"))?;
    let limit = page_size(page.limit)?;
    let status = page.status.as_deref().map(parse_status).transpose();
    let status = status.map_err(|error| Problem::bad_request(error.problem))?;
    let owner = (&principal.tenant, &principal.subject);
    let filter = status.unwrap_or_default();
    let list = ["orders", owner.0.as_str(), owner.1.as_str(), filter];
    let after = app.cursors.read(&list, page.cursor.as_deref())?;
    let listed = app
        .orders
        .of_customer(owner, after.as_deref(), limit)
        .await?;
    let orders = app.orders.orders(&listed.ids).await?;
    let wanted = |order: &&Order| status.is_none_or(|status| order.state.name() == status);
    Ok(axum::Json(OrderListBody {
        orders: orders
            .iter()
            .filter(wanted)
            .map(OrderListItem::from)
            .collect(),
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

/// 200 where nothing is left to do, 202 where something is taken or given back. The decision is read
/// back: whatever a saga decided meanwhile holds.
async fn cancel<O: Orders>(
    State(app): State<Arc<App<O>>>,
    caller: Caller,
    By(author): By,
    Path(id): Path<String>,
) -> Result<(StatusCode, axum::Json<CancelBody>), Problem> {
    let found = find(&app.orders, &caller, &id).await?;
    let orders = app.orders.by(&author);
    let told = (&OrderCommand::RequestCancel, app.clock.now());
    let order = execute_on(&orders, &found.facts.id, &found, told).await;
    let order = order.map_err(refusal)?;
    let status = match order.is_at_rest() {
        true => StatusCode::OK,
        false => StatusCode::ACCEPTED,
    };
    Ok((status, axum::Json(CancelBody::from(&order))))
}

fn refusal(error: ChangeError<OrderRejection>) -> Problem {
    match error {
        ChangeError::Rejected(refused @ OrderRejection::TooLate { .. }) => {
            Problem::new(StatusCode::CONFLICT, "too-late", "Too late").detail(refused.to_string())
        }
        error => error.into(),
    }
}

async fn find(orders: &impl Load<Order>, caller: &Caller, id: &str) -> Result<Order, Problem> {
    let id = OrderId::parse(id).map_err(|_| Problem::not_found())?;
    http_edge::note_order(id);
    let order = orders.load(&id).await?;
    order
        .filter(|order| caller.may_have(&order.facts.tenant, &order.facts.customer))
        .ok_or_else(Problem::not_found)
}
