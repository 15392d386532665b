//! Starts the state machines: the order saga and its recovery, on Step Functions.

mod machine;
mod name;
mod recovery;
mod saga;

pub use recovery::RecoveryMachine;
pub use saga::SagaMachine;
