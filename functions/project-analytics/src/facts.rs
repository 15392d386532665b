//! What an event says of a payment, a parcel, stock or a product.

use contracts::AmountBody;
use contracts::events::{
    Envelope, EventType, PaymentChanged, PaymentRefunded, ProductState, StockChanged, StockMoved,
};
use contracts::saga::StockLineBody;
use domain::{
    Fact, LeaseStep, ListedProduct, Money, OrderFact, OrderId, OrderPart, ParcelStep, PaymentStep,
    ProductId, RefundId, SaleStatus, Sequence, Sku, StockLevel, StockLine, TenantId,
};

use crate::ReportError;

/// Whose it is, and what; nothing where it is not kept.
pub(crate) fn fact_of(
    event: &Envelope,
    home: &TenantId,
) -> Result<Option<(TenantId, Fact)>, ReportError> {
    let told = EventType::parse(&event.event_type);
    if told == Some(EventType::StockChanged) {
        return Ok(Some((home.clone(), Fact::Stock(level(event)?))));
    }
    let fact = match told {
        Some(EventType::ProductCreated | EventType::ProductUpdated) => {
            Fact::Product(listed(event)?)
        }
        Some(told) => match part_of(told, event)? {
            Some(what) => Fact::OfOrder(OrderFact {
                order: OrderId::parse(&event.subject)?,
                what,
                at: event.time,
            }),
            None => return Ok(None),
        },
        None => return Ok(None),
    };
    // Where nothing was ever asked of a bank or a carrier, and nothing held, its end names no shop.
    match &event.tenant {
        Some(shop) => Ok(Some((TenantId::parse(shop)?, fact))),
        None => Ok(None),
    }
}

fn part_of(told: EventType, event: &Envelope) -> Result<Option<OrderPart>, ReportError> {
    Ok(Some(match told {
        EventType::PaymentAuthorised => payment(PaymentStep::Authorised, event)?,
        EventType::PaymentDeclined => payment(PaymentStep::Declined, event)?,
        EventType::PaymentCaptured => payment(PaymentStep::Captured, event)?,
        EventType::PaymentClosed => payment(PaymentStep::Closed, event)?,
        EventType::PaymentRefunded => {
            let refund: PaymentRefunded = event.data()?;
            let id = RefundId::parse(&refund.refund_id)?;
            OrderPart::Refunded(id, Money::try_from(&refund.amount)?)
        }
        EventType::ShipmentCreated => OrderPart::Parcel(ParcelStep::Booked),
        EventType::ShipmentRefused => OrderPart::Parcel(ParcelStep::Refused),
        EventType::ShipmentCancelled => OrderPart::Parcel(ParcelStep::Cancelled),
        EventType::ShipmentHandedOver => OrderPart::Parcel(ParcelStep::HandedOver),
        EventType::ShipmentDelivered => OrderPart::Parcel(ParcelStep::Delivered),
        EventType::LeaseReserved => lease(LeaseStep::Held, event)?,
        EventType::LeaseReleased => lease(LeaseStep::Released, event)?,
        EventType::LeaseSold => lease(LeaseStep::Sold, event)?,
        _ => return Ok(None),
    }))
}

/// A refusal has a reason beside it, which is nobody's business here.
fn payment(step: PaymentStep, event: &Envelope) -> Result<OrderPart, ReportError> {
    let told: PaymentChanged = event.data()?;
    let amount = told
        .amount
        .as_ref()
        .map(|it: &AmountBody| Money::try_from(it));
    Ok(OrderPart::Payment(step, amount.transpose()?))
}

fn lease(step: LeaseStep, event: &Envelope) -> Result<OrderPart, ReportError> {
    let told: StockMoved = event.data()?;
    let line = |line: &StockLineBody| {
        Ok(StockLine {
            sku: Sku::parse(&line.sku)?,
            quantity: match line.quantity {
                0 => return Err(ReportError::Nothing),
                pieces => pieces,
            },
        })
    };
    let lines = told.lines.iter().map(line);
    Ok(OrderPart::Lease(step, lines.collect::<Result<_, _>>()?))
}

fn level(event: &Envelope) -> Result<StockLevel, ReportError> {
    let told: StockChanged = event.data()?;
    Ok(StockLevel {
        sku: Sku::parse(&event.subject)?,
        available: told.available,
        put_in: told.put_in,
        low: told.low,
        sequence: Sequence(event.sequence),
        at: event.time,
    })
}

fn listed(event: &Envelope) -> Result<ListedProduct, ReportError> {
    let told: ProductState = event.data()?;
    let status = SaleStatus::from_name(&told.status).ok_or(ReportError::Status)?;
    Ok(ListedProduct {
        product: ProductId::parse(&event.subject)?,
        sku: Sku::parse(&told.sku)?,
        on_sale: status == SaleStatus::Active,
        sequence: Sequence(event.sequence),
    })
}
