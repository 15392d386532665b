//! Start-up: environment, log and AWS configuration, each once per process.

use aws_config::SdkConfig;

use crate::{AwsLimits, Env, Error, aws, telemetry};

/// What a function has after start-up.
#[derive(Debug)]
pub struct Boot {
    env: Env,
    aws: SdkConfig,
}

impl Boot {
    /// The environment of this process, for the function's own `Config`.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Region, credentials, endpoint, time and retry limits for every AWS client.
    pub fn aws(&self) -> &SdkConfig {
        &self.aws
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
    let aws = aws::sdk_config(&env, AwsLimits::default())?;
    Ok(Boot { env, aws })
}
