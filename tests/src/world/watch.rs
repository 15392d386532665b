//! What is looked at while the world goes on: stock after every write, everything after every
//! write of an order; and the whole as the invariants want it.

use domain::ports::Mail;
use domain::{Order, OrderId, Stock};
use testkit::invariants::{Heard, Message, StockCount, World as Snapshot};

use super::World;
use super::kernel::{Pace, lock};
use super::ports::Far;
use super::shop::{Shop, Work};
use super::wire::{Answer, Wire};
use crate::asl::TaskError;

/// What was looked at.
#[derive(Debug, Default)]
pub(super) struct Watch {
    leases: usize,
    orders: usize,
}

impl World {
    /// After every step.
    pub(super) fn watch_over(&mut self) {
        let leases = self.shop.inventory.leases().writes();
        if leases != self.watch.leases {
            self.watch.leases = leases;
            let found = self.stock_only().violations();
            if !found.is_empty() {
                self.complain(&format!("{found:#?}"));
            }
        }
        let orders = self.shop.orders.writes();
        if orders != self.watch.orders {
            self.watch.orders = orders;
            self.check();
        }
    }

    fn stock_only(&self) -> Snapshot {
        let stock = self.shop.inventory.all_stock().into_iter();
        let count = |stock: Stock| StockCount {
            put_in: stock.put_in.into(),
            adjusted: 0,
            available: stock.available.into(),
            stored_put_in: stock.put_in.into(),
            sku: stock.sku,
        };
        Snapshot {
            leases: self.shop.inventory.leases().all(),
            stock: stock.map(count).collect(),
            ..Snapshot::default()
        }
    }

    /// All that is known.
    pub fn snapshot(&self) -> Snapshot {
        let shop = &self.shop;
        Snapshot {
            orders: shop.orders.all(),
            payments: shop.payments.all(),
            shipments: shop.shipments.all(),
            provider: shop.provider.book(),
            carrier: shop.carrier.book(),
            published: shop.topic.published(),
            seen: seen(&shop.orders.history()),
            replies: lock(&self.replies).clone(),
            heard: Some(self.heard()),
            ..self.stock_only()
        }
    }

    fn heard(&self) -> Heard {
        let message = |mail: Mail| Message {
            to: mail.to,
            title: mail.subject,
        };
        Heard {
            lists: self.shop.realtime.lists(),
            messages: self.shop.mailer.sent().into_iter().map(message).collect(),
        }
    }
}

/// What somebody saw who read each order after every write.
fn seen(history: &[Order]) -> Vec<(OrderId, Vec<String>)> {
    let mut seen: Vec<(OrderId, Vec<String>)> = Vec::new();
    for order in history {
        let status = order.state.name().to_owned();
        match seen.iter_mut().find(|(id, _)| *id == order.facts.id) {
            Some((_, statuses)) => statuses.push(status),
            None => seen.push((order.facts.id, vec![status])),
        }
    }
    seen
}

impl Shop {
    /// One sweep.
    pub(super) async fn sweep(&self, pace: &Pace) {
        let shop = self.clone();
        let work = move |wire| Box::pin(shop.clone().sweeping(wire)) as Work;
        // A sweep that fails is followed by another.
        drop(self.visit(pace, ("Sweep", "schedule"), work).await);
    }

    async fn sweeping(self, wire: Wire) -> Answer {
        let orders = Far {
            end: self.orders.clone(),
            wire: wire.clone(),
        };
        let payments = Far {
            end: self.payments.clone(),
            wire: wire.clone(),
        };
        let shipments = Far {
            end: self.shipments.clone(),
            wire: wire.clone(),
        };
        let now = self.kernel.now();
        let recovery = Far { end: self, wire };
        match sweep::handle(&orders, &payments, &shipments, &recovery, now).await {
            Ok(swept) => Ok(testkit::must(serde_json::to_value(swept))),
            Err(_) => Err(TaskError::lambda("Unavailable", "")),
        }
    }
}
