//! Runner for schedules: the input says nothing, the work is what there is to do.

use std::future::Future;

use contracts::edge::EdgeError;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{Error, task};

/// Takes ticks from Lambda until the process ends.
///
/// # Errors
/// When Lambda's runtime interface is gone.
pub async fn serve<R, E, F>(handler: impl Fn() -> F) -> Result<(), Error>
where
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    task::serve(|_: IgnoredAny| handler()).await
}

/// What one tick answers: the core of [`serve`]. The answer, such as counts of what was done, is
/// for whoever invokes the function by hand.
///
/// # Errors
/// As [`task::answer`].
pub async fn answer<R, E, F>(handler: impl Fn() -> F) -> Result<Value, Diagnostic>
where
    R: Serialize,
    E: EdgeError,
    F: Future<Output = Result<R, E>>,
{
    task::answer(|_: IgnoredAny| handler(), Value::Null).await
}

#[cfg(test)]
mod tests {
    use contracts::edge::Kind;
    use contracts::errors::ErrorName;
    use serde_json::json;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("not now")]
    struct NotNow;

    impl EdgeError for NotNow {
        fn kind(&self) -> Kind {
            Kind::Retryable
        }

        fn name(&self) -> ErrorName {
            ErrorName::Unavailable
        }
    }

    #[tokio::test]
    async fn answers_what_was_done() {
        let swept = answer(async || Ok::<_, NotNow>(json!({"orders": 2}))).await;
        assert_eq!(swept, Ok(json!({"orders": 2})));
    }

    #[tokio::test]
    async fn a_failed_tick_fails_the_invocation() {
        let swept = answer(async || Err::<(), _>(NotNow)).await.unwrap_err();
        assert_eq!(swept.error_type, "Unavailable");
    }
}
