//! What others are told of an order's events.

use domain::{Order, OrderEvent, Raised};
use jiff::Timestamp;

use super::{EventType, Told, value};
use crate::events::data::{
    ContactBody, FailureBody, OrderAttentionNeeded, OrderCompleted, OrderConcerned, OrderFailed,
    OrderPlaced, OrderRefund, OrderShipped,
};

pub(super) fn data(order: &Order, raised: &Raised<OrderEvent>) -> Told {
    let facts = &order.facts;
    let order_id = facts.id.to_string();
    let customer_id = facts.customer.to_string();
    Some(match &raised.event {
        OrderEvent::Placed => (EventType::OrderPlaced, value(placed(order))),
        OrderEvent::ChargingDecided | OrderEvent::UnwindingDecided { .. } => return None,
        OrderEvent::Completed => {
            let data = value(completed(order, raised.at));
            (EventType::OrderCompleted, data)
        }
        OrderEvent::Failed => (
            EventType::OrderFailed,
            value(OrderFailed {
                order_id,
                customer_id,
                failure: failure_of(order),
            }),
        ),
        OrderEvent::Cancelled => (
            EventType::OrderCancelled,
            value(OrderConcerned {
                order_id,
                customer_id,
            }),
        ),
        OrderEvent::AttentionNeeded => (
            EventType::OrderAttentionNeeded,
            value(OrderAttentionNeeded { order_id }),
        ),
        OrderEvent::CancelRequested => (
            EventType::OrderCancelRequested,
            value(OrderConcerned {
                order_id,
                customer_id,
            }),
        ),
        OrderEvent::RefundRequested { refund } => {
            let data = value(refund_of(order, refund));
            (EventType::OrderRefundRequested, data)
        }
        OrderEvent::Refunded { id, .. } => {
            let granted = order.refunds().into_iter().map(|granted| granted.refund);
            let refund = granted.into_iter().find(|refund| refund.id == *id)?;
            (EventType::OrderRefunded, value(refund_of(order, &refund)))
        }
        OrderEvent::Shipped { tracking } => (
            EventType::OrderShipped,
            value(OrderShipped {
                order_id,
                customer_id,
                tracking_number: tracking.to_string(),
            }),
        ),
        OrderEvent::Delivered => (
            EventType::OrderDelivered,
            value(OrderConcerned {
                order_id,
                customer_id,
            }),
        ),
    })
}

fn placed(order: &Order) -> OrderPlaced {
    let facts = &order.facts;
    OrderPlaced {
        order_id: facts.id.to_string(),
        customer_id: facts.customer.to_string(),
        lines: facts.lines.iter().map(Into::into).collect(),
        subtotal_minor: facts.totals.subtotal().minor(),
        shipping_minor: facts.totals.shipping().minor(),
        tax_minor: facts.totals.tax().minor(),
        total: facts.totals.total().into(),
        contact: facts.contact.as_ref().map(|contact| ContactBody {
            email: contact.email.clone(),
        }),
    }
}

fn completed(order: &Order, at: Timestamp) -> OrderCompleted {
    let totals = &order.facts.totals;
    OrderCompleted {
        order_id: order.facts.id.to_string(),
        customer_id: order.facts.customer.to_string(),
        subtotal_amount_minor: totals.subtotal().minor(),
        shipping_amount_minor: totals.shipping().minor(),
        tax_amount_minor: totals.tax().minor(),
        total_amount_minor: totals.total().minor(),
        currency: totals.total().currency().code().to_owned(),
        completed_at: at,
    }
}

fn refund_of(order: &Order, refund: &domain::Refund) -> OrderRefund {
    OrderRefund {
        order_id: order.facts.id.to_string(),
        customer_id: order.facts.customer.to_string(),
        refund: refund.into(),
    }
}

/// The first decision's reason is the order's reason for good.
fn failure_of(order: &Order) -> FailureBody {
    let decided = order
        .events
        .all()
        .iter()
        .find_map(|raised| match &raised.event {
            OrderEvent::UnwindingDecided { failure } => Some(failure.into()),
            _ => None,
        });
    decided.unwrap_or_else(|| (&domain::Failure::new(domain::FailureCode::Internal, "")).into())
}
