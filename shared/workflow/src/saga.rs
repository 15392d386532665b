//! The order saga.

use aws_types::SdkConfig;
use contracts::saga::OrderSagaInput;
use domain::Order;
use domain::ports::{StartError, StartSaga};

use crate::machine::Machine;
use crate::name::execution_name;

/// The state machine of the order saga.
#[derive(Clone, Debug)]
pub struct SagaMachine(Machine);

impl SagaMachine {
    /// The state machine with this ARN. Nothing is sent yet.
    pub fn connect(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self(Machine::connect(config, arn.into()))
    }
}

impl StartSaga for SagaMachine {
    async fn start_saga(&self, order: &Order) -> Result<(), StartError> {
        let name = execution_name(order.facts.id, order.epoch, None)?;
        self.0.start(name, &OrderSagaInput::from(order)).await
    }
}
