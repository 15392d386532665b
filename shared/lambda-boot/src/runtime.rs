//! The loop around invocations, and its end: on SIGTERM the invocation that is under way is
//! finished and answered, and no other is begun; the process ends within five seconds. Nothing is
//! kept in memory that is not stored elsewhere, so there is nothing else to save.
//!
//! Lambda sends SIGTERM to idle instances only, and only where an extension is registered; others
//! are stopped as they are, between two invocations. Containers and the local stack send it any
//! time.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::Map;
use lambda_runtime::{LambdaInvocation, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::RwLock;
use tower::layer::layer_fn;
use tower::{BoxError, Service};
use tracing::warn;

use crate::Error;

/// How long what is under way may take after SIGTERM; the rest of five seconds is for the end itself.
const LONGEST: Duration = Duration::from_millis(4_500);

/// Takes invocations until Lambda's runtime interface is gone, or somebody asks to stop.
pub(crate) async fn run<S>(runtime: Runtime<S>) -> Result<(), Error>
where
    S: Service<LambdaInvocation, Response = (), Error = BoxError>,
{
    let mut asked = signal(SignalKind::terminate())?;
    let busy = Arc::new(RwLock::new(()));
    let runtime = runtime.layer(layer_fn(|inner| Counted {
        inner,
        busy: Arc::clone(&busy),
    }));
    let stopped = async {
        asked.recv().await;
        finish(&busy, LONGEST).await;
    };
    tokio::select! {
        ended = runtime.run() => ended.map_err(Error::boxed),
        () = stopped => Ok(()),
    }
}

/// Waits until no invocation is under way, or for so long. What does not end by then is cut off as
/// by a crash: whoever asked asks again, as every write is safe to repeat.
async fn finish(busy: &RwLock<()>, longest: Duration) {
    if tokio::time::timeout(longest, busy.write()).await.is_err() {
        warn!("an invocation is cut off: it did not end in time");
    }
}

type Answered = Result<(), BoxError>;

/// Holds the lock from an invocation's arrival until its answer is sent.
struct Counted<S> {
    inner: S,
    busy: Arc<RwLock<()>>,
}

impl<S> Service<LambdaInvocation> for Counted<S>
where
    S: Service<LambdaInvocation, Response = (), Error = BoxError>,
{
    type Response = ();
    type Error = BoxError;
    type Future = Map<S::Future, Box<dyn FnOnce(Answered) -> Answered>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Answered> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let held = Arc::clone(&self.busy).try_read_owned();
        let release = Box::new(move |answered| {
            drop(held);
            answered
        });
        self.inner.call(invocation).map(release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[tokio::test]
    async fn the_end_waits_for_what_is_under_way() {
        let busy = Arc::new(RwLock::new(()));
        let invocation = Arc::clone(&busy).read_owned().await;
        let end = finish(&busy, LONG);
        let mut end = std::pin::pin!(end);
        assert!(futures::poll!(end.as_mut()).is_pending());
        drop(invocation);
        end.await;
    }

    #[tokio::test]
    async fn what_does_not_end_is_not_waited_for() {
        let busy = RwLock::new(());
        let invocation = busy.read().await;
        finish(&busy, Duration::ZERO).await;
        drop(invocation);
    }
}
