//! Money back, whole or by line. The refund's id is made of its `Idempotency-Key`, so the order
//! itself knows a repeat.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::http::{RefundGrantedBody, RefundOrder};
use domain::ports::{ChangeError, execute_on};
use domain::{OrderCommand, OrderRejection, RefundId, RefundRejection};
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
    let who = &caller.principal;
    let id = RefundId::asked(&who.tenant, &who.subject, key.as_str());
    let known = found.refunds().iter().any(|it| it.refund.id == id);
    let now = app.clock.now();
    let command = OrderCommand::RequestRefund {
        id: id.clone(),
        wanted,
    };
    let orders = app.orders.by(&author);
    let order = execute_on(&orders, &found.facts.id, &found, (&command, now)).await;
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
    let (status, slug, title) = match refused {
        RefundRejection::Differs => return key_reused(),
        RefundRejection::NotCharged { .. } | RefundRejection::NothingLeft => (
            StatusCode::CONFLICT,
            "nothing-to-refund",
            "Nothing to refund",
        ),
        _ => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "refund-refused",
            "Refund refused",
        ),
    };
    Problem::new(status, slug, title).detail(detail)
}
