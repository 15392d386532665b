//! Why a step of the shipment was not done.

use contracts::edge::{BadInput, EdgeError};
use contracts::errors::ErrorName;
use contracts::saga::WrongDecision;
use domain::ShipmentRejection;
use domain::ports::{ChangeError, ProviderError};

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum ShippingError {
    /// The command cannot be read.
    #[error(transparent)]
    Input(#[from] BadInput),
    /// The command does not follow from the decision that it carries.
    #[error(transparent)]
    Decision(#[from] WrongDecision),
    /// The shipment refused.
    #[error(transparent)]
    Shipment(#[from] ShipmentRejection),
    /// The shipment could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError<ShipmentRejection>),
    /// The carrier did not answer as hoped.
    #[error(transparent)]
    Carrier(#[from] ProviderError),
}

impl EdgeError for ShippingError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Input(error) => error.name(),
            Self::Decision(_) => ErrorName::WrongDecision,
            Self::Shipment(error) => error.name(),
            Self::Change(error) => error.name(),
            Self::Carrier(ProviderError::Unknown(_)) => ErrorName::ShipmentUnknown,
            Self::Carrier(ProviderError::Down(_)) => ErrorName::ProviderDown,
            Self::Carrier(ProviderError::Refused(_) | ProviderError::Unexpected(_)) => {
                ErrorName::Internal
            }
        }
    }
}
