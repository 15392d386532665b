//! What an error of the SDK means, in one place.

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use contracts::events::PublishError;
use domain::ports::Cause;

/// Codes that say *not now*. Every other code is for good.
const PASSING: [&str; 8] = [
    "InternalError",
    "InternalFailure",
    "KMSThrottling",
    "RequestExpired",
    "ServiceUnavailable",
    "Throttled",
    "Throttling",
    "ThrottlingException",
];

/// Whether an error of the service may go away by itself.
pub(crate) fn is_passing(code: &str) -> bool {
    PASSING.contains(&code)
}

/// Classifies the failure of a whole call.
pub(crate) fn publish_error<E, R>(error: &SdkError<E, R>) -> PublishError
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("no code");
            let cause = Cause(format!("publish batch: {code}"));
            if is_passing(code) {
                PublishError::Unavailable(cause)
            } else {
                PublishError::Refused(cause)
            }
        }
        SdkError::ConstructionFailure(_) => PublishError::Refused(cause("cannot be built")),
        SdkError::TimeoutError(_) => PublishError::Unavailable(cause("timed out")),
        SdkError::DispatchFailure(_) => PublishError::Unavailable(cause("no connection")),
        _ => PublishError::Unavailable(cause("an answer that cannot be read")),
    }
}

fn cause(words: &str) -> Cause {
    Cause(format!("publish batch: {words}"))
}
