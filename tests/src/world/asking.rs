//! People who ask something of an order: to cancel it, to give money back.

use std::time::Duration;

use domain::ports::{ChangeError, change};
use domain::{Aggregate, Order, OrderCommand, OrderId, OrderRejection};
use serde_json::json;

use super::World;
use super::ports::Far;
use super::shop::{Shop, Work};
use super::wire::{Answer, Wire};
use crate::asl::TaskError;

impl World {
    /// Lets somebody ask something of an order a little later, and again until there is an answer.
    pub fn ask_after(&self, later: Duration, order: OrderId, command: OrderCommand) {
        let shop = self.shop.clone();
        self.shop.kernel.spawn(|pace| async move {
            pace.sleep(later).await;
            let subject = order.to_string();
            loop {
                let (asked, command) = (shop.clone(), command.clone());
                let work = move |wire| {
                    let asking = asked.clone().asking(order, command.clone(), wire);
                    Box::pin(asking) as Work
                };
                if let Some(Ok(_)) = shop.visit(&pace, ("Ask", &subject), work).await {
                    return;
                }
                pace.sleep(shop.kernel.between(200, 3_000)).await;
            }
        });
    }
}

impl Shop {
    /// A refusal is an answer; an order that is not there yet is asked again.
    async fn asking(self, order: OrderId, command: OrderCommand, wire: Wire) -> Answer {
        let orders = Far {
            end: self.orders.clone(),
            wire,
        };
        let now = self.kernel.now();
        let decide = |found: Option<Order>| {
            let mut order = found.ok_or(NotYet::Missing)?;
            order.execute(&command, now).map_err(NotYet::Refused)?;
            Ok(order)
        };
        match change(&orders, &order, decide).await {
            Ok(_) | Err(ChangeError::Rejected(NotYet::Refused(_))) => Ok(json!({})),
            Err(error) => Err(TaskError::lambda("Unavailable", &error.to_string())),
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("there is no such order")]
    Missing,
    #[error(transparent)]
    Refused(OrderRejection),
}
