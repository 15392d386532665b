//! What happened to an order.

use contracts::AmountBody;
use contracts::events::{
    Envelope, EventType, InvalidEnvelope, OrderCompleted, OrderConcerned, OrderFailed, OrderPlaced,
    OrderRefund, OrderShipped,
};
use domain::{Currency, FailureCode, Money, Notice, NotificationKind, OrderId};

use crate::Words;

pub(crate) fn words_of(
    event_type: EventType,
    event: &Envelope,
) -> Result<Option<Words>, InvalidEnvelope> {
    Ok(Some(match event_type {
        EventType::OrderPlaced => placed(event.data()?),
        EventType::OrderCompleted => confirmed(event.data()?),
        EventType::OrderFailed => failed(event.data()?),
        EventType::OrderCancelled => cancelled(event.data()?),
        EventType::OrderShipped => shipped(event.data()?),
        EventType::OrderDelivered => delivered(event.data()?),
        EventType::OrderRefunded => refunded(event.data()?),
        _ => return Ok(None),
    }))
}

const ORDER: &str = "order_id";

/// Which order a notice is of; nothing where it is of none.
pub fn order_of(notice: &Notice) -> Option<OrderId> {
    let order = notice.data.get(ORDER)?;
    OrderId::parse(order).ok()
}

fn placed(order: OrderPlaced) -> Words {
    let AmountBody { minor, currency } = &order.total;
    Words {
        kind: NotificationKind::OrderPlaced,
        title: format!("We have your order {}", order.order_id),
        message: match amount(*minor, currency) {
            Some(sum) => format!("Its total is {sum}. We tell you when it is paid."),
            None => "We tell you when it is paid.".to_owned(),
        },
        data: vec![(ORDER, order.order_id)],
        reader: order.customer_id,
    }
}

fn confirmed(order: OrderCompleted) -> Words {
    Words {
        kind: NotificationKind::OrderConfirmed,
        title: format!("Your order {} is confirmed", order.order_id),
        message: format!("Thank you. Your order is paid.{}", sums(&order)),
        data: vec![(ORDER, order.order_id)],
        reader: order.customer_id,
    }
}

/// The total, and what it is made of where that is more than the pieces.
fn sums(order: &OrderCompleted) -> String {
    let total = order.total_amount_minor;
    let parts = [
        ("Subtotal", order.subtotal_amount_minor),
        ("Shipping", order.shipping_amount_minor),
        ("Tax", order.tax_amount_minor),
        ("Total", total),
    ];
    let plain = order.shipping_amount_minor == 0 && order.tax_amount_minor == 0;
    let told = parts.get(if plain { 3 } else { 0 }..).unwrap_or_default();
    let told = told.iter().filter_map(|(name, minor)| {
        let sum = amount(*minor, &order.currency)?;
        Some(format!(" {name}: {sum}."))
    });
    told.collect()
}

fn amount(minor: i64, currency: &str) -> Option<Money> {
    Money::new(minor, Currency::parse(currency).ok()?).ok()
}

fn failed(order: OrderFailed) -> Words {
    let what = match FailureCode::from_name(&order.failure.code) {
        Some(FailureCode::PaymentDeclined) => "your payment was declined: ",
        Some(FailureCode::ActionRequired) => "your payment was not confirmed: ",
        _ => "",
    };
    let why = &order.failure.detail;
    Words {
        kind: NotificationKind::OrderFailed,
        title: format!("Your order {} could not be fulfilled", order.order_id),
        message: format!("We are sorry: {what}{why}. You were not charged."),
        data: vec![(ORDER, order.order_id), ("reason", order.failure.code)],
        reader: order.customer_id,
    }
}

fn cancelled(order: OrderConcerned) -> Words {
    Words {
        kind: NotificationKind::OrderCancelled,
        title: format!("Your order {} is cancelled", order.order_id),
        message: "As you asked, your order is cancelled. You were not charged.".to_owned(),
        data: vec![(ORDER, order.order_id)],
        reader: order.customer_id,
    }
}

fn shipped(order: OrderShipped) -> Words {
    let tracking = order.tracking_number;
    Words {
        kind: NotificationKind::OrderShipped,
        title: format!("Your order {} is on its way", order.order_id),
        message: format!("Your parcel has left us. You can follow it by its number {tracking}."),
        data: vec![(ORDER, order.order_id), ("tracking_number", tracking)],
        reader: order.customer_id,
    }
}

fn delivered(order: OrderConcerned) -> Words {
    Words {
        kind: NotificationKind::OrderDelivered,
        title: format!("Your order {} has arrived", order.order_id),
        message: "The carrier says that your parcel was delivered.".to_owned(),
        data: vec![(ORDER, order.order_id)],
        reader: order.customer_id,
    }
}

fn refunded(order: OrderRefund) -> Words {
    let AmountBody { minor, currency } = &order.refund.amount;
    let sum = amount(*minor, currency).map_or_else(String::new, |sum| format!(" of {sum}"));
    Words {
        kind: NotificationKind::OrderRefunded,
        title: format!("Money for your order {} went back", order.order_id),
        message: format!(
            "We sent a refund{sum} to where you paid from. It may take some days to arrive."
        ),
        data: vec![
            (ORDER, order.order_id),
            ("refund_id", order.refund.refund_id),
        ],
        reader: order.customer_id,
    }
}
