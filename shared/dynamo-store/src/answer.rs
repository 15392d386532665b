//! What an error of the SDK is worth. The only place that looks inside.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::ports::{Cause, StoreError};

/// Service errors that pass: throttling, contention, trouble inside DynamoDB.
const PASSING: [&str; 8] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Throttled, timed out, unreachable or contended: unavailable. All else: broken. Failed
/// conditions are taken out before by whoever set the condition.
pub(crate) fn classify<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata,
{
    match &error {
        SdkError::ServiceError(failure) => {
            let metadata = failure.err().meta();
            let code = metadata.code().unwrap_or("no code");
            let cause = Cause(format!(
                "{code}: {}",
                metadata.message().unwrap_or_default()
            ));
            if PASSING.contains(&code) || failure.raw().status().is_server_error() {
                StoreError::Unavailable(cause)
            } else {
                StoreError::Broken(cause)
            }
        }
        SdkError::TimeoutError(_) => StoreError::Unavailable(Cause("no answer in time".to_owned())),
        SdkError::DispatchFailure(failure) => {
            StoreError::Unavailable(Cause(format!("not reached: {failure:?}")))
        }
        SdkError::ResponseError(_) => {
            StoreError::Unavailable(Cause("unreadable answer".to_owned()))
        }
        _ => StoreError::Broken(Cause("the request could not be made".to_owned())),
    }
}

/// What we wrote, or read, makes no sense: asking again will not help.
pub(crate) fn broken(error: &dyn std::error::Error) -> StoreError {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    StoreError::Broken(Cause(words))
}
