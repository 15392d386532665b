//! What an event says of an order, as it is counted.

use contracts::events::{
    Envelope, EventType, LineBody, OrderCompleted, OrderFailed, OrderPlaced, OrderRefund,
    RefundBody,
};
use domain::{
    Charge, Currency, FailureCode, Money, OrderLine, PlacedSale, ProductId, RefundId, RefundedSale,
    ReturnedLine, SaleEvent, Sku,
};

use crate::ReportError;

/// What the event says of an order; nothing where it is not reported.
pub(crate) fn what_of(event: &Envelope) -> Result<Option<SaleEvent>, ReportError> {
    Ok(Some(match EventType::parse(&event.event_type) {
        Some(EventType::OrderPlaced) => SaleEvent::Placed(placed(&event.data()?)?),
        Some(EventType::OrderCompleted) => SaleEvent::Completed(charge(&event.data()?)?),
        Some(EventType::OrderFailed) => {
            let failed: OrderFailed = event.data()?;
            let code = FailureCode::from_name(&failed.failure.code);
            SaleEvent::Failed(code.ok_or(ReportError::Reason)?)
        }
        Some(EventType::OrderCancelled) => SaleEvent::Cancelled,
        Some(EventType::OrderRefunded) => {
            let refund = event.data::<OrderRefund>()?.refund;
            SaleEvent::Refunded(RefundId::parse(&refund.refund_id)?, refunded(&refund)?)
        }
        _ => return Ok(None),
    }))
}

fn placed(order: &OrderPlaced) -> Result<PlacedSale, ReportError> {
    let total = Money::try_from(&order.total)?;
    let line = |line: &LineBody| {
        Ok(OrderLine {
            product_id: ProductId::parse(&line.product_id)?,
            sku: Sku::parse(&line.sku)?,
            quantity: pieces(line.quantity)?,
            unit_price: Money::new(line.unit_price_minor, total.currency())?,
        })
    };
    let lines = order.lines.iter().map(line);
    Ok(PlacedSale {
        total,
        lines: lines.collect::<Result<_, ReportError>>()?,
    })
}

fn charge(order: &OrderCompleted) -> Result<Charge, ReportError> {
    let currency = Currency::parse(&order.currency)?;
    let total = Money::new(order.total_amount_minor, currency)?;
    let tax_minor = order.tax_amount_minor;
    match (0..=total.minor()).contains(&tax_minor) {
        true => Ok(Charge { total, tax_minor }),
        false => Err(ReportError::Tax),
    }
}

fn refunded(refund: &RefundBody) -> Result<RefundedSale, ReportError> {
    let lines = refund.lines.iter().map(|line| {
        Ok(ReturnedLine {
            product_id: ProductId::parse(&line.product_id)?,
            quantity: line.quantity,
        })
    });
    Ok(RefundedSale {
        amount: Money::try_from(&refund.amount)?,
        lines: lines.collect::<Result<_, ReportError>>()?,
    })
}

fn pieces(quantity: u32) -> Result<u32, ReportError> {
    match quantity {
        0 => Err(ReportError::Nothing),
        pieces => Ok(pieces),
    }
}
