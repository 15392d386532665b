//! Authorises, captures, voids and closes the payment of an order.
//!
//! | | |
//! |---|---|
//! | trigger | steps of the order saga and of recovery |
//! | reads, writes | the payments table; the payment provider |
//! | emits | `payment.*`, through the table's stream |
//! | fails with | PaymentDeclined, ActionRequired, PaymentUnknown, ProviderDown, PaymentClosed, CaptureRefused, AlreadyCaptured, WrongDecision |
//! | safe to repeat because | an attempt is stored before it is authorised, its key is the same at each repeat, and what the provider answered is recorded by conditional writes |

mod close;
mod error;

use contracts::edge::BadInput;
use contracts::saga::{
    CloseOutcome, Closed, DecisionBody, Done, PaymentsAnswer, PaymentsStep, parse_traceparent,
};
use domain::ports::{
    Authorisation, AuthorisationRequest, AuthorisePayment, Load, ProviderError, Save, SaveError,
    SettlePayment, Settled, change, change_from,
};
use domain::{
    ACTION_REQUIRED, Aggregate, Money, OrderId, Payment, PaymentCommand, PaymentRejection,
    PaymentState, PaymentTerms, ProviderReference, TenantId,
};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};

pub use error::PaymentsError;

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The payments table.
    pub table: String,
    /// Where the payment provider is.
    pub provider_url: String,
    /// The secret key for it.
    pub provider_key: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] naming every variable that is missing.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let table = read.text("PAYMENTS_TABLE");
        let provider_url = read.text("PAYMENT_PROVIDER_URL");
        let provider_key = read.text("PAYMENT_PROVIDER_KEY");
        read.finish(|| {
            Some(Self {
                table: table?,
                provider_url: provider_url?,
                provider_key: provider_key?,
            })
        })
    }
}

/// What the function needs of the payments.
pub trait Payments: Load<Payment> + Save<Payment> {}
impl<S: Load<Payment> + Save<Payment>> Payments for S {}

/// What the function needs of the provider.
pub trait Provider: AuthorisePayment + SettlePayment {}
impl<P: AuthorisePayment + SettlePayment> Provider for P {}

/// Carries out one step.
///
/// # Errors
/// [`PaymentsError`].
pub async fn handle(
    payments: &impl Payments,
    provider: &impl Provider,
    now: Timestamp,
    step: PaymentsStep,
) -> Result<PaymentsAnswer, PaymentsError> {
    match step {
        PaymentsStep::Authorise {
            order_id,
            tenant,
            traceparent,
            amount,
            payment_method,
        } => {
            let terms = PaymentTerms {
                tenant: TenantId::parse(&tenant).map_err(BadInput::from)?,
                traceparent: parse_traceparent(&traceparent),
                amount: Money::try_from(&amount).map_err(BadInput::from)?,
                payment_method,
            };
            authorise(payments, provider, now, OrderId(order_id), terms).await?;
        }
        PaymentsStep::Capture { order_id, decision } => {
            decision.require(DecisionBody::Charging)?;
            capture(payments, provider, now, OrderId(order_id)).await?;
        }
        PaymentsStep::Void { order_id, decision } => {
            decision.require(DecisionBody::Unwinding)?;
            match close::close(payments, provider, now, OrderId(order_id)).await? {
                Settled::Closed => {}
                Settled::Captured => return Err(PaymentRejection::Captured.into()),
            }
        }
        PaymentsStep::Close { order_id, decision } => {
            decision.require(DecisionBody::Charging)?;
            let settled = close::close(payments, provider, now, OrderId(order_id)).await?;
            let outcome = match settled {
                Settled::Closed => CloseOutcome::Closed,
                Settled::Captured => CloseOutcome::Captured,
            };
            return Ok(PaymentsAnswer::Closed(Closed { outcome }));
        }
    }
    Ok(PaymentsAnswer::Done(Done {}))
}

async fn authorise(
    payments: &impl Payments,
    provider: &impl Provider,
    now: Timestamp,
    order_id: OrderId,
    terms: PaymentTerms,
) -> Result<(), PaymentsError> {
    let (payment, sent_before) = start(payments, now, order_id, &terms).await?;
    if payment.state != PaymentState::Authorising {
        return Ok(());
    }
    let request = request(&payment, &terms);
    let answer = if sent_before {
        ask_again(provider, &request).await?
    } else {
        provider.authorise(&request).await?
    };
    record(payments, now, payment, answer).await
}

/// Stores the attempt before anything is sent. Most payments are new: no read then.
async fn start(
    payments: &impl Payments,
    now: Timestamp,
    order_id: OrderId,
    terms: &PaymentTerms,
) -> Result<(Payment, bool), PaymentsError> {
    let begin = |found: Option<Payment>| {
        let mut payment = found.unwrap_or_else(|| Payment::none(order_id));
        payment.start(terms.clone(), now).map(|()| payment)
    };
    match payments.save(begin(None)?).await {
        Ok(payment) => Ok((payment, false)),
        Err(SaveError::Conflict(_)) => Ok((change(payments, &order_id, begin).await?, true)),
        Err(SaveError::Store(error)) => Err(error.into()),
    }
}

/// The same attempt always says the same under the same key.
fn request(payment: &Payment, terms: &PaymentTerms) -> AuthorisationRequest {
    AuthorisationRequest {
        order_id: payment.order_id,
        attempt: payment.attempt,
        amount: terms.amount,
        payment_method: terms.payment_method.clone(),
    }
}

/// What was sent before without a known outcome is looked up, then repeated with the same key.
async fn ask_again(
    provider: &impl Provider,
    request: &AuthorisationRequest,
) -> Result<Authorisation, PaymentsError> {
    match provider.look_up(request.order_id, request.attempt).await? {
        Some(answer) => Ok(answer),
        None => Ok(provider.authorise(request).await?),
    }
}

async fn record(
    payments: &impl Payments,
    now: Timestamp,
    payment: Payment,
    answer: Authorisation,
) -> Result<(), PaymentsError> {
    let command = match answer {
        Authorisation::Held(reference) => PaymentCommand::RecordAuthorised { reference },
        Authorisation::Captured(reference) => PaymentCommand::RecordCaptured { reference },
        Authorisation::Declined(reason) => PaymentCommand::RecordDeclined { reason },
        Authorisation::Cancelled(_) => {
            let reason = "the authorisation was cancelled".to_owned();
            PaymentCommand::RecordDeclined { reason }
        }
        // What is left of it at the provider is cancelled when the payment is closed.
        Authorisation::Unfinished(_) => {
            let reason = ACTION_REQUIRED.to_owned();
            PaymentCommand::RecordDeclined { reason }
        }
    };
    let recorded = execute(payments, now, payment, &command).await?;
    match recorded.state {
        PaymentState::Declined { reason } => Err(PaymentRejection::of_decline(&reason).into()),
        PaymentState::Closing | PaymentState::Closed => Err(PaymentRejection::Closed.into()),
        _ => Ok(()),
    }
}

async fn execute(
    payments: &impl Payments,
    now: Timestamp,
    payment: Payment,
    command: &PaymentCommand,
) -> Result<Payment, PaymentsError> {
    let order_id = payment.order_id;
    let decide = |found: Option<Payment>| {
        let mut payment = found.unwrap_or_else(|| Payment::none(order_id));
        payment.execute(command, now).map(|()| payment)
    };
    Ok(change_from(payments, &order_id, Some(payment), decide).await?)
}

/// What was asked before without a known outcome is looked at first: a provider that keeps to its
/// keys may repeat the failure that it stored. Only an outcome that can never change counts.
async fn settled_before(
    provider: &impl Provider,
    reference: &ProviderReference,
    asked_before: bool,
) -> Result<Option<Settled>, PaymentsError> {
    if asked_before {
        Ok(provider.outcome(reference).await?)
    } else {
        Ok(None)
    }
}

async fn capture(
    payments: &impl Payments,
    provider: &impl Provider,
    now: Timestamp,
    order_id: OrderId,
) -> Result<(), PaymentsError> {
    let found = payments.load(&order_id).await?;
    let payment = found.unwrap_or_else(|| Payment::none(order_id));
    payment.may_capture()?;
    if payment.state == PaymentState::Captured {
        return Ok(());
    }
    let reference = payment
        .reference
        .clone()
        .ok_or(PaymentsError::CaptureRefused)?;
    match capture_at_provider(provider, &payment, &reference).await {
        Ok(Settled::Captured) => {
            let command = PaymentCommand::RecordCaptured { reference };
            execute(payments, now, payment, &command).await?;
            Ok(())
        }
        Ok(Settled::Closed) => Err(PaymentsError::CaptureRefused),
        Err(PaymentsError::Provider(ProviderError::Unknown(cause))) => {
            // The next call looks first. Where this is lost too, it repeats the same key.
            let command = PaymentCommand::RecordCaptureUnheard;
            execute(payments, now, payment, &command).await?;
            Err(ProviderError::Unknown(cause).into())
        }
        Err(error) => Err(error),
    }
}

async fn capture_at_provider(
    provider: &impl Provider,
    payment: &Payment,
    reference: &ProviderReference,
) -> Result<Settled, PaymentsError> {
    let unheard = payment.state == PaymentState::Capturing;
    match settled_before(provider, reference, unheard).await? {
        Some(settled) => Ok(settled),
        None => {
            let (order_id, attempt) = (payment.order_id, payment.attempt);
            Ok(provider.capture(order_id, attempt, reference).await?)
        }
    }
}

#[cfg(test)]
mod tests;
