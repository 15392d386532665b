//! Why a step of the payment was not done.

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::WrongDecision;
use domain::PaymentRejection;
use domain::ports::{ChangeError, ProviderError, StoreError};

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// The command cannot be read.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// The command does not follow from the decision that it carries.
    #[error(transparent)]
    Decision(#[from] WrongDecision),
    /// The payment refused.
    #[error(transparent)]
    Payment(#[from] PaymentRejection),
    /// The authorisation cannot be captured any more.
    #[error("the authorisation cannot be captured")]
    CaptureRefused,
    /// Nothing was captured that could go back.
    #[error("nothing was captured")]
    NothingToRefund,
    /// The provider does not give it back.
    #[error("the provider refuses the refund")]
    RefundRefused(#[source] ProviderError),
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

impl EdgeError for PaymentsError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::Decision(_) => ErrorName::WrongDecision,
            Self::Payment(error) => error.name(),
            Self::CaptureRefused => ErrorName::CaptureRefused,
            Self::NothingToRefund | Self::RefundRefused(_) => ErrorName::RefundRefused,
            Self::Change(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Provider(ProviderError::Unknown(_)) => ErrorName::PaymentUnknown,
            Self::Provider(ProviderError::Down(_)) => ErrorName::ProviderDown,
            // Only a capture is refused so: recovery closes what is still held.
            Self::Provider(ProviderError::Refused(_)) => ErrorName::CaptureRefused,
            Self::Provider(ProviderError::Unexpected(_)) => ErrorName::Internal,
        }
    }
}

impl PaymentsError {
    /// What the provider says to a capture and to a refund has other names.
    pub(crate) fn of_refund(error: ProviderError) -> Self {
        match error {
            refused @ ProviderError::Refused(_) => Self::RefundRefused(refused),
            other => Self::Provider(other),
        }
    }
}
