//! `cartwright order watch`: says each step as it appears in the order's history.

use std::fmt;
use std::future::Future;
use std::io::Write;
use std::time::Duration;

use contracts::AmountBody;
use contracts::events::FailureBody;
use contracts::http::{HistoryBody, OrderBody, OrderStatusBody};
use domain::OrderId;
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::amount;
use crate::api::{Api, ApiError};
use crate::failure::{Ending, Failure};
use crate::output::Output;

#[cfg(test)]
mod tests;

/// What following an order needs of the API.
pub(super) trait ReadOrder {
    /// Where it is: small, asked often.
    fn status(&self, id: OrderId) -> impl Future<Output = Result<OrderStatusBody, ApiError>>;
    /// The whole of it, asked after each change.
    fn order(&self, id: OrderId) -> impl Future<Output = Result<OrderBody, ApiError>>;
}

impl ReadOrder for Api {
    async fn status(&self, id: OrderId) -> Result<OrderStatusBody, ApiError> {
        Self::status(self, id).await
    }

    async fn order(&self, id: OrderId) -> Result<OrderBody, ApiError> {
        Self::order(self, id).await
    }
}

/// How often to look, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) interval: Duration,
    pub(super) limit: Duration,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    order_id: &'a str,
    #[serde(flatten)]
    step: &'a HistoryBody,
    #[serde(skip)]
    after: f64,
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8.2} s  {}",
            self.after,
            step_name(&self.step.event_type)
        )
    }
}

#[derive(Debug, Serialize)]
struct End<'a> {
    order_id: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a FailureBody>,
    total: &'a AmountBody,
}

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, status, total) = (self.order_id, self.status, amount(self.total));
        match self.failure {
            Some(failure) => write!(
                f,
                "order {id} {status}: {}: {}",
                failure.code, failure.detail
            ),
            None => write!(f, "order {id} {status}: {total}"),
        }
    }
}

#[derive(Debug, Serialize)]
struct NotEnded {
    order_id: String,
    status: String,
    timed_out: bool,
}

impl fmt::Display for NotEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "order {} has not ended in time: {}",
            self.order_id, self.status
        )
    }
}

/// Follows an order to its end. Failures that may pass are sat out.
pub(super) async fn follow(
    orders: &impl ReadOrder,
    id: OrderId,
    pace: Pace,
    output: &mut Output<impl Write>,
) -> Result<Ending, Failure> {
    let deadline = Instant::now() + pace.limit;
    let mut seen = Seen::default();
    loop {
        match seen.look(orders, id, output).await {
            Ok(Some(ending)) => return Ok(ending),
            Ok(None) => {}
            Err(Failure::Api(error)) if error.is_passing() && Instant::now() < deadline => {}
            Err(failure) => return Err(failure),
        }
        if Instant::now() >= deadline {
            output.say(&NotEnded {
                order_id: id.to_string(),
                status: seen.status,
                timed_out: true,
            })?;
            return Ok(Ending::TimedOut);
        }
        sleep(pace.interval).await;
    }
}

/// What has been said so far.
#[derive(Debug, Default)]
struct Seen {
    version: Option<u64>,
    sequence: u32,
    status: String,
}

impl Seen {
    /// Looks once; an ending when the order has ended.
    async fn look(
        &mut self,
        orders: &impl ReadOrder,
        id: OrderId,
        output: &mut Output<impl Write>,
    ) -> Result<Option<Ending>, Failure> {
        let status = orders.status(id).await?;
        if Some(status.version) == self.version && !status.ended {
            return Ok(None);
        }
        let order = orders.order(id).await?;
        self.say_new_steps(&order, output)?;
        self.version = Some(order.version);
        self.status.clone_from(&order.status);
        if !status.ended {
            return Ok(None);
        }
        output.say(&End {
            order_id: &order.order_id,
            status: &order.status,
            failure: order.failure.as_ref(),
            total: &order.total,
        })?;
        Ok(Some(match order.status.as_str() {
            "failed" | "cancelled" => Ending::NotConfirmed,
            _ => Ending::Done,
        }))
    }

    fn say_new_steps(
        &mut self,
        order: &OrderBody,
        output: &mut Output<impl Write>,
    ) -> Result<(), Failure> {
        let said = self.sequence;
        for step in order.history.iter().filter(|step| step.sequence > said) {
            output.say(&Step {
                order_id: &order.order_id,
                step,
                after: elapsed(order.placed_at, step.at),
            })?;
            self.sequence = step.sequence;
        }
        Ok(())
    }
}

/// Seconds between two times.
pub(super) fn elapsed(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// An event's type for people: `cartwright.order.attention-needed.v1` is "attention needed".
pub(super) fn step_name(event_type: &str) -> String {
    let name = event_type.split('.').nth(2).unwrap_or(event_type);
    name.replace('-', " ")
}
