//! Start-up: environment, log and AWS configuration, each once per process.

use std::future::Future;

use aws_types::SdkConfig;
use axum::Router;
use contracts::edge::EdgeError;
use https::Roots;

use crate::aws::Aws;
use crate::metrics::Metrics;
use crate::queue::FromMessage;
use crate::{AwsLimits, Env, Error, Service, http, queue, telemetry, traces};

/// What a function has after start-up.
#[derive(Debug)]
pub struct Boot {
    function: &'static str,
    env: Env,
    aws: Aws,
}

impl Boot {
    /// The environment of this process, for the function's own `Config`.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Region, credentials, endpoint, time and retry limits for every AWS client.
    pub fn aws(&self) -> &SdkConfig {
        &self.aws.config
    }

    /// Whom connections to AWS trust, for what has no client of its own.
    pub fn roots(&self) -> &Roots {
        &self.aws.roots
    }

    /// Takes requests from API Gateway until the process ends. What is counted goes to the log, to
    /// be read by CloudWatch, when `METRICS_NAMESPACE` says under which name.
    ///
    /// # Errors
    /// When Lambda's runtime interface is gone, or something else counts already.
    pub async fn serve_http(&self, router: Router) -> Result<(), Error> {
        let metrics = Metrics::start(self.function, &self.env)?;
        http::serve(router, metrics).await
    }

    /// Takes the messages of a queue that keeps no order, a batch at once: the handler says of each what
    /// became of it. What is counted goes to the log as in [`Self::serve_http`].
    ///
    /// # Errors
    /// When Lambda's runtime interface is gone, or something else counts already.
    pub async fn serve_together<M, E, F>(&self, handler: impl Fn(Vec<M>) -> F) -> Result<(), Error>
    where
        M: FromMessage,
        E: EdgeError,
        F: Future<Output = Vec<Result<(), E>>>,
    {
        let metrics = Metrics::start(self.function, &self.env)?;
        queue::serve_together(handler, metrics).await
    }

    /// Opens a connection to each of these services, so that the first invocation finds it open.
    /// Last line before the runner; never fails.
    pub async fn open_connections(&self, services: &[Service]) {
        self.aws.open(services).await;
    }
}

/// Reads the environment, starts the log and prepares the way to AWS. First line of each `main`.
///
/// `function` is the folder's name; it is on every line of the log.
///
/// # Errors
/// When the environment is incomplete or malformed, or a log was started before.
pub async fn start(function: &'static str) -> Result<Boot, Error> {
    let env = Env::from_process();
    telemetry::start(function, &env)?;
    let aws = Aws::from_env(function, &env, AwsLimits::default())?;
    traces::start(function, &env, &aws.roots)?;
    Ok(Boot { function, env, aws })
}
