//! One start of one state machine, and what its failure means.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_types::SdkConfig;
use domain::ports::{Cause, StartError};
use serde::Serialize;

#[cfg(test)]
mod tests;

/// Codes that say *not now*. Every other code is for good.
const PASSING: [&str; 7] = [
    "ExecutionLimitExceeded",
    "InternalFailure",
    "InternalServerError",
    "KmsThrottlingException",
    "RequestExpired",
    "ServiceUnavailable",
    "ThrottlingException",
];

/// A state machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    client: Client,
    arn: String,
}

impl Machine {
    pub(crate) fn connect(config: &SdkConfig, arn: String) -> Self {
        Self {
            client: Client::new(config),
            arn,
        }
    }

    /// Starts an execution; one of that name that was started before is success.
    pub(crate) async fn start(
        &self,
        name: String,
        input: &(impl Serialize + Sync),
    ) -> Result<(), StartError> {
        let input = serde_json::to_string(input).map_err(|error| {
            StartError::Refused(Cause(format!("the input is no JSON: {error}")))
        })?;
        let started = self
            .client
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(name)
            .input(input)
            .send()
            .await;
        match started {
            Ok(_) => Ok(()),
            Err(error) => outcome(&error),
        }
    }
}

fn outcome<R>(error: &SdkError<StartExecutionError, R>) -> Result<(), StartError> {
    let cause = |words: &str| Cause(format!("start execution: {words}"));
    Err(match error {
        SdkError::ServiceError(service) => {
            let error = service.err();
            if error.is_execution_already_exists() {
                return Ok(());
            }
            let code = error.code().unwrap_or("no code");
            if PASSING.contains(&code) {
                StartError::Unavailable(cause(code))
            } else {
                StartError::Refused(cause(code))
            }
        }
        SdkError::ConstructionFailure(_) => StartError::Refused(cause("cannot be built")),
        SdkError::TimeoutError(_) => StartError::Unavailable(cause("timed out")),
        SdkError::DispatchFailure(_) => StartError::Unavailable(cause("no connection")),
        _ => StartError::Unavailable(cause("an answer that cannot be read")),
    })
}
