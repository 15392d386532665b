//! What a function counts, as lines of the log from which CloudWatch makes metrics (EMF,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>):
//! no call, and nothing that is lost with an instance.

use std::fmt;
use std::io::stdout;

use metrics_cloudwatch_embedded::{Builder, Collector};
use tracing::warn;

use crate::{Env, Error};

/// Counts, or not.
#[derive(Clone, Copy)]
pub(crate) struct Metrics(Option<&'static Collector>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.0.is_some()).finish()
    }
}

impl Metrics {
    /// Starts to count under `METRICS_NAMESPACE`. Without it nothing is counted.
    pub(crate) fn start(function: &'static str, env: &Env) -> Result<Self, Error> {
        let Some(namespace) = env.reader().optional("METRICS_NAMESPACE") else {
            return Ok(Self(None));
        };
        let counting = Builder::new()
            .cloudwatch_namespace(namespace)
            .with_dimension("function", function)
            .init();
        let counting = counting.map_err(Error::boxed)?;
        Ok(Self(Some(counting)))
    }

    /// Writes what was counted since the last time.
    pub(crate) fn flush(self) {
        if let Some(counting) = self.0
            && let Err(error) = counting.flush(stdout())
        {
            warn!(error = %error, "metrics are lost");
        }
    }
}
