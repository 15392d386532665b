//! Recovery of an order.

use aws_types::SdkConfig;
use contracts::saga::RecoveryInput;
use domain::ports::{StartError, StartRecovery};
use domain::{Epoch, OrderId};

use crate::machine::Machine;
use crate::name::execution_name;

/// The state machine of recovery.
#[derive(Clone, Debug)]
pub struct RecoveryMachine(Machine);

impl RecoveryMachine {
    /// The state machine with this ARN. Nothing is sent yet.
    pub fn connect(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self(Machine::connect(config, arn.into()))
    }
}

impl StartRecovery for RecoveryMachine {
    async fn start_recovery(
        &self,
        order_id: OrderId,
        epoch: Epoch,
        occasion: Option<&str>,
    ) -> Result<(), StartError> {
        let name = execution_name(order_id, epoch, occasion)?;
        let input = RecoveryInput {
            order_id: order_id.0,
            epoch: epoch.0,
            tries: 0,
        };
        self.0.start(name, &input).await
    }
}
