//! Recovery of an order.

use std::sync::OnceLock;

use aws_types::SdkConfig;
use contracts::saga::RecoveryInput;
use domain::ports::{StartError, StartRecovery};
use domain::{Epoch, OrderId};

use crate::machine::Machine;
use crate::name::execution_name;

/// The state machine of recovery. Its client, a quarter of a start, is made when it is needed:
/// recovery is rarely started.
#[derive(Clone, Debug)]
pub struct RecoveryMachine {
    config: SdkConfig,
    arn: String,
    machine: OnceLock<Machine>,
}

impl RecoveryMachine {
    /// The state machine with this ARN. Nothing is sent yet.
    pub fn connect(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            config: config.clone(),
            arn: arn.into(),
            machine: OnceLock::new(),
        }
    }

    fn machine(&self) -> &Machine {
        self.machine
            .get_or_init(|| Machine::connect(&self.config, self.arn.clone()))
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
        self.machine().start(name, &input).await
    }
}
