//! Money that goes back. A refund is noted before it is sent, so that one whose answer was lost is
//! known: it is looked up, and repeated with the same key only where the provider has none of it.

use domain::ports::{RefundPayment, RefundRequest};
use domain::{Money, OrderId, Payment, PaymentCommand, ProviderReference, RefundId};
use jiff::Timestamp;

use crate::{Payments, PaymentsError, execute};

pub(crate) async fn refund(
    payments: &impl Payments,
    provider: &impl RefundPayment,
    now: Timestamp,
    order_id: OrderId,
    (id, amount): (RefundId, Money),
) -> Result<(), PaymentsError> {
    if amount.minor() == 0 {
        return Ok(());
    }
    let found = payments.load(&order_id).await?;
    let found = found.unwrap_or_else(|| Payment::none(order_id));
    let sent_before = found.refund_was_sent(&id);
    let start = PaymentCommand::StartRefund {
        id: id.clone(),
        amount,
    };
    let payment = execute(payments, now, found, &start).await?;
    if payment.is_refunded(&id) {
        return Ok(());
    }
    let request = RefundRequest {
        order_id,
        refund_id: id.clone(),
        payment: payment
            .reference
            .clone()
            .ok_or(PaymentsError::NothingToRefund)?,
        amount,
    };
    let reference = made(provider, &request, sent_before).await?;
    let record = PaymentCommand::RecordRefunded { id, reference };
    execute(payments, now, payment, &record).await?;
    Ok(())
}

async fn made(
    provider: &impl RefundPayment,
    request: &RefundRequest,
    sent_before: bool,
) -> Result<ProviderReference, PaymentsError> {
    let known = match sent_before {
        true => provider.look_up_refund(request).await,
        false => Ok(None),
    };
    let reference = match known {
        Ok(Some(reference)) => Ok(reference),
        Ok(None) => provider.refund(request).await,
        Err(error) => Err(error),
    };
    reference.map_err(PaymentsError::of_refund)
}
