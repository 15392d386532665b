//! The configuration of the AWS clients, from the environment alone. There is no credential
//! chain: Lambda hands a function its credentials in the environment, and looking anywhere else
//! costs start-up time and a megabyte of binary.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::{ConfigError, Env};

/// Limits of one call to AWS. All together stay below the time limit of every function (10 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AwsLimits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the first byte of the answer.
    pub read: Duration,
    /// One attempt.
    pub attempt: Duration,
    /// All attempts and the waits between them.
    pub operation: Duration,
    /// How many attempts, the first included. `AWS_MAX_ATTEMPTS` goes first.
    pub attempts: u32,
}

impl Default for AwsLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            read: Duration::from_secs(3),
            attempt: Duration::from_secs(4),
            operation: Duration::from_secs(8),
            attempts: 3,
        }
    }
}

impl AwsLimits {
    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.connect)
            .read_timeout(self.read)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }
}

/// Builds the configuration of the AWS clients. Honours `AWS_REGION` (or `AWS_DEFAULT_REGION`),
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL` and
/// `AWS_MAX_ATTEMPTS`.
///
/// # Errors
/// When there is no region, half a key pair, or a number of attempts that is none.
pub fn sdk_config(env: &Env, limits: AwsLimits) -> Result<SdkConfig, ConfigError> {
    let mut read = env.reader();
    let region = match read.optional("AWS_DEFAULT_REGION") {
        Some(fallback) => Some(read.text_or("AWS_REGION", &fallback)),
        None => read.text("AWS_REGION"),
    };
    let attempts = read.parsed_or("AWS_MAX_ATTEMPTS", limits.attempts);
    let endpoint = read.optional("AWS_ENDPOINT_URL");
    let session = read.optional("AWS_SESSION_TOKEN");
    let credentials = match read.optional("AWS_ACCESS_KEY_ID") {
        None => Some(None),
        Some(id) => read
            .text("AWS_SECRET_ACCESS_KEY")
            .map(|secret| Some(Credentials::new(id, secret, session, None, "environment"))),
    };
    read.finish(|| {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region?))
            .timeout_config(limits.timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(attempts?));
        config.set_endpoint_url(endpoint);
        config.set_credentials_provider(credentials?.map(SharedCredentialsProvider::new));
        Some(config.build())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_region_endpoint_and_limits_from_the_environment() {
        let env = Env::from_pairs([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_MAX_ATTEMPTS", "5"),
        ]);
        let config = sdk_config(&env, AwsLimits::default()).unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "us-east-1");
        assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(config.retry_config().unwrap().max_attempts(), 5);
        let limits = config.timeout_config().unwrap();
        assert_eq!(limits.read_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(limits.operation_timeout(), Some(Duration::from_secs(8)));
        assert!(config.credentials_provider().is_some());
    }

    #[test]
    fn falls_back_to_the_default_region_and_to_no_credentials() {
        let env = Env::from_pairs([("AWS_DEFAULT_REGION", "eu-central-1")]);
        let config = sdk_config(&env, AwsLimits::default()).unwrap();
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!(config.retry_config().unwrap().max_attempts(), 3);
        assert!(config.credentials_provider().is_none());
    }

    #[test]
    fn names_everything_that_is_wrong() {
        let env = Env::from_pairs([("AWS_ACCESS_KEY_ID", "id"), ("AWS_MAX_ATTEMPTS", "many")]);
        let error = sdk_config(&env, AwsLimits::default()).unwrap_err();
        let names: Vec<_> = error.names().collect();
        assert_eq!(
            names,
            ["AWS_REGION", "AWS_MAX_ATTEMPTS", "AWS_SECRET_ACCESS_KEY"]
        );
    }
}
