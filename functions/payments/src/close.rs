//! The way out of a payment that was not captured: let nothing start any more, then have every
//! attempt ever sent closed at the provider. A look-up that finds nothing, or something held, is
//! never the answer: a capture on its way may land after it.

use domain::ports::{Authorisation, AuthorisationRequest, Settled, change_from};
use domain::{
    Attempt, OrderId, Payment, PaymentCommand, PaymentState, PaymentTerms, ProviderReference,
};
use jiff::Timestamp;

use crate::{Payments, PaymentsError, Provider, execute, request, settled_before};

pub(crate) async fn close(
    payments: &impl Payments,
    provider: &impl Provider,
    now: Timestamp,
    order_id: OrderId,
) -> Result<Settled, PaymentsError> {
    let begin = |found: Option<Payment>| {
        let mut payment = found.unwrap_or_else(|| Payment::none(order_id));
        if payment.state != PaymentState::Captured {
            payment.close(now)?;
        }
        Ok::<_, domain::PaymentRejection>(payment)
    };
    let found = payments.load(&order_id).await?;
    let asked_before = found
        .as_ref()
        .is_some_and(|it| it.state == PaymentState::Closing);
    let payment = change_from(payments, &order_id, found, begin).await?;
    match (&payment.state, &payment.terms) {
        (PaymentState::Captured, _) => Ok(Settled::Captured),
        (PaymentState::Closing, Some(terms)) => {
            let terms = terms.clone();
            close_at_provider(payments, provider, now, (payment, asked_before), &terms).await
        }
        _ => Ok(Settled::Closed),
    }
}

async fn close_at_provider(
    payments: &impl Payments,
    provider: &impl Provider,
    now: Timestamp,
    (payment, asked_before): (Payment, bool),
    terms: &PaymentTerms,
) -> Result<Settled, PaymentsError> {
    for attempt in payment.attempts() {
        let request = AuthorisationRequest {
            attempt,
            ..request(&payment, terms)
        };
        let known = payment
            .reference
            .as_ref()
            .filter(|_| attempt == payment.attempt);
        let captured = close_attempt(provider, &request, known, asked_before).await?;
        if let Some(reference) = captured {
            let command = PaymentCommand::RecordCaptured { reference };
            execute(payments, now, payment, &command).await?;
            return Ok(Settled::Captured);
        }
    }
    execute(payments, now, payment, &PaymentCommand::RecordClosed).await?;
    Ok(Settled::Closed)
}

/// Nothing when the provider answered the attempt closed; the reference when it says captured.
///
/// Where we know no reference and the provider finds none, the call may still be on its way:
/// it is repeated with the same key, and what that answers is cancelled.
async fn close_attempt(
    provider: &impl Provider,
    request: &AuthorisationRequest,
    known: Option<&ProviderReference>,
    asked_before: bool,
) -> Result<Option<ProviderReference>, PaymentsError> {
    let held = match known {
        Some(reference) => match settled_before(provider, reference, asked_before).await? {
            Some(Settled::Closed) => return Ok(None),
            Some(Settled::Captured) => return Ok(Some(reference.clone())),
            None => reference.clone(),
        },
        None => match crate::ask_again(provider, request).await? {
            Authorisation::Held(reference) | Authorisation::Unfinished(reference) => reference,
            Authorisation::Captured(reference) => return Ok(Some(reference)),
            Authorisation::Declined(_) | Authorisation::Cancelled(_) => return Ok(None),
        },
    };
    cancel(provider, request.order_id, request.attempt, held).await
}

async fn cancel(
    provider: &impl Provider,
    order_id: OrderId,
    attempt: Attempt,
    held: ProviderReference,
) -> Result<Option<ProviderReference>, PaymentsError> {
    match provider.cancel(order_id, attempt, &held).await? {
        Settled::Closed => Ok(None),
        Settled::Captured => Ok(Some(held)),
    }
}
