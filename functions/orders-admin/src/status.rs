//! What a person says of an order: that its parcel is on its way or there, and how one that needs
//! attention ended. The writes are those of parcels and sagas, under the same conditions.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::http::{OrderStatusBody, SetStatus, WantedStatus};
use domain::ports::{ChangeError, change_from};
use domain::{
    Aggregate, Lease, LeaseState, Order, OrderCommand, OrderRejection, OrderState, Payment,
    PaymentState, Shipment, ShipmentState,
};
use http_edge::{Caller, Json, Problem};

use crate::books::Known;
use crate::routes::find;
use crate::{App, Orders, ReadBooks};

pub(crate) async fn set_status<O: Orders, B: ReadBooks>(
    State(app): State<Arc<App<O, B>>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<SetStatus>,
) -> Result<axum::Json<OrderStatusBody>, Problem> {
    let wanted = body.parse().map_err(Problem::invalid)?;
    let found = find(&app.orders, &caller, &id).await?;
    let command = match wanted {
        WantedStatus::Shipped(tracking) => OrderCommand::RecordShipped { tracking },
        WantedStatus::Delivered => OrderCommand::RecordDelivered,
        WantedStatus::Confirmed | WantedStatus::TakenBack => {
            let known = app.books.of(found.facts.id).await?;
            resolve(&found, &known, &body.status)?
        }
    };
    let (id, now) = (found.facts.id, app.clock.now());
    let decide = |order: Option<Order>| {
        let mut order = order.unwrap_or_else(|| found.clone());
        order.execute(&command, now)?;
        Ok::<_, OrderRejection>(order)
    };
    let order = change_from(&app.orders, &id, Some(found.clone()), decide).await;
    let order = order.map_err(refusal)?;
    Ok(axum::Json(OrderStatusBody::from(&order)))
}

/// Only where a person was called, and only what every service has answered.
fn resolve(order: &Order, known: &Known, status: &str) -> Result<OrderCommand, Problem> {
    let epoch = order.epoch;
    if order.state.name() == status {
        // A repeat: the command changes nothing.
        return Ok(match order.state {
            OrderState::Confirmed { .. } => OrderCommand::Complete { epoch },
            _ => OrderCommand::Fail { epoch },
        });
    }
    if !order.needs_attention {
        return Err(conflict("the order needs no attention"));
    }
    let lease = known.lease.as_ref().map(|it: &Lease| &it.state);
    let payment = known.payment.as_ref().map(|it: &Payment| &it.state);
    let shipment = known.shipment.as_ref().map(|it: &Shipment| &it.state);
    let cancelled = |it: &OrderState| {
        let code = domain::FailureCode::CancelledByCustomer;
        matches!(it, OrderState::Unwinding { failure } if failure.code == code)
    };
    match (&order.state, status) {
        (OrderState::Charging { .. }, "confirmed") => {
            let done = payment == Some(&PaymentState::Captured) && lease == Some(&LeaseState::Sold);
            match done {
                true => Ok(OrderCommand::Complete { epoch }),
                false => Err(conflict("capture and sale are not both answered")),
            }
        }
        (state @ OrderState::Unwinding { .. }, "failed" | "cancelled")
            if cancelled(state) == (status == "cancelled") =>
        {
            let done = lease == Some(&LeaseState::Released)
                && payment == Some(&PaymentState::Closed)
                && shipment == Some(&ShipmentState::Cancelled);
            match done {
                true => Ok(OrderCommand::Fail { epoch }),
                false => Err(conflict("release, void and cancel are not all answered")),
            }
        }
        (state, _) => Err(conflict(&format!(
            "an order that is {} does not become {status}",
            state.name()
        ))),
    }
}

fn refusal(error: ChangeError<OrderRejection>) -> Problem {
    match error {
        ChangeError::Rejected(refused @ OrderRejection::WrongDecision { .. }) => {
            conflict(&refused.to_string())
        }
        error => error.into(),
    }
}

fn conflict(why: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "wrong-status", "Wrong status").detail(why)
}
