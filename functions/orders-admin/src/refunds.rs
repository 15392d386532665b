//! Money back, whole or by line. The refund's id is made of its `Idempotency-Key`, so the order
//! itself knows a repeat.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::http::{RefundGrantedBody, RefundOrder};
use domain::ports::{ChangeError, change_from};
use domain::{Aggregate, Order, OrderCommand, OrderRejection, RefundId, RefundRejection};
use http_edge::{By, Caller, IdempotencyKey, Json, Problem, key_reused, mark_replayed};

use crate::routes::find;
use crate::{App, Orders, ReadBooks};

pub(crate) async fn refund<O: Orders, B: ReadBooks>(
    State(app): State<Arc<App<O, B>>>,
    (caller, By(author)): (Caller, By),
    Path(id): Path<String>,
    key: IdempotencyKey,
    Json(body): Json<RefundOrder>,
) -> Result<Response, Problem> {
    let wanted = body.parse().map_err(Problem::invalid)?;
    let found = find(&app.orders, &caller, &id).await?;
    let id = RefundId::of_key(key.as_str());
    let known = found.refunds().iter().any(|it| it.refund.id == id);
    let now = app.clock.now();
    let command = OrderCommand::RequestRefund {
        id: id.clone(),
        wanted,
    };
    let decide = |order: Option<Order>| {
        let mut order = order.unwrap_or_else(|| found.clone());
        order.execute(&command, now)?;
        Ok::<_, OrderRejection>(order)
    };
    let order_id = found.facts.id;
    let order = change_from(
        &app.orders.by(&author),
        &order_id,
        Some(found.clone()),
        decide,
    )
    .await;
    let order = order.map_err(refusal)?;
    let granted = order.refunds().into_iter().find(|it| it.refund.id == id);
    let granted = granted.ok_or_else(Problem::internal)?;
    // Two at once: the other was first.
    let replayed = known || granted.at != now;
    let body = RefundGrantedBody::of(&order, &granted);
    let mut response = (StatusCode::CREATED, axum::Json(body)).into_response();
    if replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}

fn refusal(error: ChangeError<OrderRejection>) -> Problem {
    let ChangeError::Rejected(OrderRejection::Refund(refused)) = error else {
        return error.into();
    };
    let detail = refused.to_string();
    match refused {
        RefundRejection::Differs => key_reused(),
        RefundRejection::NotCharged { .. } | RefundRejection::NothingLeft => Problem::new(
            StatusCode::CONFLICT,
            "nothing-to-refund",
            "Nothing to refund",
        )
        .detail(detail),
        _ => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "refund-refused",
            "Refund refused",
        )
        .detail(detail),
    }
}
