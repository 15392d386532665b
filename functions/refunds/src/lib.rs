//! Gives money back that was captured. A refund is noted before it is sent, so that one whose answer
//! was lost is known: it is looked up, and repeated with the same key only where the provider has
//! none of it.
//!
//! | | |
//! |---|---|
//! | trigger | a step of recovery |
//! | reads, writes | the payments table |
//! | calls | the payment provider |
//! | emits | `payment.refunded`, through the table's stream |
//! | fails with | RefundRefused, PaymentUnknown, ProviderDown |
//! | safe to repeat because | a refund has an id of its own, which is its key at the provider, and is recorded once |

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::{Done, RefundsStep};
use domain::ports::{
    ChangeError, Load, ProviderError, RefundPayment, RefundRequest, Save, StoreError, change_from,
};
use domain::{
    Aggregate, Money, OrderId, Payment, PaymentCommand, PaymentRejection, ProviderReference,
    RefundId,
};
use jiff::Timestamp;
use lambda_boot::{ConfigError, Env};

/// What the function is told by its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The payments table.
    pub table: String,
    /// Where the payment provider is.
    pub provider_url: String,
    /// The secret key for it; one that may give back and nothing else is enough.
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
        let provider_key = read.text("PAYMENT_REFUND_KEY");
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

/// Why money was not given back.
#[derive(Debug, thiserror::Error)]
pub enum RefundsError {
    /// The command cannot be read.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// Nothing was captured that could go back.
    #[error("nothing was captured")]
    NothingCaptured,
    /// The payment could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError<PaymentRejection>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider did not answer as hoped.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl EdgeError for RefundsError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::NothingCaptured | Self::Provider(ProviderError::Refused(_)) => {
                ErrorName::RefundRefused
            }
            Self::Change(ChangeError::Rejected(PaymentRejection::OutOfTurn { .. })) => {
                ErrorName::RefundRefused
            }
            Self::Change(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Provider(ProviderError::Unknown(_)) => ErrorName::PaymentUnknown,
            Self::Provider(ProviderError::Down(_)) => ErrorName::ProviderDown,
            Self::Provider(ProviderError::Unexpected(_)) => ErrorName::Internal,
        }
    }
}

/// Carries out one step.
///
/// # Errors
/// [`RefundsError`].
pub async fn handle(
    payments: &impl Payments,
    provider: &impl RefundPayment,
    now: Timestamp,
    step: RefundsStep,
) -> Result<Done, RefundsError> {
    let RefundsStep::Refund {
        order_id,
        refund_id,
        amount,
    } = step;
    let id = RefundId::parse(&refund_id).map_err(BadInput::from)?;
    let amount = Money::try_from(&amount).map_err(BadInput::from)?;
    if amount.minor() > 0 {
        refund(payments, provider, now, OrderId(order_id), (id, amount)).await?;
    }
    Ok(Done {})
}

async fn refund(
    payments: &impl Payments,
    provider: &impl RefundPayment,
    now: Timestamp,
    order_id: OrderId,
    (id, amount): (RefundId, Money),
) -> Result<(), RefundsError> {
    let found = payments.load(&order_id).await?;
    let found = found.ok_or(RefundsError::NothingCaptured)?;
    let sent_before = found.refund_was_sent(&id);
    let start = PaymentCommand::StartRefund {
        id: id.clone(),
        amount,
    };
    let payment = execute(payments, now, found, &start).await?;
    if payment.is_refunded(&id) {
        return Ok(());
    }
    let captured = payment.reference.clone();
    let request = RefundRequest {
        order_id,
        refund_id: id.clone(),
        payment: captured.ok_or(RefundsError::NothingCaptured)?,
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
) -> Result<ProviderReference, ProviderError> {
    let known = match sent_before {
        true => provider.look_up_refund(request).await?,
        false => None,
    };
    match known {
        Some(reference) => Ok(reference),
        None => provider.refund(request).await,
    }
}

async fn execute(
    payments: &impl Payments,
    now: Timestamp,
    payment: Payment,
    command: &PaymentCommand,
) -> Result<Payment, RefundsError> {
    let order_id = payment.order_id;
    let decide = |found: Option<Payment>| {
        let mut payment = found.unwrap_or_else(|| Payment::none(order_id));
        payment.execute(command, now).map(|()| payment)
    };
    Ok(change_from(payments, &order_id, Some(payment), decide).await?)
}

#[cfg(test)]
mod tests;
