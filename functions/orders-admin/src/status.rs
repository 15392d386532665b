//! What a person says of an order: that its parcel is on its way or there, and how one that needs
//! attention ended. The writes are those of parcels and sagas, under the same conditions.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::http::{OrderStatusBody, SetStatus, WantedStatus};
use domain::ports::{ChangeError, execute_on};
use domain::{
    Aggregate, LeaseState, Order, OrderCommand, OrderRejection, PaymentState, ShipmentState,
};
use http_edge::{By, Caller, Json, Problem};

use crate::books::Known;
use crate::routes::find;
use crate::{App, Orders, ReadBooks};

pub(crate) async fn set_status<O: Orders, B: ReadBooks>(
    State(app): State<Arc<App<O, B>>>,
    (caller, By(author)): (Caller, By),
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
    let orders = app.orders.by(&author);
    let told = (&command, app.clock.now());
    let order = execute_on(&orders, &found.facts.id, &found, told).await;
    let order = order.map_err(refusal)?;
    if !is_so(&order, &body) {
        let is = order.state.name();
        return Err(conflict(&format!(
            "the order is {is} already, and stays so"
        )));
    }
    Ok(axum::Json(OrderStatusBody::from(&order)))
}

/// News of a parcel that come late change nothing; a person is told so.
fn is_so(order: &Order, asked: &SetStatus) -> bool {
    let number = order.tracking().map(ToString::to_string);
    let same_parcel = asked.tracking_number.is_none() || asked.tracking_number == number;
    order.state.name() == asked.status && same_parcel
}

/// Only where a person was called, and only what every service has answered. A repeat changes nothing.
fn resolve(order: &Order, known: &Known, status: &str) -> Result<OrderCommand, Problem> {
    let epoch = order.epoch;
    let forward = status == "confirmed";
    let command = match forward {
        true => OrderCommand::Complete { epoch },
        false => OrderCommand::Fail { epoch },
    };
    if order.state.name() == status {
        return Ok(command);
    }
    let mut after = order.clone();
    let done = after.execute(&command, order.facts.placed_at);
    if done.is_err() || after.state.name() != status {
        let now = order.state.name();
        return Err(conflict(&format!(
            "an order that is {now} does not become {status}"
        )));
    }
    match order.needs_attention {
        true if known.have_answered(forward) => Ok(command),
        true => Err(conflict("not everything that it means was answered")),
        false => Err(conflict("the order needs no attention")),
    }
}

impl Known {
    /// Captured and sold; or released, voided and cancelled.
    fn have_answered(&self, forward: bool) -> bool {
        let lease = self.lease.as_ref().map(|it| &it.state);
        let payment = self.payment.as_ref().map(|it| &it.state);
        let shipment = self.shipment.as_ref().map(|it| &it.state);
        if forward {
            return payment == Some(&PaymentState::Captured) && lease == Some(&LeaseState::Sold);
        }
        lease == Some(&LeaseState::Released)
            && payment == Some(&PaymentState::Closed)
            && shipment == Some(&ShipmentState::Cancelled)
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
