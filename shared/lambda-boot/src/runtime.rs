//! The loop around invocations, and its end: on SIGTERM the invocation that is under way is
//! finished and answered, and no other is begun. Nothing is kept in memory that is not stored
//! elsewhere, so there is nothing else to save.
//!
//! Lambda sends SIGTERM to idle instances only, and only where an extension is registered; others
//! are stopped as they are, between two invocations. Containers and the local stack send it any
//! time.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::Map;
use lambda_runtime::{LambdaInvocation, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::RwLock;
use tower::layer::layer_fn;
use tower::{BoxError, Service};

use crate::Error;

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
        drop(busy.write().await);
    };
    tokio::select! {
        ended = runtime.run() => ended.map_err(Error::boxed),
        () = stopped => Ok(()),
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
